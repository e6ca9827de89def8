"""The frame that every page stands in: banner, header, filters, content, foot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from db.catalogue.source_files import Licence, publications
from db.domain.holdings import NOT_FILLING, DataVersion, Filling
from stp_dash.analysis.sheet import Sheet, Subject
from stp_dash.analysis.wording import date_text, listing
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import Control, aria, current_link, disclosure, filter_bar, open_sources
from stp_dash.elements.links import (
    FOLLOW,
    LOADING,
    ORGANISATION,
    OVERVIEW,
    PACK,
    download_address,
    href,
    kept,
    read_search,
)
from stp_dash.frame.elsewhere.head import document_title, feed_links
from stp_dash.frame.request import PageRequest
from stp_dash.frame.state import KEPT, chosen_for_pack
from stp_dash.frame.subject import NO_SUBJECT, PageSubject
from stp_dash.frame.switch.area import area_switch
from stp_dash.statistics.profiles import NATIONAL, PROFILES

SITE_TITLE = "Performance standards monitor"
FIND = f"{ORGANISATION}?find="
OPEN_GOVERNMENT = tuple(
    dict.fromkeys(
        item.publisher for item in publications().values() if item.licence is Licence.OPEN_GOVERNMENT
    )
)
LICENCE = (
    f"Contains public sector information licensed under the {Licence.OPEN_GOVERNMENT}. "
    f"Source: {listing(OPEN_GOVERNMENT)}."
)
DISCLAIMER = "This site is not an NHS England product. NHS England did not check what it shows."


@dataclass(frozen=True)
class Menu:
    """The pages that every page leads to, title and path: in its header, and at its foot."""

    navigation: tuple[tuple[str, str], ...]
    foot: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """A page's own part. `title` is the finding in words, `owners` whose figures it shows.

    `area_only` says that only the area can be chosen. `state` is the page's own address; `sheets` are the numbers
    of its charts, for downloads. `above` stands where other pages have their filters. `status` is what the document
    answers machines with. `subject` is what the pages that follow can be about too, `onward` where a reader goes next:
    words and address. `beside` are the indicators that it shows next to one another. `again` is after how many seconds
    the page is asked for anew, 0 for never: of what is under way. `rules` names the control chart rules of its series,
    "" for those of the address. `local` says that it has figures of own measures, which are what people here sent even
    where published figures are invented.
    """

    title: str
    body: Sequence[Component]
    lede: str = ""
    crumbs: Sequence[tuple[str, str]] = ()
    controls: Sequence[Control] = field(default_factory=tuple)
    state: str = ""
    owners: Sequence[str] = ()
    sheets: Sequence[Sheet] = ()
    above: Component | None = None
    status: int = 200
    subject: PageSubject = NO_SUBJECT
    onward: Sequence[tuple[str, str]] = ()
    again: int = 0
    area_only: bool = False
    rules: str = ""
    beside: Sequence[str] = ()
    local: bool = False

    @property
    def about(self) -> Subject:
        """What the page's first chart is about, in words."""
        return self.sheets[0].subject if self.sheets else Subject()


@dataclass(frozen=True)
class Way:
    """How a page leads on: the address of each page by its path, for what the reader has before them; links to what
    was brought along to this one, and that it was."""

    addresses: Mapping[str, str] = field(default_factory=dict)
    back: tuple[tuple[str, str], ...] = ()
    told: str = ""

    def to(self, path: str) -> str:
        """The address of a page."""
        return self.addresses.get(path, path)


def framed(
    request: PageRequest,
    page: Page,
    version: DataVersion,
    menu: Menu,
    way: Way | None = None,
    *,
    filling: Filling = NOT_FILLING,
) -> Component:
    """A whole page. `data-title` is the document's title for the browser; `filling` is told of, where any is."""
    way = way or Way()
    folded = request.width == "phone"
    actions = _actions(request, page, version, way) if page.state else []
    switched = bool(page.state) and (bool(page.controls) or page.area_only)
    switch = (request.area.name, area_switch(request, page.state)) if switched else None
    head: list[Any] = [
        _header(request, menu, way, folded=folded),
        page.above or filter_bar(page.controls, actions, folded=folded, first=switch),
    ]
    if request.printing:
        head = [_paper_bar(request, page, way)]
        open_sources(page.body)
    title = document_title(page.title, page.about, request.area.name, SITE_TITLE)
    told: dict[str, Any] = {"address": page.state, "title": title, "again": page.again}
    parts: list[Any] = [
        _banner(version, local=page.local) if version.demonstration else None,
        _coming(filling) if filling.coming else None,
        *head,
        html.Main(_main(request, page, way), id="main", tabIndex=-1, className="w"),
        _footer(request, page, version, menu, way),
        dcc.Store(id="state", data={**told, "feeds": feed_links(request, page.subject)}),
    ]
    shown = [part for part in parts if part is not None]
    if not request.printing:
        return html.Div(shown, className=f"page {request.width}")
    heading = " · ".join((page.title, request.area.name))
    marked = f"Demonstration data · {heading}" if version.demonstration else heading
    return html.Div(
        shown,
        className=f"page {request.width} paper",
        **{"data-heading": marked},
        **{"data-printed": f"As on {date_text(request.site.today())}"},
    )


def permalink(request: PageRequest, page: Page, version: DataVersion) -> str:
    """The address that reopens exactly what is seen: the page's state and the version of the data.

    What is shown as published by a day is fixed by that day.
    """
    own = kept(page.state, request.parameters, (*KEPT, "table", "rows"))
    if "published" in request.parameters or not version.number:
        return own
    return kept(own, {"version": str(version.number)}, ("version",))


def _main(request: PageRequest, page: Page, way: Way) -> list[Component]:
    crumbs = [_crumbs(page.crumbs)] if page.crumbs else []
    lede = [html.P(page.lede, className="lede", id="lede")] if page.lede else []
    site = html.P([html.B(SITE_TITLE), f" {request.area.name}"], className="paper-head")
    onward = [_onward(page, way)] if page.onward or way.back or way.told else []
    return [site, *crumbs, html.H1(page.title, id="title"), *lede, *onward, *page.body]


def _onward(page: Page, way: Way) -> Component:
    """Where a reader goes next, and what was brought along from the page before."""
    links = {address: words for words, address in (*page.onward, *way.back)}
    parts: list[Component] = []
    if links:
        items = [html.Li(html.A(words, href=address)) for address, words in links.items()]
        parts = [html.B("Go on to"), html.Ul(items)]
    told = [html.Span(way.told, className="sec")] if way.told else []
    return html.Nav([*parts, *told], className="onward", **aria(label="Go on to"))


def _crumbs(crumbs: Sequence[tuple[str, str]]) -> Component:
    parts: list[Any] = []
    for text, address in crumbs:
        parts += [dcc.Link(text, href=address) if address else html.Span(text), " › "]
    return html.Nav(parts[:-1], className="crumb", **aria(label="Where this page stands"))


def _banner(version: DataVersion, *, local: bool) -> Component:
    words = "Every number on this page is invented. Do not use it for decisions."
    if version.mixed:
        words = "Numbers marked as demonstration data are invented. Do not use them for decisions."
    elif local:
        words = (
            "Published figures on this page are invented: do not use them for decisions. "
            "The local ones are what people here sent."
        )
    inside = html.Div([html.B("Demonstration data"), html.Span(words)], className="w")
    return html.Aside(inside, className="demo", **aria(label="Demonstration data"))


def _coming(filling: Filling) -> Component:
    """What a page of a store that is still filling says of itself."""
    told = "Not all figures are loaded yet: what this page lacks, or says that there is none of, may still come. "
    far = f"{filling.done} of {filling.files} files are in" if filling.files else "How far it is"
    head = "Not all loaded" if filling.stopped else "Still loading"
    inside = [html.B(head), html.Span([told, html.A(far, href=LOADING)])]
    return html.Aside(html.Div(inside, className="w"), className="demo coming", **aria(label=head))


def _header(request: PageRequest, menu: Menu, way: Way, *, folded: bool) -> Component:
    """The site's name, the pages and the search; on a phone the pages fold into one button."""
    brand = dcc.Link(
        [html.B(SITE_TITLE), html.Span(request.area.name)],
        href=way.to(OVERVIEW),
        className="brand",
    )
    links = [current_link(text, way.to(path), current=path == request.path) for text, path in menu.navigation]
    find = dcc.Link(
        "Find an organisation" if folded else ["Find", html.Span(" an organisation", className="vh")],
        href=FIND,
        className="find",
    )
    follow = current_link("Follow", way.to(FOLLOW), current=request.path == FOLLOW, class_name="follow-link")
    nav: Component = html.Nav([*links, find, follow] if folded else links, **aria(label="Main"))
    inside = [brand, disclosure("Menu", nav, class_name="menu")] if folded else [brand, nav, find, follow]
    return html.Header(html.Div(inside, className="w"))


def _actions(request: PageRequest, page: Page, version: DataVersion, way: Way) -> list[Component]:
    """What can be done with the whole page: copy its address, take its numbers, print it, add it to a pack."""
    marks: dict[str, Any] = {"data-address": permalink(request, page, version)}
    copy = html.Button("Copy link", type="button", className="btn copy", **marks)
    paper = kept(permalink(request, page, version), {"print": "1"}, ("print",))
    shown = dcc.Link("Print", href=paper, className="btn")
    if not page.sheets:
        return [copy, shown]
    lists: list[Component] = []
    for sheet in page.sheets:
        links = [
            _file_link(request, page, sheet, words, kind)
            for words, kind in (("CSV", "csv"), ("XLSX", "xlsx"))
        ]
        lists.append(html.Li([html.Span(sheet.title), *links]))
    menu = disclosure("Download", html.Ul(lists), class_name="download all")
    return [copy, menu, shown, _pack_link(request, page, way)]


def _pack_link(request: PageRequest, page: Page, way: Way) -> Component:
    """To the board pack of what is seen: of what was chosen before and the page's own indicators, else of all.

    It is of the organisation that is seen where that is an area, and of the month where the area has figures of it.
    """
    chosen = chosen_for_pack(request)
    own = [page.subject.indicator] if page.subject.indicator else list(page.beside)
    found = list(dict.fromkeys([*chosen, *own]))
    code = page.subject.organisation
    elsewhere = code not in {"", request.area.commissioner} and request.site.settings.area_called(code)
    words = "Add to pack" if own else "Board pack"
    if chosen:
        words = f"Add to pack of {len(chosen)}" if len(found) > len(chosen) else f"Pack of {len(chosen)}"
    address = href(
        PACK,
        area=code if elsewhere else None,
        include=",".join(found) or None,
        period=read_search(way.to(PACK).partition("?")[2]).get("period"),
    )
    return dcc.Link(words, href=kept(address, request.parameters, KEPT), className="btn")


def _file_link(request: PageRequest, page: Page, sheet: Sheet, words: str, kind: str) -> Component:
    own = kept(page.state, request.parameters, KEPT)
    address = download_address(own, sheet.name, kind)
    return html.A(words, href=address, download="", **aria(label=f"{sheet.title} as {words}"))


def _paper_bar(request: PageRequest, page: Page, way: Way) -> Component:
    """On the screen, above a page laid out for paper: the way back, and the printer."""
    back = kept(page.state or request.path, request.parameters, KEPT)
    links: list[Component] = [
        dcc.Link("Back to the page", href=back),
        html.Button("Print", type="button", className="btn print"),
    ]
    if page.sheets:
        links.insert(1, _pack_link(request, page, way))
    return html.Nav(html.Div(links, className="w"), className="paper-bar", **aria(label="Printing"))


def _footer(request: PageRequest, page: Page, version: DataVersion, menu: Menu, way: Way) -> Component:
    others = [owner for owner in page.owners if not owner.startswith(OPEN_GOVERNMENT)]
    sources = [LICENCE, *(f"Source: {owner}." for owner in others), DISCLAIMER]
    links = [current_link(text, way.to(path), current=path == request.path) for text, path in menu.foot]
    top = [
        html.Nav(links, **aria(label="About this site")),
        html.P(state_words(request, version, page.rules), className="state"),
    ]
    address = f"{request.origin}{permalink(request, page, version)}" if page.state else ""
    parts = [
        html.Div(top, className="top"),
        html.Div([html.P(words) for words in sources], className="sources"),
        html.P(f"This page again: {address}", className="address") if address else None,
    ]
    return html.Footer(html.Div([part for part in parts if part is not None], className="w"))


def version_words(version: DataVersion) -> str:
    """The number of a data version, and when it was loaded where that is known."""
    return (
        f"{version.number}, loaded {date_text(version.loaded_on)}"
        if version.loaded_on
        else str(version.number)
    )


def state_words(request: PageRequest, version: DataVersion, rules: str = "") -> str:
    """Under which rules and of which state of the data the page is."""
    if not version.number:
        return "No data loaded"
    asked_rules = PROFILES.get(request.parameters.get("rules", ""), NATIONAL)
    parts = [rules or asked_rules.title, f"Data version {version_words(version)}"]
    asked = request.parameters.get("version")
    if asked and asked != str(version.number):
        parts[1] = f"Data version {asked} (now {version_words(version)})"
    return " · ".join([*parts, "Demonstration data"] if version.demonstration else parts)
