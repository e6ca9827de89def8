"""Schedules in the store: seeded once, edited by version, every change recorded with who, from and to."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, update

from db.domain import RunKind, RunState
from db.domain.timing import CatchUp, CronDefinition, UsualDayDefinition
from db.service.health import oldest_overdue
from db.service.queue import file_run
from db.service.schedules import (
    DEFAULTS,
    LostEditError,
    changes,
    due_of,
    limits_of,
    read_schedules,
    save_schedule,
    schedule_of,
    schedules,
    seed_schedules,
    set_enabled,
)
from db.settings import ScheduleSettings, Settings
from db.store import Store, StoreError, audit
from db.store.schema import load_run, schedule

SOURCE = "cancer_waiting_times"
DAILY = CronDefinition(cron="45 9 * * *")
LATER = CronDefinition(cron="30 10 * * *")
SEEDS = {SOURCE: ScheduleSettings(definition=DAILY)}


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def changed_at(store: Store, moment: datetime) -> None:
    """Let the schedule be as old as the test wants it."""
    with store.writing() as connection:
        connection.execute(update(schedule).values(changed_at=moment))


def due(store: Store, now: datetime) -> list[datetime]:
    with store.reading() as connection:
        stored = schedule_of(connection, SOURCE)
        assert stored is not None
        return due_of(connection, stored, now)


def ran(store: Store, slot: datetime, state: RunState = RunState.UNCHANGED) -> None:
    with store.writing() as connection:
        run_id = file_run(connection, SOURCE, trigger="schedule", by="scheduler", slot=slot)
        assert run_id is not None
        values = {"state": state.value, "finished_at": slot + timedelta(minutes=4)}
        connection.execute(update(load_run).where(load_run.c.id == run_id).values(values))


def test_the_shipped_settings_seed_the_publishers_usual_days(store: Store, settings: Settings) -> None:
    seed_schedules(store, settings.schedules)
    words = {item.source: item.words for item in schedules(store)}
    assert words == {
        "acute_discharge": "2nd Thursday, 09:30, then every 2 hours until found, for up to 5 days",
        "cancer_waiting_times": "2nd Thursday, 09:30, then every 2 hours until found, for up to 5 days",
        "diagnostics": "2nd Thursday, 09:30, then every 2 hours until found, for up to 8 days",
        "fingertips": "cron 30 7 * * 2",
        "general_practice_workforce": "4th Thursday, 09:30, then every 2 hours until found, for up to 5 days",
        "outcomes_framework": "cron 45 7 * * 3",
        "oversight_framework": "cron 45 10 * * 1-5",
        "population": "cron 45 9 * * 3",
        "referral_to_treatment": "2nd Thursday, 09:30, then every 2 hours until found, for up to 8 days",
        "ssnap": "cron 30 10 * * 1-5",
    }


def test_the_settings_are_only_the_seed(store: Store) -> None:
    assert seed_schedules(store, SEEDS) == [SOURCE]
    save_schedule(store, SOURCE, LATER, by="an operator", version=1)
    assert seed_schedules(store, SEEDS) == []
    (found,) = schedules(store)
    assert (found.definition, found.version, found.changed_by) == (LATER, 2, "an operator")


def test_a_seed_may_be_switched_off(store: Store) -> None:
    seed_schedules(store, {SOURCE: ScheduleSettings(definition=DAILY, enabled=False)})
    (found,) = schedules(store)
    assert not found.enabled
    assert found.words == "paused (cron 45 9 * * *)"


def test_seeding_by_several_at_once_seeds_once(store: Store) -> None:
    together, seeded = threading.Barrier(4), list[str]()

    def seed() -> None:
        together.wait()
        seeded.extend(seed_schedules(store, SEEDS))

    threads = [threading.Thread(target=seed) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seeded == [SOURCE]
    assert len(changes(store, SOURCE)) == 1


def test_every_change_is_recorded_with_who_from_and_to(store: Store) -> None:
    seed_schedules(store, SEEDS)
    save_schedule(store, SOURCE, LATER, by="an operator", version=1)
    set_enabled(store, SOURCE, enabled=False, by="another operator")
    rest = "grace 12 h, catch up latest, timeout 60 min, 3 attempts"
    found = [(item.changed_by, item.before, item.after) for item in changes(store, SOURCE)]
    assert found == [
        ("another operator", f"cron 30 10 * * *; {rest}", f"paused: cron 30 10 * * *; {rest}"),
        ("an operator", f"cron 45 9 * * *; {rest}", f"cron 30 10 * * *; {rest}"),
        ("config.toml", "", f"cron 45 9 * * *; {rest}"),
    ]
    with store.reading() as connection:
        entries = [(item.actor, item.action, item.subject) for item in audit.audit_entries(connection)]
        (latest,) = audit.audit_entries(connection, 1)
    assert entries == [
        ("another operator", "pause schedule", SOURCE),
        ("an operator", "save schedule", SOURCE),
    ]
    assert latest.detail == f"from cron 30 10 * * *; {rest} to paused: cron 30 10 * * *; {rest}"


def test_a_lost_edit_is_refused_and_nothing_is_saved(store: Store) -> None:
    seed_schedules(store, SEEDS)
    save_schedule(store, SOURCE, LATER, by="an operator", version=1)
    usual = UsualDayDefinition(week=2, weekday="Thursday", time="09:30")
    with pytest.raises(LostEditError, match="changed by an operator in between"):
        save_schedule(store, SOURCE, usual, by="another operator", version=1)
    with pytest.raises(LostEditError, match="changed by an operator in between"):
        set_enabled(store, SOURCE, enabled=False, by="another operator", version=1)
    (found,) = schedules(store)
    assert (found.definition, found.version, found.enabled) == (LATER, 2, True)
    assert len(changes(store, SOURCE)) == 2


def test_of_two_edits_at_once_one_is_refused(store: Store) -> None:
    seed_schedules(store, SEEDS)
    together, refused = threading.Barrier(2), list[StoreError]()

    def edit(definition: CronDefinition) -> None:
        together.wait()
        try:
            save_schedule(store, SOURCE, definition, by=definition.cron, version=1)
        except LostEditError as error:
            refused.append(error)

    threads = [threading.Thread(target=edit, args=[definition]) for definition in (DAILY, LATER)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert [item.version for item in schedules(store)] == [2]


def test_a_first_schedule_is_saved_as_version_one(store: Store) -> None:
    saved = save_schedule(store, "ssnap", DAILY, by="an operator", version=0)
    assert (saved.version, saved.enabled) == (1, True)
    with pytest.raises(LostEditError):
        save_schedule(store, "ssnap", LATER, by="an operator", version=0)
    with pytest.raises(LostEditError, match="no schedule of 'weather'"):
        set_enabled(store, "weather", enabled=True, by="an operator")


def test_pausing_what_is_paused_changes_nothing(store: Store) -> None:
    seed_schedules(store, SEEDS)
    set_enabled(store, SOURCE, enabled=True, by="an operator")
    assert [item.version for item in schedules(store)] == [1]
    assert len(changes(store)) == 1


def test_a_schedule_that_cannot_be_read_is_said_and_not_run(store: Store) -> None:
    seed_schedules(store, SEEDS)
    with store.writing() as connection:
        connection.execute(update(schedule).values(definition='{"cron": "45 25 * * *"}'))
    with store.reading() as connection:
        (found,) = read_schedules(connection)
        assert due_of(connection, found, utc(2030, 1, 1)) == []
        assert limits_of(connection, SOURCE) == DEFAULTS
    assert found.definition is None
    assert "Bad hour" in found.words


# What is due


def test_slots_are_due_after_the_newest_that_has_a_run(store: Store) -> None:
    seed_schedules(store, SEEDS)
    changed_at(store, utc(2026, 6, 1))
    assert due(store, utc(2026, 7, 3, 10)) == [utc(2026, 7, 3, 8, 45)]
    ran(store, utc(2026, 7, 3, 8, 45), RunState.FAILED)
    assert due(store, utc(2026, 7, 3, 10)) == []


def test_a_source_that_never_ran_has_missed_nothing_before_its_schedule(store: Store) -> None:
    seed_schedules(store, SEEDS)
    changed_at(store, utc(2026, 7, 3, 9))
    assert due(store, utc(2026, 7, 3, 10)) == []
    assert due(store, utc(2026, 7, 4, 8, 45)) == [utc(2026, 7, 4, 8, 45)]


def test_what_a_pause_misses_is_not_caught_up(store: Store) -> None:
    everything = CronDefinition(cron="0 * * * *", grace_hours=48, catch_up=CatchUp.ALL)
    save_schedule(store, SOURCE, everything, by="an operator", version=0)
    set_enabled(store, SOURCE, enabled=False, by="an operator")
    changed_at(store, utc(2026, 7, 3))
    assert due(store, utc(2026, 7, 3, 8)) == []
    set_enabled(store, SOURCE, enabled=True, by="an operator")
    changed_at(store, utc(2026, 7, 3, 6, 30))
    assert due(store, utc(2026, 7, 3, 8)) == [utc(2026, 7, 3, 7), utc(2026, 7, 3, 8)]


def test_the_looking_ends_when_a_run_since_the_first_look_has_loaded_something(store: Store) -> None:
    usual = UsualDayDefinition(week=2, weekday="Thursday", time="09:30")
    save_schedule(store, SOURCE, usual, by="an operator", version=0)
    changed_at(store, utc(2026, 11, 1))
    ran(store, utc(2026, 11, 12, 9, 30), RunState.UNCHANGED)
    assert due(store, utc(2026, 11, 12, 11, 30)) == [utc(2026, 11, 12, 11, 30)]
    ran(store, utc(2026, 11, 12, 11, 30), RunState.FAILED)
    assert due(store, utc(2026, 11, 12, 13, 30)) == [utc(2026, 11, 12, 13, 30)]
    ran(store, utc(2026, 11, 12, 13, 30), RunState.SUCCEEDED)
    assert due(store, utc(2026, 11, 12, 15, 30)) == []
    assert due(store, utc(2026, 12, 10, 9, 30)) == [utc(2026, 12, 10, 9, 30)]


@pytest.mark.parametrize("kind", [RunKind.BACKFILL, RunKind.DEMONSTRATION])
def test_a_backfill_of_old_files_is_not_the_publication_found(store: Store, kind: RunKind) -> None:
    usual = UsualDayDefinition(week=2, weekday="Thursday", time="09:30")
    save_schedule(store, SOURCE, usual, by="an operator", version=0)
    changed_at(store, utc(2026, 11, 1))
    ran(store, utc(2026, 11, 12, 9, 30))
    row = {
        "source": SOURCE,
        "kind": kind.value,
        "trigger": "page",
        "requested_by": "an operator",
        "state": RunState.SUCCEEDED.value,
        "requested_at": utc(2026, 11, 12, 10),
        "finished_at": utc(2026, 11, 12, 10, 30),
        "code_version": "0.1.0",
    }
    with store.writing() as connection:
        connection.execute(insert(load_run).values(row))
    assert due(store, utc(2026, 11, 12, 11, 30)) == [utc(2026, 11, 12, 11, 30)]


# Overdue


def test_the_oldest_overdue_slot_is_one_that_nobody_filed_or_nobody_finished(store: Store) -> None:
    seed_schedules(store, SEEDS)
    changed_at(store, utc(2026, 7, 3))

    def overdue(now: datetime) -> tuple[str, datetime, timedelta] | None:
        with store.reading() as connection:
            found = oldest_overdue(connection, now=now)
        return (found.source, found.slot, found.late) if found else None

    slot = utc(2026, 7, 3, 8, 45)
    assert overdue(slot + timedelta(seconds=59)) is None
    assert overdue(slot + timedelta(hours=2)) == (SOURCE, slot, timedelta(hours=2))
    with store.writing() as connection:
        file_run(connection, SOURCE, trigger="schedule", by="scheduler", slot=slot)
    assert overdue(slot + timedelta(hours=3)) == (SOURCE, slot, timedelta(hours=3))
    with store.writing() as connection:
        connection.execute(update(load_run).values(state=RunState.FAILED.value))
    assert overdue(slot + timedelta(hours=4)) is None
