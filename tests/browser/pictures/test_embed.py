"""A card in a frame of another site: shown there, at any width and without scripts."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from playwright.sync_api import Browser, FrameLocator, Page

from tests.support.browser.axe import violations
from tests.support.browser.visits import Visit

pytestmark = pytest.mark.browser

Opener = Callable[..., Visit]
TREND = "/trend?indicator=cancer-62-day-combined&organisation=RPA&rules=nhs-r"
CARD = "/embed/trend?indicator=cancer-62-day-combined&organisation=RPA&rules=nhs-r&sheet=trend"
CARDS = (
    "/embed/trend?sheet=trend&indicator=cancer-62-day-combined",
    "/embed/overview?sheet=scorecard",
    "/embed/variation?sheet=ranked&indicator=cancer-62-day-combined",
    "/embed/staffing?sheet=areas",
    "/embed/organisation?organisation=RVV&sheet=profile",
    "/embed/trend?sheet=trend&table=trend",
)
COLUMNS = (328, 390, 640, 760, 1100)
"""How wide the columns of other sites are: on small and large telephones, on tablets and desktops."""
MARGINS = 16
FRAME = """() => [innerWidth, innerHeight, document.documentElement.scrollHeight,
  document.querySelector(".embedded").getBoundingClientRect().height]"""
OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


class OtherSite:
    """A page of somebody else, on an origin of its own."""

    def __init__(self) -> None:
        site = self
        self.body = ""

        class Answer(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                content = f"<!DOCTYPE html><title>Other site</title><body>{site.body}</body>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing is written to the terminal."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server.server_port}/"


@pytest.fixture
def other_site() -> Iterator[OtherSite]:
    site = OtherSite()
    thread = threading.Thread(target=site.server.serve_forever, daemon=True)
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()


def _framed(browser: Browser, other_site: OtherSite, code: str, width: int) -> FrameLocator:
    """The frame that another site's page has of a code, in a browser that runs no script."""
    other_site.body = code
    context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(other_site.address)
    return page.frame_locator("iframe")


def _code(page: Page, card: str) -> str:
    """What a reader copies from a card's menu."""
    page.locator(f"#card-{card} details.download > summary").press("Enter")
    page.locator(f"#card-{card} details.embed > summary").press("Enter")
    page.locator(f"#card-{card}").get_by_role("button", name="Copy code").press("Enter")
    page.get_by_role("status").filter(has_text="Code copied").wait_for()
    code: str = page.evaluate("navigator.clipboard.readText()")
    return code


def test_the_code_of_the_menu_shows_the_card_on_another_site(
    visit: Opener, browser: Browser, three_address: str, other_site: OtherSite
) -> None:
    seen = visit()
    code = _code(seen.go(three_address + TREND), "trend")
    assert unescape(re.findall(r'src="([^"]+)"', code)[0]) == three_address + CARD
    for width in (360, 1200):
        frame = _framed(browser, other_site, code, width)
        assert frame.get_by_role("heading", level=1).inner_text().startswith("62-day treatment")
        text = frame.locator("body").inner_text()
        for words in (
            "Demonstration data",
            "62-day treatment · Medway · ",
            "NHS England, Cancer Waiting Times",
            "NHS-R",
            "Data version 3",
        ):
            assert words in text, words
        assert frame.locator(".still > svg").locator("visible=true").count() == 1
        back = frame.get_by_role("link", name="Open on Performance standards monitor")
        assert back.get_attribute("target") == "_blank"
        assert back.get_attribute("rel") == "noopener"
        assert str(back.get_attribute("href")) == TREND
    assert seen.errors == []


@pytest.mark.parametrize(
    ("path", "card"),
    [(TREND, "trend"), ("/organisation?organisation=RVV", "profile")],
)
def test_no_card_scrolls_in_the_frame_that_its_code_makes(
    visit: Opener, browser: Browser, three_address: str, other_site: OtherSite, path: str, card: str
) -> None:
    other_site.body = _code(visit().go(three_address + path), card)
    page = browser.new_page()
    for width in COLUMNS:
        page.set_viewport_size({"width": width + MARGINS, "height": 900})
        page.goto(other_site.address)
        frame = page.frames[1]
        frame.wait_for_load_state("load")  # with its style: without, a card is higher
        frame.wait_for_selector(".embedded .back")
        wide, high, held, taken = frame.evaluate(FRAME)
        assert wide == min(width, 760)
        assert held <= high, width
        assert taken > 0.75 * high, width
    page.close()


def test_other_pages_refuse_to_be_framed(
    visit: Opener, browser: Browser, three_address: str, other_site: OtherSite
) -> None:
    for path in ("/trend", "/", "/sign-in", "/operations", "/download/trend.csv?sheet=trend", "/nowhere"):
        answer = httpx.get(three_address + path)
        assert answer.headers["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
    other_site.body = f'<iframe src="{three_address}/trend"></iframe>'
    seen = visit()
    seen.page.goto(other_site.address)
    assert any("frame" in words.lower() for words in seen.errors)
    assert not [frame for frame in seen.page.frames if frame.url.startswith(three_address)]


def test_a_card_has_a_narrow_policy_no_cookie_and_nothing_that_runs(three_address: str) -> None:
    answer = httpx.get(three_address + CARD)
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "style-src": "'self'",
        "style-src-attr": "'unsafe-inline'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "*",
    }
    assert "X-Frame-Options" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert not re.findall(r"<(script|form|input|button|select|iframe)|\son[a-z]+=", answer.text)
    for link in re.findall(r"<a [^>]*>", answer.text):
        assert 'target="_blank"' in link, link
        assert 'rel="noopener"' in link, link


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/embed", 400),
        ("/embed/trend", 400),
        ("/embed/trend?indicatr=cancer-62-day-combined&sheet=trend", 400),
        ("/embed/trend?sheet=trend&version=-1", 400),
        ("/embed/trend?sheet=nothing", 404),
        ("/embed/nowhere?sheet=trend", 404),
        ("/embed/operations?sheet=trend", 404),
        ("/embed/trend?sheet=trend&indicator=no-such-indicator", 404),
        ("/embed/trend?sheet=trend&version=999", 404),
        ("/embed/trend?sheet=%3Cscript%3E", 404),
    ],
)
def test_a_wrong_address_is_told_in_a_short_page(three_address: str, path: str, status: int) -> None:
    answer = httpx.get(three_address + path)
    assert answer.status_code == status
    assert "<h1>No card</h1>" in answer.text
    assert "<script>" not in answer.text
    assert len(answer.text) < 2_000


@pytest.mark.parametrize("card", CARDS)
def test_a_card_fits_narrow_frames_and_is_accessible(visit: Opener, three_address: str, card: str) -> None:
    for width in (320, 800):
        seen = visit(width)
        seen.page.goto(three_address + card)
        assert seen.page.evaluate(OVERFLOW) <= 0, width
        assert violations(seen.page) == [], width
        assert seen.errors == []
