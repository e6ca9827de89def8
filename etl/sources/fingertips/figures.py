"""One published value with its interval, its counts and the note on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import isfinite, isnan, nan
from typing import Final

from db.catalogue import load_catalogue
from db.domain import ALL, Basis, Maturity, OrganisationType, Period
from db.reading.spreadsheets import number
from etl.reading.areas import kind_of_area
from etl.source import LayoutError
from etl.sources.fingertips.areas import organisation_of_area
from etl.sources.fingertips.dating import years_of
from etl.sources.fingertips.listed import ListedIndicator, ValueType
from etl.sources.fingertips.table import PublishedRow

TOLERANCE: Final = 0.01
"""How far a value may lie from its counts divided, in its unit."""
NO_REASON: Final = "Not published, no reason given"
_ROUNDING: Final = 1e-6


@dataclass(frozen=True)
class PublishedFigure:
    """A row that is wanted, of one series. NaN is not published.

    `computed` is what the counts give, None where they give nothing.

    Counts are those of the frame only where the value is made from them; else they stand beside it.
    """

    where: str
    item: ListedIndicator
    organisation: str
    kind: OrganisationType
    name: str
    period: Period
    value: float
    count: float
    denominator: float
    limits: tuple[float, float, float, float]
    note: str
    computed: float | None

    @property
    def numbers(self) -> tuple[float | None, ...]:
        """Value, count, denominator and limits, None where not published."""
        found = (self.value, self.count, self.denominator, *self.limits)
        return tuple(None if isnan(number) else number for number in found)

    @property
    def agrees(self) -> bool:
        """Whether the value is what its counts give."""
        return self.computed is not None and abs(self.computed - self.value) <= TOLERANCE

    @property
    def disagreement(self) -> str:
        """The place, the value and what its counts give: `Coventry 2016/17 18.5556, from its counts 18.4753`."""
        computed = "none" if self.computed is None else f"{self.computed:.6g}"
        return f"{self.name}, {self.period.short_label}: {self.value:.6g}, from its counts {computed}"

    @property
    def _basis(self) -> Basis:
        if self.kind is OrganisationType.COUNTRY:
            return Basis.NATIONAL
        registered = self.kind in {OrganisationType.ICB, OrganisationType.SUB_ICB_LOCATION}
        return Basis.SUB_ICB_LOCATION if registered else self.item.basis

    def record(self) -> dict[str, object]:
        """The row of the frame, with what is published beside the value."""
        missing, own = isnan(self.value), self.agrees
        return {
            "indicator": self.item.indicator,
            "organisation": self.organisation,
            "organisation_name": self.name,
            "basis": self._basis.value,
            "period": self.period.key,
            "breakdown": ALL,
            "numerator": self.count if own else nan,
            "denominator": self.denominator if own else nan,
            "value": self.value,
            "missing_reason": (self.note or NO_REASON) if missing else "",
            "maturity": int(Maturity.FINAL),
            "derived": False,
            **dict(zip(("lower_95", "upper_95", "lower_998", "upper_998"), self.limits, strict=True)),
            "count": nan if own else self.count,
            "population": nan if own else self.denominator,
            "note": "" if missing else self.note,
        }


def figure_of(item: ListedIndicator, row: PublishedRow) -> PublishedFigure | None:
    """A row of a listed indicator; None where its years are of another length.

    Raises LayoutError for years of another kind, for what is no number, and for numbers that cannot be.
    """
    period = years_of(row, item.year_type, item.years)
    kind = kind_of_area(row.area)
    if period is None or kind is None:
        return None
    value, count, denominator = (_number(row, name) for name in ("value", "count", "denominator"))
    lower, upper, lower_wide, upper_wide = (
        _number(row, name) for name in ("lower_95", "upper_95", "lower_998", "upper_998")
    )
    figure = PublishedFigure(
        where=row.where,
        item=item,
        organisation=organisation_of_area(row.area, row.area_name),
        kind=kind,
        name=row.area_name,
        period=period,
        value=value,
        count=count,
        denominator=denominator,
        limits=(lower, upper, lower_wide, upper_wide),
        note=row.note,
        computed=_computed(item, value, count, denominator),
    )
    _check(figure)
    return figure


def _number(row: PublishedRow, name: str) -> float:
    text = getattr(row, name)
    found = number(text, f"{row.where}, {name}")
    if text and not isfinite(found):
        raise LayoutError(f"{row.where}, {name}", "a number or nothing", f"'{text}'")
    return found


@cache
def _multiplier(indicator: str) -> float:
    return load_catalogue().indicators[indicator].multiplier


def _computed(item: ListedIndicator, value: float, count: float, denominator: float) -> float | None:
    if not item.value.from_counts or isnan(value) or isnan(count) or not denominator > 0:
        return None
    return _multiplier(item.indicator) * count / denominator


def _check(figure: PublishedFigure) -> None:
    """Raise LayoutError for what cannot be: a false zero, a count below 0, a value outside its own interval."""
    where = f"{figure.where} ({figure.name})"
    if figure.value == 0 and figure.count > 0:
        raise LayoutError(where, f"a value above 0 for a count of {figure.count:g}", "0")
    if figure.value < 0 and figure.item.value is not ValueType.RATIO:
        raise LayoutError(where, "a value of 0 or more", f"{figure.value:g}")
    if figure.count < 0 or figure.denominator < 0:
        raise LayoutError(where, "counts of 0 or more", f"{figure.count:g} and {figure.denominator:g}")
    for low, high in (figure.limits[:2], figure.limits[2:]):
        if low > figure.value + _ROUNDING or high < figure.value - _ROUNDING:
            raise LayoutError(where, f"an interval around {figure.value:g}", f"{low:g} to {high:g}")
