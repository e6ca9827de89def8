"""What a file is, by its header: the wide "Detailed" table, the tidy "High level" one, or neither."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from db.domain import Period
from db.reading.spreadsheets import first_csv_row, is_workbook, listed, normalise_label
from etl.reading.archives import Archive, base_name, is_workbook_archive, is_zip, open_archive
from etl.source import Hints, LayoutError, RawFile, UnreadableFileError
from etl.sources.general_practice_workforce import vocabulary as words
from etl.sources.general_practice_workforce.naming import (
    edition_in_name,
    settle_snapshot,
    snapshots_in_name,
)


class PracticeLayout(StrEnum):
    """The two layouts that practices are published in."""

    DETAILED = "practice-level detailed"
    HIGH_LEVEL = "practice-level high level"


@dataclass(frozen=True)
class Member:
    """A practice-level table inside a zip: its name there, its layout and the snapshot that it describes."""

    name: str
    layout: PracticeLayout
    snapshot: Period


def layout_of(start: RawFile) -> PracticeLayout | None:
    """The layout of a comma-separated file by its header row; None for another publication's file.

    Raises UnreadableFileError for bytes that are no text.
    """
    labels = _labels(start)
    if {name.casefold() for name in words.DETAILED_MARKS} <= labels:
        return PracticeLayout.DETAILED
    if {name.casefold() for name in words.HIGH_LEVEL_COLUMNS} <= labels:
        return PracticeLayout.HIGH_LEVEL
    return None


def layout_of_file(raw: RawFile) -> PracticeLayout:
    """The layout of a file that is said to be a practice-level table.

    Raises UnreadableFileError, and LayoutError where its header is of no known layout.
    """
    layout = layout_of(_start(raw))
    if layout is None:
        raise _unknown_layout(f"{raw.name}, row 1", _start(raw))
    return layout


def recognise(raw: RawFile) -> bool:
    """Whether a file is a practice-level table, or a zip that holds one. Workbooks are zips too, and are not.

    A table whose columns have changed is claimed as well, so that it is refused by what it lacks; and what cannot be
    read is claimed by its name, so that it is refused by why.
    """
    try:
        if not is_zip(raw):
            return not is_workbook(raw) and _claims(_start(raw))
        with open_archive(raw) as archive:
            if is_workbook_archive(archive):
                return False
            return any(_claims(archive.start(name)) for name in _tables(archive))
    except UnreadableFileError:
        return edition_in_name(raw.name) is not None or _named_and_dated(raw.name)


def _claims(start: RawFile) -> bool:
    labels = _labels(start)
    changed = words.PRACTICE.casefold() in labels and any(label.startswith("total_gp_") for label in labels)
    return changed or _named_and_dated(start.name) or layout_of(start) is not None


def _named_and_dated(name: str) -> bool:
    return _named_practice_level(name) and bool(snapshots_in_name(name))


def _labels(start: RawFile) -> set[str]:
    return {normalise_label(cell) for cell in first_csv_row(start)}


def members(archive: Archive, hints: Hints) -> list[Member]:
    """The tables of a zip to be read, oldest first: the detailed one of each month, else the high-level one.

    Raises LayoutError where a month has two of a kind, where a practice-level table is of no known layout or
    cannot be dated, and where the zip holds none.
    """
    found = list(_members(archive, hints))
    if not found:
        raise LayoutError(archive.file_name, "a practice-level CSV file inside", listed(archive.names))
    taken: dict[tuple[Period, PracticeLayout], Member] = {}
    for member in found:
        other = taken.setdefault((member.snapshot, member.layout), member)
        if other is not member:
            names = f"two: '{other.name}' and '{member.name}'"
            wanted = f"one {member.layout} file of {member.snapshot.label}"
            raise LayoutError(archive.file_name, wanted, names)
    detailed = {member.snapshot for member in found if member.layout is PracticeLayout.DETAILED}
    wanted_members = [
        member
        for member in found
        if member.layout is PracticeLayout.DETAILED or member.snapshot not in detailed
    ]
    return sorted(wanted_members, key=lambda member: member.snapshot)


def high_level_beside(archive: Archive, hints: Hints, found: Sequence[Member]) -> dict[Period, Member]:
    """The high-level table of each month whose detailed table is the one that is read."""
    read = {member.snapshot for member in found if member.layout is PracticeLayout.DETAILED}
    return {
        member.snapshot: member
        for member in _members(archive, hints)
        if member.layout is PracticeLayout.HIGH_LEVEL and member.snapshot in read
    }


def _members(archive: Archive, hints: Hints) -> Iterator[Member]:
    tables = [(name, layout) for name in _tables(archive) if (layout := _layout_inside(archive, name))]
    # With at most one table of a layout the zip is of one month, and a period given dates it. A back series is
    # dated by its members' names alone.
    one_month = len({layout for _, layout in tables}) == len(tables)
    for name, layout in tables:
        yield Member(name, layout, settle_snapshot(base_name(name), hints if one_month else Hints()))


def _layout_inside(archive: Archive, name: str) -> PracticeLayout | None:
    start = archive.start(name)
    layout = layout_of(start)
    if layout is None and _named_practice_level(name):
        raise _unknown_layout(f"{archive.file_name}, '{start.name}', row 1", start)
    return layout


def _unknown_layout(where: str, start: RawFile) -> LayoutError:
    wanted = f"the columns {listed(words.DETAILED_MARKS)} or {listed(words.HIGH_LEVEL_COLUMNS)}"
    return LayoutError(where, wanted, listed(first_csv_row(start)))


def _tables(archive: Archive) -> list[str]:
    """The comma-separated members. Definitions come as workbooks, and individual-level files have other columns."""
    return [name for name in archive.names if name.casefold().endswith(".csv")]


def _named_practice_level(name: str) -> bool:
    folded = base_name(name).casefold()
    return "practice level" in folded.replace("-", " ") and "definition" not in folded


def _start(raw: RawFile) -> RawFile:
    return RawFile(raw.name, raw.content[:65_536])
