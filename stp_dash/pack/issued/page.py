"""The page of issued packs: all of them, one with its documents and what would differ now, and how one is issued."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from db.service.packs.issued import IssuedPack, figures_issued, issued_pack_by_id, issued_packs
from db.service.packs.orders import PackOrder, standing_orders
from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, Content, dcc, html
from stp_dash.elements.components import card, card_head, facts, notice
from stp_dash.elements.forms import button, choice, entry, field, form
from stp_dash.elements.links import ISSUED, PACK, href, issued_document, kept, read_search
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import takes_as_it_is
from stp_dash.pack.issued.differences import PackDifference, pack_differences
from stp_dash.pack.issued.routes import (
    CANCER,
    END_ORDER,
    ISSUE,
    LONGEST_TITLE,
    ORDER,
    WITHDRAW,
    register_issued,
)
from stp_dash.pack.page import KINDS
from stp_dash.pack.read import PackReader
from stp_dash.pages.operations.parts import rows, sign_in_link
from stp_dash.pages.operations.read import Actor, actor_of, names_hidden, source_names
from stp_dash.pages.operations.words import count_words, moment_text, now_utc, size_text
from stp_dash.web.acting.said import said_once

LISTED = 50
MOST_DIFFERENCES = 100
_CRUMBS = (("Board pack", PACK), ("Issued packs", ISSUED))
_KEPT_WORDS = "A pack that was issued never changes: its documents open byte for byte as they were."


@dataclass(frozen=True)
class _Visit:
    """One look at the page: what is asked, who looks, and when."""

    request: PageRequest
    connection: Connection
    version: DataVersion
    actor: Actor
    now: datetime


def issued_packs_page(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The list; `?pack=7` for one of them, `?new=1&...` with a pack's own parameters to issue or order that."""
    visit = _Visit(request, connection, version, actor_of(request, connection), now_utc())
    if "pack" in request.parameters:
        page = _one(visit, _asked_for(visit))
    elif "new" in request.parameters:
        page = _new(visit)
    else:
        page = _list(visit)
    told = {"title": page.title, "lede": page.lede, "body": page.body}
    return replace(page, **names_hidden(connection, told))


def _asked_for(visit: _Visit) -> IssuedPack:
    typed = visit.request.parameters["pack"]
    found = issued_pack_by_id(visit.connection, int(typed)) if typed.isdecimal() and len(typed) < 9 else None
    if found is None:
        links = (("All issued packs", ISSUED),)
        told = f"There is no issued pack {typed}."
        raise ParameterError("pack", typed, "the number of an issued pack", links, told=told)
    return found


def _page(title: str, lede: str, cards: Sequence[Component], crumbs: Sequence[tuple[str, str]]) -> Page:
    return Page(
        title=title,
        lede=lede,
        body=[*said_once(), html.Div(list(cards), className="grid ops")],
        crumbs=crumbs,
    )


# All of them


def _list(visit: _Visit) -> Page:
    found = issued_packs(visit.connection, most=LISTED)
    orders = standing_orders(visit.connection)
    cells = [_row(item, visit) for item in found]
    heads = ("Pack", "Area", "Issued", "Figures", "Documents")
    listed = (
        rows("Issued packs, newest first", heads, cells, width=visit.request.width, class_name="issued")
        if found
        else html.P("No pack has been issued yet.")
    )
    how = html.P(
        [
            dcc.Link("Open a pack", href=PACK),
            " and choose ",
            html.B("Issue this pack"),
            " to keep it as it is.",
        ],
        className="small",
    )
    cards = [card(card_head("Issued packs"), listed, how), _orders_card(orders, visit)]
    return _page("Issued packs", _KEPT_WORDS, cards, (_CRUMBS[0], ("Issued packs", "")))


def _row(item: IssuedPack, visit: _Visit) -> list[Content]:
    name = dcc.Link(item.title, href=href(ISSUED, pack=str(item.id)))
    title: Content = [name, html.Span(" Withdrawn", className="small")] if item.withdrawn_at else name
    invented = ", demonstration data" if item.demonstration else ""
    links: list[Content] = []
    for document in item.documents:
        links += [html.A(document.kind.upper(), href=issued_document(item.id, document.kind)), " "]
    return [
        title,
        _area_name(item.area, visit),
        _issued_words(item, visit),
        f"Data version {item.data_version}{invented}",
        links,
    ]


def _issued_words(item: IssuedPack, visit: _Visit) -> str:
    itself = ", as ordered" if item.order_id is not None else ""
    return f"{moment_text(item.issued_at, visit.now)} by {item.issued_by}{itself}"


def _area_name(code: str, visit: _Visit) -> str:
    found = visit.request.site.settings.area_called(code)
    return found.name if found else code


def _orders_card(orders: Sequence[PackOrder], visit: _Visit) -> Component:
    """What is issued by itself, and for operators how an order ends."""
    if not orders:
        told = "No pack is issued by itself. An operator can order one from its page, by Issue this pack."
        return card(card_head("Issued by themselves"), html.P(told, className="small"))
    names = source_names(visit.request)
    cells: list[list[Content]] = []
    for order in orders:
        last = f"the one after {order.last.label}" if order.last else "the first that comes"
        ends = (
            form(END_ORDER, visit.actor.token, [button("End this order")], hidden={"order": str(order.id)})
            if visit.actor.name
            else ""
        )
        cells.append(
            [
                dcc.Link(order.title, href=order.address),
                f"when {names.get(order.source, order.source)} of a new period is loaded",
                last,
                f"{moment_text(order.made_at, visit.now)} by {order.made_by}",
                ends,
            ]
        )
    heads = ("Pack", "Issued", "Next period", "Ordered", "")
    return card(
        card_head("Issued by themselves"),
        rows("Packs that are issued by themselves", heads, cells, width=visit.request.width),
    )


# One


def _one(visit: _Visit, item: IssuedPack) -> Page:
    at = _issued_words(item, visit)
    lede = f"{_area_name(item.area, visit)}, issued {at}, of data version {item.data_version}. {_KEPT_WORDS}"
    withdrawn = []
    if item.withdrawn_at is not None:
        when = f"{moment_text(item.withdrawn_at, visit.now)} by {item.withdrawn_by}"
        withdrawn = [notice(f"Withdrawn {when}", html.P(item.withdrawn_because or ""))]
    cards = [*withdrawn, _documents_card(item), _differences_card(visit, item)]
    if visit.actor.name and item.withdrawn_at is None:
        cards.append(_withdraw_card(visit.actor, item))
    return _page(item.title, lede, cards, (*_CRUMBS, (item.title, "")))


def _documents_card(item: IssuedPack) -> Component:
    links = [
        html.A(
            f"{KINDS[document.kind].words}, {size_text(document.size)}",
            href=issued_document(item.id, document.kind),
            className="btn",
            download="",
        )
        for document in item.documents
    ]
    marked = [html.P(html.B("Demonstration data"), className="small")] if item.demonstration else []
    told: list[tuple[str, Content]] = [
        ("Made by", f"Program {item.code_version}"),
        ("Commentary", f"As of revision {item.commentary}" if item.commentary else "None in the pack"),
        *((f"SHA-256, {document.kind.upper()}", html.Code(document.sha256)) for document in item.documents),
        ("The same pack, live", dcc.Link("Of the figures of now", href=item.address)),
    ]
    return card(card_head("Documents"), html.Div(links, className="steps"), *marked, facts(told))


def _differences_card(visit: _Visit, item: IssuedPack) -> Component:
    """The figures that would be others now, the newest periods of each series first."""
    reader = StoreReader(_now_of(visit.request, item), visit.connection, visit.version)
    figures = figures_issued(visit.connection, item.id)
    found = pack_differences(reader, figures)
    head = card_head("What would differ now")
    compared = f"{count_words(len(figures), 'figure')} of the pack were compared with data version"
    if not found:
        return card(head, html.P(f"Nothing: all {compared} {visit.version.number}."))
    told = f"{count_words(len(found), 'figure')} would differ now. {compared} {visit.version.number}."
    cut = [html.P(f"The first {MOST_DIFFERENCES} are listed.", className="small")]
    heads = ("Indicator", "Organisation", "Period", "In the pack", "Now")
    cells = [_difference(one) for one in found[:MOST_DIFFERENCES]]
    return card(
        head,
        html.P(told),
        rows("Figures that would differ now", heads, cells, width=visit.request.width),
        *(cut if len(found) > MOST_DIFFERENCES else []),
    )


def _difference(one: PackDifference) -> list[Content]:
    return [one.indicator, one.organisation, one.period.label, one.then, one.now]


def _now_of(request: PageRequest, item: IssuedPack) -> PageRequest:
    return PageRequest(request.site, ISSUED, {"area": item.area}, request.width)


def _withdraw_card(actor: Actor, item: IssuedPack) -> Component:
    told = "The pack stays and can still be opened; its page, the list and the API say that it was withdrawn, and why."
    parts = [field("Reason", entry("reason", "withdraw-reason", "", longest=300), "withdraw-reason")]
    parts.append(html.Div(button("Withdraw this pack"), className="steps"))
    asked = form(WITHDRAW, actor.token, parts, hidden={"pack": str(item.id)})
    return card(card_head("Withdraw"), html.P(told, className="small"), asked)


# A new one


def _new(visit: _Visit) -> Page:
    """The forms for the pack that the other parameters ask for. Raises ParameterError for one that there is not."""
    others = {name: value for name, value in visit.request.parameters.items() if name not in {"new", "own"}}
    asked = PageRequest(visit.request.site, PACK, others, visit.request.width)
    found = PackReader.of(asked, visit.connection, visit.version)
    found.overview()
    address = found.state.address()
    back = dcc.Link("The pack as it is now", href=address)
    title = f"Issue a board pack of {visit.request.area.name}"
    crumbs = (*_CRUMBS, ("Issue a pack", ""))
    if visit.actor.name is None:
        here = kept(href(ISSUED, new="1"), read_search(address.partition("?")[2]), found.state.values)
        who = "Operators issue packs." if visit.actor.possible else "Nobody can issue a pack yet."
        way = [sign_in_link(back=here)] if visit.actor.possible else []
        return _page(title, _KEPT_WORDS, [card(html.P(who), *way, html.P(back))], crumbs)
    name = f"{visit.request.area.name}, {date_text(visit.request.site.today())}"
    hidden = {"address": address}
    titled = field("Title", entry("title", "pack-title", name, longest=LONGEST_TITLE), "pack-title")
    once = form(
        ISSUE,
        visit.actor.token,
        [titled, html.Div(button("Issue now", primary=True), className="steps")],
        hidden=hidden,
    )
    sources = list(source_names(visit.request).items())
    ordered = form(
        ORDER,
        visit.actor.token,
        [
            field(
                "Title",
                entry("title", "order-title", visit.request.area.name, longest=LONGEST_TITLE),
                "order-title",
            ),
            field(
                "Issue whenever a new period is loaded of",
                choice("source", "order-source", sources, CANCER),
                "order-source",
            ),
            html.Div(button("Issue by itself"), className="steps"),
        ],
        hidden=hidden,
    )
    made = "PDF, slides and workbook are made and kept; that takes some seconds."
    each = (
        "The scheduler makes and issues the same pack once for each new period, when no run of that source waits or is "
        "at work. A month in the address is left out: each pack is of the latest figures."
    )
    cards = [
        card(card_head("Issue this pack now"), html.P(made, className="small"), once, html.P(back)),
        card(card_head("Issue it every month"), html.P(each, className="small"), ordered),
    ]
    return _page(title, _KEPT_WORDS, cards, crumbs)


ISSUED_PAGE = PageSpec(
    ISSUED,
    "Issued packs",
    issued_packs_page,
    needs_data=False,
    routes=register_issued,
    takes=takes_as_it_is,
)
