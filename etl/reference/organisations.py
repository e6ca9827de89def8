"""The catalogue's organisations, made again from files of the Organisation Data Service (ODS).

ODS publishes trusts (`etr`) and commissioners (`eccg`) as CSV files without a heading, 27 fields a row:
https://digital.nhs.uk/services/organisation-data-service. What they do not hold (regions' names, England, the
mergers of integrated care boards, known errors) comes from `db/catalogue/reviewed/`, each fact with its source.

Choices: an organisation keeps its code under every name, and its latest name is its name. Closed trusts stay.
Sub-ICB reporting entities, sustainability and transformation partnerships and trusts outside England are left out.
A trust's ICB is the one that the files give, taken to hold since ICBs began on 1 July 2022; a CCG's or trust's
region is the present one, for all its life. Both fields follow the postcode of the head office, so reviewed parents
of a trust stand instead of them, and `disagreements` lists where vintages differ more than
reorganisations explain. Hubs have no region: ODS files them all under that of their office.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from io import StringIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from db.catalogue import REVIEWED
from db.catalogue.organisation_files import (
    CODE_PATTERN,
    NAMES,
    ORGANISATION_COLUMNS,
    ORGANISATIONS,
    PARENTS,
    SUCCESSIONS,
    read_names,
    read_organisations,
    read_rows,
)
from db.catalogue.policy_dates import ICB_START
from db.domain import Organisation, OrganisationType, Succession, SuccessionKind
from etl.source import LayoutError

_DAY = timedelta(days=1)
_ODS_FIELDS = 27
_CCG_NAMES_AS_AT = date(2021, 4, 1)
_SMALL_WORDS = frozenset(["and", "at", "by", "for", "in", "of", "on", "the", "to", "upon", "with"])
_CAPITALS = frozenset(["CCG", "CIC", "H&J", "ICB", "NHS", "UK"])
_ODDITIES = {"CROSSCITY": "CrossCity", "2GETHER": "2gether"}
_TYPES = {
    "": OrganisationType.CCG,
    "RO218": OrganisationType.COMMISSIONING_HUB,
    "RO319": OrganisationType.SUB_ICB_LOCATION,
}
_REPORTING_ENTITY = "RO327"

ParentRow = tuple[str, str, date | None, date | None]
PerDay = Counter[tuple[str, date]]


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


def regenerate_organisations(files: OdsFiles, out: Path, reviewed: Path = REVIEWED) -> dict[str, int]:
    """Write the catalogue's CSV files into `out`; the rows written, by file name.

    The same files give the same bytes. Nothing is written unless all of it passes the catalogue's own checks.

    Raises LayoutError or db.catalogue.CatalogueError, naming file and row.
    """
    tables = _tables(files, reviewed)
    texts = {name: _csv_text(ORGANISATION_COLUMNS[name], rows) for name, rows in tables.items()}
    with TemporaryDirectory() as folder:
        _write(texts, Path(folder))
        read_names(Path(folder), read_organisations(Path(folder))[0])
    _write(texts, out)
    return {name: len(rows) for name, rows in tables.items()}


@dataclass(frozen=True)
class Disagreement:
    """A trust whose region or ICB in a vintage does not follow from the vintage before.

    earlier, later: region and commissioner of the trust in each; reviewed: the parents that a person typed, if any.
    """

    code: str
    name: str
    earlier_day: date
    earlier: tuple[str, str]
    later_day: date
    later: tuple[str, str]
    reviewed: tuple[str, ...]


def disagreements(
    files: OdsFiles, successions: Iterable[Succession], reviewed: Path = REVIEWED
) -> tuple[Disagreement, ...]:
    """Trusts that moved between two vintages apart from their neighbours, in the order of their codes.

    A commissioner that followed the earlier one by a succession explains the move. Otherwise neighbours are the
    trusts that shared the commissioner: fewer than one in ten of them are in the trust's region now.
    """
    followed = {(item.predecessor, item.successor) for item in successions}
    typed: dict[str, list[str]] = defaultdict(list)
    for code, parent, _, _ in _reviewed_parents(reviewed / PARENTS):
        typed[code].append(parent)
    vintages = [(day, _trusts(path)) for day, path in files.trusts]
    found = []
    for (earlier_day, earlier), (later_day, later) in pairwise(vintages):
        both = sorted(earlier.keys() & later.keys())
        shared = Counter(earlier[code].board for code in both)
        together = Counter((earlier[code].board, later[code].region) for code in both)
        for code in both:
            before, after = earlier[code], later[code]
            if before.board == after.board or (before.board, after.board) in followed:
                continue
            if 10 * together[before.board, after.region] < shared[before.board]:
                places = ((before.region, before.board), (after.region, after.board))
                name = readable_name(after.name)
                typed_here = tuple(sorted(typed[code]))
                found.append(
                    Disagreement(code, name, earlier_day, places[0], later_day, places[1], typed_here)
                )
    return tuple(sorted(found, key=lambda item: (item.code, item.later_day)))


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


def _tables(files: OdsFiles, reviewed: Path) -> dict[str, list[tuple[str, ...]]]:
    trusts = [(day, _trusts(path)) for day, path in files.trusts]
    commissioners = _by_code(read_ods(files.commissioners))
    latest = {code: row for _, rows in trusts for code, row in rows.items()}
    organisations = _with_reviewed(
        {
            **{code: _organisation(row, OrganisationType.TRUST) for code, row in latest.items()},
            **_commissioners(commissioners.values()),
            **_boards(files.boards),
        },
        reviewed / ORGANISATIONS,
    )
    typed = list(_reviewed_parents(reviewed / PARENTS))
    reviewed_codes = {row[0] for row in typed}
    parents = [
        *(row for row in _trust_parents(trusts, organisations) if row[0] not in reviewed_codes),
        *_board_parents(files.locations, organisations),
        *typed,
    ]
    extra = _reviewed_successions(reviewed / SUCCESSIONS)
    parents += _commissioner_parents(commissioners.values(), organisations, extra)
    successions = [
        *_successions(files.successors, organisations),
        *_board_successions(parents, organisations),
    ]
    return {
        ORGANISATIONS: [_organisation_cells(item) for _, item in sorted(organisations.items())],
        PARENTS: sorted((code, parent, _iso(start), _iso(end)) for code, parent, start, end in parents),
        SUCCESSIONS: sorted(_succession_cells(item) for item in [*successions, *extra]),
        NAMES: sorted(_earlier_names(trusts, files.ccgs, organisations)),
    }


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


def _by_code(rows: Iterable[OdsRow]) -> dict[str, OdsRow]:
    known: dict[str, OdsRow] = {}
    for row in rows:
        if row.code in known:
            raise LayoutError(f"{row.where}, field 1", "each code once", row.code)
        known[row.code] = row
    return known


def _trusts(path: Path) -> dict[str, OdsRow]:
    """The English trusts of a vintage: those of Wales stand in `etr` too, with region W00 or none."""
    return _by_code(row for row in read_ods(path) if row.region.startswith("Y"))


def _organisation(row: OdsRow, kind: OrganisationType) -> Organisation:
    return Organisation(row.code, readable_name(row.name), kind, row.opened_on, row.closed_on)


def _commissioners(rows: Iterable[OdsRow]) -> dict[str, Organisation]:
    return {row.code: _organisation(row, kind) for row in rows if (kind := _commissioner_type(row))}


def _commissioner_type(row: OdsRow) -> OrganisationType | None:
    kinds = {_TYPES[role] for role in row.roles if role in _TYPES}
    if len(kinds) == 1:
        return kinds.pop()
    if _REPORTING_ENTITY in row.roles and not kinds:
        return None
    wanted = f"one of the roles {', '.join(role or 'none' for role in _TYPES)} or {_REPORTING_ENTITY}"
    raise LayoutError(f"{row.where}, field 14", wanted, "|".join(row.roles))


def _boards(path: Path) -> dict[str, Organisation]:
    rows = _lookup(path, ("ICB24CDH", "ICB24NM"))
    return {code: Organisation(code, name, OrganisationType.ICB, ICB_START) for code, name in rows}


def _lookup(path: Path, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """The wanted columns of a CSV file with a heading, each combination once, in the file's order."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in columns if name not in (reader.fieldnames or ())]
        if missing:
            raise LayoutError(f"{path.name}, line 1", ", ".join(missing), ", ".join(reader.fieldnames or ()))
        return list(dict.fromkeys(tuple(row[name] for name in columns) for row in reader))


def _with_reviewed(organisations: dict[str, Organisation], path: Path) -> dict[str, Organisation]:
    """The reviewed organisations laid over those of the files: an empty cell leaves what is there."""
    merged = dict(organisations)
    for row in read_rows(path, (*ORGANISATION_COLUMNS[ORGANISATIONS], "source")):
        code = row.code("code")
        row.text("source")
        if code not in merged:
            merged[code] = Organisation(code, row.text("name"), row.word("type", OrganisationType))
        merged[code] = replace(
            merged[code],
            opened_on=row.day_or_none("opened_on") or merged[code].opened_on,
            closed_on=row.day_or_none("closed_on") or merged[code].closed_on,
        )
    return merged


def _trust_parents(
    vintages: Sequence[tuple[date, Mapping[str, OdsRow]]], organisations: Mapping[str, Organisation]
) -> Iterator[ParentRow]:
    latest = {code: row for _, rows in vintages for code, row in rows.items()}
    for code, row in latest.items():
        yield code, row.region, None, None
        seen = [(day, rows[code]) for day, rows in vintages if day >= ICB_START and code in rows]
        yield from _board_spans(organisations[code], seen, organisations)


def _board_spans(
    trust: Organisation, seen: Sequence[tuple[date, OdsRow]], organisations: Mapping[str, Organisation]
) -> Iterator[ParentRow]:
    """A trust's ICBs one after another: each until it closed, which is the day of every change known so far."""
    start = max(trust.opened_on or ICB_START, ICB_START)
    boards = list(dict.fromkeys(row.board for _, row in seen if row.board))
    for number, board in enumerate(boards):
        row = next(row for _, row in seen if row.board == board)
        if board not in organisations or organisations[board].type is not OrganisationType.ICB:
            raise LayoutError(
                f"{row.where}, field 4", f"an ICB of the lookup or of reviewed/{ORGANISATIONS}", board
            )
        closed_on = organisations[board].closed_on
        if number + 1 < len(boards) and closed_on is None:
            wanted = f"the day on which {trust.code} left {board}, as its closing in reviewed/{ORGANISATIONS}"
            raise LayoutError(f"{row.where}, field 4", wanted, "none")
        end = min((day for day in (closed_on, trust.closed_on) if day), default=None)
        if end is None or start <= end:
            yield trust.code, board, start, end
        if closed_on:
            start = max(start, closed_on + _DAY)


def _commissioner_parents(
    rows: Iterable[OdsRow], organisations: Mapping[str, Organisation], extra: Sequence[Succession]
) -> Iterator[ParentRow]:
    for row in rows:
        kind = _commissioner_type(row)
        if kind is OrganisationType.CCG:
            yield row.code, row.region, None, None
        elif kind is OrganisationType.SUB_ICB_LOCATION:
            if row.opened_on is None or row.opened_on < ICB_START:
                yield row.code, row.region, None, ICB_START - _DAY
            yield from _location_boards(row, organisations, extra)


def _location_boards(
    row: OdsRow, organisations: Mapping[str, Organisation], extra: Sequence[Succession]
) -> Iterator[ParentRow]:
    """A location's ICB, and that which took over the whole of it; where an ICB was split, `reviewed/` knows."""
    board, start = row.board, max(row.opened_on or ICB_START, ICB_START)
    while board:
        if board not in organisations:
            raise LayoutError(
                f"{row.where}, field 4", f"an ICB of the lookup or of reviewed/{ORGANISATIONS}", board
            )
        closed_on = organisations[board].closed_on
        yield row.code, board, start, closed_on
        if closed_on is None:
            return
        whole = [item.successor for item in extra if item.predecessor == board]
        board, start = (whole[0] if len(whole) == 1 else ""), closed_on + _DAY


def _board_parents(path: Path, organisations: Mapping[str, Organisation]) -> Iterator[ParentRow]:
    for board, region in _lookup(path, ("ICB22CDH", "NHSER22CDH")):
        if board not in organisations:
            raise LayoutError(f"{path.name}, ICB22CDH", "an ICB of the lookup of ICB names", board)
        yield board, region, ICB_START, organisations[board].closed_on


def _reviewed_parents(path: Path) -> Iterator[ParentRow]:
    for row in read_rows(path, (*ORGANISATION_COLUMNS[PARENTS], "source")):
        row.text("source")
        yield (
            row.code("code"),
            row.code("parent"),
            row.day_or_none("effective_from"),
            row.day_or_none("effective_to"),
        )


def _reviewed_successions(path: Path) -> list[Succession]:
    return [
        Succession(
            row.code("predecessor"),
            row.code("successor"),
            row.day("effective_on"),
            row.word("kind", SuccessionKind),
        )
        for row in read_rows(path, (*ORGANISATION_COLUMNS[SUCCESSIONS], "source"))
        if row.text("source")
    ]


def _successions(path: Path, organisations: Mapping[str, Organisation]) -> list[Succession]:
    """The succession file's rows between organisations of the catalogue, with the kind of each."""
    rows = _lookup(path, ("old_code", "new_code", "date"))
    known = []
    for number, (old, new, day) in enumerate(rows, start=2):
        if old in organisations and new in organisations:
            known.append((old, new, _iso_day(day, f"{path.name}, row {number}, date")))
    leaving = Counter((old, day) for old, _, day in known)
    joining = Counter((new, day) for _, new, day in known)
    return [
        Succession(old, new, day, _kind(organisations[old], organisations[new], day, leaving, joining))
        for old, new, day in known
    ]


def _kind(
    old: Organisation, new: Organisation, day: date, leaving: PerDay, joining: PerDay
) -> SuccessionKind:
    if old.closed_on is None or old.closed_on > day:
        return SuccessionKind.TRANSFER
    if leaving[old.code, day] > 1:
        return SuccessionKind.SPLIT
    if joining[new.code, day] == 1 and new.opened_on == day:
        return SuccessionKind.RENAME
    return SuccessionKind.MERGER


def _board_successions(
    parents: Iterable[ParentRow], organisations: Mapping[str, Organisation]
) -> Iterator[Succession]:
    """CCGs to the ICBs that took them over whole on 1 July 2022; a lone CCG's figures go on under the ICB's code."""
    areas: dict[str, list[str]] = defaultdict(list)
    for code, board, start, _ in parents:
        kind = organisations[code].type
        if kind is OrganisationType.SUB_ICB_LOCATION and start == ICB_START:
            areas[board].append(code)
    for board, codes in areas.items():
        kind_of_change = SuccessionKind.RENAME if len(codes) == 1 else SuccessionKind.MERGER
        yield from (Succession(code, board, ICB_START, kind_of_change) for code in codes)


def _earlier_names(
    vintages: Sequence[tuple[date, Mapping[str, OdsRow]]],
    ccgs: Path,
    organisations: Mapping[str, Organisation],
) -> Iterator[tuple[str, ...]]:
    """Names that differ from the present one, each with the last day on which a file has it."""
    last: dict[tuple[str, str], date] = {}
    for day, rows in vintages:
        last |= {(code, readable_name(row.name)): day for code, row in rows.items()}
    for code, name in _lookup(ccgs, ("CCG21CDH", "CCG21NM")):
        last[code, name] = _CCG_NAMES_AS_AT
    for (code, name), day in last.items():
        if organisations[code].name != name:
            yield code, name, day.isoformat()


def _organisation_cells(item: Organisation) -> tuple[str, ...]:
    return item.code, item.name, item.type.value, _iso(item.opened_on), _iso(item.closed_on)


def _succession_cells(item: Succession) -> tuple[str, ...]:
    return item.predecessor, item.successor, item.effective_on.isoformat(), item.kind.value


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _iso_day(text: str, where: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise LayoutError(where, "a day as yyyy-mm-dd", repr(text)) from error


def _csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([columns, *rows])
    return buffer.getvalue()


def _write(texts: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def _folder_day(path: Path) -> date:
    """The day that a vintage describes: the first of the month that its folder is named by."""
    return _iso_day(f"{path.parent.name}-01", f"folder {path.parent}")


def _last_of(folder: Path, pattern: str) -> Path:
    found = sorted(folder.glob(pattern))
    if not found:
        raise LayoutError(str(folder), pattern, "none")
    return found[-1]
