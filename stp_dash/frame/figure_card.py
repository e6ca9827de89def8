"""A card with a chart: its sentence, its table and its downloads, alike on every page."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from stp_dash.analysis.sheet import Column, Sheet
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import aria, card, card_foot, card_head, current_link, disclosure, table
from stp_dash.elements.links import download_address, embed_address, read_search, search
from stp_dash.frame.request import PageRequest, Width

PAGE_ROWS = 50
TABLE, ROWS_FROM = "table", "rows"
_PICTURES = (("Copy picture", "copy"), ("Picture as PNG", "png"), ("Picture as SVG", "svg"))
EMBED_HEIGHT = 720
"""Pixels that a frame of another site gives a card; what is higher scrolls in it."""
_GUTTER, _PADDING = 24.0, 50.0
_DESKTOP = 1036.0, 1376.0
"""The least and the greatest width of a desktop's page between its margins."""
_MOST_EMPTY = 0.28


def figure_card(
    request: PageRequest,
    address: str,
    sheet: Sheet,
    drawing: Sequence[Component],
    *,
    sentence: str = "",
    foot: str = "",
    aside: Sequence[Component] = (),
    about: Sequence[Component] = (),
    span: int = 12,
) -> Component:
    """A chart with its numbers. `address` is that of the page's state, without `table` and `rows`.

    The tab Table shows the first rows of the sheet in the chart's place; paper shows both. `drawing` are the chart's
    parts and its key, `aside` further tabs, `about` what unfolds under About, `foot` the coverage or method.
    """
    chosen = request.parameters.get(TABLE) == sheet.name
    shown: list[Component] = []
    if not chosen or request.printing:
        shown += [html.Div(list(drawing), className="drawing")]
    if chosen or request.printing:
        shown += _table(request, address, sheet)
    said = [html.P(sentence, className="say")] if sentence else []
    right = _source_line(sheet)
    head = card_head(
        sheet.title, html.Div([_tabs(request, address, sheet, chosen=chosen), *aside], className="acts")
    )
    unfolded = (
        [disclosure("About", *about, class_name="source", named=f"About: {sheet.title}")] if about else []
    )
    marks: dict[str, Any] = {"data-card": sheet.name, "data-title": sheet.title, "data-say": sentence}
    marks |= {"data-source": right, "data-demonstration": "1" if sheet.demonstration else "0"}
    marks |= {"data-subject": sheet.subject.words, "data-file": sheet.file_name}
    inside = html.Div(
        [head, *said, *shown, *unfolded, card_foot(foot, right)], id=f"card-{sheet.name}", **marks
    )
    return card(inside, span=span)


def drawing_room(width: Width, span: int) -> tuple[float, float]:
    """The least and the greatest width of what a card holds, in pixels, on screens of a width (`assets/site.css`).

    `span` is the card's part of twelve columns; on all but a desktop a card is as wide as the page.
    """
    if width == "phone":
        return 254.0, 533.0
    if width == "tablet":
        return 518.0, 985.0
    least, most = ((page + _GUTTER) * span / 12 - _GUTTER - _PADDING for page in _DESKTOP)
    return least, most


def alike(one: float, other: float) -> bool:
    """Whether two cards of about these heights can stand side by side without leaving much of one empty."""
    return abs(one - other) <= _MOST_EMPTY * max(one, other)


def _source_line(sheet: Sheet) -> str:
    """The right of a card's foot: who published the numbers, and whether they are invented."""
    marked = "Demonstration data" if sheet.demonstration else ""
    return " · ".join(part for part in (sheet.source, marked) if part)


def table_card(
    request: PageRequest,
    address: str,
    sheet: Sheet,
    *,
    sentence: str = "",
    foot: str = "",
    aside: Sequence[Component] = (),
    above: Sequence[Component] = (),
    rows: int = PAGE_ROWS,
    span: int = 12,
    folded: bool = False,
) -> Component:
    """A card whose numbers are a table and no chart: `rows` of it, the way to further ones, and its downloads.

    `above` stands between its sentence and the table. A `folded` table unfolds under a summary; it stands open on paper
    and where its rows are asked for.
    """
    said = [html.P(sentence, className="say")] if sentence else []
    right = _source_line(sheet)
    acts = html.Div([*aside, _downloads(request, address, sheet, pictures=False)], className="acts")
    numbers = _table(request, address, sheet, rows)
    if folded:
        asked = request.parameters.get(TABLE) == sheet.name
        words = f"The table of {sheet.length:,} rows"
        numbers = [disclosure(words, *numbers, opened=request.printing or asked, class_name="unfold")]
    inside = [
        card_head(sheet.title, acts),
        *said,
        *above,
        *numbers,
        card_foot(foot, right),
    ]
    return card(html.Div(inside, id=f"card-{sheet.name}"), span=span)


def _with(address: str, **more: str) -> str:
    path, _, query = address.partition("?")
    return path + search(**{**read_search(query), **more})


def _tabs(request: PageRequest, address: str, sheet: Sheet, *, chosen: bool) -> Component:
    """Chart and table are addresses; downloads unfold."""
    links = [
        current_link("Chart", address, current=not chosen, kind="true", named=f"Chart: {sheet.title}"),
        current_link(
            "Table",
            _with(address, table=sheet.name),
            current=chosen,
            kind="true",
            named=f"Table: {sheet.title}",
        ),
        _downloads(request, address, sheet, pictures=not chosen),
    ]
    return html.Div(
        links, className="tabs", role="group", **aria(label=f"{sheet.title}: chart, table, download")
    )


def _downloads(request: PageRequest, address: str, sheet: Sheet, *, pictures: bool) -> Component:
    files = [
        html.Li(
            html.A(
                words,
                href=download_address(address, sheet.name, kind),
                download="",
                **aria(label=f"{words}: {sheet.title}"),
            )
        )
        for words, kind in (("Numbers as CSV", "csv"), ("Numbers as a workbook (XLSX)", "xlsx"))
    ]
    kinds = _PICTURES if pictures else ()
    drawn = [html.Li(_picture(sheet, words, kind)) for words, kind in kinds]
    embed = html.Li(_embed(request, address, sheet))
    return disclosure(
        "Download", html.Ul([*files, *drawn, embed]), class_name="download", named=f"Download: {sheet.title}"
    )


def _embed(request: PageRequest, address: str, sheet: Sheet) -> Component:
    """What other sites write to show the card, to select and copy."""
    base = request.site.settings.notify.site.rstrip("/") or request.origin
    source = escape(base + embed_address(address, sheet.name))
    title = escape(": ".join(part for part in (sheet.title, sheet.subject.words) if part))
    frame = f'width="100%" height="{EMBED_HEIGHT}" style="border:0" loading="lazy"'
    code = html.Code(f'<iframe src="{source}" title="{title}" {frame}></iframe>')
    button = html.Button("Copy code", type="button", className="btn copy-code")
    return disclosure(
        "Embed",
        html.P("For a page of another site:"),
        code,
        button,
        class_name="embed",
        named=f"Embed: {sheet.title}",
    )


def _picture(sheet: Sheet, words: str, kind: str) -> Component:
    """A button that `assets/pictures.js` answers with a picture of the card's chart, what it is and when inside."""
    marks: dict[str, Any] = {"data-card": sheet.name, "data-format": kind}
    marks |= aria(label=f"{words}: {sheet.title}")
    return html.Button(words, type="button", className="picture", **marks)


def _table(request: PageRequest, address: str, sheet: Sheet, count: int = PAGE_ROWS) -> list[Component]:
    first = _first_row(request, sheet)
    columns = sheet.table
    heads = [column.heading for column in columns]
    last = min(sheet.length, first + count)
    rows: list[list[Component | str]] = [
        [_cell(column, place) for column in columns] for place in range(first, last)
    ]
    numeric = [place for place, column in enumerate(columns) if column.numeric]
    found = table(sheet.caption, heads, rows, numeric=numeric, class_name="sheet")
    if sheet.length <= count:
        return [found]
    return [found, _turn(address, sheet, first, last, count)]


def _cell(column: Column, place: int) -> Component | str:
    words = column.shown[place] if place < len(column.shown) else ""
    link = column.links[place] if place < len(column.links) else ""
    if not link:
        return words
    return dcc.Link(words, href=link) if link.startswith("/") else html.A(words, href=link)


def _first_row(request: PageRequest, sheet: Sheet) -> int:
    asked = request.parameters.get(ROWS_FROM, "1")
    row = int(asked) - 1 if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    return row if 0 <= row < sheet.length and request.parameters.get(TABLE) == sheet.name else 0


def _turn(address: str, sheet: Sheet, first: int, last: int, count: int) -> Component:
    """Which rows are shown, and the way to those before and after."""
    links: list[Component] = []
    for words, row, there in (
        ("Earlier rows", max(0, first - count), first > 0),
        ("Later rows", last, last < sheet.length),
    ):
        if there:
            target = _with(address, table=sheet.name, rows=str(row + 1))
            links.append(dcc.Link(words, href=target, className="btn"))
    told = html.Span(f"Rows {first + 1:,} to {last:,} of {sheet.length:,}. The downloads hold them all.")
    return html.Div([told, *links], className="turn small sec")
