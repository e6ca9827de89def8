"""Bytes to rows: workbooks (xlsx, xls, ods) and comma-separated text, with header rows found by their labels.

Nothing here knows a publisher. Every failure is an `UnreadableFileError` (the bytes are not what the file's
name promises) or a `LayoutError` (the file opens, but something is not where it should be), in plain words.
"""

from __future__ import annotations

import csv
import io
import math
import re
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from itertools import islice
from typing import TypeAlias

import numpy as np
import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from db.reading.bounds import check_lines, check_old_workbook, check_table, check_zipped_workbook
from db.reading.files import LayoutError, RawFile, UnreadableFileError

Cell: TypeAlias = str | float | int | bool | date | datetime | time | timedelta
Row: TypeAlias = Sequence[Cell]

BLANKS = frozenset({"", "-", "–", "—", "#DIV/0!", "#N/A", "N/A"})
"""Cells that hold no figure. An asterisk is not among them: it means suppression, for a source to say so."""

_CSV_TOP_BYTES = 1 << 20
_CSV_TOP_CHARACTERS, _TOP_ROWS = 1 << 16, 40
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "vertical bars"}
_FEWEST_SEPARATORS = 4
_PLAIN_ENCODINGS = frozenset({"utf-8", "utf-8-sig", "cp1252"})
"""Those in which a comma, a line break and a quotation mark are each the same single byte, and part of no other."""
_COMMA, _NEWLINE, _RETURN, _QUOTE = b',\n\r"'
_WORKBOOK_PARTS = frozenset({"[Content_Types].xml", "mimetype"})
LARGEST_UNPACKED = 500_000_000
LARGEST_RATIO = 250
"""Of a part's unpacked size to its packed one, from ten megabytes on: in the real files seen the largest is 36."""
_SMALL_PART = 10_000_000
_FOOTNOTE = re.compile(r"\s*\(\d+\)")
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_ZIP, _OLE, _GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b"
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_NAMES_SHOWN = 12


class FileKind(StrEnum):
    """What the bytes are, whatever the file's name says."""

    ZIPPED_WORKBOOK = "a zipped workbook (xlsx, ods)"
    OLD_WORKBOOK = "an old workbook (xls)"
    PACKED = "a packed file (gz)"
    TEXT = "text"


def is_blank(cell: Cell) -> bool:
    """Whether a cell holds nothing but spaces."""
    return isinstance(cell, str) and not cell.strip()


def is_blank_row(row: Row) -> bool:
    """Whether a row holds nothing at all: such rows say nothing, wherever they stand."""
    return all(map(is_blank, row))


def text_of(cell: Cell) -> str:
    """A cell as tidy text: whole numbers without a decimal point, runs of white space as one space."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return " ".join(str(cell).split())


def normalise_label(cell: Cell) -> str:
    """A label for comparison: without footnote numbers such as "(4) (5)", single spaces, lower case."""
    text = str(cell)
    return " ".join((_FOOTNOTE.sub(" ", text) if "(" in text else text).split()).casefold()


def listed(names: Iterable[object]) -> str:
    """Names in quotation marks for a message, cut after twelve; "nothing" if there are none."""
    quoted = [f"'{name}'" for name in names]
    shown = ", ".join(quoted[:_NAMES_SHOWN])
    return (
        f"{shown} and {len(quoted) - _NAMES_SHOWN} more" if len(quoted) > _NAMES_SHOWN else shown or "nothing"
    )


@dataclass(frozen=True)
class Worksheet:
    """Rows of cells from row 1, column A. `name` is "" for a text file, which has only one.

    `merged` are the blocks of cells that are one, as first row, first column, last row and last column from 0.
    """

    name: str
    rows: list[list[Cell]]
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def where(self, index: int | None = None) -> str:
        """The place for a message, from a row index that counts from 0: "sheet 'X', row 9"."""
        places = [f"sheet '{self.name}'"] if self.name else []
        if index is not None:
            places.append(f"row {index + 1}")
        return ", ".join(places)

    def cell(self, index: int, column: int) -> Cell:
        """The cell at a row and a column that count from 0, "" beyond the edge."""
        if index >= len(self.rows) or column >= len(self.rows[index]):
            return ""
        return self.rows[index][column]

    def first_text(self, index: int) -> str:
        """The first filled cell of a row as tidy text, "" if there is none."""
        row = self.rows[index] if index < len(self.rows) else []
        return next((text_of(cell) for cell in row if not is_blank(cell)), "")


@dataclass(frozen=True)
class Header:
    """One header row of a sheet and where each label stands in it."""

    sheet: Worksheet
    index: int
    labels: tuple[str, ...]

    @property
    def where(self) -> str:
        return self.sheet.where(self.index)

    def positions(self, label: str) -> list[int]:
        """Every column, counting from 0, whose label is this one."""
        wanted = normalise_label(label)
        return [position for position, found in enumerate(self.labels) if found == wanted]

    def has(self, label: str) -> bool:
        return bool(self.positions(label))

    def column(self, label: str, occurrence: int = 0) -> int:
        """The column, counting from 0, of a label; of labels that repeat, the one asked for.

        Raises LayoutError if there is none.
        """
        positions = self.positions(label)
        if occurrence < len(positions):
            return positions[occurrence]
        raise LayoutError(self.where, f"a column '{label}'", self._nearest(label))

    def first_of(self, labels: Iterable[str]) -> int:
        """The column of the first of several spellings that occurs. Raises LayoutError if none does."""
        spellings = tuple(labels)
        for label in spellings:
            if self.has(label):
                return self.column(label)
        raise LayoutError(self.where, f"one of the columns {listed(spellings)}", self._nearest(spellings[0]))

    def matching(self, pattern: str) -> list[int]:
        """Every column, counting from 0, whose normalised label matches a regular expression as a whole."""
        return [position for position, found in enumerate(self.labels) if re.fullmatch(pattern, found)]

    def body(self, end: int | None = None) -> Iterator[tuple[int, list[Cell]]]:
        """The rows below that are not blank, each with its index that counts from 0, up to but without `end`.

        A label that stands in the first of several merged rows is a label of each of them.
        """
        last = len(self.sheet.rows) if end is None else end
        carried = self._carried()
        for index in range(self.index + 1, last):
            row = self.sheet.rows[index]
            if not is_blank_row(row):
                yield (
                    index,
                    [carried.get((index, column), cell) for column, cell in enumerate(row)]
                    if carried
                    else row,
                )

    def _carried(self) -> dict[tuple[int, int], Cell]:
        """The labels of cells below this header that are merged with one above them. Numbers are not repeated."""
        carried: dict[tuple[int, int], Cell] = {}
        for first, column, last, _ in self.sheet.merged:
            label = self.sheet.cell(first, column)
            if first > self.index and not isinstance(label, float | int) and not is_blank(label):
                carried |= {(index, column): label for index in range(first + 1, last + 1)}
        return carried

    def _nearest(self, label: str) -> str:
        shown = {
            normalise_label(cell): text_of(cell) for cell in self.sheet.rows[self.index] if not is_blank(cell)
        }
        close = get_close_matches(normalise_label(label), list(shown), n=1, cutoff=0.75)
        return f"'{shown[close[0]]}'" if close else listed(shown.values())


def header_at(sheet: Worksheet, index: int) -> Header:
    """A row, counting from 0, taken as a header. Raises LayoutError where the sheet has no such row."""
    if index >= len(sheet.rows):
        raise LayoutError(sheet.where(), f"a header in row {index + 1}", f"{len(sheet.rows)} rows")
    return Header(sheet, index, tuple(normalise_label(cell) for cell in sheet.rows[index]))


def find_headers(sheet: Worksheet, *labels: str) -> list[Header]:
    """Every row that holds all of these labels; none is not an error."""
    wanted = {normalise_label(label) for label in labels}
    return [
        header_at(sheet, index)
        for index, row in enumerate(sheet.rows)
        if wanted <= {normalise_label(cell) for cell in row if isinstance(cell, str)}
    ]


def find_header(sheet: Worksheet, *labels: str) -> Header:
    """The first row that holds all of these labels. Raises LayoutError if there is none."""
    headers = find_headers(sheet, *labels)
    if headers:
        return headers[0]
    raise LayoutError(sheet.where(), f"a header row with {listed(labels)}", f"none in {len(sheet.rows)} rows")


def file_kind(raw: RawFile) -> FileKind:
    """What the bytes are. Raises UnreadableFileError for nothing, a web page or bytes of no known kind."""
    content = raw.content
    if not content or content.isspace():
        raise UnreadableFileError(f"{raw.name} is empty")
    if content.startswith(_ZIP):
        return FileKind.ZIPPED_WORKBOOK
    if content.startswith(_OLE):
        return FileKind.OLD_WORKBOOK
    if content.startswith(_GZIP):
        return FileKind.PACKED
    start = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml")):
        raise UnreadableFileError(f"{raw.name} is a web page, not a data file")
    marked = any(content.startswith(mark) for mark, _ in _BYTE_ORDER_MARKS)
    if b"\x00" in content[:65_536] and not marked:
        raise UnreadableFileError(f"{raw.name} is neither a workbook nor text")
    return FileKind.TEXT


def is_workbook(raw: RawFile) -> bool:
    """Whether the bytes begin as a workbook does."""
    return raw.content.startswith((_ZIP, _OLE))


def sheet_names(raw: RawFile) -> list[str]:
    """The names of a workbook's sheets, in order. Raises UnreadableFileError."""
    with _open_workbook(raw) as workbook:
        return workbook.sheet_names


def read_workbook(
    raw: RawFile, names: Collection[str] | None = None, top: int | None = None
) -> dict[str, Worksheet]:
    """A workbook's sheets by name, in order: all, or those of `names` that exist; `top` stops after some rows.

    Rows begin at row 1 and columns at A whatever the sheet claims of its size. Numbers are floats, dates are
    dates and empty cells "". Raises UnreadableFileError.
    """
    with _open_workbook(raw) as workbook:
        wanted = [name for name in workbook.sheet_names if names is None or name in names]
        return {name: _read_sheet(raw, workbook, name, top) for name in wanted}


def _read_sheet(raw: RawFile, workbook: CalamineWorkbook, name: str, top: int | None) -> Worksheet:
    try:
        sheet = workbook.get_sheet_by_name(name)
        rows = sheet.to_python(skip_empty_area=False, nrows=top)
        merged = tuple((*first, *last) for first, last in sheet.merged_cell_ranges or ())
    except CalamineError as error:
        raise UnreadableFileError(f"{raw.name}: sheet '{name}' cannot be read ({error})") from error
    return Worksheet(name, rows, merged)


def _open_workbook(raw: RawFile) -> CalamineWorkbook:
    kind = file_kind(raw)
    if kind in (FileKind.TEXT, FileKind.PACKED):
        raise UnreadableFileError(f"{raw.name} is {kind.value}, not a workbook")
    _check_workbook(raw, kind)
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(raw.content))
    except PasswordError as error:
        raise UnreadableFileError(f"{raw.name} is locked with a password") from error
    except CalamineError as error:
        raise UnreadableFileError(f"{raw.name} is not a workbook that can be read ({error})") from error


@lru_cache(maxsize=1)
def _check_workbook(raw: RawFile, kind: FileKind) -> None:
    """Raise UnreadableFileError for a workbook that is damaged or too large. The last one checked is remembered."""
    if kind is FileKind.OLD_WORKBOOK:
        check_old_workbook(raw)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(raw.content)) as archive:
            if not _WORKBOOK_PARTS & set(archive.namelist()):
                raise UnreadableFileError(
                    f"{raw.name} is a zip, not a workbook, of {listed(archive.namelist())}: unpack it, and load "
                    "the publisher's files that are in it"
                )
            _check_sizes(raw, archive.infolist())
            broken = archive.testzip()
            if not broken:
                check_zipped_workbook(raw, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, OSError) as error:
        raise UnreadableFileError(f"{raw.name} is cut short or damaged: fetch it again") from error
    if broken:
        raise UnreadableFileError(f"{raw.name} is damaged (part '{broken}'): fetch it again")


def _check_sizes(raw: RawFile, parts: list[zipfile.ZipInfo]) -> None:
    """Raise UnreadableFileError for a workbook that grows beyond all reason when it is unpacked."""
    unpacked = sum(part.file_size for part in parts)
    if unpacked > LARGEST_UNPACKED:
        raise UnreadableFileError(f"{raw.name} unpacks to {unpacked:,} bytes: too large to be read")
    for part in parts:
        if part.file_size > _SMALL_PART and part.file_size > LARGEST_RATIO * max(part.compress_size, 1):
            raise UnreadableFileError(
                f"{raw.name}: its part '{part.filename}' grows more than {LARGEST_RATIO} times when unpacked: "
                "the file is refused"
            )


def text_encoding(raw: RawFile) -> str:
    """A text file's encoding: by its byte order mark, else UTF-8, else Windows-1252.

    Raises UnreadableFileError for an empty file, a workbook, a web page or bytes that are not text.
    """
    kind = file_kind(raw)
    if kind is not FileKind.TEXT:
        what = "a packed file" if kind is FileKind.PACKED else "a workbook"
        raise UnreadableFileError(f"{raw.name} is {what}, not text")
    check_lines(raw)
    marked = [encoding for mark, encoding in _BYTE_ORDER_MARKS if raw.content.startswith(mark)]
    for encoding in (*marked, "utf-8", "cp1252"):
        try:
            raw.content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableFileError(f"{raw.name} is not text in UTF-8 or Windows-1252")


def decode_text(raw: RawFile) -> str:
    """A text file's characters, by `text_encoding`. Raises UnreadableFileError."""
    return raw.content.decode(text_encoding(raw))


def read_csv(raw: RawFile) -> Worksheet:
    """A comma-separated text file as one sheet of text cells. Raises UnreadableFileError."""
    text = decode_text(raw)
    _check_separator(raw, text)
    rows = list(_csv_rows(raw, text))
    check_table(raw, len(rows), max(map(len, rows), default=0))
    return Worksheet("", rows)


def first_csv_row(raw: RawFile) -> list[Cell]:
    """The first row that is not blank of a comma-separated file, without reading all. Raises UnreadableFileError."""
    return next((row for row in csv_top(raw, _TOP_ROWS).rows if not is_blank_row(row)), [])


def csv_top(raw: RawFile, count: int) -> Worksheet:
    """The first rows of a comma-separated file, of its first megabyte. Raises UnreadableFileError."""
    start = raw.content[:_CSV_TOP_BYTES]
    is_plain = start.isascii() and file_kind(raw) is FileKind.TEXT
    text = start.decode("ascii" if is_plain else text_encoding(raw), errors="ignore")
    _check_separator(raw, text)
    return Worksheet("", list(islice(_csv_rows(raw, text), count)))


def _check_separator(raw: RawFile, text: str) -> None:
    """Raise UnreadableFileError for a table whose cells something other than commas separates."""
    lines = text[:_CSV_TOP_CHARACTERS].splitlines()[:_TOP_ROWS]
    most = {sign: max((line.count(sign) for line in lines), default=0) for sign in (",", *_SEPARATORS)}
    sign = max(_SEPARATORS, key=lambda other: most[other])
    if most[sign] >= _FEWEST_SEPARATORS and most[sign] > most[","]:
        raise UnreadableFileError(
            f"{raw.name}: its cells are separated by {_SEPARATORS[sign]}, not by commas: "
            "save it with commas, or load the publisher's own file"
        )


def _csv_rows(raw: RawFile, text: str) -> Iterator[list[Cell]]:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            check_table(raw, 1, len(row))
            yield list[Cell](row)
    except csv.Error as error:
        raise UnreadableFileError(f"{raw.name}, line {reader.line_num}: {error}") from error


def check_field_count(sheet: Worksheet, wanted: int | None = None) -> None:
    """Raise LayoutError at the first row that has not as many fields as wanted (or as the first row).

    Blank rows may have any number.
    """
    filled = [(index, row) for index, row in enumerate(sheet.rows) if not is_blank_row(row)]
    width = wanted if wanted is not None or not filled else len(filled[0][1])
    for index, row in filled:
        if len(row) != width:
            raise LayoutError(sheet.where(index), f"{width} fields", f"{len(row)}")


def read_csv_frame(raw: RawFile, columns: Mapping[str, str], above: int = 0) -> pd.DataFrame:
    """Chosen columns of a large comma-separated file with its header in line 1.

    `columns` gives each wanted header and the pandas type to read it as; headers are compared without footnotes
    or case, and the frame has them as spelt in `columns`. The index counts rows below the header from 0, blank rows
    included, and blank rows are left out. `above` rows of the file stand before these bytes: places count them. Raises
    UnreadableFileError, and LayoutError for a missing column, a number that is none or a row of more or fewer fields
    than the header.
    """
    encoding = text_encoding(raw)
    header = header_at(Worksheet("", [first_csv_row(raw)]), 0)
    positions = {header.column(label): label for label in columns}
    if not _is_regular_text(raw, encoding, len(header.labels)):
        return _typed(raw, read_csv_text(raw, list(columns), above), columns)
    try:
        frame = pd.read_csv(
            io.BytesIO(raw.content),
            encoding=encoding,
            header=0,
            names=[positions.get(position, f"column {position}") for position in range(len(header.labels))],
            usecols=list(columns),
            dtype=dict(columns),
            keep_default_na=False,
            na_values=[""],
            index_col=False,
        )
    except (ValueError, pd.errors.ParserError):
        frame = pd.DataFrame()
    if frame.empty or frame.isna().all(axis=1).any():
        return _typed(raw, read_csv_text(raw, list(columns), above), columns)
    frame.index += above
    return frame[list(columns)]


def _typed(raw: RawFile, text: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    """Columns of text as the types that they should be. Raises LayoutError at the first number that is none."""
    typed = {}
    for label, kind in columns.items():
        cells = text[label].mask(text[label].eq(""))
        if kind == "float64":
            values = pd.to_numeric(cells, errors="coerce")
            wrong = (values.isna() & cells.notna()).to_numpy()
            if wrong.any():
                row = text.index[wrong][0]
                raise LayoutError(
                    f"{raw.name}, row {row + 2}, column {label}", "a number", f"'{text.loc[row, label]}'"
                )
            cells = values
        typed[label] = cells
    return pd.DataFrame(typed, index=text.index).astype(dict(columns))


def read_csv_text(raw: RawFile, labels: Sequence[str], above: int = 0) -> pd.DataFrame:
    """Chosen columns of a large comma-separated file with its header in line 1, as text with "" for blank cells.

    Columns are named as in `labels`, compared as `read_csv_frame` does; the index counts rows below the header from
    0, blank rows included, and blank rows are left out; `above` is as for it. Raises UnreadableFileError, and
    LayoutError for a missing column, a row of more or fewer fields than the header, or a column of cells that has lost
    its heading (but for the first: programs number rows there).
    """
    encoding = text_encoding(raw)
    header = header_at(Worksheet("", [first_csv_row(raw)]), 0)
    nameless = {f"column {place + 1}": place for place in header.positions("") if place}
    columns = {label: header.column(label) for label in labels} | nameless
    text = _text_columns(raw, encoding, columns, len(header.labels), above)
    for name in nameless:
        filled = text.index[text[name].str.strip().ne("")]
        if len(filled):
            found = f"a blank above '{text.loc[filled[0], name]}' in row {filled[0] + 2}"
            raise LayoutError(f"row 1, {name}", "a heading", found)
    return text[list(labels)]


def _text_columns(
    raw: RawFile, encoding: str, columns: Mapping[str, int], width: int, above: int
) -> pd.DataFrame:
    if _is_regular_text(raw, encoding, width):
        text = _regular_text(raw, encoding, columns, width)
        if not (text == "").all(axis=1).any():
            text.index += above
            return text
    numbers: list[int] = []
    rows: list[list[str]] = []
    seen: dict[str, str] = {}
    for number_of_row, row in _checked_rows(raw, encoding, width, above):
        numbers.append(number_of_row - 1)
        rows.append([seen.setdefault(row[column], row[column]) for column in columns.values()])
    return pd.DataFrame(rows[1:], columns=list(columns), index=numbers[1:], dtype="str")


def _regular_text(raw: RawFile, encoding: str, columns: Mapping[str, int], width: int) -> pd.DataFrame:
    """The same by pandas, for text whose every line certainly has so many fields."""
    frame = pd.read_csv(
        io.BytesIO(raw.content),
        encoding=encoding,
        header=0,
        names=range(width),
        usecols=sorted(set(columns.values())),
        dtype="str",
        na_filter=False,
        index_col=False,
    )
    return pd.DataFrame({label: frame[column] for label, column in columns.items()})


def _is_regular_text(raw: RawFile, encoding: str, width: int) -> bool:
    # pandas pads short rows and cuts long ones without a word, so the fields are counted first.
    first = raw.content[:_CSV_TOP_BYTES].split(b"\n", 1)[0].strip(b'\xef\xbb\xbf ,"\r')
    return encoding in _PLAIN_ENCODINGS and bool(first) and _is_regular(raw.content, width)


def _is_regular(content: bytes, width: int) -> bool:
    """Whether every line certainly has so many fields, as its commas tell; False where only a reader of rows can say.

    A comma in quotation marks separates nothing. Anything that readers of rows may take for something else is left to
    them: a mark inside an unquoted cell, a line break in quotation marks, a carriage return alone, an empty line.
    """
    start = 0
    while start < len(content):
        end = content.rfind(b"\n", start, start + _CSV_TOP_BYTES) + 1 or len(content)
        if not _are_regular_lines(np.frombuffer(content, np.uint8, end - start, start), width):
            return False
        start = end
    return True


def _are_regular_lines(lines: np.ndarray[tuple[int], np.dtype[np.uint8]], width: int) -> bool:
    ends, commas, marks, returns = (
        np.flatnonzero(lines == byte) for byte in (_NEWLINE, _COMMA, _QUOTE, _RETURN)
    )
    if len(returns) and not (lines[1:][returns[returns < len(lines) - 1]] == _NEWLINE).all():
        return False
    if lines[-1] != _NEWLINE:
        ends = np.append(ends, len(lines))
    counts = np.diff(np.searchsorted(commas, ends), prepend=0)
    if len(marks):
        opening, closing = marks[::2], marks[1::2]
        before = lines[opening[opening > 0] - 1]
        is_even = len(marks) % 2 == 0 and not (np.searchsorted(marks, ends) % 2).any()
        if not is_even or not np.isin(before, (_COMMA, _NEWLINE, _QUOTE)).all():
            return False
        quoted = np.searchsorted(commas, closing) - np.searchsorted(commas, opening)
        counts -= np.bincount(np.searchsorted(ends, opening), quoted, len(ends)).astype(np.int64)
    return bool((counts == width - 1).all())


def _checked_rows(raw: RawFile, encoding: str, width: int, above: int) -> Iterator[tuple[int, list[str]]]:
    """Every row that is not blank, with its index that counts from 0 at the header, and rows `above` with it."""
    reader = csv.reader(io.TextIOWrapper(io.BytesIO(raw.content), encoding=encoding, newline=""))
    try:
        for index, row in enumerate(reader, above):
            if not is_blank_row(row):
                if len(row) != width:
                    raise LayoutError(
                        f"row {index + 1}", f"{width} fields", f"{len(row)}: the file may be cut short"
                    )
                yield index, row
    except csv.Error as error:
        raise UnreadableFileError(f"{raw.name}, line {reader.line_num}: {error}") from error


def without_thousands(text: str) -> str:
    """A number's text without the commas that part its thousands: "1,234.5" is 1234.5. Any other comma stays, for it
    may be a decimal one: "4,5" is no number."""
    return text.replace(",", "") if _THOUSANDS.fullmatch(text) else text


def number(cell: Cell, where: str, blanks: Collection[str] = BLANKS) -> float:
    """A cell as a number; NaN where it is blank. "1,234" and "87.22%" are read as 1234 and 87.22.

    Raises LayoutError for anything else.
    """
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return float(cell)
    text = text_of(cell)
    if text.upper() in blanks:
        return math.nan
    try:
        return float(without_thousands(text.removesuffix("%")))
    except ValueError:
        raise LayoutError(where, "a number", f"'{text}'") from None


def excel_date(serial: float) -> date:
    """The day of an Excel serial number in the 1900 date system: 42917 is 1 July 2017.

    Raises ValueError outside 1 March 1900 to 31 December 9999 (serial 60 is a day that never was).
    """
    if not 61 <= serial < 2_958_466:
        raise ValueError(f"{serial} is not an Excel day number")
    return date(1899, 12, 30) + timedelta(days=int(serial))
