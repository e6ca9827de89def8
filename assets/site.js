/* The part of the site that runs in the browser. No state is kept here: the address is the state. */
(function () {
  "use strict";
  var PHONE = "(max-width: 599px)";
  var TABLET = "(max-width: 1099px)";
  var lastPath = null;
  var returnTo = null;

  function width() {
    if (window.matchMedia(PHONE).matches) { return "phone"; }
    return window.matchMedia(TABLET).matches ? "tablet" : "desktop";
  }

  function request() {
    return { path: window.location.pathname, search: window.location.search, width: width() };
  }

  function refocus(find) {
    var target = find();
    if (target) { target.focus({ preventScroll: true }); }
  }

  function redraw() {
    window.dash_clientside.set_props("request", { data: request() });
  }

  [PHONE, TABLET].forEach(function (query) {
    window.matchMedia(query).addEventListener("change", redraw);
  });

  /* Each choice of a control is the address of the page with it. */
  document.addEventListener("change", function (event) {
    var menu = event.target;
    if (menu instanceof HTMLSelectElement && menu.classList.contains("menu")) {
      var chosen = new URL(menu.value, window.location.origin);
      returnTo = function () { return document.getElementById(menu.id); };
      window.dash_clientside.set_props("address", { search: chosen.search });
    }
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

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    site: {
      request: function () { return request(); },

      /* A new page: name the document, and let a screen reader start at its content. */
      arrive: function (state) {
        if (!state) { return window.dash_clientside.no_update; }
        document.title = state.title;
        var path = window.location.pathname;
        if (lastPath !== null && lastPath !== path) {
          var main = document.getElementById("main");
          if (main) { main.focus({ preventScroll: true }); }
          window.scrollTo(0, 0);
        } else if (returnTo) {
          window.setTimeout(refocus.bind(null, returnTo), 0);
        }
        returnTo = null;
        lastPath = path;
        return path;
      }
    }
  });
})();
