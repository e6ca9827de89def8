"""How far the cells of an old workbook (xls) reach, from its records, without reading what the cells hold.

The file is a small file system of its own (a compound file): sectors chained by a table, a directory, and in it the
stream of the workbook's records. References: [MS-CFB] and [MS-XLS].
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from etl.source import RawFile, UnreadableFileError

_CELLS = frozenset({0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E})
"""Records of filled cells (formula, numbers, texts, true or false). Each begins with its row and column."""
_SEVERAL = 0x00BD
_BEGINS = 0x0809
_LAST_SECTOR = 0xFFFFFFFA
_STREAMS = ("Workbook", "Book")


def old_extents(raw: RawFile) -> list[tuple[int, int]]:
    """The last filled row and column, counting from 1, of each sheet in order. Raises UnreadableFileError."""
    try:
        stream = _stream(raw.content)
        return list(_extents(stream))
    except (struct.error, IndexError, UnicodeDecodeError, ValueError) as error:
        raise UnreadableFileError(
            f"{raw.name} is not a workbook that can be read: it is cut short or damaged"
        ) from error


def _extents(stream: bytes) -> Iterator[tuple[int, int]]:
    position = rows = columns = 0
    while position + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, position)
        if kind in _CELLS and length >= 4:
            row, column = struct.unpack_from("<HH", stream, position + 4)
            if kind == _SEVERAL:
                (column,) = struct.unpack_from("<H", stream, position + 2 + length)
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        elif kind == _BEGINS and rows:
            yield rows, columns
            rows = columns = 0
        position += 4 + length
    yield rows, columns


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
