"""Weeks of waiting: the columns that count them, and the waits that so many of a hundred do not exceed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from db.reading.spreadsheets import Header, listed
from etl.source import LayoutError

Floats = NDArray[np.float64]

WITHIN, LONGEST_BEFORE_2021, LONGEST = 18, 52, 104
LONGER_WEEKS_FROM = date(2021, 4, 1)
FEWEST_PATHWAYS = 20
"""Of fewer pathways the publisher gives no median and no percentile."""

_CLOSED = re.compile(r"gt (\d+) to (\d+) weeks sum 1|> ?(\d+) ?- ?(\d+)")
_OPEN = re.compile(r"gt (\d+) weeks sum 1|(\d+) plus|> ?(\d+)")


def week_columns(header: Header) -> list[int]:
    """The columns, counting from 0, that count pathways by week: the first up to one week, the last without end.

    Raises LayoutError where a week is missing or stands twice, or the last is none that the publisher has used.
    """
    closed: dict[int, int] = {}
    opened: dict[int, int] = {}
    for column, label in enumerate(header.labels):
        if match := _CLOSED.fullmatch(label):
            first, last = (int(number) for number in match.groups() if number)
            _place(header, closed, first, column)
            if last != first + 1:
                raise LayoutError(header.where, f"a week from {first} to {first + 1}", f"'{label}'")
        elif match := _OPEN.fullmatch(label):
            _place(header, opened, next(int(number) for number in match.groups() if number), column)
    longest = max(opened, default=0)
    if set(opened) not in ({LONGEST_BEFORE_2021}, {LONGEST}):
        wanted = f"one column of waits of more than {LONGEST} weeks, or to March 2021 {LONGEST_BEFORE_2021}"
        raise LayoutError(header.where, wanted, f"of more than {listed(sorted(opened))} weeks")
    missing = sorted(set(range(longest)) - set(closed))
    if missing or set(closed) != set(range(longest)):
        raise LayoutError(
            header.where, f"a column for each week from 0 to {longest}", _what_is_wrong(missing, closed)
        )
    columns = [*(closed[week] for week in range(longest)), opened[longest]]
    if columns != sorted(columns):
        first = next(left for left, right in itertools.pairwise(columns) if left > right)
        raise LayoutError(
            header.where, "the weeks in their order", f"'{header.labels[first]}' behind later ones"
        )
    return columns


def _place(header: Header, places: dict[int, int], week: int, column: int) -> None:
    if week in places:
        raise LayoutError(header.where, "each week once", f"'{header.labels[column]}' twice")
    places[week] = column


def _what_is_wrong(missing: list[int], closed: Mapping[int, int]) -> str:
    return f"none from week {listed(missing)}" if missing else f"weeks up to {max(closed) + 1}"


def not_exceeded_by(percent: int, weeks: Floats) -> Floats:
    """The wait in weeks that so many of a hundred pathways do not exceed, one for each row of pathways by week.

    The publisher's own method: waits lie evenly within their week. NaN for fewer than 20 pathways, and where it lies in
    the last column, which has no end. Before October 2022 the published median rested on a slightly different one.
    """
    cumulated = weeks.cumsum(axis=1)
    count = cumulated[:, -1]
    wanted = percent * count / 100
    week = np.minimum((cumulated < wanted[:, None]).sum(axis=1), weeks.shape[1] - 1)
    rows = np.arange(len(weeks))
    in_week = weeks[rows, week]
    before = cumulated[rows, week] - in_week
    known = (count >= FEWEST_PATHWAYS) & (week < weeks.shape[1] - 1)
    waits = week + (wanted - before) / np.where(in_week > 0, in_week, 1)
    return np.where(known, waits, np.nan)
