"""Several schedulers on one store, the leader killed again and again: what became of every slot.

Slots come every few seconds, a little more seldom than a run takes; the policy is to catch up all of them. Afterwards
the slots that the schedule gives are compared with the runs in the store, and the completions in the runs' logs are
counted.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from random import Random
from time import monotonic

from sqlalchemy import select

from db.domain import RunState
from db.domain.run import ENDED
from db.domain.timing import CatchUp, CronDefinition, Look, next_times
from db.service.lease import leader
from db.service.queue import SCHEDULE, request_run
from db.service.runs import last_slot
from db.service.schedules import save_schedule, set_enabled
from db.store import Store
from db.store.schema import load_run, run_log
from tests.support.refreshing import SOURCE, Deadline, Scheduler

STEPS = (2, 3, 4, 5, 6, 10, 12, 15, 20, 30)
BETWEEN_SLOTS = 1.5
BETWEEN_KILLS = 2.5
"""Seconds from a slot to the next, and at most from a kill to the next, as multiples of what a run takes."""


@dataclass(frozen=True)
class Account:
    """What became of the slots, how many kills there were, and how long each takeover took, in seconds."""

    due: tuple[datetime, ...]
    run: tuple[datetime, ...]
    states: Counter[str]
    completions: tuple[int, ...]
    attempts: tuple[int, ...]
    kills: int
    takeovers: tuple[float, ...]
    last_fencing: int

    def check(self) -> None:
        """Every slot exactly one completed run: none lost, none twice."""
        assert self.run == self.due
        assert set(self.states) <= {RunState.SUCCEEDED.value, RunState.UNCHANGED.value}
        assert set(self.completions) == {1}
        assert self.last_fencing > self.kills
        assert max(self.takeovers) < 30


def kill_leaders(
    store: Store,
    url: str,
    folder: Path,
    settings: dict[str, str],
    *,
    schedulers: int,
    kills: int,
    seed: int,
    kind: type[Scheduler] = Scheduler,
) -> Account:
    """Run schedulers, kill whichever leads at random moments, begin it anew each time, and give the account."""
    chance = Random(seed)

    def begun(number: int) -> Scheduler:
        return kind(url, folder / f"scheduler-{number}.log", settings)

    running = [begun(number) for number in range(schedulers)]
    takeovers, waiting = list[float](), threading.Event()
    try:
        _until_led(store, running)
        span = _seconds_of_a_run(store)
        definition = _every_few_seconds(span)
        since = save_schedule(store, SOURCE, definition, by="a test", version=1).changed_at
        for number in range(kills):
            waiting.wait(chance.uniform(0, BETWEEN_KILLS * span))
            victim = _until_led(store, running)
            _until_followed(victim, running)
            victim.kill()
            killed_at = monotonic()
            running.remove(victim)
            _until_led(store, running)
            takeovers.append(monotonic() - killed_at)
            running.append(begun(schedulers + number))
        paused = _pause_between_slots(store, definition)
        _until_ended(store)
    finally:
        for scheduler in running:
            scheduler.kill()
    due = tuple(look.at for look in _looks(definition, since, paused))
    return _account(store, due, takeovers)


def _seconds_of_a_run(store: Store) -> float:
    """How long a run takes on this machine today, its process's beginning included. It loads what there is."""
    began = monotonic()
    request_run(store, SOURCE, trigger="command", by="a test")
    _until_ended(store)
    return monotonic() - began


def _every_few_seconds(span: float) -> CronDefinition:
    step = next((step for step in STEPS if step >= BETWEEN_SLOTS * span), STEPS[-1])
    return CronDefinition(cron=f"*/{step} * * * * *", grace_hours=2, catch_up=CatchUp.ALL)


def _until_led(store: Store, running: list[Scheduler]) -> Scheduler:
    """The scheduler that leads, once one of those running does."""
    deadline, waiting = Deadline(120), threading.Event()
    while deadline("one of the schedulers leads"):
        names = {scheduler.name: scheduler for scheduler in running}
        with store.reading() as connection:
            found = leader(connection)
        if found is not None and found.live and found.holder in names:
            return names[found.holder]
        waiting.wait(0.02)
    raise AssertionError


def _until_followed(leading: Scheduler, running: list[Scheduler]) -> None:
    """Wait until another has begun, so that the time to the next leader is the takeover's own."""
    deadline, waiting = Deadline(120), threading.Event()
    others = [scheduler for scheduler in running if scheduler is not leading]
    while not any(scheduler.is_ready() for scheduler in others) and deadline("another scheduler begins"):
        waiting.wait(0.05)


def _pause_between_slots(store: Store, definition: CronDefinition) -> datetime:
    """Pause the schedule when its newest slot is filed and the next is a while off; when that was."""
    deadline, waiting = Deadline(300), threading.Event()
    while deadline("the newest slot is filed"):
        now = datetime.now(UTC)
        before = [look.at for look in _looks(definition, now - timedelta(minutes=1), now)]
        (following,) = next_times(definition, 1, now)
        with store.reading() as connection:
            newest = last_slot(connection, SOURCE)
        if newest == before[-1] and following - now > timedelta(seconds=1):
            return set_enabled(store, SOURCE, enabled=False, by="a test").changed_at
        waiting.wait(0.05)
    raise AssertionError


def _looks(definition: CronDefinition, after: datetime, until: datetime) -> Iterator[Look]:
    return takewhile(lambda look: look.at <= until, definition.looks_after(after))


def _until_ended(store: Store) -> None:
    deadline, waiting = Deadline(1200), threading.Event()
    unended = select(load_run.c.id).where(load_run.c.state.not_in(ENDED)).limit(1)
    while deadline("every run ends"):
        with store.reading() as connection:
            if connection.execute(unended).first() is None:
                return
        waiting.wait(0.1)


def _account(store: Store, due: tuple[datetime, ...], takeovers: list[float]) -> Account:
    with store.reading() as connection:
        rows = connection.execute(
            select(load_run).where(load_run.c.trigger == SCHEDULE).order_by(load_run.c.slot)
        ).all()
        ends = connection.execute(select(run_log.c.load_run_id).where(run_log.c.message.like("ended: %")))
        completions = Counter(ends.scalars())
        led = leader(connection)
    assert led is not None
    return Account(
        due=due,
        run=tuple(row.slot for row in rows),
        states=Counter(row.state for row in rows),
        completions=tuple(completions[row.id] for row in rows),
        attempts=tuple(row.attempt for row in rows),
        kills=len(takeovers),
        takeovers=tuple(takeovers),
        last_fencing=led.fencing,
    )
