"""Funnels: limits around a comparator by size, an option for over-dispersion, classes and the numbers behind them.

Limits are those of Public Health England's PHEindicatormethods; over-dispersion is widened as in Public Health
Scotland's hospital mortality ratios. `docs/statistics.md` has the formulas and our deviations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtri, pdtrik

from stp_dash.statistics.arguments import FloatArray, Numbers, finite_number, numbers, one_of
from stp_dash.statistics.profiles import DIRECTIONS, INCREASE, NEUTRAL
from stp_dash.statistics.proportions import KINDS, PROPORTION, check_share, checked_counts

_TAILS = {"95": 0.025, "998": 0.001}
"""The probability beyond each limit, at each end."""

HIGH_998, HIGH_95, WITHIN, LOW_95, LOW_998 = "high_998", "high_95", "within", "low_95", "low_998"
_CLASSES = (HIGH_998, HIGH_95, WITHIN, LOW_95, LOW_998)
BETTER, SIMILAR, WORSE = "better", "similar", "worse"
_FEWEST_FOR_DISPERSION = 10
"""Fewer organisations than this do not say how widely organisations spread."""


def proportion_limits(denominators: Numbers, average: float, *, dispersion: float = 1.0) -> pd.DataFrame:
    """Limits around an average proportion: `lower_95, upper_95, lower_998, upper_998`, fractions, clipped to 0-1.

    One row per denominator in the order given; a missing denominator gives a row of NaN. `average` is a fraction
    from 0 to 1. `dispersion` multiplies every distance from the average (`overdispersion(...).factor`).
    Raises ValueError for a denominator of zero or less and an average outside 0-1.
    Source: PHEindicatormethods, calculate_funnel_limits.
    """
    n = _sizes(denominators)
    centre = _average(average)
    if centre > 1:
        raise ValueError(f"average must be a fraction from 0 to 1, not {average!r}")
    width = _dispersion(dispersion) * np.sqrt(centre * (1 - centre) / n)
    limits = {}
    for name, tail in _TAILS.items():
        z = -float(ndtri(tail))
        limits[f"lower_{name}"] = np.clip(centre - z * width, 0.0, 1.0)
        limits[f"upper_{name}"] = np.clip(centre + z * width, 0.0, 1.0)
    return pd.DataFrame(limits)


def rate_limits(denominators: Numbers, average: float, *, dispersion: float = 1.0) -> pd.DataFrame:
    """Limits around an average rate per unit of denominator, from the exact Poisson limits of the count expected.

    The limit is the count whose exact interval just reaches the count expected, over the denominator; columns,
    order, missing rows and `dispersion` as `proportion_limits`. With expected counts as denominators and an
    average of 1 it is the funnel of a ratio. No lower limit is below 0, and no upper one below a single event.
    Raises ValueError for a denominator of zero or less and an average of zero or less.
    Source: PHEindicatormethods, calculate_funnel_limits (there by bisection).
    """
    n = _sizes(denominators)
    centre = _average(average)
    if not centre:
        raise ValueError(f"average must be above zero, not {average!r}")
    factor, expected = _dispersion(dispersion), n * centre
    limits = {}
    for name, tail in _TAILS.items():
        lower, upper = pdtrik(tail, expected) / n, (1 + pdtrik(1 - tail, expected)) / n
        limits[f"lower_{name}"] = np.maximum(centre + factor * (lower - centre), 0.0)
        limits[f"upper_{name}"] = centre + factor * (upper - centre)
    return pd.DataFrame(limits)


def _sizes(denominators: object) -> FloatArray:
    n = np.atleast_1d(numbers(denominators, "denominators"))
    if n.ndim != 1:
        raise ValueError(f"denominators must be one column, not an array of {n.ndim} dimensions")
    if (n <= 0).any():
        raise ValueError(f"denominators must be above zero, found {n[n <= 0][0]:g}")
    return n


def _average(average: object) -> float:
    centre = finite_number(average, "average")
    if centre < 0:
        raise ValueError(f"average must not be negative, not {average!r}")
    return centre


def _dispersion(dispersion: object) -> float:
    factor = finite_number(dispersion, "dispersion")
    if factor < 1:
        raise ValueError(f"dispersion must be 1 or more, not {dispersion!r}")
    return factor


@dataclass(frozen=True)
class Dispersion:
    """How much more organisations differ than chance alone would make them.

    ratio: the root mean square of the winsorised z scores; 1 where chance explains the spread, NaN if unknown.
    factor: what limits are multiplied by: the ratio, but never below 1, and 1 where it is unknown.
    organisations: how many the ratio rests on.
    """

    ratio: float
    factor: float
    organisations: int


def overdispersion(
    numerators: Numbers, denominators: Numbers, average: float, *, kind: str = PROPORTION
) -> Dispersion:
    """The winsorised factor by which funnel limits are widened, where organisations spread more than by chance.

    Each organisation's z score is its distance from the average in standard errors; the highest is set to the
    next highest and the lowest to the next lowest. With fewer than 10 organisations the factor is 1.
    `kind` is `proportion` or `rate`; pairs with a gap are left out. Raises ValueError as `classify`.
    Source: Public-Health-Scotland/hsmr, markdown/PHS-ACCREDITED-STATS-SUMMARY.Rmd.
    """
    x, n = _checked(numerators, denominators, kind)
    z = _z_scores(x, n, _average(average), kind)
    z = np.sort(z[~np.isnan(z)])
    if len(z) < _FEWEST_FOR_DISPERSION:
        return Dispersion(float("nan"), 1.0, len(z))
    z[0], z[-1] = z[1], z[-2]
    ratio = float(np.sqrt(np.mean(z**2)))
    return Dispersion(ratio, max(ratio, 1.0), len(z))


def _checked(numerators: object, denominators: object, kind: str) -> tuple[FloatArray, FloatArray]:
    one_of(kind, "kind", KINDS)
    x, n = checked_counts(numerators, denominators, "numerator")
    if x.ndim != 1:
        raise ValueError(
            f"numerators and denominators must be columns, found an array of {x.ndim} dimensions"
        )
    if kind == PROPORTION:
        check_share(x, n)
    return x, n


def _z_scores(x: FloatArray, n: FloatArray, average: float, kind: str) -> FloatArray:
    """Distances from the average in standard errors; 0 where neither varies."""
    variance = average * (1 - average) if kind == PROPORTION else average
    error = np.sqrt(variance / n)
    distance = x / n - average
    return np.divide(distance, error, out=np.where(np.isnan(distance), np.nan, 0.0), where=error > 0)


def classify(
    numerators: Numbers,
    denominators: Numbers,
    average: float,
    *,
    kind: str = PROPORTION,
    dispersion: float = 1.0,
    improvement_direction: str = NEUTRAL,
) -> pd.DataFrame:
    """Where each organisation lies in the funnel, with the numbers behind it, one row each in the order given.

    Columns: `numerator, denominator, value` (fraction or rate per unit), `average`, `expected` (the count at the
    average), `excess` (numerator less expected), `z`, the four limits, `class` (one of _CLASSES, strictly beyond
    the limit as PHE's assign_funnel_significance, None where a count is missing) and `standing` (`better`,
    `similar`, `worse` by the direction; None without a class, and with `neutral`).
    Raises ValueError for negative counts, denominators of zero or less, a proportion's numerator above its
    denominator, an average that the limits refuse, and an unknown kind or direction.
    """
    one_of(improvement_direction, "improvement_direction", DIRECTIONS)
    x, n = _checked(numerators, denominators, kind)
    limits = (proportion_limits if kind == PROPORTION else rate_limits)(n, average, dispersion=dispersion)
    value = x / n
    classes = _classes(value, limits)
    standings = [_standing(name, improvement_direction) for name in classes]
    # All columns at once: a frame that grows by one takes as long again for each.
    return pd.DataFrame(
        {
            "numerator": x,
            "denominator": n,
            "value": value,
            "average": float(average),
            "expected": n * average,
            "excess": x - n * average,
            "z": _z_scores(x, n, float(average), kind),
            **{name: limits[name].to_numpy() for name in limits.columns},
            "class": pd.Series(classes, dtype=object),
            "standing": pd.Series(standings, dtype=object),
        }
    )


def _classes(value: FloatArray, limits: pd.DataFrame) -> list[str | None]:
    conditions = [
        np.isnan(value),
        value > limits["upper_998"].to_numpy(),
        value < limits["lower_998"].to_numpy(),
        value > limits["upper_95"].to_numpy(),
        value < limits["lower_95"].to_numpy(),
    ]
    names = (None, HIGH_998, LOW_998, HIGH_95, LOW_95, WITHIN)
    first = np.argmax(np.vstack([*conditions, np.ones(len(value), dtype=bool)]), axis=0)
    return [names[place] for place in first.tolist()]


def _standing(funnel_class: str | None, improvement_direction: str) -> str | None:
    if funnel_class is None or improvement_direction == NEUTRAL:
        return None
    if funnel_class == WITHIN:
        return SIMILAR
    high = funnel_class in (HIGH_998, HIGH_95)
    return BETTER if high == (improvement_direction == INCREASE) else WORSE


def beyond_outer_limits(
    numerators: Numbers, denominators: Numbers, average: float, *, kind: str = PROPORTION
) -> int:
    """How many organisations lie outside the 99.8% limits of chance alone. Raises ValueError as `classify`."""
    x, n = _checked(numerators, denominators, kind)
    limits = (proportion_limits if kind == PROPORTION else rate_limits)(n, average)
    value = x / n
    outside = (value > limits["upper_998"].to_numpy()) | (value < limits["lower_998"].to_numpy())
    return int(np.count_nonzero(outside))


def class_counts(classified: pd.DataFrame) -> dict[str, int]:
    """How many organisations are in each of _CLASSES, in that order; those without a class are in none."""
    counts = classified["class"].value_counts()
    return {name: int(counts.get(name, 0)) for name in _CLASSES}


def denominator_grid(denominators: Numbers, points: int = 100) -> FloatArray:
    """Sizes to draw the limits at, denser where small.

    From 1 if the largest denominator is over twice the smallest, else from the smallest, to the largest; as PHE's
    axis. Empty without denominators. Raises ValueError for a denominator of zero or less.
    """
    n = _sizes(denominators)
    n = n[~np.isnan(n)]
    if not len(n):
        return np.empty(0)
    start = min(1.0, n.min()) if n.max() > 2 * n.min() else n.min()
    return np.unique(np.geomspace(start, n.max(), points))
