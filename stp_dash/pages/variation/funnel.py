"""The funnel of the variation page: which differences from the comparator are more than chance would make."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from stp_dash.analysis.columns import Booleans, Floats, published
from stp_dash.analysis.sheet import Cell, Column, Sheet
from stp_dash.analysis.standing.limits import funnel_measure
from stp_dash.analysis.wording import (
    PER_CENT,
    capitalised,
    count_text,
    level_text,
    listing,
    number_word,
    uncapitalised,
    value_text,
    within,
)
from stp_dash.charts.interactive.funnel import CROWD, FunnelChart, FunnelLimits, FunnelPoint
from stp_dash.charts.interactive.ranked import BETTER, SIMILAR, UNJUDGED, WORSE
from stp_dash.pages.variation.ranked import Rows, files_note, hover_words, source_words
from stp_dash.pages.variation.words import LISTED, VariationInput, how_many_of_ours, our_words
from stp_dash.statistics.funnel import (
    HIGH_95,
    HIGH_998,
    LOW_95,
    LOW_998,
    WITHIN,
    Dispersion,
    beyond_outer_limits,
    class_counts,
    classify,
    denominator_grid,
    overdispersion,
    proportion_limits,
    rate_limits,
)
from stp_dash.statistics.proportions import PROPORTION, RATE

FUNNEL = "funnel"
CLASS_WORDS = {
    HIGH_998: "above the outer limit",
    HIGH_95: "above the inner limit",
    WITHIN: "inside the limits",
    LOW_95: "below the inner limit",
    LOW_998: "below the outer limit",
}
SPREAD = 0.1
"""Where a larger share of organisations lies outside the 99.8% limits of chance, limits are widened by default."""
CHANCE = {HIGH_998: 0.001, HIGH_95: 0.024, WITHIN: 0.95, LOW_95: 0.024, LOW_998: 0.001}
"""The share of organisations expected in each class: by chance alone, or by their spread where limits are widened."""


@dataclass(frozen=True)
class ClassLine:
    """How many organisations are in a class, and how many are expected there."""

    words: str
    found: int
    expected: str


@dataclass(frozen=True, eq=False)
class Funnel:
    """The funnel's chart and words. `method` says how limits were drawn and whether they were widened.

    `classified` are the organisations that `classes` counts, `expectation` says by what some are expected in each.
    `spread`: more than a tenth lie outside the outer limits of chance.
    """

    chart: FunnelChart
    sentence: str
    method: str
    classes: tuple[ClassLine, ...]
    classified: str
    expectation: str
    sheet: Sheet
    widened: bool
    spread: bool
    dispersion: Dispersion


@dataclass(frozen=True, eq=False)
class _Classified:
    """The organisations with counts, in the ranking's places, to be classified.

    Of a crowd only ours are classified for the page; the classes of all are worked out when its sheet is read.
    """

    given: VariationInput
    places: list[int]
    numerators: Floats
    denominators: Floats
    average: float
    kind: str
    dispersion: Dispersion
    asked: bool | None

    @cached_property
    def outside(self) -> int:
        """How many lie outside the outer limits of chance."""
        return beyond_outer_limits(self.numerators, self.denominators, self.average, kind=self.kind)

    @property
    def spread(self) -> bool:
        """Whether so many lie outside the outer limits of chance that chance alone is no measure for them."""
        return self.dispersion.factor > 1 and self.outside > SPREAD * len(self.places)

    @property
    def widened(self) -> bool:
        return self.spread if self.asked is None else self.asked

    @property
    def factor(self) -> float:
        return self.dispersion.factor if self.widened else 1.0

    def _frame(self, rows: slice | Booleans) -> pd.DataFrame:
        return classify(
            self.numerators[rows],
            self.denominators[rows],
            self.average,
            kind=self.kind,
            dispersion=self.factor,
            improvement_direction=self.given.indicator.improvement_direction.value,
        )

    @property
    def crowded(self) -> bool:
        return len(self.places) > CROWD

    @cached_property
    def whole(self) -> pd.DataFrame:
        """The numbers behind the class of every organisation."""
        return self._frame(slice(None))

    @cached_property
    def shown(self) -> pd.DataFrame:
        """Those of whom the page speaks: all, of a crowd ours and the peers; `place` is theirs in the ranking."""
        if not self.crowded:
            return self.whole.assign(place=self.places)
        return self.marked

    @cached_property
    def marked(self) -> pd.DataFrame:
        """Ours and the peers alone."""
        places = np.array(self.places)
        marked = (self.given.ranking.ours | self.given.ranking.peers)[places]
        return self._frame(marked).assign(place=places[marked])

    @cached_property
    def classes(self) -> Mapping[int, str]:
        return dict(zip(self.shown["place"].tolist(), self.shown["class"].tolist(), strict=True))

    @cached_property
    def standings(self) -> Mapping[int, str | None]:
        return dict(zip(self.shown["place"].tolist(), self.shown["standing"].tolist(), strict=True))


def funnel(given: VariationInput, *, widened: bool | None = None) -> Funnel | None:
    """The funnel of a share or a rate with counts, around the comparator; None where there can be none.

    `widened` asks for limits that allow for the spread of organisations (over-dispersion), or for those of chance;
    None for those that fit: widened where more than a tenth lie outside the outer limits of chance.
    """
    found = _classified(given, widened=widened)
    if found is None:
        return None
    return Funnel(
        chart=_chart(given, found),
        sentence=_sentence(given, found),
        method=_method(given, found),
        classes=_class_lines(found),
        classified=_who(given, found),
        expectation=_expectation(found),
        sheet=_sheet(given, found),
        widened=found.widened,
        spread=found.spread,
        dispersion=found.dispersion,
    )


def standings(given: VariationInput) -> Mapping[int, str]:
    """Of ours: better, worse or similar by the funnel's inner limits, by place in the ranking."""
    found = _classified(given, widened=False)
    if found is None:
        return {}
    marks = {"better": BETTER, "worse": WORSE, "similar": SIMILAR}
    told = found.marked
    pairs = zip(told["place"].tolist(), told["standing"].tolist(), strict=True)
    return {place: marks[word] for place, word in pairs if word in marks}


def _usable(given: VariationInput, kind: str) -> Booleans:
    ranking = given.ranking
    if kind == RATE:
        return ranking.counted
    return ranking.counted & (ranking.numerator <= ranking.denominator)


def _classified(given: VariationInput, *, widened: bool | None) -> _Classified | None:
    measure, ranking = funnel_measure(given.indicator, given.comparator), given.ranking
    if measure is None:
        return None
    average, kind = measure
    usable = _usable(given, kind)
    if not usable.any():
        return None
    counts = ranking.numerator[usable], ranking.denominator[usable]
    dispersion = overdispersion(*counts, average, kind=kind)
    places = np.flatnonzero(usable).tolist()
    return _Classified(given, places, *counts, average, kind, dispersion, widened)


def _chart(given: VariationInput, found: _Classified) -> FunnelChart:
    ranking, standard = given.ranking, given.standard
    percent = given.indicator.unit == PER_CENT
    places = np.array(found.places)
    drawn = places[ranking.drawn[places]]
    stands_out = (ranking.ours | ranking.peers)[drawn]
    others, marked = drawn[~stands_out], drawn[stands_out].tolist()
    return FunnelChart(
        limits=_limits(given, found),
        others=(
            ranking.denominator[others].tolist(),
            np.round(ranking.value[others], 3).tolist(),
            [] if found.crowded else [hover_words(given, place) for place in others.tolist()],
        ),
        codes=[] if found.crowded else [ranking.code(place) for place in others.tolist()],
        ours=tuple(_point(given, found, place) for place in marked if ranking.ours[place]),
        peers=tuple(_point(given, found, place) for place in marked if ranking.peers[place]),
        comparator=(found.average * given.indicator.multiplier, given.beside),
        standard=(standard.value, level_text(given.indicator, standard))
        if standard is not None and standard.value is not None
        else None,
        suffix="%" if percent else "",
        size_label=capitalised(given.indicator.denominator_label)
        + ("" if given.phone else f" {within(given.period)}"),
        phone=given.phone,
        unit="" if percent else given.indicator.unit,
    )


def _limits(given: VariationInput, found: _Classified) -> FunnelLimits:
    # The axis begins at nought, and so do the limits, however alike the sizes are.
    sizes = denominator_grid([*found.denominators, 1.0])
    draw = proportion_limits if found.kind == PROPORTION else rate_limits
    frame = draw(sizes, found.average, dispersion=found.factor) * given.indicator.multiplier
    lower_95, upper_95, lower_998, upper_998 = (
        np.round(frame[name].to_numpy(), 3).tolist()
        for name in ("lower_95", "upper_95", "lower_998", "upper_998")
    )
    return FunnelLimits(np.round(sizes, 1).tolist(), lower_95, upper_95, lower_998, upper_998)


def _point(given: VariationInput, found: _Classified, place: int) -> FunnelPoint:
    ranking = given.ranking
    value = float(ranking.value[place])
    mark = found.standings.get(place)
    return FunnelPoint(
        name=ranking.name(place),
        code=ranking.code(place),
        size=float(ranking.denominator[place]),
        value=value,
        shown=given.value(value),
        hover=f"{hover_words(given, place)}<br>{capitalised(CLASS_WORDS[found.classes[place]])}",
        mark={"better": BETTER, "worse": WORSE, "similar": SIMILAR}.get(mark or "", UNJUDGED),
        upward=value >= found.average * given.indicator.multiplier,
    )


def _sentence(given: VariationInput, found: _Classified) -> str:
    """How many of all differ by more than chance, where they are many; then where ours stand."""
    own = _own_sentence(given, found)
    if not found.spread:
        return own
    count = len(found.places)
    which = f"All {count:,}" if found.outside == count else f"{found.outside:,} of {count:,}"
    return (
        f"{which} {given.comparison.plural} lie outside the outer limits of chance: "
        f"they differ by more than chance. {own}"
    )


def _own_sentence(given: VariationInput, found: _Classified) -> str:
    classes = found.classes
    ours = [place for place in given.ranking.our_places if place in classes]
    if not ours:
        return f"None of ours has counts to be compared with {given.beside}."
    if len(ours) > LISTED:
        return _crowd_sentence(given, found, [classes[place] for place in ours])
    groups = {
        key: [given.ranking.name(place) for place in ours if classes[place] == key] for key in CLASS_WORDS
    }
    parts = [
        f"{listing(groups[key])} {'is' if len(groups[key]) == 1 else 'are'} {_class_words(key, found)}"
        for key in (HIGH_998, HIGH_95, LOW_95, LOW_998)
        if groups[key]
    ]
    inside = groups[WITHIN]
    if not parts:
        every = capitalised(how_many_of_ours(given, len(inside), len(inside)))
        who = inside[0] if len(inside) == 1 else every
        return f"{who} {'is' if len(inside) == 1 else 'are'} {_class_words(WITHIN, found)}: {_could_be(given, found)}."
    rest = f" For {listing(inside)} {_could_be(given, found)}." if inside else ""
    return f"{capitalised(', '.join(parts))}.{rest}"


def _class_words(name: str, found: _Classified) -> str:
    """A class in a sentence, which says whether its limits are widened."""
    words = CLASS_WORDS[name]
    return words.replace("the ", "the widened ") if found.factor > 1 else words


def _could_be(given: VariationInput, found: _Classified) -> str:
    if found.factor > 1:
        return f"the difference from {given.beside} is no more than usual among {given.comparison.plural}"
    return f"the difference from {given.beside} could be chance"


def _expectation(found: _Classified) -> str:
    return "by the usual spread" if found.factor > 1 else "by chance alone"


def _crowd_sentence(given: VariationInput, found: _Classified, classes: Sequence[str]) -> str:
    """Of many of ours, how many lie outside, and how many are expected there."""
    low = sum(1 for item in classes if item in {LOW_95, LOW_998})
    high = sum(1 for item in classes if item in {HIGH_95, HIGH_998})
    alone = _expected(0.05 * len(classes))
    limits = "widened limits" if found.factor > 1 else "limits"
    return (
        f"Of {our_words(given, len(classes))}, {number_word(low)} lie below the {limits} and {number_word(high)} "
        f"above; {_expectation(found)} about {alone} would lie outside."
    )


def _expected(count: float) -> str:
    return "none" if count < 0.05 else f"{count:.1f}" if count < 10 else f"{count:,.0f}"


def _class_lines(found: _Classified) -> tuple[ClassLine, ...]:
    counts = class_counts(found.shown)
    total = sum(counts.values())
    return tuple(
        ClassLine(capitalised(CLASS_WORDS[key]), count, _expected(CHANCE[key] * total))
        for key, count in counts.items()
    )


def _who(given: VariationInput, found: _Classified) -> str:
    """Whose classes are counted."""
    if not found.crowded:
        return capitalised(given.comparison.plural)
    return capitalised(our_words(given, len(given.ranking.our_places)))


def _method(given: VariationInput, found: _Classified) -> str:
    """How the limits were drawn: what they allow for, and what they rest on."""
    if not found.widened:
        told = "No adjustment for over-dispersion"
    elif found.dispersion.factor > 1:
        told = f"Limits widened {found.dispersion.factor:.2f} times for over-dispersion"
    else:
        told = "Over-dispersion: none found, limits as chance alone draws them"
    if found.kind == RATE:
        told += ". Posts are employed, not counted by chance: limits are a guide to size"
    return told


def _sheet(given: VariationInput, found: _Classified) -> Sheet:
    ranking, rows = given.ranking, _ClassifiedRows(given, found)
    lines = "; ".join(
        f"{line.found:,} {line.words.lower()} ({_expectation(found)} {line.expected})"
        for line in _class_lines(found)
    )
    return Sheet(
        name=FUNNEL,
        title="Is it more than usual?" if found.factor > 1 else "Is it more than chance?",
        caption=f"{given.subject} by {uncapitalised(given.comparison.label)}, {given.when}: "
        f"limits around {given.beside}",
        columns=rows.columns(),
        source=source_words(given.indicator.owner, ranking),
        note=f"{_method(given, found)}. {_who(given, found)}: {lines}. {files_note(ranking)}",
        demonstration=ranking.demonstration,
        subject=given.about,
    )


class _ClassifiedRows:
    """The funnel's rows: of each organisation with counts, the numbers behind its class."""

    def __init__(self, given: VariationInput, found: _Classified) -> None:
        self._rows, self._given, self._found = Rows(given), given, found
        known = np.zeros(len(given.ranking), dtype=bool)
        known[found.places] = True
        places = np.array(self._rows.places)
        self._rows.places = places[known[places]].tolist()

    @cached_property
    def _row(self) -> Mapping[int, int]:
        return {place: row for row, place in enumerate(self._found.places)}

    @cached_property
    def _numbers(self) -> Mapping[str, list[Any]]:
        return {str(name): self._found.whole[name].tolist() for name in self._found.whole}

    def _cell(self, name: str, place: int) -> float:
        number: float = self._numbers[name][self._row[place]]
        return number

    def _raw(self, name: str, factor: float = 1.0) -> Sequence[Cell]:
        return self._rows.column(lambda place: published(self._cell(name, place) * factor))

    def columns(self) -> tuple[Column, ...]:
        rows, given, scale = self._rows, self._given, self._given.indicator.multiplier
        label = given.indicator.numerator_label
        label = label[:1].lower() + label[1:]
        words = rows.column(lambda place: CLASS_WORDS[self._numbers["class"][self._row[place]]])
        return (
            *rows.identity(),
            self._number(capitalised(given.indicator.denominator_label), "denominator"),
            Column(
                "Value",
                rows.column(lambda place: given.value(float(given.ranking.value[place]))),
                "value",
                rows.numbers(given.ranking.value),
                numeric=True,
            ),
            self._number(capitalised(given.indicator.numerator_label), "numerator"),
            Column(
                f"Expected at {given.beside}",
                rows.column(lambda place: f"{self._cell('expected', place):,.1f}"),
                "expected",
                self._raw("expected"),
                numeric=True,
            ),
            Column(
                f"More or fewer {label}",
                rows.column(lambda place: f"{self._cell('excess', place):+,.1f}".replace("-", "−")),
                "excess",
                self._raw("excess"),
                numeric=True,
            ),
            Column("", key="funnel_z", raw=self._raw("z")),
            *self._limit_columns(scale),
            Column("Class", words, "funnel_class", words),
        )

    def _number(self, heading: str, name: str) -> Column:
        shown = self._rows.column(lambda place: count_text(self._cell(name, place)))
        return Column(heading, shown, name, self._raw(name), numeric=True)

    def _limit_columns(self, scale: float) -> tuple[Column, ...]:
        columns: list[Column] = []
        for name, words in (("95", "95% limits"), ("998", "99.8% limits")):
            shown = self._rows.column(partial(self._limits_words, name, scale))
            columns += [
                Column(words, shown, f"funnel_lower_{name}", self._raw(f"lower_{name}", scale), numeric=True),
                Column("", key=f"funnel_upper_{name}", raw=self._raw(f"upper_{name}", scale)),
            ]
        return tuple(columns)

    def _limits_words(self, name: str, scale: float, place: int) -> str:
        low, high = (self._cell(f"{end}_{name}", place) * scale for end in ("lower", "upper"))
        return f"{value_text(self._given.indicator, low)} to {value_text(self._given.indicator, high)}"
