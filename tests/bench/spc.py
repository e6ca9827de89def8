"""How long a page of series takes: 1,000 series x 60 points, all rules, against the plain code and the limits alone.

Run from the project's folder: `python tests/bench/spc.py`. Ends with status 1 where a bound is missed.
"""

from __future__ import annotations

import sys
import time
import timeit
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

SERIES, POINTS, MISSING = 1000, 60, 0.02
FASTER_THAN_PLAIN, TIMES_THE_LIMITS = 20, 3


def page() -> np.ndarray:
    random = np.random.default_rng(20)
    values = random.normal(80, 5, (SERIES, POINTS)) + random.normal(0, 5, (SERIES, 1))
    values[random.random(values.shape) < MISSING] = np.nan
    return values


def milliseconds(functions: list[Callable[[], object]], number: int, rounds: int) -> list[float]:
    """The fastest of each in processor time, taken turn by turn so that a busy machine slows all alike."""
    times = [
        [timeit.timeit(f, timer=time.process_time, number=number) for f in functions] for _ in range(rounds)
    ]
    return [min(column) / number * 1000 for column in zip(*times, strict=True)]


def bare_limits(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The limits with nothing around them: no checks, no tolerance, no profile."""
    mean = np.nanmean(values, axis=1)
    distance = 2.66 * np.nanmean(np.abs(np.diff(values, axis=1)), axis=1)
    return mean, mean - distance, mean + distance


def checked_limits(values: np.ndarray, profile: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The limits of the product alone, of series x points in one phase, with its check of the numbers."""
    from stp_dash.statistics import xmr
    from stp_dash.statistics.arguments import numbers
    from stp_dash.statistics.profiles import PROFILES

    columns = numbers(values, "values").T.copy(order="C")
    found = xmr.limits(columns, xmr.tolerances(columns), None, PROFILES[profile])
    return found.mean, found.mean - found.distance, found.mean + found.distance


def plain_page(rows: list[list[float]], profile: str) -> None:
    from tests.support.plain_spc import plain_analyse

    for row in rows:
        plain_analyse(row, "increase", 85.0, profile=profile)


def main() -> int:

    from stp_dash.statistics.spc import analyse, analyse_many

    values = page()
    rows = values.tolist()
    missed = 0
    for profile in ("national", "nhs-r"):
        many, limits, bare = milliseconds(
            [
                partial(analyse_many, values, improvement_direction="increase", target=85.0, profile=profile),
                partial(checked_limits, values, profile=profile),
                partial(bare_limits, values),
            ],
            number=10,
            rounds=40,
        )
        alone = partial(analyse, rows[0], improvement_direction="increase", target=85.0, profile=profile)
        (one,) = milliseconds([alone], 200, 5)
        (plain,) = milliseconds([partial(plain_page, rows, profile)], 1, 3)
        print(f"{profile}: {SERIES} series x {POINTS} points in {many:.2f} ms; one series alone {one:.3f} ms")
        print(f"  plain code {plain:.0f} ms: {plain / many:.0f} times as long (at least {FASTER_THAN_PLAIN})")
        print(
            f"  limits alone {limits:.2f} ms: all rules {many / limits:.2f} times that (at most {TIMES_THE_LIMITS})"
        )
        print(f"  bare limits without checks {bare:.2f} ms: all rules {many / bare:.2f} times that")
        missed += plain / many < FASTER_THAN_PLAIN or many / limits > TIMES_THE_LIMITS
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
