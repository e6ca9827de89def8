"""Where a control chart starts again: at declared breaks, recorded decisions, and after a hole of more than a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from db.domain import Break, Period
from stp_dash.statistics.arguments import whole_number
from stp_dash.statistics.profiles import RUN_LENGTH, SHIFT
from stp_dash.statistics.results import AnalysedSeries

_LASTING_SHIFT = 13
"""Points that a shift must hold for before a rebase is proposed: enough for firm limits of its own."""
_LONGEST_HOLE = 12
"""Months without a figure that limits reach across; after more they start again."""


@dataclass(frozen=True)
class RebaseDecision:
    """A person's decision that the process changed: from which day, why, and the role of who decided."""

    on: date
    reason: str
    role: str

    def __post_init__(self) -> None:
        for name in ("reason", "role"):
            if not getattr(self, name).strip():
                raise ValueError(
                    f"{name} of a rebase decision must say something, not {getattr(self, name)!r}"
                )


@dataclass(frozen=True)
class Rebase:
    """A new phase: the position and the day it starts, why, and the role of who decided ("" for a declared break).

    hole: how many months without a figure lie before it, where it starts for that alone.
    """

    position: int
    on: date
    reason: str
    role: str = ""
    hole: int = 0


def rebases(
    periods: Sequence[Period], breaks: Sequence[Break] = (), decisions: Sequence[RebaseDecision] = ()
) -> tuple[Rebase, ...]:
    """Where phases start by an indicator's declared breaks and by recorded decisions.

    A phase starts at the first period that begins on or after the day. Days before the second period or after
    the last have no effect; several that fall on one period make one phase, with every reason.
    Raises ValueError for periods that are unsorted, repeated or of several frequencies.
    """
    _check_periods(periods)
    starts = [period.start for period in periods]
    found: dict[int, Rebase] = {}
    wanted = [Rebase(0, b.on, b.reason) for b in breaks] + [
        Rebase(0, d.on, d.reason, d.role) for d in decisions
    ]
    for rebase in sorted(wanted, key=lambda r: r.on):
        position = sum(start < rebase.on for start in starts)
        if not 0 < position < len(starts):
            continue
        before = found.get(position)
        reason = f"{before.reason}; {rebase.reason}" if before else rebase.reason
        role = "; ".join(part for part in (before.role if before else "", rebase.role) if part)
        found[position] = Rebase(position, before.on if before else rebase.on, reason, role)
    return tuple(found[position] for position in sorted(found))


def with_holes(
    periods: Sequence[Period], present: Sequence[bool], starts: Sequence[Rebase]
) -> tuple[Rebase, ...]:
    """The starts of phases, and one after each hole of more than a year, where none lies between its two figures.

    A hole's length is in whole months, from the end of the last period with a value to the start of the next.
    """
    found = list(starts)
    valued = [place for place, value in enumerate(present) if value]
    for before, after in pairwise(valued):
        end, start = periods[before].end, periods[after].start
        months = 12 * (start.year - end.year) + start.month - end.month - 1
        if months > _LONGEST_HOLE and not any(before < item.position <= after for item in starts):
            found.append(Rebase(after, start, f"No figure for {months} months", hole=months))
    return tuple(sorted(found, key=lambda item: item.position))


@dataclass(frozen=True)
class RebaseProposal:
    """A shift that has lasted, for a person to accept or not: nothing is redrawn by it.

    The shift holds points `first` to `last` (0-based, inclusive), on the `direction` side of the mean.
    """

    first: int
    last: int
    direction: str
    mean_before: float
    mean_since: float

    @property
    def length(self) -> int:
        return self.last - self.first + 1


def propose_rebase(series: AnalysedSeries, *, lasting: int = _LASTING_SHIFT) -> RebaseProposal | None:
    """A proposal where a shift of the last phase has lasted for `lasting` points and still holds, else None.

    13 points by default, so that the new phase would have firm limits at once. The first Making Data Count guide
    says not to redraw limits on every signal, and limits move only with a known cause: so this is never automatic.
    """
    whole_number(lasting, "lasting", RUN_LENGTH)
    current = [s for s in series.signals_found if s.rule == SHIFT and s.last == series.latest]
    if not current or current[-1].length < lasting:
        return None
    shift = current[-1]
    start = series.phases[-1].first
    before = series.values[start : shift.first]
    if shift.first <= start or np.isnan(before).all():
        return None
    since = series.values[shift.first : shift.last + 1]
    return RebaseProposal(
        shift.first, shift.last, shift.direction, float(np.nanmean(before)), float(np.nanmean(since))
    )


def _check_periods(periods: Sequence[Period]) -> None:
    """Raise ValueError unless the periods are of one frequency, in order and without a duplicate."""
    for before, after in pairwise(periods):
        if before.frequency is not after.frequency:
            raise ValueError(
                f"periods must be of one frequency: {before.label} is a {before.frequency}, "
                f"{after.label} a {after.frequency}"
            )
        if after.start == before.start:
            raise ValueError(f"periods must not repeat: {after.label} is there twice")
        if after.start < before.start:
            raise ValueError(f"periods must be in order: {after.label} follows {before.label}")
