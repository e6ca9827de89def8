"""The thrombolysis tab of a summary report: key indicators as percentages and minutes, without their counts.

No tab could be examined when this was written; the audit's help pages say that each domain has one, with its key
indicators (https://ssnap.zendesk.com/hc/en-us/articles/23528036094365). So its rows are known by what their labels
say. A tab that is laid out otherwise gives a warning, and the Scoring Summary beside it is loaded.

Values from the tab are marked provisional: without counts they cannot be added up, and those of the results
portfolio, which has the counts, replace them whichever is loaded first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from db.domain import Finding, Maturity, Period, Severity
from db.reading.spreadsheets import Cell, Worksheet, listed, normalise_label
from etl.source import LayoutError
from etl.sources.ssnap import vocabulary as words
from etl.sources.ssnap.grid import SummaryGrid, summary_grid
from etl.sources.ssnap.rows import Figure
from etl.sources.ssnap.scoring_summary import SHEET

_TEAM_CENTRED = re.compile(r"team[- ]centred|\bh16\.\d")
_PATIENT_CENTRED = re.compile(r"patient[- ]centred|\bg16\.\d")
_OTHER_ROWS = re.compile(r"\b(score|level|stroke unit)\b")


def _percentage(cell: Cell, where: str) -> tuple[float, str]:
    return words.figure(cell, where, largest=100)


@dataclass(frozen=True)
class _KeyIndicator:
    indicator: str
    label: re.Pattern[str]
    wanted: str
    read: Callable[[Cell, str], tuple[float, str]]


_MEDIAN = _KeyIndicator(
    words.DOOR_TO_NEEDLE,
    re.compile(r"median.*(thrombolys|needle)"),
    "median time between clock start and thrombolysis",
    words.minutes,
)
_KEY_INDICATORS = (
    _MEDIAN,
    _KeyIndicator(
        words.WITHIN_60_MINUTES,
        re.compile(r"thrombolys.*\b((1|one) ?h(ou)?r|60 ?min)"),
        "thrombolysed within 1 hour",
        _percentage,
    ),
    _KeyIndicator(
        words.ELIGIBLE_THROMBOLYSED,
        re.compile(r"eligible.*thrombolys|thrombolys.*eligible"),
        "eligible patients thrombolysed",
        _percentage,
    ),
    _KeyIndicator(
        words.THROMBOLYSED,
        re.compile(r"all (stroke )?patients.*thrombolys|thrombolys.*all stroke"),
        "all patients thrombolysed",
        _percentage,
    ),
)


@dataclass(frozen=True)
class Tab:
    """What the tab gives."""

    figures: tuple[Figure, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_domain_tab(sheets: Iterable[Worksheet], period: Period) -> Tab:
    """The team-centred key indicators of a workbook's thrombolysis tab.

    Raises LayoutError for a cell that is neither a figure nor a known word, and for two rows of one key
    indicator; a tab that is not there, or not as expected, becomes a warning.
    """
    tabs = [
        sheet
        for sheet in sheets
        if "thrombolysis" in normalise_label(sheet.name) and normalise_label(sheet.name) != SHEET
    ]
    if len(tabs) != 1:
        return Tab(findings=(_warning("a sheet of the thrombolysis domain", listed(s.name for s in tabs)),))
    try:
        summary = summary_grid(tabs[0])
    except LayoutError as error:
        return Tab(findings=(_warning(error.wanted, error.found, error.where),))
    return _tab(summary, period)


def _warning(wanted: str, found: str, where: str = "") -> Finding:
    place = f"{where}: " if where else ""
    return Finding(
        Severity.WARNING,
        "thrombolysis tab",
        f"{place}wanted {wanted}, found {found}; the key indicators of this tab were not loaded",
    )


def _tab(summary: SummaryGrid, period: Period) -> Tab:
    rows: dict[str, int] = {}
    for index, label in summary.measures():
        known = _key_indicator(label)
        if known is None:
            continue
        if known.indicator in rows:
            raise LayoutError(summary.grid.line(index), f"'{known.wanted}', team-centred, once", f"'{label}'")
        rows[known.indicator] = index
    missing = [item.wanted for item in _KEY_INDICATORS if item.indicator not in rows]
    figures = [
        figure
        for item in _KEY_INDICATORS
        if item.indicator in rows
        for figure in _figures(summary, item, rows[item.indicator], period)
    ]
    where = summary.grid.sheet.where()
    findings = (_warning(f"rows, team-centred, of {listed(missing)}", "none", where),) if missing else ()
    return Tab(tuple(figures), findings)


def _key_indicator(label: str) -> _KeyIndicator | None:
    """The key indicator whose team-centred value a row holds, if any."""
    if _PATIENT_CENTRED.search(label) or not _TEAM_CENTRED.search(label) or _OTHER_ROWS.search(label):
        return None
    return next((item for item in _KEY_INDICATORS if item.label.search(label)), None)


def _figures(summary: SummaryGrid, item: _KeyIndicator, row: int, period: Period) -> list[Figure]:
    figures = []
    for team in summary.teams:
        where = summary.grid.where(row, team.index)
        value, reason = item.read(summary.grid.cell(row, team.index), where)
        figures.append(
            Figure(
                item.indicator,
                team.name,
                team.type,
                period,
                where,
                value,
                reason,
                maturity=Maturity.PROVISIONAL,
            )
        )
    values = [figure.value for figure in figures if not math.isnan(figure.value)]
    if item is not _MEDIAN and values and 0 < max(values) <= 1:
        raise LayoutError(summary.grid.line(row), "percentages from 0 to 100", "parts of one")
    return figures
