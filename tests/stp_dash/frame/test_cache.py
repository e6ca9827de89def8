"""Pages are kept for one state of the data: made once, and never shown after the data or the day has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text

from db.domain.holdings import DataVersion
from db.store import Store
from db.store.data_state import raise_data_version
from stp_dash.application import create_app
from stp_dash.frame.cache import Cache, CacheKey
from tests.support.seed import ordinary_rows, seeded_store

SERIES = "/download/data.csv?indicator=cancer-62-day-combined&organisation=RWF&sheet=series"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = seeded_store(tmp_path / "store.sqlite", ordinary_rows())
    yield found
    found.close()


@contextmanager
def counted(store: Store) -> Iterator[list[str]]:
    """The queries of observations meanwhile."""
    found: list[str] = []

    def keep(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if re.search(r"\bobservation\b", statement):
            found.append(statement)

    event.listen(store.engine, "before_cursor_execute", keep)
    yield found
    event.remove(store.engine, "before_cursor_execute", keep)


def page(client: FlaskClient, path: str, search: str = "") -> str:
    value = {"path": path, "search": search, "width": "desktop", "origin": ""}
    asked = {
        "output": "page.children",
        "outputs": {"id": "page", "property": "children"},
        "inputs": [{"id": "request", "property": "data", "value": value}],
        "changedPropIds": ["request.data"],
    }
    answer = client.post("/_dash-update-component", json=asked)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def test_a_page_is_made_once_for_a_state_of_the_data(store: Store) -> None:
    client = create_app(store).server.test_client()
    first = page(client, "/trend")
    with counted(store) as queries:
        assert page(client, "/trend") == first
        assert queries == []
        page(client, "/trend", "?organisation=RWF")
        assert queries != []


def test_changed_figures_are_shown_at_once(store: Store) -> None:
    client = create_app(store).server.test_client()
    before, series = page(client, "/trend"), client.get(SERIES).data
    with store.writing() as connection:
        connection.execute(text("UPDATE observation SET value = 12.3, numerator = NULL, denominator = NULL"))
        raise_data_version(connection)
    after = page(client, "/trend")
    assert "12.3" not in before
    assert "12.3" in after
    assert client.get(SERIES).data != series
    assert client.get(SERIES).data.count(b",12.3,") > 3


def test_what_runs_at_this_moment_is_never_kept(store: Store) -> None:
    client = create_app(store).server.test_client()
    page(client, "/operations")
    found: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _u, statement, *_: found.append(statement))
    page(client, "/operations")
    assert [statement for statement in found if "load_run" in statement] != []


def test_one_series_is_downloaded_without_the_rest_of_its_page(store: Store) -> None:
    client = create_app(store).server.test_client()
    with counted(store) as queries:
        whole = client.get(SERIES).get_data(as_text=True)
        assert len(queries) == 1
        assert client.get(SERIES).get_data(as_text=True) == whole
        assert len(queries) == 1
    assert "period,period_start,period_end,organisation_code,organisation_name,indicator,unit,value" in whole


@dataclass(frozen=True)
class LetterKey(CacheKey[str]):
    letter: str
    most: ClassVar[int] = 2


@dataclass(frozen=True)
class OtherKey(CacheKey[str]):
    letter: str


@dataclass(frozen=True)
class SourceKey(CacheKey[str]):
    source: str

    @property
    def of_source(self) -> str:
        return self.source


@dataclass(frozen=True)
class NameKey(CacheKey[str]):
    of_names: ClassVar[bool] = True


def _version(state: int) -> DataVersion:
    return DataVersion(state, None, demonstration=False, state=state)


def test_the_last_used_of_a_kind_are_kept() -> None:
    cache, made = Cache(), list[str]()

    def get(letter: str) -> str:
        def make() -> str:
            made.append(letter)
            return letter.upper()

        return cache.get(_version(1), LetterKey(letter), make)

    assert [get(letter) for letter in "abacab"] == list("ABACAB")
    assert made == ["a", "b", "c", "b"]


def test_kinds_are_kept_apart_and_two_states_of_the_data_at_a_time() -> None:
    cache = Cache()
    assert cache.get(_version(1), LetterKey("a"), lambda: "one") == "one"
    assert cache.get(_version(1), OtherKey("a"), lambda: "other") == "other"
    assert cache.get(_version(2), LetterKey("a"), lambda: "two") == "two"
    assert cache.get(_version(1), LetterKey("a"), lambda: "again") == "one"
    assert cache.get(_version(3), OtherKey("a"), lambda: "three") == "three"
    assert cache.get(_version(1), OtherKey("a"), lambda: "made anew") == "made anew"


def test_what_is_made_of_names_alone_outlives_a_load_that_brings_none() -> None:
    cache, made = Cache(), list[int]()

    def get(state: int, names: int) -> int:
        version = DataVersion(state, None, demonstration=False, state=state, names=names)

        def make() -> str:
            made.append(state)
            return str(state)

        return int(cache.get(version, NameKey(), make))

    assert [get(1, 1), get(2, 1), get(3, 1), get(4, 2), get(5, 2), get(5, 3)] == [1, 1, 1, 4, 4, 5]
    assert made == [1, 4, 5]


def test_what_is_made_of_a_source_alone_outlives_loads_of_others() -> None:
    cache, made = Cache(), list[int]()

    def get(state: int, names: int = 1, **changes: int) -> int:
        noted = tuple(sorted(changes.items()))
        version = DataVersion(state, None, demonstration=False, state=state, names=names, changes=noted)

        def make() -> str:
            made.append(state)
            return str(state)

        return int(cache.get(version, SourceKey("ssnap"), make))

    assert [get(1, ssnap=1), get(2, ssnap=1, cancer=2), get(3, ssnap=3, cancer=2)] == [1, 1, 3]
    assert get(4, names=2, ssnap=3, cancer=4) == 4, "another file named an organisation"
    assert get(5, names=2, **{"": 5}, ssnap=3, cancer=4) == 5, "a change that is no source's"
    assert get(6, names=2, ssnap=3, cancer=4) == 6, "a change that was not noted by its source"
    assert made == [1, 3, 4, 5, 6]


def test_a_load_of_a_source_leaves_what_profiles_and_the_overview_know_of_others(store: Store) -> None:
    """The spreads of a profile's peers, and what the newest releases changed, are read for what a load touched."""
    client = create_app(store).server.test_client()
    addresses = [("/organisation", "?organisation=RVV"), ("/", "")]
    before = [page(client, *address) for address in addresses]
    asked = {}
    for source in ("", "general_practice_workforce", "cancer_waiting_times"):
        with store.writing() as connection:
            raise_data_version(connection, names=False, sources=[source] if source else [])
        with counted(store) as found:
            assert [page(client, *address) for address in addresses] == before
        asked[source] = sum("walk" in words or "organisation.type" in words for words in found)
    assert asked["general_practice_workforce"] == 0
    assert asked[""] == asked["cancer_waiting_times"] > 1


def test_a_load_of_figures_alone_leaves_names_and_its_file_is_known(store: Store) -> None:
    client = create_app(store).server.test_client()
    page(client, "/trend")
    with store.writing() as connection:
        raise_data_version(connection, names=False)
    found: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _u, statement, *_: found.append(statement))
    page(client, "/trend")
    assert [words for words in found if "FROM source_file" in words] != []
    assert [words for words in found if words.startswith("SELECT organisation.id, organisation.code")] == []
    with store.writing() as connection:
        raise_data_version(connection)
    page(client, "/trend")
    assert [words for words in found if words.startswith("SELECT organisation.id, organisation.code")] != []
