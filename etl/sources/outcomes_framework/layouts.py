"""What a file of the framework holds of the indicators that are read, as rows of the canonical frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from db.catalogue import load_catalogue
from db.domain import DETAIL_COLUMNS, OBSERVATION_COLUMNS, Finding, Organisation, OrganisationType, Severity
from db.reading.spreadsheets import Worksheet, first_csv_row, is_workbook, listed, read_workbook
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.outcomes_framework.figures import allowance, check_row, constant_of, frame_record
from etl.sources.outcomes_framework.places import organisation_of_row
from etl.sources.outcomes_framework.table import SHEET, AnnualRow, annual_rows, bears_marks
from etl.sources.outcomes_framework.vocabulary import CONSTANTS, KINDS, MEASURES, measure_in_name

_TOP = 40


def recognise(raw: RawFile) -> bool:
    """Whether a file is a table of the framework, by its header: of any of its indicators, so that others are told."""
    try:
        if is_workbook(raw):
            return any(map(bears_marks, read_workbook(raw, (SHEET,), top=_TOP).values()))
        return bears_marks(Worksheet("", [first_csv_row(raw)]))
    except SourceError:
        return False


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """The years of England, regions, councils and districts. Values stand as published, and nothing is added up.

    No cell says which indicator a file is of: its name does, and the constant of 2.3.i. Raises LayoutError for a file
    of another indicator, for one standardised to another year, and as reading and checking its rows do.
    """
    rows = list(annual_rows(raw))
    england = [row for row in rows if OrganisationType.COUNTRY in KINDS[row.breakdown].values()]
    absent = {row.period for row in rows} - {row.period for row in england}
    if absent or not rows:
        wanted = "an England row with 'Annual' in 'Quarter' for each year"
        raise LayoutError(raw.name, wanted, f"none for {min(absent).short_label}" if absent else "none")
    measure, constant = _measure(raw.name, england)
    for row in rows:
        check_row(row, constant)
    placed = [(row, organisation_of_row(row)) for row in rows]
    indicator = MEASURES[measure]
    records = [
        frame_record(row, place, indicator, counted=measure in CONSTANTS) for row, place in _once(placed)
    ]
    frame = pd.DataFrame.from_records(records, columns=[*OBSERVATION_COLUMNS, *DETAIL_COLUMNS])
    last = max(row.period for row in rows)
    return ParsedFile(
        frame.astype({"numerator": float, "denominator": float, "value": float}),
        layout="indicator data",
        title=f"NHS Outcomes Framework {measure}, years to {last.end:%B %Y}",
        published_on=hints.published_on,
        findings=tuple(_unplaced(placed)),
        # Expected admissions of a small place are few, and rounded: each row was held against its own rounding.
        percentage_tolerance=max(map(allowance, rows)),
        organisations=_not_in_the_catalogue([place for _, place in placed if place is not None]),
        edition_end=last.end,
    )


def _measure(name: str, england: Sequence[AnnualRow]) -> tuple[str, float]:
    """The framework's number of a file's indicator and its constant, by its name and what England's values say."""
    found, named = constant_of(england), measure_in_name(name)
    fitting = [measure for measure, constant in CONSTANTS.items() if found.admits(constant)]
    if named and named not in MEASURES:
        raise LayoutError(name, f"a file of {' or '.join(MEASURES)}, by its name", named)
    if not named and not fitting:
        wanted = (
            f"a name such as NHSOF_{' or NHSOF_'.join(MEASURES)}, since no cell says which indicator this is"
        )
        raise LayoutError("", wanted, f"'{name}'")
    measure = named or fitting[0]
    if fitting not in ([measure], []) or (measure in CONSTANTS and not fitting):
        wanted = f"England's values of {measure} as observed / expected x "
        wanted += f"{CONSTANTS[measure]:g}" if measure in CONSTANTS else "its own constant"
        told = f"x {found.middle:.2f}: " + (f"that of {fitting[0]}" if fitting else "another reference year")
        raise LayoutError(name, wanted, told)
    return measure, CONSTANTS.get(measure, found.middle)


def _once(
    placed: Sequence[tuple[AnnualRow, Organisation | None]],
) -> Iterator[tuple[AnnualRow, Organisation]]:
    """Each place's row of a year, once. Raises LayoutError where one council's rows in the two tiers differ."""
    first: dict[tuple[str, int], AnnualRow] = {}
    for row, place in placed:
        if place is None:
            continue
        told = first.setdefault((place.code, row.period.key), row)
        if told is row:
            yield row, place
        elif row.breakdown == told.breakdown:
            wanted = f"one row of {place.name} for {row.period.short_label} in this breakdown"
            raise LayoutError(row.where, wanted, f"a second one beside {told.where}")
        elif not np.array_equal(row.figures, told.figures, equal_nan=True):
            wanted = f"the figures of {place.name} for {row.period.short_label} as in {told.where}"
            raise LayoutError(row.where, wanted, "others")


def _unplaced(placed: Sequence[tuple[AnnualRow, Organisation | None]]) -> Iterator[Finding]:
    names = dict.fromkeys(row.name for row, place in placed if place is None)
    if names:
        message = f"no code in 'Level' and no organisation of this name, left out: {listed(names)}"
        yield Finding(Severity.WARNING, "places", message, len(names))


def _not_in_the_catalogue(places: Sequence[Organisation]) -> tuple[Organisation, ...]:
    known, found = load_catalogue().organisations, {place.code: place for place in places}
    return tuple(place for code, place in sorted(found.items()) if code not in known)
