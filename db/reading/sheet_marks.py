"""What a workbook's sheets say beside their cells: lines that are hidden, and formulas that nobody has worked out."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from xml.parsers import expat

from db.reading.bounds import column_number
from db.reading.files import RawFile, UnreadableFileError

_SEPARATOR = "}"
_MAY_SAY = re.compile(rb"<(?:\w+:)?f[ />]|hidden=|t=[\"']e")
_TRUE = frozenset({"1", "true"})


@dataclass
class SheetMarks:
    """Of one sheet: the hidden lines, counted from 1; the cells of formulas without a stored result, as line and column
    from 1 and 1; and the cells that hold an error of the spreadsheet, with which."""

    hidden: set[int] = field(default_factory=set)
    unworked: set[tuple[int, int]] = field(default_factory=set)
    broken: dict[tuple[int, int], str] = field(default_factory=dict)


def sheet_marks(raw: RawFile, names: list[str]) -> dict[str, SheetMarks]:
    """The marks of some sheets of a workbook (xlsx) that has been opened before, so that its size is known to be fit.

    Raises UnreadableFileError for one that is damaged.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw.content)) as archive:
            parts = _parts(archive)
            return {name: _marks(archive.read(parts[name])) for name in names if name in parts}
    except (zipfile.BadZipFile, KeyError, ValueError, expat.ExpatError) as error:
        raise UnreadableFileError(f"{raw.name} is cut short or damaged: save it again") from error


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The part of the archive that each sheet is in."""
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(_name: str, attributes: dict[str, str]) -> None:
        if "Id" in attributes and "Target" in attributes:
            targets[attributes["Id"]] = attributes["Target"]

    def sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(_SEPARATOR)[2] == "sheet":
            key = next((value for kind, value in attributes.items() if kind.endswith(f"{_SEPARATOR}id")), "")
            sheets[attributes.get("name", "")] = key

    for part, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        parser.StartElementHandler = handler
        parser.Parse(archive.read(part), True)
    return {
        name: posixpath.normpath(posixpath.join("xl", targets[key])).lstrip("/")
        if not targets[key].startswith("/")
        else targets[key].lstrip("/")
        for name, key in sheets.items()
        if key in targets
    }


class _Walk:
    """One sheet's cells in the order of the file."""

    def __init__(self) -> None:
        self.marks = SheetMarks()
        self._line, self._column = 0, 0
        self._formula = self._result = self._in_result = self._text = self._error = False

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = name.rpartition(_SEPARATOR)[2]
        if kind == "row":
            self._line = int(attributes.get("r", self._line + 1))
            self._column = 0
            if attributes.get("hidden") in _TRUE:
                self.marks.hidden.add(self._line)
        elif kind == "c":
            place = attributes.get("r", "")
            letters = place.rstrip("0123456789")
            self._column = column_number(letters) if letters else self._column + 1
            self._formula, self._result = False, False
            self._text, self._error = attributes.get("t") == "str", attributes.get("t") == "e"
        elif kind == "f":
            self._formula = True
        elif kind == "v":
            self._in_result, self._result = True, self._text

    def characters(self, text: str) -> None:
        if self._in_result and text.strip():
            self._result = True
            if self._error:
                self.marks.broken[self._line, self._column] = text.strip()

    def end(self, name: str) -> None:
        kind = name.rpartition(_SEPARATOR)[2]
        if kind == "v":
            self._in_result = False
        elif kind == "c" and self._formula and not self._result:
            self.marks.unworked.add((self._line, self._column))


def _marks(content: bytes) -> SheetMarks:
    walk = _Walk()
    if _MAY_SAY.search(content):
        parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        parser.StartElementHandler, parser.EndElementHandler = walk.start, walk.end
        parser.CharacterDataHandler = walk.characters
        parser.Parse(content, True)
    return walk.marks
