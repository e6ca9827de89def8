"""Which years a row is of: its text, its sortable number and, since 2022, its range, which must not contradict."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from db.domain import Period
from etl.source import LayoutError
from etl.sources.fingertips.listed import YearType
from etl.sources.fingertips.table import PublishedRow

_TEXTS: Final = {
    YearType.CALENDAR: re.compile(r"(\d{4})(?: ?- ?(\d{2}))?"),
    YearType.FINANCIAL: re.compile(r"(\d{4})/(\d{2})(?: ?- ?(\d{2})/(\d{2}))?"),
}
_WANTED: Final = {
    YearType.CALENDAR: "calendar years, such as 2015 or 2016 - 18",
    YearType.FINANCIAL: "financial years, such as 2018/19 or 2016/17 - 18/19",
}
_YEAR: Final = 10_000
"""Of a sortable number, what a year counts."""


def years_of(row: PublishedRow, year_type: YearType, wanted: int) -> Period | None:
    """The period of a row; None where it is not of so many years as wanted.

    The sortable number gives the first year (20160000), the range how many years (3y) or is "". Raises LayoutError for
    a text of another kind of year, and for years that do not fit one another.
    """
    text = row.period
    match = _TEXTS[year_type].fullmatch(text)
    years = _years(match, year_type) if match else 0
    if match is None or years < 1:
        raise LayoutError(row.where, f"'Time period' of {_WANTED[year_type]}", f"'{text}'")
    first = int(match[1])
    if row.sortable != f"{first * _YEAR}":
        wanted_number = f"'Time period Sortable' {first * _YEAR} for {text}"
        raise LayoutError(row.where, wanted_number, f"'{row.sortable}'")
    if row.length and row.length != f"{years}y":
        raise LayoutError(row.where, f"'Time period range' {years}y for {text}", f"'{row.length}'")
    return Period.of_years(date(first, year_type.first_month, 1), years) if years == wanted else None


def _years(match: re.Match[str], year_type: YearType) -> int:
    """How many years a text is of; below 1 where its years do not follow one another."""
    first = int(match[1])
    if year_type is YearType.CALENDAR:
        return (int(match[2]) - first) % 100 + 1 if match[2] else 1
    if int(match[2]) != (first + 1) % 100:
        return 0
    if not match[3]:
        return 1
    if int(match[4]) != (int(match[3]) + 1) % 100:
        return 0
    return (int(match[3]) - first) % 100 + 1
