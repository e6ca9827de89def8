"""The numbers behind the page: one row for each challenge and figure that follows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from db.catalogue.challenges import Challenge, Saying
from db.domain.reading import Reading
from stp_dash.analysis.provenance import files_text
from stp_dash.analysis.sheet import Cell, Column, Sheet, Subject, column_of
from stp_dash.analysis.standing.verdict import short_of_national, short_of_standard
from stp_dash.elements.links import TREND, href
from stp_dash.pages.overview.challenges.row import ChallengeRow
from stp_dash.pages.overview.challenges.words import (
    ANSWERS,
    HEADINGS,
    Challenges,
    baseline_head,
    baseline_words,
)
from stp_dash.pages.overview.row import IndicatorRow

CHALLENGES_SHEET = "challenges"
_NOT_ON_PAPER = frozenset({"claim", "claim_answer", "status"})
_Line = tuple[ChallengeRow, IndicatorRow | None]


def challenges_sheet(found: Challenges, area: str, *, paper: bool = False) -> Sheet:
    """What was said of each challenge, and the latest figure of each indicator that follows it.

    On paper the rows above the table say what was said; downloads have it all.
    """
    lines: list[_Line] = [
        (row, figure) for row in (*found.rows, *found.background) for figure in (row.figures or (None,))
    ]
    columns = (*_said(lines), *_today(lines))
    if paper:
        columns = tuple(replace(item, shown=()) if item.key in _NOT_ON_PAPER else item for item in columns)
    return Sheet(
        name=CHALLENGES_SHEET,
        title="The challenges, tracked",
        caption=f"The challenges named for {area} in {found.year}, each with what follows it today",
        columns=columns,
        source="; ".join(found.owners),
        note="Only words in inverted commas are quoted. Their numbers were never computed here.",
        demonstration=found.demonstration,
        subject=Subject("Every challenge", area, ""),
    )


def _said(lines: list[_Line]) -> tuple[Column, ...]:
    def of(make: Callable[[Challenge], str]) -> Callable[[_Line], str]:
        return lambda line: make(line[0].challenge)

    name, words = of(lambda item: item.name), of(_said_text)
    answer, why = of(lambda item: ANSWERS[item.answer]), of(lambda item: item.why)
    direction = _direction
    return (
        column_of(lines, "Challenge", name, "challenge", name),
        column_of(lines, "What was said", words, "claim", words),
        column_of(lines, "", None, "claim_source", of(source_text)),
        column_of(lines, "Published data", answer, "claim_answer", answer),
        column_of(lines, "", None, "claim_why", why),
        column_of(lines, "", None, "claim_baseline", _baseline),
        column_of(lines, "Direction", direction, "direction", direction),
    )


def _baseline(line: _Line) -> str:
    told = (f"{baseline_head(item)}. {baseline_words(item)}" for item in line[0].baselines)
    return " ".join(told)


def saying_text(saying: Saying) -> str:
    """What was said, in inverted commas where the words are the source's own."""
    return f"“{saying.words}”" if saying.quoted else saying.words


def _said_text(challenge: Challenge) -> str:
    return " ".join(saying_text(item) for item in challenge.sayings)


def source_text(challenge: Challenge) -> str:
    """Where and when it was said, and that words are ours where they are."""
    told = (
        f"{item.source_title}, {item.said_in}{'' if item.quoted else ' (in our words)'}"
        for item in challenge.sayings
    )
    return "; ".join(dict.fromkeys(told))


def _direction(line: _Line) -> str:
    return HEADINGS[line[0].direction]


def _today(lines: list[_Line]) -> tuple[Column, ...]:
    def shown(make: Callable[[IndicatorRow], str]) -> Callable[[_Line], str]:
        return lambda line: make(line[1]) if line[1] is not None else ""

    def raw(make: Callable[[IndicatorRow], Cell]) -> Callable[[_Line], Cell]:
        return lambda line: make(line[1]) if line[1] is not None else None

    def read(make: Callable[[Reading], Cell]) -> Callable[[_Line], Cell]:
        return raw(lambda item: make(item.line.reading) if item.line.reading is not None else None)

    name, address = shown(lambda item: item.name), shown(lambda item: href(TREND, indicator=item.id))
    value = read(lambda item: item.value)
    return (
        column_of(lines, "Followed by", name, "indicator", raw(lambda item: item.id), links=address),
        column_of(lines, key="indicator_name", raw=raw(lambda item: item.name)),
        column_of(lines, key="unit", raw=raw(lambda item: item.line.indicator.unit)),
        column_of(lines, "Latest", shown(lambda item: item.value), "value", value, numeric=True),
        column_of(lines, "Counts", shown(lambda item: item.counts)),
        column_of(lines, key="numerator", raw=read(lambda item: item.numerator)),
        column_of(lines, key="denominator", raw=read(lambda item: item.denominator)),
        column_of(
            lines, "Period", shown(lambda item: item.period), "period", raw(lambda item: item.period_label)
        ),
        column_of(lines, "Status", shown(lambda item: item.status), "status", raw(lambda item: item.status)),
        column_of(lines, "Variation", shown(lambda item: item.variation_words), "variation", raw(_icon)),
        column_of(lines, "Gap", shown(lambda item: f"{item.verdict.headline} {item.verdict.detail}".strip())),
        column_of(lines, key="standard", raw=raw(_standard)),
        column_of(
            lines,
            key="short_of_standard",
            raw=raw(lambda item: short_of_standard(item.line.indicator, item.line.reading)),
        ),
        column_of(
            lines,
            key="short_of_national",
            raw=raw(
                lambda item: short_of_national(item.line.indicator, item.line.reading, item.line.average)
            ),
        ),
        column_of(lines, key="file", raw=read(files_text)),
    )


def _icon(row: IndicatorRow) -> Cell:
    return row.variation


def _standard(row: IndicatorRow) -> Cell:
    return row.line.standard.value if row.line.standard is not None else None
