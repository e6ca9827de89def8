"""Which of the layouts a file has: the workbook of an edition, its components of change, or a projection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from db.reading.spreadsheets import is_workbook
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.population.components import is_components, read_components
from etl.sources.population.projections.files import is_projection, read_projection
from etl.sources.population.workbook import is_edition, read_edition

_LAYOUTS: Final[tuple[tuple[Callable[[RawFile], bool], Callable[[RawFile, Hints], ParsedFile]], ...]] = (
    (lambda raw: is_workbook(raw) and is_edition(raw), read_edition),
    (lambda raw: not is_workbook(raw) and is_components(raw), read_components),
    (is_projection, read_projection),
)


def recognise(raw: RawFile) -> bool:
    """Whether a file is an edition's workbook, its components of change or a projection, by its sheets or header."""
    return any(_is(raw, known) for known, _ in _LAYOUTS)


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """The residents of a file. Raises LayoutError."""
    for known, read in _LAYOUTS:
        if _is(raw, known):
            return read(raw, hints)
    raise LayoutError(
        raw.name, "an edition of mid-year estimates, its components of change or a projection", "none"
    )


def _is(raw: RawFile, known: Callable[[RawFile], bool]) -> bool:
    try:
        return known(raw)
    except SourceError:
        return False
