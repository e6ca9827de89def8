"""The annual results portfolio by commissioner (CCG and LHB): within 60 minutes, patient-centred.

Each patient counts once, for the clinical commissioning group (CCG) or Welsh local health board (LHB) of their
postcode, whichever teams treated them. Neither its items (G) nor its organisations are those of a stroke team. The
sheet of key indicators prints percentages only; the number of patients thrombolysed, which is the denominator, stands
on the sheet of the CCG Outcomes Indicator Set. The patients within the hour are the one whole number that gives the
printed percentage; where none does the file is refused, and where several do, as nationally, there is no count.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from db.domain import ALL, OBSERVATION_COLUMNS, Basis, Finding, Frequency, Maturity, Period, Severity
from db.reading.spreadsheets import Cell, Worksheet, is_blank, listed, normalise_label, text_of
from etl.source import LayoutError
from etl.sources.ssnap import vocabulary as words
from etl.sources.ssnap.dating import period_of_cell
from etl.sources.ssnap.grid import Oriented, find_label, is_heading
from etl.sources.ssnap.reconcile import Triple, percentage_tolerance
from etl.sources.ssnap.rows import NATIONAL

_AREAS = re.compile(r"\b(ccgs?|lhbs?|clinical commissioning groups?|local health boards?|sub-?icbs?)\b")
_AUDIT = re.compile(r"\b(ssnap|sentinel stroke|stroke patients|thrombolysis)\b")
_AREA_CODE = re.compile(r"[0-9][0-9A-Z][A-Z]|7A[0-9]|E380\d{5}|W110\d{5}")
_FEWEST_AREAS = 2
_HEALTH_BOARD = re.compile(r"7A[0-9]|W110\d{5}")
_OVERALL = frozenset({"", "overall", "national"})
_WITHIN_HOUR = re.compile(r"thrombolysed within (?:1|one) hour.*\(ref\. g16\.74\)")
_TREATED = "stroke patients who receive thrombolysis"
_WANTED = "'Percentage of patients who were thrombolysed within 1 hour of clock start (ref. G16.74)'"

_Key = tuple[str, Period]


@dataclass(frozen=True)
class AreaContent:
    """The portfolio in the canonical frame, and half of the last digit of its percentages."""

    frame: pd.DataFrame
    findings: tuple[Finding, ...]
    tolerance: float


@dataclass(frozen=True)
class _AreaSheet:
    """A sheet of areas across: the place of its periods' row, and each column's area and period."""

    grid: Oriented
    header: int
    columns: Mapping[_Key, int]
    names: Mapping[str, str]

    def at(self, row: int, key: _Key) -> tuple[Cell, str]:
        column = self.columns[key]
        return self.grid.cell(row, column), self.grid.where(row, column)


def is_commissioner_portfolio(sheets: Iterable[Worksheet]) -> bool:
    """Whether sheets are this portfolio's: the audit's words, and areas by code or by name across a heading row."""
    known = list(sheets)
    texts = [normalise_label(cell) for sheet in known for row in sheet.rows for cell in row[:4]]
    audit = any(_AUDIT.search(text) for text in (*texts, *(normalise_label(sheet.name) for sheet in known)))
    return audit and any(_is_of_areas(row) for sheet in known for row in sheet.rows)


def _is_of_areas(row: Iterable[Cell]) -> bool:
    """Whether a row names several commissioners and no teams: most of its cells are their codes or names."""
    cells = {cell.strip() for cell in row if isinstance(cell, str) and cell.strip()}
    said = {text for text in cells if not is_heading(text)}
    areas = {text for text in said if _AREA_CODE.fullmatch(text) or _AREAS.search(normalise_label(text))}
    return len(areas) >= _FEWEST_AREAS and 2 * len(areas) > len(said)


def read_commissioner_portfolio(sheets: Sequence[Worksheet], name: str, maturity: Maturity) -> AreaContent:
    """Thrombolysis within 60 minutes by area and financial year.

    Raises LayoutError for a missing or doubled row, for an area that stands twice in a period, for a cell that is
    neither a figure nor a known word, and for a percentage that no whole number of the patients treated gives.
    """
    rates, rate_row = _sheet_with(sheets, _within_hour_row, _WANTED, name)
    treated, treated_row = _sheet_with(sheets, _treated_row, f"'{_TREATED}' with the data type 'n'", name)
    if rates.columns.keys() != treated.columns.keys():
        odd = sorted(
            f"{code or NATIONAL.code} {period.label}"
            for code, period in rates.columns.keys() ^ treated.columns
        )
        raise LayoutError(name, "the same areas and periods on both sheets", f"only on one: {listed(odd)}")
    tolerance = percentage_tolerance(rates.at(rate_row, key)[0] for key in rates.columns)
    records = [
        _record(
            key,
            rates.names[key[0]],
            _within_hour(rates.at(rate_row, key), treated.at(treated_row, key), tolerance),
            maturity,
        )
        for key in rates.columns
        if not _HEALTH_BOARD.fullmatch(key[0])
    ]
    boards = sorted({code for code, _ in rates.columns if _HEALTH_BOARD.fullmatch(code)})
    frame = pd.DataFrame.from_records(records, columns=list(OBSERVATION_COLUMNS))
    return AreaContent(frame, tuple(_left_out(boards, rates.names)), tolerance)


def _left_out(boards: Sequence[str], names: Mapping[str, str]) -> Iterator[Finding]:
    if boards:
        named = listed(f"{names[code]} ({code})" for code in boards)
        message = f"Welsh local health boards are not shown by themselves: {named}"
        yield Finding(Severity.INFORMATION, "areas outside England", message, len(boards))


def _sheet_with(
    sheets: Iterable[Worksheet], find: Callable[[Oriented, int], list[int]], wanted: str, name: str
) -> tuple[_AreaSheet, int]:
    """The one sheet and row of a measure. Raises LayoutError."""
    found: list[tuple[Oriented, int, int]] = []
    for sheet in sheets:
        grid = Oriented(sheet, turned=False)
        for header, _ in find_label(sheet.rows, "Time period"):
            found += [(grid, header, row) for row in find(grid, header)]
    if len(found) != 1:
        raise LayoutError(name, f"one row {wanted}", str(len(found) or "none"))
    grid, header, row = found[0]
    return _areas(grid, header), row


def _within_hour_row(grid: Oriented, header: int) -> list[int]:
    rows = range(header + 1, len(grid.sheet.rows))
    return [
        row
        for row in rows
        if any(_WITHIN_HOUR.search(normalise_label(cell)) for cell in grid.sheet.rows[row][:3])
    ]


def _treated_row(grid: Oriented, header: int) -> list[int]:
    found, category = [], ""
    for row in range(header + 1, len(grid.sheet.rows)):
        first, *rest = [*grid.sheet.rows[row][:3], "", "", ""][:3]
        category = category if is_blank(first) else normalise_label(first)
        if category == _TREATED and any(normalise_label(cell) == "n" for cell in rest):
            found.append(row)
    return found


def _areas(grid: Oriented, header: int) -> _AreaSheet:
    """Each column's area, by the codes and names in the rows above or below its periods."""
    near = range(max(0, header - 3), min(header + 2, len(grid.sheet.rows)))
    coded = [
        row
        for row in near
        if sum(bool(_AREA_CODE.fullmatch(text_of(cell))) for cell in grid.sheet.rows[row]) > 1
    ]
    if len(coded) != 1:
        raise LayoutError(
            grid.line(header), "one row of area codes beside the periods", str(len(coded) or "none")
        )
    others = [row for row in near if row not in (header, coded[0])]
    named = max(others, key=lambda row: sum(isinstance(cell, str) for cell in set(grid.sheet.rows[row])))
    columns: dict[_Key, int] = {}
    names = {"": NATIONAL.name}
    for index in range(grid.width):
        cell = grid.cell(header, index)
        if is_blank(cell) or normalise_label(cell).rstrip(":") == "time period":
            continue
        code = text_of(grid.cell(coded[0], index))
        if code.casefold() in _OVERALL:
            code = ""
        elif not _AREA_CODE.fullmatch(code):
            raise LayoutError(grid.where(coded[0], index), "the code of an area such as 09C", f"'{code}'")
        period = period_of_cell(cell, grid.where(header, index))
        if period.frequency is not Frequency.YEAR or not period.is_financial_years:
            raise LayoutError(grid.where(header, index), "a year such as Apr 2015-Mar 2016", f"'{cell}'")
        key = (code, period)
        if key in columns:
            raise LayoutError(
                grid.where(header, index),
                f"{code or 'the national figure'} once in {period.label}",
                "it twice",
            )
        columns[key] = index
        if code:
            names.setdefault(code, text_of(grid.cell(named, index)))
    return _AreaSheet(grid, header, columns, names)


def _within_hour(rate: tuple[Cell, str], treated: tuple[Cell, str], tolerance: float) -> tuple[Triple, str]:
    """Counts and percentage, and why there is none. Raises LayoutError.

    The numerator is NaN where several whole numbers give the percentage, as nationally: 0.1% of 9,109 is 9 patients.
    """
    value, reason = words.figure(*rate, largest=100)
    d, no_count = words.count(*treated)
    if reason or d == 0:
        told = words.NO_PATIENTS if d == 0 else words.area_reason(reason)
        return Triple(math.nan, math.nan, math.nan), told
    if no_count:
        return Triple(math.nan, math.nan, value), ""
    least = math.ceil((value - tolerance) * d / 100)
    most = math.floor((value + tolerance) * d / 100)
    if least > most:
        wanted = f"a percentage that a whole number of {d:g} patients gives"
        raise LayoutError(rate[1], wanted, f"'{text_of(rate[0])}'")
    return Triple(float(least) if least == most else math.nan, d, value), ""


def _record(key: _Key, name: str, figure: tuple[Triple, str], maturity: Maturity) -> tuple[object, ...]:
    code, period = key
    counts, reason = figure
    basis = Basis.RESIDENCE if code else Basis.NATIONAL
    return (
        words.RESIDENTS_WITHIN_60_MINUTES,
        code or NATIONAL.code,
        name,
        basis.value,
        period.key,
        ALL,
        counts.numerator,
        counts.denominator,
        counts.percentage,
        reason,
        int(maturity),
        False,
    )
