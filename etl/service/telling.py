"""News for readers: worked out, noted and sent by a process of the site's own, which this one begins when any wait."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

from db.service.follow.waiting import work_waits
from db.settings import Settings
from db.store import DBAPIError, Store

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_SECONDS = 1800.0
_LOG = logging.getLogger(__name__)


def tell_readers(store: Store, settings: Settings) -> bool:
    """Have what waits told and sent; whether anything waited. What fails is logged, and waits on.

    The site works news out, by the same functions as its pages: the loading half knows none of them.
    """
    with store.reading() as connection:
        mailing, own = bool(settings.mail.host), settings.own_area.commissioner
        if not work_waits(connection, own, date.today(), datetime.now(UTC), mailing=mailing):
            return False
    done = subprocess.run(
        [sys.executable, "-m", "stp_dash", "tell", "--gently"],
        env={
            **os.environ,
            "DATABASE_URL": settings.database_url,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )
    if done.returncode:
        _LOG.error("news could not be told: %s", " ".join(done.stderr.strip().splitlines()[-1:]))
    return True


@contextmanager
def telling_readers(store: Store, settings: Settings) -> Iterator[None]:
    """Tell readers from a thread of its own for as long as this process leads."""
    over = threading.Event()

    def keep_on() -> None:
        while not over.wait(settings.notify.every_seconds):
            try:
                tell_readers(store, settings)
            except DBAPIError as error:
                _LOG.error("news cannot be told: the store: %s", error.orig)
            except (OSError, subprocess.TimeoutExpired) as error:
                _LOG.error("news cannot be told", exc_info=error)

    at_work = threading.Thread(target=keep_on, name="news", daemon=True)
    at_work.start()
    try:
        yield
    finally:
        over.set()
        at_work.join(timeout=1)
