/* The page that the document came with, as the elements that Dash's scripts make pages of. It stands in the document
   once, as HTML, and is read from there; figures and fields, which HTML does not hold whole, come as data beside it. */
(function () {
  "use strict";
  var PROPERTIES = {
    "class": "className", "for": "htmlFor", autocomplete: "autoComplete", autofocus: "autoFocus", colspan: "colSpan",
    enctype: "encType", maxlength: "maxLength", rowspan: "rowSpan", spellcheck: "spellCheck", tabindex: "tabIndex"
  };
  var SWITCHES = ["autofocus", "checked", "disabled", "hidden", "multiple", "novalidate", "open", "required", "selected"];
  var BESIDE = "div.still, div.dash-input-container";

  function styleOf(text) {
    var style = {};
    text.split(";").forEach(function (part) {
      var at = part.indexOf(":");
      style[part.slice(0, at).replace(/-([a-z])/g, function (_, letter) { return letter.toUpperCase(); })] = part.slice(at + 1);
    });
    return style;
  }

  function propertiesOf(element) {
    var found = {};
    Array.from(element.attributes).forEach(function (item) {
      var name = PROPERTIES[item.name] || item.name;
      found[name] = item.name === "style" ? styleOf(item.value) : SWITCHES.includes(item.name) ? true : item.value;
    });
    return found;
  }

  function elementOf(element, beside) {
    if (element.matches(BESIDE)) { return beside.shift(); }
    var children = Array.from(element.childNodes, function (node) {
      return node.nodeType === Node.TEXT_NODE ? node.data : elementOf(node, beside);
    });
    var properties = propertiesOf(element);
    if (children.length) { properties.children = children.length > 1 ? children : children[0]; }
    var name = element.localName;
    return { props: properties, type: name[0].toUpperCase() + name.slice(1), namespace: "dash_html_components" };
  }

  function read() {
    var block = document.getElementById("given");
    var first = document.querySelector("#first > .page");
    if (!block || !first) { return null; }
    var given = JSON.parse(block.textContent);
    var page = elementOf(first, given.beside);
    page.props.children = page.props.children.concat(given.stores);
    return { asked: JSON.stringify(given.asked), page: page, whole: !given.beside.length };
  }

  /* Whether Dash knows every element: one that another program put into the document may be of none of its kinds. */
  function known(part) {
    if (typeof part === "string") { return true; }
    if (Array.isArray(part)) { return part.every(known); }
    var kind = part && window[part.namespace] && window[part.namespace][part.type];
    return Boolean(kind) && known(part.props.children || "");
  }

  /* Read before anybody can have typed into it or unfolded anything. */
  var held = read();

  /* The page, if it is what the scripts would ask for: once, at the start. */
  window.firstView = function (asked) {
    var given = held;
    held = null;
    return given && given.whole && given.asked === JSON.stringify(asked) && known(given.page) ? given.page : null;
  };
})();
