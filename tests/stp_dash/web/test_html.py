"""Pages as HTML: the same words, addresses and names as the elements have, and nothing that breaks out of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import orjson
import pytest
from flask import Flask, Request

from db.settings import load_settings
from stp_dash.application import create_app
from stp_dash.elements import dcc, html
from stp_dash.frame.request import Site, Width
from stp_dash.web.document import BrowserRequest, FirstView
from stp_dash.web.html import html_of
from tests.support.browser.states import OPERATIONS, STATES
from tests.support.seed import seeded_store, three_subjects
from tests.support.site.pages import page_at

_WIDTHS: tuple[Width, ...] = ("phone", "desktop")
_VOID = {"br", "hr", "img", "input"}
_MACHINERY = re.compile(
    r"python -m|\bmake \w+:|\w+\.(?:py|toml|lock)\b|\w+(?:Error|Exception)\b|Traceback|\bnan\b|::|\w\(\)"
    r"|\b(?:stp_dash|etl|sqlite|gunicorn|psycopg)\b"
)
"""What readers are not to meet: names of modules, exceptions, values of a program, commands of a shell."""
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 Version/17.4 Mobile/15E148 "
    "Safari/604.1"
)
DESKTOP = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"


class _Read(HTMLParser):
    """What a browser finds: text outside pictures, addresses of links, names of elements, and elements left open."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.names: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "a":
            self.links.append(str(found["href"]))
        if "id" in found and "svg" not in self.open:
            self.names.append(str(found["id"]))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "svg" not in self.open:
            self.words.append(data)


def _read(written: str) -> _Read:
    reader = _Read()
    reader.feed(written)
    reader.close()
    return reader


def _leaves(part: object, kind: str) -> Iterator[str]:
    """The words of elements, the addresses of their links or their names."""
    if isinstance(part, dict):
        properties = part["props"]
        if kind == "links" and "href" in properties:
            yield properties["href"]
        if kind == "names" and "id" in properties and part["type"] != "Store":
            yield properties["id"]
        yield from _leaves(properties.get("children"), kind)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from _leaves(item, kind)
    elif kind == "words" and part is not None:
        yield str(part)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    store = seeded_store(tmp_path_factory.mktemp("markup") / "store.sqlite", three_subjects())
    yield Site(store, load_settings())
    store.close()


@pytest.mark.parametrize("width", _WIDTHS)
def test_every_page_says_as_html_what_its_elements_say(site: Site, width: Width) -> None:
    application = create_app(site.store).server
    for address in (*STATES, "/downloads", "/compare"):
        path, _, query = address.partition("?")
        with application.test_request_context(address):
            page = page_at(site, path, f"?{query}", width)
        found = _read(html_of(page))
        assert "".join(found.words) == "".join(_leaves(page, "words")), address
        machinery = None if address in OPERATIONS else _MACHINERY.search(" ".join(found.words))
        assert machinery is None, (address, machinery)
        assert found.links == list(_leaves(page, "links")), address
        assert found.names == list(_leaves(page, "names")), address
        assert len(set(found.names)) == len(found.names), address
        assert found.open == [], address


def test_text_and_properties_cannot_break_out() -> None:
    hostile = html.P("<script>&", title='"><img src=x onerror=alert(1)>')
    assert html_of(hostile) == (
        '<p title="&quot;&gt;&lt;img src=x onerror=alert(1)&gt;">&lt;script&gt;&amp;</p>'
    )


def test_properties_have_the_names_of_html() -> None:
    label = html.Label(
        ["Words", html.Br()], htmlFor="field", className="l", style={"height": "2px", "color": "red"}
    )
    assert html_of(label) == '<label for="field" class="l" style="height:2px;color:red">Words<br></label>'
    assert (
        html_of(html.Details([html.Summary("More")], open=True))
        == "<details open><summary>More</summary></details>"
    )
    assert html_of(html.Details([], open=False)) == "<details></details>"
    assert html_of(html.Td("1", colSpan=2, tabIndex=0, **{"data-x": "y"})) == (
        '<td colspan="2" tabindex="0" data-x="y">1</td>'
    )
    assert html_of(dcc.Link("There", href="/there")) == '<a href="/there">There</a>'
    assert 'maxlength="8"' in html_of(dcc.Input(id="a", maxLength=8))
    assert html_of(html.P([None, 0, "0", ["a", html.B("b")]])) == "<p>00a<b>b</b></p>"


def test_an_element_that_nothing_is_known_of_is_refused() -> None:
    with pytest.raises(KeyError, match="Dropdown"):
        html_of(html.Div(dcc.Dropdown()))


def _request(address: str, **headers: str) -> Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    with Flask(__name__).test_request_context(address, headers=named) as context:
        return context.request


@pytest.mark.parametrize(
    ("address", "headers", "width"),
    (
        ("/trend", {"User_Agent": DESKTOP}, "desktop"),
        ("/trend", {"User_Agent": IPHONE}, "phone"),
        ("/trend", {"User_Agent": IPHONE.replace("iPhone", "iPad")}, "desktop"),
        ("/trend", {"User_Agent": DESKTOP, "Sec_CH_UA_Mobile": "?1"}, "phone"),
        ("/trend?print=1", {"User_Agent": IPHONE}, "tablet"),
        ("/trend", {}, "desktop"),
    ),
)
def test_telephones_say_that_they_are(address: str, headers: dict[str, str], width: str) -> None:
    assert BrowserRequest.of(_request(address, **headers)).width == width


def test_the_document_asks_as_the_scripts_would() -> None:
    asked = BrowserRequest.of(_request("/trend?organisation=RVV&to=2025-12", Host="standards.example"))
    assert (asked.path, asked.search) == ("/trend", "?organisation=RVV&to=2025-12")
    assert asked.origin == "http://standards.example"
    assert BrowserRequest.of(_request("/")).search == ""


def test_the_scripts_are_given_what_html_does_not_hold_and_it_cannot_end_its_block(site: Site) -> None:
    asked = BrowserRequest("/trend", "?organisation=</script><script>", "desktop", "http://here")
    page = page_at(site, asked.path, "")
    given = FirstView(asked, page).data_script
    assert given.count("</script>") == 1 and given.count("<") == 2
    held = orjson.loads(given.partition(">")[2].removesuffix("</script>"))
    assert held["asked"] == {
        "path": "/trend",
        "search": asked.search,
        "width": "desktop",
        "origin": "http://here",
    }
    assert [part["type"] for part in held["stores"]] == ["Store"]
    written = orjson.loads(orjson.dumps(page, option=orjson.OPT_SERIALIZE_NUMPY))
    assert {part["type"] for part in held["beside"]} == {"Graph", "Input"}
    for kind in ("Graph", "Input"):
        assert (
            [part for part in held["beside"] if part["type"] == kind] == list(_of_type(written, kind)) != []
        )


def _of_type(part: object, kind: str) -> Iterator[object]:
    """The elements of a kind, in the page's order."""
    if isinstance(part, dict) and part["type"] == kind:
        yield part
    children = part["props"].get("children") if isinstance(part, dict) else part
    for item in children if isinstance(children, list) else []:
        yield from _of_type(item, kind)
    if isinstance(children, dict):
        yield from _of_type(children, kind)
