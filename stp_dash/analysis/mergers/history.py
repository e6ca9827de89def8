"""An organisation through time, and an indicator with the days on which its boundary moved as breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from db.catalogue import BoundaryMove, LineageStep
from db.domain import Break, Indicator, Succession
from stp_dash.analysis.wording import listing


@dataclass(frozen=True)
class AreaHistory:
    """An organisation through time.

    steps: what it was before, or is made of. start: where figures of before cannot be told apart. moves: when its own
    boundary moved. followed: what became of it. names: organisations' names by code.
    """

    steps: tuple[LineageStep, ...] = ()
    start: BoundaryMove | None = None
    moves: tuple[BoundaryMove, ...] = ()
    followed: tuple[Succession, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, code: str) -> str:
        """An organisation's name, its code where it has none."""
        return self.names.get(code, code)


def with_boundary_moves(indicator: Indicator, history: AreaHistory) -> Indicator:
    """The indicator as of an organisation: its figures from a day on which its boundary moved are of another area."""
    moved = [Break(item.on, f"{moved_words(history, item.parts)}.") for item in history.moves]
    if not moved:
        return indicator
    return replace(indicator, breaks=tuple(sorted([*indicator.breaks, *moved], key=lambda item: item.on)))


def moved_words(history: AreaHistory, parts: Sequence[Succession]) -> str:
    """What went where: `A part of Frimley went to Thames Valley`, or `Frimley was divided among` several."""
    found = []
    for code in dict.fromkeys(item.predecessor for item in parts):
        to = [history.name(item.successor) for item in parts if item.predecessor == code]
        verb = "a part of {} went to {}" if len(to) == 1 else "{} was divided among {}"
        found.append(verb.format(history.name(code), listing(to)))
    words = listing(found)
    return f"{words[:1].upper()}{words[1:]}"
