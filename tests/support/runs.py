"""`python -m etl` as a person runs it; a run and its log, read back from a store."""

from __future__ import annotations

from typer.testing import CliRunner, Result

from db.domain.run import Run
from db.service.runs import run_by_id, run_log_of
from db.store import Store
from etl.__main__ import application


def etl(*arguments: object, **environment: str) -> Result:
    """What `python -m etl` says and ends with, in this process: an error that it does not tell in words is raised."""
    return CliRunner().invoke(application, [*map(str, arguments)], env=environment, catch_exceptions=False)


def run_of(store: Store, run_id: int) -> Run:
    with store.reading() as connection:
        run = run_by_id(connection, run_id)
    assert run is not None
    return run


def log_of(store: Store, run_id: int) -> list[str]:
    with store.reading() as connection:
        return [line.message for line in run_log_of(connection, run_id)]
