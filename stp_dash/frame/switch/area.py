"""The first control of the filter bar: the area, and a sheet of all areas that pushes the page down when it opens.

It works by links alone: a form sends a code that is typed, and each area is a link to the same page. Scripts
(`assets/areas.js`) filter the links while somebody types, go by arrow keys, and remember an area on the device.
"""

from __future__ import annotations

from datetime import date, timedelta

from db.catalogue.areas import boards_by_region, plain_name
from db.catalogue.policy_dates import BOARDS_MERGED
from db.domain import ENGLAND, Organisation
from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import aria
from stp_dash.elements.links import href, kept, read_search
from stp_dash.frame.request import PageRequest
from stp_dash.frame.state import KEPT

_BEFORE = BOARDS_MERGED - timedelta(days=1)


def area_switch(request: PageRequest, state: str) -> Component:
    """The control. `state` is the page's own address: every area's link is that page for it, about the same
    indicator and time, and about an organisation only where that is not the present area's own."""
    chosen = [html.Span("Area", className="l"), html.Span(request.area.name, className="now")]
    return html.Details(
        [html.Summary(chosen, id="control-area"), _sheet(request, _Addresses(request, state))],
        className="f whose",
        **{"data-area": request.area.code},
    )


class _Addresses:
    """The address of a page for each area, written once for all of them."""

    def __init__(self, request: PageRequest, state: str) -> None:
        path, _, query = kept(state, request.parameters, KEPT).partition("?")
        area = request.area
        ours = {*area.codes, *area.other_trusts}
        self.path = path
        self.others = {
            name: value
            for name, value in read_search(query).items()
            if name != "area" and not (name in {"organisation", "compare"} and value in ours)
        }
        self._before = href(path, **self.others, area="@").removesuffix("%40")

    def of(self, code: str) -> str:
        """The page for an area, always with its code: a link says whose page it is wherever it is opened."""
        return f"{self._before}{code}"


def _sheet(request: PageRequest, addresses: _Addresses) -> Component:
    catalogue, own = request.site.store.catalogue, request.area.code
    now, before = boards_by_region(catalogue, date.max), boards_by_region(catalogue, _BEFORE)
    columns: list[Component] = []
    for region, earlier in zip(now, before, strict=True):
        boards = sorted({*region.boards, *earlier.boards}, key=plain_name)
        items = [_area(board, addresses, own) for board in boards]
        columns.append(_column(_link(region.region, addresses, own), items))
    listed = [
        html.Li(_to(item.name, addresses.of(code), current=code == own))
        for code, item in request.site.settings.areas.items()
    ]
    england = _link(catalogue.organisations[ENGLAND], addresses, own)
    columns.append(_column(england, listed))
    counts = tuple(sum(len(item.boards) for item in parts) for parts in (now, before))
    return html.Div(
        [_intro(request, addresses, counts), html.Div(columns, className="regions")], className="sheet"
    )


def _intro(request: PageRequest, addresses: _Addresses, counts: tuple[int, ...]) -> Component:
    """How to find an area: a form that works by address alone, and the boards that are no more."""
    carried = [dcc.Input(type="hidden", name=name, value=value) for name, value in addresses.others.items()]
    form = html.Form(
        [
            html.Label("Name or code", htmlFor="area-words", className="l"),
            dcc.Input(id="area-words", name="area", type="search", maxLength=80, autoComplete="off"),
            *carried,
        ],
        action=addresses.path,
        method="GET",
        role="search",
    )
    since = date_text(BOARDS_MERGED)
    words = f"{counts[0]} areas now; {counts[1]} before {since}. “New” has been since then, “ended” was until then."
    switch = html.Details(
        [html.Summary(f"The {counts[1]} before {since}"), html.P("Those that ended stand among the others.")],
        className="before",
    )
    keep = html.Button(
        "Remember this area", type="button", className="btn remember", **{"data-area": request.area.code}
    )
    told = (
        "Kept in this browser alone: the site's first page then opens with it. Other links stay as they are."
    )
    return html.Div(
        [
            html.P(html.B("Choose an area")),
            form,
            switch,
            html.P(words, className="tiny sec"),
            html.Div([keep, html.P(told, className="tiny sec")], className="keeping"),
        ],
        className="intro",
    )


def _column(head: Component, items: list[Component]) -> Component:
    below = [html.Ul(items)] if items else []
    return html.Div([html.P(head, className="head"), *below], className="col")


def _area(board: Organisation, addresses: _Addresses, own: str) -> Component:
    """A board: those of one time only say so, and stand in its list alone."""
    new = board.opened_on is not None and board.opened_on >= BOARDS_MERGED
    note = "new" if new else "ended" if board.closed_on else ""
    return html.Li(
        [_link(board, addresses, own), *([html.Span(f" {note}", className="tiny sec")] if note else [])],
        className=note,
    )


def _link(item: Organisation, addresses: _Addresses, own: str) -> Component:
    return _to(plain_name(item), addresses.of(item.code), current=item.code == own, code=item.code)


def _to(words: str, address: str, *, current: bool, code: str = "") -> Component:
    marks = {"data-code": code} if code else {}
    marks |= aria(current="true") if current else {}
    return html.A(words, href=address, **marks)
