"""A store of plain dictionaries that follows the documented rules of loading, row by row, for comparison."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
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
    return came_later(new.file, old.file)


def says_the_same(new: Figure, old: Figure) -> bool:
    """The same figure again, no better settled and no better sourced: it keeps its first file."""
    numbers = (new.numerator, new.denominator) == (old.numerator, old.denominator)
    return numbers and new.maturity == old.maturity and (new.derived or not old.derived)


def store_after(releases: Iterable[Release]) -> dict[Key, Figure]:
    """What stands after loading some files, in their order, into an empty store."""
    standing: dict[Key, Figure] = {}
    for release in releases:
        brought = {key_of(row): figure_of(row, release.file) for row in release.rows}
        if release.withdraws_absent:
            _withdraw(standing, brought, release.file)
        for key, figure in brought.items():
            held = standing.get(key)
            if held is None or (beats(figure, held) and not says_the_same(figure, held)):
                standing[key] = figure
    return standing


def _withdraw(standing: dict[Key, Figure], brought: dict[Key, Figure], file: SourceFile) -> None:
    """A row goes where a file has its table (indicator, period, basis) but not the row, and came later."""
    for key, held in list(standing.items()):
        table = [f for k, f in brought.items() if k[:2] == key[:2] and f.basis == held.basis]
        if not table or key in brought:
            continue
        lowest = min(figure.maturity for figure in table)
        if lowest > held.maturity or (lowest == held.maturity and came_later(file, held.file)):
            del standing[key]
