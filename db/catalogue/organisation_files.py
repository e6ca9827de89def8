"""Organisations, their parents, successions and earlier names as the reviewed CSV files hold them.

Codes are text of the Organisation Data Service (ODS): 3 to 6 capital letters and digits, leading zeros kept. Places
of residents bear codes of the Office for National Statistics (ONS): a letter and eight digits, E10000016.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from db.catalogue.errors import CatalogueError
from db.domain import Organisation, OrganisationType, Parent, Succession, SuccessionKind

ORGANISATIONS = "organisations.csv"
PARENTS = "parents.csv"
SUCCESSIONS = "successions.csv"
NAMES = "organisation_names.csv"
ORGANISATION_COLUMNS = {
    ORGANISATIONS: ("code", "name", "type", "opened_on", "closed_on"),
    PARENTS: ("code", "parent", "effective_from", "effective_to"),
    SUCCESSIONS: ("predecessor", "successor", "effective_on", "kind"),
    NAMES: ("code", "name", "as_at"),
}
CODE_PATTERN = re.compile(r"[A-Z0-9]{3,6}|[A-Z][0-9]{8}")
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True)
class EarlierName:
    """A name that an organisation bore on a day, where it is no longer its name."""

    name: str
    as_at: date


@dataclass(frozen=True)
class CsvRow:
    """One line of a CSV file, read with its place so that a fault can be named."""

    file: str
    line: int
    cells: Mapping[str, str]

    def fault(self, column: str, wanted: str) -> CatalogueError:
        return CatalogueError(
            f"{self.file}, line {self.line}, {column}: wanted {wanted}, found {self.cells[column]!r}"
        )

    def text(self, column: str) -> str:
        if not self.cells[column]:
            raise self.fault(column, "some text")
        return self.cells[column]

    def code(self, column: str) -> str:
        if not CODE_PATTERN.fullmatch(self.cells[column]):
            raise self.fault(
                column,
                "an ODS code of 3 to 6 capital letters and digits, or an ONS code of a letter and 8 digits",
            )
        return self.cells[column]

    def known(self, column: str, organisations: Mapping[str, Organisation]) -> str:
        if self.code(column) not in organisations:
            raise self.fault(column, f"a code of {ORGANISATIONS}")
        return self.cells[column]

    def word(self, column: str, words: type[_Word]) -> _Word:
        try:
            return words(self.cells[column])
        except ValueError as error:
            raise self.fault(column, f"one of {', '.join(words)}") from error

    def day(self, column: str) -> date:
        try:
            return date.fromisoformat(self.cells[column])
        except ValueError as error:
            raise self.fault(column, "a day as yyyy-mm-dd") from error

    def day_or_none(self, column: str) -> date | None:
        return self.day(column) if self.cells[column] else None


def read_rows(path: Path, columns: tuple[str, ...]) -> Iterator[CsvRow]:
    """The rows of a CSV file whose first line is exactly `columns`.

    Raises CatalogueError for a missing file, another heading or a row of another length.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CatalogueError(f"{path.name}: cannot be read: {error}") from error
    lines = csv.reader(text.splitlines())
    heading = tuple(next(lines, ()))
    if heading != columns:
        raise CatalogueError(f"{path.name}, line 1: wanted {','.join(columns)}, found {','.join(heading)}")
    for cells in lines:
        if len(cells) != len(columns):
            raise CatalogueError(
                f"{path.name}, line {lines.line_num}: wanted {len(columns)} fields, found {len(cells)}"
            )
        yield CsvRow(path.name, lines.line_num, dict(zip(columns, cells, strict=True)))


def read_organisations(folder: Path) -> tuple[dict[str, Organisation], tuple[Succession, ...]]:
    """The organisations of a folder by code, with their parents, and the successions.

    Raises CatalogueError for a code that is malformed, twice there or unknown, for an organisation that would be
    its own ancestor, and for one with two parents of a type on one day (its counts would be added up twice).
    """
    organisations: dict[str, Organisation] = {}
    for row in read_rows(folder / ORGANISATIONS, ORGANISATION_COLUMNS[ORGANISATIONS]):
        if row.code("code") in organisations:
            raise row.fault("code", "each code once")
        organisations[row.code("code")] = _organisation(row)
    parents: dict[str, list[Parent]] = defaultdict(list)
    for row in read_rows(folder / PARENTS, ORGANISATION_COLUMNS[PARENTS]):
        parents[row.known("code", organisations)].append(_parent(row, organisations))
    organisations |= {code: replace(organisations[code], parents=tuple(own)) for code, own in parents.items()}
    _check_parents(organisations)
    rows = read_rows(folder / SUCCESSIONS, ORGANISATION_COLUMNS[SUCCESSIONS])
    return organisations, tuple(_succession(row, organisations) for row in rows)


def read_names(folder: Path, organisations: Mapping[str, Organisation]) -> dict[str, tuple[EarlierName, ...]]:
    """The earlier names of organisations by code, oldest first.

    Raises CatalogueError for a malformed row or an unknown code.
    """
    names: dict[str, list[EarlierName]] = defaultdict(list)
    for row in read_rows(folder / NAMES, ORGANISATION_COLUMNS[NAMES]):
        names[row.known("code", organisations)].append(EarlierName(row.text("name"), row.day("as_at")))
    return {code: tuple(sorted(own, key=lambda name: name.as_at)) for code, own in names.items()}


def _organisation(row: CsvRow) -> Organisation:
    opened_on, closed_on = row.day_or_none("opened_on"), row.day_or_none("closed_on")
    if opened_on and closed_on and closed_on < opened_on:
        raise row.fault("closed_on", f"a day from {opened_on}")
    kind = row.word("type", OrganisationType)
    return Organisation(row.code("code"), row.text("name"), kind, opened_on, closed_on)


def _parent(row: CsvRow, organisations: Mapping[str, Organisation]) -> Parent:
    code = row.known("parent", organisations)
    parent = Parent(code, row.day_or_none("effective_from"), row.day_or_none("effective_to"))
    if parent.effective_from and parent.effective_to and parent.effective_to < parent.effective_from:
        raise row.fault("effective_to", f"a day from {parent.effective_from}")
    return parent


def _succession(row: CsvRow, organisations: Mapping[str, Organisation]) -> Succession:
    predecessor, successor = row.known("predecessor", organisations), row.known("successor", organisations)
    if predecessor == successor:
        raise row.fault("successor", "another organisation than the predecessor")
    return Succession(predecessor, successor, row.day("effective_on"), row.word("kind", SuccessionKind))


def _check_parents(organisations: Mapping[str, Organisation]) -> None:
    for organisation in organisations.values():
        _check_no_cycle(organisation.code, organisations)
        of_type: dict[OrganisationType, list[Parent]] = defaultdict(list)
        for parent in organisation.parents:
            of_type[organisations[parent.code].type].append(parent)
        for kind, parents in of_type.items():
            _check_one_at_a_time(organisation.code, kind, parents)


def _check_no_cycle(code: str, organisations: Mapping[str, Organisation]) -> None:
    seen: set[str] = set()
    above = [parent.code for parent in organisations[code].parents]
    while above:
        ancestor = above.pop()
        if ancestor == code:
            raise CatalogueError(f"{PARENTS}: wanted no organisation above itself, found {code}")
        if ancestor not in seen:
            seen.add(ancestor)
            above += [parent.code for parent in organisations[ancestor].parents]


def _check_one_at_a_time(code: str, kind: OrganisationType, parents: list[Parent]) -> None:
    parents = sorted(parents, key=lambda parent: parent.effective_from or date.min)
    for earlier, later in pairwise(parents):
        if (earlier.effective_to or date.max) >= (later.effective_from or date.min):
            raise CatalogueError(
                f"{PARENTS}: wanted at most one {kind} above {code} on a day, "
                f"found {earlier.code} and {later.code} on {later.effective_from}"
            )
