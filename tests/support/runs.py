"""A run and its log, read back from a store."""

from __future__ import annotations

from db.domain.run import Run
from db.service.runs import run_by_id, run_log_of
from db.store import Store


def run_of(store: Store, run_id: int) -> Run:
    with store.reading() as connection:
        run = run_by_id(connection, run_id)
    assert run is not None
    return run


def log_of(store: Store, run_id: int) -> list[str]:
    with store.reading() as connection:
        return [line.message for line in run_log_of(connection, run_id)]
