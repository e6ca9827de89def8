"""The overview time series: England by month since August 2007, all figures of a month side by side in one row.

Read are the figures as submitted; those "with estimates for missing data" have nothing to stand beside. Waits of
admitted and non-admitted pathways are not read: their shares need the pathways whose start is known, which it lacks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from db.domain import ALL, ENGLAND, OBSERVATION_COLUMNS, Basis, Maturity, Period
from db.reading.spreadsheets import (
    Cell,
    Header,
    Worksheet,
    find_headers,
    listed,
    normalise_label,
    number,
    read_workbook,
    text_of,
)
from etl.reading.monthly_returns.dating import settle_month
from etl.reading.monthly_returns.label_block import labels_above, month_said
from etl.reading.periods import month_of
from etl.source import Hints, LayoutError, RawFile
from etl.sources.referral_to_treatment import vocabulary as words

SHEET = "Full Time Series"
MONTHS_UNSETTLED = 12
"""So many of the last months may be revised still: the publisher revises half-years, up to a year after them."""

_WAITING, _NEW = "incomplete rtt pathways", "new rtt periods"
_FEWEST = 10_000
"""A list of England's is never so short: the total is a plain count, although its heading says millions."""
_BEYOND = "52+"
_END = "notes:"


@dataclass(frozen=True)
class Series:
    """England's rows of the canonical frame, and the last month."""

    frame: pd.DataFrame
    last: Period


def read_england_series(raw: RawFile, hints: Hints) -> Series:
    """An overview time series. Raises LayoutError for a month that is lost between others or has only some figures."""
    sheets = read_workbook(raw)
    if SHEET not in sheets:
        raise LayoutError(raw.name, f"the sheet '{SHEET}'", listed(sheets))
    columns = _columns(sheets[SHEET])
    months = [row for row in _months(columns.header) if columns.has_figures(row[2])]
    if not months:
        raise LayoutError(columns.header.where, "months with figures below", "none")
    last = months[-1][1]
    for (_, before, _), (index, month, _) in pairwise(months):
        if (month.start - before.end).days != 1:
            where = sheets[SHEET].where(index)
            raise LayoutError(
                where, f"the figures of the month after {before.label}", f"those of {month.label}"
            )
    said = month_said(labels_above(sheets[SHEET]).get("period", ""))
    sayings = [("its last row", last)] + ([("its period on top", said)] if said else [])
    settle_month(raw, hints, sayings)
    records = [
        record
        for place, (index, month, row) in enumerate(months)
        for record in columns.records(index, month, row, settled=len(months) - place > MONTHS_UNSETTLED)
    ]
    return Series(pd.DataFrame.from_records(records, columns=list(OBSERVATION_COLUMNS)), last)


@dataclass(frozen=True)
class _Columns:
    """Where each figure stands, counting from 0; None for one that an older series has not."""

    header: Header
    places: dict[str, int | None]

    def has_figures(self, row: list[Cell]) -> bool:
        return any(place is not None and _filled(row[place]) for place in self.places.values())

    def records(
        self, index: int, month: Period, row: list[Cell], *, settled: bool
    ) -> Iterator[tuple[object, ...]]:
        where = f"{self.header.sheet.where(index)} ({month.label})"
        maturity = int(Maturity.FINAL if settled else Maturity.PROVISIONAL)
        for indicator, counts, value, reason in self._figures(row, where):
            yield (
                *(indicator, ENGLAND, "England", Basis.NATIONAL.value, month.key, ALL),
                *(*counts, value, reason, maturity, False),
            )

    def _figures(self, row: list[Cell], where: str) -> Iterator[tuple[str, tuple[float, float], float, str]]:
        none = (math.nan, math.nan)
        whole = self._number(row, "total", where)
        for indicator, count, share in (
            (words.WITHIN_18, "within", "share within"),
            (words.OVER_52, "over 52", "share over 52"),
        ):
            part = self._number(row, count, where)
            if math.isnan(part) != math.isnan(whole):
                raise LayoutError(where, f"'{count}' beside the total, or neither", f"{part:g} and {whole:g}")
            if not math.isnan(whole):
                yield indicator, (part, whole), 100 * self._number(row, share, where), ""
        if not math.isnan(whole) and whole < _FEWEST:
            raise LayoutError(where, "the total waiting as a plain count", f"{whole:g}")
        for indicator, name in (
            (words.WAITING_LIST, "total"),
            (words.OVER_65, "over 65"),
            (words.OVER_78, "over 78"),
            (words.NEW_PERIODS, "new"),
            (words.MEDIAN, "median"),
        ):
            value = self._number(row, name, where)
            if not math.isnan(value):
                yield indicator, none, value, ""
        place = self.places["92nd"]
        if place is not None and text_of(row[place]) == _BEYOND:
            yield words.PERCENTILE_92, none, math.nan, "longer than 52 weeks"
        elif not math.isnan(value := self._number(row, "92nd", where)):
            yield words.PERCENTILE_92, none, value, ""

    def _number(self, row: list[Cell], name: str, where: str) -> float:
        place = self.places[name]
        if place is None:
            return math.nan
        value = number(row[place], f"{where}, '{text_of(self.header.sheet.cell(self.header.index, place))}'")
        if value < 0:
            raise LayoutError(where, f"'{name}' of 0 or more", f"{value:g}")
        return value


def _filled(cell: Cell) -> bool:
    return text_of(cell) not in ("", "-")


def _columns(sheet: Worksheet) -> _Columns:
    headers = find_headers(sheet, "Median wait (weeks)", "92nd percentile (weeks)", "No. within 18 weeks")
    if not headers or not headers[0].index:
        wanted = "a header row with 'Median wait (weeks)', '92nd percentile (weeks)', 'No. within 18 weeks'"
        raise LayoutError(sheet.where(), wanted, "none under a row of groups")
    header = headers[0]
    groups = _groups(header)
    named = {
        "median": (_WAITING, "Median wait (weeks)"),
        "92nd": (_WAITING, "92nd percentile (weeks)"),
        "within": (_WAITING, "No. within 18 weeks"),
        "share within": (_WAITING, "% within 18 weeks"),
        "over 52": (_WAITING, "No. > 52 weeks"),
        "share over 52": (_WAITING, "% > 52 weeks"),
        "over 65": (_WAITING, "No. > 65 weeks"),
        "over 78": (_WAITING, "No. > 78 weeks"),
        "total": (_WAITING, "Total waiting (mil)"),
        "new": (_NEW, "No. of new RTT periods"),
    }
    places: dict[str, int | None] = {}
    for name, (group, label) in named.items():
        own = [column for column in header.positions(label) if groups[column] == group]
        if len(own) > 1 or (not own and name != "over 65"):
            found = (
                f"{len(own)} of them" if own else listed(dict.fromkeys(group for group in groups if group))
            )
            raise LayoutError(header.where, f"one column '{label}' under '{group}'", found)
        places[name] = own[0] if own else None
    return _Columns(header, places)


def _groups(header: Header) -> list[str]:
    """The group that each column stands under: its heading stands above the first of them."""
    groups, group = [], ""
    for column in range(len(header.labels)):
        group = normalise_label(header.sheet.cell(header.index - 1, column)) or group
        groups.append(group)
    return groups


def _months(header: Header) -> Iterator[tuple[int, Period, list[Cell]]]:
    """Each row of a month below the header. One has a footnote's asterisk before its month: "* Feb-24"."""
    found: Period | None = None
    month_column = header.sheet.rows[header.index - 1]
    place = next(
        (column for column, cell in enumerate(month_column) if normalise_label(cell) == "month"), None
    )
    if place is None:
        raise LayoutError(header.sheet.where(header.index - 1), "the heading 'Month'", "none")
    for index, row in header.body():
        if any(normalise_label(cell) == _END for cell in row[:place]):
            return
        cell = row[place]
        month = month_of(text_of(cell).lstrip("* ") if isinstance(cell, str) else cell)
        if month is None or (found is not None and (month.start - found.end).days != 1):
            wanted = "a month" if found is None else f"the month after {found.label}"
            raise LayoutError(header.sheet.where(index), wanted, f"'{text_of(cell)}'")
        found = month
        yield index, month, row
