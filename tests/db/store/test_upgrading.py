"""A store that an earlier version of this program made is brought up to date in place, and its rows stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import make_url

from db.domain.run import RunKind
from db.service.runs import last_found, recent_runs, run_log_of
from db.store import open_store
from db.store.opening import MIGRATIONS, schema_revisions

BEFORE = "0004"
CANCER = "cancer_waiting_times"
AT = datetime(2026, 7, 3, 8, 45, 12, 345_678, tzinfo=UTC)
MOMENT = sa.DateTime(timezone=True)
RUNS: list[tuple[str | None, str, str, RunKind]] = [
    (CANCER, "schedule", '{"kind": "refresh"}', RunKind.REFRESH),
    (CANCER, "command", "{}", RunKind.REFRESH),
    (None, "command", "{}", RunKind.LOAD),
    (None, "upload", '{"kind": "load", "path": "/raw/uploads/ab/august.xlsx"}', RunKind.LOAD),
    (CANCER, "site", '{"kind": "backfill", "first": "2022-04", "dry_run": true}', RunKind.BACKFILL),
    (CANCER, "backfill", "{}", RunKind.BACKFILL),
    ("ssnap", "site", '{"kind": "retry held file", "held_file": 3}', RunKind.RETRY_HELD_FILE),
    ("ssnap", "held file", "{}", RunKind.RETRY_HELD_FILE),
    ("ssnap", "demonstration", "{}", RunKind.DEMONSTRATION),
    (CANCER, "page", '{"kind": "a kind of another program"}', RunKind.REFRESH),
    (CANCER, "page", "no JSON", RunKind.REFRESH),
]
"""Of each run its source, its trigger and its request, as they were written, and the kind that it is of."""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def old_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store as the code before left it: its tables, and rows in those of runs and their logs."""
    url = f"sqlite:///{tmp_path}/old.sqlite"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("new_postgresql_url"))
    engine = engine_of(url)
    with engine.begin() as connection:
        if request.param == "postgresql":
            connection.exec_driver_sql("DROP SCHEMA public CASCADE")
            connection.exec_driver_sql("CREATE SCHEMA public")
        configuration = Config()
        configuration.set_main_option("script_location", str(MIGRATIONS))
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, BEFORE)
        for table, rows in old_rows():
            connection.execute(sa.insert(table), rows)
    engine.dispose()
    return url


def engine_of(url: str) -> sa.Engine:
    return sa.create_engine(make_url(url.replace("postgresql://", "postgresql+psycopg://")))


def columns(*names: str, **types: Any) -> list[sa.ColumnClause[Any]]:
    return [*(sa.column(name) for name in names), *(sa.column(name, kind) for name, kind in types.items())]


def old_rows() -> Iterator[tuple[sa.TableClause, list[dict[str, object]]]]:
    counts = dict.fromkeys(("files_loaded", "files_unchanged", "files_refused"), 1) | dict.fromkeys(
        ("rows_new", "rows_revised", "rows_unchanged", "rows_withdrawn"), 7
    )
    words = (
        "id",
        "source",
        "trigger",
        "requested_by",
        "attempt",
        "state",
        "message",
        "code_version",
        "request",
    )
    runs = sa.table(
        "load_run", *columns(*words, *counts, requested_at=MOMENT, finished_at=MOMENT, slot=MOMENT)
    )
    yield (
        runs,
        [
            {
                "id": number, "source": source, "trigger": trigger, "requested_by": "someone", "attempt": 1,
                "state": "succeeded", "message": f"run {number}", "code_version": "0.1.0", "request": asked,
                "requested_at": AT, "finished_at": AT + timedelta(minutes=number),
                "slot": AT if trigger == "schedule" else None, **counts,
            }
            for number, (source, trigger, asked, _) in enumerate(RUNS, start=1)
        ],
    )  # fmt: skip
    log = sa.table("run_log", *columns("id", "load_run_id", "level", "message", at=MOMENT))
    yield log, [{"id": 1, "load_run_id": 1, "level": "INFO", "message": "ended", "at": AT}]
    lease = sa.table(
        "lease",
        *columns("name", "holder", "fencing", acquired_at=MOMENT, heartbeat_at=MOMENT, expires_at=MOMENT),
    )
    signs = dict.fromkeys(("acquired_at", "heartbeat_at", "expires_at"), AT)
    yield lease, [{"name": "scheduler", "holder": "machine:7", "fencing": 4, **signs}]


def stored(url: str) -> dict[str, list[dict[str, Any]]]:
    """The rows of the old tables as the driver gives them: on SQLite moments are the text that is stored."""
    engine = engine_of(url)
    with engine.connect() as connection:
        found = {
            name: [
                dict(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY 1").mappings()
            ]
            for name in ("load_run", "run_log", "lease")
        }
    engine.dispose()
    return found


def test_a_store_of_before_keeps_its_rows_and_learns_the_kinds_of_its_runs(old_url: str) -> None:
    before = stored(old_url)
    assert len(before["load_run"]) == len(RUNS)
    open_store(old_url).close()
    after = stored(old_url)
    kinds = [row.pop("kind") for row in after["load_run"]]
    assert {row.pop("activity") for row in after["load_run"]} == {None}
    assert after == before
    assert kinds == [kind.value for *_, kind in RUNS]
    with closing(open_store(old_url)) as store, store.reading() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == schema_revisions()[-1]


def test_the_code_reads_what_was_written_before(old_url: str) -> None:
    readable = [number for number, (_, _, asked, _) in enumerate(RUNS, start=1) if asked.startswith("{")]
    with closing(open_store(old_url)) as store:
        with store.writing() as connection:
            connection.exec_driver_sql("UPDATE load_run SET request = '{}' WHERE request = 'no JSON'")
        with store.reading() as connection:
            runs = {run.id: run for run in recent_runs(connection)}
            (line,) = run_log_of(connection, 1)
            found = last_found(connection, "ssnap")
    for number in readable:
        source, trigger, asked, kind = RUNS[number - 1]
        run = runs[number]
        assert (run.source, run.trigger, run.kind, run.request) == (source, trigger, kind, json.loads(asked))
        assert (run.requested_at, run.finished_at) == (AT, AT + timedelta(minutes=number))
    assert (runs[1].slot, line.at, runs[1].slot and runs[1].slot.tzinfo) == (AT, AT, UTC)
    assert found == AT + timedelta(minutes=8)


def test_a_store_can_be_taken_back(old_url: str) -> None:
    before = stored(old_url)
    with closing(open_store(old_url)) as store, store.writing() as connection:
        configuration = Config()
        configuration.set_main_option("script_location", str(MIGRATIONS))
        configuration.attributes["connection"] = connection
        command.downgrade(configuration, BEFORE)
    assert stored(old_url) == before
