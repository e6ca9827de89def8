"""Each organisation beside its own last periods: a list of patients ten times as long, a trust's patients nearly gone.

How far is far follows the organisation: six times the spread that its last periods had (median absolute deviation of
logarithms), and never less than a factor of three with four standard errors of a count of its size above it, so that
small units may jump. Over all practices of England, 2015 to 2024, that tells 216 of 54,395 yearly lists, and 7 of them
have grown to eight times what they were: only such growth holds a file, for lists that shrink so are closing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.domain import ALL, Basis, Finding, Period, Severity
from db.loading.coverage import PastFigure
from etl.pipeline.validate.knowledge import Knowledge

OWN_HISTORY = "like its own last periods"
PERIODS_BEFORE = 6
NOTABLE_GROWTH, LARGEST_GROWTH = 3.0, 8.0
LEAST_HELD = 1_000.0
"""Patients from which on a growth beyond the largest holds the file."""
_SPREADS, _STANDARD_ERRORS = 6.0, 4.0
_MAD_TO_SPREAD = 1.4826
_HALF = 0.5
_MOST_PERIODS = 12
_EXAMPLES = 5
_COUNTS = ("denominator", "numerator")
_PAST_COUNTS = {"numerator": 2, "denominator": 3}
"""Where counts stand in a figure of the store's past."""


@dataclass(frozen=True)
class _Surprise:
    organisation: str
    period: int
    now: float
    usual: float
    held: bool


def compared_with_own_history(frame: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    """One finding for what surprises and one for what holds the file, with the largest surprises first."""
    headline = frame[(frame["breakdown"] == ALL) & (frame["basis"] != Basis.NATIONAL.value)]
    headline = headline[~headline["derived"].astype(bool)]
    found: dict[tuple[str, int, float], tuple[str, _Surprise]] = {}
    for (name, basis, _), rows in headline.groupby(
        ["indicator", "basis", headline["period"] % 100], observed=True
    ):
        counts = _COUNTS if knowledge.indicators[str(name)].unit != "%" else _COUNTS[:1]
        earlier = knowledge.figures_before(str(name), str(basis), int(rows["period"].min()), PERIODS_BEFORE)
        for count in counts:
            for item in _surprises(earlier, rows, count):
                found.setdefault((item.organisation, item.period, item.now), (str(name), item))
    for severity, held in ((Severity.ERROR, True), (Severity.WARNING, False)):
        own = [(name, item) for name, item in found.values() if item.held is held]
        if own:
            yield Finding(severity, OWN_HISTORY, _told(own, knowledge), len(own))


def _surprises(earlier: Sequence[PastFigure], rows: pd.DataFrame, count: str) -> Iterator[_Surprise]:
    place_of_count = _PAST_COUNTS[count]
    members = np.array([item[0] for item in earlier] + rows["organisation"].tolist(), dtype=object)
    keys = np.array([item[1] for item in earlier] + rows["period"].tolist(), dtype=np.int64)
    counts = np.array([item[place_of_count] for item in earlier] + rows[count].tolist(), dtype=np.float64)
    given = ~np.isnan(counts)
    codes, organisations = pd.factorize(members[given], sort=True)
    periods, places = np.unique(keys[given], return_inverse=True)
    figures = np.full((len(organisations), len(periods)), np.nan)
    figures[codes, places] = counts[given]
    own = np.flatnonzero(np.isin(periods, rows["period"].unique()))
    for place in own[-_MOST_PERIODS:].tolist():
        known = figures[:, max(0, place - PERIODS_BEFORE) : place]
        # Most organisations are near their last period, which is told without their history.
        for row in np.flatnonzero(~_near(figures[:, place], _last(known))):
            now, past = float(figures[row, place]), known[row][~np.isnan(known[row])]
            usual, growth, far = _measured(now, past)
            if abs(growth) > far:
                held = (
                    growth > max(far, np.log(LARGEST_GROWTH)) and count == "denominator" and now >= LEAST_HELD
                )
                yield _Surprise(str(organisations[row]), int(periods[place]), now, usual, bool(held))


def _last(known: NDArray[np.float64]) -> NDArray[np.float64]:
    """The last figure of each row, NaN where there is none."""
    given = ~np.isnan(known[:, ::-1])
    if not given.size:
        return np.full(len(known), np.nan)
    last: NDArray[np.float64] = known[:, ::-1][np.arange(len(known)), given.argmax(axis=1)]
    return last


def _near(now: NDArray[np.float64], last: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether figures are between half and double of those before them; what has none of the two surprises nobody."""
    return np.isnan(now) | np.isnan(last) | ((last / 2 <= now) & (now <= last * 2))


def _measured(now: float, past: NDArray[np.float64]) -> tuple[float, float, float]:
    """An organisation's usual count, its growth and how far that may go, both as logarithms."""
    usual = float(np.median(past))
    growth = np.log((now + _HALF) / (usual + _HALF))
    spread = _MAD_TO_SPREAD * np.median(np.abs(np.log((past + _HALF) / (usual + _HALF))))
    by_size = np.log(NOTABLE_GROWTH) + _STANDARD_ERRORS / np.sqrt(usual + 1)
    return usual, float(growth), float(max(_SPREADS * spread, by_size))


def _told(own: list[tuple[str, _Surprise]], knowledge: Knowledge) -> str:
    largest = sorted(own, key=lambda pair: -abs(pair[1].now - pair[1].usual))
    shown = []
    for name, item in largest[:_EXAMPLES]:
        known = knowledge.organisations.get(item.organisation)
        who = f"{item.organisation} {known.name}" if known else item.organisation
        month = Period.from_key(item.period).short_label
        shown.append(f"{name}, {who}, {month}: wanted near {item.usual:,.6g}, found {item.now:,.6g}")
    more = f"; and {len(own) - _EXAMPLES} more" if len(own) > _EXAMPLES else ""
    return "; ".join(shown) + more
