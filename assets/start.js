/* Fetches and runs the site's scripts, in order, once the page that came with the document has been painted. Earlier
   they would take the processor and the line from what the reader waits for. */
(function () {
  "use strict";
  function run() {
    var wanted = document.getElementById("scripts").content;
    var last = null;
    wanted.querySelectorAll("script").forEach(function (script) {
      last = document.createElement("script");
      last.src = script.getAttribute("src");
      last.async = false;
      document.head.appendChild(last);
    });
    wanted.querySelectorAll("link").forEach(function (link) { document.head.appendChild(document.importNode(link)); });
    last.addEventListener("load", function () { return new window.DashRenderer(); });
  }

  if (document.hidden) { run(); } else { window.requestAnimationFrame(function () { window.setTimeout(run, 0); }); }
})();
