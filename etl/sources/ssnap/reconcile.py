"""Numerator, denominator and percentage of one item, held against each other."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from db.reading.spreadsheets import Cell, text_of
from etl.source import LayoutError
from etl.sources.ssnap import vocabulary as words

ONE_DECIMAL, WHOLE = 0.0501, 0.501
"""Half of the last digit of a percentage, with room for a half that a binary fraction makes a little more."""

Place = tuple[Cell, str]


@dataclass(frozen=True)
class Triple:
    """Counts of patients and their percentage from 0 to 100; NaN where there is none."""

    numerator: float
    denominator: float
    percentage: float


def percentage_tolerance(cells: Iterable[Cell]) -> float:
    """How far a file's percentages may lie from their counts: some print one decimal, some whole numbers."""
    texts = [text_of(cell).removesuffix("%").strip() for cell in cells if not words.missing_reason(cell)]
    return ONE_DECIMAL if any("." in text for text in texts) else WHOLE


def reconcile(
    numerator: Place, denominator: Place, percentage: Place, tolerance: float
) -> tuple[Triple, str]:
    """Counts and percentage that agree, and why there is no percentage ("" where there is one or can be).

    A percentage that a workbook keeps as a part of one (0.614) is known by its counts. Raises LayoutError for a
    part above its whole and for a percentage that contradicts its counts.
    """
    n, no_n = words.count(*numerator)
    d, no_d = words.count(*denominator)
    value, no_value = words.figure(*percentage, largest=100)
    if not no_n and not no_d:
        if n > d:
            raise LayoutError(numerator[1], f"no more than the denominator {d:g}", f"{n:g}")
        if d == 0:
            return Triple(n, d, math.nan), no_value or words.NO_PATIENTS
        return Triple(n, d, _agreeing(n, d, value, percentage, tolerance)), ""
    return Triple(n, d, value), _most_telling(no_value, no_n, no_d) if no_value else ""


def _most_telling(*reasons: str) -> str:
    """Of several reasons, the first that the publisher gave in words: an empty cell says least."""
    return next((reason for reason in reasons if reason and reason != words.LEFT_EMPTY), words.LEFT_EMPTY)


def _agreeing(n: float, d: float, value: float, percentage: Place, tolerance: float) -> float:
    """The percentage on the scale 0 to 100, NaN where none is printed."""
    computed = 100 * n / d
    if math.isnan(value) or abs(value - computed) <= tolerance:
        return value
    if value <= 1 and abs(100 * value - computed) <= tolerance:
        return 100 * value
    raise LayoutError(
        percentage[1], f"{computed:.1f}% from its counts {n:g} of {d:g}", f"'{text_of(percentage[0])}'"
    )
