"""`python -m etl schedule`, `work`, by which it begins each run in a process of its own, and `notify`."""

from __future__ import annotations

import gc
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from etl.commands.terminal import (
    Database,
    UntilInputCloses,
    console,
    opened_store,
    plainly,
    stop_when_input_closes,
)


def schedule(*, database: Database = None, until_input_closes: UntilInputCloses = False) -> None:
    """Run the scheduler. Several may run on one store: one leads, the others wait and take over."""
    from etl.service.scheduler import run_scheduler

    _log_to_stderr("%(asctime)s %(levelname)s %(message)s")
    if until_input_closes:
        stop_when_input_closes()
    with opened_store(database) as (store, settings):
        run_scheduler(store, settings)


def work_command(run_id: int, attempt: int) -> None:
    """Do one attempt of a run: the scheduler begins it, and it ends with the scheduler."""
    from db.service.processes import give_way

    give_way()
    with _without_collection():
        from db.settings import load_settings
        from db.store import open_store
        from etl.service.worker import end_with_leader, limit_memory, work

    _log_to_stderr(f"%(asctime)s %(levelname)s run {run_id}: %(message)s")
    end_with_leader()
    with plainly():
        settings = load_settings()
        limit_memory(settings.scheduler.memory_megabytes)
        store = open_store(settings.database_url, prepare=False)
        try:
            outcome = work(store, settings, run_id, attempt)
        finally:
            store.close()
    raise typer.Exit(outcome)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Import within this without looking for garbage, which imports make none of: a process begins sooner."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _log_to_stderr(form: str) -> None:
    logging.basicConfig(level=logging.INFO, format=form, stream=sys.stderr)
    for name in ("alembic", "httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)


def notify(
    *,
    test: Annotated[bool, typer.Option("--test", help="Send a test message and nothing else.")] = False,
    database: Database = None,
) -> None:
    """Send what is still to be said about failures, overdue publications and new figures."""
    from etl.service.notification import messenger, send_test, tell_incidents

    with opened_store(database) as (store, settings):
        receivers = messenger(settings.notify)
        if not receivers:
            told = "No receiver is set: name some in [notify] of config.toml, or in STP_NOTIFY__ADDRESSES."
            console.print(told, markup=False)
            raise typer.Exit(1)
        if not test:
            console.print(f"Messages sent: {tell_incidents(store, receivers, settings.notify.site)}")
        elif send_test(receivers):
            console.print(f"The test message was taken by all {len(receivers)} receivers.")
        else:
            console.print("The test message was not taken by every receiver: the log says by which.")
            raise typer.Exit(1)
