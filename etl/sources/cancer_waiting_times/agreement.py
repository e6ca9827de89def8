"""What the periods of a national time series say of each other: none is lost in between, and parts make up wholes.

In the two series seen every month between a standard's first and last is there, every quarter and financial year
whose months are there is printed, months since April 2018 add up to their quarters and years in all 320 sums, and
quarters to their years in all 125 of the years before too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pandas as pd

from db.domain import Finding, Frequency, Period, Severity
from db.reading.spreadsheets import listed
from etl.source import LayoutError

SYNCHRONISED_FROM = Period.month(2018, 4)
"""Before it, months stayed provisional for ever and quarters were final, so they may differ."""

_FREQUENCIES = (Frequency.MONTH, Frequency.QUARTER, Frequency.YEAR)
_MADE_OF = (
    (Frequency.MONTH, Frequency.QUARTER),
    (Frequency.MONTH, Frequency.YEAR),
    (Frequency.QUARTER, Frequency.YEAR),
)
_COUNTS = {
    (Frequency.MONTH, Frequency.QUARTER): 3,
    (Frequency.MONTH, Frequency.YEAR): 12,
    (Frequency.QUARTER, Frequency.YEAR): 4,
}
_ROUNDING = 0.01
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class _Row:
    total: float
    within: float
    place: str


def check_agreement(rows: pd.DataFrame) -> tuple[Finding, ...]:
    """Raise LayoutError where a standard's periods have a gap, lack a whole, or do not add up to it.

    `rows` are those of `COUNT_COLUMNS`. A standard that ends before the others is a finding.
    """
    last: dict[str, Period] = {}
    for indicator, own in rows.groupby("indicator", sort=False):
        held = {
            Period.from_key(key): _Row(total, within, place)
            for key, total, within, place in own[["period", "total", "within", "place"]].itertuples(
                index=False
            )
        }
        for frequency in _FREQUENCIES:
            _check_gaps(str(indicator), sorted(item for item in held if item.frequency is frequency), held)
        for part, whole in _MADE_OF:
            _check_wholes(str(indicator), held, part, whole)
        months = [item for item in held if item.frequency is Frequency.MONTH]
        if months:
            last[str(indicator)] = max(months)
    return tuple(_ended_early(last))


def _check_gaps(indicator: str, periods: list[Period], held: Mapping[Period, _Row]) -> None:
    for one, following in pairwise(periods):
        if following.start != one.end + _DAY:
            raise LayoutError(
                held[following].place,
                f"{indicator}: every {one.frequency.value} between {periods[0].label} and {periods[-1].label}",
                f"{following.label} straight after {one.label}",
            )


def _check_wholes(indicator: str, held: Mapping[Period, _Row], part: Frequency, whole: Frequency) -> None:
    """Each whole beside its parts. A whole that begins before the first part of all may have fewer."""
    wanted = _COUNTS[part, whole]
    members: dict[Period, list[Period]] = {}
    for item in sorted(held):
        if item.frequency is part:
            members.setdefault(_containing(item, whole), []).append(item)
    for period, parts in members.items():
        first = parts[0]
        if period not in held:
            if len(parts) == wanted:
                raise LayoutError(
                    held[parts[-1]].place,
                    f"{indicator}: {period.label}, whose {wanted} {part.value}s are there",
                    f"no row of that {whole.value}",
                )
            continue
        row = held[period]
        if len(parts) < wanted and (first.start == period.start or whole is Frequency.QUARTER):
            raise LayoutError(
                row.place,
                f"{indicator}: the {wanted} {part.value}s of {period.label}",
                listed(item.label for item in parts),
            )
        if len(parts) == wanted and (part is Frequency.QUARTER or period.start >= SYNCHRONISED_FROM.start):
            _check_sum(indicator, period, row, [held[item] for item in parts], part)


def _check_sum(indicator: str, period: Period, row: _Row, parts: list[_Row], frequency: Frequency) -> None:
    total, within = sum(item.total for item in parts), sum(item.within for item in parts)
    if not np.allclose((total, within), (row.total, row.within), rtol=0, atol=_ROUNDING):
        raise LayoutError(
            f"{row.place} ({indicator}, {period.label})",
            f"its {frequency.value}s to add up to {row.within:g} of {row.total:g}",
            f"{len(parts)} {frequency.value}s with {within:g} of {total:g}",
        )


def _containing(period: Period, whole: Frequency) -> Period:
    if whole is Frequency.QUARTER:
        return Period.quarter(period.start.year, period.start.month - (period.start.month - 1) % 3)
    return Period.financial_year(period.start.year - (period.start.month < 4))


def _ended_early(last: Mapping[str, Period]) -> Iterator[Finding]:
    """Standards whose last month is before that of others: a row may be lost, or the standard has ended."""
    latest = max(last.values())
    early = [f"{indicator} with {month.label}" for indicator, month in last.items() if month < latest]
    if early:
        message = f"the series ends with {latest.label}, but {listed(early)}"
        yield Finding(Severity.WARNING, "last months", message, len(early))
