"""Incidents and their messages: one for each, one when it is over, sent to a real receiver on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from db.catalogue.source_files import publications
from db.domain import Period
from db.domain.timing import CronDefinition
from db.service.incidents import IncidentKind, incidents, to_tell, update_incidents
from db.service.schedules import save_schedule, set_enabled
from db.settings import NotifySettings, SettingsError
from db.store import Store
from db.store.schema import indicator, latest_period, load_run, period, source_file
from etl.service.notification import messenger, send_test, tell_incidents
from tests.support.frames import file, row
from tests.support.releases import put_rows

SOURCE, NAME = "cancer_waiting_times", publications()["cancer_waiting_times"].name
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


class Receiver:
    """A web server that keeps the messages posted to it, and refuses them while `broken`."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.broken = False
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not receiver.broken:
                    receiver.messages.append(json.loads(body))
                self.send_response(500 if receiver.broken else 200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server.server_port}/"

    @property
    def titles(self) -> list[str]:
        return [message["title"] for message in self.messages]

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    opened = Receiver()
    yield opened
    opened.close()


@pytest.fixture
def scheduled(store: Store) -> Store:
    save_schedule(store, SOURCE, CronDefinition(cron="0 6 * * *"), by="tester", version=0)
    return store


def run(store: Store, state: str, at: datetime, message: str = "", rows_new: int = 0) -> None:
    row = {
        "source": SOURCE,
        "trigger": "schedule",
        "requested_by": "tester",
        "state": state,
        "requested_at": at,
        "finished_at": at,
        "code_version": "0",
        "message": message,
        "rows_new": rows_new,
    }
    with store.writing() as connection:
        connection.execute(insert(load_run).values(row))


def hold(store: Store, item: Period, kind: str = "trust") -> None:
    """Say that the store holds figures of cancer waits up to a period."""
    with store.writing() as connection:
        place = {"id": item.key, "start": item.start, "end": item.end, "frequency": item.frequency.value}
        connection.execute(insert(period).values(place))
        own = connection.execute(
            select(indicator.c.id).where(indicator.c.source == SOURCE).limit(1)
        ).scalar_one()
        connection.execute(
            insert(latest_period).values(
                indicator_id=own, organisation_type=kind, frequency="month", period_id=item.key
            )
        )


def receivers(receiver: Receiver) -> Any:
    return messenger(NotifySettings(addresses=(receiver.address,)))


def test_a_failure_is_told_once_and_its_end_once(scheduled: Store, receiver: Receiver) -> None:
    told = receivers(receiver)
    recent = datetime.now(UTC)
    run(scheduled, "failed", recent - timedelta(hours=3), "the page has no link for August 2026")
    assert [tell_incidents(scheduled, told) for _ in range(3)] == [1, 0, 0]
    run(scheduled, "failed", recent - timedelta(hours=2), "the page has no link for August 2026")
    assert tell_incidents(scheduled, told) == 0
    run(scheduled, "unchanged", recent - timedelta(hours=1))
    assert [tell_incidents(scheduled, told) for _ in range(2)] == [1, 0]
    assert receiver.titles == [f"A refresh failed: {NAME}", f"Over: a refresh failed: {NAME}"]
    assert "the page has no link for August 2026" in receiver.messages[0]["message"]
    assert [message["type"] for message in receiver.messages] == ["failure", "success"]


def test_a_message_that_is_not_taken_is_sent_again(scheduled: Store, receiver: Receiver) -> None:
    told = receivers(receiver)
    run(scheduled, "timed out", datetime.now(UTC), "after 60 minutes")
    receiver.broken = True
    assert tell_incidents(scheduled, told) == 0
    receiver.broken = False
    assert tell_incidents(scheduled, told) == 1
    assert receiver.titles == [f"A refresh failed: {NAME}"]


def test_new_figures_are_told_once_with_their_rows(scheduled: Store, receiver: Receiver) -> None:
    told = receivers(receiver)
    run(scheduled, "succeeded", datetime.now(UTC) - timedelta(minutes=5), rows_new=4655)
    assert [tell_incidents(scheduled, told) for _ in range(2)] == [1, 0]
    assert "4,655 rows new" in receiver.messages[0]["message"]
    run(scheduled, "succeeded", datetime.now(UTC), rows_new=12)
    assert tell_incidents(scheduled, told) == 1


def test_an_upload_is_told_by_the_source_of_its_files(scheduled: Store, receiver: Receiver) -> None:
    put_rows(scheduled, file("a person's own file"), row("RVV", 70, 100))
    moment = datetime.now(UTC)
    with scheduled.writing() as connection:
        values = {
            "trigger": "site",
            "requested_by": "operator",
            "state": "succeeded",
            "requested_at": moment,
            "finished_at": moment,
            "code_version": "0",
            "rows_revised": 210,
            "rows_withdrawn": 3,
        }
        made = connection.execute(insert(load_run).values(values)).inserted_primary_key
        assert made is not None
        connection.execute(update(source_file).values(load_run_id=made[0]))
    tell_incidents(scheduled, receivers(receiver))
    assert tell_incidents(scheduled, receivers(receiver)) == 0
    (message,) = (item for item in receiver.messages if "rows new" in item["message"])
    assert "0 rows new, 210 revised, 3 withdrawn" in message["message"]
    assert NAME in message["title"]


@pytest.mark.parametrize(
    ("day", "late"),
    [(date(2026, 11, 12), False), (date(2026, 11, 13), True), (date(2026, 12, 1), True)],
)
def test_a_publication_is_overdue_from_the_day_after_its_usual_one(
    scheduled: Store, day: date, late: bool
) -> None:
    """August 2026 is out on the second Thursday of October; September on 12 November 2026."""
    hold(scheduled, Period.month(2026, 8))
    moment = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    with scheduled.writing() as connection:
        update_incidents(connection, moment)
        found = incidents(connection, open_only=True)
    assert [item.kind for item in found] == ([IncidentKind.OVERDUE] if late else [])
    if late:
        assert "figures after August 2026 were expected 12 November 2026" in found[0].message


def test_each_level_that_is_behind_is_an_incident_of_its_own(scheduled: Store) -> None:
    """England's October 2026 is out on 10 December 2026; trusts' August 2026 was followed by nothing."""
    hold(scheduled, Period.month(2026, 8))
    hold(scheduled, Period.month(2026, 10), "country")
    told = []
    for moment in (NOW, datetime(2027, 1, 20, 12, tzinfo=UTC), datetime(2027, 1, 20, 13, tzinfo=UTC)):
        with scheduled.writing() as connection:
            update_incidents(connection, moment)
            told.append([item.message for item in reversed(incidents(connection, open_only=True))])
    trusts, england = (
        f"{SOURCE}: figures of {level} after {last} were expected {due} and are not held."
        for level, last, due in (
            ("trusts", "August 2026", "12 November 2026"),
            ("England", "October 2026", "14 January 2027"),
        )
    )
    assert told == [[trusts], [trusts, england], [trusts, england]]


def test_a_paused_source_raises_no_alarm(scheduled: Store) -> None:
    run(scheduled, "failed", NOW)
    set_enabled(scheduled, SOURCE, enabled=False, by="tester", version=1)
    with scheduled.writing() as connection:
        update_incidents(connection, NOW)
        assert incidents(connection) == []


def test_what_was_over_before_it_was_told_is_not_told(scheduled: Store) -> None:
    run(scheduled, "failed", NOW - timedelta(hours=2))
    with scheduled.writing() as connection:
        update_incidents(connection, NOW)
        assert len(to_tell(connection)) == 1
    run(scheduled, "unchanged", NOW - timedelta(hours=1))
    with scheduled.writing() as connection:
        update_incidents(connection, NOW)
        assert to_tell(connection) == []


def test_a_test_message_reaches_the_receiver(receiver: Receiver) -> None:
    assert send_test(receivers(receiver))
    assert receiver.titles == ["Test message"]


def test_an_address_that_is_none_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match="place 1"):
        messenger(NotifySettings(addresses=("nonsense",)))


def test_an_abandoned_run_opens_an_incident_as_a_failed_one_does(scheduled: Store) -> None:
    run(
        scheduled,
        "abandoned",
        NOW,
        "the process that ran it stopped before it ended; given up",
    )
    with scheduled.writing() as connection:
        update_incidents(connection, NOW)
        failures = [item for item in incidents(connection) if item.kind is IncidentKind.FAILURE]
    assert [item.message for item in failures] == [
        f"Refresh of {SOURCE} abandoned (run 1): the process that ran it stopped before it ended; given up"
    ]
