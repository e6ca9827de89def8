/* The operations page: it looks again while something runs, takes a file that is dropped, and shows the next runs
   of a schedule that is being typed. */
(function () {
  "use strict";
  var PATH = (document.body.dataset.root || "") + "/operations";
  var EVERY_MS = 2500;
  var waiting = 0;
  var returnTo = "";

  function here() { return window.location.pathname.replace(/\/$/, "") === PATH; }

  function busy() { return here() && document.querySelector("#page .updated[data-busy='1']"); }

  /* What somebody types in, or has opened to read, stays as it is. */
  function touched(part) {
    var now = document.activeElement;
    return part.querySelector("[data-typed], details.reading[open]") ||
      (now && part.contains(now) && /^(INPUT|SELECT|TEXTAREA)$/.test(now.tagName));
  }

  function nameOf(element) {
    return element.getAttribute("href") || element.getAttribute("aria-label") || element.textContent;
  }

  function put(id, children) {
    var part = document.getElementById(id);
    if (!part || touched(part)) { return; }
    var now = document.activeElement;
    var focused = now && now !== part && part.contains(now) ? nameOf(now) : "";
    window.dash_clientside.set_props(id, { children: children });
    if (focused) { window.setTimeout(refocus.bind(null, id, focused), 0); }
  }

  function refocus(id, name) {
    var part = document.getElementById(id);
    if (!part || part.contains(document.activeElement)) { return; }
    var same = Array.from(part.querySelectorAll("a, button, [tabindex]")).find(function (other) {
      return nameOf(other) === name;
    });
    if (same) { same.focus({ preventScroll: true }); }
  }

  function asked() {
    var found = new URLSearchParams(window.location.search);
    found.set("width", window.matchMedia("(max-width: 37.4375em)").matches ? "phone" : "desktop");
    return PATH + "/live?" + found.toString();
  }

  function look() {
    waiting = 0;
    if (!busy()) { return; }
    var address = asked();
    window.fetch(address, { credentials: "same-origin" })
      .then(function (answer) { return answer.ok ? answer.json() : {}; })
      .then(function (parts) {
        if (address === asked() && here()) {
          Object.keys(parts).forEach(function (id) { put(id, parts[id]); });
        }
      })
      .catch(function () { return null; })
      .then(function () { waiting = waiting || window.setTimeout(look, EVERY_MS); });
  }

  /* No clock runs while nothing does: the page itself says that there is something to look for. */
  new MutationObserver(function () {
    if (!here()) { return; }
    if (returnTo && !document.querySelector("#page[data-dash-is-loading='true']")) {
      var field = document.getElementById(returnTo);
      if (field && document.activeElement === document.body) { field.focus({ preventScroll: true }); }
    }
    if (!waiting && busy()) { waiting = window.setTimeout(look, EVERY_MS); }
  }).observe(document.documentElement, { childList: true, subtree: true });

  document.addEventListener("input", function (event) {
    if (here() && event.target.name) { event.target.dataset.typed = "1"; }
  });

  /* The schedule that is typed is a state of the page, so that its next runs are shown before it is saved. */
  function preview(form) {
    var found = new URLSearchParams({ edit: form.elements.source.value, kind: form.elements.kind.value });
    found.set("seen", form.elements.version.value);
    new FormData(form).forEach(function (value, name) {
      if (!/^(csrf_token|source|kind|version)$/.test(name)) { found.set(name, value); }
    });
    returnTo = document.activeElement && document.activeElement.id;
    window.dash_clientside.set_props("address", { pathname: PATH, search: "?" + found.toString() });
  }

  document.addEventListener("change", function (event) {
    var form = event.target instanceof Element ? event.target.closest("form.schedule") : null;
    if (form) { preview(form); }
  });

  document.addEventListener("click", function (event) {
    if (!(event.target instanceof Element)) { return; }
    var shown = event.target.closest("button.preview");
    if (shown) { preview(shown.closest("form")); }
  });

  function tell(words) { document.querySelector("#drop .progress").textContent = words; }

  function send(form, files) {
    var most = Number(document.getElementById("drop").dataset.most);
    var size = Array.from(files).reduce(function (sum, file) { return sum + file.size; }, 0);
    var named = files.length === 1 ? files[0].name : files.length + " files";
    if (size > most) {
      tell(named + (files.length === 1 ? " is" : " are") + " larger than " + Math.round(most / 1e6) + " MB. Nothing was sent.");
      return;
    }
    var body = new FormData(form);
    body.delete("file");
    Array.from(files).forEach(function (file) { body.append("file", file); });
    var request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.upload.onprogress = function (event) {
      if (event.lengthComputable) { tell("Sending " + named + ": " + Math.round(100 * event.loaded / event.total) + "%"); }
    };
    request.onload = function () {
      if (request.status < 400) {
        window.location.assign(request.getResponseHeader("Location") || request.responseURL);
        return;
      }
      tell(request.responseText.length < 300 ? request.responseText : "Nothing was taken.");
    };
    request.onerror = function () { tell("Nothing could be sent, and nothing was changed."); };
    request.send(body);
  }

  /* What the browser shows for choosing files is not Dash's to draw. */
  document.addEventListener("click", function (event) {
    if (!(event.target instanceof Element) || !event.target.closest("#drop button.choose")) { return; }
    var input = document.createElement("input");
    input.type = "file";
    input.multiple = true;
    input.addEventListener("change", function () {
      if (input.files.length) { send(document.getElementById("upload"), input.files); }
    });
    input.click();
  });

  function over(event) { return event.target instanceof Element && event.target.closest("#drop"); }

  ["dragenter", "dragover"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (over(event)) { event.preventDefault(); over(event).classList.add("over"); }
    });
  });
  ["dragleave", "drop"].forEach(function (name) {
    document.addEventListener(name, function (event) {
      if (!over(event)) { return; }
      over(event).classList.remove("over");
      if (name === "drop") {
        event.preventDefault();
        var form = document.getElementById("upload");
        if (event.dataTransfer.files.length) { send(form, event.dataTransfer.files); }
      }
    });
  });
})();
