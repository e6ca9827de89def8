"""Where a control chart starts again: at an indicator's declared breaks and at decisions that people recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from db.domain import Break, Period
from stp_dash.statistics.series import check_periods


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
    """A new phase: the position and the day it starts, why, and the role of who decided ("" for a declared break)."""

    position: int
    on: date
    reason: str
    role: str = ""


def rebases(
    periods: Sequence[Period], breaks: Sequence[Break] = (), decisions: Sequence[RebaseDecision] = ()
) -> tuple[Rebase, ...]:
    """Where phases start: at an indicator's declared breaks and at recorded decisions, and nowhere else.

    A phase starts at the first period that begins on or after the day. Days before the second period or after
    the last have no effect; several that fall on one period make one phase, with every reason.
    Raises ValueError for periods that are unsorted, repeated or of several frequencies.
    """
    check_periods(periods)
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
