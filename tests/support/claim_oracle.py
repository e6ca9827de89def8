"""The oracle of claims: each sentence read back as a reader would, and held against the raw figures.

It shares nothing with the code that writes the sentences: values and periods are the published ones, the rules are the
plain ones of `plain_spc`, means and counts are worked out anew. `check` gives what is wrong with a text, "" if nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from db.domain import Indicator, Period
from db.domain.reading import Reading
from tests.support.plain_spc import plain_analyse

_NUMBERS = "none one two three four five six seven eight nine ten"
WORDS = {word: n for n, word in enumerate(_NUMBERS.split())}
VALUE = r"(-?[\d,]+(?:\.\d+)?)(?:%| (?:minute|week)s?| (?:[a-z]+ )*?per [\d,]+ [a-z ]+?)?"
WHEN = r"((?:\d{1,2} )?[A-Z][a-z]+(?: \d{4})?(?: to [A-Z][a-z]+)? \d{4}|\d{4}(?:/\d{2})?)"
COUNT = r"([A-Za-z]+|\d+)"
NOUN = r"(?:month|quarter|year|snapshot|period)s?"


@dataclass(frozen=True)
class PlainSeries:
    """A series as published: periods in order, with gaps; where its limits start again; what it is measured by."""

    indicator: Indicator
    periods: Sequence[Period]
    readings: Sequence[Reading | None]
    starts: Sequence[int]
    target: float | None
    profile: str

    @property
    def values(self) -> list[float]:
        return [
            math.nan if item is None or item.value is None else float(item.value) for item in self.readings
        ]

    @property
    def first(self) -> int:
        """Where the last limits start."""
        return max((start for start in self.starts if start < len(self.periods)), default=0)

    @property
    def last(self) -> int:
        """The latest period with a figure."""
        return max(place for place, value in enumerate(self.values) if not math.isnan(value))


@dataclass(frozen=True)
class Plain:
    """The plain reading of a series: of the last limits the figures, mean and limits, and of each figure its rules."""

    series: PlainSeries
    values: list[float]
    mean: float
    low: float
    high: float
    broken: list[set[tuple[str, str]]]
    assurance: str | None

    @property
    def known(self) -> list[float]:
        return [value for value in self.values if not math.isnan(value)]

    @property
    def at(self) -> int:
        """The latest figure's place among those of the last limits."""
        return self.series.last - self.series.first

    @property
    def marked(self) -> list[int]:
        return [place for place, rules in enumerate(self.broken) if rules]


def read(series: PlainSeries) -> Plain:
    points, _, _, assurance = plain_analyse(
        series.values,
        series.indicator.improvement_direction.value,
        series.target,
        [start for start in series.starts if 0 < start < len(series.periods)],
        profile=series.profile,
    )
    own = points[series.first :]
    return Plain(series, [p[0] for p in own], own[0][1], own[0][2], own[0][3], [p[4] for p in own], assurance)


def number(text: str) -> int:
    if text == "both":
        return 2
    return WORDS[text.lower()] if text.lower() in WORDS else int(text.replace(",", ""))


def shown(text: str, value: float) -> bool:
    """Whether a printed number is the value, rounded to the decimals that it has."""
    plain = text.replace(",", "")
    places = len(plain.partition(".")[2])
    return abs(Fraction(plain) - Fraction(value)) <= Fraction(1, 2 * 10**places) + Fraction(1, 10**9)


def possible(indicator: Indicator, value: float) -> float:
    ceiling = indicator.multiplier if indicator.unit == "%" else math.inf
    return min(ceiling, max(0.0, value))


def _steady(plain: Plain, found: re.Match[str]) -> str:
    so_far, since, count, gaps, low = found.groups()[:5]
    high = found.groups()[-1]
    faults = []
    if plain.marked:
        faults.append(f"{len(plain.marked)} figures are marked")
    if (len(plain.known) < 13) is not bool(so_far):
        faults.append("so far")
    if number(count) != len(plain.known) or (len(plain.known) < len(plain.values)) is not bool(gaps):
        faults.append(f"{len(plain.known)} of {len(plain.values)} have figures")
    if any(value < plain.low or value > plain.high for value in plain.known):
        faults.append("a figure lies outside")
    return "; ".join([*faults, *_since(plain, since), *_limits(plain, low, high)])


def _level(plain: Plain, found: re.Match[str]) -> str:
    """Limits that are printed alike, and all figures with them."""
    value = found[5]
    others = [figure for figure in plain.known if not shown(value, figure)]
    return "; ".join([*([f"{others} are not at {value}"] if others else []), _steady(plain, found)]).strip(
        "; "
    )


def _limits(plain: Plain, low: str, high: str) -> list[str]:
    indicator = plain.series.indicator
    edges = ((low, possible(indicator, plain.low)), (high, possible(indicator, plain.high)))
    return [f"limit {text} is {edge}" for text, edge in edges if not shown(text, edge)]


def _begun(period: Period) -> str:
    """A year from April to March is written 2020/21 after "since"; any other period as it is."""
    ends = (period.start.month, period.end.month, period.end.year - period.start.year)
    return f"{period.start.year}/{period.end.year % 100:02d}" if ends == (4, 3, 1) else period.label


def _since(plain: Plain, since: str | None) -> list[str]:
    series = plain.series
    wanted = _begun(series.periods[series.first]) if series.first else None
    return [] if since == wanted else [f"limits start at {wanted}"]


def _within(plain: Plain, found: re.Match[str]) -> str:
    when, value, low, high, count, total, since, listed = found.groups()
    series, marked = plain.series, plain.marked
    labels = [series.periods[series.first + place].label for place in marked]
    wanted = (
        labels[0] if len(labels) == 1 else f"the first {labels[0]}, the last {labels[-1]}" if labels else ""
    )
    latest = plain.values[plain.at]
    faults = [*_since(plain, since), *_limits(plain, low, high)]
    if plain.broken[plain.at] or not plain.low <= latest <= plain.high:
        faults.append("the latest figure is marked")
    if when != series.periods[series.last].label or not shown(value, latest):
        faults.append("another latest figure")
    if number(count) != len(marked) or number(total) != len(plain.known) or listed != wanted:
        faults.append(f"{len(marked)} of {len(plain.known)} are marked: {wanted}")
    return "; ".join(faults)


def _too_few(plain: Plain, found: re.Match[str]) -> str:
    count, since = found.groups()
    right = number(count) == len(plain.known) < 13
    return "; ".join([*([] if right else [f"{len(plain.known)} figures"]), *_since(plain, since)])


def _no_limits(plain: Plain, _found: re.Match[str]) -> str:
    return "" if math.isnan(plain.low) else "limits can be drawn"


def _trend(plain: Plain, found: re.Match[str]) -> str:
    moved, count, start, at, end, to = found.groups()
    series, length = plain.series, number(count)
    run = plain.values[plain.at - length + 1 : plain.at + 1]
    steps = [b - a for a, b in pairwise(run)]
    faults = []
    if length < 7 or not all(step > 0 if moved == "risen" else step < 0 for step in steps):
        faults.append("not each beyond the one before")
    first = series.last - length + 1
    if at != series.periods[first].label or to != series.periods[series.last].label:
        faults.append("other periods")
    if not shown(start, run[0]) or not shown(end, run[-1]):
        faults.append("other ends")
    return "; ".join(faults)


def _turn(plain: Plain, found: re.Match[str]) -> str:
    side, mean, when, since, before, count = found.groups()
    series = plain.series
    labels = [_begun(period) for period in series.periods[series.first :]]
    start = labels.index(when)
    run = plain.values[start : plain.at + 1]
    earlier = [value for value in plain.values[:start] if not math.isnan(value)]
    faults = []
    if len(run) < 7 or not all(v > plain.mean if side == "above" else v < plain.mean for v in run):
        faults.append("not all on one side of the mean")
    if not shown(mean, plain.mean) or len(earlier) != number(count):
        faults.append(f"mean {plain.mean}, {len(earlier)} before")
    now, then = sum(run) / len(run), sum(earlier) / len(earlier)
    if not shown(since, now) or not shown(before, then) or (now > then) is not (side == "above"):
        faults.append(f"{now} since, {then} before")
    return "; ".join(faults)


def _run(plain: Plain, found: re.Match[str]) -> str:
    side, mean, count = found.groups()
    run = plain.values[plain.at - number(count) + 1 : plain.at + 1]
    right = len(run) >= 7 and all(v > plain.mean if side == "above" else v < plain.mean for v in run)
    return "" if right and shown(mean, plain.mean) else "not all on one side of the mean"


def _near(plain: Plain, found: re.Match[str]) -> str:
    beyond, limit = found.groups()
    three = [value for value in plain.values[max(0, plain.at - 2) : plain.at + 1] if not math.isnan(value)]
    edge = plain.mean + (plain.high - plain.mean) * (2 / 3 if limit == "upper" else -2 / 3)
    near = sum(value > edge if limit == "upper" else value < edge for value in three)
    wrong = plain.series.profile == "nhs-r" and bool(beyond)
    return "" if near >= 2 and not wrong else f"{near} of the last three are near"


def _single(plain: Plain, found: re.Match[str]) -> str:
    when, value, side, limit, edge_text = found.groups()
    latest, edge = plain.values[plain.at], plain.high if limit == "upper" else plain.low
    right = latest > edge if side == "above" else latest < edge
    named = when == plain.series.periods[plain.series.last].label
    return (
        "" if right and named and shown(value, latest) and shown(edge_text, edge) else f"{latest} and {edge}"
    )


def _edge(plain: Plain, found: re.Match[str]) -> str:
    end, value, side = found.groups()
    indicator, target = plain.series.indicator, plain.series.target
    rising = indicator.improvement_direction.value == "increase"
    edge = possible(indicator, plain.high if (end == "best") is rising else plain.low)
    if target is None or not shown(value, edge):
        return f"the {end} is {edge}"
    return "" if (edge < target if side == "below" else edge > target) else f"{edge} is not {side} {target}"


def _chance(plain: Plain, _found: re.Match[str]) -> str:
    target = plain.series.target
    faults = [f"{len(plain.marked)} marked"] if plain.marked else []
    if target is None or not plain.low < target < plain.high:
        faults.append("the limits do not reach to both sides")
    if (
        len(
            {
                side
                for item in plain.series.readings[plain.series.first :]
                if (side := _met(plain, item)) is not None
            }
        )
        < 2
    ):
        faults.append("never on both sides")
    return "; ".join(faults)


def _met(plain: Plain, item: Reading | None) -> bool | None:
    """Whether a figure met its period's standard, on exact counts."""
    if item is None or item.value is None:
        return None
    standard = plain.series.indicator.standard_on(item.period.start)
    if standard is None or standard.value is None:
        return None
    if item.numerator is None or not item.denominator:
        return None
    share = Fraction(item.numerator) / Fraction(item.denominator)
    level = Fraction(str(standard.value)) / Fraction(str(plain.series.indicator.multiplier))
    return share >= level if standard.comparator == ">=" else share <= level


SHAPES: tuple[tuple[str, Callable[[Plain, re.Match[str]], str]], ...] = (
    (
        rf"No sign of change( so far)?(?: since {WHEN})?: (?:all )?(both|\d+) {NOUN}( with a figure)? lie between "
        rf"{VALUE} and {VALUE}\.",
        _steady,
    ),
    (
        rf"No sign of change( so far)?(?: since {WHEN})?: (?:all )?(both|\d+) {NOUN}( with a figure)? are at {VALUE}\.",
        _level,
    ),
    (
        rf"{WHEN}, {VALUE}, lies within the limits, {VALUE} to {VALUE}\. {COUNT} of (\d+) {NOUN} (?:is|are) marked"
        rf"(?: since {WHEN})?: (.+?)\.",
        _within,
    ),
    (
        rf"{COUNT} {NOUN}(?: since {WHEN})? (?:is|are) too few to say whether it is changing: 13 are needed\.",
        _too_few,
    ),
    (rf"No limits can be drawn from (?:one value|\d+ values)(?: since {WHEN})?\.", _no_limits),
    (
        rf"It has (risen|fallen) over {COUNT} {NOUN}, from {VALUE} (?:in|on) {WHEN} to {VALUE} (?:in|on) {WHEN}\.",
        _trend,
    ),
    (
        rf"It has been (above|below) its mean of {VALUE} since {WHEN}: {VALUE} on average since then, {VALUE} in the "
        rf"{COUNT} {NOUN} before\.",
        _turn,
    ),
    (rf"It has been (above|below) its mean of {VALUE} for {COUNT} {NOUN}\.", _run),
    (rf"At least two of the last three {NOUN} lie near( or beyond)? the (upper|lower) limit\.", _near),
    (rf"{WHEN}, {VALUE}, lies (above|below) the (upper|lower) limit of {VALUE}\.", _single),
    (rf"Even the (best|worst) {NOUN} within its limits, {VALUE}, is (below|above) .+?\.", _edge),
    (rf"Its limits reach to both sides of .+?: on which side a {NOUN} falls is chance\.", _chance),
)
"""Each sentence on change and on limits that there is, and how it is read. A sentence of no shape is a fault."""


_MET = re.compile(
    rf"The standard was (met|missed) in (?:the (one)|(both)|all (?:of the last )?(\d+)|(\d+) of the (?:last )?(\d+)) "
    rf"{NOUN}(?: with a figure and a standard)?\."
)


def check_met(plain: Plain, text: str) -> str:
    """What is wrong with how often a standard is said to have been met; each figure is judged on its exact counts."""
    found = _MET.fullmatch(text)
    if found is None:
        return "a sentence of a shape that the oracle does not know"
    state, one, both, every, some, of = found.groups()
    verdicts = [_met(plain, item) for item in plain.series.readings]
    judged = [verdict for verdict in verdicts if verdict is not None]
    total = 1 if one else 2 if both else number(every or of)
    count = number(some) if some else total if state == "met" else 0
    return "" if (count, total) == (sum(judged), len(judged)) else f"{sum(judged)} of {len(judged)}"


def check(plain: Plain, text: str) -> str:
    """What is wrong with one claim about a series; "" where it is true."""
    for shape, fault in SHAPES:
        found = re.fullmatch(shape, text)
        if found is not None:
            return fault(plain, found)
    return "a sentence of a shape that the oracle does not know"
