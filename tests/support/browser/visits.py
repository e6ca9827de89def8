"""A reader's visits to a site over a seeded store, and when a page has arrived."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import ConsoleMessage, Page
from werkzeug.serving import make_server

from db.settings import Settings
from stp_dash.application import create_app
from tests.support.seed import Row, seeded_store
from tests.support.site.operators import seed_operator

TAKEN_OVER = """() => document.querySelector("#page h1") && !document.getElementById("first")"""
DRAWN = """() => document.querySelector("#page h1") && !document.getElementById("first")
  && document.querySelector("#page").dataset.dashIsLoading !== "true"
  && [...document.querySelectorAll("#page .graph")].every(g => g.querySelector(".main-svg"))
  && [...document.querySelectorAll("#page img")].every(i => i.complete)"""

_MOVE = """path => {
  const [pathname, search] = path.split(/(?=\\?)/);
  dash_clientside.set_props("address", {pathname, search: search ?? "", hash: ""});
}"""

CHROMIUM_WITHOUT = "--disable-features=" + ",".join(
    (
        "WebUIOmniboxPopup",
        "WebUIOmniboxAimPopup",
        "AimEnabled",
        "AvoidCorsURLLoaderRestartOnRedirect",
        "AvoidUnnecessaryBeforeUnloadCheckSync",
        "DestroyProfileOnBrowserClose",
        "HttpsFirstBalancedModeAutoEnable",
        "HttpsUpgrades",
        "LensOverlay",
        "MediaRouter",
        "NetworkTimeServiceQuerying",
        "OptimizationHints",
        "PaintHolding",
        "PreconnectToSearch",
        "ThirdPartyStoragePartitioning",
    )
)
"""What Chromium does without: suggestions of an address bar that nobody sees, which take a third of the processor time
of a reader's first page, and what Playwright has it leave, whose own list this one takes the place of."""


def chromium() -> str | None:
    """Where Chromium is; None where it is not on the path."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def served(
    path: Path, rows: list[Row], settings: Settings | None = None, *, editor: bool = False
) -> Iterator[str]:
    """The address of a site over the rows; with `editor` one who may write can sign in."""
    store = seeded_store(path, rows, demonstration=True)
    if editor:
        seed_operator(store)
    server = make_server("127.0.0.1", 0, create_app(store, settings).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    store.close()


def errors_of(page: Page) -> list[str]:
    """What a page's console says is wrong, as it comes: all but that an address itself was answered with 4xx."""
    found: list[str] = []

    def told(message: ConsoleMessage) -> None:
        document = message.text.startswith("Failed to load resource") and message.location["url"] == page.url
        if message.type == "error" and not document:
            found.append(message.text)

    page.on("console", told)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


class Visit:
    """A page in the browser, with what it logged and asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors = errors_of(page)
        self.requests: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))

    def go(self, address: str) -> Page:
        """The page once the scripts have taken over from what came with the document."""
        self.page.goto(address)
        self.page.wait_for_function(TAKEN_OVER)
        return self.page

    def move(self, path: str) -> Page:
        """The page at another address of the site, as a link leads there: without a full load."""
        with self.page.expect_response("**/_dash-update-component") as answered:
            self.page.evaluate(_MOVE, path)
        assert answered.value.ok, path
        return self.settled()

    def settled(self) -> Page:
        """The page once its pictures and figures are drawn and nothing more is asked for."""
        self.page.wait_for_function(DRAWN)
        return self.page

    def title_becomes(self, words: str) -> None:
        self.page.wait_for_function(
            "words => document.querySelector('h1')?.innerText.includes(words)", arg=words
        )


SHIFTS = """() => {
  window.shifts = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => {
    if (!entry.hadRecentInput) { window.shifts += entry.value; }
  })).observe({type: "layout-shift", buffered: true});
}"""
