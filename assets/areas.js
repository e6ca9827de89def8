/* The sheet of areas: what is typed filters its links, arrow keys go through them, and an area is remembered on this
   device where its reader wants that. Without scripts it is a form and links. */
(function () {
  "use strict";
  var KEY = "area";
  var root = document.body.dataset.root || "";

  function sheetOf(target) {
    return target instanceof Element ? target.closest("#page details.whose") : null;
  }

  /* Letters and digits alone, each word behind a space. */
  function plain(words) {
    return " " + words.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  }

  function links(sheet) {
    return Array.from(sheet.querySelectorAll(".regions a")).filter(function (link) { return link.offsetParent; });
  }

  function filter(sheet) {
    var typed = plain(sheet.querySelector("#area-words").value).split(" ").filter(Boolean);
    var count = 0;
    sheet.classList.toggle("typed", typed.length > 0);
    sheet.querySelectorAll(".regions a").forEach(function (link) {
      var words = plain(link.textContent) + plain(link.dataset.code || "");
      var fits = typed.every(function (word) { return words.includes(" " + word); });
      link.parentElement.classList.toggle("other", !fits);
      count += fits && typed.length ? 1 : 0;
    });
    if (typed.length) { window.site.announce(count + (count === 1 ? " area" : " areas")); }
  }

  function remembered() {
    try { return window.localStorage.getItem(KEY); } catch (error) { return null; }
  }

  function showKept(sheet) {
    var button = sheet.querySelector("button.remember");
    var kept = remembered() === button.dataset.area;
    button.textContent = kept ? "Forget this area" : "Remember this area";
  }

  function remember(button) {
    var kept = remembered() === button.dataset.area;
    try {
      if (kept) { window.localStorage.removeItem(KEY); } else { window.localStorage.setItem(KEY, button.dataset.area); }
    } catch (error) {
      window.site.say("This browser does not let sites remember anything");
      return;
    }
    showKept(sheetOf(button));
    window.site.say(kept ? "Forgotten" : "Remembered on this device");
  }

  document.addEventListener("toggle", function (event) {
    var sheet = sheetOf(event.target);
    if (!sheet || event.target !== sheet || !sheet.open) { return; }
    showKept(sheet);
    sheet.querySelector("#area-words").focus({ preventScroll: true });
  }, true);

  document.addEventListener("input", function (event) {
    if (event.target.id === "area-words") { filter(sheetOf(event.target)); }
  });

  document.addEventListener("keydown", function (event) {
    var sheet = sheetOf(event.target);
    if (!sheet || !sheet.open) { return; }
    if (event.key === "Escape") { sheet.open = false; sheet.querySelector("summary").focus(); return; }
    var shown = links(sheet);
    var at = shown.indexOf(event.target);
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && (at >= 0 || event.target.id === "area-words")) {
      event.preventDefault();
      var next = shown[at + step];
      (next || sheet.querySelector("#area-words")).focus();
    }
  });

  /* A name that fits goes to its area; what fits nothing is left to the page, which says what is nearest. */
  document.addEventListener("submit", function (event) {
    var sheet = sheetOf(event.target);
    var found = sheet && sheet.classList.contains("typed") ? links(sheet) : [];
    if (found.length) { event.preventDefault(); event.stopPropagation(); found[0].click(); }
  }, true);

  /* Before the page's other links: the sheet closes, and the focus comes back to it with the page of the area. */
  document.addEventListener("click", function (event) {
    var target = event.target instanceof Element ? event.target : document.body;
    var sheet = sheetOf(target);
    if (!sheet) { return; }
    if (target.closest("button.remember")) { remember(target.closest("button.remember")); }
    var link = target.closest("a");
    if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return; }
    event.preventDefault();
    event.stopPropagation();
    sheet.open = false;
    sheet.querySelector("#area-words").value = "";
    filter(sheet);
    window.site.choose(link.href, "control-area");
  }, true);

  /* Only the site's bare address takes the reader to their own area: any other says itself whose page it is. */
  if (window.location.pathname.slice(root.length).replace(/^\/$/, "") === "" && !window.location.search && remembered()) {
    window.location.replace(root + "/?" + KEY + "=" + encodeURIComponent(remembered()));
  }
})();
