"""A comma-separated file too large to be a table in memory at once, read some megabytes at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

import pandas as pd

from db.reading.spreadsheets import (
    Header,
    csv_top,
    header_at,
    is_blank_row,
    normalise_label,
    read_csv_frame,
)
from etl.source import LayoutError, RawFile

PIECE = 8_000_000
"""Bytes of a piece, a few more up to the end of a line."""
_TOP_ROWS = 10
_NEWLINE, _QUOTE = b"\n", b'"'


class ByteStream(Protocol):
    """An opened file of bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """So many bytes, or all that are left."""

    def readline(self) -> bytes:
        """Up to the next line break, with it."""


def find_csv_header(raw: RawFile, *labels: str) -> Header:
    """The first of the top rows that has all of these labels, the file's first row that is not blank where none has.

    Raises UnreadableFileError, and LayoutError for a file without rows.
    """
    sheet = csv_top(raw, _TOP_ROWS)
    wanted = {normalise_label(label) for label in labels}
    filled = [index for index, row in enumerate(sheet.rows) if not is_blank_row(row)]
    if not filled:
        raise LayoutError(raw.name, "a header row", "no rows")
    found = (index for index in filled if wanted <= {normalise_label(cell) for cell in sheet.rows[index]})
    return header_at(sheet, next(found, filled[0]))


def csv_pieces(
    opened: ByteStream, header: Header, columns: Mapping[str, str], name: str, size: int = PIECE
) -> Iterator[pd.DataFrame]:
    """Chosen columns of the rows below a header, piece after piece of a file from its beginning, as `read_csv_frame`.

    The index + 2 is a row's number in the file. Raises as `read_csv_frame` does.
    """
    for _ in range(header.index):
        opened.readline()
    head, above = opened.readline(), header.index
    # In other encodings a line break is no single byte.
    if b"\x00" in head:
        yield read_csv_frame(RawFile(name, head + opened.read()), columns, above)
        return
    while body := _piece(opened, size):
        yield read_csv_frame(RawFile(name, head + body), columns, above)
        above += body.count(_NEWLINE)


def _piece(opened: ByteStream, size: int) -> bytes:
    """Some bytes, up to a line break that is in no quotation marks."""
    parts = [opened.read(size), opened.readline()]
    quotes = sum(part.count(_QUOTE) for part in parts)
    while quotes % 2 and (line := opened.readline()):
        parts.append(line)
        quotes += line.count(_QUOTE)
    return b"".join(parts)
