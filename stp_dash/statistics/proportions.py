"""_Intervals of proportions and rates, from their counts.

Methods: Wilson's score interval, and Byar's method with exact Poisson limits below 10 events, as in Public Health
England's PHEindicatormethods. `docs/statistics.md` has the formulas and our deviations.
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammainccinv, gammaincinv, ndtri

from stp_dash.statistics.arguments import FloatArray, Numbers, finite_number, numbers

_EXACT_BELOW = 10
PROPORTION, RATE = "proportion", "rate"
KINDS = (PROPORTION, RATE)
_Intervals = tuple[float, float] | tuple[FloatArray, FloatArray]


def wilson(numerator: Numbers, denominator: Numbers, confidence: float = 0.95) -> _Intervals:
    """Wilson's score interval of a proportion, without continuity correction, as fractions.

    Numbers or arrays (broadcast together); numerators need not be whole. A missing input gives (NaN, NaN).
    `confidence` is a fraction from 0.9 to 1; at 1 the interval is 0 to 1.
    Raises ValueError for a negative numerator, a denominator of zero or less, a numerator above its denominator.
    Source: PHEindicatormethods, R/utils.R.
    """
    tail = _tail(confidence)
    x, n = checked_counts(numerator, denominator, "numerator")
    check_share(x, n)
    if not tail:
        unknown = np.isnan(x / n)
        return _pair(np.where(unknown, np.nan, 0.0), np.where(unknown, np.nan, 1.0))
    z = -float(ndtri(tail))
    share = x / n
    half = z * np.sqrt(z**2 + 4 * x * (1 - share))
    lower = (2 * x + z**2 - half) / (2 * (n + z**2))
    upper = (2 * x + z**2 + half) / (2 * (n + z**2))
    # Rounding must not leave 0 of n or n of n outside their own interval.
    return _pair(np.maximum(np.minimum(lower, share), 0.0), np.minimum(np.maximum(upper, share), 1.0))


def byar(count: Numbers, denominator: Numbers = 1, confidence: float = 0.95) -> _Intervals:
    """Byar's interval of a Poisson count over its denominator: the formula alone, at every count.

    A lower limit that comes out negative, and the one of no events, is missing (NaN): `rate_interval` is what a
    rate should show. Numbers or arrays; a missing input gives (NaN, NaN). At confidence 1 the lower limit is
    missing and the upper one infinite.
    Raises ValueError for a negative count and for a denominator of zero or less.
    Source: Breslow and Day (1987); PHEindicatormethods, R/utils.R.
    """
    tail = _tail(confidence)
    x, n = checked_counts(count, denominator, "count")
    lower, upper = _byar(x, tail)
    return _pair(lower / n, upper / n)


def rate_interval(count: Numbers, denominator: Numbers = 1, confidence: float = 0.95) -> _Intervals:
    """The interval that a rate shows: exact Poisson for counts below 10, Byar's from 10 on.

    Inputs, errors and missing results as `byar`. Source: PHEindicatormethods, R/Rates.R.
    """
    tail = _tail(confidence)
    x, n = checked_counts(count, denominator, "count")
    exact, approximate = _exact(x, tail), _byar(x, tail)
    lower = np.where(x < _EXACT_BELOW, exact[0], approximate[0])
    upper = np.where(x < _EXACT_BELOW, exact[1], approximate[1])
    return _pair(lower / n, upper / n)


def share_intervals(
    numerators: Numbers, denominators: Numbers, multiplier: float
) -> tuple[FloatArray, FloatArray]:
    """The 95% Wilson intervals that shares show, lower and upper limits x `multiplier`, one pair an entry.

    NaN where a count is missing (None or NaN), the denominator is 0, or the share is of more than all: a
    publisher's slip is shown as published, without an interval. Raises ValueError as `wilson` for the rest.
    """
    x, n = (
        np.atleast_1d(numbers(numerators, "numerators")),
        np.atleast_1d(numbers(denominators, "denominators")),
    )
    lower, upper = np.full(x.shape, np.nan), np.full(x.shape, np.nan)
    usable = (n > 0) & (x <= n)
    if usable.any():
        low, high = wilson(x[usable], n[usable])
        lower[usable], upper[usable] = np.asarray(low) * multiplier, np.asarray(high) * multiplier
    return lower, upper


def side_of(lower: float, upper: float, level: float) -> int:
    """Where a whole interval lies beside a level: 1 above, -1 below, 0 where it holds the level."""
    return int(lower > level) - int(upper < level)


def _tail(confidence: object) -> float:
    """The probability left out at each end."""
    level = finite_number(confidence, "confidence")
    if not 0.9 <= level <= 1:
        raise ValueError(f"confidence must be a fraction from 0.9 to 1, not {confidence!r}")
    return (1 - level) / 2


def checked_counts(count: object, denominator: object, name: str) -> tuple[FloatArray, FloatArray]:
    """Both as arrays of one shape, NaN where missing; ValueError below 0, or for a denominator of 0 or less."""
    x, n = numbers(count, name), numbers(denominator, "denominator")
    if (x < 0).any():
        raise ValueError(f"{name} must not be negative, found {x[x < 0].flat[0]:g}")
    if (n <= 0).any():
        raise ValueError(f"denominator must be above zero, found {n[n <= 0].flat[0]:g}")
    if x.ndim and n.ndim and x.shape != n.shape:
        raise ValueError(f"{name} and denominator must be of one length, found {x.size} and {n.size}")
    together = np.broadcast_arrays(x, n)
    return together[0], together[1]


def check_share(x: FloatArray, n: FloatArray) -> None:
    """Raise ValueError where a numerator exceeds its denominator."""
    over = x > n
    if over.any():
        raise ValueError(
            f"numerator must not exceed its denominator, found {x[over].flat[0]:g} of {n[over].flat[0]:g}"
        )


def _byar(x: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    if not tail:
        return np.full(x.shape, np.nan), np.where(np.isnan(x), np.nan, np.inf)
    z = -float(ndtri(tail))
    some = np.where(x > 0, x, np.nan)
    lower = some * (1 - 1 / (9 * some) - z / (3 * np.sqrt(some))) ** 3
    more = x + 1
    upper = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return np.where(lower < 0, np.nan, lower), upper


def _exact(x: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Half the chi-square quantiles at 2x and 2x + 2 degrees of freedom, as gamma quantiles."""
    lower = np.where(x > 0, gammaincinv(np.where(x > 0, x, 1.0), tail), x)
    return lower, np.asarray(gammainccinv(x + 1, tail), dtype=np.float64)


def _pair(lower: FloatArray, upper: FloatArray) -> _Intervals:
    """A pair of floats for one number, of arrays for arrays; both missing where the upper limit is."""
    lower = np.where(np.isnan(upper), np.nan, lower)
    return (lower, upper) if lower.ndim else (float(lower), float(upper))
