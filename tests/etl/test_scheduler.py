"""The scheduler on fixed clocks: slots across both clock changes, catching up, and never a slot twice."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from db.domain import LoadCounts, RunState
from db.runs import RunTotals, create_run, finish_run, last_slot
from db.schema import load_run
from db.settings import AreaSettings, ScheduleSettings, Settings, SettingsError
from db.store import Store, open_store
from etl.fetch import FetchError
from etl.scheduler import (
    LondonCron,
    Refresher,
    Schedule,
    due_slots,
    make_scheduler,
    next_slots,
    read_schedules,
    run_scheduler,
)

SOURCE = "cancer_waiting_times"
DAILY = ScheduleSettings(cron="45 9 * * *", misfire_grace_hours=12)
AREA = AreaSettings(name="Kent and Medway", commissioner="QKS", trusts=("RVV",))


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    yield opened
    opened.close()


def settings(*, enabled: bool = True, cron: str = DAILY.cron) -> Settings:
    schedule = ScheduleSettings(cron=cron, misfire_grace_hours=12, enabled=enabled)
    return Settings.model_construct(area=AREA, schedules={SOURCE: schedule})


class Refreshes:
    """A refresh that takes its slot in the store, as the pipeline does, and keeps account."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.done: list[datetime] = []
        self.left: list[datetime] = []

    def __call__(self, source: str, slot: datetime) -> None:
        run = create_run(self.store, source=source, trigger="schedule", requested_by="scheduler", slot=slot)
        if run is None:
            self.left.append(slot)
            return
        self.done.append(slot)
        finish_run(self.store, run, RunState.UNCHANGED, RunTotals({}, LoadCounts()))


def refresher(store: Store, refresh: Refreshes, now: datetime) -> Refresher:
    return Refresher(store, refresh, lambda: now, threading.Event())


def states(store: Store) -> list[tuple[str, datetime | None]]:
    with store.reading() as connection:
        rows = connection.execute(select(load_run.c.state, load_run.c.slot).order_by(load_run.c.id)).all()
    return [(row.state, row.slot.replace(tzinfo=UTC) if row.slot else None) for row in rows]


# Slots


def test_a_time_follows_londons_clocks_in_summer_and_winter() -> None:
    assert next_slots("45 9 * * *", 2, utc(2026, 7, 1, 12)) == [
        utc(2026, 7, 2, 8, 45),
        utc(2026, 7, 3, 8, 45),
    ]
    assert next_slots("45 9 * * *", 1, utc(2026, 12, 1, 12)) == [utc(2026, 12, 2, 9, 45)]


def test_the_next_slot_is_later_than_now_to_the_second() -> None:
    assert next_slots("45 9 * * *", 1, utc(2026, 7, 1, 8, 44, 59)) == [utc(2026, 7, 1, 8, 45)]
    assert next_slots("45 9 * * *", 1, utc(2026, 7, 1, 8, 45)) == [utc(2026, 7, 2, 8, 45)]


def test_in_march_a_time_that_does_not_exist_comes_an_hour_later_and_once() -> None:
    # 29 March 2026: at 01:00 UTC the clocks go from 01:00 to 02:00. 01:30 UTC is then 02:30 on the wall.
    assert next_slots("30 1 * * *", 3, utc(2026, 3, 27, 12)) == [
        utc(2026, 3, 28, 1, 30),
        utc(2026, 3, 29, 1, 30),
        utc(2026, 3, 30, 0, 30),
    ]


def test_in_october_a_time_that_comes_twice_is_taken_once() -> None:
    # 25 October 2026: 01:30 on the wall is 00:30 UTC in summer time and 01:30 UTC in winter time.
    assert next_slots("30 1 * * *", 3, utc(2026, 10, 24, 12)) == [
        utc(2026, 10, 25, 0, 30),
        utc(2026, 10, 26, 1, 30),
        utc(2026, 10, 27, 1, 30),
    ]
    assert next_slots("30 1 * * *", 1, utc(2026, 10, 25, 0, 30)) == [utc(2026, 10, 26, 1, 30)]


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)], ids=["March", "October"])
def test_an_hourly_schedule_fires_every_real_hour_at_both_changes(day: tuple[int, int, int]) -> None:
    first = utc(*day, 0)
    assert next_slots("30 * * * *", 4, first) == [first + timedelta(hours=n, minutes=30) for n in range(4)]


@pytest.mark.parametrize("change", [utc(2026, 3, 29, 1), utc(2026, 10, 25, 1)], ids=["March", "October"])
def test_the_morning_slot_is_one_a_day_across_the_changes(change: datetime) -> None:
    found = next_slots("45 9 * * *", 7, change - timedelta(days=3))
    assert len({slot.date() for slot in found}) == 7
    gaps = {(later - earlier) for earlier, later in pairwise(found)}
    assert timedelta(hours=24) in gaps
    assert len(gaps - {timedelta(hours=24)}) == 1


def test_due_slots_are_after_the_last_and_up_to_now() -> None:
    trigger = LondonCron("45 9 * * *")
    assert due_slots(trigger, utc(2026, 7, 1, 8, 45), utc(2026, 7, 3, 8, 45)) == [
        utc(2026, 7, 2, 8, 45),
        utc(2026, 7, 3, 8, 45),
    ]
    assert due_slots(trigger, utc(2026, 7, 1, 8, 45), utc(2026, 7, 2, 8, 44, 59)) == []


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", {"Sunday"}),
        ("7", {"Sunday"}),
        ("1", {"Monday"}),
        ("sun", {"Sunday"}),
        ("MON-WED", {"Monday", "Tuesday", "Wednesday"}),
        ("5-7", {"Friday", "Saturday", "Sunday"}),
        ("sat-mon", {"Saturday", "Sunday", "Monday"}),
        ("1-5/2", {"Monday", "Wednesday", "Friday"}),
        ("*/3", {"Sunday", "Wednesday", "Saturday"}),
        ("4,2", {"Tuesday", "Thursday"}),
    ],
)
def test_weekdays_are_numbered_as_cron_numbers_them(field: str, days: set[str]) -> None:
    found = next_slots(f"0 12 * * {field}", 8, utc(2026, 7, 1))
    assert {f"{slot:%A}" for slot in found} == days


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("45 9 * *", "wanted five fields, found 4"),
        ("45 25 * * *", "25"),
        ("x 9 * * *", "x"),
        ("45 9 * * 8", "wanted a weekday"),
        ("45 9 * * foo", "found 'foo'"),
        ("45 9 13 * 5", "found both"),
        ("45 9 * * */0", "schedule"),
    ],
)
def test_a_line_that_cron_would_not_take_is_refused(cron: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        next_slots(cron, 1, utc(2026, 7, 1))
    assert words in str(caught.value)
    assert repr(cron) in str(caught.value)


def test_a_bad_schedule_is_named_before_anything_runs(store: Store) -> None:
    refresh = Refreshes(store)
    with pytest.raises(SettingsError, match=r"schedules\.cancer_waiting_times: schedule '45 25 \* \* \*'"):
        run_scheduler(store, settings(cron="45 25 * * *"), refresh=refresh)
    assert refresh.done == []


# What is due


@pytest.mark.parametrize(
    ("last", "now", "slot"),
    [
        (utc(2026, 6, 1, 8, 45), utc(2026, 7, 3, 10), utc(2026, 7, 3, 8, 45)),
        (utc(2026, 7, 3, 8, 45), utc(2026, 7, 3, 10), None),
        (utc(2026, 7, 2, 8, 45), utc(2026, 7, 3, 20, 45), utc(2026, 7, 3, 8, 45)),
        (utc(2026, 7, 2, 8, 45), utc(2026, 7, 3, 20, 45, 1), None),
        (None, utc(2026, 7, 3, 8, 45), utc(2026, 7, 3, 8, 45)),
    ],
    ids=["newest of many", "already run", "at the end of the grace", "beyond the grace", "first ever"],
)
def test_the_newest_slot_inside_the_grace_is_due(
    last: datetime | None, now: datetime, slot: datetime | None
) -> None:
    assert Schedule.of(SOURCE, DAILY).newest_due(last, now) == slot


def test_of_several_missed_slots_inside_the_grace_the_newest_is_run() -> None:
    hourly = Schedule.of(SOURCE, ScheduleSettings(cron="30 * * * *", misfire_grace_hours=12))
    assert hourly.newest_due(utc(2026, 7, 3, 2, 30), utc(2026, 7, 3, 9, 29)) == utc(2026, 7, 3, 8, 30)


def test_a_slot_late_by_some_hours_is_known_by_its_own_time(store: Store) -> None:
    refresh = Refreshes(store)
    refresher(store, refresh, utc(2026, 7, 3, 13, 7, 31)).fire(Schedule.of(SOURCE, DAILY))
    assert refresh.done == [utc(2026, 7, 3, 8, 45)]
    assert last_slot(store, SOURCE) == utc(2026, 7, 3, 8, 45)


def test_two_schedulers_on_one_store_run_a_slot_once(store: Store) -> None:
    schedule, now = Schedule.of(SOURCE, DAILY), utc(2026, 7, 3, 8, 45, 1)
    first, second = Refreshes(store), Refreshes(store)
    first(SOURCE, utc(2026, 7, 3, 8, 45))
    # The second one had decided before the first wrote its run: only the store can tell it.
    second(SOURCE, utc(2026, 7, 3, 8, 45))
    refresher(store, second, now).fire(schedule)
    assert first.done == [utc(2026, 7, 3, 8, 45)]
    assert (second.done, second.left) == ([], [utc(2026, 7, 3, 8, 45)])
    assert len(states(store)) == 1


def test_many_schedulers_at_once_run_a_slot_once(store: Store) -> None:
    schedule, now = Schedule.of(SOURCE, DAILY), utc(2026, 7, 3, 8, 45, 1)
    all_of_them = [Refreshes(store) for _ in range(6)]
    together = threading.Barrier(len(all_of_them))

    def fire(refresh: Refreshes) -> None:
        together.wait()
        refresher(store, refresh, now).fire(schedule)

    threads = [threading.Thread(target=fire, args=[refresh]) for refresh in all_of_them]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [slot for refresh in all_of_them for slot in refresh.done] == [utc(2026, 7, 3, 8, 45)]


def test_in_october_the_repeated_hour_gives_one_run(store: Store) -> None:
    schedule = Schedule.of(SOURCE, ScheduleSettings(cron="30 1 * * *"))
    refresh = Refreshes(store)
    for now in (utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30)):
        refresher(store, refresh, now).fire(schedule)
    assert refresh.done == [utc(2026, 10, 25, 0, 30)]


def test_a_failure_is_told_plainly_and_ends_this_slot_only(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_source: str, _slot: datetime) -> None:
        raise FetchError("https://www.example.org/", "a web page", "no answer in time")

    with caplog.at_level(logging.ERROR):
        Refresher(store, failing, lambda: utc(2026, 7, 3, 9), threading.Event()).fire(
            Schedule.of(SOURCE, DAILY)
        )
    assert [record.getMessage() for record in caplog.records] == [
        f"{SOURCE}: the refresh failed: https://www.example.org/: wanted a web page, found no answer in time"
    ]
    assert caplog.records[0].exc_info is None


# The process


def test_jobs_are_coalesced_single_and_given_the_grace(store: Store) -> None:
    now = utc(2026, 7, 3, 9)
    made = make_scheduler(read_schedules(settings()), refresher(store, Refreshes(store), now))
    made.start(paused=True)
    try:
        (job,) = made.get_jobs()
        assert (job.id, job.coalesce, job.max_instances) == (SOURCE, True, 1)
        assert job.misfire_grace_time == 12 * 3600
        assert job.next_run_time.astimezone(UTC) == next_slots(DAILY.cron, 1, datetime.now(UTC))[0]
    finally:
        made.shutdown()


def test_a_schedule_that_is_switched_off_is_left_out() -> None:
    assert read_schedules(settings(enabled=False)) == ()
    assert [schedule.source for schedule in read_schedules(settings())] == [SOURCE]


def run_until_refreshed(store: Store, now: datetime, *, by_signal: bool = False) -> Refreshes:
    refresh, stop = Refreshes(store), threading.Event()

    def refresh_and_stop(source: str, slot: datetime) -> None:
        refresh(source, slot)
        if by_signal:
            os.kill(os.getpid(), signal.SIGTERM)
        else:
            stop.set()

    run_scheduler(store, settings(), refresh=refresh_and_stop, clock=lambda: now, stop=stop)
    return refresh


def test_at_start_the_newest_missed_slot_is_caught_up_once(store: Store) -> None:
    Refreshes(store)(SOURCE, utc(2026, 6, 20, 8, 45))
    refresh = run_until_refreshed(store, utc(2026, 7, 3, 10))
    assert refresh.done == [utc(2026, 7, 3, 8, 45)]


def test_sigterm_stops_it_and_the_refresh_at_work_is_finished(store: Store) -> None:
    Refreshes(store)(SOURCE, utc(2026, 6, 20, 8, 45))
    before = signal.getsignal(signal.SIGTERM)
    refresh = run_until_refreshed(store, utc(2026, 7, 3, 10), by_signal=True)
    assert refresh.done == [utc(2026, 7, 3, 8, 45)]
    assert [state for state, _ in states(store)] == ["unchanged", "unchanged"]
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_source_that_never_ran_has_missed_nothing(store: Store) -> None:
    refresh = Refreshes(store)
    refresher(store, refresh, utc(2026, 7, 3, 10)).catch_up(Schedule.of(SOURCE, DAILY))
    assert (refresh.done, states(store)) == ([], [])


def test_a_run_whose_process_is_gone_is_abandoned_at_start_and_its_slot_not_repeated(store: Store) -> None:
    orphan = {
        "source": SOURCE,
        "trigger": "schedule",
        "requested_by": "scheduler",
        "slot": utc(2026, 7, 3, 8, 45),
        "state": RunState.RUNNING.value,
        "requested_at": utc(2026, 7, 3, 8, 45),
        "heartbeat_at": utc(2026, 7, 3, 8, 45),
        "process": "elsewhere:1",
        "code_version": "0.1.0",
    }
    with store.writing() as connection:
        connection.execute(insert(load_run).values(orphan))
    stop = threading.Event()
    stop.set()
    run_scheduler(store, settings(), refresh=Refreshes(store), clock=lambda: utc(2026, 7, 3, 10), stop=stop)
    assert states(store) == [("abandoned", utc(2026, 7, 3, 8, 45))]


def test_once_stopping_nothing_new_is_begun(store: Store) -> None:
    refresh, stop = Refreshes(store), threading.Event()
    stop.set()
    Refresher(store, refresh, lambda: utc(2026, 7, 3, 9), stop).fire(Schedule.of(SOURCE, DAILY))
    assert refresh.done == []
