"""A store of plain dictionaries that follows the documented rules of loading, row by row, for comparison."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from db.domain import SourceFile

Key = tuple[str, int, str, str]
"""Indicator, period, breakdown and organisation."""


@dataclass(frozen=True)
class Figure:
    """What one file says of one key."""

    numerator: float
    denominator: float
    maturity: int
    derived: bool
    basis: str
    file: SourceFile
    confirmed: tuple[SourceFile, ...] = field(default=(), compare=False)
    """Files that said the same again: the figure is as new as the newest of them."""


@dataclass(frozen=True)
class Release:
    """One file with its rows, as they are given to the load."""

    file: SourceFile
    rows: tuple[dict[str, object], ...]
    withdraws_absent: bool = True

    @property
    def out_on(self) -> date:
        assert self.file.fetched_at is not None
        return self.file.published_on or self.file.fetched_at.date()


def key_of(row: dict[str, object]) -> Key:
    return (str(row["indicator"]), int(str(row["period"])), str(row["breakdown"]), str(row["organisation"]))


def figure_of(row: dict[str, object], file: SourceFile) -> Figure:
    return Figure(
        float(str(row["numerator"])),
        float(str(row["denominator"])),
        int(str(row["maturity"])),
        bool(row["derived"]),
        str(row["basis"]),
        file,
    )


def came_later(new: SourceFile, old: SourceFile) -> bool:
    """By publication, else by how far they reach; a draw goes to the one that is loaded now."""
    if new.published_on and old.published_on and new.published_on != old.published_on:
        return new.published_on > old.published_on
    if new.latest_period_end and old.latest_period_end:
        return new.latest_period_end >= old.latest_period_end
    return True


def beats(new: Figure, old: Figure) -> bool:
    if new.maturity != old.maturity:
        return new.maturity > old.maturity
    if new.derived != old.derived:
        return old.derived
    return came_later_than_all(new.file, old)


def came_later_than_all(new: SourceFile, old: Figure) -> bool:
    return all(came_later(new, file) for file in (old.file, *old.confirmed))


def says_the_same(new: Figure, old: Figure) -> bool:
    """The same figure again, no better settled and no better sourced: it keeps its first file."""
    numbers = (new.numerator, new.denominator) == (old.numerator, old.denominator)
    return numbers and new.maturity == old.maturity and (new.derived or not old.derived)


def store_after(releases: Iterable[Release]) -> dict[Key, Figure]:
    """What stands after loading some files, in their order, into an empty store."""
    standing: dict[Key, Figure] = {}
    whole: list[tuple[SourceFile, dict[Key, Figure]]] = []
    for release in releases:
        brought = {key_of(row): figure_of(row, release.file) for row in release.rows}
        for key, figure in brought.items():
            held = standing.get(key)
            if held is None and any(withdraws(table, file, key, figure) for file, table in whole):
                continue
            if held is None or (beats(figure, held) and not says_the_same(figure, held)):
                standing[key] = figure
            elif beats(figure, held):
                standing[key] = replace(held, confirmed=(*held.confirmed, release.file))
        if release.withdraws_absent:
            for key, held in list(standing.items()):
                if withdraws(brought, release.file, key, held, draw=True):
                    del standing[key]
            whole.append((release.file, brought))
    return standing


def withdraws(
    brought: dict[Key, Figure], file: SourceFile, key: Key, other: Figure, *, draw: bool = False
) -> bool:
    """A row goes where a file has its table (indicator, period, basis) but not the row, and came later.

    `draw` says who wins where nothing tells: the file, when it is the one that is loaded now.
    """
    table = [f for k, f in brought.items() if k[:2] == key[:2] and f.basis == other.basis]
    if not table or key in brought:
        return False
    lowest = min(figure.maturity for figure in table)
    later = came_later_than_all(file, other) if draw else not came_later(other.file, file)
    return lowest > other.maturity or (lowest == other.maturity and later)
