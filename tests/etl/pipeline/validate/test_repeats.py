"""A month whose figures are another month's: held, for a person to accept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from db.domain import FileState
from db.domain.file import HeldKind
from db.service.held_files import held_files
from db.settings import Settings
from db.store import Store
from etl.pipeline import hold
from etl.pipeline.job import FileResult
from etl.pipeline.run import check_files, load_files
from tests.support.publications.combined_csv import line, text

Write = Callable[[str, bytes], Path]
CHECK = "figures are the period's own"
CODES = [f"RA{number}" for number in range(10)] + [f"RB{number}" for number in range(10)]


def table(period: str, *, codes: list[str] = CODES, change: int = 0, changed: int = 20) -> bytes:
    """A month of trusts with 100 patients and more each; the first `changed` of them have `change` more in time."""
    rows = [
        line("Provider", code, (50 + place + (change if place < changed else 0), 100 + place), period=period)
        for place, code in enumerate(codes)
    ]
    return text(rows)


def loaded(store: Store, settings: Settings, path: Path) -> FileResult:
    (result,) = load_files(store, [path], settings, requested_by="a test").results
    return result


def named(month: str) -> str:
    return f"{month}-2024-Monthly-Combined-CSV-Final.csv"


def test_a_repeated_month_is_held_and_may_be_accepted(store: Store, settings: Settings, write: Write) -> None:
    first = write(named("October"), table("2024-10-01"))
    assert loaded(store, settings, first).state is FileState.LOADED
    between = write(named("November"), table("2024-11-01", change=3))
    assert loaded(store, settings, between).state is FileState.LOADED
    result = loaded(store, settings, write(named("December"), table("2024-12-01")))
    assert result.state is FileState.REFUSED
    assert "December 2024: all 20 figures equal those of October 2024" in result.message
    with store.reading() as connection:
        (held,) = held_files(connection)
    assert held.kind is HeldKind.PLAUSIBILITY
    accepted = hold.retry(store, settings, held.id, by="Operator", accept=True, reason="so it was")
    assert accepted.state is FileState.LOADED
    assert loaded(store, settings, first).state is FileState.UNCHANGED


def test_a_few_changed_figures_do_not_hide_a_repetition(
    store: Store, settings: Settings, write: Write
) -> None:
    loaded(store, settings, write(named("October"), table("2024-10-01")))
    path = write(named("November"), table("2024-11-01", change=1, changed=2))
    (result,) = check_files(store, [path]).results
    assert "November 2024: 18 of 20 figures equal those of October 2024" in result.message


def test_two_months_of_one_file_with_the_same_figures(store: Store, write: Write) -> None:
    october, november = table("2024-10-01"), table("2024-11-01")
    both = october + november.split(b"\r\n", 1)[1]
    (result,) = check_files(store, [write("2024-25-Oct-Nov-Monthly-Combined-CSV-Final.csv", both)]).results
    assert "November 2024: all 20 figures equal those of October 2024 in this file" in result.message


def test_what_is_no_repetition(store: Store, settings: Settings, write: Write) -> None:
    assert loaded(store, settings, write(named("October"), table("2024-10-01"))).state is FileState.LOADED
    again = write("again.csv", table("2024-10-01"))
    few = write(named("September"), table("2024-09-01", codes=CODES[:19]))
    other = write(named("November"), table("2024-11-01", change=1))
    results = check_files(store, [again, few, other]).results
    assert [CHECK in result.message for result in results] == [False, False, False]


@pytest.mark.real_data
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_published_months_under_another_name(
    store: Store, settings: Settings, write: Write, shared_data: Path, shared_cases: Path
) -> None:
    summaries = shared_data / "stroke" / "scoring_summary"
    (january,) = (shared_data / "cancer").glob("monthly*/201601-11*.csv")
    (april,) = (shared_cases / "single-value-series").glob("*.csv")
    first = [january, april, summaries / "JulSep2024.csv"]
    assert not load_files(store, first, settings, requested_by="a test").failed
    repeated = [
        *sorted((shared_cases / "same-figures-new-month").glob("*.csv")),
        write("OctDec2024.csv", first[2].read_bytes()),
    ]
    practices, february, autumn = check_files(store, repeated).results
    assert "all 118 figures equal those of 30 April 2025" in practices.message
    assert "all 158 figures equal those of January 2016" in february.message
    assert "all 215 figures equal those of July to September 2024" in autumn.message
    others = [path for path in sorted((shared_data / "cancer").glob("monthly*/2016*.csv")) if path != january]
    assert not any(CHECK in result.message for result in check_files(store, others).results)
