"""What the page says: a title that counts the challenges by which way they go, and a sentence for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from db.catalogue.challenges import Challenge, ChallengeList, ClaimAnswer
from db.domain.reading import Reading
from stp_dash.analysis.claims.projection_words import projection_text
from stp_dash.analysis.standing.verdict import gap_text
from stp_dash.analysis.wording import (
    capitalised,
    counts_text,
    listing,
    number_word,
    uncapitalised,
    unit_text,
    value_text,
)
from stp_dash.pages.overview.challenges.row import (
    BEHIND,
    DIRECTIONS,
    MIXED,
    PARTS,
    QUOTED,
    UNLOADED,
    UNREAD,
    ChallengeRow,
    ProjectedFigures,
    challenge_row,
)
from stp_dash.pages.overview.figures import IndicatorFigures
from stp_dash.pages.overview.matrix import CHANGED, IMPROVING, STEADY, UNKNOWN, WORSE
from stp_dash.pages.overview.row import IndicatorRow
from stp_dash.pages.overview.words import Overview

HEADINGS = {
    WORSE: "Signs of worsening",
    MIXED: "Some figures better, some worse",
    STEADY: "No sign of change",
    IMPROVING: "Signs of improvement",
    CHANGED: "Changed, neither better nor worse",
    UNKNOWN: "Too few figures to say",
    PARTS: "Published for parts of the area only",
    UNLOADED: "Without a figure here",
    UNREAD: "Not followed here yet",
    QUOTED: "Quoted only: no open figure means the same",
    BEHIND: "Behind all, without a verdict",
}
_TITLES = {
    WORSE: ("shows signs of worsening", "show signs of worsening"),
    MIXED: (
        "has figures that are better and figures that are worse",
        "have figures that are better and figures that are worse",
    ),
    STEADY: ("shows no sign of change", "show no sign of change"),
    IMPROVING: ("shows signs of improvement", "show signs of improvement"),
    CHANGED: ("has changed, neither better nor worse", "have changed, neither better nor worse"),
    UNKNOWN: ("has too few figures to say", "have too few figures to say"),
    PARTS: ("is published for parts of the area only", "are published for parts of the area only"),
}
ANSWERS = {
    ClaimAnswer.REPRODUCED: "Published data show it",
    ClaimAnswer.FOLLOWED: "Can only be followed",
    ClaimAnswer.NEITHER: "Cannot be followed",
}


@dataclass(frozen=True)
class ChallengeGroup:
    """Challenges under one heading; `direction` is what they share, "" in the order of their numbers."""

    heading: str
    direction: str
    rows: tuple[ChallengeRow, ...]


@dataclass(frozen=True)
class Challenges:
    """`counted` are the challenges by direction, whatever the order of the groups."""

    title: str
    lede: str
    counted: tuple[ChallengeGroup, ...]
    groups: tuple[ChallengeGroup, ...]
    background: tuple[ChallengeRow, ...]
    view: Overview
    year: int
    until: str

    @property
    def rows(self) -> tuple[ChallengeRow, ...]:
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def sentence(self) -> str:
        """The first challenge that has a figure, and the figure with its distance."""
        first = next((row for row in self.rows if row.lead is not None), None)
        if first is None or first.lead is None:
            return "No challenge has a figure of its own here yet."
        return f"{first.challenge.name}. {lead_words(first.lead)}."

    @property
    def figures(self) -> tuple[IndicatorRow, ...]:
        return tuple(figure for row in (*self.rows, *self.background) for figure in row.figures)

    @property
    def owners(self) -> tuple[str, ...]:
        """Whose figures are shown, in order."""
        told = (item.owner for item in (*self.figures, *self._of_parts))
        return tuple(dict.fromkeys([*told, *(item.indicator.owner for item in self._baselines)]))

    @property
    def demonstration(self) -> bool:
        told = [item.demonstration for item in (*self.figures, *self._of_parts)]
        return any([*told, *(item.reading.demonstration for item in self._baselines if item.reading)])

    @property
    def _baselines(self) -> tuple[IndicatorFigures, ...]:
        return tuple(line for row in self.rows for line in row.baselines)

    @property
    def _of_parts(self) -> tuple[IndicatorRow, ...]:
        every = (*self.rows, *self.background)
        return tuple(item for row in every for item in (*row.parts, *row.context))


def challenges(
    given: ChallengeList,
    view: Overview,
    series: Mapping[str, Sequence[Reading]],
    *,
    day: date,
    until: str,
    beside: str,
    area: str,
    numbered: bool,
    names: Mapping[str, str],
    baselines: Mapping[str, IndicatorFigures],
    projections: Sequence[ProjectedFigures] = (),
) -> Challenges:
    """The challenges of a list beside the overview's rows, and what stands behind them without a direction.

    series: figures since the list's year, by indicator. day, until: where the time axis ends, in words as well; beside:
    which figures the page sets beside what was said. numbered: in the order of their numbers, else by direction.
    names: indicators' names by code.
    baselines: figures of the time when it was said, by indicator. projections: what was projected of any of them.
    """
    known, span = {row.id: row for row in view.rows}, (date(given.year, 1, 1), day)
    rows = [
        replace(
            challenge_row(item, known, series, span),
            followed_by=_followed_by(item, names),
            baselines=tuple(baselines[code] for code in item.baselines if code in baselines),
            context=tuple(
                known[code] for code in item.context if code in known and known[code].line.shown_parts
            ),
        )
        for item in given.challenges
    ]
    counted = tuple(
        ChallengeGroup(HEADINGS[direction], direction, found)
        for direction in DIRECTIONS
        if (found := tuple(row for row in rows if row.direction == direction))
    )
    groups = counted
    if numbered:
        groups = (ChallengeGroup(f"In the order of {given.year}", "", tuple(rows)),)
    return Challenges(
        title=_title(rows, given.year),
        lede=f"What was said in {given.year} of {area}, word for word where it could be read, beside {beside}. "
        f"{_followed(rows)}",
        counted=counted,
        groups=groups,
        background=tuple(
            replace(
                row,
                followed_by=_followed_by(row.challenge, names),
                direction=BEHIND if row.lead is not None else row.direction,
                projections=tuple(p for p in projections if p.indicator.projects in row.challenge.indicators),
            )
            for row in (challenge_row(item, known, series, span) for item in given.background)
        ),
        view=view,
        year=given.year,
        until=until,
    )


def _followed_by(challenge: Challenge, names: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(names[code] for code in challenge.indicators if code in names)


def _title(rows: Sequence[ChallengeRow], year: int) -> str:
    """`Of nine challenges named in 2017 one shows signs of worsening; seven have no figure here and one is ...`"""
    told = []
    for direction, (one, many) in _TITLES.items():
        count = sum(1 for row in rows if row.direction == direction)
        if count:
            told.append(f"{number_word(count)} {one if count == 1 else many}")
    opening = f"Of {number_word(len(rows))} challenges named in {year}"
    if not told:
        return f"{opening} none has a figure of its own here yet"
    gone = sum(1 for row in rows if row.direction in (UNLOADED, UNREAD))
    quoted = sum(1 for row in rows if row.direction == QUOTED)
    without = [f"{number_word(gone)} {'has' if gone == 1 else 'have'} no figure here"] if gone else []
    without += [f"{number_word(quoted)} {'is' if quoted == 1 else 'are'} quoted only"] if quoted else []
    return f"{opening} {listing(told)}" + (f"; {listing(without)}" if without else "")


def _followed(rows: Sequence[ChallengeRow]) -> str:
    """Of how many what was said can be shown, followed, or neither, by published data."""
    counts = {answer: sum(1 for row in rows if row.challenge.answer is answer) for answer in ClaimAnswer}
    words = {
        ClaimAnswer.REPRODUCED: "can be checked with published data",
        ClaimAnswer.FOLLOWED: "can only be followed by the nearest open figure",
        ClaimAnswer.NEITHER: "cannot be followed",
    }
    told = [f"{number_word(counts[answer])} {verb}" for answer, verb in words.items() if counts[answer]]
    return f"{capitalised(listing(told))}."


def lead_words(row: IndicatorRow) -> str:
    """A figure and how far it is from what it is judged by."""
    told = f"{row.verdict.headline} {row.verdict.detail}".strip()
    return f"{row.name}: {row.value}" + (f", {told[:1].lower()}{told[1:]}" if told else "")


def direction_note(row: ChallengeRow) -> str:
    """How the challenge's other figures go, where it has more than one: `31-day treatment: steady, passes.`"""
    told = [
        f"{item.name}: {uncapitalised(item.variation_words)}, {uncapitalised(item.assurance.words)}"
        for item in row.others
    ]
    return f"{'; '.join(told)}." if told else ""


def absence(row: ChallengeRow) -> str:
    """Why a challenge has no figure, and which open one is nearest; "" where it has one."""
    if row.lead is not None:
        return ""
    if row.parts:
        return " ".join(_parts_words(item) for item in row.parts)
    if row.direction == QUOTED:
        return "No open figure means the same."
    if row.direction == UNLOADED:
        return f"No figure of the area is held of what follows it: {'; '.join(row.followed_by)}."
    return f"No figure here yet. The nearest open one is {row.challenge.next_figure}; this site does not read it yet."


def context_words(row: ChallengeRow) -> list[tuple[str, str]]:
    """What stands beside a challenge without a figure, each with the address of all trusts or areas."""
    return [(_parts_words(item), item.variation_href) for item in row.context]


def projection_words(found: ProjectedFigures) -> str:
    """`Residents projected, 2014-based: 2,479,522 on 30 June 2039. ...`; "" where nothing is projected for the area."""
    values = {item.period: item.value for item in found.projected if item.value is not None}
    text = projection_text(found.indicator, values, found.estimated)
    return f"{found.indicator.name}: {text}" if text else ""


def baseline_head(line: IndicatorFigures) -> str:
    """`Baseline, 2015/16`."""
    return f"Baseline, {line.period.short_label}" if line.period else ""


def baseline_words(line: IndicatorFigures) -> str:
    """`Thrombolysis within ...: 45.2% (113 of 250), 13.2 points below SSNAP national; eight CCGs from ...`"""
    indicator, reading = line.indicator, line.reading
    told = []
    if reading is not None and reading.value is not None:
        counts = counts_text(indicator, reading.numerator, reading.denominator)
        beside = gap_text(indicator, reading, line.average)
        shown = value_text(indicator, reading.value) + (f" ({counts})" if counts else "")
        told.append(f"{shown}, {beside}" if beside else shown)
    parts = sorted(line.shown_parts, key=lambda item: item.value or 0.0)
    if len(parts) > 1:
        low, high = (
            f"{line.name(item)} {value_text(indicator, item.value)}" for item in (parts[0], parts[-1])
        )
        told.append(f"{number_word(len(parts))} {line.parts.many} from {low} to {high}")
    return f"{indicator.name}: {'; '.join(told)}." if told else ""


def _parts_words(row: IndicatorRow) -> str:
    """`Preventable deaths under 75, 2024: Medway 165.7, 19.9 above England; and Kent ... Not added up to the area.`"""
    line = row.line
    told = []
    for item in line.shown_parts:
        beside = gap_text(line.indicator, item, line.average)
        told.append(
            f"{line.name(item)} {value_text(line.indicator, item.value)}" + (f", {beside}" if beside else "")
        )
    unit = f", {unit_text(line.indicator)}" if unit_text(line.indicator) else ""
    return f"{row.name}, {row.period_label}{unit}: {listing(told)}. Not added up to the area."
