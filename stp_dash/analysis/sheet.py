"""The numbers of one chart: what the table beside it shows, and what its downloads hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, overload

_Source = TypeVar("_Source")
_Made = TypeVar("_Made")

Cell = str | float | int | date | None
"""A cell of a download: a number unrounded, a day, words, or None for what was not published."""
_LONGEST_PART, _LONGEST_PERIOD, _LONGEST_SOURCE, _LONGEST_NAME = 40, 60, 80, 220
"""Letters of the parts of a file's name, and of all: with day and mark behind, it still fits every file system."""


class OnDemand(Sequence[_Made]):
    """Cells of many rows, each made from its row's number when it is read.

    A page with the chart makes none, one that shows fifty of thousands fifty.
    """

    def __init__(self, count: int, make: Callable[[int], _Made]) -> None:
        self._count, self.make = count, make

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, place: int) -> _Made: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[_Made]: ...
    def __getitem__(self, place: int | slice) -> _Made | Sequence[_Made]:
        if isinstance(place, slice):
            return [self.make(number) for number in range(*place.indices(self._count))]
        return self.make(range(self._count)[place])

    def __iter__(self) -> Iterator[_Made]:
        return (self.make(number) for number in range(self._count))


@dataclass(frozen=True)
class Column:
    """One column. `shown` are the words of the page's table, none to leave the column out of it.

    `raw` are the cells of the download under `key`, a name in lower case with underscores; none to leave it out.
    `links` are addresses for the words, "" for none.
    """

    heading: str
    shown: Sequence[str] = ()
    key: str = ""
    raw: Sequence[Cell] = ()
    numeric: bool = False
    links: Sequence[str] = ()


def column_of(
    rows: Sequence[_Source],
    heading: str = "",
    shown: Callable[[_Source], str] | None = None,
    key: str = "",
    raw: Callable[[_Source], Cell] | None = None,
    *,
    numeric: bool = False,
    links: Callable[[_Source], str] | None = None,
) -> Column:
    """A column whose cells are made from rows when they are read; what is not given is left out."""
    return Column(
        heading,
        _cells(rows, shown),
        key,
        _cells(rows, raw),
        numeric,
        _cells(rows, links),
    )


def _cells(rows: Sequence[_Source], make: Callable[[_Source], _Made] | None) -> Sequence[_Made]:
    if make is None:
        return ()
    cell = make
    return OnDemand(len(rows), lambda place: cell(rows[place]))


def _in_a_name(words: str, most: int) -> str:
    """Words as part of a file's name, of at most so many letters and whole words only."""
    plain = re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")
    return plain if len(plain) <= most else plain[: most + 1].rpartition("-")[0]


@dataclass(frozen=True)
class Subject:
    """What a chart is about, in words: the indicator, whose figures it shows, and of which period; "" for none."""

    indicator: str = ""
    organisation: str = ""
    period: str = ""

    @property
    def words(self) -> str:
        """`62-day treatment · East Kent · August 2026`."""
        return " · ".join(part for part in (self.indicator, self.organisation, self.period) if part)


@dataclass(frozen=True)
class Sheet:
    """One chart's numbers. `name` is the card's name in addresses, `caption` says what the table is.

    source: whose figures they are and from which files, `note` what a reader must know, both written into downloads.
    demonstration: some of the numbers are invented, and every download says so. subject: what pictures name.
    """

    name: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    source: str
    note: str = ""
    demonstration: bool = False
    subject: Subject = Subject()

    @property
    def length(self) -> int:
        return max((max(len(column.shown), len(column.raw)) for column in self.columns), default=0)

    @property
    def table(self) -> tuple[Column, ...]:
        """The columns of the page's table: those with anything in them."""
        return tuple(column for column in self.columns if any(column.shown))

    @property
    def file_name(self) -> str:
        """What its files are called, without their date, version and kind: indicator, whose, when, card and source.

        A table that is about no indicator and nobody in particular is called by its caption.
        """
        about = self.subject
        parts = [_in_a_name(part, _LONGEST_PART) for part in (about.indicator, about.organisation)]
        parts.append(_in_a_name(about.period or ("" if any(parts) else self.caption), _LONGEST_PERIOD))
        parts.append(_in_a_name(self.name, _LONGEST_PART))
        left = _LONGEST_NAME - sum(len(part) + 1 for part in parts)
        parts.append(_in_a_name(self.source, min(_LONGEST_SOURCE, left)))
        return "_".join(part for part in parts if part)

    @property
    def download(self) -> tuple[Column, ...]:
        """The columns of the download."""
        return tuple(column for column in self.columns if column.key)
