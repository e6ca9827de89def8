"""Names of marks, arranged so that each is told from the others; and words in a column beside a plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from stp_dash.charts.placement.ground import ERROR, NEARER_NAMED, Candidates, Ground
from stp_dash.charts.placement.spots import (
    DISTANCES,
    Extent,
    NamedMark,
    Spot,
    about_mark,
    beside_mark,
    led_to_mark,
)

GOOD = 4.0
"""A place beside a mark that costs less is taken without looking further off."""
_LED_WELL, _LED_FAR = 30.0, 80.0
"""A place with a leader, near or far, that costs less is taken without looking further."""
_STEPS = (
    (0, (), GOOD),
    (0, DISTANCES[:3], _LED_WELL),
    (1, (), _LED_WELL),
    (1, DISTANCES[:3], _LED_WELL),
    (0, DISTANCES[3:], _LED_FAR),
    (1, DISTANCES[3:], _LED_FAR),
)
"""What is tried in turn: a form, how far from the mark, and at which cost no more is tried."""
_FOLDED = 2.5
"""What it costs that a name stands in two lines."""
_ATTEMPTS = 6
"""So often names are placed anew, those first that found no good place."""


@dataclass(frozen=True)
class MarkName:
    """A name to be placed: the room that it takes in each of its forms (one line, two), the best first, and its mark.

    `owner` is the number by which the ground knows the mark.
    """

    forms: tuple[Extent, ...]
    mark: NamedMark
    owner: int


@dataclass(frozen=True)
class Arrangement:
    """Where each name stands and in which form, in the order given. `wrong` of them cover something."""

    spots: tuple[Spot, ...]
    forms: tuple[int, ...]
    wrong: int


def arrange(ground: Ground, names: Sequence[MarkName], *, whatever: bool = True) -> Arrangement:
    """A place for every name: beside its mark where it covers nothing, else further off with a leader.

    Names that cannot be placed well in their order are placed first in another attempt. The ground then holds them.
    Unless `whatever`, none is placed where one of them would cover something even if it were alone.
    """
    tried = [_NamePlaces(ground, name) for name in names]
    order = list(range(len(names)))
    found = _placed(ground, tried, order, whatever=whatever)
    if len(found) < len(order):
        return Arrangement((), (), len(order))
    tries, latest = [order], found
    while len(tries) <= _ATTEMPTS and (stuck := [p for p in tries[-1] if latest[p].cost >= ERROR]):
        again = [*stuck, *(place for place in tries[-1] if place not in stuck)]
        if again in tries[1:]:
            again = [*stuck, *(place for place in reversed(tries[-1]) if place not in stuck)]
            if again in tries:
                break
        tries.append(again)
        latest = _placed(ground, tried, again, whatever=True, anywhere=whatever)
        found = min(found, latest, key=_badness)
    for place in order:
        ground.words(found[place].spot, names[place].forms[found[place].form])
    return Arrangement(
        tuple(found[place].spot for place in order),
        tuple(found[place].form for place in order),
        sum(found[place].cost >= ERROR for place in order),
    )


class _Choice(NamedTuple):
    cost: float
    form: int
    spot: Spot


class _NamePlaces:
    """The places of a name on a ground without other names, judged once, as far as they are asked for."""

    def __init__(self, ground: Ground, name: MarkName) -> None:
        self.name = name
        self._from = ground.seen_from(name.mark.share, name.owner)
        self._judged: dict[int, Candidates] = {}

    def best(self, words: Ground | None = None, *, anywhere: bool = False) -> _Choice:
        """The place that costs least, of those that need to be tried, with `words` on the plot.

        `anywhere`: where none is good, all places about the mark are tried.
        """
        seen = None if words is None else words.seen_from(self.name.mark.share, self.name.owner)
        choices: list[_Choice] = []
        for step, (form, _, enough) in enumerate(_STEPS):
            if form < len(self.name.forms):
                cost, spot = self._candidates(step).best(seen)
                choices.append(_Choice(cost + _FOLDED * form, form, spot))
                if min(choices).cost < enough:
                    break
        if anywhere and min(choices).cost >= ERROR:
            cost, spot = self._candidates(len(_STEPS)).best(seen)
            choices.append(_Choice(cost, 0, spot))
        return min(choices)

    def _candidates(self, step: int) -> Candidates:
        if step not in self._judged:
            mark = self.name.mark
            if step == len(_STEPS):
                form, spots = 0, about_mark(mark)
            else:
                form, distances, _ = _STEPS[step]
                spots = led_to_mark(mark, distances) if distances else beside_mark(mark)
            self._judged[step] = self._from.judged(spots, self.name.forms[form])
        return self._judged[step]


def _badness(found: dict[int, _Choice]) -> tuple[int, int, float]:
    """How many names mislead, how many have a long or crossed leader at best, then what all cost."""
    costs = [choice.cost for choice in found.values()]
    return sum(cost >= NEARER_NAMED for cost in costs), sum(cost >= ERROR for cost in costs), sum(costs)


def _placed(
    ground: Ground,
    names: Sequence[_NamePlaces],
    order: Sequence[int],
    *,
    whatever: bool,
    anywhere: bool = False,
) -> dict[int, _Choice]:
    """Names one after another; unless `whatever`, only as far as the first that has no good place even alone."""
    words = Ground(ground.least, ground.most, ground.height)
    found: dict[int, _Choice] = {}
    for place in order:
        choice = names[place].best(words, anywhere=anywhere)
        if choice.cost >= ERROR and not whatever and names[place].best().cost >= ERROR:
            break
        found[place] = choice
        words.words(choice.spot, names[place].name.forms[choice.form])
    return found


def column(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Heights in order, at least `apart` and as near as can be to those wanted, within `low` and `high`.

    Heights that would touch are laid evenly about their mean.
    """
    groups: list[list[float]] = []
    for height in wanted:
        groups.append([height])
        while len(groups) > 1 and _first(groups[-1], apart) < _last(groups[-2], apart) + apart:
            groups[-2:] = [[*groups[-2], *groups[-1]]]
    placed = [_first(group, apart) + apart * step for group in groups for step in range(len(group))]
    for place in range(len(placed) - 1, -1, -1):
        ceiling = high if place == len(placed) - 1 else placed[place + 1] - apart
        placed[place] = min(placed[place], ceiling)
    for place, height in enumerate(placed):
        floor = low if place == 0 else placed[place - 1] + apart
        placed[place] = max(height, floor)
    return placed


def _first(group: Sequence[float], apart: float) -> float:
    return sum(group) / len(group) - apart * (len(group) - 1) / 2


def _last(group: Sequence[float], apart: float) -> float:
    return _first(group, apart) + apart * (len(group) - 1)
