"""How large a workbook's sheets are, told before any cell is read.

A reader of workbooks makes room for every cell between A1 and the last filled one, so a file of a few thousand bytes
with one cell at XFD1048576 asks for 549 GB and ends the process. What a sheet claims of its size (`dimension`) is often
wrong, so the cells' own places are read: one part after another, a piece at a time, and nothing of them is kept. Every
failure is an `UnreadableFileError` that says what the limit is.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from xml.parsers import expat

from db.reading.files import RawFile, UnreadableFileError
from db.reading.old_workbook import old_extents

LARGEST_SHEET = 10_000_000
"""Cells from A1 to the last filled row and column. The largest sheet of the real files seen has 0.7 million."""
LARGEST_WORKBOOK = 20_000_000
MOST_TEXT = 500_000_000
"""Characters of all cells of a workbook: a text that is kept once may stand in any number of cells."""
MOST_COLUMNS = 16_384
LONGEST_LINE = 1_000_000
"""Bytes of a line of a text file. The widest header known, of 805 columns, has some 21 thousand."""
_MOST_ROWS = 1_048_576

_PIECE = 1 << 18
_SEPARATOR = "}"
_WORKSHEET = re.compile(rb"(?:<\?xml[^>]*>\s*)?<(?:\w+:)?worksheet\b")
_OTHER_CELLS = tuple(
    re.compile(rb'<c(?! r="%s")[\s/>]|<\w+:c[\s/>]|<!|\x00' % place)
    for place in (rb"[A-Z]{1,2}[0-9]{1,4}", rb"[A-Z][0-9]{1,5}")
)
"""What a sheet has that is not certainly small: a cell beyond ZZ9999, and one beyond Z99999."""
_DIGITS = "0123456789"


class _OtherPartError(Exception):
    """A part of a workbook that holds neither cells nor their texts."""


@dataclass
class _Extent:
    """How far the filled cells of a sheet reach, counting from 1, and how much text they hold."""

    sheet: str
    rows: int = 0
    columns: int = 0
    shared_texts: int = 0
    text: int = 0


@dataclass
class _Reader:
    """Reads one part of a workbook: how far its sheets reach, or the lengths of the texts that cells share.

    `lengths` are those of the shared texts: with them a sheet's text is added up exactly.
    """

    part: str
    lengths: list[int] = field(default_factory=list)
    exactly: bool = False
    extents: list[_Extent] = field(default_factory=list)
    texts: list[int] = field(default_factory=list)

    def read(self, pieces: Iterator[bytes]) -> None:
        """Read to the end. Raises _OtherPartError, expat.ExpatError and ValueError for what is no such part."""
        self._parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._root
        for piece in pieces:
            self._parser.Parse(piece, False)
        self._parser.Parse(b"", True)

    def _root(self, name: str, _attributes: dict[str, str]) -> None:
        kind = name.rpartition(_SEPARATOR)[2]
        if kind == "worksheet":
            self._extent = _Extent(self.part)
            self.extents.append(self._extent)
            self._row = self._column = 0
            self._shared = False
            self._parser.StartElementHandler = self._in_sheet
        elif kind == "sst":
            self._parser.StartElementHandler = self._in_texts
        elif kind in {"document-content", "document"}:
            self._parser.StartElementHandler = self._in_open_document
            self._parser.EndElementHandler = self._after_open_document
            self._parser.CharacterDataHandler = self._open_text
        else:
            raise _OtherPartError

    # xlsx

    def _in_texts(self, name: str, _attributes: dict[str, str]) -> None:
        if name.endswith("}si"):
            self.texts.append(0)
            self._parser.CharacterDataHandler = self._measured

    def _measured(self, text: str) -> None:
        self.texts[-1] += len(text)

    def _in_sheet(self, name: str, attributes: dict[str, str]) -> None:
        if name.endswith("}c"):
            place = attributes.get("r")
            if place is None:
                self._column += 1
            else:
                letters = place.rstrip(_DIGITS)
                self._row, self._column = int(place[len(letters) :]), column_number(letters)
            self._shared = attributes.get("t") == "s"
        elif name.endswith(("}v", "}is")):
            extent = self._extent
            extent.rows, extent.columns = max(extent.rows, self._row), max(extent.columns, self._column)
            extent.shared_texts += self._shared
            self._parser.CharacterDataHandler = self._shared_text if self._shared and self.exactly else None
        elif name.endswith("}row"):
            place = attributes.get("r")
            self._row, self._column = self._row + 1 if place is None else int(place), 0
            self._parser.CharacterDataHandler = None

    def _shared_text(self, number: str) -> None:
        if number.strip():
            self._extent.text += self.lengths[int(number)]

    # ods: a cell, and a row, may say that it stands so many times

    def _in_open_document(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(_SEPARATOR)[2]
        if kind == "table":
            self._extent = _Extent(_attribute(attributes, "name"))
            self.extents.append(self._extent)
            self._row = 0
        elif kind == "table-row":
            self._column = self._filled_to = self._row_text = self._cell_text = 0
            self._rows_alike = int(_attribute(attributes, "number-rows-repeated") or 1)
        elif kind in {"table-cell", "covered-table-cell"}:
            self._cells_alike = int(_attribute(attributes, "number-columns-repeated") or 1)
            self._column += self._cells_alike
            self._cell_text = 0
            if any(key.endswith(("}value-type", "}formula")) for key in attributes):
                self._filled_to = self._column

    def _open_text(self, text: str) -> None:
        self._cell_text = getattr(self, "_cell_text", 0) + len(text)

    def _after_open_document(self, name: str) -> None:
        kind = name.rpartition(_SEPARATOR)[2]
        if kind in {"table-cell", "covered-table-cell"}:
            if self._cell_text:
                self._filled_to = self._column
                self._row_text += self._cell_text * self._cells_alike
        elif kind == "table-row":
            self._row += self._rows_alike
            if self._filled_to:
                self._extent.rows = self._row
                self._extent.columns = max(self._extent.columns, self._filled_to)
                self._extent.text += self._row_text * self._rows_alike
        elif kind == "table" and self._row > 2 * _MOST_ROWS:
            self._extent.rows = max(self._extent.rows, self._row)


def _attribute(attributes: dict[str, str], name: str) -> str:
    return next((value for key, value in attributes.items() if key.endswith(f"{_SEPARATOR}{name}")), "")


@cache
def column_number(letters: str) -> int:
    """The number of a column from 1, whatever its letters: A is 1, XFD 16,384. Raises ValueError for other signs."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise ValueError(letters)
        number = 26 * number + ord(letter) - 64
    return number


def _certainly_small(archive: zipfile.ZipFile, part: str) -> _Extent | None:
    """A sheet that is seen to be within the limits without reading its XML; None for any other part.

    Nearly all real sheets are. Whatever a plain search may misunderstand is left to the reader of XML.
    """
    tail, shared, patterns = b"", 0, list(_OTHER_CELLS)
    with archive.open(part) as opened:
        for piece in iter(lambda: opened.read(_PIECE), b""):
            if not shared and not tail and not _WORKSHEET.match(piece.removeprefix(b"\xef\xbb\xbf")):
                return None
            text = tail + piece
            whole = text.rfind(b"<")
            tail = text[whole:]
            patterns = [pattern for pattern in patterns if not pattern.search(text, 0, whole)]
            shared += text.count(b"<c ", 0, whole)
            if not patterns:
                return None
    return _Extent(part, shared_texts=shared)


def check_zipped_workbook(raw: RawFile, archive: zipfile.ZipFile) -> None:
    """Raise UnreadableFileError for a workbook (xlsx, ods) whose sheets, or the texts in them, are too large."""
    if "xl/workbook.bin" in archive.namelist():
        raise UnreadableFileError(f"{raw.name} is a binary workbook (xlsb): save it as xlsx")
    readers = [reader for name in archive.namelist() if (reader := _measured(raw, archive, name))]
    check_extents(raw, [extent for reader in readers for extent in reader.extents])
    lengths = [length for reader in readers for length in reader.texts]
    longest = max(lengths, default=0)
    if sum(extent.shared_texts for reader in readers for extent in reader.extents) * longest > MOST_TEXT:
        exact = (_Reader(reader.part, lengths, exactly=True) for reader in readers)
        readers = [counted for reader in exact if (counted := _read(raw, archive, reader))]
    _check_text(raw, [extent for reader in readers for extent in reader.extents])


def _check_text(raw: RawFile, extents: list[_Extent]) -> None:
    together = sum(extent.text for extent in extents)
    if together > MOST_TEXT:
        fullest = max(extents, key=lambda extent: extent.text)
        raise UnreadableFileError(
            f"{raw.name} has {together:,} characters in its cells, most of them in sheet '{fullest.sheet}': at most "
            f"{MOST_TEXT:,} are read"
        )


def _measured(raw: RawFile, archive: zipfile.ZipFile, part: str) -> _Reader | None:
    small = _certainly_small(archive, part)
    return _Reader(part, extents=[small]) if small else _read(raw, archive, _Reader(part))


def _read(raw: RawFile, archive: zipfile.ZipFile, reader: _Reader) -> _Reader | None:
    """The reader with what it read; None for a part of other content."""
    try:
        with archive.open(reader.part) as opened:
            reader.read(iter(lambda: opened.read(_PIECE), b""))
    except _OtherPartError:
        return None
    except (expat.ExpatError, ValueError, LookupError, AttributeError) as error:
        if reader.extents or reader.texts:
            raise UnreadableFileError(
                f"{raw.name} is damaged (part '{reader.part}'): fetch it again"
            ) from error
        return None
    return reader


def check_old_workbook(raw: RawFile) -> None:
    """Raise UnreadableFileError for a workbook (xls) whose sheets are too large, or that is damaged."""
    found = [
        _Extent(f"number {number}", extent.rows, extent.columns, text=extent.text)
        for number, extent in enumerate(old_extents(raw), 1)
    ]
    check_extents(raw, found)
    _check_text(raw, found)


def check_lines(raw: RawFile) -> None:
    """Raise UnreadableFileError for text with a line so long that it can be no row of a table."""
    content, start = raw.content, 0
    while len(content) - start > LONGEST_LINE:
        end = start + LONGEST_LINE + 1
        found = max(content.rfind(b"\n", start, end), content.rfind(b"\r", start, end))
        if found < 0:
            line = len(content[:start].splitlines()) + 1
            raise UnreadableFileError(
                f"{raw.name}, line {line}: wanted at most {LONGEST_LINE:,} bytes in a line, found more"
            )
        start = found + 1


def check_table(raw: RawFile, rows: int, columns: int) -> None:
    """Raise UnreadableFileError for a text file of too many columns, or with too many cells for one sheet."""
    if columns > MOST_COLUMNS:
        raise UnreadableFileError(f"{raw.name}: wanted at most {MOST_COLUMNS:,} columns, found {columns:,}")
    if rows * columns > LARGEST_SHEET:
        raise UnreadableFileError(
            f"{raw.name}: wanted a table of at most {LARGEST_SHEET:,} cells, found {rows:,} rows of up to "
            f"{columns:,} columns"
        )


def check_extents(raw: RawFile, extents: list[_Extent]) -> None:
    """Raise UnreadableFileError where a sheet, or all of them together, have too many cells."""
    for extent in extents:
        if extent.rows * extent.columns > LARGEST_SHEET or extent.rows > _MOST_ROWS:
            reach = f"reaches row {extent.rows:,} and column {extent.columns:,}"
            raise UnreadableFileError(
                f"{raw.name}: sheet '{extent.sheet}' {reach}: at most {LARGEST_SHEET:,} cells are read; remove "
                "what stands far away from the table"
            )
    together = sum(extent.rows * extent.columns for extent in extents)
    if together > LARGEST_WORKBOOK:
        raise UnreadableFileError(
            f"{raw.name} has {together:,} cells in its sheets: at most {LARGEST_WORKBOOK:,} are read"
        )
