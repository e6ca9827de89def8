"""The cards of the overview around its scorecard: attention, changes, the matrix, how to read the marks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from stp_dash.analysis.freshness import FreshnessChip
from stp_dash.analysis.signals import POINT_WORDS
from stp_dash.analysis.wording import date_text, number_word
from stp_dash.charts.lettering import line_count
from stp_dash.charts.svg.icons import assurance_svg, point_svg, variation_svg
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.charts.theme import BAND, CONTROL, DARK, GREY, PLUM, SECONDARY, WHITE
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import aria, card, card_head, image
from stp_dash.elements.links import kept
from stp_dash.frame.figure_card import alike
from stp_dash.frame.request import PageRequest
from stp_dash.pages.overview.attention import Attention
from stp_dash.pages.overview.changes import BETTER, REVISED, UNDONE, WORSE, Change, ReleaseNote
from stp_dash.pages.overview.matrix import Cell, Entry, Matrix, MatrixRow
from stp_dash.pages.overview.state import OverviewState
from stp_dash.pages.overview.words import Overview
from stp_dash.statistics.profiles import COMMON_CAUSE, CONCERN, IMPROVEMENT

ICON, SMALL_ICON = 32, 24
_ATTENTION_ROOM, _CHANGES_ROOM, _MATRIX_ROOM = 640.0, 392.0, 860.0
"""What a line of each has on a desktop, in pixels."""
_HOW_HEIGHT = 400.0
"""About how high the matrix is without its head where it ends with how to read the marks, in pixels."""
_KEPT = ("published", "version", "rules")


def linked(request: PageRequest, address: str) -> str:
    """An address with the reader's rules and as of when kept."""
    return kept(address, request.parameters, _KEPT) if request.parameters else address


@lru_cache
def variation_icon(variation: str | None, size: int = ICON, words: str = "") -> tuple[str, str, int]:
    """The variation icon's address, its words ("" beside words) and its size."""
    return data_address(variation_svg(variation)), words, size


@lru_cache
def assurance_icon(assurance: str, size: int = ICON, words: str = "") -> tuple[str, str, int]:
    """The assurance icon as a picture: its address, words and size in pixels."""
    return data_address(assurance_svg(assurance)), words, size


def icon(drawn: tuple[str, str, int]) -> Component:
    """An icon as an element."""
    address, words, size = drawn
    return image(address, words, size, size)


def chip_list(chips: Sequence[FreshnessChip]) -> Component:
    """How fresh each source is, a chip a source."""
    items = [html.Li(_chip(chip), className=f"chip {chip.state}") for chip in chips]
    return html.Ul(items, className="chips", **aria(label="How fresh each source is"))


def _chip(chip: FreshnessChip) -> list[Any]:
    parts: list[Any] = [html.B(chip.source), f" {chip.period}"]
    if chip.next:
        parts += [" · ", html.B(chip.next, className="bad") if chip.overdue else chip.next]
    return parts


def as_published(state: OverviewState) -> Component:
    """That the page is of another time, and the way back."""
    words = f"As {state.words}: later figures and revisions are left out."
    if state.as_of.version is not None:
        words = f"As {state.words}, {date_text(state.today)}: what was loaded later is left out."
    now = state.address(published=None, version=None)
    return html.P([words, " ", dcc.Link("Show today's figures", href=now)], className="then")


def attention_card(
    request: PageRequest, told: Sequence[Attention], view: Overview, *, wide: bool
) -> Component:
    """What needs attention, or that nothing does."""
    head = card_head("Needs attention")
    if told:
        body: Component = html.Ol([_attention(request, item) for item in told], className="att")
    else:
        known = sum(1 for row in view.rows if row.value_known)
        of = f"Of the {number_word(len(view.rows))} indicators {number_word(known)} can be judged: none"
        which = "No indicator" if known == len(view.rows) else of
        words = f"{which} is short, fails its standard or shows a concern signal, and no source is overdue."
        body = html.P(words if known else "There are no figures to judge.", className="small")
    return card(head, body, span=12 if wide else 8)


def _attention(request: PageRequest, item: Attention) -> Component:
    count = html.Div([html.B(item.count), " ", html.Span(item.unit)], className="big")
    link = dcc.Link(item.heading, href=linked(request, item.href))
    words = html.Div([html.H3(link), html.P(item.sentence, className="small")])
    return html.Li([count, words, _icons(request, item)])


def _icons(request: PageRequest, item: Attention) -> Component:
    """Both icons; beside their words on a phone, where there is room below."""
    row = item.row
    if row is None:
        return html.Div(className="icons")
    phone = request.width == "phone"
    words = ("", "") if phone else (f"Variation: {row.variation_words}", f"Assurance: {row.assurance.words}")
    pictures = (
        icon(variation_icon(row.variation, ICON, words[0])),
        icon(assurance_icon(row.assurance.icon, ICON, words[1])),
    )
    said = (row.variation_words, row.assurance.words) if phone else ("", "")
    return html.Div(
        [
            html.Span([picture, html.Span(text)], className="ic")
            for picture, text in zip(pictures, said, strict=True)
        ],
        className="icons",
    )


@lru_cache
def _change_mark(mark: str) -> str:
    """The shape beside a change; a revision and an undo have two arrows."""
    if mark in _TWO_ARROWS:
        inside = '<path d="M2 5h9L8.5 2.4M12 9H3l2.5 2.6" fill="none" stroke="#425563" stroke-width="1.6"/>'
    else:
        kind = {WORSE: "concern", BETTER: "improvement"}.get(mark, "common_cause")
        inside = point_svg(kind, 7, 7, 4.2)
    return data_address(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 14 14">{inside}</svg>')


_TWO_ARROWS = (REVISED, UNDONE)
_MARK_WORDS = {
    WORSE: POINT_WORDS[CONCERN],
    BETTER: POINT_WORDS[IMPROVEMENT],
    REVISED: "Revised",
    UNDONE: "Undone",
}


def changes_card(request: PageRequest, notes: Sequence[ReleaseNote], *, wide: bool) -> Component:
    """What each release changed; over the whole page the releases stand side by side."""
    parts = [_release(request, note) for note in notes]
    body = html.Div(parts, className="abreast" if wide else "")
    if not parts:
        body = html.P("No release is loaded yet.", className="small")
    return card(card_head("What changed since the last release"), body, span=12 if wide else 4)


def fits_beside(told: Sequence[Attention], notes: Sequence[ReleaseNote]) -> bool:
    """Whether what needs attention and what changed are about as high, on a desktop's 8 and 4 columns."""
    attention = sum(73 + 20 * line_count(item.sentence, _ATTENTION_ROOM, 14) for item in told)
    changes = 0
    for note in notes:
        lines = [f"{item.lead}{item.strong}{item.rest}" for item in note.changes]
        words = [note.settled, f"{note.topic} · {note.released}"]
        changes += 33 + sum(8 + 20 * line_count(line, _CHANGES_ROOM - 22, 14) for line in lines)
        changes += sum(20 * line_count(part, _CHANGES_ROOM, 14) for part in words)
    return alike(80.0 + attention, 80.0 + changes)


def _release(request: PageRequest, note: ReleaseNote) -> Component:
    head = html.P([html.B(note.topic), html.Span(f" · {note.released}", className="sec")], className="small")
    lines = html.Ul([_change(request, item) for item in note.changes]) if note.changes else None
    tail = html.P(note.settled, className="small sec") if note.settled else None
    return html.Div([part for part in (head, lines, tail) if part is not None], className="rel")


def _change(request: PageRequest, item: Change) -> Component:
    """A line whose first words, up to a colon or a comma, lead to the chart."""
    stop = ", " if item.mark in _TWO_ARROWS else ":"
    name, _, tail = item.lead.partition(stop)
    link = dcc.Link(name, href=linked(request, item.href))
    words: list[Any] = [link, f"{stop}{tail}", html.B(item.strong), item.rest]
    mark = image(_change_mark(item.mark), _MARK_WORDS.get(item.mark, POINT_WORDS[COMMON_CAUSE]), 14, 14)
    return html.Li([mark, html.Span(words)])


def scrolling(request: PageRequest, table: Component, words: str) -> Component:
    """A table of a page laid out for paper, which a small screen moves sideways."""
    if not request.printing:
        return table
    return html.Div(table, className="wide", tabIndex=0, role="region", **aria(label=words))


def matrix_card(request: PageRequest, given: Matrix, *, wide: bool) -> Component:
    """Where each indicator stands: a table, and a list on a phone."""
    body = _matrix_list(request, given) if request.width == "phone" else _matrix_table(request, given)
    return card(card_head("Where each indicator stands"), body, span=12 if wide else 8)


def _column_icon(key: str) -> Component:
    return icon(assurance_icon(key, SMALL_ICON))


def _matrix_table(request: PageRequest, given: Matrix) -> Component:
    heads = [
        html.Th(html.Span([_column_icon(key), words], className="ic"), scope="col")
        for key, words in given.columns
    ]
    rows = [
        html.Tr([_row_head(row), *(_matrix_cell(request, cell) for cell in row.cells)]) for row in given.rows
    ]
    caption = html.Caption("Variation against assurance", className="vh")
    whole = html.Table([caption, html.Thead(html.Tr([html.Td(), *heads])), html.Tbody(rows)], className="mx")
    return scrolling(request, whole, "Where each indicator stands")


def _row_head(row: MatrixRow) -> Component:
    return html.Th(
        html.Span([icon(variation_icon(row.icon, SMALL_ICON)), row.words], className="ic"),
        scope="row",
    )


def _matrix_cell(request: PageRequest, cell: Cell) -> Component:
    tone = "warm" if cell.tone == "hot" and not cell.entries else cell.tone
    if not cell.entries:
        return html.Td("None", className=f"sec {tone}".strip())
    return html.Td([_entry(request, item) for item in cell.entries], className=tone)


def _entry(request: PageRequest, item: Entry) -> Component:
    note = [html.Span(f" ({item.note})", className="sec")] if item.note else []
    return html.Div([dcc.Link(item.name, href=linked(request, item.href)), *note])


def _matrix_list(request: PageRequest, given: Matrix) -> Component:
    """On a phone: the cells that hold something, each under its two headings."""
    parts = []
    for row in given.rows:
        for (key, words), cell in zip(given.columns, row.cells, strict=True):
            if cell.entries:
                first = html.Span([icon(variation_icon(row.icon, SMALL_ICON)), row.words], className="ic")
                second = html.Span([_column_icon(key), words], className="ic")
                items = [html.Li(_entry(request, item)) for item in cell.entries]
                parts.append(html.Div([html.H3([first, " ", second]), html.Ul(items)]))
    return html.Div(parts, className="stands")


def stands_beside_how(given: Matrix) -> bool:
    """Whether the matrix is about as high as how to read the marks, on a desktop's 8 and 4 columns."""
    room = _MATRIX_ROOM / (len(given.columns) + 1) - 24
    rows = 0.0
    for row in given.rows:
        entries = ([f"{item.name} {item.note}" for item in cell.entries] for cell in row.cells)
        rows += max(54, *(24 + sum(24 * line_count(text, room, 14) for text in cell) for cell in entries))
    return rows <= _HOW_HEIGHT or alike(rows, _HOW_HEIGHT)


@lru_cache
def how_card(*, wide: bool = False) -> Component:
    """How to read the marks, with the marks themselves."""
    items = [
        ([icon(drawn) for drawn in drawings], heading, words)
        for drawings, heading, words in (
            (
                (variation_icon("improvement_high", SMALL_ICON), variation_icon("concern_low", SMALL_ICON)),
                "Variation",
                " asks whether the latest point is more than chance. The mark is the chart's own last point: triangle "
                "for a rule broken on the better side, diamond on the worse, square where neither is better, circle "
                "for none.",
            ),
            (
                (assurance_icon("pass", SMALL_ICON), assurance_icon("fail", SMALL_ICON)),
                "Assurance",
                " asks whether the process can meet its standard. The block is the range that it moves in, the line is "
                "the standard.",
            ),
            (
                (assurance_icon("above", SMALL_ICON), assurance_icon("below", SMALL_ICON)),
                "Beside an average",
                " says on which side of England, or of the audit's national figure, the latest figure lies. It is no "
                "verdict: there is no standard.",
            ),
        )
    ]
    trend, strip = _samples()
    items += [
        (
            [image(trend, "", 56, 24)],
            "Trend",
            ": the last 24 periods. Band and dashes are process limits, the thin line the mean, plum the standard. "
            "Marks only on the last point and the run that it belongs to. Hollow: provisional.",
        ),
        (
            [image(strip, "", 56, 24)],
            "Each trust or CCG",
            ": one dot each, the worst at the left. Solid line: the standard. Dashed "
            "line: England or the audit's national figure.",
        ),
    ]
    parts: list[Component] = []
    for drawn, heading, words in items:
        parts += [html.Dt(drawn), html.Dd([html.B(heading), words])]
    return card(card_head("How to read the marks"), html.Dl(parts, className="marks"), span=12 if wide else 4)


@lru_cache
def _samples() -> tuple[str, str]:
    """A small trend and a small strip, as the scorecard draws them, without words of their own."""
    limits = f'<path d="M0 5H56M0 19H56" stroke="{CONTROL}" stroke-dasharray="3 3"/>'
    mean = f'<path d="M0 12H56" stroke="{SECONDARY}"/>'
    line = f'<path d="M2 13l8-5 8 7 8-5 8 6 8-7 8 4" fill="none" stroke="{GREY}" stroke-width="1.75"/>'
    last = point_svg("common_cause", 50, 13, 3.6, hollow=True)
    trend = f'<rect y="5" width="56" height="14" fill="{BAND}"/>{limits}{mean}{line}{last}'
    levels = (
        f'<path d="M2 12H54" stroke="{CONTROL}"/><path d="M38 3V21" stroke="{PLUM}" stroke-width="2"/>'
        f'<path d="M26 3V21" stroke="{SECONDARY}" stroke-width="1.5" stroke-dasharray="3 2"/>'
    )
    dots = "".join(f'<circle cx="{x}" cy="12" r="4.5" fill="{DARK}" stroke="{WHITE}"/>' for x in (10, 19, 47))
    drawn = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 56 24">{item}</svg>'
        for item in (trend, levels + dots)
    )
    first, second = (data_address(item) for item in drawn)
    return first, second
