"""When a file's figures are from: the months that its name or its cells say, never a length taken for granted.

The audit has reported by quarter, by four months (April 2016 to March 2018) and by year from April.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from db.domain import Frequency, Period
from db.reading.spreadsheets import Cell
from etl.reading.periods import MONTH_NAMES
from etl.source import Hints, LayoutError, RawFile, SourceError

_NUMBERS = {name[:3]: number for number, name in enumerate(MONTH_NAMES, 1)}
_MONTH = "(" + "|".join(f"{name[:3]}(?:{name[3:]})?" for name in MONTH_NAMES).replace("sep(", "sept?(") + ")"
_YEAR = r"(20\d\d)"
_SPAN = re.compile(
    rf"(?<![a-z]){_MONTH}[ ._-]*{_YEAR}?\s*(?:to|[-–—_])?\s*{_MONTH}[ ._-]*{_YEAR}(?!\d)", re.IGNORECASE
)
_FREQUENCIES = {
    3: (Frequency.QUARTER, (1, 4, 7, 10)),
    4: (Frequency.FOUR_MONTHS, (4, 8, 12)),
    12: (Frequency.YEAR, (1, 4)),
}


def periods_in(text: str) -> list[Period]:
    """Every reporting period that a text names: `JulSep2024`, `AprJul2017`, `Apr2022Mar2023`, "Jul - Sep 2024".

    Raises LayoutError for months that are no quarter, four-month period or year of the audit.
    """
    return [_period(match) for match in _SPAN.finditer(text)]


def _period(match: re.Match[str]) -> Period:
    first, last = _NUMBERS[match[1][:3].lower()], _NUMBERS[match[3][:3].lower()]
    last_year = int(match[4])
    first_year = int(match[2]) if match[2] else last_year - (first > last)
    months = (last_year - first_year) * 12 + last - first + 1
    frequency, starts = _FREQUENCIES.get(months, (None, ()))
    if frequency is None or first not in starts:
        raise LayoutError("", "a quarter, a four-month period or a year of the audit", f"'{match[0]}'")
    return Period.of_months(first_year, first, frequency)


def period_of_cell(cell: Cell, where: str) -> Period:
    """The one period that a cell names. Raises LayoutError where it names none or several."""
    found = _read(str(cell), where)
    if len(found) != 1:
        raise LayoutError(where, "a period such as 'Apr 2018-Mar 2019'", f"'{cell}'")
    return found[0]


def period_of_name(name: str) -> Period | None:
    """The period that a file name says, None where it says none. Raises LayoutError for one that cannot be."""
    found = _read(name, name)
    if len(set(found)) > 1:
        raise LayoutError(name, "one period in the file name", " and ".join(item.label for item in found))
    return found[0] if found else None


def _read(text: str, where: str) -> list[Period]:
    try:
        return periods_in(text)
    except LayoutError as error:
        raise LayoutError(where, error.wanted, error.found) from error


def _in_title(text: str) -> list[Period]:
    """The reporting periods that a title names; other spans of months are none."""
    try:
        return periods_in(text)
    except LayoutError:
        return []


def settle_audit_period(raw: RawFile, hints: Hints, cells: Iterable[Cell] = ()) -> Period:
    """The one period of a file: its name's, else that of the titles among `cells`, else the hint's.

    Raises SourceError where nothing dates the file, or where two of them disagree.
    """
    in_name = period_of_name(raw.name)
    in_file = {period for cell in cells if isinstance(cell, str) for period in _in_title(cell)}
    of_file = next(iter(in_file)) if len(in_file) == 1 else None
    period = in_name or of_file or hints.period
    if period is None:
        raise SourceError(
            f"{raw.name} cannot be dated: neither its name nor a title in it says a period such as "
            "JulSep2024; give it with --period"
        )
    if in_file and period not in in_file:
        held = " and ".join(sorted(item.label for item in in_file))
        raise SourceError(f"{raw.name}: its name says {period.label}, but the file says {held}")
    check_hint(raw, hints, {period})
    return period


def check_hint(raw: RawFile, hints: Hints, found: set[Period]) -> None:
    """Raise SourceError where a period was asked for or announced that the file does not hold."""
    if hints.period is not None and hints.period not in found:
        held = ", ".join(period.label for period in sorted(found))
        raise SourceError(
            f"{raw.name}: {hints.period.label} was asked for or announced, but the file holds {held}"
        )
