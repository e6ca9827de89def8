"""What a store holds, compared before and after a fault, what it recorded of the fault, and its runs done in order."""

from __future__ import annotations

from sqlalchemy import text as sql

from db.domain.run import Run
from db.service.queue import claim
from db.service.runs import run_by_id
from db.settings import Settings
from db.store import Store
from etl.service.worker import work

Rows = list[tuple[object, ...]]


def rows(store: Store, statement: str) -> Rows:
    with store.reading() as connection:
        return [tuple(row) for row in connection.execute(sql(statement))]


def figures(store: Store) -> dict[str, Rows]:
    """Every figure, revision and loaded file, and the count of loads."""
    key = "indicator_id, period_id, breakdown_id, organisation_id"
    return {
        "observation": rows(store, f"SELECT * FROM observation ORDER BY {key}"),
        "revisions": rows(store, f"SELECT * FROM observation_revision ORDER BY {key}, source_file_id"),
        "files": rows(store, "SELECT id, name, sha256, url FROM source_file ORDER BY id"),
        "latest": rows(store, "SELECT * FROM latest_period ORDER BY 1, 2, 3"),
        "version": rows(store, "SELECT value FROM store_meta WHERE name = 'data_version'"),
    }


def last_run(store: Store) -> tuple[object, ...]:
    """The newest run's state, message, and files loaded and refused."""
    (run,) = rows(
        store,
        "SELECT state, message, files_loaded, files_refused FROM load_run ORDER BY id DESC LIMIT 1",
    )
    return run


def last_findings(store: Store) -> list[tuple[str, str, str]]:
    """The newest run's findings: file, severity and message."""
    found = rows(
        store,
        "SELECT file_name, severity, message FROM finding "
        "WHERE load_run_id = (SELECT max(id) FROM load_run) ORDER BY id",
    )
    return [(str(name), str(severity), str(message)) for name, severity, message in found]


def held(store: Store) -> Rows:
    """Held files: name, kind and state."""
    return rows(store, "SELECT name, kind, state FROM held_file ORDER BY id")


def worked(store: Store, settings: Settings) -> Run:
    """The run that waits, done as the service's worker does it."""
    with store.writing() as connection:
        run = claim(connection, 1, given=True)
    assert run is not None
    work(store, settings, run.id, run.attempt)
    with store.reading() as connection:
        done = run_by_id(connection, run.id)
    assert done is not None
    return done
