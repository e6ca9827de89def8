"""Which of the layouts a file has: the workbook of an edition, or its components of change."""

from __future__ import annotations

from etl.reading.spreadsheets import is_workbook
from etl.source import Hints, ParsedFile, RawFile, SourceError
from etl.sources.population.components import is_components, read_components
from etl.sources.population.workbook import is_edition, read_edition


def recognise(raw: RawFile) -> bool:
    """Whether a file is an edition's workbook or its components of change, by its sheets or its header."""
    try:
        return is_edition(raw) if is_workbook(raw) else is_components(raw)
    except SourceError:
        return False


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """The residents of a file. Raises LayoutError."""
    return read_edition(raw, hints) if is_workbook(raw) else read_components(raw, hints)
