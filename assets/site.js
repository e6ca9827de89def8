/* The site's three callbacks that run in the browser. No state is kept here: the address is the state. */
(function () {
  "use strict";
  var PHONE = "(max-width: 599px)";
  var TABLET = "(max-width: 1099px)";
  var lastPath = null;

  function width() {
    if (window.matchMedia(PHONE).matches) { return "phone"; }
    return window.matchMedia(TABLET).matches ? "tablet" : "desktop";
  }

  function request() {
    return { path: window.location.pathname, search: window.location.search, width: width() };
  }

  function redraw() {
    window.dash_clientside.set_props("request", { data: request() });
  }

  [PHONE, TABLET].forEach(function (query) {
    window.matchMedia(query).addEventListener("change", redraw);
  });

  window.dash_clientside = Object.assign({}, window.dash_clientside, {
    site: {
      request: function () { return request(); },

      /* Each choice of a control is the address of the page with it: go to the one that differs from here. */
      choose: function (values, state) {
        var here = state && state.address;
        var chosen = values.find(function (value) { return value && value !== here; });
        if (!here || !chosen) { return window.dash_clientside.no_update; }
        return new URL(chosen, window.location.origin).search;
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
        }
        lastPath = path;
        return path;
      }
    }
  });
})();
