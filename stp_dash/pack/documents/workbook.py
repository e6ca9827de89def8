"""The pack's numbers as a workbook: contents, a sheet an indicator, the parts, and what the columns mean."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from stp_dash.pack.documents.archive import timed_alike
from stp_dash.pack.documents.standard_input import write_document
from stp_dash.pack.model import BoardPack, IndicatorSheet, PackCell, PackColumn

_BOLD, _TITLE = Font(bold=True), Font(bold=True, size=14)
_INVENTED = PatternFill("solid", fgColor="FFF6DB")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
_SAID = "Commentary and events"
_COMMENTARY = (
    "indicator",
    "indicator_name",
    "period",
    "what_happened",
    "what_is_being_done",
    "assurance",
    "written_as",
    "shown_on",
    "written",
)
_ENTRY = (
    "Sheet",
    "Topic",
    "Indicator",
    "Period and status",
    "Latest",
    "Standard",
    "Gap",
    "Variation",
    "Assurance",
)


def pack_workbook(pack: BoardPack) -> bytes:
    """The workbook; the same pack is the same bytes. Numbers are numbers, unrounded, and days are days."""
    book = Workbook()
    contents = book.active if isinstance(book.active, Worksheet) else book.create_sheet()
    contents.title = "Contents"
    names = _names(pack.every_sheet)
    _contents(pack, contents, names)
    for sheet, name in zip(pack.every_sheet, names, strict=True):
        _indicator(pack, sheet, book.create_sheet(name))
    _parts(pack, book.create_sheet("Parts"))
    if any(sheet.comment for sheet in pack.every_sheet):
        _said(pack.every_sheet, book.create_sheet(_SAID))
    _meanings(pack.every_sheet, book.create_sheet("Columns"))
    _sources(pack, book.create_sheet("Sources"))
    book.properties.title = f"{pack.site}: {pack.area}, {pack.day}"
    book.properties.creator = pack.site
    content = io.BytesIO()
    book.save(content)
    book.close()
    return timed_alike(content.getvalue(), pack.stamp)


def _names(sheets: Sequence[IndicatorSheet]) -> list[str]:
    """A name for each sheet that Excel takes: a number and the indicator, cut where it is long."""
    return [
        _NOT_IN_A_NAME.sub(" ", f"{number} {sheet.name}")[:_LONGEST_NAME].strip()
        for number, sheet in enumerate(sheets, 1)
    ]


def _contents(pack: BoardPack, page: Worksheet, names: Sequence[str]) -> None:
    _head(
        pack,
        page,
        pack.title,
        [pack.lede, f"{pack.area}, {pack.day}. {pack.version}.", pack.summary],
        invented=True,
    )
    _row(page, _ENTRY, _BOLD, below=1)
    page.freeze_panes = f"A{page.max_row + 1}"
    for sheet, name in zip(pack.every_sheet, names, strict=True):
        latest = sheet.facts[0]
        told = (latest.value, sheet.facts[1].value, sheet.facts[2].value)
        icons = (sheet.variation.words, sheet.assurance.words)
        _row(page, (name, sheet.topic, sheet.name, latest.heading, *told, *icons))
        link = page.cell(page.max_row, 1)
        link.hyperlink = f"#'{name.replace(chr(39), 2 * chr(39))}'!A1"
        link.font = Font(underline="single", color="005EB8")
    _widen(page, (32, 22, 34, 34, 14, 16, 22, 30, 22))


def _head(pack: BoardPack, page: Worksheet, title: str, lines: Iterable[str], *, invented: bool) -> None:
    """A sheet's first rows: demonstration data, what the numbers are, and what is to be known of them."""
    if pack.banner and invented:
        _row(page, (f"Demonstration data. {pack.banner}",), _BOLD)
        page.cell(page.max_row, 1).fill = _INVENTED
    _row(page, (title,), _TITLE)
    for words in lines:
        if words:
            _row(page, (words,))


def _indicator(pack: BoardPack, sheet: IndicatorSheet, page: Worksheet) -> None:
    series = sheet.series
    lines = [sheet.sentence, series.method if series else "", sheet.definition, sheet.source, pack.version]
    _head(pack, page, sheet.title, lines, invented=sheet.demonstration)
    if series is None:
        _row(page, ("The area has no figure of its own over time.",))
        return
    _row(page, [column.key for column in series.columns], _BOLD, below=1)
    page.freeze_panes = f"B{page.max_row + 1}"
    first = page.max_row + 1
    for across, column in enumerate(series.columns, 1):
        for place, value in enumerate(column.cells, first):
            _fill(page.cell(place, across), value, column.kind)
    _widen(page, [_width(column) for column in series.columns])


def _width(column: PackColumn) -> float:
    longest = max((len(cell) for cell in column.cells if isinstance(cell, str)), default=0)
    return float(min(48, max(12, len(column.key) + 2, longest + 2)))


def _parts(pack: BoardPack, page: Worksheet) -> None:
    _head(pack, page, "The parts of the area, at each indicator's latest period", [pack.basis], invented=True)
    _row(
        page,
        ("indicator", "indicator_name", "part", "value", "unit", "numerator", "denominator", "standing"),
        _BOLD,
    )
    page.freeze_panes = f"A{page.max_row + 1}"
    for sheet in pack.sheets:
        for part in sheet.parts:
            numbers = (part.value, sheet.unit, part.numerator, part.denominator)
            _row(page, (sheet.id, sheet.name, part.name, *numbers, part.verdict))
    _widen(page, (34, 34, 34, 14, 14, 14, 14, 36))


def _said(sheets: Sequence[IndicatorSheet], page: Worksheet) -> None:
    """What people say of the area's figures, and the events of the charts."""
    _row(page, _COMMENTARY, _BOLD)
    page.freeze_panes = "C2"
    for sheet in sheets:
        said = sheet.comment
        if said is None:
            continue
        told = (said.what_happened, said.what_is_done, said.what_is_relied_on)
        _row(page, (sheet.id, sheet.name, said.period, *told, said.role, None, said.written))
        _fill(page.cell(page.max_row, _COMMENTARY.index("shown_on") + 1), said.shown_on, "day")
        for across in range(1, len(_COMMENTARY) + 1):
            page.cell(page.max_row, across).alignment = Alignment(vertical="top", wrap_text=True)
    _row(page, ("indicator", "indicator_name", "event", "what_happened"), _BOLD, below=1)
    for sheet in sheets:
        for number, words in sheet.series.events if sheet.series else ():
            _row(page, (sheet.id, sheet.name, float(number), words))
    _widen(page, (34, 34, 18, 60, 60, 60, 30, 14, 50))


def _meanings(sheets: Sequence[IndicatorSheet], page: Worksheet) -> None:
    _row(page, ("column", "kind", "meaning"), _BOLD)
    found = {column.key: column for sheet in sheets if sheet.series for column in sheet.series.columns}
    for column in found.values():
        _row(page, (column.key, column.kind, column.meaning))
    _widen(page, (30, 12, 110))


def _sources(pack: BoardPack, page: Worksheet) -> None:
    _row(page, ("publisher", "file", "published", "indicators"), _BOLD)
    for line in pack.sources:
        _row(page, (line.publisher, line.file, line.published, line.indicators))
    for words in (
        pack.rules,
        *pack.absent,
        pack.licence,
        pack.disclaimer,
        f"The same pack again: {pack.address}",
    ):
        _row(page, (words,))
    _widen(page, (44, 90, 20, 60))


def _row(page: Worksheet, cells: Sequence[PackCell], font: Font | None = None, *, below: int = 0) -> None:
    """A row after the last that holds something, with so many empty ones between."""
    empty = page.max_row == 1 and page.cell(1, 1).value is None
    place = (0 if empty else page.max_row) + 1 + below
    for across, value in enumerate(cells, 1):
        cell = page.cell(place, across)
        _fill(cell, value, "words" if isinstance(value, str) else "number")
        if font is not None:
            cell.font = font


def _fill(cell: Cell | MergedCell, value: PackCell, kind: str) -> None:
    """A number, a day or words; what begins like a formula stays words."""
    if value is None or value == "":
        return
    if kind == "day" and isinstance(value, str):
        cell.value = date.fromisoformat(value)
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"
        # Words also to whoever edits the cell.
        cell.quotePrefix = value.startswith(("=", "+", "-", "@"))
        cell.alignment = Alignment(vertical="top")
    else:
        cell.value = int(value) if value.is_integer() else value


def _widen(page: Worksheet, widths: Sequence[float]) -> None:
    for across, width in enumerate(widths, 1):
        page.column_dimensions[get_column_letter(across)].width = width


if __name__ == "__main__":
    write_document(pack_workbook)
