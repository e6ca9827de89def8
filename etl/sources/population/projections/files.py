"""Which files are of a projection, and the one of them that is read: that of persons, as it is or in its zip.

The files of one sex, the summary tables, variants and the projection based on 2012 are known, and refused by name.
"""

from __future__ import annotations

import re
from typing import Final

from db.reading.spreadsheets import csv_top, find_headers, is_workbook, listed, read_workbook, sheet_names
from etl.reading.archives import (
    Archive,
    base_name,
    is_workbook_archive,
    is_zip,
    naming,
    open_archive,
)
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.population.projections.table import MARKS, MOST_ABOVE, read_table

_OF_2012: Final = ("areacode", "AgeGroup")
_SUMMARY: Final = ("CODE", "AREA", "AGE GROUP")
_SUMMARY_SHEETS: Final = frozenset({"persons", "males", "females"})
_PERSONS: Final = re.compile(r"(?<![a-z])persons(?![a-z])", re.IGNORECASE)
_WANTED: Final = "a projection's file of persons, such as '2018 SNPP Population persons.csv'"


def is_projection(raw: RawFile) -> bool:
    """Whether a file is of a projection: its table, a zip that holds it, or one of those that are not read."""
    if _is_zip_of_files(raw):
        with open_archive(raw) as archive:
            return any(_bears_marks(archive.start(name)) for name in _tables(archive))
    if is_workbook(raw):
        return _has_summary(raw)
    return _bears_marks(raw)


def read_projection(raw: RawFile, hints: Hints) -> ParsedFile:
    """The residents of a projection. Raises LayoutError for what is another of its files, and as `read_table` does."""
    if _is_zip_of_files(raw):
        with open_archive(raw) as archive:
            named = [name for name in _tables(archive) if _PERSONS.search(base_name(name))]
            if len(named) != 1:
                raise LayoutError(
                    raw.name, f"{_WANTED}, once", listed(map(base_name, named or archive.names))
                )
            member = archive.read(named[0])
        with naming(member.name, raw.name):
            return read_table(member, hints, raw.name)
    if is_workbook(raw):
        raise LayoutError(raw.name, _WANTED, "its summary tables, which are in thousands")
    if find_headers(csv_top(raw, MOST_ABOVE), *_OF_2012):
        raise LayoutError(
            raw.name, f"the column {listed(MARKS[:1])} of projections based on 2014 and later", "'areacode'"
        )
    with naming(raw.name):
        return read_table(raw, hints)


def _is_zip_of_files(raw: RawFile) -> bool:
    if not is_zip(raw):
        return False
    with open_archive(raw) as archive:
        return not is_workbook_archive(archive)


def _tables(archive: Archive) -> list[str]:
    return [name for name in archive.names if name.casefold().endswith(".csv")]


def _bears_marks(raw: RawFile) -> bool:
    top = csv_top(raw, MOST_ABOVE)
    return bool(find_headers(top, *MARKS) or find_headers(top, *_OF_2012))


def _has_summary(raw: RawFile) -> bool:
    names = [name for name in sheet_names(raw) if name.strip().casefold() in _SUMMARY_SHEETS]
    return any(find_headers(sheet, *_SUMMARY) for sheet in read_workbook(raw, names, top=MOST_ABOVE).values())
