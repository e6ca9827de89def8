"""What the page of areas says. Every sentence is of the figures in its columns, and computes nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from stp_dash.analysis.standing.limits import HIGHER, LOWER, SIMILAR_TO
from stp_dash.analysis.standing.neighbours import Neighbours
from stp_dash.analysis.wording import (
    PER_CENT,
    capitalised,
    level_text,
    listing,
    number_word,
    status_text,
    uncapitalised,
    unit_text,
    value_text,
)
from stp_dash.pages.areas.columns import AreaColumn
from stp_dash.pages.areas.editions import BoardEdition

_NAMED_RANKS, _MOST_NAMED = 2, 4
_SIDE_HEADS = ((LOWER, "lower than"), (SIMILAR_TO, "similar to"), (HIGHER, "higher than"))
_EXCEPT_TENS = {1: "st", 2: "nd", 3: "rd"}


@dataclass(frozen=True, eq=False)
class AreasView:
    """All that the page says and shows. `own` is the area's code, "" where it is no board of the edition with figures;
    `ours` is that, or the codes of the boards that the area was then.

    `rows` are the areas' codes in the order asked for, ours first. `peers` are the codes that are ringed, `peers_words`
    say which they are. `sort` is the column that rows are ordered by, None for names. Of a month before the edition
    `summed` are the areas whose figures are sums of what they were then, `apart` those to which nothing then adds up.
    """

    area_name: str
    own: str
    edition: BoardEdition
    columns: tuple[AreaColumn, ...]
    absent: tuple[str, ...]
    ours: tuple[str, ...]
    rows: tuple[str, ...]
    names: Mapping[str, str]
    sort: AreaColumn | None
    descending: bool
    widened: bool
    peers: frozenset[str]
    peers_words: str
    neighbours: Neighbours | None = None
    beside: str = ""
    summed: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)

    def name(self, code: str) -> str:
        return self.area_name if code == self.own else self.names.get(code, code)

    @cached_property
    def demonstration(self) -> bool:
        return any(item.demonstration for column in self.columns for item in column.readings.values())


def areas_counted(count: int) -> str:
    """`1 area`, `36 areas`."""
    return f"{count} {'area' if count == 1 else 'areas'}"


def ordinal(number: int) -> str:
    """`1st`, `2nd`, `3rd`, `11th`, `34th`."""
    tail = "th" if number % 100 // 10 == 1 else _EXCEPT_TENS.get(number % 10, "th")
    return f"{number}{tail}"


def rank_words(column: AreaColumn, code: str) -> str:
    """`3 of 36, lowest first`; "" where there is no figure, or limits say that all areas are similar."""
    if code not in column.readings or not column.ranked:
        return ""
    joint = "joint " if column.is_joint(code) else ""
    return f"{joint}{column.ranks[code]} of {len(column)}, lowest first"


def side_words(column: AreaColumn, code: str) -> str:
    """`lower than England`, `similar to England`; "" where limits cannot say it."""
    words = dict(_SIDE_HEADS).get(column.sides.of(code))
    return f"{words} {column.beside}" if words else ""


def standing_words(column: AreaColumn, code: str) -> str:
    """How an area stands: its side of England, or why there is none."""
    if code not in column.readings:
        return "no figure"
    return side_words(column, code) or "not judged: published without counts"


def when(column: AreaColumn) -> str:
    """`August 2026, provisional`."""
    states = listing([status_text(item) for item in column.maturities])
    return f"{column.period.label}, {states}"


def goal_words(column: AreaColumn) -> str:
    """The standard, or what there is instead: `standard 80%`, `per 10,000 patients`, `no standard`."""
    if column.standard is not None:
        return f"standard {level_text(column.indicator, column.standard)}"
    return unit_text(column.indicator) or "no standard"


def comparator_words(column: AreaColumn) -> str:
    """`England 76.6%`, "" without one."""
    if column.level is None:
        return ""
    return f"{column.beside} {value_text(column.indicator, column.level)}"


def areas_title(view: AreasView) -> str:
    """Where ours is on the worse side of England beyond its limits, or else on which sides it is."""
    count = len(view.rows)
    if not view.own:
        return f"{areas_counted(count)} on {_figures(len(view.columns))}"
    worst = _furthest(view)
    if worst:
        return f"{view.area_name} is {_rank_sentence(worst, view.own)}"
    parts = _sides(view)
    if len(parts) == 1 and len(view.columns) == len(parts[0][1]):
        national = _national(view.columns)
        return f"{view.area_name} is {parts[0][0]} {national} on {_all_of(len(view.columns))}"
    if not parts:
        return f"{view.area_name} among {areas_counted(count)}"
    told = ", ".join(f"{words} {_national(found)} on {number_word(len(found))}" for words, found in parts)
    return f"{view.area_name} is {told} of {_figures(len(view.columns))}"


def _furthest(view: AreasView) -> list[AreaColumn]:
    """The columns in which ours lies beyond its limits on the worse side, nearest the worst end first."""

    def from_end(column: AreaColumn) -> float:
        rank = column.ranks[view.own]
        return (len(column) - rank if column.lower_is_better else rank - 1) / len(column)

    return sorted((c for c in view.columns if c.ranked and c.is_unfavourable(view.own)), key=from_end)[
        :_NAMED_RANKS
    ]


def _rank_sentence(columns: Sequence[AreaColumn], own: str) -> str:
    """`3rd of 36 areas, lowest first, for 28-day faster diagnosis, and the lowest of 36 for fully qualified GPs`."""
    places: dict[str, list[AreaColumn]] = {}
    for column in columns:
        places.setdefault(_place(column, own), []).append(column)
    told = [f"{place} for {listing([_subject(c) for c in found])}" for place, found in places.items()]
    first, *rest = told
    return ", and ".join([first, *(item.replace(" areas", "", 1) for item in rest)])


def _place(column: AreaColumn, code: str) -> str:
    """`the lowest of 36 areas`, `3rd of 36 areas, lowest first,`."""
    rank, count, joint = column.ranks[code], len(column), column.is_joint(code)
    if rank in {1, count} and not joint:
        return f"the {'lowest' if rank == 1 else 'highest'} of {count} areas"
    return f"{'joint ' if joint else ''}{ordinal(rank)} of {count} areas, lowest first,"


def _subject(column: AreaColumn) -> str:
    return uncapitalised(column.indicator.short_name)


def _figures(count: int) -> str:
    return f"{number_word(count)} {'figure' if count == 1 else 'figures'}"


def _all_of(count: int) -> str:
    return {1: "the one figure shown", 2: "both figures"}.get(count, f"all {number_word(count)} figures")


def _sides(view: AreasView) -> list[tuple[str, list[AreaColumn]]]:
    """The sides that ours is on, each with its columns, where limits say it."""
    found = (
        (words, [c for c in view.columns if c.sides.of(view.own) == side]) for side, words in _SIDE_HEADS
    )
    return [(words, columns) for words, columns in found if columns]


def areas_lede(view: AreasView) -> str:
    """On which side of its comparator ours is in each column, and what has no figure."""
    told = [_which_areas(view)]
    if view.own:
        parts = [f"{words} {_national(columns)} for {_subjects(columns)}" for words, columns in _sides(view)]
        if parts:
            told.append(f"{capitalised('; '.join(parts))}.")
    elif view.ours:
        told.append(
            f"{view.area_name} was then {listing([view.names.get(code, code) for code in view.ours])}."
        )
    else:
        told.append(f"None of these rows is {view.area_name}'s own figure.")
    told += _sums_words(view)
    if view.absent:
        told.append(f"No figures of these areas: {listing(list(view.absent))}.")
    return " ".join(told)


def _sums_words(view: AreasView) -> list[str]:
    """Of a month before the areas began: whose figures are sums of what they were then, and who has none for what."""
    told = []
    if view.summed:
        names = listing([view.name(code) for code in view.summed])
        told.append(f"Sums of what was theirs then, where all of it has a figure: {names}.")
    if view.apart:
        names = listing([view.name(code) for code in view.apart])
        told.append(f"No sum: the boundaries of before do not add up to {names}.")
    return told


def spread_title(view: AreasView) -> str:
    """`Where we stand among 36 areas`, or where ours is no such area `The spread of 36 areas`."""
    count = areas_counted(len(view.rows))
    return f"Where we stand among {count}" if view.own else f"The spread of {count}"


def map_sentence(view: AreasView, column: AreaColumn) -> str:
    """Which areas are lower than England, ours first, and which higher; of many only how many."""
    if not column.sides.limits:
        return f"{capitalised(areas_counted(len(column)))} with a figure."
    low, high = (
        [code for code in column.readings if column.sides.of(code) == side] for side in (LOWER, HIGHER)
    )
    level = f" ({value_text(column.indicator, column.level)})" if column.level is not None else ""
    parts = []
    for codes, word in ((low, "lower"), (high, "higher")):
        if codes:
            names = [view.name(code) for code in sorted(codes, key=lambda code: code not in view.ours)]
            many = f"{number_word(len(codes))} areas" if len(codes) > _MOST_NAMED else listing(names)
            parts.append(f"{many} {'is' if len(codes) == 1 else 'are'} {word}")
    if not parts:
        return f"All areas are similar to {column.beside}{level}."
    parts[0] += f" than {column.beside}{level}"
    return f"{capitalised(', '.join(parts))}."


def _national(columns: Sequence[AreaColumn]) -> str:
    """The comparator's name, where some columns share it."""
    names = {column.beside for column in columns}
    return names.pop() if len(names) == 1 else "the national figure"


def _which_areas(view: AreasView) -> str:
    held, every = len(view.rows), len(view.edition.codes)
    some = (
        ""
        if held == every
        else f" {capitalised(number_word(held))} of them {'has' if held == 1 else 'have'} figures."
    )
    return f"Integrated care boards: {view.edition.label}.{some}"


def _subjects(columns: Sequence[AreaColumn]) -> str:
    return listing([_subject(column) for column in columns])


def standing_sentence(view: AreasView) -> str:
    """In how many columns ours can be told from England, and of which everybody is similar."""
    alike = [column for column in view.columns if column.sides.limits and not column.sides.apart]
    if not view.own:
        return "All areas on each figure."
    own = [column for column in view.columns if view.own in column.readings]
    apart = sum(column.sides.of(view.own) in {LOWER, HIGHER} for column in own)
    told = f"Beyond its limits on {number_word(apart)} of {_figures(len(own))}."
    if alike:
        told += f" No place is given for {_subjects(alike)}: limits say that all areas are similar."
    return told


def table_sentence(view: AreasView) -> str:
    """How many areas are before ours in the order shown."""
    last = " Ours stays on top in any order." if view.ours else ""
    column = view.sort
    if column is None:
        return f"In the order of names.{last}"
    name, own = _subject(column), column.value(view.own)
    if own is None:
        return f"In the order of {name}.{last}"
    beyond = [v for code in column.readings if (v := column.value(code)) is not None and code != view.own]
    count = sum(value > own for value in beyond) if view.descending else sum(value < own for value in beyond)
    word = "higher" if view.descending else "lower"
    areas = "area is" if count == 1 else "areas are"
    return f"{capitalised(number_word(count) if count else 'no')} {areas} {word} than ours for {name}.{last}"


def limits_words(view: AreasView) -> str:
    """By what the marks go, and of which columns a tenth or more of all areas lie beyond."""
    if view.widened:
        wide = "Marks by 99.8% limits, widened to what is usual among areas"
    else:
        wide = "Marks by the 99.8% limits of chance for an area's size"
    scale = "Each column has its own scale, lowest at the left"
    return f"{wide}: beyond them lower or higher, inside them similar. {scale}."


def apart_words(view: AreasView) -> str:
    """In which columns so many areas lie beyond limits of chance that chance explains little."""
    many = [c for c in view.columns if c.sides.factor == 1 and c.sides.apart * 10 > len(c) > 1]
    if view.widened or not many:
        return ""
    told = listing([f"{number_word(c.sides.apart)} for {_subject(c)}" for c in many])
    return f"Areas are large, so that many differ from England by more than chance: {told}."


def beside_title(view: AreasView) -> str:
    """`Kent and Medway beside Essex`."""
    return f"{view.name(view.own)} beside {view.name(view.beside)}"


def beside_sentence(view: AreasView) -> str:
    """On how many figures ours is lower than the other, and higher."""
    pairs = [(c.value(view.own), c.value(view.beside)) for c in view.columns]
    known = [(one, other) for one, other in pairs if one is not None and other is not None]
    counts = (
        ("lower", sum(one < other for one, other in known)),
        ("higher", sum(one > other for one, other in known)),
        ("level", sum(one == other for one, other in known)),
    )
    told = [f"{word} on {number_word(count)}" for word, count in counts if count]
    if not told:
        return f"No figure is published of both {view.name(view.own)} and {view.name(view.beside)}."
    return f"Of {_figures(len(known))} {view.name(view.own)} is {listing(told)}."


def difference_words(column: AreaColumn, one: str, other: str) -> str:
    """`5.0 points lower`, `0.35 higher`, `the same as shown`; "" where either has no figure."""
    mine, theirs = column.value(one), column.value(other)
    if mine is None or theirs is None:
        return ""
    if column.shown(one) == column.shown(other):
        return "the same as shown"
    size = value_text(column.indicator, abs(mine - theirs))
    if column.indicator.unit == PER_CENT:
        size = f"{size.removesuffix('%')} points"
    return f"{size} {'lower' if mine < theirs else 'higher'}"


def peers_sentence(view: AreasView) -> str:
    """Who the peers are, and by what."""
    found = view.neighbours
    if found is None:
        return f"{capitalised(view.peers_words)}." if view.peers else f"No {view.peers_words}."
    if not found.used:
        return f"No characteristic of {view.area_name} is loaded, so no nearest neighbours can be found."
    by = listing([uncapitalised(item.characteristic.name) for item in found.used])
    return f"Nearest to {view.area_name} in {by}."


def peers_listed(view: AreasView) -> list[tuple[str, str]]:
    """The peers' codes, the nearest first, each with its distance; by name and without one where they were chosen."""
    if view.neighbours is None:
        return [(code, "") for code in sorted(view.peers, key=view.name)]
    return [
        (item.code, f"{item.distance:.2f}") for item in view.neighbours.nearest if item.code in view.peers
    ]


def unlikened_words(found: Neighbours) -> str:
    """Which characteristics are not loaded and which nobody publishes, and which areas therefore have no place."""
    told = []
    names = [uncapitalised(item.name) for item in found.lacking if item.indicators]
    if names:
        told.append(f"Not loaded by area, so not part of it: {listing(names)}.")
    unread = [item.name for item in found.lacking if not item.indicators]
    if unread:
        verb = "is" if len(unread) == 1 else "are"
        told.append(
            f"{capitalised(listing([uncapitalised(name) for name in unread]))} {verb} not part of it: "
            "no publication that is read here has such a figure by integrated care board."
        )
    if found.unplaced:
        count = len(found.unplaced)
        told.append(
            f"{capitalised(number_word(count))} {'area has' if count == 1 else 'areas have'} no such figure."
        )
    return " ".join(told)
