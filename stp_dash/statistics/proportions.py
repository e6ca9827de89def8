"""Proportions and rates from counts, with their intervals; rolling sums and roll-ups that keep counts whole.

Methods: Wilson's score interval, and Byar's method with exact Poisson limits below 10 events, as in Public Health
England's PHEindicatormethods. `docs/methods.md` has the formulas and our deviations.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import gammainccinv, gammaincinv, ndtri

from stp_dash.statistics.series import FloatArray, Numbers, number, numbers, one_of, whole_number

EXACT_BELOW = 10
PROPORTION, RATE = "proportion", "rate"
KINDS = (PROPORTION, RATE)
CONFIDENCES = {"95": 0.95, "998": 0.998}
Interval = tuple[float, float] | tuple[FloatArray, FloatArray]


def wilson(numerator: Numbers, denominator: Numbers, confidence: float = 0.95) -> Interval:
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


def byar(count: Numbers, denominator: Numbers = 1, confidence: float = 0.95) -> Interval:
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


def exact_poisson(count: Numbers, denominator: Numbers = 1, confidence: float = 0.95) -> Interval:
    """The exact (chi-square) Poisson interval of a count over its denominator; the lower limit of 0 events is 0.

    Inputs, errors and missing results as `byar`. Source: PHEindicatormethods, R/Rates.R.
    """
    tail = _tail(confidence)
    x, n = checked_counts(count, denominator, "count")
    lower, upper = _exact(x, tail)
    return _pair(lower / n, upper / n)


def rate_interval(count: Numbers, denominator: Numbers = 1, confidence: float = 0.95) -> Interval:
    """The interval that a rate shows: exact Poisson for counts below 10, Byar's from 10 on.

    Inputs, errors and missing results as `byar`. Source: PHEindicatormethods, R/Rates.R.
    """
    tail = _tail(confidence)
    x, n = checked_counts(count, denominator, "count")
    exact, approximate = _exact(x, tail), _byar(x, tail)
    lower = np.where(x < EXACT_BELOW, exact[0], approximate[0])
    upper = np.where(x < EXACT_BELOW, exact[1], approximate[1])
    return _pair(lower / n, upper / n)


def _tail(confidence: object) -> float:
    """The probability left out at each end."""
    level = number(confidence, "confidence")
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


def _pair(lower: FloatArray, upper: FloatArray) -> Interval:
    """A pair of floats for one number, of arrays for arrays; both missing where the upper limit is."""
    lower = np.where(np.isnan(upper), np.nan, lower)
    return (lower, upper) if lower.ndim else (float(lower), float(upper))


def rolling_counts(numerators: Numbers, denominators: Numbers, periods: int) -> tuple[FloatArray, FloatArray]:
    """Sums over the last `periods` periods, one per period, for counts too small to be read alone.

    A window that is not yet full, or that holds a missing or suppressed count, is missing in both: nothing is
    filled in. Give one entry per period (`series.regular`). Raises ValueError for negative counts, a numerator
    above its denominator and columns of two lengths.
    """
    window = whole_number(periods, "periods", 1)
    x, n = count_columns(numerators, denominators)
    unknown = np.isnan(x) | np.isnan(n)
    x, n = np.where(unknown, np.nan, x), np.where(unknown, np.nan, n)
    return _rolling(x, window), _rolling(n, window)


def count_columns(numerators: object, denominators: object) -> tuple[FloatArray, FloatArray]:
    """Both as columns of one length, NaN where missing and 0 allowed; ValueError for negative counts."""
    x, n = numbers(numerators, "numerators"), numbers(denominators, "denominators")
    if x.ndim != 1 or x.shape != n.shape:
        raise ValueError(f"numerators and denominators must be of one length, found {x.shape} and {n.shape}")
    for name, column in (("numerators", x), ("denominators", n)):
        if (column < 0).any():
            raise ValueError(f"{name} must not be negative, found {column[column < 0][0]:g}")
    return x, n


def _rolling(column: FloatArray, window: int) -> FloatArray:
    sums = np.full(len(column), np.nan)
    if len(column) >= window:
        sums[window - 1 :] = sliding_window_view(column, window).sum(axis=1)
    return sums


def with_intervals(frame: pd.DataFrame, *, kind: str = PROPORTION, multiplier: float = 100.0) -> pd.DataFrame:
    """The frame with `n`, `value` and its intervals `lower_95, upper_95, lower_998, upper_998` added.

    Needs columns `numerator` and `denominator`; `kind` is `proportion` (Wilson) or `rate` (`rate_interval`). Values
    and limits are times `multiplier`; `n` is the denominator, always there to be shown beside the value.
    A row has no value, and keeps its `n`, where a count is missing, where the denominator is 0, and where
    `missing_reason` (if there is such a column) is not empty: a publisher's suppression is respected even if a
    count slipped through. Raises ValueError for negative counts and for a proportion above 1.
    """
    one_of(kind, "kind", KINDS)
    factor = number(multiplier, "multiplier")
    x, n = count_columns(frame["numerator"], frame["denominator"])
    if kind == PROPORTION:
        check_share(x, n)
    known = _known(frame, x, n) & (n > 0)
    added = {"n": n, "value": np.where(known, x, np.nan) / np.where(known, n, np.nan) * factor}
    for name, confidence in CONFIDENCES.items():
        pair = (wilson if kind == PROPORTION else rate_interval)(
            np.where(known, x, np.nan), np.where(known, n, np.nan), confidence
        )
        added[f"lower_{name}"], added[f"upper_{name}"] = (np.asarray(limit) * factor for limit in pair)
    return frame.assign(**added)


def _known(frame: pd.DataFrame, x: FloatArray, n: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    known = ~(np.isnan(x) | np.isnan(n))
    if "missing_reason" in frame:
        known &= ~frame["missing_reason"].fillna("").astype(bool).to_numpy(dtype=bool)
    return known


def roll_up(frame: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Counts summed over each group, divided never: `numerator, denominator, members, missing_members`.

    A group with a missing or suppressed member has no total (NaN): a sum of the others would be taken for the
    whole, and could give a suppressed count away. Groups come in their order of appearance; needs columns
    `numerator` and `denominator`, and reads `missing_reason` if there. Raises ValueError for negative counts.
    """
    x, n = count_columns(frame["numerator"], frame["denominator"])
    known = _known(frame, x, n)
    counts = frame[by].assign(
        numerator=np.where(known, x, 0.0),
        denominator=np.where(known, n, 0.0),
        members=1,
        missing_members=~known,
    )
    totals = counts.groupby(by, sort=False, as_index=False, dropna=False).sum()
    whole = totals["missing_members"] == 0
    columns = ["numerator", "denominator"]
    totals[columns] = totals[columns].where(whole, np.nan)
    return totals
