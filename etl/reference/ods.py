"""The files of the Organisation Data Service, read: rows by code, lookups, and names as people write them.

ODS publishes trusts (`etr`) and commissioners (`eccg`) as CSV files without a heading, 27 fields a row:
https://digital.nhs.uk/services/organisation-data-service.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from db.catalogue.organisation_files import (
    CODE_PATTERN,
)
from db.domain import OrganisationType
from etl.source import LayoutError

_ODS_FIELDS = 27
_SMALL_WORDS = frozenset(["and", "at", "by", "for", "in", "of", "on", "the", "to", "upon", "with"])
_CAPITALS = frozenset(["CCG", "CIC", "H&J", "ICB", "NHS", "UK"])
_ODDITIES = {"CROSSCITY": "CrossCity", "2GETHER": "2gether"}
_TYPES = {
    "": OrganisationType.CCG,
    "RO218": OrganisationType.COMMISSIONING_HUB,
    "RO319": OrganisationType.SUB_ICB_LOCATION,
}
_REPORTING_ENTITY = "RO327"


@dataclass(frozen=True)
class OdsFiles:
    """Where the files are. `trusts` are vintages of `etr`, each with the day that it describes, oldest first."""

    trusts: tuple[tuple[date, Path], ...]
    commissioners: Path
    successors: Path
    boards: Path
    locations: Path
    ccgs: Path


@dataclass(frozen=True)
class OdsRow:
    """The fields of an ODS row that the catalogue uses."""

    where: str
    code: str
    name: str
    region: str
    board: str
    opened_on: date | None
    closed_on: date | None
    roles: tuple[str, ...]


def find_files(folder: Path) -> OdsFiles:
    """The ODS files of a folder laid out as `etr/yyyy-mm/*.csv`, `eccg/yyyy-mm/*.csv`, `successors/`, `lookups/`.

    Raises LayoutError for a file that is missing.
    """
    trusts = sorted(folder.glob("etr/*/*.csv"))
    if not trusts:
        raise LayoutError(str(folder), "etr/yyyy-mm/*.csv", "none")
    return OdsFiles(
        tuple((_folder_day(path), path) for path in trusts),
        _last_of(folder, "eccg/*/*.csv"),
        _last_of(folder, "successors/*.csv"),
        _last_of(folder, "lookups/icb_names_codes*.csv"),
        _last_of(folder, "lookups/SICBL_ICB*.csv"),
        _last_of(folder, "lookups/ccg_lad_lookup.csv"),
    )


def read_ods(path: Path) -> list[OdsRow]:
    """The rows of an ODS file of 27 fields without a heading.

    Raises LayoutError naming the file and line.
    """
    rows = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        for number, fields in enumerate(csv.reader(file), start=1):
            where = f"{path.name}, line {number}"
            if len(fields) != _ODS_FIELDS:
                raise LayoutError(where, f"{_ODS_FIELDS} fields", str(len(fields)))
            rows.append(_ods_row(where, [field.strip() for field in fields]))
    if not rows:
        raise LayoutError(path.name, "rows", "none")
    return rows


def _ods_row(where: str, fields: Sequence[str]) -> OdsRow:
    code, name = fields[0], fields[1]
    if not CODE_PATTERN.fullmatch(code):
        raise LayoutError(f"{where}, field 1", "an ODS code of 3 to 6 capital letters and digits", repr(code))
    if not name:
        raise LayoutError(f"{where}, field 2", "a name", "nothing")
    opened_on = _ods_day(fields[10], f"{where}, field 11")
    closed_on = _ods_day(fields[11], f"{where}, field 12")
    roles = tuple(fields[13].split("|"))
    return OdsRow(where, code, name, fields[2], fields[3], opened_on, closed_on, roles)


def _ods_day(text: str, where: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}")
    except ValueError as error:
        raise LayoutError(where, "a day as yyyymmdd", repr(text)) from error


def rows_by_code(rows: Iterable[OdsRow]) -> dict[str, OdsRow]:
    """Rows by their code. Raises LayoutError for a code that stands twice."""
    known: dict[str, OdsRow] = {}
    for row in rows:
        if row.code in known:
            raise LayoutError(f"{row.where}, field 1", "each code once", row.code)
        known[row.code] = row
    return known


def english_trusts(path: Path) -> dict[str, OdsRow]:
    """The English trusts of a vintage: those of Wales stand in `etr` too, with region W00 or none."""
    return rows_by_code(row for row in read_ods(path) if row.region.startswith("Y"))


def commissioner_type(row: OdsRow) -> OrganisationType | None:
    """What a commissioner is by its roles; None for a reporting entity. Raises LayoutError for other roles."""
    kinds = {_TYPES[role] for role in row.roles if role in _TYPES}
    if len(kinds) == 1:
        return kinds.pop()
    if _REPORTING_ENTITY in row.roles and not kinds:
        return None
    wanted = f"one of the roles {', '.join(role or 'none' for role in _TYPES)} or {_REPORTING_ENTITY}"
    raise LayoutError(f"{row.where}, field 14", wanted, "|".join(row.roles))


def read_lookup(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The wanted columns of a CSV file with a heading, each combination once, in the file's order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise LayoutError(f"{path.name}, line 1", ", ".join(missing), ", ".join(reader.fieldnames or ()))
        return list(dict.fromkeys(tuple(row[name] for name in columns) for row in reader))


def readable_name(text: str) -> str:
    """An ODS name, which comes in capitals, as people write it: `NHS Kent and Medway ICB - 91Q`.

    A code after a dash stays in capitals, as do NHS, ICB and CCG.
    """
    name, dash, code = text.rpartition(" - ")
    if dash and CODE_PATTERN.fullmatch(code) and any(sign.isdigit() for sign in code):
        return f"{readable_name(name)} - {code}"
    words = re.split(r"([\s(),/-]+)", text.strip())
    first = next((number for number, word in enumerate(words) if word.strip("(), -")), 0)
    return "".join(_readable_word(word, number == first) for number, word in enumerate(words))


def _readable_word(word: str, first: bool) -> str:
    if word in _CAPITALS:
        return word
    if word in _ODDITIES:
        return _ODDITIES[word]
    if word.lower() in _SMALL_WORDS and not first:
        return word.lower()
    if re.fullmatch(r"MC[A-Z]{3,}", word):
        return f"Mc{word[2:].capitalize()}"
    return word.capitalize()


def iso_day(text: str, where: str) -> date:
    """A day written yyyy-mm-dd. Raises LayoutError, with its place, for anything else."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise LayoutError(where, "a day as yyyy-mm-dd", repr(text)) from error


def _folder_day(path: Path) -> date:
    """The day that a vintage describes: the first of the month that its folder is named by."""
    return iso_day(f"{path.parent.name}-01", f"folder {path.parent}")


def _last_of(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise LayoutError(str(folder), pattern, "none")
    return found[-1]
