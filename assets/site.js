/* The part of the site that runs in the browser. No state is kept here: the address is the state. */
(function () {
  "use strict";
  var PHONE = "(max-width: 37.4375em)";
  var TABLET = "(max-width: 68.6875em)";
  var POPUPS = "details.menu, details.download";
  var FOCUSABLE = "a[href], button, select, input, summary, [tabindex]";
  var SAID_MS = 6000;
  var lastPath = null;
  var returnTo = null;
  var lastAsked = "";
  var onPaper = false;
  var silence = 0;
  /* The clock of a page of what is under way, and whether it was the clock that asked. */
  var clock = 0;
  var byClock = false;
  /* The part of the page to come that a link leads to. */
  var place = window.location.hash;
  /* The path of the host that the site is below: pages are asked for without it. */
  var root = document.body.dataset.root || "";

  /* The smallest plotly.js that draws our charts: Dash asks for the address that stands here. */
  var bundle = document.body.dataset.plotly;
  if (bundle) {
    Object.defineProperty(window, "_dashPlotlyJSURL", { get: function () { return bundle; }, set: function () {} });
  }

  /* How many characters of how many a text has, while it is typed. */
  document.addEventListener("input", function (event) {
    var most = event.target.dataset && event.target.dataset.most;
    var count = most && event.target.closest(".f").querySelector(".count");
    if (count) { count.textContent = Array.from(event.target.value).length + " of " + most; }
  });

  /* The document's page was made for another screen: the style sheet does not show it, and the scripts ask again. */
  var first = document.getElementById("first");
  if (first && !first.classList.contains(width())) { first.remove(); }

  function parameter(name) {
    return new URLSearchParams(window.location.search).get(name);
  }

  function width() {
    if (parameter("print") === "1") { return "tablet"; }
    if (window.matchMedia(PHONE).matches) { return "phone"; }
    return window.matchMedia(TABLET).matches ? "tablet" : "desktop";
  }

  function request() {
    var place = window.location;
    var path = place.pathname.slice(root.length) || "/";
    var asked = { path: path, search: place.search, width: width(), origin: place.origin + root };
    lastAsked = JSON.stringify(asked);
    return asked;
  }

  function refocus(find) {
    var target = find();
    if (target) { target.focus({ preventScroll: true }); }
  }

  function redraw() {
    var before = lastAsked;
    var asked = request();
    if (!onPaper && lastAsked !== before) { window.dash_clientside.set_props("request", { data: asked }); }
  }

  /* A page of what is under way is asked for again and again, until it says itself that it need not be. */
  function lookAgain(seconds) {
    window.clearInterval(clock);
    clock = seconds && window.setInterval(function () {
      byClock = true;
      window.dash_clientside.set_props("request", { data: Object.assign(request(), { at: Date.now() }) });
    }, seconds * 1000);
  }

  /* Words for everyone, in a region that a screen reader reads out when it is not busy. */
  function say(words) {
    var region = document.getElementById("said");
    window.clearTimeout(silence);
    region.textContent = "";
    window.setTimeout(function () { region.textContent = words; }, 50);
    silence = window.setTimeout(function () { region.textContent = ""; }, SAID_MS);
  }

  /* The title of the page in its new state, for who does not see it change; the focus stays where it is. */
  function announce(words) {
    var region = document.getElementById("news");
    region.textContent = "";
    window.setTimeout(function () { region.textContent = words; }, 50);
  }

  function copyOldWay(words) {
    var field = document.createElement("textarea");
    field.value = words;
    field.className = "vh";
    document.body.appendChild(field);
    field.select();
    var done = document.execCommand("copy");
    field.remove();
    return done ? Promise.resolve() : Promise.reject(new Error("copying is not allowed"));
  }

  function copy(button) {
    var address = new URL(button.dataset.address, window.location.origin).href;
    var way = window.navigator.clipboard ? window.navigator.clipboard.writeText(address) : copyOldWay(address);
    way.then(function () { say("Copied"); }, function () { say("Not copied. The link is " + address); })
      .then(function () { button.focus({ preventScroll: true }); });
  }

  function closePopups(except) {
    document.querySelectorAll(POPUPS).forEach(function (popup) {
      if (popup.open && popup !== except) { popup.open = false; }
    });
  }

  function drawn() {
    var plots = Array.from(document.querySelectorAll("#page .plot"));
    var pictures = Array.from(document.querySelectorAll("#page img"));
    return plots.every(function (plot) { return plot.querySelector(".main-svg"); }) &&
      pictures.every(function (picture) { return picture.complete; });
  }

  /* The scripts' page steps into the place of the document's once it is drawn: what was unfolded stays so, what was
     typed stays typed, and the focus stays where it is. */
  function takeOver() {
    var first = document.getElementById("first");
    if (!first) { return; }
    if (!drawn()) { window.requestAnimationFrame(takeOver); return; }
    var page = document.getElementById("page");
    var focused = Array.from(first.querySelectorAll(FOCUSABLE)).indexOf(document.activeElement);
    paired(first, page, "details", function (old, now) { if (old.open !== now.open) { now.open = old.open; } });
    paired(first, page, "input, textarea, select:not(.menu)", function (old, now) {
      if (old.value !== now.value) { now.value = old.value; }
      if (old.dataset.typed) { now.dataset.typed = "1"; }
    });
    first.remove();
    if (focused >= 0) { refocus(function () { return page.querySelectorAll(FOCUSABLE)[focused]; }); }
  }

  function paired(first, page, selector, work) {
    var now = page.querySelectorAll(selector);
    first.querySelectorAll(selector).forEach(function (old, place) { if (now[place]) { work(old, now[place]); } });
  }

  /* The part of the page that a link led to, once it stands where it will stay. */
  function showPlace(wanted) {
    var target = wanted && document.querySelector("#page " + wanted);
    if (!target) { return; }
    if (document.getElementById("first") || !drawn()) {
      window.requestAnimationFrame(showPlace.bind(null, wanted));
      return;
    }
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    target.scrollIntoView();
  }

  function printWhenDrawn(asked) {
    if (window.location.search !== asked) { return; }
    if (drawn()) { window.print(); } else { window.requestAnimationFrame(printWhenDrawn.bind(null, asked)); }
  }

  function go(address) {
    if (document.getElementById("first")) { window.location.assign(address.href); return; }
    place = address.hash;
    window.dash_clientside.set_props("address", { pathname: address.pathname, search: address.search, hash: place });
  }

  /* What a point of a chart opens: its own code stands in the place of @ in the chart's address. */
  function openPoint(plot, code) {
    if (code === undefined || code === null || code === "") { return; }
    go(new URL(root + plot.dataset.opens.replace("@", encodeURIComponent(code)), window.location.origin));
  }

  /* The points of a chart that open something, from left to right. */
  function pointsOf(graph) {
    var found = [];
    graph.data.forEach(function (trace, curve) {
      (trace.customdata || []).forEach(function (code, place) {
        if (code && trace.y[place] !== null) {
          found.push({ curveNumber: curve, pointNumber: place, x: trace.x[place], code: code, words: trace.text[place] });
        }
      });
    });
    return found.sort(function (one, other) { return one.x - other.x; });
  }

  /* A chart answers to the pointer once that is over it, and to keys while it has the focus. */
  function lead(event) {
    var graph = event.target instanceof Element ? event.target.closest(".plot[data-opens] .js-plotly-plot") : null;
    if (!graph || graph.led) { return; }
    graph.led = true;
    graph.on("plotly_click", function (clicked) {
      openPoint(graph.closest(".plot"), clicked.points[0].customdata);
    });
  }

  function stepOn(event) {
    var plot = event.target instanceof Element && event.target.matches(".plot[data-opens]") ? event.target : null;
    var graph = plot && plot.querySelector(".js-plotly-plot");
    if (!graph || event.ctrlKey || event.metaKey || event.altKey) { return; }
    var points = pointsOf(graph);
    var at = plot.at === undefined ? -1 : plot.at;
    var last = points.length - 1;
    var next = {
      ArrowRight: Math.min(at + 1, last), ArrowLeft: Math.max(at - 1, 0), Home: 0, End: last
    }[event.key];
    if (event.key === "Enter" && points[at]) { openPoint(plot, points[at].code); }
    if (next === undefined || !points[next]) { return; }
    event.preventDefault();
    plot.at = next;
    window.Plotly.Fx.hover(graph, [{ curveNumber: points[next].curveNumber, pointNumber: points[next].pointNumber }]);
    announce(points[next].words.replace(/<[^>]*>/g, " "));
  }

  /* Suggestions while somebody types into the search for an organisation: a list under the box, by arrow keys. */
  var asking = 0;

  function suggestionsOf(box) {
    var list = document.getElementById("suggestions");
    if (!list) {
      list = document.createElement("ul");
      list.id = "suggestions";
      list.setAttribute("role", "listbox");
      list.setAttribute("aria-label", "Organisations");
      box.form.appendChild(list);
      [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id]].forEach(function (pair) {
        box.setAttribute(pair[0], pair[1]);
      });
    }
    return list;
  }

  function suggest(box, found) {
    var list = suggestionsOf(box);
    list.textContent = "";
    found.forEach(function (item, place) {
      var option = document.createElement("li");
      option.id = "suggestion-" + place;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.address = item.address;
      option.append(item.name);
      option.appendChild(document.createElement("span")).textContent = item.note;
      list.appendChild(option);
    });
    box.setAttribute("aria-expanded", found.length ? "true" : "false");
    box.removeAttribute("aria-activedescendant");
    if (found.length) { announce(found.length + (found.length === 1 ? " suggestion" : " suggestions")); }
  }

  function typed(event) {
    var box = event.target instanceof HTMLInputElement && event.target.id === "find-words" ? event.target : null;
    if (!box || !box.form.dataset.suggest) { return; }
    window.clearTimeout(asking);
    var words = box.value.trim();
    if (words.length < 2) { suggest(box, []); return; }
    asking = window.setTimeout(function () {
      var asks = box.form.dataset.suggest;
      window.fetch(root + asks + (asks.includes("?") ? "&" : "?") + "find=" + encodeURIComponent(words))
        .then(function (answer) { return answer.ok ? answer.json() : []; })
        .then(function (found) { if (box.isConnected && box.value.trim() === words) { suggest(box, found); } });
    }, 150);
  }

  function choose(event) {
    var box = event.target;
    var options = box.id === "find-words" ? Array.from(document.querySelectorAll("#suggestions > li")) : [];
    if (!options.length) { return; }
    var at = options.findIndex(function (option) { return option.getAttribute("aria-selected") === "true"; });
    if (event.key === "Escape") { suggest(box, []); event.preventDefault(); return; }
    if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      go(new URL(root + options[at].dataset.address, window.location.origin));
      return;
    }
    var step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) { return; }
    event.preventDefault();
    if (at >= 0) { options[at].setAttribute("aria-selected", "false"); }
    var next = options[(at + step + options.length + (at < 0 && step < 0 ? 1 : 0)) % options.length];
    next.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", next.id);
  }

  document.addEventListener("input", typed);
  document.addEventListener("keydown", choose);
  document.addEventListener("mousedown", function (event) {
    var option = event.target instanceof Element ? event.target.closest("#suggestions > li") : null;
    if (option) { go(new URL(root + option.dataset.address, window.location.origin)); }
  });

  document.addEventListener("pointerover", lead);
  document.addEventListener("keydown", stepOn);

  [PHONE, TABLET].forEach(function (query) {
    window.matchMedia(query).addEventListener("change", redraw);
  });
  /* What stands at the head of each sheet of paper: style sheets read it from here. */
  window.addEventListener("beforeprint", function () {
    var sheet = document.querySelector(".page.paper"), told = document.documentElement.style;
    onPaper = true;
    told.setProperty("--heading", JSON.stringify((sheet && sheet.dataset.heading) || document.title));
    told.setProperty("--printed", JSON.stringify((sheet && sheet.dataset.printed) || ""));
  });
  window.addEventListener("afterprint", function () { onPaper = false; });

  /* Each choice of a control is the address of the page with it. */
  document.addEventListener("change", function (event) {
    var menu = event.target;
    if (menu instanceof HTMLSelectElement && menu.classList.contains("menu")) {
      window.site.choose(menu.value, menu.id);
    }
  });

  /* A form of the page asks by its address, too. */
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (form.method !== "get" || !form.closest("#page")) { return; }
    event.preventDefault();
    var address = new URL(form.action);
    address.search = new URLSearchParams(new FormData(form)).toString();
    go(address);
  });

  /* A link to the same page in another state keeps the focus, too. */
  document.addEventListener("click", function (event) {
    var link = event.target instanceof Element ? event.target.closest("#page a[href]") : null;
    if (link && link.pathname === window.location.pathname) {
      var address = link.getAttribute("href");
      var words = link.textContent;
      returnTo = function () {
        return Array.from(document.querySelectorAll("#page a[href]")).find(function (other) {
          return other.getAttribute("href") === address && other.textContent === words;
        });
      };
    }
  }, true);

  /* What the page's own components have left: buttons, links within the site, what unfolds over the page. */
  document.addEventListener("click", function (event) {
    var target = event.target instanceof Element ? event.target : document.body;
    closePopups(target.closest(POPUPS));
    if (target.closest("button.copy")) { copy(target.closest("button.copy")); }
    if (target.closest("button.print")) { window.print(); }
    var link = target.closest("#page a[href]");
    var plain = !event.defaultPrevented && event.button === 0 &&
      !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (link && plain && link.origin === window.location.origin && !link.hasAttribute("download") &&
        !link.target && (!link.hash || link.pathname !== window.location.pathname)) {
      event.preventDefault();
      go(link);
    }
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    var open = event.target instanceof Element ? event.target.closest(POPUPS) : null;
    closePopups(null);
    if (open) { open.querySelector("summary").focus(); }
  });

  window.site = {
    say: say,
    announce: announce,
    /* Goes where a menu's choice leads, and back to the menu with the focus. */
    choose: function (address, id) {
      returnTo = function () { return document.getElementById(id); };
      go(new URL(address, window.location.origin));
    }
  };
  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    site: {
      request: function () {
        var asked = request();
        var page = window.firstView(asked);
        var none = window.dash_clientside.no_update;
        return page ? [none, page] : [asked, none];
      },

      /* A new page: name the document, and let a screen reader start at its content. */
      arrive: function (state) {
        if (!state) { return window.dash_clientside.no_update; }
        document.title = state.title;
        var path = window.location.pathname;
        if (lastPath !== null && lastPath !== path) {
          var main = document.getElementById("main");
          if (main) { main.focus({ preventScroll: true }); }
          window.scrollTo(0, 0);
          closePopups(null);
        } else {
          if (returnTo) { window.setTimeout(refocus.bind(null, returnTo), 0); }
          if (lastPath !== null && !(byClock && state.again)) { announce(document.querySelector("#page h1").textContent); }
        }
        var box = returnTo ? null : document.querySelector("#page #find-words");
        if (box && lastPath !== null) { box.focus(); }
        returnTo = null;
        lastPath = path;
        byClock = false;
        lookAgain(state.again);
        takeOver();
        showPlace(/^#[a-z-]+$/.test(place) ? place : "");
        place = "";
        if (parameter("print") === "1") { printWhenDrawn(window.location.search); }
        return path;
      }
    }
  });
})();
