"""A file's bytes to the canonical frame: one table, or a zip with one month or the whole back series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pandas as pd

from db.catalogue import load_catalogue
from db.catalogue.former_ccgs import practice_former_ccgs
from db.domain import Finding, Maturity, Organisation, Period, Severity
from db.reading.spreadsheets import listed
from etl.reading.archives import Archive, is_zip, naming, open_archive
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.general_practice_workforce.high_level import HighLevel, read_high_level
from etl.sources.general_practice_workforce.layouts import (
    Member,
    PracticeLayout,
    high_level_beside,
    layout_of_file,
    members,
)
from etl.sources.general_practice_workforce.naming import edition_in_name, settle_snapshot
from etl.sources.general_practice_workforce.places import misplaced, organisations, unplaced, with_own_places
from etl.sources.general_practice_workforce.practices import Practices, read_detailed
from etl.sources.general_practice_workforce.rows import canonical_frame
from etl.sources.general_practice_workforce.two_tables import TWO_TABLES, denied_by_high_level

Table = Practices | HighLevel


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """The canonical frame of a practice-level file, bare or zipped: a row a practice, indicator and breakdown.

    Raises LayoutError for a file that is not of a known layout or cannot be dated, and UnreadableFileError.
    """
    if is_zip(raw):
        with open_archive(raw) as archive:
            tables = list(_tables_inside(archive, hints))
    else:
        layout = layout_of_file(raw)
        snapshot = settle_snapshot(raw.name, hints)
        with naming(raw.name):
            tables = [_read(raw, layout, snapshot)]
    detailed = [table for table in tables if isinstance(table, Practices)]
    high_level = [table for table in tables if isinstance(table, HighLevel)]
    edition = edition_in_name(raw.name)
    maturity = Maturity.FINAL if hints.maturity is None else hints.maturity
    frames = [canonical_frame(detailed, maturity)] if detailed else []
    frames += [table.frame for table in high_level]
    return ParsedFile(
        frame=frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True),
        layout=" and ".join(dict.fromkeys(_layout(table) for table in tables)),
        title=_title(raw, [table.snapshot for table in tables]),
        published_on=hints.published_on,
        edition_end=edition.end if edition else None,
        findings=tuple(_findings(detailed, high_level)),
        organisations=_organisations(detailed, high_level),
        complete=all(item.commissioners_given for item in detailed),
    )


def _tables_inside(archive: Archive, hints: Hints) -> Iterator[Table]:
    """The tables of a zip, one unpacked at a time."""
    found = members(archive, hints)
    snapshots = [member.snapshot for member in found]
    if hints.period is not None and not any(hints.period.end == snapshot.end for snapshot in snapshots):
        held = listed(snapshot.label for snapshot in snapshots)
        raise LayoutError(archive.file_name, f"a table of {hints.period.label}, as asked for", held)
    beside = high_level_beside(archive, hints, found)
    for member in found:
        raw = archive.read(member.name)
        with naming(raw.name, archive.file_name):
            table = _read(raw, member.layout, member.snapshot)
        if isinstance(table, Practices) and member.snapshot in beside:
            table = _compared(archive, table, beside[member.snapshot])
        yield table


def _compared(archive: Archive, table: Practices, member: Member) -> Practices:
    """A detailed table with what the high-level table of its month denies of it."""
    try:
        other = read_high_level(archive.read(member.name), member.snapshot)
    except LayoutError as error:
        told = f"{table.snapshot.label}: the high-level table cannot be compared: {error}"
        return replace(table, findings=(*table.findings, Finding(Severity.WARNING, TWO_TABLES, told)))
    return replace(table, findings=(*table.findings, *denied_by_high_level(table, other)))


def _read(raw: RawFile, layout: PracticeLayout, snapshot: Period) -> Table:
    if layout is PracticeLayout.HIGH_LEVEL:
        return read_high_level(raw, snapshot)
    return with_own_places(read_detailed(raw, snapshot), practice_former_ccgs(), load_catalogue())


def _layout(table: Table) -> str:
    return (PracticeLayout.DETAILED if isinstance(table, Practices) else PracticeLayout.HIGH_LEVEL).value


def _title(raw: RawFile, snapshots: Sequence[Period]) -> str:
    first, last = min(snapshots), max(snapshots)
    span = first.label if first == last else f"{first.label} to {last.label}, {len(snapshots)} snapshots"
    edition = edition_in_name(raw.name)
    issued = f" (edition of {edition.label})" if edition else ""
    return f"General Practice Workforce, practice level, {span}{issued}"


def _findings(detailed: Sequence[Practices], high_level: Sequence[HighLevel]) -> Iterator[Finding]:
    former_ccgs = practice_former_ccgs()
    for practices in detailed:
        yield from practices.findings
        yield from unplaced(practices, former_ccgs)
        yield from misplaced(practices, load_catalogue())
    for table in high_level:
        message = f"{table.snapshot.label}: the high-level table alone has no registered patients: no rates"
        yield Finding(Severity.WARNING, "high-level table", message)
        yield from table.findings


def _organisations(
    detailed: Sequence[Practices], high_level: Sequence[HighLevel]
) -> tuple[Organisation, ...]:
    known = {item.code: item for table in high_level for item in table.practices}
    known |= {
        item.code: item
        for item in organisations(detailed, practice_former_ccgs(), load_catalogue().organisations)
    }
    return tuple(known.values())
