"""One organisation's every indicator: its figure, what it is compared with, where it stands, and how it varies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from db.domain import ALL, Indicator, Maturity, Period, Standard
from db.domain.reading import Reading
from stp_dash.analysis.claims import change_words
from stp_dash.analysis.control import Controlled
from stp_dash.analysis.kinds import Comparison, breakdown_text
from stp_dash.analysis.standing.comparator import Interval, comparator_code, comparator_name, interval_of
from stp_dash.analysis.standing.spine import Spread, Standing
from stp_dash.analysis.standing.verdict import SHORT, Verdict, brief, gap_text, standard_of, verdict
from stp_dash.analysis.wording import (
    capitalised,
    counts_text,
    is_rate,
    level_text,
    listing,
    missing_word,
    month_code,
    number_word,
    uncapitalised,
    unit_text,
    value_text,
)
from stp_dash.charts.svg.spine import BETTER, SIMILAR, UNJUDGED, WORSE, Spine
from stp_dash.elements.links import TREND, VARIATION, href

MEDIAN = "median"
OLD_DAYS = 366
"""A figure whose period ended longer ago bears its date beside the value."""
BEST = 3
"""How many are named as furthest above and furthest below."""


def national_average(
    indicator: Indicator, organisation: str, period: Period | None, national: Mapping[str, Reading]
) -> Reading | None:
    """The national comparator's reading of a period, of those by code; none for the nation itself."""
    if period is None:
        return None
    found = national.get(comparator_code(indicator, period.start, national))
    return None if found is None or found.organisation == organisation else found


@dataclass(frozen=True)
class Beside:
    """What a figure is compared with: a level, its name, and the organisation's reading where it is one's."""

    name: str
    value: float | None = None
    reading: Reading | None = None


@dataclass(frozen=True)
class ProfileFigure:
    """One indicator, or one breakdown of it, of the organisation or of a team within it.

    `national` are the comparators' readings of the shown period by code, `against` the reading of the organisation
    asked for in their place. `comparison` is the kind that `spread` is of. `until` is the month asked for, as addresses
    write it.
    """

    indicator: Indicator
    organisation: str
    name: str
    controlled: Controlled
    reading: Reading | None
    period: Period | None
    breakdown: str = ALL
    team: str = ""
    national: Mapping[str, Reading] = field(default_factory=dict)
    against: Reading | None = None
    against_median: bool = False
    comparison: Comparison | None = None
    spread: Spread | None = None
    until: str = ""

    @cached_property
    def average(self) -> Reading | None:
        """The national comparator's reading of the shown period."""
        return national_average(self.indicator, self.organisation, self.period, self.national)

    @cached_property
    def beside(self) -> Beside:
        """What the figure is compared with: the one asked for, or else the nation, or else the median of the kind."""
        if self.against is not None:
            return Beside(self.against.organisation_name, self.against.value, self.against)
        if not self.against_median and self.average is not None and self.average.value is not None:
            return Beside(comparator_name(self.average), self.average.value, self.average)
        if self.spread is not None and self.comparison is not None:
            return Beside(f"Median {self.comparison.each}", self.spread.median)
        return Beside("")

    @property
    def value(self) -> float | None:
        return self.reading.value if self.reading else None

    @cached_property
    def standard(self) -> Standard | None:
        """The standard in force: of all patients together, and what a breakdown of them is held beside."""
        return self.indicator.standard_on(self.period.start) if self.period else None

    @cached_property
    def interval(self) -> Interval | None:
        return interval_of(self.indicator, self.reading) if self.reading else None

    @property
    def provisional(self) -> bool:
        return self.reading is not None and self.reading.maturity is Maturity.PROVISIONAL

    @cached_property
    def standing(self) -> Standing:
        return Standing(
            self.indicator,
            self.value,
            self.interval,
            self.beside.value,
            self.standard.value if self.standard else None,
            self.spread,
            self.provisional,
        )

    @cached_property
    def verdict(self) -> Verdict:
        return verdict(self.indicator, self.reading, self.average)

    @property
    def label(self) -> str:
        """The line's name: `31-day treatment: surgery` for a breakdown."""
        if self.breakdown == ALL:
            return self.indicator.short_name
        return f"{self.indicator.short_name}: {uncapitalised(breakdown_text(self.breakdown))}"

    @property
    def group(self) -> str:
        """The heading that the line stands under."""
        return self.indicator.topic if self.breakdown == ALL else f"{self.indicator.topic} pathways"

    @property
    def href(self) -> str:
        cut = None if self.breakdown == ALL else self.breakdown
        of = {"indicator": self.indicator.id, "organisation": self.organisation}
        return href(TREND, **of, breakdown=cut, to=self.until)

    @property
    def variation_href(self) -> str:
        """The same figure for all organisations of the kind."""
        if self.comparison is None:
            return ""
        return href(
            VARIATION,
            indicator=self.indicator.id,
            by=self.comparison.key,
            period=month_code(self.period) if self.period else None,
            breakdown=None if self.breakdown == ALL else self.breakdown,
        )


@dataclass(frozen=True)
class ProfileRow:
    """A line in words. `aged` is the period of a figure that is more than a year old."""

    line: ProfileFigure
    name: str
    value: str
    counts: str
    aged: str
    when: str
    beside: str
    beside_name: str
    standard: str
    gap: str
    short: bool
    mark: str
    spine: Spine | None
    variation: str


@dataclass(frozen=True)
class ProfileInput:
    """What the page has read; `lines` in the order shown, `day` is the one that they are looked at from."""

    code: str
    full_name: str
    lines: Sequence[ProfileFigure]
    day: date


@dataclass(frozen=True)
class OrganisationProfile:
    """The whole page in words. `groups` are headings with their rows, `when` says of when most of a heading's rows are;
    `above` and `below` the furthest of each."""

    title: str
    lede: str
    sentence: str
    groups: tuple[tuple[str, tuple[ProfileRow, ...]], ...]
    above: tuple[ProfileRow, ...]
    below: tuple[ProfileRow, ...]
    beside: str
    when: Mapping[str, str]
    periods: str
    kinds: str

    @property
    def rows(self) -> tuple[ProfileRow, ...]:
        return tuple(row for _, rows in self.groups for row in rows)

    @property
    def compared(self) -> bool:
        """Whether any figure stands beside another: England's do not."""
        return any(row.beside or row.spine for row in self.rows)

    @property
    def judged_beside(self) -> str:
        """What those figures that are better, worse or similar are so beside."""
        return _judged_beside(self.rows)


def profile(given: ProfileInput) -> OrganisationProfile:
    """Every indicator of one organisation, in words and small charts."""
    groups: dict[str, list[ProfileRow]] = {}
    usual = _usual_periods(given.lines)
    for line in given.lines:
        groups.setdefault(line.group, []).append(_row(line, usual, given.day))
    rows = [row for found in groups.values() for row in found]
    ranked = sorted(rows, key=lambda row: -row.line.standing.distance)
    return OrganisationProfile(
        title=given.full_name,
        lede=_lede(given, rows),
        sentence=_sentence(rows),
        groups=tuple((head, tuple(found)) for head, found in groups.items()),
        above=tuple(row for row in ranked if row.mark == BETTER)[:BEST],
        below=tuple(row for row in ranked if row.mark == WORSE)[:BEST],
        beside=_usual([line.beside.name for line in given.lines]) or "England",
        when={head: _of_when(found, usual) for head, found in groups.items()},
        periods=_periods(given.lines),
        kinds=_kinds(given.lines),
    )


def _row(line: ProfileFigure, usual: Mapping[str, Period], day: date) -> ProfileRow:
    aged = _aged(line, day)
    mark = line.standing.mark
    shown = value_text(line.indicator, line.value, line.standard)
    return ProfileRow(
        line=line,
        name=line.label,
        value=shown,
        counts=_counts(line),
        aged=aged,
        when="" if aged else _when(line, usual),
        beside=value_text(line.indicator, line.beside.value) if line.beside.value is not None else "",
        beside_name=line.beside.name,
        standard=level_text(line.indicator, line.standard) if line.standard else "none",
        gap=gap_words(line),
        short=line.verdict.tone == SHORT,
        mark=mark,
        spine=line.standing.drawn(_spine_words(line, shown, mark)),
        variation=change_words.change_word(line.controlled),
    )


def _counts(line: ProfileFigure) -> str:
    if line.reading is None or line.reading.value is None:
        return line.reading.missing_reason if line.reading else "no row published"
    if line.indicator.is_order and line.reading.details:
        return line.reading.details.note
    counts = counts_text(line.indicator, line.reading.numerator, line.reading.denominator)
    return counts or unit_text(line.indicator)


def _usual_periods(lines: Sequence[ProfileFigure]) -> dict[str, Period]:
    """The period that most lines of a topic show: only those of another say which."""
    usual: dict[str, Period] = {}
    for topic in dict.fromkeys(line.indicator.topic for line in lines):
        shown = [line.period for line in lines if line.indicator.topic == topic and line.period]
        if shown:
            usual[topic] = max(shown, key=lambda item: (shown.count(item), item))
    return usual


def _aged(line: ProfileFigure, day: date) -> str:
    """The period of a figure that ended more than a year before a day: a reader takes any other for the present."""
    period = line.period
    if period is None or line.value is None or (day - period.end).days <= OLD_DAYS:
        return ""
    return period.label


def _when(line: ProfileFigure, usual: Mapping[str, Period]) -> str:
    if line.period is None or usual.get(line.indicator.topic) == line.period:
        return ""
    return line.period.short_label


def gap_words(line: ProfileFigure) -> str:
    """The distance in patients or posts: `680 short`, `Met by 3`, `7 later than 60 minutes`, `121 posts short`."""
    if line.reading is None or line.value is None:
        return ""
    if standard_of(line.indicator, line.reading) is not None:
        return capitalised(gap_text(line.indicator, line.reading)) or "Not known"
    told = line.verdict
    if told.headline == "No standard":
        return ""
    against = told.against or comparator_name(line.average)
    return brief(f"{told.headline} {told.detail}".strip(), against)


def _spine_words(line: ProfileFigure, shown: str, mark: str) -> str:
    """What the row's picture shows."""
    indicator, spread = line.indicator, line.spread
    parts = [f"{line.label}, {line.name} {shown}"]
    if line.interval is not None:
        low, high = (value_text(indicator, limit) for limit in line.interval)
        parts.append(f"{indicator.interval_label} {low} to {high}")
    if line.beside.value is not None:
        parts.append(f"{line.beside.name} {value_text(indicator, line.beside.value)}")
    if spread is not None and line.comparison is not None:
        ends = [value_text(indicator, level) for level in (spread.lowest, spread.highest)]
        half = [value_text(indicator, level) for level in (spread.lower_quarter, spread.upper_quarter)]
        parts.append(
            f"{spread.count:,} {line.comparison.plural} from {ends[0]} to {ends[1]}, the middle half from "
            f"{half[0]} to {half[1]}"
        )
    if line.standard is not None:
        parts.append(f"standard {level_text(indicator, line.standard)}")
    compared = {BETTER: "better", WORSE: "worse", SIMILAR: "similar"}.get(mark, "")
    return "; ".join([*parts, compared] if compared else parts)


def _lede(given: ProfileInput, rows: Sequence[ProfileRow]) -> str:
    """The code, and how many of the headline figures compare how."""
    headline = [row for row in rows if row.line.breakdown == ALL]
    marks = [row.mark for row in headline]
    known = [(word, marks.count(mark)) for mark, word in _COMPARED if mark in marks]
    if not known:
        return f"Code {given.code}."
    beside = _judged_beside(headline)
    (word, count), *rest = known
    noun = "indicator is" if count == 1 else "indicators are"
    joined = "to" if word == SIMILAR else "than"
    first = f"{capitalised(number_word(count))} {noun} {word} {joined} {beside}"
    return f"Code {given.code}. {listing([first, *(f'{number_word(n)} {other}' for other, n in rest)])}."


_COMPARED = ((WORSE, "worse"), (BETTER, "better"), (SIMILAR, "similar"))


def _sentence(rows: Sequence[ProfileRow]) -> str:
    """The standard with the most patients short; of staff, the definition with the most posts."""
    headline = [row for row in rows if row.line.breakdown == ALL and not row.line.team]
    short = [row for row in headline if row.short and row.line.verdict.count > 0]
    if not short:
        return _nothing_short(headline)
    most = max(short, key=lambda row: (row.line.standard is not None, row.line.verdict.count))
    told = most.line.verdict
    return f"Furthest {missing_word(most.line.indicator)}: {most.name}, {told.headline} {told.detail}."


def _nothing_short(headline: Sequence[ProfileRow]) -> str:
    known = [row for row in headline if row.line.value is not None]
    if any(row.line.standard is not None for row in known):
        return "Every standard with a figure is met."
    if any(is_rate(row.line.indicator) and row.mark != UNJUDGED for row in known):
        return "By no definition is it short of England's rate."
    return "There is no standard for any of these figures."


def _usual(names: Sequence[str]) -> str:
    """The name that most bear; of several the first."""
    found = [name for name in names if name]
    return max(found, key=found.count) if found else ""


def _judged_beside(rows: Sequence[ProfileRow]) -> str:
    return _common([row.beside_name for row in rows if row.mark != UNJUDGED]) or "the national figure"


def _common(names: Sequence[str]) -> str:
    """The one name that all share; "" where they differ."""
    found = {name for name in names if name}
    return next(iter(found)) if len(found) == 1 else ""


def _of_when(rows: Sequence[ProfileRow], usual: Mapping[str, Period]) -> str:
    """Of when the figures under a heading are, but for rows that say another period: `August 2026, provisional`."""
    own = [row.line for row in rows if row.line.period == usual.get(row.line.indicator.topic)]
    labels = dict.fromkeys(line.period.label for line in own if line.period)
    tail = ", provisional" if any(line.provisional for line in own) else ""
    return "".join(f"{label}{tail}" for label in labels) if len(labels) == 1 else ""


def _periods(lines: Sequence[ProfileFigure]) -> str:
    """Of when the figures are: `Cancer August 2026, provisional. Stroke April to June 2026.`"""
    told = []
    for topic, period in _usual_periods(lines).items():
        own = [line for line in lines if line.indicator.topic == topic and line.period == period]
        tail = ", provisional" if any(line.provisional for line in own) else ""
        told.append(f"{topic} {period.label}{tail}.")
    return " ".join(told)


def _kinds(lines: Sequence[ProfileFigure]) -> str:
    """Whose spread the bands are: `trusts in England and stroke teams`; the audit has teams of other nations too."""
    kinds = {line.comparison.key: line.comparison for line in lines if line.comparison and line.spread}
    return listing([f"{kind.plural}{'' if key == 'team' else ' in England'}" for key, kind in kinds.items()])


def ended_words(others: str, behind: Sequence[tuple[Indicator, Period, Period]]) -> tuple[str, ...]:
    """For indicators whose figures `others` of its type have for later periods: since when, and why it has none."""
    spans = dict.fromkeys((last, newest) for _, last, newest in behind)
    return tuple(
        f"{listing([item.short_name for item, *own in behind if (*own,) == span])}: the last figures are of "
        f"{span[0].label}. The files of later periods, to {span[1].label}, have figures of other {others} "
        "and none of this organisation."
        for span in spans
    )
