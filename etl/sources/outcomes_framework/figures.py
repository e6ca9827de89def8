"""What a row's numbers must be to one another, and the row of the frame that they make.

A value is observed / expected x one constant, which is England's in the same file: so a table that is not indirectly
standardised, or not to the year that the indicator says, is noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan, nan

from db.domain import ALL, Basis, Maturity, Organisation, OrganisationType
from etl.source import LayoutError
from etl.sources.outcomes_framework.table import AnnualRow

SUPPRESSED = "Suppressed by the publisher: a small number"
NOT_PUBLISHED = "Not published, no reason given"
SLACK = 0.1
"""How far the constant may lie from year to year."""
_HALF = 0.05
"""Half of the last digit that is printed."""
_ROUNDING = 1e-6


@dataclass(frozen=True)
class EditionConstant:
    """What observed / expected is multiplied by in every row of a file, as England's printed values bound it."""

    low: float
    high: float

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    def admits(self, constant: float) -> bool:
        """Whether the values may have been made with a constant."""
        return self.low - SLACK <= constant <= self.high + SLACK


def constant_of(england: Sequence[AnnualRow]) -> EditionConstant:
    """The constant of a file by its England rows.

    Raises LayoutError where one of them has no value, observed or expected admissions, and where years have different
    constants.
    """
    bounds: list[tuple[float, float]] = []
    low, high = 0.0, inf
    for row in england:
        where = f"{row.where} (England, {row.period.short_label})"
        if not (_whole(row) and row.observed > 0):
            raise LayoutError(where, "a value with its observed and expected admissions", "none")
        least, most = ((row.value + sign) * (row.expected + sign) / row.observed for sign in (-_HALF, _HALF))
        bounds.append((least, most))
        low, high = max(low, least), min(high, most)
        if low - high > SLACK:
            wanted = f"the constant of the other years, {bounds[0][0]:.2f} to {bounds[0][1]:.2f}"
            raise LayoutError(where, wanted, f"{least:.2f} to {most:.2f} (value x expected / observed)")
    return EditionConstant(min(low, high), max(low, high))


def check_row(row: AnnualRow, constant: float) -> None:
    """Raise LayoutError for a value or ratio that its counts do not give, and a value outside its own interval."""
    where = f"{row.where} ({row.name}, {row.period.short_label})"
    if row.observed % 1 > 0:
        raise LayoutError(where, "a whole number in 'Observed'", f"{row.observed:g}")
    if row.expected == 0:
        raise LayoutError(where, "more than 0 in 'Expected'", "0")
    if row.lower > row.value + _ROUNDING or row.upper < row.value - _ROUNDING:
        raise LayoutError(where, f"an interval around {row.value:g}", f"{row.lower:g} to {row.upper:g}")
    share = row.observed / row.expected
    for name, found, factor, slack in (
        ("Indicator value", row.value, constant, SLACK),
        ("Standardised ratio", row.ratio, 100, 0.0),
    ):
        if abs(share * factor - found) > _HALF + share * slack + found * _HALF / row.expected + _ROUNDING:
            wanted = f"'{name}' {share * factor:.1f} (observed / expected x {factor:.6g})"
            raise LayoutError(where, wanted, f"{found:g}")


def allowance(row: AnnualRow) -> float:
    """How far a value may lie from its counts, as they are rounded, in its unit; 0 where one of them is missing."""
    share = row.observed / row.expected
    found = _HALF + share * SLACK + row.value * _HALF / row.expected + _ROUNDING
    return 0.0 if isnan(found) else found


def frame_record(row: AnnualRow, place: Organisation, indicator: str, *, counted: bool) -> dict[str, object]:
    """The row of the frame. `counted` says that the indicator's multiplier is the constant, so that the value is its
    counts'; else they stand beside it. A suppressed value is not made again from counts that were left in."""
    missing, own = isnan(row.value), counted and _whole(row)
    country = place.type is OrganisationType.COUNTRY
    return {
        "indicator": indicator,
        "organisation": place.code,
        "organisation_name": row.name,
        "basis": (Basis.NATIONAL if country else Basis.RESIDENCE).value,
        "period": row.period.key,
        "breakdown": ALL,
        "numerator": row.observed if own else nan,
        "denominator": row.expected if own else nan,
        "value": row.value,
        "missing_reason": (SUPPRESSED if row.suppressed else NOT_PUBLISHED) if missing else "",
        "maturity": int(Maturity.FINAL),
        "derived": False,
        "lower_95": row.lower,
        "upper_95": row.upper,
        "lower_998": nan,
        "upper_998": nan,
        "count": nan if own else row.observed,
        "population": nan if own else row.expected,
        "note": "",
    }


def _whole(row: AnnualRow) -> bool:
    return not (isnan(row.value) or isnan(row.observed) or isnan(row.expected))
