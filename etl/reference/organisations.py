"""The catalogue's organisations, made again from files of the Organisation Data Service (ODS).

ODS publishes trusts (`etr`) and commissioners (`eccg`) as CSV files without a heading, 27 fields a row:
https://digital.nhs.uk/services/organisation-data-service. What they do not hold (regions' names, England, the
mergers of integrated care boards, known errors) comes from `db/catalogue/reviewed/`, each fact with its source.

Choices: an organisation keeps its code under every name, and its latest name is its name. Closed trusts stay.
Sub-ICB reporting entities, sustainability and transformation partnerships and trusts outside England are left out.
A trust's ICB is the one that the files give, taken to hold since ICBs began on 1 July 2022; a CCG's or trust's
region is the present one, for all its life. Both fields follow the postcode of the head office, so reviewed parents
of a trust stand instead of them, and `etl.reference.disagreements` lists where vintages differ more than
reorganisations explain. Hubs have no region: ODS files them all under that of their office.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from db.catalogue import REVIEWED
from db.catalogue.organisation_files import (
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
from etl.reference.ods import (
    OdsFiles,
    OdsRow,
    commissioner_type,
    english_trusts,
    iso_day,
    read_lookup,
    read_ods,
    readable_name,
    rows_by_code,
)
from etl.reference.parents import (
    ParentRow,
    board_parents,
    commissioner_parents,
    reviewed_parents,
    trust_parents,
)

_CCG_NAMES_AS_AT = date(2021, 4, 1)

PerDay = Counter[tuple[str, date]]


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


def _tables(files: OdsFiles, reviewed: Path) -> dict[str, list[tuple[str, ...]]]:
    trusts = [(day, english_trusts(path)) for day, path in files.trusts]
    commissioners = rows_by_code(read_ods(files.commissioners))
    latest = {code: row for _, rows in trusts for code, row in rows.items()}
    organisations = _with_reviewed(
        {
            **{code: _organisation(row, OrganisationType.TRUST) for code, row in latest.items()},
            **_commissioners(commissioners.values()),
            **_boards(files.boards),
        },
        reviewed / ORGANISATIONS,
    )
    typed = list(reviewed_parents(reviewed / PARENTS))
    reviewed_codes = {row[0] for row in typed}
    parents = [
        *(row for row in trust_parents(trusts, organisations) if row[0] not in reviewed_codes),
        *board_parents(files.locations, organisations),
        *typed,
    ]
    extra = _reviewed_successions(reviewed / SUCCESSIONS)
    parents += commissioner_parents(commissioners.values(), organisations, extra)
    successions = [
        *_successions(files.successors, organisations),
        *_board_successions(parents, organisations),
    ]
    return {
        ORGANISATIONS: [_organisation_cells(item) for _, item in sorted(organisations.items())],
        PARENTS: sorted((code, parent, _iso(start), _iso(end)) for code, parent, start, end in parents),
        SUCCESSIONS: sorted(_succession_cells(item) for item in [*successions, *extra]),
        NAMES: sorted(
            [*_earlier_names(trusts, files.ccgs, organisations), *_reviewed_names(reviewed / NAMES)]
        ),
    }


def _organisation(row: OdsRow, kind: OrganisationType) -> Organisation:
    return Organisation(row.code, readable_name(row.name), kind, row.opened_on, row.closed_on)


def _commissioners(rows: Iterable[OdsRow]) -> dict[str, Organisation]:
    return {row.code: _organisation(row, kind) for row in rows if (kind := commissioner_type(row))}


def _boards(path: Path) -> dict[str, Organisation]:
    rows = read_lookup(path, ("ICB24CDH", "ICB24NM"))
    return {code: Organisation(code, name, OrganisationType.ICB, ICB_START) for code, name in rows}


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


def _reviewed_names(path: Path) -> Iterator[tuple[str, ...]]:
    for row in read_rows(path, (*ORGANISATION_COLUMNS[NAMES], "source")):
        row.text("source")
        yield row.code("code"), row.text("name"), row.day("as_at").isoformat()


def _successions(path: Path, organisations: Mapping[str, Organisation]) -> list[Succession]:
    """The succession file's rows between organisations of the catalogue, with the kind of each."""
    rows = read_lookup(path, ("old_code", "new_code", "date"))
    known = []
    for number, (old, new, day) in enumerate(rows, start=2):
        if old in organisations and new in organisations:
            known.append((old, new, iso_day(day, f"{path.name}, row {number}, date")))
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
    for code, name in read_lookup(ccgs, ("CCG21CDH", "CCG21NM")):
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


def _csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    buffer = StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([columns, *rows])
    return buffer.getvalue()


def _write(texts: Mapping[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
