"""The sheet "Scoring Summary" of a quarterly summary report, as a workbook has it or saved as CSV.

Measures go down and teams across. Rows are found by their labels: the sheet has had 33, 39, 60 and 61 rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from db.domain import ALL, Finding, Maturity, Period, Severity, breakdown_key
from db.reading.spreadsheets import Cell, Worksheet, listed
from etl.source import LayoutError
from etl.sources.ssnap import vocabulary as words
from etl.sources.ssnap.grid import SummaryGrid, summary_grid
from etl.sources.ssnap.rows import Figure

SHEET = "scoring summary"
FIRST_LABELS = frozenset({"ssnap scoring summary:", "ssnap level", "ssnap score"})
_EXAMPLES = 3

_PATIENT_CENTRED = breakdown_key({words.ATTRIBUTION: words.PATIENT_CENTRED})


@dataclass(frozen=True)
class _Measure:
    """One row that we read: the label that it bears, what it becomes and how its cells are read."""

    indicator: str
    breakdown: str
    label: re.Pattern[str]
    wanted: str
    read: Callable[[Cell, str], tuple[float, str]]


def _score(cell: Cell, where: str) -> tuple[float, str]:
    return words.figure(cell, where, largest=100)


def _domain(centred: str) -> re.Pattern[str]:
    # The number of the domain is no part of its identity: the numbering changed in October 2024.
    return re.compile(rf"{centred}[- ]centred domain levels:? *(?:\d+\))? *thrombolysis")


_MEASURES = (
    _Measure(words.LEVEL, ALL, re.compile("ssnap level"), "SSNAP level", words.level),
    _Measure(words.SCORE, ALL, re.compile("ssnap score"), "SSNAP score", _score),
    _Measure(
        words.DOMAIN_LEVEL,
        ALL,
        _domain("team"),
        "Team-centred Domain levels: Thrombolysis",
        words.level,
    ),
    _Measure(
        words.DOMAIN_LEVEL,
        _PATIENT_CENTRED,
        _domain("patient"),
        "Patient-centred Domain levels: Thrombolysis",
        words.level,
    ),
)


def read_scoring_summary(sheet: Worksheet, period: Period, maturity: Maturity) -> Iterator[Figure]:
    """Overall level and score, and the thrombolysis domain's levels, of every team.

    Raises LayoutError for a missing or doubled row and for a cell that is neither a figure nor a known word.
    """
    summary = summary_grid(sheet)
    for measure in _MEASURES:
        index = _row(summary, measure)
        for team in summary.teams:
            where = summary.grid.where(index, team.index)
            value, reason = measure.read(summary.grid.cell(index, team.index), where)
            figure = Figure(measure.indicator, team.name, team.type, period, where, value, reason)
            yield replace(figure, breakdown=measure.breakdown, maturity=maturity)


def _row(summary: SummaryGrid, measure: _Measure) -> int:
    labels = list(summary.measures())
    found = [index for index, label in labels if measure.label.fullmatch(label)]
    if len(found) == 1:
        return found[0]
    place = summary.grid.sheet.where()
    if found:
        raise LayoutError(summary.grid.line(found[1]), f"'{measure.wanted}' once", "the row twice")
    near = [label for _, label in labels if "thrombolysis" in label or label.startswith("ssnap ")]
    raise LayoutError(place, f"a row '{measure.wanted}'", listed(near or [label for _, label in labels]))


def level_findings(figures: list[Figure]) -> Iterator[Finding]:
    """Teams whose overall level is not the one that their score stands for."""
    scores = {item.name: item.value for item in figures if item.indicator == words.SCORE and not item.reason}
    odd = [
        f"{item.name}: {letter} with a score of {scores[item.name]:g}"
        for item in figures
        if item.indicator == words.LEVEL and not item.reason and item.name in scores
        for letter in [next(name for name, value in words.LEVELS.items() if value == item.value)]
        if letter != words.level_of_score(scores[item.name])
    ]
    blank = {
        item.name for item in figures if item.indicator == words.SCORE and item.reason == words.LEFT_EMPTY
    }
    odd += [
        f"{item.name}: a level without a score"
        for item in figures
        if item.indicator == words.LEVEL and not item.reason and item.name in blank
    ]
    if odd:
        yield Finding(Severity.WARNING, "level agrees with score", "; ".join(odd[:_EXAMPLES]), len(odd))
