"""What the analysis of control charts gives: one annotated series, or a page of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from stp_dash.statistics.arguments import FloatArray
from stp_dash.statistics.profiles import (
    FIRM_FROM,
    POINT_TYPES,
    Profile,
    point_type_table,
    rule_names,
)
from stp_dash.statistics.special_causes import MarkedPoints, Signal, marks, special_causes
from stp_dash.statistics.xmr import Bits, phase_bounds


@dataclass(frozen=True)
class Phase:
    """A stretch of the chart with its own limits: points `first` to `last`, 0-based and inclusive.

    `values` counts those present. Limits are NaN where no moving range could be had; `trial` says that fewer
    than 13 values are present.
    """

    first: int
    last: int
    values: int
    mean: float
    lower_process_limit: float
    upper_process_limit: float

    @property
    def trial(self) -> bool:
        return self.values < FIRM_FROM


@dataclass(frozen=True, eq=False)
class AnalysedSeries:
    """One series with everything that a chart, an icon, a sentence and a table need. Arrays are read-only.

    signals: one byte per point, read through `rules` and `signals_found`.
    variation: an icon by name (`common_cause`, `improvement_high`, ...), None without any value or, in
        `national`, with fewer than 13 values in the last phase.
    assurance: `pass`, `fail`, `hit_or_miss` or None.
    tolerance: two numbers of this series nearer than this are equal.
    """

    values: FloatArray
    mean: FloatArray
    lower_process_limit: FloatArray
    upper_process_limit: FloatArray
    signals: Bits
    tolerance: float
    improvement_direction: str
    target: float | None
    rebase_at: tuple[int, ...]
    baseline_points: int | None
    profile: Profile
    variation: str | None
    assurance: str | None

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def rules(self) -> tuple[tuple[str, ...], ...]:
        """For each point the rules that it breaks, in the order of RULES."""
        names = rule_names()
        return tuple(names[byte] for byte in self.signals.tolist())

    @cached_property
    def point_types(self) -> tuple[str, ...]:
        """For each point one of POINT_TYPES."""
        codes = point_type_table(self.profile.name, self.improvement_direction)
        return tuple(POINT_TYPES[code] for code in codes[self.signals].tolist())

    @cached_property
    def points(self) -> pd.DataFrame:
        """The annotated frame, one row per value in order.

        Columns: `value, mean, lower_process_limit, upper_process_limit, rules` (tuple of names) and `point_type`.
        """
        return pd.DataFrame(
            {
                "value": self.values,
                "mean": self.mean,
                "lower_process_limit": self.lower_process_limit,
                "upper_process_limit": self.upper_process_limit,
                "rules": pd.Series(self.rules, dtype=object),
                "point_type": self.point_types,
            }
        )

    @cached_property
    def phases(self) -> tuple[Phase, ...]:
        """The phases in order; none for an empty series."""
        bounds = phase_bounds(len(self), self.rebase_at)
        return tuple(self._phase(first, last) for first, last in bounds)

    def _phase(self, first: int, last: int) -> Phase:
        return Phase(
            first,
            last,
            int(np.count_nonzero(~np.isnan(self.values[first : last + 1]))),
            float(self.mean[first]),
            float(self.lower_process_limit[first]),
            float(self.upper_process_limit[first]),
        )

    @property
    def trial_limits(self) -> bool:
        """Whether fewer than 13 values are present in the last phase, so that its limits are trial limits."""
        return not self.phases or self.phases[-1].trial

    @cached_property
    def latest(self) -> int | None:
        """The position of the latest period that has a value."""
        present = np.flatnonzero(~np.isnan(self.values))
        return int(present[-1]) if len(present) else None

    @cached_property
    def signals_found(self) -> tuple[Signal, ...]:
        """Every special cause with its full extent, in the order of RULES, then from left to right."""
        given = (self.values, self.mean, self.signals, self.rebase_at, self.tolerance)
        return special_causes(MarkedPoints(*given))

    def signals_at(self, position: int) -> tuple[Signal, ...]:
        """The special causes that mark one point, in the order of RULES."""
        if not self.signals[position]:
            return ()
        return tuple(found for found in self.signals_found if marks(found, self.signals, position))

    def shown_limits(self, floor: float = 0.0, ceiling: float = 100.0) -> tuple[FloatArray, FloatArray]:
        """The lower and upper limits for drawing, clipped to what can occur. Rules use the unclipped ones."""
        return (
            np.clip(self.lower_process_limit, floor, ceiling),
            np.clip(self.upper_process_limit, floor, ceiling),
        )


@dataclass(frozen=True, eq=False)
class AnalysedMany:
    """The results of `analyse_many`: arrays of series x points, and an `AnalysedSeries` for each by index."""

    values: FloatArray
    mean: FloatArray
    lower_process_limit: FloatArray
    upper_process_limit: FloatArray
    signals: Bits
    tolerance: FloatArray
    improvement_directions: tuple[str, ...]
    targets: FloatArray
    rebase_at: tuple[tuple[int, ...], ...]
    baseline_points: int | None
    profile: Profile
    variation: tuple[str | None, ...]
    assurance: tuple[str | None, ...]

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[AnalysedSeries]:
        return (self[row] for row in range(len(self)))

    def __getitem__(self, row: int) -> AnalysedSeries:
        return AnalysedSeries(
            self.values[row],
            self.mean[row],
            self.lower_process_limit[row],
            self.upper_process_limit[row],
            self.signals[row],
            float(self.tolerance[row]),
            self.improvement_directions[row],
            None if np.isnan(self.targets[row]) else float(self.targets[row]),
            self.rebase_at[row],
            self.baseline_points,
            self.profile,
            self.variation[row],
            self.assurance[row],
        )
