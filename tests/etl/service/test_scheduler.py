"""The scheduler: what it files on fixed clocks across both clock changes, and how it begins, follows and stops."""

from __future__ import annotations

import logging
import os
import signal
import threading
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from sqlalchemy import update

from db.domain import RunKind, RunState
from db.domain.timing import CatchUp, CronDefinition, ScheduleDefinition, UsualDayDefinition
from db.service.lease import LeaseLostError, acquire, leader
from db.service.processes import process_name
from db.service.queue import file_run, request_run
from db.service.runs import recent_runs
from db.service.schedules import read_schedules, save_schedule, schedules, set_enabled
from db.settings import SchedulerSettings, ScheduleSettings, Settings
from db.store import Store, open_store
from db.store.schema import lease, load_run, schedule
from etl.service.scheduler import SlotTrigger, announce, file_due_slots, make_jobs, run_scheduler
from tests.support.refreshing import Deadline, leads

SOURCE = "cancer_waiting_times"
DAILY = CronDefinition(cron="45 9 * * *")
SECOND_THURSDAY = UsualDayDefinition(week=2, weekday="Thursday", time="09:30")
QUICK = SchedulerSettings(lease_seconds=2, renew_seconds=0.1, poll_seconds=0.1, sweep_seconds=0.3)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def scheduled(store: Store, definition: ScheduleDefinition, since: datetime, source: str = SOURCE) -> None:
    """A source's schedule that stands since a moment."""
    save_schedule(store, source, definition, by="an operator", version=0)
    with store.writing() as connection:
        connection.execute(update(schedule).where(schedule.c.source == source).values(changed_at=since))


@pytest.fixture
def quick(settings: Settings) -> Settings:
    """Settings that lead quickly, without seeds of their own."""
    return settings.model_copy(update={"scheduler": QUICK, "schedules": {}})


def filed(store: Store) -> list[datetime | None]:
    with store.reading() as connection:
        return [run.slot for run in reversed(recent_runs(connection))]


# What is filed


def test_a_due_slot_is_filed_once_with_the_leaders_number(store: Store, quick: Settings) -> None:
    scheduled(store, DAILY, utc(2026, 7, 1))
    grant, now = leads(store, quick), utc(2026, 7, 3, 8, 45, 1)
    assert file_due_slots(store, grant, SOURCE, now) == [utc(2026, 7, 3, 8, 45)]
    assert file_due_slots(store, grant, SOURCE, now) == []
    with store.reading() as connection:
        (run,) = recent_runs(connection)
    assert (run.slot, run.state, run.trigger) == (utc(2026, 7, 3, 8, 45), RunState.QUEUED, "schedule")
    assert (run.fencing, run.requested_by, run.kind) == (grant.fencing, "scheduler", RunKind.REFRESH)


def test_a_slot_late_by_some_hours_is_known_by_its_own_time(store: Store, quick: Settings) -> None:
    scheduled(store, DAILY, utc(2026, 7, 1))
    now = utc(2026, 7, 3, 13, 7, 31)
    assert file_due_slots(store, leads(store, quick), SOURCE, now) == [utc(2026, 7, 3, 8, 45)]


def test_a_leader_of_old_files_nothing(store: Store, quick: Settings) -> None:
    scheduled(store, DAILY, utc(2026, 7, 1))
    grant = leads(store, quick)
    with store.writing() as connection:
        connection.execute(update(lease).values(fencing=2, holder="another-machine:4"))
    with pytest.raises(LeaseLostError):
        file_due_slots(store, grant, SOURCE, utc(2026, 7, 3, 9))
    assert filed(store) == []


def test_a_slot_that_another_leader_filed_is_left(store: Store, quick: Settings) -> None:
    scheduled(store, CronDefinition(cron="0 * * * *", catch_up=CatchUp.ALL), utc(2026, 7, 3, 6, 30))
    with store.writing() as connection:
        file_run(connection, SOURCE, trigger="schedule", by="scheduler", slot=utc(2026, 7, 3, 7))
    found = file_due_slots(store, leads(store, quick), SOURCE, utc(2026, 7, 3, 9))
    assert found == [utc(2026, 7, 3, 8), utc(2026, 7, 3, 9)]


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)], ids=["March", "October"])
@pytest.mark.parametrize(
    ("cron", "slots"),
    [
        ("30 1 * * *", {(2026, 3, 29): [(1, 0)], (2026, 10, 25): [(0, 30)]}),
        (
            "30 * * * *",
            {(2026, 3, 29): [(h, 30) for h in range(4)], (2026, 10, 25): [(h, 30) for h in range(4)]},
        ),
    ],
    ids=["a named hour", "every hour"],
)
def test_minute_by_minute_through_the_night_of_a_clock_change(
    sqlite_url: str,
    quick: Settings,
    day: tuple[int, int, int],
    cron: str,
    slots: dict[tuple[int, int, int], list[tuple[int, int]]],
) -> None:
    store = open_store(sqlite_url)
    scheduled(store, CronDefinition(cron=cron), utc(*day))
    grant = leads(store, quick)
    for minutes in range(0, 4 * 60, 10):
        now = utc(*day) + timedelta(minutes=minutes, seconds=1)
        file_due_slots(store, grant, SOURCE, now)
    assert filed(store) == [utc(*day, hour, minute) for hour, minute in slots[day]]
    store.close()


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)], ids=["March", "October"])
def test_a_night_slept_through_at_a_clock_change_is_caught_up_whole(
    store: Store, quick: Settings, day: tuple[int, int, int]
) -> None:
    scheduled(store, CronDefinition(cron="30 * * * *", catch_up=CatchUp.ALL), utc(*day))
    expected = [utc(*day, hour, 30) for hour in range(4)]
    assert file_due_slots(store, leads(store, quick), SOURCE, utc(*day, 4)) == expected
    assert filed(store) == expected


@pytest.mark.parametrize(
    ("policy", "hours"), [(CatchUp.LATEST, [8]), (CatchUp.ALL, [5, 6, 7, 8]), (CatchUp.NONE, [])]
)
def test_after_downtime_each_source_catches_up_by_its_policy(
    store: Store, quick: Settings, policy: CatchUp, hours: list[int]
) -> None:
    scheduled(store, CronDefinition(cron="0 * * * *", grace_hours=24, catch_up=policy), utc(2026, 7, 3, 4, 1))
    expected = [utc(2026, 7, 3, hour) for hour in hours]
    assert file_due_slots(store, leads(store, quick), SOURCE, utc(2026, 7, 3, 8, 30)) == expected


def test_a_usual_day_is_looked_at_until_found(store: Store, quick: Settings) -> None:
    scheduled(store, SECOND_THURSDAY, utc(2026, 11, 1))
    grant = leads(store, quick)

    def look(hour: int, state: RunState) -> list[datetime]:
        found = file_due_slots(store, grant, SOURCE, utc(2026, 11, 12, hour, 30))
        with store.writing() as connection:
            values = {"state": state.value, "finished_at": utc(2026, 11, 12, hour, 40)}
            connection.execute(
                update(load_run).where(load_run.c.state == RunState.QUEUED.value).values(values)
            )
        return found

    assert look(9, RunState.UNCHANGED) == [utc(2026, 11, 12, 9, 30)]
    assert look(11, RunState.FAILED) == [utc(2026, 11, 12, 11, 30)]
    assert look(13, RunState.SUCCEEDED) == [utc(2026, 11, 12, 13, 30)]
    assert look(15, RunState.UNCHANGED) == []
    assert file_due_slots(store, grant, SOURCE, utc(2026, 12, 10, 9, 30)) == [utc(2026, 12, 10, 9, 30)]


# APScheduler's part


def test_the_trigger_gives_one_slot_after_another() -> None:
    trigger = SlotTrigger(DAILY)
    first = trigger.get_next_fire_time(None, utc(2026, 7, 1, 12))
    assert first == utc(2026, 7, 2, 8, 45)
    assert trigger.get_next_fire_time(first, utc(2026, 7, 1, 12)) == utc(2026, 7, 3, 8, 45)


def test_jobs_are_made_for_schedules_that_run_and_for_known_sources(store: Store) -> None:
    for source in (SOURCE, "ssnap", "weather"):
        save_schedule(store, source, DAILY, by="an operator", version=0)
    set_enabled(store, "ssnap", enabled=False, by="an operator")
    jobs = make_jobs(schedules(store), lambda _source: None)
    jobs.start(paused=True)
    try:
        (job,) = jobs.get_jobs()
        assert (job.id, job.coalesce, job.max_instances) == (SOURCE, True, 1)
        assert job.next_run_time == next(DAILY.looks_after(datetime.now(UTC))).at
    finally:
        jobs.shutdown()


def test_a_job_names_its_source_at_its_time(store: Store) -> None:
    save_schedule(store, SOURCE, CronDefinition(cron="* * * * * *"), by="an operator", version=0)
    named = threading.Event()
    jobs = make_jobs(schedules(store), lambda source: named.set() if source == SOURCE else None)
    jobs.start()
    try:
        assert named.wait(20)
    finally:
        jobs.shutdown()


def test_what_does_not_run_is_said(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    for source in (SOURCE, "general_practice_workforce", "ssnap", "weather"):
        save_schedule(store, source, DAILY, by="an operator", version=0)
    set_enabled(store, "ssnap", enabled=False, by="an operator")
    with store.writing() as connection:
        broken = schedule.c.source == "general_practice_workforce"
        connection.execute(update(schedule).where(broken).values(definition="{}"))
    with caplog.at_level(logging.INFO), store.reading() as connection:
        announce(read_schedules(connection), utc(2026, 7, 1, 12))
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", f"{SOURCE}: cron 45 9 * * *; next at 02 July 2026 09:45:00 BST"),
        ("WARNING", "general_practice_workforce: not run: cannot be read: cron: Field required"),
        ("WARNING", "ssnap: not run: paused (cron 45 9 * * *)"),
        (
            "WARNING",
            "schedule of 'weather': no such source (wanted one of acute_discharge, cancer_waiting_times, "
            "delayed_transfers, diagnostics, fingertips, general_practice_workforce, outcomes_framework, "
            "oversight_framework, population, referral_to_treatment, ssnap): it is not run",
        ),
    ]


# The process


class Led:
    """The scheduler in a thread of this process."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.stop, self._waiting = threading.Event(), threading.Event()
        self._store = store
        self._thread = threading.Thread(
            target=run_scheduler, args=[store, settings], kwargs={"stop": self.stop}
        )

    def __enter__(self) -> Led:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        self._thread.join(30)
        assert not self._thread.is_alive()

    def until_filed(self, count: int) -> list[datetime | None]:
        deadline = Deadline(30)
        while len(filed(self._store)) < count and deadline(f"{count} slots are filed"):
            self._waiting.wait(0.1)
        return filed(self._store)

    def until_leading(self) -> None:
        deadline = Deadline(30)
        while not self._leads() and deadline("it leads"):
            self._waiting.wait(0.1)

    def _leads(self) -> bool:
        with self._store.reading() as connection:
            found = leader(connection)
        return found is not None and found.holder == process_name()


def busy(store: Store, *sources: str) -> None:
    """Let runs at a terminal keep sources busy, so that no process is begun."""
    now = datetime.now(UTC)
    rows = [
        {
            "source": source,
            "trigger": "command",
            "requested_by": "a test",
            "state": RunState.RUNNING.value,
            "requested_at": now,
            "heartbeat_at": now,
            "process": process_name(),
            "code_version": "0.1.0",
        }
        for source in sources
    ]
    with store.writing() as connection:
        connection.execute(load_run.insert(), rows)


def test_it_seeds_leads_catches_up_and_gives_the_lease_back(store: Store, quick: Settings) -> None:
    seeds = {"schedules": {SOURCE: ScheduleSettings(definition=DAILY)}}
    busy(store, SOURCE)
    with Led(store, quick.model_copy(update=seeds)) as led:
        led.until_leading()
        deadline = Deadline(30)
        while not schedules(store) and deadline("the schedule is seeded"):
            led.stop.wait(0.05)
        often = CronDefinition(cron="* * * * *", grace_hours=1, catch_up=CatchUp.ALL)
        save_schedule(store, SOURCE, often, by="an operator", version=1)
        with store.writing() as connection:
            since = datetime.now(UTC) - timedelta(minutes=4)
            connection.execute(update(schedule).values(changed_at=since))
        assert len(led.until_filed(1 + 4)) >= 1 + 4
    with store.reading() as connection:
        found = leader(connection)
    assert found is not None
    assert (found.holder, found.live) == ("", False)


def test_it_follows_a_changed_schedule_without_a_new_start(store: Store, quick: Settings) -> None:
    busy(store, SOURCE)
    scheduled(store, CronDefinition(cron="0 0 1 1 *"), datetime.now(UTC))
    with Led(store, quick) as led:
        led.until_leading()
        every_second = CronDefinition(cron="* * * * * *", catch_up=CatchUp.ALL)
        save_schedule(store, SOURCE, every_second, by="an operator", version=1)
        led.until_filed(3)
        set_enabled(store, SOURCE, enabled=False, by="an operator")
        paused_at = datetime.now(UTC) + timedelta(seconds=1)
    slots = [slot for slot in filed(store) if slot]
    assert len(slots) >= 2
    assert max(slots) <= paused_at
    expected = islice(every_second.looks_after(slots[0]), len(slots) - 1)
    assert slots[1:] == [look.at for look in expected]


def test_while_another_leads_it_waits_and_says_so_once(
    store: Store, quick: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    assert acquire(store, "another-machine:4", 1.5) is not None
    with caplog.at_level(logging.INFO), Led(store, quick) as led:
        led.until_leading()
    said = [record.getMessage() for record in caplog.records]
    assert said.count("another-machine:4 leads; waiting to take over") == 1
    assert f"leading, as {process_name()} with number 2" in said


def test_a_leader_that_is_overtaken_stands_down_and_follows(
    store: Store, quick: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO), Led(store, quick) as led:
        led.until_leading()
        with store.writing() as connection:
            until = datetime.now(UTC) + timedelta(minutes=5)
            values = {"holder": "another-machine:4", "fencing": 2, "heartbeat_at": until, "expires_at": until}
            connection.execute(update(lease).values(values))
        deadline, waiting = Deadline(30), threading.Event()
        following = "another-machine:4 leads; waiting to take over"
        while following not in [record.getMessage() for record in caplog.records] and deadline("it follows"):
            waiting.wait(0.1)
    with store.reading() as connection:
        found = leader(connection)
    assert found is not None
    assert (found.holder, found.fencing) == ("another-machine:4", 2)


def test_a_slot_of_a_source_that_was_renamed_is_never_filed(store: Store, quick: Settings) -> None:
    busy(store, SOURCE)
    every_second = CronDefinition(cron="* * * * * *")
    save_schedule(store, "weather", every_second, by="an operator", version=0)
    save_schedule(store, SOURCE, every_second, by="an operator", version=0)
    with Led(store, quick) as led:
        led.until_filed(3)
    with store.reading() as connection:
        assert recent_runs(connection, source="weather") == []


def test_sigterm_stops_it_in_good_order(sqlite_url: str, quick: Settings) -> None:
    store = open_store(sqlite_url)
    before = signal.getsignal(signal.SIGTERM)
    timer = threading.Timer(1, os.kill, [os.getpid(), signal.SIGTERM])
    timer.start()
    run_scheduler(store, quick)
    timer.join()
    with store.reading() as connection:
        found = leader(connection)
    assert found is not None
    assert (found.holder, found.fencing) == ("", 1)
    assert signal.getsignal(signal.SIGTERM) == before
    store.close()


def test_once_stopping_nothing_new_is_begun(store: Store, quick: Settings) -> None:
    run_id = request_run(store, SOURCE, trigger="page", by="an operator")
    stop = threading.Event()
    stop.set()
    run_scheduler(store, quick, stop=stop)
    with store.reading() as connection:
        (run,) = recent_runs(connection)
    assert (run.id, run.state) == (run_id, RunState.QUEUED)
