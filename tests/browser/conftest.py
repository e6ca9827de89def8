"""A real server, a real browser, and a store with known numbers."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from db.domain import Period
from stp_dash.application import create_app
from tests.support.seed import Row, ordinary_rows, other_trusts, seeded_store, three_subjects

TAKEN_OVER = """() => document.querySelector("#page h1") && !document.getElementById("first")"""
DRAWN = """() => document.querySelector("#page h1") && !document.getElementById("first")
  && document.querySelector("#page").dataset.dashIsLoading !== "true"
  && [...document.querySelectorAll("#page .graph")].every(g => g.querySelector(".main-svg"))
  && [...document.querySelectorAll("#page img")].every(i => i.complete)"""
HOW_TO_GET = "Chromium is not on the path; get it with `apt-get install chromium`"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Without one the tests say how to get it, and fail where CI is set."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_GET)
        pytest.skip(HOW_TO_GET)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One reader's browser: what it has loaded once it keeps, as the site tells it to."""
    context = browser.new_context(accept_downloads=True)
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    yield context
    context.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site over the seeded store, whose numbers are marked as demonstration data."""
    yield from served(tmp_path_factory.mktemp("browser") / "store.sqlite", _cancer_rows())


@pytest.fixture(scope="session")
def empty_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site over a store without data."""
    yield from served(tmp_path_factory.mktemp("browser") / "empty.sqlite", [])


@pytest.fixture(scope="session")
def three_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site over cancer waits, stroke and staffing together."""
    yield from served(tmp_path_factory.mktemp("browser") / "three.sqlite", three_subjects())


def _cancer_rows() -> list[Row]:
    return [*ordinary_rows(), *other_trusts(110, Period.month(2026, 8))]


def served(path: Path, rows: list[Row]) -> Iterator[str]:
    store = seeded_store(path, rows, demonstration=True)
    server = make_server("127.0.0.1", 0, create_app(store).server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    store.close()


class Visit:
    """A page in the browser, with what it logged and asked for."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def go(self, address: str) -> Page:
        """The page once the scripts have taken over from what came with the document."""
        self.page.goto(address)
        self.page.wait_for_function(TAKEN_OVER)
        return self.page

    def settled(self) -> Page:
        """The page once its pictures and figures are drawn and nothing more is asked for."""
        self.page.wait_for_function(DRAWN)
        return self.page

    def title_becomes(self, words: str) -> None:
        self.page.wait_for_function(
            "words => document.querySelector('h1')?.innerText.includes(words)", arg=words
        )


@pytest.fixture
def visit(context: BrowserContext) -> Iterator[Callable[..., Visit]]:
    """Opens a page at a width, 1440 unless told."""
    opened: list[Page] = []

    def opener(width: int = 1440) -> Visit:
        page = context.new_page()
        page.set_viewport_size({"width": width, "height": 900})
        opened.append(page)
        return Visit(page)

    yield opener
    for page in opened:
        page.close()


@pytest.fixture
def first_visit(browser: Browser) -> Iterator[Visit]:
    """A reader who has never been here: nothing is kept from other visits."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield Visit(context.new_page())
    context.close()
