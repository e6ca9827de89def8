"""How far figures are from their standard: in points and in patients, period by period and over twelve months.

Standards step on their effective dates, and every verdict is made on counts, never on a rounded percentage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from db.domain import Frequency, Period, Standard, StandardKind, frequency_code
from stp_dash.statistics.profiles import DECREASE, DIRECTIONS, INCREASE, NEUTRAL
from stp_dash.statistics.proportions import KINDS, PROPORTION, check_share, count_columns
from stp_dash.statistics.series import FloatArray, Numbers, month_number, number, numbers, one_of, regular

ROUNDING = 1e-9
"""Relative: 85% of 20 patients is 17 patients, whatever the last bit says."""


def levels(
    standards: Sequence[Standard],
    periods: Sequence[Period],
    kind: StandardKind = StandardKind.OPERATIONAL_STANDARD,
) -> FloatArray:
    """The value of the standard in force on the first day of each period, NaN for none or for a computed one.

    A period that a step falls into is held to what was in force when it began.
    Raises ValueError if two standards of the kind are in force on one day.
    """
    found = np.full(len(periods), np.nan)
    chosen = [standard for standard in standards if standard.kind is kind]
    for place, period in enumerate(periods):
        in_force = [standard for standard in chosen if standard.in_force(period.start)]
        if len(in_force) > 1:
            raise ValueError(f"standards: {len(in_force)} of kind {kind} are in force on {period.start}")
        if in_force and in_force[0].value is not None:
            found[place] = in_force[0].value
    return found


@dataclass(frozen=True)
class Verdict:
    """One period, or several together, against the standard. NaN, and `met` None, where it cannot be said.

    gap: percentage points (or the indicator's unit) from the standard, negative when short of it.
    short: how many more within the standard would have met it. spare: how many fewer would still have met it.
    Both are whole unless asked otherwise; one of them is 0.
    """

    numerator: float
    denominator: float
    value: float
    standard: float
    gap: float
    met: bool | None
    short: float
    spare: float


@dataclass(frozen=True)
class Run:
    """Periods in a row, up to the latest, with the same verdict."""

    met: bool
    first: Period
    last: Period
    length: int


@dataclass(frozen=True)
class TwelveMonths:
    """The last twelve months together. `verdict` is missing unless every period has counts and a standard.

    met and missed count the periods with a verdict, of the `periods` that twelve months hold.
    """

    first: Period
    last: Period
    periods: int
    met: int
    missed: int
    verdict: Verdict


@dataclass(frozen=True, eq=False)
class Distance:
    """`rows`: one per period from the first to the last, gaps included, with the fields of `Verdict` as columns
    after `period` (its key)."""

    periods: tuple[Period, ...]
    rows: pd.DataFrame
    run: Run | None
    twelve_months: TwelveMonths | None

    @property
    def latest(self) -> Verdict | None:
        """The verdict on the last period; None without any period."""
        return self.at(len(self.periods) - 1) if self.periods else None

    def at(self, position: int) -> Verdict:
        row = self.rows.iloc[position]
        return Verdict(**{name: row[name] for name in Verdict.__dataclass_fields__})

    def met_of_last(self, periods: int) -> tuple[int, int]:
        """Of the last so many periods how many met the standard, and how many could be judged."""
        verdicts = [met for met in self.rows["met"].tolist()[-periods:] if met is not None]
        return sum(verdicts), len(verdicts)


def distance(
    periods: Sequence[Period],
    numerators: Numbers,
    denominators: Numbers,
    standard: Numbers,
    *,
    improvement_direction: str,
    multiplier: float = 100.0,
    kind: str = PROPORTION,
    whole: bool = True,
) -> Distance:
    """The distance to the standard, per period and over the last twelve months.

    standard: one level for all or one per period (`levels`), in the unit of numerator / denominator x multiplier;
        NaN where none is in force. An average to compare with, such as England's, can stand here as well.
    kind: `proportion`, whose numerators cannot exceed their denominators, or `rate`.
    whole: count whole patients; False for posts, which come in fractions.

    With `increase` the standard is met at or above it, with `decrease` at or below it; with `neutral` there is no
    verdict. A missing count, a denominator of 0 and a period without a row have none either. Snapshots are of one
    day and have no twelve months.
    Raises ValueError for negative counts, a proportion above 1, columns of other lengths, and periods that are
    unsorted, repeated or of several frequencies.
    """
    one_of(improvement_direction, "improvement_direction", DIRECTIONS)
    one_of(kind, "kind", KINDS)
    factor = number(multiplier, "multiplier")
    x, n = count_columns(numerators, denominators)
    if kind == PROPORTION:
        check_share(x, n)
    level = np.broadcast_to(numbers(standard, "standard"), x.shape)
    complete, (x, n, level) = regular(periods, x, n, level)
    measure = _Measure(_SIGNS[improvement_direction], factor, whole)
    rows = _judged(x, n, level / factor, measure)
    rows.insert(0, "period", [period.key for period in complete])
    return Distance(
        complete,
        rows,
        _run(complete, rows["met"].tolist()),
        _twelve_months(complete, rows, measure),
    )


@dataclass(frozen=True)
class _Measure:
    """How an indicator is judged: 1 where more is better, -1 where less is, NaN for neither; its multiplier; and
    whether its counts are whole."""

    sign: float
    factor: float
    whole: bool


_SIGNS = {INCREASE: 1.0, DECREASE: -1.0, NEUTRAL: float("nan")}


def _judged(x: FloatArray, n: FloatArray, share: FloatArray, measure: _Measure) -> pd.DataFrame:
    """The fields of `Verdict`; `share` is the standard as a fraction of the denominator."""
    some = np.where(n > 0, n, np.nan)
    value, required = x / some, share * some
    margin = measure.sign * (x - required)
    slack = ROUNDING * np.maximum(np.abs(required), 1.0)
    judged = ~np.isnan(margin)
    met = margin >= -slack
    short, spare = np.where(met, 0.0, -margin), np.where(met, np.maximum(margin, 0.0), 0.0)
    if measure.whole:
        short, spare = np.ceil(short - slack), np.floor(spare + slack)
    frame = pd.DataFrame({"numerator": x, "denominator": n, "value": value * measure.factor})
    frame["standard"] = share * measure.factor
    frame["gap"] = measure.sign * (value - share) * measure.factor
    frame["met"] = pd.Series(
        [m if j else None for m, j in zip(met.tolist(), judged, strict=True)], dtype=object
    )
    frame["short"] = np.where(judged, short, np.nan)
    frame["spare"] = np.where(judged, spare, np.nan)
    return frame


def _run(periods: Sequence[Period], verdicts: list[bool | None]) -> Run | None:
    """Periods in a row; a period without a verdict ends it."""
    if not verdicts or verdicts[-1] is None:
        return None
    length = 1
    while length < len(verdicts) and verdicts[-length - 1] is verdicts[-1]:
        length += 1
    return Run(bool(verdicts[-1]), periods[-length], periods[-1], length)


def _twelve_months(periods: Sequence[Period], rows: pd.DataFrame, measure: _Measure) -> TwelveMonths | None:
    if not periods or periods[-1].frequency is Frequency.SNAPSHOT:
        return None
    since = month_number(periods[-1].end) - 12
    inside = [month_number(period.start) > since for period in periods]
    year = rows[inside]
    expected = 12 // frequency_code(periods[-1].frequency)
    x, n, level = (year[name].to_numpy(dtype=np.float64) for name in ("numerator", "denominator", "standard"))
    unknown = len(year) < expected or bool(np.isnan(x + n).any())
    # Each period's standard is weighted by its patients, so that the counts required add up.
    sums = np.array([np.nan, np.nan, np.nan] if unknown else [x.sum(), n.sum(), (level * n).sum()])
    share = sums[2] / measure.factor / np.where(sums[1] > 0, sums[1], np.nan)
    pooled = _judged(sums[:1], sums[1:2], share.reshape(1), measure)
    verdict = Verdict(**{name: pooled[name].iloc[0] for name in Verdict.__dataclass_fields__})
    verdicts = year["met"].tolist()
    first = periods[inside.index(True)]
    return TwelveMonths(first, periods[-1], expected, verdicts.count(True), verdicts.count(False), verdict)
