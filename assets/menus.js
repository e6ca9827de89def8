/* The search in a long menu: a box and the menu's own choices under their headings, by arrow keys. The menu stays as it
   is, and is all that there is without scripts. */
(function () {
  "use strict";
  var finder = null;
  var opener = null;

  function made(name, properties, parent) {
    var element = document.createElement(name);
    Object.keys(properties).forEach(function (key) { element.setAttribute(key, properties[key]); });
    if (parent) { parent.appendChild(element); }
    return element;
  }

  /* Letters and digits alone, each word behind a space. */
  function plain(words) {
    return " " + words.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }

  function menu() {
    return document.getElementById(opener.dataset.menu);
  }

  /* The choices whose words begin with what was typed, under the headings that the menu has. */
  function list() {
    var box = finder.querySelector("input");
    var typed = plain(box.value).split(" ").filter(Boolean);
    var place = finder.querySelector("[role=listbox]");
    var group = null;
    var count = 0;
    place.textContent = "";
    Array.from(menu().options).forEach(function (option, number) {
      var words = plain(option.label);
      if (!typed.every(function (word) { return words.includes(" " + word); })) { return; }
      var head = option.parentElement.label || "";
      if (!group || group.getAttribute("aria-label") !== (head || "Choices")) {
        group = made("div", { role: "group", "aria-label": head || "Choices" }, place);
        if (head) { made("div", { "class": "head", "aria-hidden": "true" }, group).textContent = head; }
      }
      var item = made("div", { id: "choice-" + number, role: "option", "aria-selected": "false" }, group);
      item.dataset.address = option.value;
      item.textContent = option.label;
      if (option.selected) { item.classList.add("now"); }
      count += 1;
    });
    box.setAttribute("aria-expanded", count ? "true" : "false");
    if (!count) { place.textContent = ""; made("div", { role: "option", "aria-disabled": "true" }, place).textContent = "No choice begins so"; }
    point(typed.length ? place.querySelector("[data-address]") : null);
    if (typed.length) { window.site.announce(count + (count === 1 ? " choice" : " choices")); }
  }

  function point(item) {
    var box = finder.querySelector("input");
    var before = finder.querySelector("[aria-selected=true]");
    if (before) { before.setAttribute("aria-selected", "false"); }
    if (!item) { box.removeAttribute("aria-activedescendant"); return; }
    item.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  function open(button) {
    close();
    opener = button;
    var name = button.textContent;
    finder = made("div", { id: "finder", role: "dialog", "aria-label": name }, document.body);
    made("input", {
      type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", maxlength: "80", "aria-label": name,
      "aria-autocomplete": "list", "aria-controls": "finder-list", "aria-expanded": "true"
    }, finder);
    made("div", { id: "finder-list", role: "listbox", "aria-label": name }, finder);
    var under = menu().getBoundingClientRect();
    var wide = Math.min(Math.max(under.width, 352), window.innerWidth - 16);
    finder.style.width = wide + "px";
    finder.style.left = Math.max(8, Math.min(under.left, document.documentElement.clientWidth - wide - 8)) + "px";
    finder.style.top = under.top + window.scrollY + "px";
    button.setAttribute("aria-expanded", "true");
    list();
    finder.querySelector("input").focus();
    var now = finder.querySelector(".now");
    if (now) { now.scrollIntoView({ block: "nearest" }); }
  }

  function close(back) {
    if (!finder) { return; }
    var gone = finder;
    finder = null;
    gone.remove();
    opener.setAttribute("aria-expanded", "false");
    if (back) { opener.focus(); }
  }

  function choose(item) {
    var id = opener.dataset.menu;
    var address = item.dataset.address;
    close(true);
    window.site.choose(address, id);
  }

  document.addEventListener("click", function (event) {
    var target = event.target instanceof Element ? event.target : document.body;
    var button = target.closest("#page button.find-in");
    if (button) { if (finder && opener === button) { close(true); } else { open(button); } return; }
    var item = target.closest("#finder [data-address]");
    if (item) { choose(item); } else if (finder && !finder.contains(target)) { close(); }
  });

  document.addEventListener("input", function (event) {
    if (finder && finder.contains(event.target)) { list(); }
  });

  document.addEventListener("focusin", function (event) {
    if (finder && !finder.contains(event.target) && event.target !== opener) { close(); }
  });

  document.addEventListener("keydown", function (event) {
    if (!finder || !finder.contains(event.target)) { return; }
    var items = Array.from(finder.querySelectorAll("[data-address]"));
    var at = items.findIndex(function (item) { return item.getAttribute("aria-selected") === "true"; });
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) {
      event.preventDefault();
      point(items[at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (items[at]) { choose(items[at]); }
    } else if (event.key === "Escape") {
      event.preventDefault();
      close(true);
    } else if (event.key === "Tab") {
      close(true);
    }
  });
})();
