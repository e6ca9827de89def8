"""The numbers of one chart: what the table beside it shows, and what its downloads hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

Cell = str | float | int | date | None
"""A cell of a download: a number unrounded, a day, words, or None for what was not published."""


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
