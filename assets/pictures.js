/* A card's chart as a picture: its title, sentence, source and date stand inside. Buttons ask for it (figure_card). */
(function () {
  "use strict";
  var SVG = "http://www.w3.org/2000/svg";
  var FONT = "Frutiger, Arial, sans-serif";
  var TEXT = "#212b32";
  var SECONDARY = "#425563";
  var GREY = "#5b6b7a";
  var DASHES = { dash: "6 3", longdash: "10 4", dashdot: "7 2 2 2" };
  var PAD = 24;
  var LEAST = 480;
  var LARGEST = 1.75;
  var BASELINE = 0.81;
  var SCALE = 2;
  var NARROW = [328, 390];
  var WIDE = [640, 760];
  var PHONE = 600;
  var SPARE = 8;
  var INVENTED = "Demonstration data: numbers are invented. Do not use them for decisions.";
  var REFUSED = "Not copied: this browser does not let this page use the clipboard. Save the picture as PNG instead.";
  var LEFT_OUT = ".vh, .btn, .steps, .turn, .switch, nav, button, select, input, details.source, details.download";

  function element(name, attributes, words) {
    var made = document.createElementNS(SVG, name);
    Object.keys(attributes || {}).forEach(function (key) { made.setAttribute(key, attributes[key]); });
    if (words !== undefined) { made.textContent = words; }
    return made;
  }

  function measured(words, size, weight) {
    var pen = measured.pen || (measured.pen = document.createElement("canvas").getContext("2d"));
    pen.font = weight + " " + size + "px " + FONT;
    return pen.measureText(words).width;
  }

  /* An address is one word, and may be longer than a line. */
  function parts(word, size, weight, room) {
    var kept = word.length;
    while (kept > 1 && measured(word.slice(0, kept), size, weight) > room) { kept -= 1; }
    return kept < word.length ? [word.slice(0, kept)].concat(parts(word.slice(kept), size, weight, room)) : [word];
  }

  function wrapped(words, size, weight, room) {
    var lines = [];
    words.split(/\s+/).reduce(function (all, word) { return all.concat(parts(word, size, weight, room)); }, [])
      .forEach(function (word) {
      var last = lines[lines.length - 1];
      if (last !== undefined && measured(last + " " + word, size, weight) <= room) {
        lines[lines.length - 1] = last + " " + word;
      } else if (word) {
        lines.push(word);
      }
    });
    return lines;
  }

  /* Several drawings in one: each keeps its own names. */
  function renamed(drawing, mark) {
    var names = {};
    drawing.querySelectorAll("[id]").forEach(function (item) {
      names[item.id] = mark + item.id;
      item.id = mark + item.id;
    });
    [drawing].concat(Array.from(drawing.querySelectorAll("*"))).forEach(function (item) {
      Array.from(item.attributes).forEach(function (attribute) {
        var value = attribute.value.replace(/url\((["']?)#([^)"']+)\1\)/g, function (whole, quote, name) {
          return names[name] ? "url(#" + names[name] + ")" : whole;
        });
        if (/href$/.test(attribute.name) && names[value.slice(1)]) { value = "#" + names[value.slice(1)]; }
        if (value !== attribute.value) { item.setAttribute(attribute.name, value); }
      });
    });
    return drawing;
  }

  function unpacked(body) {
    return new TextDecoder().decode(Uint8Array.from(window.atob(body), function (one) { return one.charCodeAt(0); }));
  }

  function parsed(address) {
    var comma = address.indexOf(",");
    var body = address.slice(comma + 1);
    var words = /;base64$/.test(address.slice(0, comma)) ? unpacked(body) : decodeURIComponent(body);
    var found = new DOMParser().parseFromString(words, "image/svg+xml").documentElement;
    if (found.nodeName !== "svg") { throw new Error("a chart's drawing cannot be read"); }
    return document.importNode(found, true);
  }

  function nested(drawing, box, state) {
    state.count += 1;
    if (!drawing.hasAttribute("viewBox")) {
      drawing.setAttribute("viewBox", "0 0 " + parseFloat(drawing.getAttribute("width")) + " " +
        parseFloat(drawing.getAttribute("height")));
    }
    ["x", "y", "width", "height"].forEach(function (key) { drawing.setAttribute(key, box[key]); });
    drawing.removeAttribute("class");
    state.group.appendChild(renamed(drawing, "d" + state.count + "-"));
  }

  function place(rectangle, state) {
    return {
      x: rectangle.left - state.left, y: rectangle.top - state.top, width: rectangle.width, height: rectangle.height
    };
  }

  function seen(colour) {
    return colour && colour !== "transparent" && !/, 0\)$/.test(colour);
  }

  function paintBox(style, box, state) {
    if (seen(style.backgroundColor)) {
      state.group.appendChild(element("rect", Object.assign({}, box, {
        fill: style.backgroundColor, rx: Math.min(parseFloat(style.borderTopLeftRadius) || 0, box.height / 2)
      })));
    }
    var right = box.x + box.width;
    var foot = box.y + box.height;
    [["Top", box.x, box.y, right, box.y], ["Bottom", box.x, foot, right, foot],
      ["Left", box.x, box.y, box.x, foot], ["Right", right, box.y, right, foot]].forEach(function (side) {
      var size = parseFloat(style["border" + side[0] + "Width"]);
      if (!size || !seen(style["border" + side[0] + "Color"])) { return; }
      var line = { x1: side[1], y1: side[2], x2: side[3], y2: side[4], "stroke-width": size };
      line.stroke = style["border" + side[0] + "Color"];
      if (/dotted|dashed/.test(style["border" + side[0] + "Style"])) { line["stroke-dasharray"] = "3 3"; }
      state.group.appendChild(element("line", line));
    });
  }

  /* The marks of a key are drawn by style sheet; here by shape. */
  function paintMark(mark, style, box, state) {
    var x = box.x + box.width / 2;
    var y = box.y + box.height / 2;
    var kinds = mark.classList;
    var dashes = Object.keys(DASHES).filter(function (kind) { return kinds.contains(kind); })[0];
    if (kinds.contains("diamond") || kinds.contains("quoted")) {
      state.group.appendChild(element("path", {
        d: "M" + x + " " + (y - 6) + "l6 6l-6 6l-6-6z", fill: kinds.contains("diamond") ? style.backgroundColor : "#fff",
        stroke: style.borderTopColor, "stroke-width": parseFloat(style.borderTopWidth)
      }));
      if (kinds.contains("quoted")) { state.group.appendChild(element("circle", { cx: x, cy: y, r: 1.5, fill: TEXT })); }
    } else if (kinds.contains("triangle")) {
      state.group.appendChild(element("path", kinds.contains("hollow") ? {
        d: "M" + x + " " + (y - 4) + "l5 8h-10z", fill: "#fff", stroke: "#005eb8", "stroke-width": 1.6
      } : { d: "M" + x + " " + (y - 5) + "l6 10h-12z", fill: style.borderBottomColor }));
    } else if (dashes) {
      state.group.appendChild(element("line", {
        x1: box.x, y1: y, x2: box.x + box.width, y2: y, stroke: GREY, "stroke-width": 2, "stroke-dasharray": DASHES[dashes]
      }));
    } else if (kinds.contains("hollow")) {
      state.group.appendChild(element("circle", {
        cx: x, cy: y, r: box.width / 2 - 1, fill: "#fff", stroke: style.borderTopColor, "stroke-width": 2
      }));
    } else {
      paintBox(style, box, state);
      paintInside(mark, style, box, state);
    }
  }

  /* What a style sheet's gradients draw: the length of an interval, the strokes of a hatched area, and bands. */
  function paintInside(mark, style, box, state) {
    var strokes = [];
    var colour = style.borderTopColor;
    var wide = 2;
    if (mark.classList.contains("bar")) { strokes = [[box.width / 2, 0, box.width / 2, box.height]]; }
    if (mark.classList.contains("span")) {
      strokes = [[0, box.height / 2, box.width, box.height / 2]];
      colour = style.borderLeftColor;
    }
    if (mark.classList.contains("hatch")) {
      strokes = [[1, 7, 7, 1], [1, 13, 13, 1], [7, 13, 13, 7]];
      colour = "#b9c3ca";
      wide = 1;
    }
    if (mark.classList.contains("bands")) {
      [[0, 1, "#e6ebef"], [0.3, 0.4, "#c6d0d9"]].forEach(function (band) {
        state.group.appendChild(element("rect", {
          x: box.x + band[0] * box.width, y: box.y, width: band[1] * box.width, height: box.height, fill: band[2]
        }));
      });
    }
    strokes.forEach(function (stroke) {
      state.group.appendChild(element("line", {
        x1: box.x + stroke[0], y1: box.y + stroke[1], x2: box.x + stroke[2], y2: box.y + stroke[3],
        stroke: colour, "stroke-width": wide
      }));
    });
  }

  function paintText(node, style, state) {
    var line = null;
    var lines = [];
    var range = document.createRange();
    var word = /\S+/g;
    for (var found = word.exec(node.data); found; found = word.exec(node.data)) {
      range.setStart(node, found.index);
      range.setEnd(node, found.index + found[0].length);
      var box = range.getClientRects()[0];
      if (!box || !box.width) { continue; }
      if (line && Math.abs(line.top - box.top) < 2) {
        line.words += " " + found[0];
      } else {
        line = { words: found[0], left: box.left, top: box.top, height: box.height };
        lines.push(line);
      }
    }
    lines.forEach(function (item) {
      state.group.appendChild(element("text", {
        x: item.left - state.left, y: item.top - state.top + BASELINE * item.height, fill: style.color,
        "font-size": style.fontSize, "font-weight": style.fontWeight
      }, item.words));
    });
  }

  /* Words on a plot have a white edge under their letters, as the style sheet gives them on the page. */
  function edged(text) {
    text.setAttribute("style", (text.getAttribute("style") || "") +
      ";paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round");
  }

  function paintGraph(graph, box, state) {
    var layout = Object.assign(JSON.parse(JSON.stringify(graph.layout)), { width: box.width, height: box.height });
    var copy = { data: JSON.parse(JSON.stringify(graph.data)), layout: layout, config: { staticPlot: true } };
    var size = { format: "svg", width: box.width, height: box.height };
    state.waiting.push(window.Plotly.toImage(copy, size).then(function (address) {
      var drawing = parsed(address);
      drawing.querySelectorAll(".annotation-text").forEach(edged);
      nested(drawing, box, state);
    }));
  }

  function paint(node, state) {
    var style = window.getComputedStyle(node);
    if (style.display === "none" || style.visibility === "hidden" || node.matches(LEFT_OUT)) { return; }
    var box = place(node.getBoundingClientRect(), state);
    if (node.classList.contains("js-plotly-plot")) { paintGraph(node, box, state); return; }
    if (node.classList.contains("mark")) { paintMark(node, style, box, state); return; }
    if (node.nodeName === "IMG") { nested(parsed(node.src), box, state); return; }
    if (node.nodeName === "svg") { nested(node.cloneNode(true), box, state); return; }
    paintBox(style, box, state);
    var folded = node.nodeName === "DETAILS" && !node.open;
    node.childNodes.forEach(function (child) {
      if (folded && child.nodeName !== "SUMMARY") { return; }
      if (child.nodeType === Node.TEXT_NODE) { paintText(child, style, state); }
      if (child.nodeType === Node.ELEMENT_NODE) { paint(child, state); }
    });
  }

  function today() {
    return new Date().toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
  }

  function words(selector, within) {
    var found = (within || document).querySelector(selector);
    return found ? found.textContent.trim() : "";
  }

  /* Lines of text one under another; gives where the next may start. */
  function write(picture, lines, top, size, lead, weight, colour) {
    lines.forEach(function (line, place) {
      picture.appendChild(element("text", {
        x: PAD, y: top + place * lead + lead * 0.5 + size * 0.36, "font-size": size, "font-weight": weight,
        fill: colour
      }, line));
    });
    return top + lines.length * lead;
  }

  function invented(card) {
    return card.dataset.demonstration === "1";
  }

  function titled(card) {
    return [card.dataset.title, card.dataset.subject].filter(Boolean).join(": ");
  }

  function described(card) {
    return [invented(card) ? INVENTED : "", card.dataset.say, "Source: " + card.dataset.source + ".",
      "Picture of " + today() + "."].filter(Boolean).join(" ");
  }

  function banner(picture, width) {
    picture.appendChild(element("rect", { x: 0, y: 0, width: width, height: 32, fill: "#fff6db" }));
    write(picture, [INVENTED], 4, 14, 24, 700, TEXT);
    return 32;
  }

  function foot(card) {
    var copy = document.querySelector("button.copy");
    var address = copy ? new URL(copy.dataset.address, window.location.origin).href : window.location.href;
    return [
      words(".foot > div", card), "Source: " + card.dataset.source,
      words("footer .state") + " · picture of " + today(), address
    ].filter(function (line) { return line && line !== "Source: "; });
  }

  /* Where a drawing is, without what is left out at its top. */
  function painted(drawing) {
    var whole = drawing.getBoundingClientRect();
    var first = drawing;
    while (first.firstElementChild) {
      first = first.firstElementChild;
      while (first.nextElementSibling && (first.matches(LEFT_OUT) || !first.getBoundingClientRect().height)) {
        first = first.nextElementSibling;
      }
      if (first.previousElementSibling) { break; }
    }
    var top = Math.max(whole.top, first.previousElementSibling ? first.getBoundingClientRect().top : whole.top);
    return { left: whole.left, top: top, width: whole.width, height: whole.bottom - top };
  }

  function compose(card) {
    var drawing = card.querySelector(".drawing");
    var area = painted(drawing);
    var room = Math.max(area.width, LEAST);
    var width = Math.ceil(room + 2 * PAD);
    var picture = element("svg", { xmlns: SVG, "font-family": FONT, role: "img" });
    picture.setAttribute("aria-labelledby", "picture-title picture-desc");
    picture.appendChild(element("title", { id: "picture-title" }, titled(card)));
    picture.appendChild(element("desc", { id: "picture-desc" }, described(card)));
    var ground = picture.appendChild(element("rect", { x: 0, y: 0, fill: "#fff" }));
    var y = invented(card) ? banner(picture, width) : 0;
    y = write(picture, wrapped(card.dataset.title, 20, 700, room), y + 16, 20, 28, 700, TEXT);
    y = write(picture, wrapped(card.dataset.subject, 14, 400, room), y, 14, 20, 400, SECONDARY) + 4;
    y = write(picture, wrapped(card.dataset.say, 16, 400, room), y, 16, 24, 400, TEXT) + 16;
    var scale = Math.min(LARGEST, room / area.width);
    var transform = "translate(" + PAD + " " + y + ") scale(" + scale.toFixed(4) + ")";
    var group = picture.appendChild(element("g", { transform: transform }));
    var state = { group: group, left: area.left, top: area.top, waiting: [], count: 0 };
    paint(drawing, state);
    y += area.height * scale + 16;
    picture.appendChild(element("line", { x1: PAD, x2: width - PAD, y1: y, y2: y, stroke: "#d8dde0" }));
    foot(card).forEach(function (line) {
      y = write(picture, wrapped(line, 12, 400, room), y + (y === 0 ? 8 : 4), 12, 16, 400, SECONDARY);
    });
    var height = Math.ceil(y + 16);
    [picture, ground].forEach(function (item) {
      item.setAttribute("width", width);
      item.setAttribute("height", height);
    });
    picture.setAttribute("viewBox", "0 0 " + width + " " + height);
    return Promise.all(state.waiting).then(function () {
      return { svg: new XMLSerializer().serializeToString(picture), width: width, height: height };
    });
  }

  function asPng(made) {
    return new Promise(function (resolve, reject) {
      var image = new Image();
      image.onload = function () {
        var canvas = document.createElement("canvas");
        canvas.width = made.width * SCALE;
        canvas.height = made.height * SCALE;
        canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
        canvas.toBlob(resolve, "image/png");
      };
      image.onerror = function () { reject(new Error("the picture cannot be drawn")); };
      image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(made.svg);
    });
  }

  function save(content, name) {
    var link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    window.setTimeout(URL.revokeObjectURL.bind(URL, link.href), 1000);
  }

  /* The day as the picture says it, in the order that sorts. */
  function named(card, kind) {
    var day = new Date().toLocaleDateString("sv-SE");
    return card.dataset.file + "_" + day + (invented(card) ? "-DEMONSTRATION" : "") + "." + kind;
  }

  function saved(card, kind) {
    return compose(card).then(function (made) {
      if (kind === "png") { return asPng(made); }
      return new Blob([made.svg], { type: "image/svg+xml" });
    }).then(function (content) {
      save(content, named(card, kind));
      return "Picture saved";
    });
  }

  /* The clipboard is asked at once: some browsers let only the press of the button itself use it. */
  function copied(card) {
    var taken = window.navigator.clipboard && window.ClipboardItem;
    if (!taken) { return Promise.resolve(REFUSED); }
    var content = compose(card).then(asPng);
    var asked;
    try {
      asked = window.navigator.clipboard.write([new window.ClipboardItem({ "image/png": content })]);
    } catch (error) {
      asked = Promise.reject(error);
    }
    return asked.then(
      function () { return "Picture copied"; },
      function () { return content.then(function () { return REFUSED; }); });
  }

  /* A frame is as high as its card at the widths of columns on phones, and on all wider screens; it needs no script. */
  function fitted(code) {
    var address = new URL(code.textContent.match(/src="([^"]+)"/)[1].replace(/&amp;/g, "&"));
    return new Promise(function (resolve) {
      var frame = document.createElement("iframe");
      frame.className = "measured";
      frame.setAttribute("aria-hidden", "true");
      frame.onload = function () {
        var held = frame.contentDocument;
        function tallest(widths) {
          return SPARE + Math.max.apply(null, widths.map(function (width) {
            frame.style.width = width + "px";
            return held.documentElement.scrollHeight;
          }));
        }
        if (held && held.querySelector(".embedded .page")) {
          code.textContent = withHeights(code.textContent, tallest(NARROW), tallest(WIDE));
        }
        frame.remove();
        resolve();
      };
      frame.src = address.pathname + address.search;
      document.body.appendChild(frame);
    });
  }

  function withHeights(words, narrow, wide) {
    var past = narrow > wide ? "(" + PHONE + "px - 100vw)" : "(100vw - " + PHONE + "px)";
    var height = "clamp(" + Math.min(narrow, wide) + "px, " + past + " * 999, " + Math.max(narrow, wide) + "px)";
    return words.replace(/height="\d+" style="[^"]*"/,
      'height="' + wide + '" style="border:0;max-width:' + WIDE[1] + "px;height:" + height + '"');
  }

  function copyCode(button) {
    var failed = "Not copied: select the code above the button and copy it.";
    var clipboard = window.navigator.clipboard;
    var code = button.parentNode.querySelector("code");
    (code.fitted || Promise.resolve()).then(function () {
      return clipboard ? clipboard.writeText(code.textContent) : Promise.reject();
    }).then(function () { window.site.say("Code copied"); }, function () { window.site.say(failed); });
  }

  document.addEventListener("toggle", function (event) {
    var code = event.target.matches("details.embed[open]") && event.target.querySelector("code");
    if (code) { code.fitted = code.fitted || fitted(code); }
  }, true);

  document.addEventListener("click", function (event) {
    var code = event.target instanceof Element ? event.target.closest("button.copy-code") : null;
    if (code) { copyCode(code); }
    var button = event.target instanceof Element ? event.target.closest("button.picture") : null;
    var card = button && document.getElementById("card-" + button.dataset.card);
    if (!card) { return; }
    var kind = button.dataset.format;
    (kind === "copy" ? copied(card) : saved(card, kind)).then(
      window.site.say,
      function (error) { window.site.say("The picture could not be made: " + error.message); });
  });
})();
