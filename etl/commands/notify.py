"""`python -m etl notify`: messages about incidents, sent now, and a test message."""

from __future__ import annotations

from typing import Annotated

import typer

from etl.commands.terminal import Database, console, opened_store
from etl.service.notification import messenger, send_test, tell_incidents


def notify(
    *,
    test: Annotated[bool, typer.Option("--test", help="Send a test message and nothing else.")] = False,
    database: Database = None,
) -> None:
    """Send what is still to be said about failures, overdue publications and new figures."""
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
