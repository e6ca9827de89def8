"""The map of the variation page: CCG or sub-ICB areas beside the comparator, from outlines or as tiles."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from db.domain import Maturity, Period
from db.domain.outline import Outline
from stp_dash.analysis.sheet import Sheet
from stp_dash.analysis.wording import (
    boundary_words,
    capitalised,
    is_rate,
    listing,
    number_word,
    uncapitalised,
    value_text,
)
from stp_dash.charts.interactive.ranked import BETTER, SIMILAR, UNJUDGED, WORSE
from stp_dash.charts.svg.area_map import (
    MISSING,
    Key,
    MapArea,
    MapPlace,
    map_places,
    map_svg,
    tile_map_svg,
)
from stp_dash.charts.svg.sparkline import data_address
from stp_dash.pages.variation.funnel import standings
from stp_dash.pages.variation.ranked import Rows, figures_columns, files_note, source_words
from stp_dash.pages.variation.words import VariationInput

MAP = "map"
MOST_NAMED = 8
"""A sentence names so many areas that differ; of more it only counts them."""
_WIDTHS = {"desktop": 500.0, "tablet": 600.0, "phone": 300.0}
LISTED = "No boundaries are loaded: areas are listed by their figures"
HOW = (
    "Areas are drawn by their outlines once whoever looks after this site has loaded those of the Office for National "
    "Statistics."
)


@dataclass(frozen=True, eq=False)
class MapInput:
    """What a map is made of. `given` holds all areas of England in the map's period, `codes` are those drawn,
    `own` those of them that are the area's.

    `outlines` are of one edition and of all codes, or none; `shown` is the page's own period.
    """

    given: VariationInput
    codes: tuple[str, ...]
    own: frozenset[str]
    outlines: tuple[Outline, ...]
    tiles: Mapping[str, tuple[int, int]]
    shown: Period
    width: str = "desktop"


@dataclass(frozen=True, eq=False)
class AreaMap:
    """The card's picture and words.

    `listed` are its areas with their figures, the best first; they stand alone, without a picture, where neither
    outlines nor places of tiles are known: tiles in any other order would put areas beside others that they are far
    from. `key` says what the marks of the list mean, `places` where the areas stand in the picture.
    """

    image: str
    label: str
    size: tuple[int, int]
    outlined: bool
    sentence: str
    foot: str
    sheet: Sheet
    listed: tuple[MapArea, ...]
    key: tuple[Key, ...]
    places: tuple[MapPlace, ...] = ()


def area_map(given: MapInput) -> AreaMap:
    """The map with its sentence and numbers. Areas without a figure are drawn dashed and say so."""
    judged = standings(given.given) if is_rate(given.given.indicator) else {}
    areas = _areas(given, judged)
    sentence = _sentence(given, judged)
    label = f"{given.given.subject} by {uncapitalised(given.given.comparison.label)}. {sentence}"
    key = _key(given, areas)
    width = _WIDTHS[given.width]
    svg = ""
    if given.outlines:
        svg = map_svg(areas, label=label, width=width, key=key)
    elif set(given.codes) <= set(given.tiles):
        svg = tile_map_svg(areas, label=label, tiles=given.tiles, width=width, key=key)
    return AreaMap(
        image=data_address(svg) if svg else "",
        label=label,
        size=_size(svg),
        outlined=bool(given.outlines),
        sentence=sentence,
        foot=_foot(given),
        sheet=_sheet(given),
        listed=_in_order(given, areas),
        key=tuple(key),
        places=map_places(areas, given.tiles, width) if svg else (),
    )


def _in_order(given: MapInput, areas: Sequence[MapArea]) -> tuple[MapArea, ...]:
    """Areas by their figures, the best first; those without one last."""
    ranking = given.given.ranking
    values = {ranking.code(place): float(ranking.value[place]) for place in ranking.our_places}
    side = -1 if given.given.rising else 1
    known = sorted((area for area in areas if area.code in values), key=lambda area: side * values[area.code])
    return (*known, *(area for area in areas if area.code not in values))


def _size(svg: str) -> tuple[int, int]:
    found = re.search(r'width="(\d+)[^"]*" height="(\d+)', svg)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _areas(given: MapInput, judged: Mapping[int, str]) -> list[MapArea]:
    told = given.given
    places = {told.ranking.code(place): place for place in told.ranking.our_places}
    rings = {item.code: item.rings for item in given.outlines}
    few = 2 * len(given.own & set(given.codes)) < len(given.codes)
    ours = given.own if few else frozenset()
    return [
        replace(_area(told, code, places.get(code), rings.get(code, ()), judged), ours=code in ours)
        for code in given.codes
    ]


def _area(
    told: VariationInput,
    code: str,
    place: int | None,
    rings: Sequence[Sequence[tuple[float, float]]],
    judged: Mapping[int, str],
) -> MapArea:
    name = area_name(told.names.get(code, code))
    if place is None:
        return MapArea(code, name, "No figure", MISSING, rings)
    value = float(told.ranking.value[place])
    hollow = told.ranking.maturity[place] == Maturity.PROVISIONAL
    fill = judged.get(place, told.mark(place))
    return MapArea(code, name, told.value(value), fill, rings, hollow=bool(hollow))


def area_name(name: str) -> str:
    """A commissioner's name without what all of them share; a location's code stands before its ICB's name."""
    plain = re.sub(r"^NHS | (ICB|CCG|Integrated Care Board)\b", "", name)
    return re.sub(r"^(.+) - (\w+)$", r"\2 \1", plain)


def _key(given: MapInput, areas: Sequence[MapArea]) -> list[Key]:
    rising = given.given.rising
    words = {
        WORSE: "Lower" if rising else "Higher",
        SIMILAR: "Similar",
        BETTER: "Higher" if rising else "Lower",
        UNJUDGED: "Not compared",
        MISSING: "No figure",
    }
    drawn = {area.fill for area in areas}
    found = [Key(fill, text) for fill, text in words.items() if fill in drawn]
    hollow = next(
        (area.fill for area in areas if area.hollow and area.fill in (WORSE, SIMILAR, BETTER)), None
    )
    return [*found, Key(hollow, "Hollow: provisional", hollow=True)] if hollow else found


def _sentence(given: MapInput, judged: Mapping[int, str]) -> str:
    told = given.given
    when = ""
    if told.period != given.shown:
        when = f"Last published by {uncapitalised(told.comparison.label)}: {told.period.label}. "
    marks = {place: judged.get(place, told.mark(place)) for place in told.ranking.our_places}
    if told.level is None or set(marks.values()) == {UNJUDGED}:
        count = capitalised(number_word(len(marks)))
        return f"{when}{count} {'area has' if len(marks) == 1 else 'areas have'} a figure."
    return when + (_limits_sentence if judged else _sides_sentence)(given, marks)


def _sides_sentence(given: MapInput, marks: Mapping[int, str]) -> str:
    """Which areas differ from the comparator; beside others' ours first, and then how many of all."""
    told = given.given
    low, high = _sides(given, marks)
    level = f" ({value_text(told.indicator, told.level)})"
    own = [place for place in marks if told.ranking.code(place) in given.own]
    counts = f"{number_word(len(low))} {_verb(low)} lower and {number_word(len(high))} higher"
    counts = f"Of the {number_word(len(marks))} areas with a figure {counts}"
    if sum(place in own for place in (*low, *high)) > MOST_NAMED:
        return f"{counts} than {told.beside}{level}."
    if len(own) == len(marks):
        return _listed(given, low, high, f"than {told.beside}{level}")
    first = _ours(given, own, low, high, level)
    return f"{first} {counts}." if first else f"{counts} than {told.beside}{level}."


def _ours(given: MapInput, own: Sequence[int], low: Sequence[int], high: Sequence[int], level: str) -> str:
    told = given.given
    if any(place in own for place in (*low, *high)):
        sides = [place for place in low if place in own], [place for place in high if place in own]
        return _listed(given, *sides, f"than {told.beside}{level}")
    names = listing([area_name(told.ranking.name(place)) for place in own])
    return f"{names} {_verb(own)} similar to {told.beside}{level}." if own else ""


def _sides(given: MapInput, marks: Mapping[int, str]) -> tuple[list[int], list[int]]:
    """The areas that are truly lower than the comparator, and those that are higher."""
    worse = [place for place, mark in marks.items() if mark == WORSE]
    better = [place for place, mark in marks.items() if mark == BETTER]
    return (worse, better) if given.given.rising else (better, worse)


def _listed(given: MapInput, low: Sequence[int], high: Sequence[int], against: str) -> str:
    told = given.given
    parts = [
        f"{listing([area_name(told.ranking.name(place)) for place in places])} {_verb(places)} {word}"
        for word, places in (("lower", low), ("higher", high))
        if places
    ]
    if not parts:
        return f"No difference from {told.beside} is more than chance would make."
    parts[0] += f" {against}"
    return f"{', '.join(parts)}."


def _verb(places: Sequence[int]) -> str:
    return "is" if len(places) == 1 else "are"


def _limits_sentence(given: MapInput, marks: Mapping[int, str]) -> str:
    """Of a rate: which areas lie beyond what chance alone would make of their size."""
    told = given.given
    low, high = _sides(given, marks)
    if len(low) + len(high) > MOST_NAMED:
        return (
            f"Of the {number_word(len(marks))} areas with a figure {number_word(len(low))} {_verb(low)} below and "
            f"{number_word(len(high))} above the limits around {told.beside}."
        )
    parts = [
        f"{listing([area_name(told.ranking.name(place)) for place in places])} {_verb(places)} {word} the limits"
        for word, places in zip(("below", "above"), (low, high), strict=True)
        if places
    ]
    if not parts:
        return f"All lie inside the limits around {told.beside}: differences could be chance."
    return f"{'; '.join(parts)} around {told.beside}."


def _foot(given: MapInput) -> str:
    if not given.outlines and not set(given.codes) <= set(given.tiles):
        return LISTED
    return boundary_words(given.outlines[0].edition if given.outlines else "")


def _sheet(given: MapInput) -> Sheet:
    told = given.given
    rows = Rows(told)
    wanted = set(told.ranking.our_places)
    rows.places = [place for place in rows.places if place in wanted]
    return Sheet(
        name=MAP,
        title=f"By {told.comparison.each}",
        caption=f"{told.subject} by {uncapitalised(told.comparison.label)}, {told.when}",
        columns=(*rows.identity(), *figures_columns(told, rows)),
        source=source_words(told.indicator.owner, told.ranking),
        note=f"{_foot(given)} {files_note(told.ranking)}",
        demonstration=told.ranking.demonstration,
        subject=told.about,
    )
