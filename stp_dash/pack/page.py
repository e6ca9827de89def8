"""The board pack's page: what is in it, its files, and a picture of each sheet; its address is the pack's permalink."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, Response, request
from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from db.domain.timing import TIME_ZONE
from stp_dash.analysis.wording import counted, date_text
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import Choice, Control, card, image, notice
from stp_dash.elements.links import ISSUED, PACK, href, read_search
from stp_dash.frame.address import AddressError, read_parameters
from stp_dash.frame.request import PageRequest, ParameterError, Site
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.state import KEPT
from stp_dash.frame.subject import PageSubject
from stp_dash.frame.turns import BusyError
from stp_dash.pack.making import NotMadeError, document_of, pack_of, picture_addresses
from stp_dash.pack.model import BoardPack
from stp_dash.pack.own import may_have_own_sheets
from stp_dash.pack.read import PackReader
from stp_dash.pack.state import (
    ALL_INDICATORS,
    FAILING,
    PAPERS,
    PORTRAIT,
    WITH,
    WITHOUT,
    PackState,
)
from stp_dash.pack.words import pack_file_name
from stp_dash.pages.overview.page import overview_controls
from stp_dash.pages.overview.read import overview_taken
from stp_dash.web.access import current_person
from stp_dash.web.downloads import NOT_NOW
from stp_dash.web.router import UNREADABLE, WAIT_SECONDS


@dataclass(frozen=True)
class DocumentWords:
    """A kind of document: what people call it, and what machines do."""

    words: str
    media_type: str


KINDS = {
    "pdf": DocumentWords("PDF", "application/pdf"),
    "pptx": DocumentWords(
        "Slides, PPTX",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
    "xlsx": DocumentWords(
        "Workbook, XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    ),
}
"""The kinds of document."""
BUSY = "Other packs are being made at this moment. Try again in some seconds."
MOST_PICTURES = 24
LISTED = 5
"""So many issued packs are listed beside a pack."""
_PICTURE_WIDTH, _PICTURE_HEIGHT = 374, 265
_LOG = logging.getLogger(__name__)


def board_pack_page(asked: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?area=&include=all|failing|ID,ID...&period=YYYY-MM&commentary=with|without`, as of a time."""
    found = PackReader.of(asked, connection, version)
    state, pack = found.state, pack_of(asked, connection, version)
    try:
        shown = _pictures(state, picture_addresses(document_of(asked, "png")[1]))
    except (BusyError, NotMadeError) as error:
        words = str(error) or BUSY
        return _page(state, found, pack, notice("No pictures of the sheets now", html.P(words)), status=503)
    return _page(state, found, pack, shown)


def _page(
    state: PackState, found: PackReader, pack: BoardPack, shown: Component, *, status: int = 200
) -> Page:
    cards = [_files(state, pack), shown, _indicators(state, found, pack), _issued(state, found)]
    body = html.Div(cards, className="grid")
    return Page(
        title=f"Board pack: {counted(len(pack.sheets), 'indicators' if len(pack.sheets) > 1 else 'indicator')}",
        lede=f"{pack.title} {pack.lede}",
        body=[body],
        controls=[
            *overview_controls(found.held, state),
            _include(state),
            _commentary(state),
            *_own(state, found),
            _paper(state),
        ],
        state=state.address(),
        subject=PageSubject(period=state.values["period"]),
        status=status,
        again=0 if status == 200 else WAIT_SECONDS,
    )


def _include(state: PackState) -> Control:
    ways = ((ALL_INDICATORS, "All"), (FAILING, "What needs attention"))
    choices = [
        Choice(words, state.address(include=way), way == state.values["include"]) for way, words in ways
    ]
    if state.chosen:
        choices.append(Choice("Chosen ones", state.address(), True))
    return Control("include", "Indicators", tuple(choices))


def _commentary(state: PackState) -> Control:
    choices = (
        Choice("With", state.address(commentary=WITH), state.with_commentary),
        Choice("Without", state.address(commentary=WITHOUT), not state.with_commentary),
    )
    return Control("commentary", "Commentary", choices)


def _own(state: PackState, found: PackReader) -> list[Control]:
    """For who is signed in and may see some: whether own measures stand in the pack."""
    if not may_have_own_sheets(found.reader.connection, found.reader.request.signed_in):
        return []
    choices = (
        Choice("Without", state.address(own=WITHOUT), not state.with_own),
        Choice("With: local, unpublished", state.address(own=WITH), state.with_own),
    )
    return [Control("own", "Our own measures", choices)]


def _paper(state: PackState) -> Control:
    choices = (
        Choice(way.capitalize(), state.address(paper=way), way == state.values["paper"]) for way in PAPERS
    )
    return Control("paper", "A4 paper", tuple(choices))


def _files(state: PackState, pack: BoardPack) -> Component:
    """The documents, and that the same address gives them again."""
    links = [
        html.A(known.words, href=file_address(state, kind), className="btn", download="")
        for kind, known in KINDS.items()
    ]
    told = (
        "A file is made when it is asked for, which takes some seconds. The address of this page, by Copy link, makes "
        "the same pack again."
    )
    if state.with_own:
        told += " Its own measures are yours to see: who else opens the address has to sign in, and sees their own."
    marked = [html.P(html.B(f"Demonstration data. {pack.banner}"), className="small")] if pack.banner else []
    return card(
        html.H2("Files"), html.Div(links, className="steps"), *marked, html.P(told, className="small sec")
    )


def _issued(state: PackState, found: PackReader) -> Component:
    """The area's issued packs, the newest few, and the way to issue this one."""
    packs = found.reader.issued_packs(found.reader.request.area.code)
    items = [
        html.Li(
            [
                dcc.Link(item.title, href=href(ISSUED, pack=str(item.id))),
                html.Span(
                    f" issued {date_text(item.issued_at.astimezone(TIME_ZONE).date())}, data version "
                    f"{item.data_version}{', withdrawn' if item.withdrawn_at else ''}",
                    className="small sec",
                ),
            ]
        )
        for item in packs[:LISTED]
    ]
    listed = html.Ul(items) if items else html.P("None of this area yet.")
    own = read_search(state.address(own=None).partition("?")[2])
    links = [
        dcc.Link("Issue this pack", href=href(ISSUED, new="1", **own), className="btn"),
        dcc.Link("All issued packs", href=ISSUED, className="btn"),
    ]
    told = "An issued pack is kept as it is: later figures do not change it, and it says what they changed."
    if state.with_own:
        told += " It has no own measures: everybody can open it."
    return card(
        html.H2("Issued packs"),
        listed,
        html.P(told, className="small sec"),
        html.Div(links, className="steps"),
    )


def file_address(state: PackState, kind: str) -> str:
    """Where a document of the pack is."""
    _, _, query = state.address().partition("?")
    return f"{PACK}/board-pack.{kind}{f'?{query}' if query else ''}"


def _pictures(state: PackState, sheets: Sequence[str]) -> Component:
    """A picture of each sheet, which leads to it within the PDF; of a long pack those of the first sheets."""
    whole, count = file_address(state, "pdf"), len(sheets)
    items = []
    for number, sheet in enumerate(sheets[:MOST_PICTURES], 1):
        words = f"Sheet {number} of {count}"
        size = (_PICTURE_WIDTH, _PICTURE_HEIGHT)
        width, height = size[::-1] if state.values["paper"] == PORTRAIT else size
        drawn = image(sheet, words, width, height)
        items.append(
            html.Li([html.A(drawn, href=f"{whole}#page={number}"), html.Span(words, className="tiny sec")])
        )
    more = [] if count <= MOST_PICTURES else [html.P(f"The other {count - MOST_PICTURES} are in the files.")]
    return card(html.H2(f"The {count} sheets"), html.Ul(items, className="sheets"), *more)


def _indicators(state: PackState, found: PackReader, pack: BoardPack) -> Component:
    """A plain form that asks for other indicators, by address alone."""
    inside = {sheet.id for sheet in pack.sheets}
    held = {*found.held.own.periods, *found.held.trusts.periods, *inside}
    known = found.reader.request.site.store.catalogue.indicators
    options = [
        html.Option(f"{item.topic}: {item.short_name}", value=code, selected=code in inside)
        for code, item in known.items()
        if code in held
    ]
    carried = [
        dcc.Input(type="hidden", name=name, value=value)
        for name, value in found.reader.request.parameters.items()
        if name in {"period", "by", "paper", "commentary", "own", *KEPT}
    ]
    form = html.Form(
        [
            html.Label(
                "Indicators: hold Ctrl or Command to choose several", htmlFor="pack-include", className="l"
            ),
            html.Select(
                options, id="pack-include", name="include", multiple=True, size=str(min(16, len(options)))
            ),
            *carried,
            html.Div(html.Button("Make this pack", type="submit", className="btn"), className="steps"),
        ],
        action=PACK,
        method="GET",
        className="pack-form",
    )
    return card(html.H2("Choose indicators"), form)


def serve_pack(server: Flask, site: Site) -> None:
    """Answer `/pack/board-pack.<kind>` with the document, or say why there is none."""

    def answered(kind: str) -> Response:
        try:
            text = request.query_string.decode("utf-8", "replace")
            asked = PageRequest(
                site,
                PACK,
                read_parameters(PACK, text, PACK_PAGE.parameters, ()),
                signed_in=current_person(),
            )
            pack, content = document_of(asked, kind)
        except ParameterError as error:
            return _told(error.told, 400 if isinstance(error, AddressError) else 404)
        except (BusyError, NotMadeError) as error:
            return _told(str(error) or BUSY, 503)
        except UNREADABLE:
            _LOG.exception("the store cannot be read for a pack")
            return _told(NOT_NOW.strip(), 503)
        disposition = f'attachment; filename="{pack_file_name(pack, kind)}"'
        heads = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
        return Response(content, mimetype=KINDS[kind].media_type, headers=heads)

    server.add_url_rule(f"{PACK}/board-pack.<any({','.join(KINDS)}):kind>", "board_pack", answered)


def _told(words: str, status: int) -> Response:
    heads = {"Retry-After": str(WAIT_SECONDS)} if status == 503 else {}
    return Response(f"{words}\n", status=status, mimetype="text/plain", headers=heads)


PACK_PAGE = PageSpec(
    PACK,
    "Board pack",
    board_pack_page,
    in_foot=True,
    routes=serve_pack,
    parameters=PackState.parameter_names(),
    takes=overview_taken,
    for_editors=True,
)
