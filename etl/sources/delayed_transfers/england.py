"""England's series from August 2010 to February 2020: three sheets of a row a month."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from db.domain import ENGLAND, Basis, Period
from db.reading.spreadsheets import Cell, Header, Worksheet, find_header, number, text_of
from etl.reading.periods import MONTH_NAMES, month_of_financial_year
from etl.source import LayoutError
from etl.sources.delayed_transfers.days import (
    CARE,
    RESPONSIBLE,
    TOTAL,
    DelayedDays,
    check_daily,
    check_parts,
    reason_columns,
)

BY_TYPE, BY_ORGANISATION, BY_REASON = (
    "delayed days by type",
    "delayed days by responsible org",
    "delayed days by reason",
)
_YEAR = re.compile(r"(20\d\d)-\d\d")


def read_england_months(sheets: dict[str, Worksheet]) -> dict[Period, DelayedDays]:
    """England of every month, oldest first. Raises LayoutError where the three sheets do not agree."""
    lacking = [name for name in (BY_TYPE, BY_ORGANISATION, BY_REASON) if name not in sheets]
    if lacking:
        raise LayoutError("", f"a sheet '{lacking[0]}'", ", ".join(sheet.name for sheet in sheets.values()))
    care = _months(sheets[BY_TYPE], {**dict.fromkeys(CARE), TOTAL: None})
    responsible = _months(sheets[BY_ORGANISATION], {**dict.fromkeys(RESPONSIBLE), TOTAL: None})
    header = _header(sheets[BY_REASON])
    reasons = _months(sheets[BY_REASON], dict(reason_columns(header)))
    if not care.keys() == responsible.keys() == reasons.keys():
        raise LayoutError(sheets[BY_TYPE].where(), "the same months in each sheet", "others")
    found = {}
    for month, parts in care.items():
        where = f"{month.label}"
        for other in (parts, responsible[month], reasons[month]):
            check_parts(where, other, parts[TOTAL])
        if responsible[month][TOTAL] != parts[TOTAL]:
            raise LayoutError(
                where,
                f"a total of {parts[TOTAL]:.10g} days in each sheet",
                f"{responsible[month][TOTAL]:.10g}",
            )
        found[month] = DelayedDays(
            ENGLAND, "England", Basis.NATIONAL, parts, responsible[month], reasons[month]
        )
    return found


def _header(sheet: Worksheet) -> Header:
    return find_header(sheet, "Year", "Period")


def _months(sheet: Worksheet, labels: dict[str, int | None]) -> dict[Period, dict[str, float]]:
    """The counts of each month by label; of labels that repeat the first, which is of days, the second of people."""
    header = _header(sheet)
    columns = {name: header.column(name) if at is None else at for name, at in labels.items()}
    people = header.positions(TOTAL)[1:2] if TOTAL in labels else []
    found: dict[Period, dict[str, float]] = {}
    for index, month, row in _rows(sheet, header):
        where = sheet.where(index)
        found[month] = {name: number(row[at], where) for name, at in columns.items()}
        if people:
            check_daily(where, found[month][TOTAL], number(row[people[0]], where), month)
    if not found:
        raise LayoutError(header.where, "months below", "none")
    for before, after in pairwise(found):
        if (after.start - before.end).days != 1:
            raise LayoutError(sheet.where(), f"the month after {before.label}", after.label)
    return found


def _rows(sheet: Worksheet, header: Header) -> Iterator[tuple[int, Period, list[Cell]]]:
    """A row a month. A year is a financial one: January of `2016-17` is January 2017."""
    for index, row in header.body():
        year, name = (text_of(row[header.column(label)]) for label in ("Year", "Period"))
        match = _YEAR.fullmatch(year)
        if match is None:
            return
        if name.casefold() not in MONTH_NAMES:
            raise LayoutError(sheet.where(index), "a month's name", f"'{name}'")
        yield index, month_of_financial_year(int(match[1]), MONTH_NAMES.index(name.casefold()) + 1), row
