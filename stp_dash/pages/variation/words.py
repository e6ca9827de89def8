"""What the variation page says: every organisation of a kind in one period, and where ours stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from db.domain import ALL, Area, ImprovementDirection, Indicator, Period, Standard
from db.domain.reading import Reading
from stp_dash.analysis.columns import Ranking
from stp_dash.analysis.kinds import Comparison, breakdown_text
from stp_dash.analysis.sheet import Subject
from stp_dash.analysis.standing.comparator import comparator_name, has_average
from stp_dash.analysis.standing.verdict import gap_of, gap_text, met
from stp_dash.analysis.wording import (
    PER_CENT,
    capitalised,
    counted,
    counts_text,
    full_text,
    is_rate,
    level_text,
    listing,
    missing_to,
    missing_word,
    number_word,
    status_text,
    uncapitalised,
    value_text,
)
from stp_dash.charts.interactive.ranked import BETTER, SIMILAR, UNJUDGED, WORSE
from stp_dash.elements.links import TREND, href
from stp_dash.statistics.spread import FEW, median
from stp_dash.statistics.standards import met_of_judged, reaching

LISTED = 12
"""Up to so many of ours are named one by one; of more, the ends."""
NEAR = 1.5
"""A figure within this many points of another looks like it."""


@dataclass(frozen=True, eq=False)
class VariationInput:
    """What the page has read: all organisations of the kind in one period, and the comparator's figure.

    `expected` are the codes of ours that should be there, `peers` says in words which organisations stand out.
    On `paper` there is no room for the names of files.
    """

    area: Area
    indicator: Indicator
    comparison: Comparison
    period: Period
    breakdown: str
    ranking: Ranking
    comparator: Reading | None
    names: Mapping[str, str]
    expected: tuple[str, ...] = ()
    peers: str = ""
    phone: bool = False
    paper: bool = False

    @cached_property
    def hovers(self) -> dict[int, str]:
        """What a reader is told who rests on an organisation, by its place, as far as it was asked for."""
        return {}

    @cached_property
    def beside(self) -> str:
        """The comparator's name."""
        return comparator_name(self.comparator)

    @property
    def level(self) -> float | None:
        return self.comparator.value if self.comparator else None

    @property
    def rising(self) -> bool:
        """Whether higher is better."""
        return self.indicator.improvement_direction is ImprovementDirection.INCREASE

    @cached_property
    def standard(self) -> Standard | None:
        """A standard is of the headline figure: a breakdown has none of its own."""
        return self.indicator.standard_on(self.period.start) if self.breakdown == ALL else None

    @property
    def averaged(self) -> bool:
        """Whether the indicator is measured by the comparator's average."""
        if self.comparator is None or self.level is None or self.breakdown != ALL:
            return False
        return has_average(self.indicator, self.comparator)

    def value(self, value: float | None) -> str:
        return value_text(self.indicator, value, self.standard)

    @property
    def crowded(self) -> bool:
        """Whether ours are too many to be named."""
        return len(self.ranking.our_places) > LISTED

    def mark(self, place: int) -> str:
        neutral = self.indicator.improvement_direction is ImprovementDirection.NEUTRAL
        return self.ranking.mark(place, None if neutral else self.level, rising=self.rising)

    def trend(self, code: str) -> str:
        """The address of an organisation's trend."""
        breakdown = None if self.breakdown == ALL else self.breakdown
        return href(TREND, indicator=self.indicator.id, organisation=code, breakdown=breakdown)

    @property
    def subject(self) -> str:
        """What the page is about: `62-day treatment`, or of a breakdown `62-day treatment, Breast`."""
        name = self.indicator.short_name
        return name if self.breakdown == ALL else f"{name}, {breakdown_text(self.breakdown)}"

    @property
    def about(self) -> Subject:
        """What every chart of one period is about."""
        return Subject(f"{self.subject} by {uncapitalised(self.comparison.label)}", self.area.name, self.when)

    @property
    def when(self) -> str:
        """`August 2026, provisional`."""
        states = listing([status_text(item) for item in self.ranking.maturities])
        return f"{self.period.label}, {states}" if states else self.period.label


@dataclass(frozen=True)
class OurFigure:
    """One of ours: its place among all, its figure and how it compares."""

    place: int
    name: str
    value: str
    mark: str
    reading: Reading
    interval: tuple[float, float] | None

    @property
    def number(self) -> float:
        return self.reading.value or 0.0


@dataclass(frozen=True)
class Variation:
    """The page in words. `ours` are in order of value; of very many only the ends are among them."""

    title: str
    lede: str
    finding: str
    coverage: str
    ours: tuple[OurFigure, ...]


def variation(given: VariationInput) -> Variation:
    """The page's title, its lede and the sentence of its ranking. Organisations without a value are named only."""
    ours = our_figures(given)
    return Variation(_title(given, ours), _lede(given, ours), _finding(given, ours), coverage(given), ours)


def our_figures(given: VariationInput) -> tuple[OurFigure, ...]:
    """Our own organisations of a ranking, in its order: the first and the last where there are too many to list."""
    places = given.ranking.our_places
    if len(places) > LISTED:
        places = [*places[: LISTED // 2], *places[-LISTED // 2 :]]
    return tuple(_our_figure(given, place) for place in places)


def _our_figure(given: VariationInput, place: int) -> OurFigure:
    ranking = given.ranking
    reading = ranking.reading(place)
    low, high = float(ranking.lower[place]), float(ranking.upper[place])
    return OurFigure(
        place=place,
        name=ranking.name(place),
        value=given.value(reading.value),
        mark=given.mark(place),
        reading=reading,
        interval=None if np.isnan(low) else (low, high),
    )


def interval_words(given: VariationInput, place: int) -> str:
    """`58.5% to 69.1%`, "" where there is no interval."""
    low, high = float(given.ranking.lower[place]), float(given.ranking.upper[place])
    if np.isnan(low):
        return ""
    return f"{value_text(given.indicator, low)} to {value_text(given.indicator, high)}"


def distance_words(given: VariationInput, reading: Reading) -> str:
    """The distance to the standard or the average: both are of the headline figure."""
    return gap_text(given.indicator, reading, given.comparator) if given.breakdown == ALL else ""


def group_words(given: VariationInput, place: int) -> str:
    """`ours`, `peer` or nothing."""
    if given.ranking.ours[place]:
        return "ours"
    return "peer" if given.ranking.peers[place] else ""


def compared_words(given: VariationInput, mark: str) -> str:
    """How a figure compares, in the words of a table."""
    words = {BETTER: "better than", WORSE: "worse than", SIMILAR: "similar to"}
    return f"{words[mark]} {given.beside}" if mark in words else ""


def our_words(given: VariationInput, count: int) -> str:
    """`our four trusts`, `our ICB`."""
    if count == 1:
        return f"our {given.comparison.each}"
    return f"our {number_word(count)} {given.comparison.plural}"


def how_many_of_ours(given: VariationInput, count: int, total: int) -> str:
    """`none of our four trusts`, `one of our two trusts`, `both of our trusts`, `neither of our trusts`."""
    if total == 2 and count != 1:
        return f"{'both' if count else 'neither'} of our {given.comparison.plural}"
    told = {0: "none", total: "all"}.get(count, number_word(count))
    return f"{told} of {our_words(given, total)}"


def _title(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    name, count = given.subject, len(given.ranking.our_places)
    if not ours:
        kind = uncapitalised(given.comparison.label)
        return f"{name}: no figure for {given.area.name} by {kind} in {given.period.label}"
    if given.standard is not None and count <= LISTED:
        return f"{name}: {_standard_words(given, ours)}"
    judged = any(item.mark != UNJUDGED for item in ours)
    if given.level is not None and judged and count <= LISTED:
        return f"{name}: {sides_words(given, ours)}"
    if given.averaged:
        return f"{name}: {_reaching(given) if count > 1 else _beside(given, ours[0])}"
    return f"{name}: {_range_words(given, ours)}"


def _standard_words(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    """`none of our four trusts meets 85%`, `East Kent is 90 patients short of 85%`."""
    if len(ours) == 1:
        return f"{ours[0].name} {_one_verdict(given, ours[0])}"
    count, judged = met_of_judged(met(given.indicator, item.reading) for item in ours)
    level = level_text(given.indicator, given.standard)
    if not judged:
        return f"{_range_words(given, ours)}, against {level}"
    verb = "meets" if count < 2 else "meet"
    if judged == len(ours):
        return f"{how_many_of_ours(given, count, judged)} {verb} {level}"
    told = {0: "none", judged: "all"}.get(count, number_word(count))
    return f"{told} of {number_word(judged)} that can be judged {verb} {level}"


def sides_words(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    """`East Kent is lower than England, Medway is higher`."""
    level = given.level or 0.0
    told = [item for item in ours if item.mark in {BETTER, WORSE}]
    sides = (
        ("lower", [item.name for item in told if item.number < level]),
        ("higher", [item.name for item in told if item.number > level]),
    )
    parts = [
        f"{listing(names)} {'is' if len(names) == 1 else 'are'} {word}" for word, names in sides if names
    ]
    if not parts:
        return _similar(given, ours)
    parts[0] += f" than {given.beside}"
    return ", ".join(parts)


def _similar(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    if len(ours) == 1:
        return f"{ours[0].name} is similar to {given.beside}"
    return f"our {number_word(len(ours))} are {'both' if len(ours) == 2 else 'all'} similar to {given.beside}"


def _reaching(given: VariationInput) -> str:
    """How many of ours are no worse than the average."""
    values = given.ranking.value[given.ranking.ours]
    count = reaching(values, given.level or 0.0, rising=given.rising)
    if not count and not given.rising:
        together = {1: " lies", 2: " both lie"}.get(len(values), " all lie")
        return f"{our_words(given, len(values))}{together} above {given.beside}"
    one = count < 2
    verb = ("reaches" if one else "reach") if given.rising else f"{'is' if one else 'are'} no higher than"
    return f"{how_many_of_ours(given, count, len(values))} {verb} {given.beside}"


def _beside(given: VariationInput, item: OurFigure) -> str:
    """`Kent and Medway 3.83, below England (4.25)`: a figure beside the average that it is measured by."""
    level = given.level or 0.0
    shown = value_text(given.indicator, level)
    if shown == item.value:
        return f"{item.name} {item.value}, level with {given.beside}"
    side = "above" if item.number > level else "below"
    return f"{item.name} {item.value}, {side} {given.beside} ({shown})"


def _range_words(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    if len(ours) == 1:
        return f"{ours[0].name} {ours[0].value}"
    if ours[0].value == ours[-1].value:
        count = len(given.ranking.our_places)
        return f"{our_words(given, count)} {'both' if count == 2 else 'all'} have {ours[0].value}"
    return f"{ours[0].name} {ours[0].value} to {ours[-1].name} {ours[-1].value}"


def _lede(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    parts = [f"{given.when}."]
    count = len(given.ranking.our_places)
    if count > 1 and ours[0].value == ours[-1].value:
        parts.append(f"{capitalised(_range_words(given, ours))}.")
    elif count > 1:
        ends = f"{ours[0].value} to {ours[-1].value}"
        parts.append(f"{capitalised(our_words(given, count))} range from {ends}.")
    if given.comparator is not None and given.level is not None:
        counts = counts_text(given.indicator, given.comparator.numerator, given.comparator.denominator)
        brackets = f" ({counts})" if counts else ""
        parts.append(f"{given.beside}: {full_text(given.indicator, given.level)}{brackets}.")
    sides = [f"{capitalised(sides_words(given, ours))}."] if _has_sides(given, ours) else []
    return " ".join([*parts, *sides, *_chance(given, ours), *_absent(given)])


def _has_sides(given: VariationInput, ours: Sequence[OurFigure]) -> bool:
    """Whether the lede says which of ours differ from the comparator: where the title is of the standard."""
    apart = any(item.mark in {BETTER, WORSE} for item in ours)
    return given.standard is not None and given.level is not None and apart and not given.crowded


def _chance(given: VariationInput, ours: Sequence[OurFigure]) -> list[str]:
    """Which of ours look far from the comparator, but with so few patients that it could be chance."""
    similar = [item for item in ours if item.mark == SIMILAR]
    if given.level is None or not similar or len(given.ranking.our_places) > LISTED:
        return []
    for item in similar:
        like = _looks_like(item, ours, given.level)
        if like is not None:
            end = "low" if item.number < given.level else "high"
            people = counted(item.reading.denominator or 0.0, given.indicator.gap_unit)
            return [f"{item.name} looks as {end} as {like.name}, but with {people} that could be chance."]
    if all(item.value == full_text(given.indicator, given.level) for item in ours):
        return []
    if len(ours) == 1:
        return [f"The difference from {given.beside} could be chance."]
    if len(similar) == len(ours):
        return [f"Differences from {given.beside} could be chance."]
    return [f"For {listing([i.name for i in similar])} the difference from {given.beside} could be chance."]


def _looks_like(item: OurFigure, ours: Sequence[OurFigure], level: float) -> OurFigure | None:
    """One of ours that is truly on one side of the comparator, and no further from it than this one by much."""
    low = item.number < level
    for other in ours:
        same = other.mark in {BETTER, WORSE} and (other.number < level) is low
        if same and abs(item.number - level) > abs(other.number - level) - NEAR:
            return other
    return None


def _absent(given: VariationInput) -> list[str]:
    """Ours that the settings name and that have no figure in the period."""
    present = {given.ranking.code(place) for place in given.ranking.our_places}
    codes = [code for code in given.expected if code not in present]
    if not codes:
        return []
    return [f"No figure in this period: {listing([given.names.get(code, code) for code in codes])}."]


def _finding(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    if not ours:
        return ""
    if len(given.ranking.our_places) > LISTED:
        return _crowd_finding(given)
    if given.standard is None:
        reached = f" {capitalised(_reaching(given))}." if given.averaged and len(ours) > 1 else ""
        counts = f" These are counts, and larger {given.comparison.plural} have more."
        larger = counts if given.indicator.is_total and len(ours) > 1 else ""
        return f"{capitalised(_range_words(given, ours))}.{reached}{larger} There is no standard for this figure."
    if len(ours) == 1:
        return f"{ours[0].name} at {ours[0].value} {_one_verdict(given, ours[0])}."
    return _furthest(given, ours) or f"{capitalised(_standard_words(given, ours))}."


def _crowd_finding(given: VariationInput) -> str:
    """Where the middle of very many of ours is, beside the middle of all."""
    ranking = given.ranking
    own, every = median(ranking.value[ranking.ours]), median(ranking.value)
    words = our_words(given, len(ranking.our_places))
    if len(ranking.our_places) == len(ranking):
        return f"Half of {words} are at {given.value(every)} or below."
    return (
        f"Half of {words} are at {given.value(own)} or below; of all {len(ranking):,} half are at "
        f"{given.value(every)} or below."
    )


def _one_verdict(given: VariationInput, item: OurFigure) -> str:
    level = level_text(given.indicator, given.standard)
    found = gap_of(given.indicator, item.reading)
    if found is None:
        return f"against {level}"
    words = counted(found.count, given.indicator.gap_unit)
    return (
        f"meets {level}, by {words}"
        if found.met
        else f"is {words} {missing_to(given.indicator)} {level}{_whole(given, item)}"
    )


def _furthest(given: VariationInput, ours: Sequence[OurFigure]) -> str:
    """The worst of ours by its share and by its count: another where it has more patients."""
    short = [
        (found.count, item)
        for item in ours
        if (found := gap_of(given.indicator, item.reading)) is not None and not found.met
    ]
    if not short:
        return ""
    count, item = max(short, key=lambda pair: pair[0])
    size, worst = counted(count, given.indicator.gap_unit), ours[0] if given.rising else ours[-1]
    end = "lowest" if given.rising else "highest"
    level = [other for other in ours if other.value == worst.value]
    if len(level) > 1:
        return _level(given, level, end, [other.name for found, other in short if found == count], size)
    if worst.place == item.place:
        return (
            f"Of ours, {item.name} has the {end} figure and is {_most_amiss(given)}, by {size}"
            f"{_whole(given, item)}."
        )
    people = counted(item.reading.denominator or 0.0, given.indicator.gap_unit)
    return (
        f"Of ours, {worst.name} has the {end} figure, {worst.value}; {item.name}, at {item.value} of {people}, is "
        f"{_most_amiss(given)}, by {size}."
    )


def _level(
    given: VariationInput, level: Sequence[OurFigure], end: str, most: Sequence[str], size: str
) -> str:
    """Several of ours, or all, with the same worst figure, and which of ours are the most short."""
    if len(level) < len(given.ranking.our_places):
        shared = f"Of ours, {listing([item.name for item in level])} have the {end} figure, {level[0].value}"
    else:
        shared = f"{capitalised(our_words(given, len(level)))} have the same figure, {level[0].value}"
    if len(most) == len(given.ranking.our_places):
        return f"{shared}, and each is {size} {missing_word(given.indicator)}."
    if list(most) == [item.name for item in level]:
        return f"{shared}, and are {_most_amiss(given)}, by {size} each."
    verb, each = ("is", "") if len(most) == 1 else ("are", " each")
    return f"{shared}; {listing(most)} {verb} {_most_amiss(given)}, by {size}{each}."


def _most_amiss(given: VariationInput) -> str:
    word = missing_word(given.indicator)
    return "furthest over" if word == "over" else f"the most {word}"


def _whole(given: VariationInput, item: OurFigure) -> str:
    if item.mark not in {BETTER, WORSE} or item.interval is None:
        return ""
    side = "below" if item.number < (given.level or 0.0) else "above"
    return f"; its whole interval, {interval_words(given, item.place)}, is {side} {given.beside}"


def coverage(given: VariationInput) -> str:
    """How many organisations stand on the chart, and which do not."""
    ranking = given.ranking
    told = counted(len(ranking), given.comparison.plural)
    if ranking.limits is not None:
        return f"{told}, with the intervals that are published"
    if given.indicator.unit != PER_CENT or not ranking.has_intervals:
        return f"{told}; no intervals: {_no_interval(given.indicator)}"
    unit = given.indicator.gap_unit
    left_out = int((~ranking.drawn).sum())
    few = int(ranking.small.sum())
    if left_out:
        rest = "one is" if left_out == 1 else f"{left_out:,} are"
        return (
            f"{int(ranking.drawn.sum()):,} {given.comparison.plural} with {FEW} {unit} or more, and ours; "
            f"{rest} smaller and in the table only"
        )
    if not few:
        return f"{told}, {'each ' if len(ranking) > 1 else ''}with {FEW} {unit} or more"
    who = "all" if few == len(ranking) else f"{few:,} of them"
    return f"{told}; {who} with fewer than {FEW} {unit}: their rates swing most"


def _no_interval(indicator: Indicator) -> str:
    if indicator.is_total:
        return "a count, not a share"
    if indicator.is_stock:
        return "everybody is counted"
    return "posts are all that there are" if is_rate(indicator) else "published without counts"
