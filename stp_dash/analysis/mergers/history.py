"""An organisation through time, and an indicator with the days on which its boundary moved as breaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from db.catalogue import BoundaryMove, LineageStep
from db.domain import Break, Indicator, OrganisationType, Succession
from db.domain.reading import Reading
from stp_dash.analysis.area import of_step, step_on
from stp_dash.analysis.wording import listing

_PROVIDERS = frozenset({OrganisationType.TRUST, OrganisationType.STROKE_TEAM})
_PLACES = frozenset({OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION, OrganisationType.PRACTICE})


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


def of_providers_only(indicator: Indicator) -> bool:
    """Whether an area's figures are sums of its providers': whose patients live where then makes no difference."""
    types = {*indicator.organisation_types}
    return bool(types & _PROVIDERS) and not types & _PLACES


def with_boundary_moves(indicator: Indicator, history: AreaHistory) -> Indicator:
    """The indicator as of an organisation: its figures from a day on which its boundary moved are of another area."""
    moved = [Break(item.on, f"{moved_words(history, item.parts)}.") for item in history.moves]
    if not moved:
        return indicator
    return replace(indicator, breaks=tuple(sorted([*indicator.breaks, *moved], key=lambda item: item.on)))


def divided_words(name: str, to: Sequence[str]) -> str:
    """`Frimley was divided among Hampshire and Isle of Wight, Thames Valley, and Surrey and Sussex`."""
    return f"{name} was divided {'between' if len(to) == 2 else 'among'} {listing(to)}"


def moved_words(history: AreaHistory, parts: Sequence[Succession]) -> str:
    """What went where: `A part of Frimley went to Thames Valley`, or `Frimley was divided among` several."""
    found = []
    for code in dict.fromkeys(item.predecessor for item in parts):
        to = [history.name(item.successor) for item in parts if item.predecessor == code]
        name = history.name(code)
        found.append(f"a part of {name} went to {to[0]}" if len(to) == 1 else divided_words(name, to))
    words = listing(found)
    return f"{words[:1].upper()}{words[1:]}"


def code_changes(
    readings: Sequence[Reading | None], code: str, steps: Sequence[LineageStep]
) -> dict[int, tuple[Reading, Reading]]:
    """Where an organisation's line goes on under other codes: by its place the figure before and the one after."""
    known = [
        (place, item) for place, item in enumerate(readings) if item is not None and item.value is not None
    ]
    found = {}
    for (_, before), (place, after) in pairwise(known):
        step, following = (step_on(steps, item.period.start) for item in (before, after))
        own = after.organisation == code and not after.members
        goes_on = own if following is None else of_step(after, following)
        if step is not None and step is not following and goes_on and of_step(before, step):
            found[place] = before, after
    return found
