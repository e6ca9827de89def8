"""What a release changed, against the difference of two slow stores."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import event

from db.domain import Maturity, Period
from db.domain.changes import AddedPeriod, SourceChanges
from db.domain.holdings import CodeLists
from db.figures.changes import changes_since
from db.figures.code_lists import read_code_lists
from db.store import Store, open_store
from tests.support.frames import FDS, NOVEMBER, OCTOBER, SIXTY_TWO, TRUSTS, file, row
from tests.support.postgresql import in_turn
from tests.support.releases import fetched, put, put_rows, random_releases
from tests.support.slow_store import Figure, Key, store_after


def changes(
    store: Store, since_version: int | None = None, code_lists: CodeLists | None = None
) -> SourceChanges:
    with store.reading() as connection:
        (found,) = changes_since(
            connection,
            code_lists or read_code_lists(connection),
            organisations=TRUSTS,
            indicators=[FDS, SIXTY_TWO],
            since_version=since_version,
        )
    return found


def two_releases(store: Store) -> int:
    """December's publication, then January's: October settled, November added."""
    first = put_rows(
        store,
        file("December", published_on=date(2023, 12, 14), latest_period_end=date(2023, 10, 31)),
        row("RWF", 1421, 1843, maturity=Maturity.PROVISIONAL),
        row("RVV", 70, 100, maturity=Maturity.PROVISIONAL),
        row("RPA", 1, 2, maturity=Maturity.PROVISIONAL),
    )
    put_rows(
        store,
        file("January", published_on=date(2024, 1, 11), latest_period_end=date(2023, 11, 30)),
        row("RWF", 1537, 1993),
        row("RVV", 70, 100),
        row("RWF", 900, 1000, period=NOVEMBER, maturity=Maturity.PROVISIONAL),
        row("RVV", 80, 100, period=NOVEMBER, maturity=Maturity.PROVISIONAL),
    )
    return first


def test_the_newest_release_adds_revises_settles_and_withdraws(store: Store) -> None:
    two_releases(store)
    found = changes(store)
    assert found.release.source == "cancer_waiting_times"
    assert [item.name for item in found.release.files] == ["January"]
    assert found.release.published_on == date(2024, 1, 11)
    assert found.release.reaches == date(2023, 11, 30)
    assert found.added == (AddedPeriod(FDS, Period.from_key(NOVEMBER), ("RVV", "RWF"), Maturity.PROVISIONAL),)
    (revised,) = found.revised
    assert (revised.before.organisation, revised.before.numerator, revised.before.denominator) == (
        "RWF", 1421, 1843,
    )  # fmt: skip
    assert (revised.after.numerator, revised.after.denominator) == (1537, 1993)
    assert revised.before.files[0].name == "December"
    assert revised.after.files[0].name == "January"
    (settled,) = found.settled
    assert (settled.before.organisation, settled.before.maturity, settled.after.maturity) == (
        "RVV", Maturity.PROVISIONAL, Maturity.FINAL,
    )  # fmt: skip
    assert [(item.organisation, item.numerator) for item in found.withdrawn] == [("RPA", 1)]
    assert found.replaced == ()


def test_since_a_version_is_since_that_state_of_the_store(store: Store) -> None:
    first = two_releases(store)
    second = put_rows(
        store,
        file("February", published_on=date(2024, 2, 8)),
        row("RWF", 1540, 1993, maturity=Maturity.REVISED),
        row("RVV", 70, 100),
    )
    found = changes(store, since_version=first)
    assert [(c.before.numerator, c.after.numerator) for c in found.revised] == [(1421, 1540)]
    assert [item.name for item in found.release.files] == ["February", "January"]
    assert found.release.published_on == date(2024, 2, 8)
    with store.reading() as connection:
        assert (
            changes_since(
                connection,
                read_code_lists(connection),
                organisations=TRUSTS,
                indicators=[FDS],
                since_version=second,
            )
            == ()
        )


def test_a_printed_figure_in_place_of_our_sum_is_no_revision(store: Store) -> None:
    put_rows(store, file(published_on=date(2024, 1, 11)), row("RVV", 70, 100, derived=True))
    put_rows(store, file(published_on=date(2024, 2, 8)), row("RVV", 72, 100))
    found = changes(store)
    assert found.revised == ()
    assert [(c.before.numerator, c.after.numerator) for c in found.replaced] == [(70, 72)]


def test_a_figure_of_another_basis_is_no_revision(store: Store) -> None:
    put_rows(store, file(published_on=date(2024, 1, 11)), row("RVV", 70, 100, basis="sub-ICB location"))
    put_rows(store, file(published_on=date(2024, 2, 8)), row("RVV", 72, 100, basis="commissioner"))
    found = changes(store)
    assert (found.revised, len(found.replaced)) == ((), 1)


def test_files_without_a_date_come_out_together_when_they_reach_equally_far(store: Store) -> None:
    for name, reach in (("old", OCTOBER), ("a", NOVEMBER), ("b", NOVEMBER), ("older", OCTOBER)):
        put_rows(
            store,
            file(name, latest_period_end=Period.from_key(reach).end),
            row("RVV" if name == "a" else "RPA", 1, 2, period=reach),
        )
    found = changes(store)
    assert [item.name for item in found.release.files] == ["b", "a"]
    assert found.release.published_on is None


def test_a_newest_release_loaded_first_is_compared_with_the_older_one_loaded_later(store: Store) -> None:
    put_rows(store, file(published_on=date(2026, 6, 11)), row("RVV", 182, 261))
    put_rows(store, file(published_on=date(2023, 11, 9)), row("RVV", 180, 258))
    put_rows(store, file(published_on=date(2024, 5, 9)), row("RVV", 181, 259))
    assert [(c.before.numerator, c.after.numerator) for c in changes(store).revised] == [(181, 182)]


def test_nothing_is_asked_for_nobody(store: Store) -> None:
    with store.reading() as connection:
        assert (
            changes_since(connection, read_code_lists(connection), organisations=TRUSTS, indicators=[FDS])
            == ()
        )
    two_releases(store)
    with store.reading() as connection:
        (found,) = changes_since(connection, read_code_lists(connection), organisations=[], indicators=[FDS])
    assert (found.added, found.revised, found.withdrawn) == ((), (), ())
    assert found.release.published_on == date(2024, 1, 11)


def numbers(figure: Figure) -> tuple[float, float]:
    return (figure.numerator, figure.denominator)


def slow_difference(before: dict[Key, Figure], after: dict[Key, Figure]) -> dict[str, set[Any]]:
    both = [key for key in before if key in after and before[key] != after[key]]
    alike = [key for key in both if numbers(before[key]) == numbers(after[key])]
    other = [key for key in both if key not in alike]
    revised = [key for key in other if before[key].derived == after[key].derived]
    return {
        "added": {key for key in after if key not in before},
        "revised": {(key, numbers(before[key]), numbers(after[key])) for key in revised},
        "settled": {key for key in alike if after[key].maturity > before[key].maturity},
        "withdrawn": {key for key in before if key not in after},
        "replaced": {(key, numbers(before[key]), numbers(after[key])) for key in other if key not in revised},
    }


def found_difference(found: SourceChanges) -> dict[str, set[Any]]:
    def key(item: Any) -> Key:
        return (item.indicator, item.period.key, item.breakdown, item.organisation)

    def pairs(items: Any) -> set[Any]:
        return {
            (
                key(item.before),
                (item.before.numerator, item.before.denominator),
                (item.after.numerator, item.after.denominator),
            )
            for item in items
        }

    return {
        "added": {
            (item.indicator, item.period.key, "all", code)
            for item in found.added
            for code in item.organisations
        },
        "revised": pairs(found.revised),
        "settled": {key(item.before) for item in found.settled},
        "withdrawn": {key(item) for item in found.withdrawn},
        "replaced": pairs(found.replaced),
    }


@pytest.mark.parametrize(("store_url", "seed"), in_turn((200, 201)), indirect=["store_url"])
def test_any_sequence_of_files_changes_what_two_slow_stores_differ_in(store: Store, seed: int) -> None:
    releases = random_releases(seed, in_order=True)
    versions = [put(store, release) for release in releases]
    after = store_after(releases)
    for count, version in list(enumerate(versions, 1))[:-1]:
        found = changes(store, since_version=version)
        assert found_difference(found) == slow_difference(store_after(releases[:count]), after)


@pytest.mark.parametrize(("store_url", "seed"), in_turn((300, 301)), indirect=["store_url"])
def test_the_newest_publication_is_what_the_slow_store_lacks_without_it(store: Store, seed: int) -> None:
    releases = [
        release for release in random_releases(seed, in_order=True) if release.file.published_on is not None
    ]
    for release in releases:
        put(store, release)
    newest = max(release.out_on for release in releases)
    before = store_after(release for release in releases if release.out_on < newest)
    found = found_difference(changes(store))
    assert found == slow_difference(before, store_after(releases))


def test_changes_are_two_queries_that_walk_an_index(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    two_releases(store)
    put_rows(store, fetched(file(), date(2024, 3, 1)), row("RVV", 1, 2))
    with store.reading() as connection:
        code_lists = read_code_lists(connection)
    asked: list[tuple[str, Any]] = []
    event.listen(
        store.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, parameters, _x, _m: asked.append((statement, parameters)),
    )
    changes(store, code_lists=code_lists)
    queries = [item for item in asked if "FROM" in item[0]]
    assert len(queries) == 2
    with store.reading() as connection:
        plans = [
            line[3]
            for line in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + queries[1][0], queries[1][1])
        ]
    store.close()
    touched = [plan for plan in plans if "observation" in plan]
    assert len(touched) == 5
    assert all(plan.startswith(("SEARCH observation", "SEARCH walk")) for plan in touched)
    assert [plan for plan in touched if "organisation_id=?" not in plan] == []
