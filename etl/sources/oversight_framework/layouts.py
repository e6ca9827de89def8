"""A published file as the canonical frame: which of the two layouts it has, by its header."""

from __future__ import annotations

from db.domain import Finding, Severity
from db.reading.spreadsheets import is_workbook
from etl.reading.archives import naming
from etl.reading.csv_pieces import find_csv_header
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.oversight_framework.data_file import DATA_COLUMNS, data_file
from etl.sources.oversight_framework.figures import oversight_frame, trusts_beyond_catalogue
from etl.sources.oversight_framework.league_table import LEAGUE_COLUMNS, league_table

_READERS = {"data": (DATA_COLUMNS, data_file), "league table": (LEAGUE_COLUMNS, league_table)}
_START = 65_536


def recognise(raw: RawFile) -> bool:
    """Whether a file is one of this publication's, by its header."""
    try:
        return not is_workbook(raw) and bool(_layout(RawFile(raw.name, raw.content[:_START])))
    except SourceError:
        return False


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """A published file as the canonical frame, as it was published: trusts are never added up or averaged.

    Raises UnreadableFileError and LayoutError.
    """
    with naming(raw.name):
        layout = _layout(raw)
        if not layout:
            wanted = f"the columns {' or '.join(', '.join(own) for own, _ in _READERS.values())}"
            raise LayoutError("", wanted, "another header")
        found = _READERS[layout][1](raw)
    return ParsedFile(
        oversight_frame(found.figures),
        layout,
        f"NHS Oversight Framework, {layout}, to {found.last.label}",
        hints.published_on,
        findings=tuple(Finding(Severity.WARNING, "whole leagues", words) for words in found.cuts),
        organisations=trusts_beyond_catalogue(found.figures),
        withdraws_absent=False,
        edition_end=found.last.end,
        areas_vary=True,
        stated=found.stated,
    )


def _layout(raw: RawFile) -> str:
    for layout, (columns, _) in _READERS.items():
        header = find_csv_header(raw, *columns)
        if all(header.has(label) for label in columns):
            return layout
    return ""
