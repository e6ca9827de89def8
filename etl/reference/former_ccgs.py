"""Practices placed in their clinical commissioning group (CCG) at 31 March 2020, from ODS practice files.

The Organisation Data Service (ODS) gives each practice's commissioner in `epraccur` (field 15 of 27, no heading), but
only the present one: since April 2020 every practice of Kent and Medway has 91Q. The last file before 31 March 2020
says where each practice was; earlier files place practices that it no longer holds. A CCG that had been merged by
then stands for the one that took it over whole. A practice that opened later is placed where its predecessors were,
if ODS records a succession and all of them were in one CCG. No CCG changed between November 2019 and March 2020.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from pathlib import Path

from db.catalogue.former_ccgs import FORMER_CCG_COLUMNS, FORMER_CCGS
from db.catalogue.organisation_files import CODE_PATTERN
from db.catalogue.policy_dates import FORMER_CCGS_END
from db.domain import Organisation, OrganisationType, Succession, SuccessionKind
from db.reading.spreadsheets import listed, read_csv, text_of
from etl.reading.archives import is_zip, open_archive
from etl.source import LayoutError, RawFile

REGISTER, MERGED, SUCCESSOR = "practice file", "practice file, CCG since merged", "succession of the practice"

_FIELDS = 27
_COMMISSIONER, _SETTING = 14, 25
_GP_PRACTICE = "4"
_COMMISSIONING = frozenset({OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION})
_WHOLE = frozenset({SuccessionKind.MERGER, SuccessionKind.RENAME})


@dataclass(frozen=True)
class PracticeFiles:
    """Where the files are: `epraccur`, plain or zipped, each with the day that it describes; and successions."""

    practices: tuple[tuple[date, Path], ...]
    successors: Path | None = None


@dataclass(frozen=True)
class Placing:
    """Where a practice was, and by what it was placed there."""

    ccg: str
    placed_by: str


def find_practice_files(folder: Path) -> PracticeFiles:
    """The files of a folder laid out as `epraccur/yyyy-mm/*` and `successors/*.csv`.

    Raises LayoutError where there is no practice file of 31 March 2020 or before.
    """
    found = [
        (day, path)
        for path in sorted(folder.glob("epraccur/*/*"))
        if path.suffix in {".csv", ".zip"} and (day := _folder_day(path)) <= FORMER_CCGS_END
    ]
    if not found:
        raise LayoutError(str(folder), f"epraccur/yyyy-mm/ of {FORMER_CCGS_END} or before", "none")
    return PracticeFiles(tuple(found), next(iter(sorted(folder.glob("successors/*.csv"))), None))


def regenerate_former_ccgs(
    files: PracticeFiles,
    out: Path,
    organisations: Mapping[str, Organisation],
    successions: Sequence[Succession],
) -> int:
    """Write `practice_former_ccgs.csv` into a folder and return its rows. The same files give the same bytes.

    `organisations` and `successions` are the catalogue's. Raises LayoutError naming file and row.
    """
    placings = place_practices(files, organisations, successions)
    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(FORMER_CCG_COLUMNS)
    writer.writerows((code, item.ccg, item.placed_by) for code, item in sorted(placings.items()))
    out.mkdir(parents=True, exist_ok=True)
    (out / FORMER_CCGS).write_text(buffer.getvalue(), encoding="utf-8", newline="\n")
    return len(placings)


def place_practices(
    files: PracticeFiles, organisations: Mapping[str, Organisation], successions: Sequence[Succession]
) -> dict[str, Placing]:
    """The CCG at 31 March 2020 of each practice that can be placed. Raises LayoutError naming file and row."""
    placings: dict[str, Placing] = {}
    for _, path in sorted(files.practices, reverse=True):
        for practice, commissioner in _practices(path):
            if practice not in placings and (placing := _placing(commissioner, organisations, successions)):
                placings[practice] = placing
    if files.successors is not None:
        _place_successors(placings, _practice_successions(files.successors))
    return placings


def _placing(
    commissioner: str, organisations: Mapping[str, Organisation], successions: Sequence[Succession]
) -> Placing | None:
    """The CCG that a commissioner had become by 31 March 2020; None for one that is no English CCG or was split."""
    known = organisations.get(commissioner)
    if known is None or known.type not in _COMMISSIONING:
        return None
    if known.closed_on is None or known.closed_on >= FORMER_CCGS_END:
        return Placing(commissioner, REGISTER)
    heirs = [
        item
        for item in successions
        if item.predecessor == commissioner and item.effective_on <= FORMER_CCGS_END and item.kind in _WHOLE
    ]
    later = _placing(heirs[0].successor, organisations, successions) if len(heirs) == 1 else None
    return Placing(later.ccg, MERGED) if later else None


def _practices(path: Path) -> Iterator[tuple[str, str]]:
    """GP practices, open or not, and the commissioner of each, from one file."""
    sheet = read_csv(_csv_inside(RawFile(path.name, path.read_bytes())))
    for number, row in enumerate(sheet.rows, start=1):
        fields = [text_of(cell) for cell in row]
        if not fields:
            continue
        if len(fields) != _FIELDS:
            raise LayoutError(f"{path.name}, line {number}", f"{_FIELDS} fields", str(len(fields)))
        if not CODE_PATTERN.fullmatch(fields[0]):
            raise LayoutError(f"{path.name}, line {number}, field 1", "a practice code", f"'{fields[0]}'")
        if fields[_SETTING] == _GP_PRACTICE:
            yield fields[0], fields[_COMMISSIONER]


def _csv_inside(raw: RawFile) -> RawFile:
    if not is_zip(raw):
        return raw
    with open_archive(raw) as archive:
        tables = [name for name in archive.names if name.casefold().endswith(".csv")]
        if len(tables) != 1:
            raise LayoutError(raw.name, "one CSV file inside", listed(tables))
        return archive.read(tables[0])


def _practice_successions(path: Path) -> list[tuple[str, str]]:
    """Predecessor and successor of each succession in a file with the columns old_code, new_code and date."""
    sheet = read_csv(RawFile(path.name, path.read_bytes()))
    rows = [[text_of(cell) for cell in row] for row in sheet.rows if row]
    heading = ["old_code", "new_code", "date"]
    if rows[:1] != [heading]:
        raise LayoutError(f"{path.name}, line 1", listed(heading), listed(rows[0]))
    return [(old, new) for old, new, _ in sorted(rows[1:], key=lambda row: row[2])]


def _place_successors(placings: dict[str, Placing], successions: Iterable[tuple[str, str]]) -> None:
    """Place successors where all of their predecessors were, earlier successions first."""
    predecessors: dict[str, list[str]] = defaultdict(list)
    for old, new in successions:
        if new not in placings:
            predecessors[new].append(old)
    for new, former in predecessors.items():
        ccgs = {placings[old].ccg if old in placings else None for old in former}
        ccg = ccgs.pop()
        if not ccgs and ccg is not None:
            placings[new] = Placing(ccg, SUCCESSOR)


def _folder_day(path: Path) -> date:
    try:
        return date.fromisoformat(f"{path.parent.name}-01")
    except ValueError as error:
        raise LayoutError(
            f"folder {path.parent.name}", "a month as yyyy-mm", f"'{path.parent.name}'"
        ) from error
