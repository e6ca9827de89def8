"""Figures as the store held them at a data version, and as published by a day, against a slow store of dictionaries."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from db.domain import ALL, Frequency, Maturity, OrganisationType, Period
from db.domain.holdings import CodeLists, PublicationDay
from db.domain.reading import NOW, AsOf, Reading
from db.figures.code_lists import read_code_lists
from db.figures.data_version import data_version, loaded_on, publication_days
from db.store import Store, open_store
from tests.support.frames import FDS, OCTOBER, SIXTY_TWO, TRUSTS, file, random_rows, row
from tests.support.postgresql import in_turn
from tests.support.read_back import readings_between, slice_readings
from tests.support.releases import FOREVER, START, fetched, put, put_rows, random_file, random_releases
from tests.support.slow_store import Figure, Key, Release, store_after

BREAST = "tumour group: Breast"


def read(
    store: Store, seen: AsOf, breakdown: str = ALL, code_lists: CodeLists | None = None
) -> tuple[Reading, ...]:
    with store.reading() as connection:
        return readings_between(
            connection,
            indicators=[FDS, SIXTY_TWO],
            organisations=TRUSTS,
            frequencies=[Frequency.MONTH],
            since=date(2023, 10, 1),
            until=date(2023, 11, 30),
            breakdown_key=breakdown,
            as_of=seen,
            code_lists=code_lists,
        )


def figures(store: Store, seen: AsOf) -> dict[str, tuple[float | None, float | None]]:
    return {item.organisation: (item.numerator, item.denominator) for item in read(store, seen)}


Shown = dict[Key, tuple[float | None, float | None, int, bool, str]]


def shown(found: tuple[Reading, ...]) -> Shown:
    """Readings by key, to be compared with the slow store's figures."""
    by_key = {
        (item.indicator, item.period.key, item.breakdown, item.organisation): (
            item.numerator,
            item.denominator,
            int(item.maturity),
            item.derived,
            item.files[0].name,
        )
        for item in found
    }
    assert len(by_key) == len(found)
    return by_key


def wanted(standing: dict[Key, Figure]) -> Shown:
    return {
        key: (item.numerator, item.denominator, item.maturity, item.derived, item.file.name)
        for key, item in standing.items()
    }


def test_a_version_shows_what_the_store_held_when_that_file_was_its_newest(store: Store) -> None:
    first = put_rows(store, file("provisional"), row("RWF", 1421, 1843, maturity=Maturity.PROVISIONAL))
    second = put_rows(store, file("final"), row("RWF", 1537, 1993), row("RVV", 9, 10))
    assert figures(store, AsOf(version=first)) == {"RWF": (1421, 1843)}
    assert figures(store, AsOf(version=second)) == {"RWF": (1537, 1993), "RVV": (9, 10)}
    assert figures(store, NOW) == figures(store, AsOf(version=second))
    (before,) = read(store, AsOf(version=first))
    assert before.maturity is Maturity.PROVISIONAL
    assert before.value == pytest.approx(77.1026, abs=1e-4)
    assert before.files[0].name == "provisional"


def test_a_withdrawn_row_stands_until_it_was_withdrawn(store: Store) -> None:
    first = put_rows(
        store, file(published_on=date(2024, 1, 11)), row("RVV", 10, 20), row("RPA", 1, 2), row("RWF", 5, 6)
    )
    second = put_rows(store, file(published_on=date(2024, 2, 8)), row("RVV", 10, 20), row("RPA", 2, 2))
    third = put_rows(store, file(published_on=date(2024, 3, 14)), row("RVV", 10, 20))
    assert set(figures(store, AsOf(version=first))) == {"RVV", "RPA", "RWF"}
    assert set(figures(store, AsOf(version=second))) == {"RVV", "RPA"}
    assert set(figures(store, AsOf(version=third))) == {"RVV"}
    assert figures(store, AsOf(published_by=date(2024, 2, 7)))["RPA"] == (1, 2)
    assert figures(store, AsOf(published_by=date(2024, 2, 8)))["RPA"] == (2, 2)
    assert set(figures(store, AsOf(published_by=date(2024, 3, 14)))) == {"RVV"}


def test_an_older_release_loaded_late_never_stood_in_the_store_but_did_in_its_day(store: Store) -> None:
    newest = put_rows(store, file(published_on=date(2026, 6, 11)), row("RVV", 182, 261))
    oldest = put_rows(store, file(published_on=date(2023, 11, 9)), row("RVV", 180, 258))
    middle = put_rows(store, file(published_on=date(2024, 5, 9)), row("RVV", 181, 259))
    for version in (newest, oldest, middle):
        assert figures(store, AsOf(version=version)) == {"RVV": (182, 261)}
    assert figures(store, AsOf(published_by=date(2023, 11, 8))) == {}
    assert figures(store, AsOf(published_by=date(2023, 11, 9))) == {"RVV": (180, 258)}
    assert figures(store, AsOf(published_by=date(2024, 5, 9))) == {"RVV": (181, 259)}
    assert figures(store, AsOf(published_by=date(2026, 6, 11))) == {"RVV": (182, 261)}


def test_a_final_figure_is_not_replaced_by_a_later_provisional_one(store: Store) -> None:
    put_rows(store, file(published_on=date(2024, 1, 11)), row("RVV", 1, 9))
    put_rows(store, file(published_on=date(2024, 2, 8)), row("RVV", 2, 9, maturity=Maturity.PROVISIONAL))
    put_rows(store, file(published_on=date(2024, 4, 11)), row("RVV", 3, 9))
    assert figures(store, AsOf(published_by=date(2024, 3, 1))) == {"RVV": (1, 9)}
    assert figures(store, AsOf(published_by=date(2024, 4, 11))) == {"RVV": (3, 9)}


def test_what_a_withdrawn_figure_had_replaced_does_not_come_back(store: Store) -> None:
    put_rows(store, file(published_on=date(2024, 1, 1)), row("RVV", 1, 9), row("RPA", 1, 1))
    put_rows(store, file(published_on=date(2024, 2, 1)), row("RVV", 2, 9), row("RPA", 1, 1))
    put_rows(store, file(published_on=date(2024, 3, 1)), row("RPA", 1, 1))
    assert figures(store, AsOf(published_by=date(2024, 3, 1))) == {"RPA": (1, 1)}
    assert figures(store, AsOf(published_by=date(2024, 2, 1)))["RVV"] == (2, 9)


def test_a_file_without_a_publication_date_counts_from_the_day_it_was_fetched(store: Store) -> None:
    undated, dated = file(), file(published_on=date(2024, 4, 1))
    put_rows(store, fetched(undated, date(2024, 5, 2)), row("RVV", 1, 9))
    put_rows(store, fetched(dated, date(2024, 5, 2)), row("RPA", 1, 9, basis="commissioner"))
    assert figures(store, AsOf(published_by=date(2024, 3, 31))) == {}
    assert figures(store, AsOf(published_by=date(2024, 5, 1))) == {"RPA": (1, 9)}
    assert figures(store, AsOf(published_by=date(2024, 5, 2))) == {"RPA": (1, 9), "RVV": (1, 9)}


def test_a_slice_and_a_breakdown_are_seen_as_readings_are(store: Store) -> None:
    source = file(published_on=date(2024, 1, 11))
    first = put_rows(store, source, row("RVV", 1, 9), row("RVV", 1, 3, breakdown=BREAST), row("ENG", 5, 50))
    put_rows(
        store,
        file(published_on=date(2024, 2, 8)),
        row("RVV", 2, 9), row("RVV", 2, 3, breakdown=BREAST), row("ENG", 6, 50),
    )  # fmt: skip
    for seen in (AsOf(version=first), AsOf(published_by=date(2024, 2, 7))):
        with store.reading() as connection:
            (found,) = slice_readings(
                connection,
                indicator_code=FDS,
                at=Period.from_key(OCTOBER),
                types=[OrganisationType.TRUST],
                breakdown_key=BREAST,
                as_of=seen,
            )
        assert (found.organisation, found.numerator, found.denominator) == ("RVV", 1, 3)
        assert [item.numerator for item in read(store, seen, BREAST)] == [1]


def test_removed_demonstration_figures_are_in_no_version_and_their_numbers_are_not_used_again(
    store: Store,
) -> None:
    invented = [
        put_rows(store, file(f"demo-{n}", demonstration=True), row("RVV", n, 20)) for n in range(1, 4)
    ]
    assert figures(store, AsOf(version=invented[1])) == {"RVV": (2, 20)}
    real = put_rows(store, file("real"), row("RVV", 11, 20))
    assert real == invented[-1] + 1
    for number in invented:
        assert figures(store, AsOf(version=number)) == {}
    assert figures(store, AsOf(version=real)) == {"RVV": (11, 20)}
    with store.reading() as connection:
        assert [loaded_on(connection, number) for number in invented] == [None] * 3
        assert loaded_on(connection, real) == data_version(connection).loaded_on
        assert loaded_on(connection, real) is not None


@pytest.mark.parametrize(
    ("seen", "organisations"),
    [
        (AsOf(version=1), {"RVV"}),
        (AsOf(version=2**31 - 1), {"RVV"}),
        (AsOf(version=0), set()),
        (AsOf(published_by=date.max), {"RVV"}),
        (AsOf(published_by=date.min), set()),
    ],
)
def test_the_ends_of_time_are_days_and_versions_like_any_other(
    store: Store, seen: AsOf, organisations: set[str]
) -> None:
    put_rows(store, file(), row("RVV", 1, 9))
    assert set(figures(store, seen)) == organisations


def test_a_version_and_a_day_together_are_refused() -> None:
    with pytest.raises(ValueError, match="found both"):
        AsOf(version=1, published_by=START)


def test_days_of_publication_come_newest_first_and_say_where_only_the_fetch_is_known(store: Store) -> None:
    with store.reading() as connection:
        assert publication_days(connection) == ()
    put_rows(store, fetched(file(published_on=date(2024, 1, 11)), date(2024, 5, 2)), row("RVV", 1, 9))
    put_rows(store, fetched(file(published_on=date(2024, 1, 11)), date(2024, 5, 3)), row("RPA", 1, 9))
    put_rows(store, fetched(file(), date(2024, 5, 2)), row("RWF", 1, 9))
    with store.reading() as connection:
        found = publication_days(connection)
    assert found == (
        PublicationDay(date(2024, 5, 2), "cancer_waiting_times", published=False),
        PublicationDay(date(2024, 1, 11), "cancer_waiting_times", published=True),
    )


@pytest.mark.parametrize(("store_url", "seed"), in_turn((0, 1)), indirect=["store_url"])
@pytest.mark.parametrize("in_order", [True, False])
def test_any_sequence_of_files_is_seen_as_the_slow_store_saw_it(
    store: Store, seed: int, in_order: bool
) -> None:
    releases = random_releases(seed, in_order=in_order)
    versions = [put(store, release) for release in releases]
    for count, version in enumerate(versions, 1):
        assert shown(read(store, AsOf(version=version))) == wanted(store_after(releases[:count]))
    for day in (START + timedelta(days=n) for n in range(-1, 8)):
        out = [release for release in releases if release.out_on <= day]
        assert shown(read(store, AsOf(published_by=day))) == wanted(store_after(out)), day
    assert read(store, AsOf(published_by=FOREVER)) == read(store, NOW)


@pytest.mark.parametrize(("store_url", "seed"), in_turn((400, 401)), indirect=["store_url"])
def test_whole_tables_leave_the_same_figures_in_whatever_order_they_are_loaded(
    store: Store, seed: int
) -> None:
    chance = random.Random(seed)
    in_order = [
        Release(
            random_file(chance, f"file-{seed}-{n}", START + timedelta(days=n), dated=True),
            random_rows(chance, all_of_them=False, derived=0.0),
        )
        for n in range(8)
    ]
    releases = chance.sample(in_order, len(in_order))
    versions = [put(store, release) for release in releases]
    for count, version in enumerate(versions, 1):
        assert shown(read(store, AsOf(version=version))) == wanted(store_after(releases[:count]))
    standing = wanted(store_after(in_order))
    found = shown(read(store, NOW))
    assert {key: figure[:3] for key, figure in found.items()} == {
        key: figure[:3] for key, figure in standing.items()
    }


@pytest.mark.parametrize(("store_url", "seed"), in_turn((100, 101)), indirect=["store_url"])
def test_all_that_was_ever_published_is_what_stands_now_whatever_the_files(store: Store, seed: int) -> None:
    chance = random.Random(seed)
    for n in range(8):
        day = START + timedelta(days=chance.randint(0, 6))
        source = random_file(chance, f"file-{seed}-{n}", day, dated=chance.random() < 0.5)
        put(store, Release(source, random_rows(chance, all_of_them=chance.random() < 0.3, derived=0.4)))
    found = read(store, NOW)
    assert found
    assert read(store, AsOf(published_by=FOREVER)) == found


def test_the_past_is_one_query_that_walks_an_index(sqlite_url: str, tmp_path: Path) -> None:
    store = open_store(sqlite_url)
    put_rows(store, file(), row("RVV", 1, 9))
    with store.reading() as connection:
        code_lists = read_code_lists(connection)
    asked: list[tuple[str, Any]] = []
    event.listen(
        store.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, parameters, _x, _m: asked.append((statement, parameters)),
    )
    for seen in (AsOf(version=1), AsOf(published_by=START)):
        read(store, seen, code_lists=code_lists)
        with store.reading() as connection:
            slice_readings(
                connection,
                indicator_code=FDS,
                at=Period.from_key(OCTOBER),
                types=[OrganisationType.TRUST],
                as_of=seen,
                code_lists=code_lists,
            )
    queries = [item for item in asked if "FROM" in item[0]]
    assert len(queries) == 4
    with store.reading() as connection:
        plans = [
            line[3]
            for statement, parameters in queries
            for line in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        ]
        assert connection.execute(text("SELECT count(*) FROM observation")).scalar() == 1
    store.close()
    touched = [plan for plan in plans if "observation" in plan]
    assert len(touched) == 10
    assert all(plan.startswith("SEARCH observation") for plan in touched)
    assert [plan for plan in touched if "period_id=?" not in plan or "breakdown_id=?" not in plan] == []
