"""Changes of the data are counted one by one, and those of a run are shown together: at its end, or some seconds on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from time import time

import pytest

from db.figures.data_version import CurrentState
from db.store import Store, open_store
from db.store.data_state import (
    SHOWN_SECONDS,
    ShownState,
    data_state,
    raise_data_version,
    show_all_loaded,
    shown_state,
)

NOW = 1_900_000_000.0


def change(store: Store, *, more_follow: bool = False) -> None:
    with store.writing() as connection:
        raise_data_version(connection, more_follow=more_follow)


def seen(store: Store, seconds: float = 0) -> tuple[int, int]:
    """How many changes there have been, and which of them pages are kept by, so many seconds from now."""
    with store.reading() as connection:
        return data_state(connection), shown_state(connection).at(time() + seconds)


@pytest.mark.parametrize(
    ("until", "shown"),
    [(NOW + 3, 5), (NOW + SHOWN_SECONDS, 5), (NOW, 7), (NOW - 1, 7), (NOW + SHOWN_SECONDS + 1, 7)],
)
def test_a_state_waits_for_seconds_and_a_wrong_clock_shows_it_at_once(until: float, shown: int) -> None:
    assert ShownState(7, 5, until).at(NOW) == shown
    assert ShownState(7, 0, until).at(NOW) == 7


def test_changes_of_a_run_are_shown_at_its_end_or_after_some_seconds(store: Store) -> None:
    change(store)
    assert seen(store) == (1, 1)
    for held in (2, 3):
        change(store, more_follow=True)
        assert seen(store) == (held, 1)
    assert seen(store, SHOWN_SECONDS) == (3, 3)
    with store.writing() as connection:
        show_all_loaded(connection)
    assert seen(store) == (3, 3)
    change(store, more_follow=True)
    assert seen(store) == (4, 3)
    change(store)
    assert seen(store) == (5, 5)


def test_the_first_figures_of_an_empty_store_do_not_wait(store: Store) -> None:
    change(store, more_follow=True)
    assert seen(store) == (1, 1)


def test_who_asks_at_every_request_sees_each_change_at_once(store: Store) -> None:
    current = CurrentState(store)
    assert current.at_present() == 0
    for held in (1, 2, 3):
        change(store)
        assert current.at_present() == held
    change(store, more_follow=True)
    assert current.at_present() == 3
    with store.writing() as connection:
        show_all_loaded(connection)
    assert current.at_present() == 4
    store.close()
    change(store)
    with ThreadPoolExecutor(8) as readers:
        assert set(readers.map(lambda _: current.at_present(), range(200))) == {5}


@pytest.mark.postgresql
def test_two_that_change_something_at_once_are_both_counted(new_postgresql_url: str) -> None:
    one, other = open_store(new_postgresql_url), open_store(new_postgresql_url)
    change(one)
    with one.writing() as first:
        raise_data_version(first)
        with ThreadPoolExecutor(1) as beside:
            second = beside.submit(change, other)
            with one.reading() as watching:
                waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                while not watching.exec_driver_sql(waiting).scalar():
                    pass
            first.commit()
            second.result()
    assert seen(one) == (3, 3)
    one.close()
    other.close()


@pytest.mark.postgresql
def test_a_connection_that_the_server_has_ended_is_opened_again(new_postgresql_url: str) -> None:
    store = open_store(new_postgresql_url)
    current = CurrentState(store)
    change(store)
    assert current.at_present() == 1
    with store.writing() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert current.at_present() == 1
    change(store)
    assert current.at_present() == 2
    store.close()
