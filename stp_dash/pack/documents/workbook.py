"""The pack's numbers as a workbook: contents, a sheet an indicator, the parts, and what the columns mean."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from stp_dash.pack.documents.archive import timed_alike
from stp_dash.pack.documents.standard_input import write_document
from stp_dash.pack.model import BoardPack, IndicatorSheet, PackCell, PackColumn

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


@dataclass
class BookSheet:
    """A sheet that is written row by row. Each style of cells is made once a workbook: a cell with one of its own costs
    more than all else of it."""

    page: Worksheet
    styles: dict[str, StyleArray]
    last: int = 0
    """The last row that is written."""

    def row(self, cells: Sequence[PackCell], style: str = "", *, below: int = 0) -> None:
        """A row after the last, with so many empty ones between."""
        self.last += 1 + below
        for across, value in enumerate(cells, 1):
            self.fill((self.last, across), value, "words" if isinstance(value, str) else "number", style)

    def fill(self, place: tuple[int, int], value: PackCell, kind: str, style: str = "") -> None:
        """A number, a day or words in a row and column; what begins like a formula stays words."""
        if value is None or value == "":
            return
        cell: Any = self.page.cell(*place)
        if kind == "day" and isinstance(value, str):
            cell.value = date.fromisoformat(value)
            cell._style = self.styles["wrapped day" if style == "wrapped" else "day"]
        elif isinstance(value, str):
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
            cell.data_type = "s"
            # Words also to whoever edits the cell.
            quoted = "quoted " if value.startswith(("=", "+", "-", "@")) else ""
            cell._style = self.styles[f"{quoted}{style or 'words'}"]
        else:
            cell.value = int(value) if value.is_integer() else value
            if style:
                cell._style = self.styles[style]

    def freeze(self, column: str) -> None:
        """What stands above the next row, and left of a column, stays in sight."""
        self.page.freeze_panes = f"{column}{self.last + 1}"

    def widen(self, widths: Sequence[float]) -> None:
        """The widths of the columns, in letters."""
        for across, width in enumerate(widths, 1):
            self.page.column_dimensions[get_column_letter(across)].width = width


def _styles(book: Workbook) -> dict[str, StyleArray]:
    """The styles of cells by name, those of words also `quoted`."""
    page = book.create_sheet()
    top, wrapped = Alignment(vertical="top"), Alignment(vertical="top", wrap_text=True)
    found: dict[str, StyleArray] = {}
    for name, font, alignment, fill in (
        ("words", None, top, None),
        ("bold", Font(bold=True), top, None),
        ("title", Font(bold=True, size=14), top, None),
        ("invented", Font(bold=True), top, PatternFill("solid", fgColor="FFF6DB")),
        ("link", Font(underline="single", color="005EB8"), top, None),
        ("wrapped", None, wrapped, None),
    ):
        for quoted in (False, True):
            cell: Any = page.cell(1, 1 + len(found))
            cell.alignment, cell.quotePrefix = alignment, quoted
            if font:
                cell.font = font
            if fill:
                cell.fill = fill
            found[f"{'quoted ' if quoted else ''}{name}"] = cell._style
    for name, words in (("day", None), ("wrapped day", wrapped)):
        cell = page.cell(1, 1 + len(found))
        cell.number_format = "yyyy-mm-dd"
        if words:
            cell.alignment = words
        found[name] = cell._style
    book.remove(page)
    return found


def pack_workbook(pack: BoardPack) -> bytes:
    """The workbook; the same pack is the same bytes. Numbers are numbers, unrounded, and days are days."""
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    styles = _styles(book)

    def new(name: str) -> BookSheet:
        return BookSheet(book.create_sheet(name), styles)

    names = _names(pack.every_sheet)
    _contents(pack, new("Contents"), names)
    for sheet, name in zip(pack.every_sheet, names, strict=True):
        _indicator(pack, sheet, new(name))
    _parts(pack, new("Parts"))
    if any(sheet.comment for sheet in pack.every_sheet):
        _said(pack, new(_SAID))
    _meanings(pack, new("Columns"))
    _sources(pack, new("Sources"))
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


def _contents(pack: BoardPack, page: BookSheet, names: Sequence[str]) -> None:
    _head(
        pack,
        page,
        pack.title,
        [pack.lede, f"{pack.area}, {pack.day}. {pack.version}.", pack.summary],
        invented=True,
    )
    page.row(_ENTRY, "bold", below=1)
    page.freeze("A")
    for sheet, name in zip(pack.every_sheet, names, strict=True):
        latest = sheet.facts[0]
        told = (latest.value, sheet.facts[1].value, sheet.facts[2].value)
        icons = (sheet.variation.words, sheet.assurance.words)
        page.row((name, sheet.topic, sheet.name, latest.heading, *told, *icons))
        link: Any = page.page.cell(page.last, 1)
        link.hyperlink = f"#'{name.replace(chr(39), 2 * chr(39))}'!A1"
        link._style = page.styles["link"]
    page.widen((32, 22, 34, 34, 14, 16, 22, 30, 22))


def _mark(pack: BoardPack, page: BookSheet) -> None:
    """The first row of a sheet of demonstration data."""
    if pack.banner:
        page.row((f"Demonstration data. {pack.banner}",), "invented")


def _head(pack: BoardPack, page: BookSheet, title: str, lines: Iterable[str], *, invented: bool) -> None:
    """A sheet's first rows: demonstration data, what the numbers are, and what is to be known of them."""
    if invented:
        _mark(pack, page)
    page.row((title,), "title")
    for words in lines:
        if words:
            page.row((words,))


def _indicator(pack: BoardPack, sheet: IndicatorSheet, page: BookSheet) -> None:
    series = sheet.series
    lines = [sheet.sentence, series.method if series else "", sheet.definition, sheet.source, pack.version]
    _head(pack, page, sheet.title, lines, invented=sheet.demonstration)
    if series is None:
        page.row(("The area has no figure of its own over time.",))
        return
    page.row([column.key for column in series.columns], "bold", below=1)
    page.freeze("B")
    first = page.last + 1
    for across, column in enumerate(series.columns, 1):
        for place, value in enumerate(column.cells, first):
            page.fill((place, across), value, column.kind)
    page.widen([_width(column) for column in series.columns])


def _width(column: PackColumn) -> float:
    longest = max((len(cell) for cell in column.cells if isinstance(cell, str)), default=0)
    return float(min(48, max(12, len(column.key) + 2, longest + 2)))


def _parts(pack: BoardPack, page: BookSheet) -> None:
    _head(pack, page, "The parts of the area, at each indicator's latest period", [pack.basis], invented=True)
    page.row(
        ("indicator", "indicator_name", "part", "value", "unit", "numerator", "denominator", "standing"),
        "bold",
    )
    page.freeze("A")
    for sheet in pack.sheets:
        for part in sheet.parts:
            numbers = (part.value, sheet.unit, part.numerator, part.denominator)
            page.row((sheet.id, sheet.name, part.name, *numbers, part.verdict))
    page.widen((34, 34, 34, 14, 14, 14, 14, 36))


def _said(pack: BoardPack, page: BookSheet) -> None:
    """What people say of the area's figures, and the events of the charts."""
    _mark(pack, page)
    page.row(_COMMENTARY, "bold")
    page.freeze("C")
    for sheet in pack.every_sheet:
        said = sheet.comment
        if said is None:
            continue
        told = (said.what_happened, said.what_is_done, said.what_is_relied_on)
        page.row((sheet.id, sheet.name, said.period, *told, said.role, None, said.written), "wrapped")
        page.fill((page.last, _COMMENTARY.index("shown_on") + 1), said.shown_on, "day", "wrapped")
    page.row(("indicator", "indicator_name", "event", "what_happened"), "bold", below=1)
    for sheet in pack.every_sheet:
        for number, words in sheet.series.events if sheet.series else ():
            page.row((sheet.id, sheet.name, float(number), words))
    page.widen((34, 34, 18, 60, 60, 60, 30, 14, 50))


def _meanings(pack: BoardPack, page: BookSheet) -> None:
    _mark(pack, page)
    page.row(("column", "kind", "meaning"), "bold")
    found = {
        column.key: column for sheet in pack.every_sheet if sheet.series for column in sheet.series.columns
    }
    for column in found.values():
        page.row((column.key, column.kind, column.meaning))
    page.widen((30, 12, 110))


def _sources(pack: BoardPack, page: BookSheet) -> None:
    _mark(pack, page)
    page.row(("publisher", "file", "published", "indicators"), "bold")
    for line in pack.sources:
        page.row((line.publisher, line.file, line.published, line.indicators))
    for words in (
        pack.rules,
        *pack.absent,
        pack.licence,
        pack.disclaimer,
        f"The same pack again: {pack.address}",
    ):
        page.row((words,))
    page.widen((44, 90, 20, 60))


if __name__ == "__main__":
    write_document(pack_workbook)
