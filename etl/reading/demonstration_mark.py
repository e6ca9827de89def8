"""The mark of demonstration data: it stays in the bytes, so a file is known for one under any name."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import IO

from etl.source import RawFile

STATEMENT = "Demonstration data: every number is invented"
"""Stands in every workbook's document properties and, where the layout has one, on its front page."""

NAME_SUFFIX = " (demonstration data)"
"""Ends every organisation's name in a text file, so that a part of the file carries it too."""

FILE_SUFFIX = "-DEMONSTRATION"
"""Ends every file's name, before the dot."""

_MARKS = tuple(mark.strip(" ()").casefold().encode() for mark in (STATEMENT, NAME_SUFFIX))
_ZIP = b"PK\x03\x04"
_PIECE = 1 << 20


def is_demonstration(raw: RawFile) -> bool:
    """Whether a file is demonstration data, by its content or its name.

    In a workbook the document properties, the shared texts and the first sheet are read, and in another zip the
    beginning of each text file, whose every row has the mark. A broken zip is judged by its name alone: its reader
    refuses it.
    """
    if FILE_SUFFIX.casefold() in raw.name.casefold():
        return True
    if not raw.content.startswith(_ZIP):
        return _found_in(io.BytesIO(raw.content))
    try:
        with zipfile.ZipFile(io.BytesIO(raw.content)) as archive:
            return any(_marked_part(archive, part) for part in _parts(archive))
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError):
        return False


def _marked(content: bytes) -> bool:
    folded = content.lower()
    return any(mark in folded for mark in _MARKS)


def _parts(archive: zipfile.ZipFile) -> Iterator[str]:
    """The parts of a workbook or of a zip of tables that can carry the mark, the cheapest first."""
    names = archive.namelist()
    yield from (name for name in names if name.casefold().endswith(".csv"))
    yield from (name for name in names if name.startswith("docProps/"))
    yield from (name for name in names if name in {"xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"})


def _marked_part(archive: zipfile.ZipFile, name: str) -> bool:
    """Search a part, of a text file its first piece only."""
    with archive.open(name) as part:
        return _marked(part.read(_PIECE)) if name.casefold().endswith(".csv") else _found_in(part)


def _found_in(opened: IO[bytes]) -> bool:
    """Search piece by piece: what is of any size takes little memory."""
    overlap = max(map(len, _MARKS)) - 1
    tail = b""
    while piece := opened.read(_PIECE):
        if _marked(tail + piece):
            return True
        tail = piece[-overlap:]
    return False
