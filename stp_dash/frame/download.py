"""A chart's numbers as a file: CSV or a workbook, unrounded, with what they are and where they come from."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Font

from db.domain.holdings import DataVersion
from stp_dash.analysis.download_columns import column_definition
from stp_dash.analysis.sheet import Cell, Sheet
from stp_dash.elements.links import DOWNLOADS
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page, permalink

CONTENT_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
CODES_ARE_TEXT = (
    "text, even where they look like numbers: read them so, or open the XLSX, where they are marked."
)
INVENTED = "Every number here is invented. Do not use them for decisions."
AS_TEXT = "@"
"""The format of a workbook's cells that stay text when somebody edits or saves them."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What words begin with that a spreadsheet takes for a formula; the last four are the same signs in full width."""
_IN_NO_FILE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML, and so a workbook, cannot hold, and halves of characters that no encoding has."""
_ENDS_A_CELL = re.compile(r'[",#\r\n]|^\s|\s$')


class NoSheetError(Exception):
    """The page has no chart of the name asked for."""


def download(page: Page, request: PageRequest, version: DataVersion, kind: str) -> tuple[str, bytes]:
    """A sheet of a page as a file: its name and its bytes. Raises NoSheetError where the page has none such.

    The first lines say what the numbers are, whose, from which files and how the page is reopened; then one row
    of headings and one row for each row of the table.
    """
    sheet = sheet_asked_for(page, request)
    about = _about(page, sheet, request, version)
    write = _csv if kind == "csv" else _workbook
    return f"{_file_name(sheet, version)}.{kind}", write(sheet, about)


def sheet_asked_for(page: Page, request: PageRequest) -> Sheet:
    """The sheet of a page that an address names. Raises NoSheetError where the page has none such."""
    asked = request.parameters.get("sheet", "")
    sheet = next((item for item in page.sheets if item.name == asked), None)
    if sheet is None:
        raise NoSheetError(asked)
    return sheet


def _about(page: Page, sheet: Sheet, request: PageRequest, version: DataVersion) -> list[tuple[str, str]]:
    path = request.site.settings.site.path
    lines = [
        ("Title", f"{page.title}: {sheet.title}"),
        ("What", sheet.caption),
        ("Source", sheet.source),
        ("Note", sheet.note),
        ("Data version", str(version.number)),
        ("Reopen", path + permalink(request, page, version)),
        ("Columns", f"what each means: {path}{DOWNLOADS}"),
        ("Codes", CODES_ARE_TEXT),
    ]
    if sheet.demonstration:
        lines.insert(0, ("Demonstration data", INVENTED))
    return [(head, words) for head, words in lines if words]


def _file_name(sheet: Sheet, version: DataVersion) -> str:
    """What the file holds: indicator, whose figures, when, which table, its source and the data version."""
    marked = "-DEMONSTRATION" if sheet.demonstration else ""
    return f"{sheet.file_name}_version-{version.number}{marked}"


def _rows(sheet: Sheet) -> list[list[Cell]]:
    """The raw cells; a last column says of each row of demonstration data that it is."""
    columns = sheet.download
    rows = [[column.raw[place] for column in columns] for place in range(sheet.length)]
    return [[*row, "demonstration data"] for row in rows] if sheet.demonstration else rows


def _heads(sheet: Sheet) -> list[str]:
    heads = [column.key for column in sheet.download]
    return [*heads, "status_of_data"] if sheet.demonstration else heads


def _csv(sheet: Sheet, about: Sequence[tuple[str, str]]) -> bytes:
    """Comment lines that begin with `# ` and are not quoted, so that readers skip them; then headings and rows."""
    told = "".join(f"# {head}: {_plain(words)}\r\n" for head, words in about)
    return b"\xef\xbb\xbf" + (told + csv_lines(_heads(sheet), _rows(sheet))).encode()


def csv_lines(heads: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A row of headings and the rows of a table, each in a line."""
    lines = (",".join(map(_quoted, row)) for row in [heads, *(map(_text, row) for row in rows)])
    return "".join(f"{line}\r\n" for line in lines)


def _plain(words: str) -> str:
    return " ".join(_IN_NO_FILE.sub("", words).split())


def _quoted(text: str) -> str:
    """A cell in quotes where it holds what ends a cell, or what some readers take for a comment."""
    return '"' + text.replace('"', '""') + '"' if _ENDS_A_CELL.search(text) else text


def _text(cell: Cell) -> str:
    found = _cell(cell)
    if isinstance(found, date):
        return found.isoformat()
    return "" if found is None else str(found)


def _cell(cell: Cell) -> Cell:
    """A number without a negative zero; words without what no file can hold.

    Words that a spreadsheet would take for a formula are marked as words.
    """
    if isinstance(cell, float):
        return cell + 0.0
    if isinstance(cell, str):
        words = _IN_NO_FILE.sub("", cell)
        return f"'{words}" if words.startswith(_FORMULA) else words
    return cell


def _workbook(sheet: Sheet, about: Sequence[tuple[str, str]]) -> bytes:
    """The numbers below what they are, and a second sheet that says what each column means."""
    book = Workbook()
    numbers = book.active if book.active is not None else book.create_sheet()
    numbers.title = "Numbers"
    for head, words in about:
        numbers.append([head, _cell(_plain(words))])
    numbers.append([])
    numbers.append(_heads(sheet))
    for cell in numbers[numbers.max_row]:
        cell.font = Font(bold=True)
    codes = [place for place, key in enumerate(_heads(sheet)) if column_definition(key).identifier]
    for row in _rows(sheet):
        numbers.append([_cell(cell) or None if isinstance(cell, str) else _cell(cell) for cell in row])
        for place in codes:
            numbers.cell(numbers.max_row, place + 1).number_format = AS_TEXT
    columns = book.create_sheet("Columns")
    columns.append(["column", "meaning", "unit", "type"])
    for cell in columns[1]:
        cell.font = Font(bold=True)
    for key in _heads(sheet):
        known = column_definition(key)
        columns.append([key, known.meaning, known.unit, known.type_words])
    content = io.BytesIO()
    book.save(content)
    book.close()
    return content.getvalue()
