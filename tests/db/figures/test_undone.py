"""Figures that an undo changed since a source's newest release: as they stood before it, and as they stand."""

from __future__ import annotations

from datetime import date

from db.domain import Maturity
from db.domain.changes import Release, SourceUndo
from db.figures.changes import changes_since
from db.figures.code_lists import read_code_lists
from db.figures.undone import changes_by_undo
from db.loading.undo.undo import undo_files
from db.store import Store
from tests.support.frames import FDS, NOVEMBER, TRUSTS, file, row
from tests.support.releases import put_rows


def undo(store: Store, *files: int, puts_back: bool = False) -> None:
    with store.writing() as connection:
        undo_files(
            connection, read_code_lists(connection), files, by="tester", reason="wrong", puts_back=puts_back
        )


def undone(store: Store) -> tuple[SourceUndo, ...]:
    with store.reading() as connection:
        known = read_code_lists(connection)
        changes = changes_since(connection, known, organisations=TRUSTS, indicators=[FDS])
        releases: list[Release] = [item.release for item in changes]
        return changes_by_undo(connection, known, releases, organisations=TRUSTS)


def numbers(found: SourceUndo) -> tuple[dict[str, float | None], dict[str, float | None]]:
    before, after = (
        {f"{item.organisation} {item.period.label}": item.numerator for item in part}
        for part in (found.before, found.after)
    )
    return before, after


def test_figures_that_fell_back_went_or_came_back_are_told_until_the_next_release(store: Store) -> None:
    provisional = Maturity.PROVISIONAL
    old = file("December", published_on=date(2023, 12, 14), latest_period_end=date(2023, 10, 31))
    new = file("January", published_on=date(2024, 1, 11), latest_period_end=date(2023, 11, 30))
    put_rows(store, old, row("RVV", 70, 100, maturity=provisional), row("RPA", 1, 2, maturity=provisional))
    january = put_rows(store, new, row("RVV", 72, 100), row("RWF", 9, 10, period=NOVEMBER))
    assert undone(store) == ()
    undo(store, january)
    (found,) = undone(store)
    assert (found.source, found.version) == ("cancer_waiting_times", january)
    assert numbers(found) == (
        {"RVV October 2023": 72, "RWF November 2023": 9},
        {"RVV October 2023": 70, "RPA October 2023": 1},
    )
    undo(store, january, puts_back=True)
    (back,) = undone(store)
    before, after = numbers(back)
    assert before == after == {"RVV October 2023": 72, "RWF November 2023": 9}
    put_rows(store, file("February", published_on=date(2024, 2, 8)), row("RVV", 73, 100))
    assert undone(store) == ()


def test_a_source_without_a_file_left_tells_its_undo(store: Store) -> None:
    only = put_rows(store, file("only", published_on=date(2024, 1, 11)), row("RVV", 70, 100))
    undo(store, only)
    (found,) = undone(store)
    assert numbers(found) == ({"RVV October 2023": 70}, {})
