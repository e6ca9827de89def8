"""The numbers of one chart: what the table beside it shows, and what its downloads hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar, overload

Source = TypeVar("Source")
Made = TypeVar("Made")

Cell = str | float | int | date | None
"""A cell of a download: a number unrounded, a day, words, or None for what was not published."""


class Cells(Sequence[Made], Generic[Source, Made]):
    """Cells made from a row each when they are read: a page with the chart makes none, one with fifty rows fifty."""

    def __init__(self, rows: Sequence[Source], make: Callable[[Source], Made]) -> None:
        self._rows, self._make = rows, make

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Made: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Made]: ...
    def __getitem__(self, place: int | slice) -> Made | Sequence[Made]:
        if isinstance(place, slice):
            return [self._make(row) for row in self._rows[place]]
        return self._make(self._rows[place])


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
    rows: Sequence[Source],
    heading: str = "",
    shown: Callable[[Source], str] | None = None,
    key: str = "",
    raw: Callable[[Source], Cell] | None = None,
    *,
    numeric: bool = False,
    links: Callable[[Source], str] | None = None,
) -> Column:
    """A column whose cells are made from rows when they are read; what is not given is left out."""
    return Column(
        heading,
        Cells(rows, shown) if shown else (),
        key,
        Cells(rows, raw) if raw else (),
        numeric,
        Cells(rows, links) if links else (),
    )


@dataclass(frozen=True)
class Sheet:
    """One chart's numbers. `name` is the card's name in addresses, `caption` says what the table is.

    source: whose figures they are and from which files, `note` what a reader must know, both written into downloads.
    demonstration: some of the numbers are invented, and every download says so.
    """

    name: str
    title: str
    caption: str
    columns: tuple[Column, ...]
    source: str
    note: str = ""
    demonstration: bool = False

    @property
    def length(self) -> int:
        return max((max(len(column.shown), len(column.raw)) for column in self.columns), default=0)

    @property
    def table(self) -> tuple[Column, ...]:
        """The columns of the page's table: those with anything in them."""
        return tuple(column for column in self.columns if any(column.shown))

    @property
    def download(self) -> tuple[Column, ...]:
        """The columns of the download."""
        return tuple(column for column in self.columns if column.key)
