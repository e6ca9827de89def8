"""How far the cells of an old workbook (xls) reach and how much text they hold, from its records alone.

The file is a small file system of its own (a compound file): sectors chained by a table, a directory, and in it the
stream of the workbook's records. References: [MS-CFB] and [MS-XLS].
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

from db.reading.files import RawFile, UnreadableFileError

_CELLS = frozenset({0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})
"""Records of filled cells (formula, numbers, texts, true or false). Each begins with its row and column."""
_SEVERAL = 0x00BD
_BEGINS = 0x0809
_SHARED_TEXTS, _CONTINUED, _SHARED_TEXT = 0x00FC, 0x003C, 0x00FD
_LEAST_BYTES = 3
"""Of a shared text: its length and its flags."""
LONGEST_TEXT = 32_767
"""Characters that a cell can hold."""
_LAST_SECTOR = 0xFFFFFFFA
_STREAMS = ("Workbook", "Book")


@dataclass
class OldExtent:
    """The last filled row and column of a sheet, counting from 1, and the characters of the texts that cells share."""

    rows: int = 0
    columns: int = 0
    text: int = 0


def old_extents(raw: RawFile) -> list[OldExtent]:
    """Each sheet in order. Raises UnreadableFileError."""
    try:
        stream = _stream(raw.content)
        return list(_extents(stream))
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableFileError(
            f"{raw.name} is not a workbook that can be read: it is cut short or damaged"
        ) from error


def _extents(stream: bytes) -> Iterator[OldExtent]:
    """Sheets as the records of their cells tell. Raises ValueError for more shared texts than the table could hold."""
    extent, lengths = OldExtent(), array("H")
    records = _records(stream)
    for kind, position, length in records:
        if kind in _CELLS and length >= 4:
            row, column = struct.unpack_from("<HH", stream, position)
            if kind == _SEVERAL:
                (column,) = struct.unpack_from("<H", stream, position + length - 2)
            elif kind == _SHARED_TEXT and length >= 10:
                (number,) = struct.unpack_from("<I", stream, position + 6)
                extent.text += lengths[number] if number < len(lengths) else LONGEST_TEXT
            extent.rows, extent.columns = max(extent.rows, row + 1), max(extent.columns, column + 1)
        elif kind == _BEGINS and extent.rows:
            yield extent
            extent = OldExtent()
        elif kind == _SHARED_TEXTS:
            lengths = _lengths(_parts_of_table(stream, position, length))
    yield extent


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Each record's kind, where its content begins, and its length."""
    position = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        yield kind, position + 4, length
        position += 4 + length


def _parts_of_table(stream: bytes, position: int, length: int) -> list[bytes]:
    """The table of shared texts, and the records that continue it."""
    parts = [stream[position : position + length]]
    position += length
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        if kind != _CONTINUED:
            break
        parts.append(stream[position + 4 : position + 4 + length])
        position += 4 + length
    return parts


def _lengths(parts: list[bytes]) -> array[int]:
    """The characters of each shared text, as far as the table can be read ([MS-XLS] 2.4.265 and 2.5.293).

    Raises ValueError for a count of texts that the table cannot hold: readers make room for so many.
    """
    (claimed,) = struct.unpack_from("<I", parts[0], 4)
    if claimed > sum(map(len, parts)) // _LEAST_BYTES:
        raise ValueError("more shared texts than their table holds")
    table, lengths = _Table(parts), array("H")
    try:
        for _ in range(claimed):
            lengths.append(table.text())
    except (struct.error, IndexError):
        pass
    return lengths


class _Table:
    """The table of shared texts, read over its parts: in each that goes on with a text, its width is said anew."""

    def __init__(self, parts: list[bytes]) -> None:
        self._parts, self._part, self._at = parts, 0, 8

    def text(self) -> int:
        """The length of the next text, which is passed over with its runs and what Asian scripts add."""
        (length,) = struct.unpack("<H", self._take(2))
        (flags,) = self._take(1)
        (runs,) = struct.unpack("<H", self._take(2)) if flags & 8 else (0,)
        (extension,) = struct.unpack("<I", self._take(4)) if flags & 4 else (0,)
        left, width = length, 1 + (flags & 1)
        while left:
            here = min(left, (len(self._parts[self._part]) - self._at) // width)
            self._at, left = self._at + here * width, left - here
            if left:
                self._next_part()
                width = 1 + (self._take(1)[0] & 1)
        self._pass(4 * runs + extension)
        return int(length)

    def _next_part(self) -> None:
        self._part, self._at = self._part + 1, 0
        _ = self._parts[self._part]

    def _take(self, count: int) -> bytes:
        if self._at >= len(self._parts[self._part]):
            self._next_part()
        taken = self._parts[self._part][self._at : self._at + count]
        self._at += count
        return taken

    def _pass(self, count: int) -> None:
        while count:
            here = min(count, len(self._parts[self._part]) - self._at)
            self._at, count = self._at + here, count - here
            if count:
                self._next_part()


def _stream(content: bytes) -> bytes:
    """The workbook's records; none in a file that is locked, whose workbook is not a stream of its own.

    Streams below `least` bytes stand in small sectors, which are kept in a stream of the directory's first entry.
    """
    (shift, small_shift) = struct.unpack_from("<HH", content, 30)
    if shift not in {9, 12} or small_shift != 6:
        raise ValueError("sectors of an unknown size")
    directory_at, _, least, small_table_at = struct.unpack_from("<4I", content, 48)
    sectors = _Sectors(content[1 << shift :], 1 << shift, _table(content, 1 << shift))
    directory = sectors.chained(directory_at)
    entries = [directory[at : at + 128] for at in range(0, len(directory), 128)]
    found = {_entry_name(entry): struct.unpack_from("<II", entry, 116) for entry in entries if entry[66]}
    own = [found[name] for name in _STREAMS if name in found]
    if not own:
        return b""
    start, size = own[0]
    if size >= least:
        return sectors.chained(start)[:size]
    small_start, _ = struct.unpack_from("<II", entries[0], 116)
    table = _numbers(sectors.chained(small_table_at))
    return _Sectors(sectors.chained(small_start), 1 << small_shift, table).chained(start)[:size]


def _entry_name(entry: bytes) -> str:
    (length,) = struct.unpack_from("<H", entry, 64)
    return entry[: max(length - 2, 0)].decode("utf-16-le")


def _table(content: bytes, size: int) -> list[int]:
    """Which sector follows each sector: the numbers of the table's own sectors stand in the header and a chain."""
    places = list(struct.unpack_from("<109I", content, 76))
    following, count = struct.unpack_from("<II", content, 68)
    for _ in range(min(count, len(content) // size)):
        if following >= _LAST_SECTOR:
            break
        *more, following = _numbers(content[(following + 1) * size : (following + 2) * size])
        places += more
    own = [place for place in places if place < _LAST_SECTOR]
    return _numbers(b"".join(content[(place + 1) * size : (place + 2) * size] for place in own))


def _numbers(content: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4]))


class _Sectors:
    """Sectors of one size with the table that chains them."""

    def __init__(self, content: bytes, size: int, table: list[int]) -> None:
        self._content, self._size, self._table = content, size, table

    def chained(self, first: int) -> bytes:
        """The sectors from the first on, one after another. Raises ValueError for a chain that never ends."""
        parts = []
        number = first
        while number < _LAST_SECTOR:
            parts.append(self._content[number * self._size : (number + 1) * self._size])
            number = self._table[number]
            if len(parts) > len(self._table):
                raise ValueError("a chain of sectors that never ends")
        return b"".join(parts)
