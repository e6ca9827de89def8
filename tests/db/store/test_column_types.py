"""Moments keep their instant and come back in UTC on both databases; one without a zone is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import StatementError

from db.store import Store, open_store
from db.store.schema import audit

LONDON = datetime(2026, 7, 3, 9, 45, 12, 345_678, tzinfo=ZoneInfo("Europe/London"))
REST = {"actor": "someone", "action": "a test", "subject": "moments"}


def test_a_moment_comes_back_in_utc_whatever_its_zone(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(insert(audit).values(at=LONDON, **REST))
        found = connection.execute(select(audit.c.at)).scalar_one()
        newest = connection.execute(select(func.max(audit.c.at))).scalar_one()
        later = connection.execute(select(audit.c.id).where(audit.c.at > LONDON - timedelta(seconds=1)))
        assert later.scalar() is not None
    assert found == newest == LONDON
    assert found.tzinfo is newest.tzinfo is UTC


def test_no_moment_comes_back_as_none(store: Store) -> None:
    with store.reading() as connection:
        assert connection.execute(select(func.max(audit.c.at))).scalar() is None


def test_a_moment_without_a_zone_is_refused(store: Store) -> None:
    with (
        store.writing() as connection,
        pytest.raises(StatementError, match=r"its time zone, found 2026-07-03"),
    ):
        connection.execute(insert(audit).values(at=LONDON.replace(tzinfo=None), **REST))


def test_sqlite_keeps_the_text_that_it_kept_before(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with store.writing() as connection:
        connection.execute(insert(audit).values(at=LONDON, **REST))
        kept = connection.exec_driver_sql("SELECT at FROM audit").scalar_one()
    store.close()
    assert kept == "2026-07-03 08:45:12.345678"
