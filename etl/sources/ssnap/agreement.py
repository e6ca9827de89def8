"""What a Scoring Summary says twice: domain levels and their score, the overall score and its halves, tallies.

Each domain's level is worth 100 (A), 80, 60, 40 or 20 (E); their mean is the total key indicator score, patient-centred
and team-centred, and the overall score is the mean of the two SSNAP scores after adjustments. So it is in all 5,690
scores and all 8,509 sets of ten levels of October 2013 to September 2024. Of sets with a level missing 6 of 2,836 are
not their mean; and the tallies at the foot count up to two teams more or fewer than there are in 5 of 26 files. Rows
that a sheet lacks are not missed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from db.domain import Finding, Period, Severity
from db.reading.spreadsheets import Worksheet, number, text_of
from etl.source import FEW_ROWS, LayoutError
from etl.sources.ssnap import vocabulary as words
from etl.sources.ssnap.grid import SummaryGrid, TeamColumn, summary_grid
from etl.sources.ssnap.rows import is_nation

LEVELS_AND_SCORES, TALLIES = "levels and scores agree", "tallies of levels"
_KNOWN_TO = date(2024, 9, 30)
"""The domains changed in October 2024: of how they are scored since we have no file, so differences are warnings."""
_WORTH = {letter: 20.0 * value for letter, value in words.LEVELS.items()}
_MEAN_ROUNDING, _HALVES_ROUNDING = 0.051, 0.101
_FEWEST_DOMAINS = 5
_MOST_MISCOUNTED = 5
_FEW = 0.05
_EXAMPLES = 5
_TALLY = re.compile(r"([A-E]) *- *(\d+|no) teams?\b")
_ATTRIBUTIONS = ("patient", "team")


@dataclass
class _Told:
    """What contradicts, and what only surprises, in sentences; and which teams' columns contradict."""

    wrong: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    teams: set[int] = field(default_factory=set)


def summary_findings(sheet: Worksheet, period: Period) -> Iterator[Finding]:
    """Where a sheet denies its own levels and scores: errors up to September 2024, which a person may accept for a few
    teams, and warnings where it only surprises. Raises LayoutError for a sheet without teams."""
    summary = summary_grid(sheet)
    teams = [team for team in summary.teams if not is_nation(team.name)]
    told = _Told()
    for attribution in _ATTRIBUTIONS:
        _check_domains(summary, teams, attribution, told)
    _check_halves(summary, teams, told)
    if told.wrong:
        known = period.end <= _KNOWN_TO
        few = len(told.teams) <= max(1, _FEW * len(teams))
        check = FEW_ROWS if known and few else LEVELS_AND_SCORES
        yield _finding(Severity.ERROR if known else Severity.WARNING, check, told.wrong)
    if told.odd:
        yield _finding(Severity.WARNING, LEVELS_AND_SCORES, told.odd)
    yield from _miscounted(summary, teams)


def _finding(severity: Severity, check: str, told: list[str]) -> Finding:
    more = f"; and {len(told) - _EXAMPLES} more" if len(told) > _EXAMPLES else ""
    return Finding(severity, check, "; ".join(told[:_EXAMPLES]) + more, len(told))


def _rows(summary: SummaryGrid, pattern: str) -> list[int]:
    return [index for index, label in summary.measures() if re.fullmatch(pattern, label)]


def _number(summary: SummaryGrid, row: int, team: TeamColumn) -> float:
    """A cell as a number, NaN where it is none: these rows are not loaded, so their words do not matter."""
    try:
        return number(summary.grid.cell(row, team.index), "")
    except LayoutError:
        return math.nan


def _check_domains(summary: SummaryGrid, teams: list[TeamColumn], attribution: str, told: _Told) -> None:
    domains = _rows(summary, rf"{attribution}[- ]centred domain levels:? .+")
    totals = _rows(summary, rf".*{attribution}[- ]centred total (?:ki|key indicator) score")
    if len(domains) < _FEWEST_DOMAINS or len(totals) != 1:
        return
    for team in teams:
        levels = [text_of(summary.grid.cell(row, team.index)) for row in domains]
        given = [_WORTH[level] for level in levels if level in _WORTH]
        total = _number(summary, totals[0], team)
        if not given or math.isnan(total) or abs(sum(given) / len(given) - total) <= _MEAN_ROUNDING:
            continue
        mean = sum(given) / len(given)
        shown = " ".join(level or "(blank)" for level in levels)
        sentence = (
            f"{summary.grid.where(totals[0], team.index)}, {team.name}: wanted {mean:g}, the mean of its {len(given)} "
            f"{attribution}-centred domain levels {shown}, found {total:g}"
        )
        if len(given) == len(domains):
            told.wrong.append(sentence)
            told.teams.add(team.index)
        else:
            told.odd.append(sentence)


def _check_halves(summary: SummaryGrid, teams: list[TeamColumn], told: _Told) -> None:
    wanted = ("ssnap score", *(rf".*{name}[- ]centred ssnap score" for name in _ATTRIBUTIONS))
    rows = [_rows(summary, pattern) for pattern in wanted]
    if not all(len(found) == 1 for found in rows):
        return
    for team in teams:
        score, *halves = (_number(summary, found[0], team) for found in rows)
        if abs(score - sum(halves) / 2) > _HALVES_ROUNDING:
            told.wrong.append(
                f"{summary.grid.where(rows[0][0], team.index)}, {team.name}: wanted a score of {sum(halves) / 2:g}, "
                f"the mean of {halves[0]:g} patient-centred and {halves[1]:g} team-centred, found {score:g}"
            )
            told.teams.add(team.index)


def _miscounted(summary: SummaryGrid, teams: list[TeamColumn]) -> Iterator[Finding]:
    """The overall levels as counted at the foot, beside those of the teams."""
    rows = _rows(summary, "ssnap level")
    tallies = dict(_tallies(summary))
    if not tallies or len(rows) != 1:
        return
    held = Counter(text_of(summary.grid.cell(rows[0], team.index)) for team in teams)
    apart = {level: count for level, count in tallies.items() if held[level] != count}
    if apart:
        shown = ", ".join(f"{level} {held[level]} and not {count}" for level, count in apart.items())
        gap = sum(abs(held[level] - count) for level, count in apart.items())
        yield Finding(
            Severity.ERROR if gap > _MOST_MISCOUNTED else Severity.WARNING,
            TALLIES,
            f"{summary.grid.line(rows[0])}: the teams' levels are not those that the foot of the sheet counts: {shown}",
            gap,
        )


def _tallies(summary: SummaryGrid) -> Iterator[tuple[str, int]]:
    """How many teams the foot of the sheet counts in each level; nothing where it has no tallies."""
    begun = False
    for index in range(summary.team_row + 1, len(summary.grid.sheet.rows)):
        texts = [text_of(summary.grid.cell(index, column)) for column in range(summary.label_column + 1)]
        label = next(filter(None, texts), "")
        found = _TALLY.match(label)
        if begun and found:
            yield found[1], 0 if found[2] == "no" else int(found[2])
        elif begun and label:
            return
        begun = begun or label.casefold().startswith("ssnap levels")
