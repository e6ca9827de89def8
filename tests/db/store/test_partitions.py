"""The table of observations in parts: on a real PostgreSQL, with real loads before and after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import event, insert, select, text

from db.domain import LoadCounts, Period
from db.figures.code_lists import read_code_lists
from db.figures.columns import observation_columns
from db.loading.load import load_frame
from db.store import Store, open_store, partitions
from db.store.audit import audit_entries
from db.store.partitions import REST, PartitionError, partition, read_layout
from db.store.schema import indicator, metadata, observation
from tests.support.frames import FDS, NOVEMBER, SIXTY_TWO, file, frame, row
from tests.support.runs import etl

ROOT = Path(__file__).resolve().parents[3]
TEAMS = "stroke-thrombolysis-within-60-minutes"


@pytest.fixture
def filled(new_postgresql_url: str) -> Iterator[Store]:
    """Two sources' figures, some of them revised."""
    with closing(open_store(new_postgresql_url)) as store:
        load(store, row("RVV", 70, 100), row("RWF", 80, 100), row("RVV", 6, 9, indicator=SIXTY_TWO))
        load(store, row("RVV", 71, 100), row("RWF", 80, 100), row("RVV", 6, 9, indicator=SIXTY_TWO))
        load(store, row("RVV", 3, 4, indicator=TEAMS), source="ssnap")
        yield store


def load(store: Store, *rows: dict[str, object], source: str = "cancer_waiting_times") -> LoadCounts:
    described = replace(file(), source_id=source)
    with store.writing() as connection:
        return load_frame(connection, frame(*rows), described, catalogue=store.catalogue)


def of_a_part(difference: Any) -> bool:
    """Whether a difference from the declared schema is a part of the table, or a part's index."""
    what, of = difference[:2]
    name = of.name if what == "remove_table" else of.table.name if what == "remove_index" else ""
    return str(name).startswith("observation_")


def rows_of(store: Store) -> list[Any]:
    with store.reading() as connection:
        return sorted(connection.execute(select(observation)).all(), key=str)


def asked(store: Store, statement: str) -> list[Any]:
    with store.reading() as connection:
        return list(connection.execute(text(statement)).scalars())


@pytest.mark.postgresql
def test_rows_names_and_rights_stay_as_they_were(filled: Store) -> None:
    with filled.writing() as connection:
        connection.execute(text("GRANT SELECT ON observation, current_observation TO PUBLIC"))
    names = "SELECT indexname FROM pg_indexes WHERE tablename = 'observation' ORDER BY 1"
    before, indexes = rows_of(filled), asked(filled, names)
    view = "SELECT value FROM current_observation ORDER BY 1"
    told = asked(filled, view)
    found = partition(filled, by="tester")
    assert rows_of(filled) == before
    assert len(before) == 4
    assert found.done
    assert sorted(found.parts) == [
        "observation_acute_discharge",
        "observation_cancer_waiting_times",
        "observation_delayed_transfers",
        "observation_diagnostics",
        "observation_fingertips",
        "observation_general_practice_workforce",
        REST,
        "observation_outcomes_framework",
        "observation_oversight_framework",
        "observation_population",
        "observation_referral_to_treatment",
        "observation_ssnap",
    ]
    assert asked(filled, "SELECT count(*) FROM observation_ssnap") == [1]
    assert asked(filled, "SELECT count(*) FROM observation_cancer_waiting_times") == [3]
    assert asked(filled, names) == indexes
    assert asked(filled, view) == told
    assert len(told) == 4
    granted = "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = 'PUBLIC' AND table_name = '{}'"
    for name in ("observation", "current_observation"):
        assert asked(filled, granted.format(name)) == [1]
    with filled.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found_else = [item for item in compare_metadata(context, metadata) if not of_a_part(item)]
        assert found_else == []
        (entry,) = audit_entries(connection, subject="observation")
    assert (entry.actor, entry.action) == ("tester", "partition")


@pytest.mark.postgresql
def test_loads_go_on_afterwards_as_they_did(filled: Store) -> None:
    partition(filled, by="tester")
    new = load(filled, row("RVV", 75, 100, period=NOVEMBER), row("RN7", 1, 2, period=NOVEMBER))
    assert new == LoadCounts(new=2)
    revised = load(filled, row("RVV", 72, 100), row("RWF", 80, 100))
    assert (revised.revised, revised.unchanged) == (1, 1)
    assert load(filled, row("RVV", 72, 100)).withdrawn == 1
    kept = "SELECT numerator FROM observation_revision r JOIN indicator i ON i.id = indicator_id AND i.code = '{}'"
    assert sorted(asked(filled, kept.format(FDS))) == [70, 71, 80]
    assert asked(filled, f"SELECT count(*) FROM {REST}") == [0]


@pytest.mark.postgresql
def test_it_is_done_once_and_again_for_an_indicator_that_came_later(filled: Store) -> None:
    first = partition(filled, by="tester")
    oids = "SELECT 'observation'::regclass::oid::bigint"
    stands = asked(filled, oids)
    assert partition(filled, by="tester") == first
    assert asked(filled, oids) == stands
    with filled.writing() as connection:
        values = dict(connection.execute(select(indicator).where(indicator.c.code == FDS)).one()._mapping)
        connection.execute(insert(indicator).values(values | {"id": 999, "code": "newer", "source": "later"}))
        held = dict(connection.execute(select(observation).limit(1)).one()._mapping)
        connection.execute(insert(observation).values(held | {"indicator_id": 999}))
    assert asked(filled, f"SELECT count(*) FROM {REST}") == [1]
    assert read_layout(filled).unplaced == ("newer",)
    again = partition(filled, by="tester")
    assert again.done
    assert again.parts["observation_later"] == {999}
    assert asked(filled, f"SELECT count(*) FROM {REST}") == [0]
    assert len(rows_of(filled)) == 5


@pytest.mark.postgresql
def test_queries_for_one_indicator_look_into_one_part(filled: Store) -> None:
    partition(filled, by="tester")
    seen: list[tuple[str, Any]] = []
    with filled.reading() as connection:
        code_lists = read_code_lists(connection)
        event.listen(connection, "before_cursor_execute", lambda *told: seen.append((told[2], told[3])))
        found = observation_columns(connection, code_lists, indicator_code=FDS, at=[Period.month(2023, 10)])
        assert sorted(found.values) == [71.0, 80.0]
    with filled.reading() as connection:
        ((statement, parameters),) = seen
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN (ANALYZE) {statement}", parameters).scalars())
    looked = {
        part: [line for line in plan.splitlines() if f" on {part}" in line]
        for part in read_layout(filled).parts
    }
    assert any("actual time" in line for line in looked.pop("observation_cancer_waiting_times"))
    assert all("never executed" in line for lines in looked.values() for line in lines), plan


@pytest.mark.postgresql
def test_a_load_that_comes_between_is_kept_and_the_copy_is_not(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def meanwhile(store: Store) -> None:
        load(store, row("RVV", 90, 100, period=NOVEMBER))

    monkeypatch.setattr(partitions, "_await_older_readers", meanwhile)
    with pytest.raises(PartitionError, match="a load changed the figures meanwhile"):
        partition(filled, by="tester")
    assert read_layout(filled).parts == {}
    assert len(rows_of(filled)) == 5
    assert asked(filled, "SELECT count(*) FROM pg_class WHERE relname LIKE 'observation_copy%'") == [0]


@pytest.mark.postgresql
def test_it_waits_for_older_readers_and_gives_up_in_the_end(
    filled: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "_READERS_SECONDS", 0.2)
    with filled.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM store_meta")).scalar_one() > 0
        with pytest.raises(PartitionError, match="a transaction has been open"):
            partition(filled, by="tester")
        assert connection.execute(text("SELECT count(*) FROM observation")).scalar_one() == 4
    assert partition(filled, by="tester").done


@pytest.mark.postgresql
def test_who_holds_the_table_is_not_waited_for_long(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "_await_older_readers", lambda _store: None)
    monkeypatch.setattr(partitions, "_LOCK_SECONDS", 0.1)
    with filled.writing() as connection:
        connection.execute(text("LOCK TABLE observation IN ROW EXCLUSIVE MODE"))
        with pytest.raises(PartitionError, match="a load or a backup holds the table"):
            partition(filled, by="tester")
    assert read_layout(filled).parts == {}


def command(url: str, *arguments: str) -> tuple[int, str]:
    done = etl("store", "partition", *arguments, DATABASE_URL=url)
    return done.exit_code, " ".join(done.output.split())


@pytest.mark.postgresql
def test_the_command_says_from_which_size_on_it_pays(new_postgresql_url: str) -> None:
    status, told = command(new_postgresql_url)
    assert (status, "Parts pay from 50,000,000 on. Nothing was changed" in told) == (0, True)
    status, told = command(new_postgresql_url, "--anyway")
    assert (status, "The table is in parts: observation_acute_discharge" in told) == (0, True)
    status, told = command(new_postgresql_url)
    assert (status, "in parts already" in told) == (0, True)


def test_a_sqlite_store_has_no_parts(sqlite_url: str) -> None:
    status, told = command(sqlite_url)
    assert status == 1
    assert told == "Error: only PostgreSQL keeps a table in parts; this store is a SQLite file, and stays one"
