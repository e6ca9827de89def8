"""The scheduler: files each source's slots and sees the queue's runs through, while it leads.

Any number of schedulers may run on one store. One leads, by the lease (`db.service.lease`); the others wait and take
over. The leader keeps nothing of its own: schedules, slots, runs and attempts are in the store, and APScheduler's jobs
are made from the schedules whenever these change. A job only says that a source is due; what is due, and was missed
before, comes from the store (`db.service.schedules.due_of`), so a slot is never filed twice and never forgotten.
"""

from __future__ import annotations

import logging
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import monotonic
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from db.domain.refresh import StoredSchedule
from db.domain.run import RunKind
from db.domain.timing import TIME_ZONE, ScheduleDefinition, next_times
from db.service.lease import (
    Grant,
    LeaseLostError,
    acquire,
    leader,
    leading,
    release,
    renew,
    shares_one_writer,
)
from db.service.packs.orders import due_orders, note_ordered
from db.service.processes import process_name
from db.service.queue import SCHEDULE, file_run
from db.service.retention import clear, next_clearing
from db.service.runs import abandon_orphans
from db.service.schedules import due_of, read_schedules, schedule_of, seed_schedules
from db.service.uploads import clean_uploads
from db.settings import SchedulerSettings, Settings
from db.store import DBAPIError, Store
from etl.registry import SOURCES
from etl.service.dispatch import Dispatcher
from etl.service.notification import notifying
from etl.service.telling import telling_readers

Clock = Callable[[], datetime]

_LOG = logging.getLogger(__name__)
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class SlotTrigger:
    """A schedule's slots as APScheduler asks for them."""

    def __init__(self, definition: ScheduleDefinition) -> None:
        self._definition = definition

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first slot after `previous_fire_time`, or after `now` where there is none before."""
        after = previous_fire_time or now
        return next(self._definition.looks_after(after)).at


BaseTrigger.register(SlotTrigger)


def run_scheduler(
    store: Store,
    settings: Settings,
    *,
    clock: Clock = lambda: datetime.now(UTC),
    stop: threading.Event | None = None,
) -> None:
    """Lead, or wait to lead, until SIGTERM, SIGINT or `stop`; then let the runs at work finish.

    A second signal stops these too and puts them back in the queue: the next leader begins them again.
    Raises KeyboardInterrupt then.
    """
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    stopping = stop or threading.Event()
    follower, trouble = _Follower(), _Trouble()
    with _stopped_by_signals(stopping):
        while not stopping.is_set():
            with trouble.told():
                grant = acquire(store, process_name(), settings.scheduler.lease_seconds)
                if grant is None:
                    follower.waits(store)
                else:
                    follower = _Follower()
                    _lead_once(Leadership(store, settings, grant, clock, stopping))
            stopping.wait(settings.scheduler.renew_seconds)
    _LOG.info("stopped")


def _lead_once(leadership: Leadership) -> None:
    try:
        leadership.run()
    except LeaseLostError as error:
        _LOG.warning("%s", error)


class _Trouble:
    """Tells of a store that cannot be used once, not at every step, and when it is back."""

    def __init__(self) -> None:
        self._said = ""

    @contextmanager
    def told(self) -> Iterator[None]:
        """Go on after a fault of the store: what was not done is done at a later step."""
        try:
            yield
        except DBAPIError as error:
            if str(error.orig) != self._said:
                _LOG.error("the store: %s", error.orig)
            self._said = str(error.orig)
        else:
            if self._said:
                _LOG.info("the store is back")
            self._said = ""


class _Follower:
    """Says once whom this scheduler waits for."""

    def __init__(self) -> None:
        self._said = ""

    def waits(self, store: Store) -> None:
        with store.reading() as connection:
            now_leading = leader(connection)
        holder = now_leading.holder if now_leading else ""
        if holder and holder != self._said:
            _LOG.info("%s leads; waiting to take over", holder)
            self._said = holder


class Leadership:
    """One spell of leading, from the lease's grant to its loss or the stop."""

    def __init__(
        self, store: Store, settings: Settings, grant: Grant, clock: Clock, stopping: threading.Event
    ) -> None:
        self._store, self._settings, self._grant = store, settings, grant
        self._clock, self._stopping = clock, stopping
        self._due: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._overdue: set[str] = set()
        self._known: list[StoredSchedule] = []
        self._jobs: BackgroundScheduler | None = None
        self._swept_at: float | None = None
        self._trouble = _Trouble()

    def run(self) -> None:
        """Lead until the stop. Raises LeaseLostError where another scheduler has taken over."""
        _LOG.info("leading, as %s with number %d", self._grant.holder, self._grant.fencing)
        pace = self._settings.scheduler
        seed_schedules(self._store, self._settings.schedules)
        try:
            with (
                _renewing(self._store, self._grant, pace) as lost,
                Dispatcher(self._store, self._grant, pace) as runs,
                notifying(self._store, self._settings),
                telling_readers(self._store, self._settings),
            ):
                self._lead_and_tidy(runs, lost)
        finally:
            if self._stopping.is_set():
                release(self._store, self._grant)

    def _lead_and_tidy(self, runs: Dispatcher, lost: threading.Event) -> None:
        try:
            self._lead(runs, lost)
        except KeyboardInterrupt:
            runs.give_up()
            raise
        finally:
            self._stop_jobs()

    def _lead(self, runs: Dispatcher, lost: threading.Event) -> None:
        told = False
        while not (self._stopping.is_set() and runs.idle):
            if self._stopping.is_set() and not told:
                _LOG.info("stopping once the runs at work have ended; a second signal stops them too")
                told = True
            if lost.is_set():
                raise LeaseLostError("the lease could not be renewed: this scheduler leads no longer")
            with self._trouble.told():
                self._step(runs)
            # Once stopping, the event no longer waits: the runs at work set the pace.
            (lost if self._stopping.is_set() else self._stopping).wait(self._settings.scheduler.poll_seconds)

    def _step(self, runs: Dispatcher) -> None:
        runs.watch()
        if self._stopping.is_set():
            return
        self._follow_schedules()
        if self._swept_at is None or monotonic() - self._swept_at >= self._settings.scheduler.sweep_seconds:
            abandon_orphans(self._store)
            runs.recover()
            clean_uploads(self._store, self._settings)
            self._clear()
            file_due_packs(self._store, self._grant)
            self._overdue.update(stored.source for stored in self._known if stored.source in SOURCES)
            self._swept_at = monotonic()
        self._file_due()
        runs.begin()

    def _clear(self) -> None:
        """Once a night, remove what is past the time for which the settings keep it."""
        now = self._clock()
        with self._store.reading() as connection:
            due = next_clearing(connection, now) <= now
        if due:
            for item in clear(self._store, self._settings, by="scheduler", at=now).kinds:
                if item.goes.count:
                    _LOG.info("past its time and removed: %s: %d", item.kind.value, item.goes.count)

    def _follow_schedules(self) -> None:
        """Make the jobs anew where a schedule has changed, and look at once for what each has missed."""
        with self._store.reading() as connection:
            found = read_schedules(connection)
        if found == self._known:
            return
        self._stop_jobs()
        self._jobs = make_jobs(found, self._due.put)
        self._jobs.start()
        announce([stored for stored in found if stored not in self._known], self._clock())
        self._known, self._swept_at = found, None

    def _stop_jobs(self) -> None:
        if self._jobs is not None:
            self._jobs.shutdown(wait=True)
            self._jobs = None

    def _file_due(self) -> None:
        """File the due slots of every source that a job named; what fails is tried again at the next step."""
        while not self._due.empty():
            self._overdue.add(self._due.get())
        for source in sorted(self._overdue):
            file_due_slots(self._store, self._grant, source, self._clock())
            self._overdue.discard(source)


def file_due_slots(store: Store, grant: Grant, source: str, now: datetime) -> list[datetime]:
    """Queue a run for each slot of a source that is due, in one transaction of the leader's, and return the slots.

    Raises LeaseLostError, and files nothing, where another scheduler leads.
    """
    with store.reading() as connection:
        stored = schedule_of(connection, source)
        if stored is None or not due_of(connection, stored, now):
            return []
    filed = []
    with leading(store, grant) as connection:
        stored = schedule_of(connection, source)
        for slot in due_of(connection, stored, now) if stored else ():
            run_id = file_run(
                connection, source, trigger=SCHEDULE, by="scheduler", slot=slot, fencing=grant.fencing
            )
            if run_id is not None:
                _LOG.info("%s: run %d for %s", source, run_id, _wall_time(slot))
                filed.append(slot)
    return filed


def file_due_packs(store: Store, grant: Grant) -> list[int]:
    """Queue a run for each standing order of a pack whose source has brought a new period, and return the runs.

    Raises LeaseLostError, and files nothing, where another scheduler leads.
    """
    with store.reading() as connection:
        if not due_orders(connection):
            return []
    filed = []
    with leading(store, grant) as connection:
        for order, newest in due_orders(connection):
            run_id = file_run(
                connection,
                None,
                trigger=SCHEDULE,
                by="scheduler",
                kind=RunKind.PACK,
                request={"order": order.id, "title": order.title, "period": newest.label},
                fencing=grant.fencing,
            )
            note_ordered(connection, order.id, newest)
            if run_id is not None:
                _LOG.info("%s: run %d issues the pack of %s", order.title, run_id, newest.label)
                filed.append(run_id)
    return filed


def make_jobs(schedules: list[StoredSchedule], due: Callable[[str], None]) -> BackgroundScheduler:
    """APScheduler with a job for each schedule that runs, not yet started: at each slot it names the source."""
    scheduler = BackgroundScheduler(
        timezone=TIME_ZONE,
        jobstores={"default": MemoryJobStore()},
        executors={"default": ThreadPoolExecutor(max_workers=1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for stored in schedules:
        if stored.definition is not None and stored.enabled and stored.source in SOURCES:
            scheduler.add_job(
                due, trigger=SlotTrigger(stored.definition), args=[stored.source], id=stored.source
            )
    return scheduler


def announce(schedules: list[StoredSchedule], now: datetime) -> None:
    """Say of each schedule when it runs next, or why it does not."""
    for stored in schedules:
        if stored.source not in SOURCES:
            _LOG.warning(
                "schedule of %r: no such source (wanted one of %s): it is not run",
                stored.source,
                ", ".join(SOURCES),
            )
        elif stored.definition is None or not stored.enabled:
            _LOG.warning("%s: not run: %s", stored.source, stored.words)
        else:
            (slot,) = next_times(stored.definition, 1, now)
            _LOG.info("%s: %s; next at %s", stored.source, stored.words, _wall_time(slot))


def _wall_time(moment: datetime) -> str:
    return f"{moment.astimezone(TIME_ZONE):%d %B %Y %H:%M:%S %Z}"


@contextmanager
def _renewing(store: Store, grant: Grant, pace: SchedulerSettings) -> Iterator[threading.Event]:
    """Renew the lease from a thread of its own; the event given is set once it is lost.

    Where a renewal fails for as long as the lease lasts, it is given up: another may lead by then. Not on SQLite,
    where a load keeps renewals waiting and others wait for as long.
    """
    lost, over = threading.Event(), threading.Event()
    with store.reading() as connection:
        patient = shares_one_writer(connection)

    def keep_renewing() -> None:
        renewed_at = monotonic()
        while not over.wait(pace.renew_seconds) and not lost.is_set():
            began = monotonic()
            try:
                renew(store, grant, pace.lease_seconds)
                renewed_at = began
            except LeaseLostError:
                lost.set()
            except DBAPIError as error:
                _LOG.warning("the lease could not be renewed yet: %s", error.orig)
            if not patient and monotonic() - renewed_at > pace.lease_seconds:
                lost.set()

    renewing = threading.Thread(target=keep_renewing, name="lease", daemon=True)
    renewing.start()
    try:
        yield lost
    finally:
        over.set()
        renewing.join()


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Let the first SIGTERM or SIGINT set `stop`, and the second raise KeyboardInterrupt.

    Only the main thread can do so; elsewhere `stop` is all there is.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
