"""Lists that people keep, in a CSV file or a workbook: headings matched by name, then one thing a line.

Text is UTF-8 and separated by commas, semicolons or tabs; of a workbook only named sheets are read. A list of patients
is refused before anything else of it is looked at (`patients`).
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from db.reading.bounds import check_lines, check_table
from db.reading.files import RawFile, UnreadableFileError
from db.reading.findings import LineFindings
from db.reading.patients import refuse_patients
from db.reading.sheet_marks import SheetMarks, sheet_marks
from db.reading.spreadsheets import Cell, FileKind, file_kind, is_blank, is_blank_row, read_workbook, text_of

LARGEST_LIST = 20_000_000
"""Bytes of a file: a hundred thousand lines are some eight million."""
MOST_LINES = 200_000
_TOP = 20
_SEPARATORS = (",", ";", "\t")
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FORMULA_SIGNS = ("=", "+", "-", "@")
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*", re.IGNORECASE)
SPREADSHEET_ERRORS = ("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!", "#SPILL!", "#CALC!")


@dataclass(frozen=True)
class ListTable:
    """One sheet, or a text file (`sheet` is then ""): rows from line 1, and what the sheet says of them."""

    sheet: str
    rows: Sequence[Sequence[Cell]]
    marks: SheetMarks = field(default_factory=SheetMarks)

    def first_headings(self) -> int | None:
        """The place, from 0, of the first row that looks like headings: the widest of the top ones; None for none."""
        widths = [sum(not is_blank(cell) for cell in row) for row in self.rows[:_TOP]]
        widest = max(widths, default=0)
        return widths.index(widest) if widest else None


@dataclass(frozen=True)
class ListFile:
    """What was read of a file: the tables by their sheet's name in small letters ("" for text), and other sheets.

    `unread` gives each other sheet with whether that should be pointed out: it is hidden, or is named or laid out as
    one that is read.
    """

    tables: Mapping[str, ListTable]
    unread: Mapping[str, bool] = field(default_factory=dict)


def read_list_file(raw: RawFile, sheets: Sequence[str], essential: Sequence[str]) -> ListFile:
    """A text file as the first of `sheets`, or those sheets of a workbook that exist, whatever the case of their names.

    `essential` are headings by which another sheet is seen to be laid out alike. Raises UnreadableFileError, and
    PatientLevelError for lists of patients.
    """
    if len(raw.content) > LARGEST_LIST:
        raise UnreadableFileError(
            f"{raw.name}: wanted at most {LARGEST_LIST:,} bytes, found {len(raw.content):,}"
        )
    kind = file_kind(raw)
    if kind is FileKind.TEXT:
        rows = _text_rows(raw)
        table = ListTable("", rows)
        refuse_patients(rows, table.first_headings())
        return ListFile({sheets[0]: table})
    if kind is not FileKind.ZIPPED_WORKBOOK:
        raise UnreadableFileError(f"{raw.name} is {kind.value}: save it as a workbook (xlsx) or as CSV UTF-8")
    return _workbook(raw, sheets, essential)


def _workbook(raw: RawFile, sheets: Sequence[str], essential: Sequence[str]) -> ListFile:
    read = read_workbook(raw)
    with CalamineWorkbook.from_filelike(io.BytesIO(raw.content)) as opened:
        hidden = {
            item.name for item in opened.sheets_metadata if item.visible is not SheetVisibleEnum.Visible
        }
    wanted = {name: name.strip().casefold() for name in read if name.strip().casefold() in sheets}
    for name, sheet in read.items():
        check_line_count(raw, len(sheet.rows))
        refuse_patients(sheet.rows, ListTable(name, sheet.rows).first_headings(), name, names=name in wanted)
    marks = sheet_marks(raw, list(wanted))
    tables = {
        plain: ListTable(name, read[name].rows, marks.get(name, SheetMarks()))
        for name, plain in wanted.items()
    }
    unread = {}
    for name, sheet in read.items():
        if name not in wanted:
            top = [plain_heading(cell) for row in sheet.rows[:_TOP] for cell in row]
            near = get_close_matches(name.strip().casefold(), sheets, n=1, cutoff=0.6)
            unread[name] = name in hidden or bool(near) or set(essential) <= set(top)
    return ListFile(tables, unread)


def check_line_count(raw: RawFile, lines: int) -> None:
    """Raise UnreadableFileError for more lines than are read."""
    if lines > MOST_LINES:
        raise UnreadableFileError(f"{raw.name}: wanted at most {MOST_LINES:,} lines, found {lines:,}")


def _text_rows(raw: RawFile) -> list[list[Cell]]:
    check_lines(raw)
    try:
        encoding = "utf-16" if raw.content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
        text = raw.content.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw.content[: error.start].count(b"\n") + 1
        raise UnreadableFileError(
            f"{raw.name}, line {line}: wanted text in UTF-8, found a byte that is not. In the spreadsheet program save "
            "it as “CSV UTF-8”, or as a workbook (xlsx)"
        ) from None
    first, _, _ = text.partition("\n")
    told = _SEPARATOR_LINE.fullmatch(first.rstrip("\r"))
    separator = told[1] if told else _separator(text)
    rows: list[list[Cell]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            check_table(raw, 1, len(row))
            rows.append(list[Cell](row))
            if len(rows) > MOST_LINES:
                check_line_count(raw, len(rows))
    except csv.Error as error:
        raise UnreadableFileError(f"{raw.name}, line {reader.line_num}: {error}") from error
    if told:
        rows[0] = []
    return rows


def _separator(text: str) -> str:
    """The sign that parts the top lines into the most cells."""
    top = text.splitlines()[:_TOP]
    widths = {
        sign: max((len(row) for row in csv.reader(top, delimiter=sign)), default=0) for sign in _SEPARATORS
    }
    return max(_SEPARATORS, key=lambda sign: widths[sign])


def plain_heading(cell: Cell) -> str:
    """A heading for comparison: small letters, words joined by underscores."""
    return (
        "_".join(re.split(r"[\s_-]+", str(cell).strip().casefold())).strip("_")
        if isinstance(cell, str)
        else ""
    )


@dataclass(frozen=True)
class ListHeadings:
    """The headings of a table: the row they stand in (from 0) and each known one's column (from 0).

    `others` are the columns whose headings are none of the known ones, by column; `doubled` are known ones that
    stand twice.
    """

    table: ListTable
    row: int
    columns: Mapping[str, int]
    others: Mapping[int, Cell]
    doubled: tuple[str, ...] = ()

    @cached_property
    def last(self) -> int:
        """The last column that has a heading, from 0."""
        return max((*self.columns.values(), *self.others), default=0)

    def lines(self) -> Iterator[tuple[int, Sequence[Cell]]]:
        """The rows below that are not blank, each with its line as people see it (the first is line 1)."""
        for index in range(self.row + 1, len(self.table.rows)):
            row = self.table.rows[index]
            if not is_blank_row(row):
                yield index + 1, row

    def cell(self, row: Sequence[Cell], name: str) -> Cell:
        """The cell of a row under a known heading; "" where there is no such heading or cell."""
        column = self.columns.get(name)
        return "" if column is None or column >= len(row) else row[column]

    def is_unworked(self, line: int, name: str) -> bool:
        """Whether the cell is a formula without a stored result."""
        column = self.columns.get(name)
        return column is not None and (line, column + 1) in self.table.marks.unworked


def find_headings(table: ListTable, must: Sequence[str], may: Sequence[str]) -> ListHeadings | None:
    """The first top row that has all headings of `must`; None where there is none."""
    for index, row in enumerate(table.rows[:_TOP]):
        names = [plain_heading(cell) for cell in row]
        if not set(must) <= set(names):
            continue
        columns: dict[str, int] = {}
        others: dict[int, Cell] = {}
        doubled = []
        for column, name in enumerate(names):
            if name in columns:
                doubled.append(name)
            elif name in must or name in may:
                columns[name] = column
            elif not is_blank(row[column]):
                others[column] = row[column]
        return ListHeadings(table, index, columns, others, tuple(doubled))
    return None


def report_headings(
    headings: ListHeadings, known: Sequence[str], findings: LineFindings, *, others: bool = True
) -> None:
    """Say which headings stand twice and, of `others`, which are nearly a known one (an error) or are not read."""
    line = headings.row + 1
    if headings.row:
        findings.note(line, None, f"The headings stand in line {line}: the lines above are not read.")
    for name in headings.doubled:
        findings.error(line, name, f"The heading {name} stands twice.", wanted="each heading once")
    for heading in headings.others.values() if others else ():
        shown = shown_cell(heading)
        missing = [name for name in known if name not in headings.columns]
        near = get_close_matches(plain_heading(heading), missing, 1, 0.75)
        if near:
            findings.error(
                line,
                shown,
                f"The heading {shown} is not known. Near: {near[0]}.",
                found=shown,
                wanted=near[0],
                nearest=near[0],
            )
        else:
            findings.note(line, shown, f"The column {shown} is not read.", found=shown)


def check_line(
    headings: ListHeadings, line: int, row: Sequence[Cell], texts: Sequence[str], findings: LineFindings
) -> frozenset[str]:
    """The columns of a line whose cells may not be read: formulas without a result, characters that cannot be seen.

    `texts` are the columns of plain text for people, which begin with no sign that a spreadsheet takes for a formula.
    """
    unfit = set()
    marks = headings.table.marks
    printed = all(not isinstance(cell, str) or cell.isprintable() for cell in row)
    plain = printed and not marks.unworked and not marks.broken
    for name in [item for item in texts if item in headings.columns] if plain else headings.columns:
        cell = headings.cell(row, name)
        if isinstance(cell, str) and name in texts and cell.strip().startswith(_FORMULA_SIGNS):
            findings.error(line, name, f"A {name} is plain text; it cannot begin with {cell.strip()[0]}.")
            unfit.add(name)
        elif (error := marks.broken.get((line, headings.columns[name] + 1))) is not None:
            unfit.add(name)
            words = f"{error} is an error of the spreadsheet, not a figure."
            findings.error(line, name, words, found=error, wanted="a value")
        elif headings.is_unworked(line, name):
            unfit.add(name)
            if name in texts:
                findings.error(
                    line, name, f"A {name} is plain text; it cannot begin with =.", wanted="plain text"
                )
            else:
                findings.error(
                    line,
                    name,
                    "A formula without a stored result. Open the file in the spreadsheet program, save it, or paste "
                    "values.",
                    wanted="a value",
                )
        elif isinstance(cell, str) and (what := _unseen(cell)):
            findings.error(line, name, f"The {name} has {what}.", wanted="plain text")
            unfit.add(name)
    beyond = headings.last
    if len(row) > beyond + 1 and any(not is_blank(cell) for cell in row[beyond + 1 :]):
        findings.error(
            line,
            None,
            "More cells than headings: a comma inside a text needs quotation marks around the text.",
            wanted=f"{beyond + 1} cells",
            found=f"{len(row)} cells",
        )
    if line in marks.hidden:
        findings.warning(line, None, f"Line {line} is hidden in the sheet. Hidden lines are read.")
    return frozenset(unfit)


def _unseen(text: str) -> str:
    """What a text has that cannot be seen; "" for nothing."""
    if text.isprintable():
        return ""
    if any(sign in _TURNING for sign in text):
        return "a character that turns the direction of text"
    kinds = {
        unicodedata.category(sign) for sign in text if not sign.isspace() or sign in "\x1c\x1d\x1e\x1f\x85"
    }
    if kinds & {"Cc", "Cs", "Cn", "Co"} or "\n" in text or "\r" in text:
        return "a line break or a control character"
    return "a character that cannot be seen" if "Cf" in kinds else ""


def shown_cell(cell: Cell) -> str:
    """A cell as a message quotes it: tidy, without what cannot be seen, at most 60 characters."""
    if isinstance(cell, datetime):
        cell = cell.date() if cell.time() == datetime.min.time() else cell
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell.isoformat()
    text = "".join(sign if sign.isprintable() else " " for sign in text_of(cell))
    return text if len(text) <= 60 else f"{text[:59]}…"
