"""The g chart: how many chances passed without an event between one and the next (Benneyan 2001)."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np

from stp_dash.statistics.arguments import FloatArray, Numbers, numbers, one_of, whole_number
from stp_dash.statistics.profiles import DIRECTIONS, PROFILES, RUN_LENGTH, variation_table
from stp_dash.statistics.results import AnalysedSeries
from stp_dash.statistics.xmr import Bits, phase_bounds, tolerances

_SIGMAS = 3
_MEDIAN = log(2)
_BEYOND, _SHIFT_HIGH, _SHIFT_LOW = 1, 1 << 3, 1 << 7


def analyse_chances_between(
    counts: Numbers,
    *,
    improvement_direction: str,
    rebase_at: Sequence[int] = (),
    profile: str = "national",
) -> AnalysedSeries:
    """Annotate the numbers of chances (days, cases, months) between events, in order, whole and 0 or more.

    Where each chance brings an event with the same probability they are geometric: with their mean g the upper limit
    is g + 3 sqrt(g (g + 1)) and there is no lower one (0). Benneyan, "Number-Between g-Type Statistical Quality Control
    Charts for Monitoring Adverse Events", Health Care Management Science 4 (2001) 305-318, with a = 0.

    Most values of so skewed a distribution lie below its mean, so the middle line is its median, ln 2 times g, and runs
    are told by that (Provost and Murray, "The Health Care Data Guide", 2011). Two rules count: a point above the
    limit, and seven in a row on one side of the middle line; trends and pairs near a limit say little of whole numbers
    that are mostly small. There is no assurance. Raises ValueError as `analyse` does, and for what is no count.
    """
    given = numbers(counts, "counts")
    present = given[~np.isnan(given)]
    if given.ndim != 1 or (present < 0).any() or (present % 1).any():
        raise ValueError("counts must be one series of whole numbers, 0 or more")
    rules = PROFILES[one_of(profile, "profile", PROFILES)]
    direction = one_of(improvement_direction, "improvement_direction", DIRECTIONS)
    starts = tuple(whole_number(place, "rebase_at", 1) for place in rebase_at)
    tolerance = float(tolerances(given.reshape(-1, 1))[0])
    middle, upper = np.full(len(given), np.nan), np.full(len(given), np.nan)
    signals = np.zeros(len(given), dtype=np.uint8)
    values = 0
    for first, last in phase_bounds(len(given), starts):
        phase = given[first : last + 1]
        values = int(np.count_nonzero(~np.isnan(phase)))
        if not values:
            continue
        mean = float(np.nanmean(phase))
        middle[first : last + 1] = _MEDIAN * mean
        upper[first : last + 1] = mean + _SIGMAS * (mean * (mean + 1)) ** 0.5
        signals[first : last + 1] = _signals(phase, _MEDIAN * mean, upper[first], tolerance)
    lower = np.where(np.isnan(upper), np.nan, 0.0)
    known = np.flatnonzero(~np.isnan(given))
    enough = len(known) > 0 and values >= rules.icons_from
    icon = variation_table(rules.name, direction)[int(signals[known[-1]])] if enough else None
    arrays = (given, middle, lower, upper, signals)
    for array in arrays:
        array.flags.writeable = False
    return AnalysedSeries(*arrays, tolerance, direction, None, starts, None, rules, icon, None)


def _signals(phase: FloatArray, middle: float, upper: float, tolerance: float) -> Bits:
    """For each point of a phase the rules that it breaks; a value that is missing, or on the line, ends a run."""
    found = np.zeros(len(phase), dtype=np.uint8)
    found[phase >= upper + tolerance] |= _BEYOND
    away = phase - middle
    for side, bit in ((away >= tolerance, _SHIFT_HIGH), (-away >= tolerance, _SHIFT_LOW)):
        run = 0
        for place, there in enumerate(side.tolist()):
            run = run + 1 if there else 0
            if run >= RUN_LENGTH:
                found[place - run + 1 : place + 1] |= bit
    return found
