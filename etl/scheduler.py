"""The scheduler: runs each source's refresh at its scheduled times, one at a time, and never a time twice.

Schedules are the settings' cron lines in Europe/London. A scheduled time is a *slot*, known by its UTC moment; the
refresh takes a slot by writing its run (unique by source and slot) before it works, so a second scheduler on the
same store, or a restart, finds the slot taken. The run log is the memory: nothing else is kept between starts.
"""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from threading import Event, current_thread, main_thread
from types import FrameType

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy.exc import SQLAlchemyError

from db.runs import abandon_orphans, last_slot
from db.settings import TIME_ZONE, ScheduleSettings, Settings, SettingsError
from db.store import Store, StoreError
from etl.source import SourceError

Refresh = Callable[[str, datetime], None]
"""Refresh a source for a slot (UTC): take the slot by recording its run, or leave it if it is taken."""

Clock = Callable[[], datetime]

_LOG = logging.getLogger(__name__)
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_JUST_AFTER = timedelta(microseconds=1)
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class LondonCron:
    """A cron line on London's clocks.

    When the clocks go forward, a time that does not exist comes one hour later by the wall (01:30 becomes 02:30).
    When they go back, a line that names its hours fires at the first of the two equal times only; a line for every
    hour fires at both.
    """

    def __init__(self, cron: str) -> None:
        self._inner = cron_trigger(cron)
        self._every_hour = cron.split()[1].startswith("*")

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The first time that is not before `now` and is after `previous_fire_time`."""
        moment = now
        if previous_fire_time is not None and previous_fire_time >= now:
            moment = previous_fire_time + _JUST_AFTER
        while True:
            found = self._inner.get_next_fire_time(None, moment.astimezone(UTC).astimezone(TIME_ZONE))
            if found is None:
                return None
            slot: datetime = found.astimezone(UTC)
            if self._every_hour or not slot.astimezone(TIME_ZONE).fold:
                return slot.astimezone(TIME_ZONE)
            moment = slot + _JUST_AFTER


BaseTrigger.register(LondonCron)


def cron_trigger(cron: str) -> CronTrigger:
    """A cron line of five fields as APScheduler's trigger in Europe/London.

    APScheduler numbers weekdays from Monday; cron, and so this function, from Sunday (7 is Sunday too).
    Raises SettingsError for a line that cron would not take, and for one that restricts both the day of the month
    and the weekday: cron runs on either, APScheduler on both, and a reader may mean any.
    """
    fields = cron.split()
    if len(fields) != 5:
        raise SettingsError(f"schedule {cron!r}: wanted five fields, found {len(fields)}")
    minute, hour, day, month, weekday = fields
    if day != "*" and weekday != "*":
        raise SettingsError(f"schedule {cron!r}: wanted a day of the month or a weekday, found both")
    try:
        return CronTrigger(
            minute=minute,
            hour=hour,
            day=day,
            month=month,
            day_of_week=_weekday_names(weekday),
            timezone=TIME_ZONE,
        )
    except (ValueError, IndexError) as error:
        raise SettingsError(f"schedule {cron!r}: {error}") from error


def _weekday_names(field: str) -> str:
    if field == "*":
        return field
    days = {day for part in field.lower().split(",") for day in _weekdays_of(part)}
    return ",".join(_WEEKDAYS[day] for day in sorted(days))


def _weekdays_of(part: str) -> Sequence[int]:
    span, _, step = part.partition("/")
    first, _, last = span.partition("-")
    if first == "*":
        return range(0, 7, int(step or 1))
    begin = _weekday(first)
    end = _weekday(last) if last else (6 if step else begin)
    if end < begin:
        end += 7
    return [day % 7 for day in range(begin, end + 1, int(step or 1))]


def _weekday(text: str) -> int:
    if text in _WEEKDAYS:
        return _WEEKDAYS.index(text)
    if text.isdigit() and int(text) <= 7:
        return int(text)
    raise ValueError(f"wanted a weekday (0 to 7, or {', '.join(_WEEKDAYS)}), found {text!r}")


def slots_after(trigger: LondonCron, after: datetime) -> Iterator[datetime]:
    """Every slot later than a moment, in UTC, without end."""
    moment = after
    while True:
        found = trigger.get_next_fire_time(None, moment + _JUST_AFTER)
        if found is None:
            return
        moment = found.astimezone(UTC)
        yield moment


def next_slots(cron: str, count: int, now: datetime) -> list[datetime]:
    """The next times of a cron line after `now`, in UTC. Raises SettingsError for a line that is none."""
    return list(islice(slots_after(LondonCron(cron), now), count))


def due_slots(trigger: LondonCron, after: datetime, now: datetime) -> list[datetime]:
    """The slots later than `after` and not later than `now`, in UTC."""
    return list(takewhile(lambda slot: slot <= now, slots_after(trigger, after)))


@dataclass(frozen=True)
class Schedule:
    """When a source is refreshed, and how late a slot may still be run."""

    source: str
    trigger: LondonCron
    grace: timedelta

    @classmethod
    def of(cls, source: str, settings: ScheduleSettings) -> Schedule:
        grace = timedelta(hours=settings.misfire_grace_hours)
        return cls(source, LondonCron(settings.cron), grace)

    def newest_due(self, last: datetime | None, now: datetime) -> datetime | None:
        """The newest slot inside the grace that comes after the last one run; None if nothing is due."""
        oldest = now - self.grace - _JUST_AFTER
        due = due_slots(self.trigger, oldest if last is None else max(last, oldest), now)
        return due[-1] if due else None


def read_schedules(settings: Settings) -> tuple[Schedule, ...]:
    """The schedules that are enabled. Raises SettingsError naming the schedule that cannot be read."""
    found = []
    for source, schedule in settings.schedules.items():
        try:
            if schedule.enabled:
                found.append(Schedule.of(source, schedule))
        except SettingsError as error:
            raise SettingsError(f"schedules.{source}: {error}") from error
    return tuple(found)


def run_scheduler(
    store: Store,
    settings: Settings,
    *,
    refresh: Refresh,
    clock: Clock = lambda: datetime.now(UTC),
    stop: Event | None = None,
) -> None:
    """Run the schedules until SIGTERM, SIGINT or `stop`, then let the refresh at work finish.

    At start, runs that a dead process left are marked abandoned, and a source that missed slots catches up with
    the newest of them, if that is inside its grace. A source that never ran on a schedule has missed nothing.
    A second signal ends the process at once; the next start marks its run abandoned.
    Raises SettingsError before anything runs.
    """
    stopping = stop or Event()
    refresher = Refresher(store, refresh, clock, stopping)
    schedules = read_schedules(settings)
    _abandon(store)
    scheduler = make_scheduler(schedules, refresher)
    with _stopped_by_signals(stopping):
        scheduler.start()
        _announce(schedules, clock())
        for schedule in schedules:
            scheduler.add_job(refresher.catch_up, args=[schedule], id=f"{schedule.source} missed")
        while not stopping.wait(1):
            pass
        _LOG.info("stopping; a refresh at work is finished first")
        scheduler.shutdown(wait=True)
    _LOG.info("stopped")


def make_scheduler(schedules: Sequence[Schedule], refresher: Refresher) -> BackgroundScheduler:
    """APScheduler with a job per schedule, not yet started: in memory, one refresh at a time."""
    scheduler = BackgroundScheduler(
        timezone=TIME_ZONE,
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(max_workers=1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    scheduler.add_listener(_log_event, EVENT_JOB_ERROR | EVENT_JOB_MISSED)
    for schedule in schedules:
        scheduler.add_job(
            refresher.fire,
            trigger=schedule.trigger,
            args=[schedule],
            id=schedule.source,
            name=f"refresh of {schedule.source}",
            misfire_grace_time=int(schedule.grace.total_seconds()),
        )
    return scheduler


@dataclass(frozen=True)
class Refresher:
    """What the jobs do: find the slot that is due, and refresh for it."""

    store: Store
    refresh: Refresh
    clock: Clock
    stopping: Event

    def fire(self, schedule: Schedule) -> None:
        """Refresh for the newest slot that is due. A failure is logged and ends this slot only."""
        with _failures_logged(schedule.source):
            self._run(schedule, last_slot(self.store, schedule.source))

    def catch_up(self, schedule: Schedule) -> None:
        """Refresh for the newest slot that was missed since the last one run, if any."""
        with _failures_logged(schedule.source):
            last = last_slot(self.store, schedule.source)
            if last is not None:
                self._run(schedule, last)

    def _run(self, schedule: Schedule, last: datetime | None) -> None:
        if self.stopping.is_set():
            return
        slot = schedule.newest_due(last, self.clock())
        if slot is None:
            _LOG.info("%s: nothing is due", schedule.source)
            return
        _LOG.info("%s: refresh for %s", schedule.source, _wall_time(slot))
        self.refresh(schedule.source, slot)


@contextmanager
def _failures_logged(source: str) -> Iterator[None]:
    try:
        yield
    except (SourceError, StoreError, SQLAlchemyError, OSError) as error:
        _LOG.error("%s: the refresh failed: %s", source, error)


def _log_event(event: JobExecutionEvent) -> None:
    slot = _wall_time(event.scheduled_run_time)
    if event.exception is None:
        _LOG.warning("%s: %s came too late to be run", event.job_id, slot)
    else:
        _LOG.error("%s: the refresh for %s failed: %r", event.job_id, slot, event.exception)


def _abandon(store: Store) -> None:
    abandoned = abandon_orphans(store)
    if abandoned:
        _LOG.warning("runs whose process is gone, marked abandoned: %d", abandoned)


def _announce(schedules: Sequence[Schedule], now: datetime) -> None:
    if not schedules:
        _LOG.warning("no schedule is enabled: nothing will be refreshed")
    for schedule in schedules:
        slot = next(slots_after(schedule.trigger, now), None)
        _LOG.info("%s: next at %s", schedule.source, _wall_time(slot) if slot else "no time")


def _wall_time(moment: datetime) -> str:
    return f"{moment.astimezone(TIME_ZONE):%d %B %Y %H:%M %Z}"


@contextmanager
def _stopped_by_signals(stop: Event) -> Iterator[None]:
    """Let the first SIGTERM or SIGINT set `stop`, and the second do what it did before.

    Only the main thread can do so; elsewhere `stop` is all there is.
    """
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        restore()
        stop.set()

    for number in _SIGNALS:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        restore()
