"""A real server, a real browser, and a store with known numbers."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from db.domain import Period
from db.settings import MailSettings, StoreSettings, load_settings
from tests.support.browser.visits import CHROMIUM_WITHOUT, Visit, chromium, served
from tests.support.seed import Row, ordinary_rows, other_trusts, three_subjects

WITHOUT_GPU = "--disable-gpu"
"""Debian's Chromium draws as if there were a graphics card: to act one takes a tenth of the processor's time."""
HOW_TO_GET = "Chromium is not on the path; get it with `apt-get install chromium`"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Without one the tests say how to get it, and fail where CI is set."""
    path = chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(HOW_TO_GET)
        pytest.skip(HOW_TO_GET)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[CHROMIUM_WITHOUT, WITHOUT_GPU])
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
    """The address of the site over cancer waits, stroke and staffing together, with somebody who may write and a form
    for e-mails, which nothing sends."""
    folder, given = tmp_path_factory.mktemp("browser"), load_settings()
    settings = given.model_copy(
        update={
            "store": StoreSettings(raw_folder=folder / "raw"),
            "mail": MailSettings(host="127.0.0.1", sender="monitor@example.nhs.uk"),
        }
    )
    yield from served(folder / "three.sqlite", three_subjects(), settings, editor=True)


def _cancer_rows() -> list[Row]:
    return [*ordinary_rows(), *other_trusts(110, Period.month(2026, 8))]


@pytest.fixture(scope="session")
def open_page(context: BrowserContext) -> Visit:
    """A page that stays open from test to test: each new one costs a process and the scripts read anew."""
    return Visit(context.new_page())


@pytest.fixture(scope="session")
def rest() -> Iterator[str]:
    """The address of an empty page, where the open one waits for the next test.

    A blank page is of no site: after it Chromium would begin a process and compile all scripts anew, and that takes a
    third of the time.
    """
    server = make_server("127.0.0.1", 0, Response(mimetype="text/html"), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(context: BrowserContext, open_page: Visit, rest: str) -> Iterator[Callable[..., Visit]]:
    """Opens a page at a width, 1440 unless told.

    The first of a test is the one that stays open. What outlives an address there (scripts added to every page,
    media, a clock, held requests) is for a page of the test's `own`, which is closed with it.
    """
    opened: list[Visit] = []

    def opener(width: int = 1440, *, own: bool = False) -> Visit:
        seen = Visit(context.new_page()) if own or open_page in opened else open_page
        seen.errors.clear()
        seen.requests.clear()
        seen.page.set_viewport_size({"width": width, "height": 900})
        opened.append(seen)
        return seen

    yield opener
    for seen in opened:
        if seen is open_page:
            seen.page.goto(rest)
        else:
            seen.page.close()


@pytest.fixture
def first_visit(browser: Browser) -> Iterator[Visit]:
    """A reader who has never been here: nothing is kept from other visits."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield Visit(context.new_page())
    context.close()
