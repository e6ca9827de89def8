"""The schedules as people keep them: one row a source, every change recorded with what it was before.

`config.toml` seeds a source's schedule once; from then on the store's is the one that counts. A change, a pause and
a resumption all start the schedule afresh: slots before that moment are not caught up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.domain.refresh import ScheduleChange, StoredSchedule
from db.domain.timing import (
    CronDefinition,
    ScheduleDefinition,
    ScheduleError,
    definition_from_json,
    due_slots,
)
from db.service.runs import last_finds, last_found, last_slot, last_slots
from db.settings import ScheduleSettings
from db.store import Store, StoreError, audit
from db.store.schema import schedule, schedule_change

SEED = "config.toml"
DEFAULTS = CronDefinition(cron="0 0 1 1 *")
"""The timeout and attempts of a run whose source has no schedule; its times mean nothing."""


class LostEditError(StoreError):
    """Somebody else has changed the schedule since it was read: nothing is saved."""


def seed_schedules(store: Store, seeds: Mapping[str, ScheduleSettings]) -> list[str]:
    """Write the schedules of sources that the store has none for yet, and return those sources."""
    with store.reading() as connection:
        if not _without_schedule(connection, seeds):
            return []
    with store.writing() as connection:
        return [source for source in _without_schedule(connection, seeds) if _seed(connection, source, seeds)]


def _seed(connection: Connection, source: str, seeds: Mapping[str, ScheduleSettings]) -> bool:
    """Write one source's first schedule; False where another scheduler has written it at the same moment."""
    try:
        with connection.begin_nested():
            _insert(connection, source, seeds[source].definition, enabled=seeds[source].enabled, by=SEED)
    except IntegrityError:
        return False
    return True


def _without_schedule(connection: Connection, seeds: Mapping[str, ScheduleSettings]) -> list[str]:
    known = set(connection.execute(select(schedule.c.source)).scalars())
    return [source for source in seeds if source not in known]


def with_seeds(stored: list[StoredSchedule], seeds: Mapping[str, ScheduleSettings]) -> list[StoredSchedule]:
    """Schedules by source, with those of the settings that the store will have once a scheduler runs (version 0)."""
    known = {item.source for item in stored}
    now = datetime.now(UTC)
    coming = [
        StoredSchedule(source, seed.definition, seed.enabled, 0, now, SEED)
        for source, seed in seeds.items()
        if source not in known
    ]
    return sorted([*stored, *coming], key=lambda item: item.source)


def schedules(store: Store) -> list[StoredSchedule]:
    """All schedules, by source."""
    with store.reading() as connection:
        return read_schedules(connection)


def read_schedules(connection: Connection) -> list[StoredSchedule]:
    """As `schedules`, in a transaction that is open."""
    return [_stored(row) for row in connection.execute(select(schedule).order_by(schedule.c.source))]


def schedule_of(connection: Connection, source: str | None) -> StoredSchedule | None:
    """One source's schedule, if it has one."""
    row = connection.execute(select(schedule).where(schedule.c.source == source)).first()
    return None if row is None else _stored(row)


def limits_of(connection: Connection, source: str | None) -> ScheduleDefinition:
    """The schedule by whose timeout and attempts a source's runs go; the defaults where there is none."""
    stored = schedule_of(connection, source)
    return (stored and stored.definition) or DEFAULTS


def save_schedule(
    store: Store, source: str, definition: ScheduleDefinition, *, by: str, version: int
) -> StoredSchedule:
    """Save a source's schedule. `version` is that of the schedule which the editor saw; 0 for a first one.

    Raises LostEditError where somebody else saved one in between.
    """
    with store.writing() as connection:
        before = _seen(connection, source, version)
        if before is None:
            _insert(connection, source, definition, enabled=True, by=by)
            audit.record(connection, by, "save schedule", source, f"new: {definition.words}")
        else:
            _change(connection, before, definition, enabled=before.enabled, by=by, action="save schedule")
        return _required(connection, source)


def set_enabled(
    store: Store, source: str, *, enabled: bool, by: str, version: int | None = None
) -> StoredSchedule:
    """Pause or resume a source's schedule.

    Raises LostEditError where `version` is given and is not the present one, or where there is no schedule.
    """
    with store.writing() as connection:
        before = _seen(connection, source, version)
        if before is None:
            raise LostEditError(f"there is no schedule of {source!r}")
        if before.enabled != enabled:
            action = "resume schedule" if enabled else "pause schedule"
            _change(connection, before, before.definition, enabled=enabled, by=by, action=action)
        return _required(connection, source)


def _seen(connection: Connection, source: str, version: int | None) -> StoredSchedule | None:
    row = connection.execute(select(schedule).where(schedule.c.source == source).with_for_update()).first()
    if version is not None and version != (row.version if row else 0):
        who = f"by {row.changed_by} in between" if row else "since: it is gone"
        raise LostEditError(f"the schedule of {source} was changed {who}; nothing is saved")
    return None if row is None else _stored(row)


def _insert(
    connection: Connection, source: str, definition: ScheduleDefinition, *, enabled: bool, by: str
) -> None:
    now = datetime.now(UTC)
    connection.execute(
        insert(schedule).values(
            source=source,
            definition=definition.model_dump_json(),
            enabled=enabled,
            version=1,
            changed_at=now,
            changed_by=by,
        )
    )
    _record(connection, ScheduleChange(source, now, by, "", _state(definition, enabled=enabled)))


def _change(
    connection: Connection,
    before: StoredSchedule,
    definition: ScheduleDefinition | None,
    *,
    enabled: bool,
    by: str,
    action: str,
) -> None:
    now = datetime.now(UTC)
    values: dict[str, object] = {
        "enabled": enabled,
        "version": before.version + 1,
        "changed_at": now,
        "changed_by": by,
    }
    if definition is not None:
        values["definition"] = definition.model_dump_json()
    connection.execute(
        update(schedule)
        .where(schedule.c.source == before.source, schedule.c.version == before.version)
        .values(values)
    )
    was, is_now = _state(before.definition, enabled=before.enabled), _state(definition, enabled=enabled)
    _record(connection, ScheduleChange(before.source, now, by, was, is_now))
    audit.record(connection, by, action, before.source, f"from {_words(was)} to {_words(is_now)}")


def _record(connection: Connection, change: ScheduleChange) -> None:
    connection.execute(insert(schedule_change).values(asdict(change)))


def _state(definition: ScheduleDefinition | None, *, enabled: bool) -> str:
    fields = {} if definition is None else definition.model_dump(mode="json")
    return json.dumps({"enabled": enabled, "definition": fields})


def changes(store: Store, source: str | None = None, limit: int = 100) -> list[ScheduleChange]:
    """The newest changes first: of all schedules or of one."""
    statement = select(schedule_change).order_by(schedule_change.c.id.desc()).limit(limit)
    if source is not None:
        statement = statement.where(schedule_change.c.source == source)
    with store.reading() as connection:
        return [
            ScheduleChange(row.source, row.changed_at, row.changed_by, _words(row.before), _words(row.after))
            for row in connection.execute(statement)
        ]


def _words(state: str) -> str:
    if not state:
        return ""
    values = json.loads(state)
    try:
        definition = definition_from_json(json.dumps(values["definition"]))
    except ScheduleError:
        return "a schedule that cannot be read"
    rest = (
        f"grace {definition.grace_hours:g} h, catch up {definition.catch_up}, "
        f"timeout {definition.timeout_minutes:g} min, {definition.attempts} attempts"
    )
    paused = "" if values["enabled"] else "paused: "
    return f"{paused}{definition.words}; {rest}"


def _required(connection: Connection, source: str) -> StoredSchedule:
    return _stored(connection.execute(select(schedule).where(schedule.c.source == source)).one())


def _stored(row: Row[tuple[object, ...]]) -> StoredSchedule:
    definition, problem = None, ""
    try:
        definition = definition_from_json(row.definition)
    except ScheduleError as error:
        problem = str(error)
    return StoredSchedule(
        row.source,
        definition,
        bool(row.enabled),
        int(row.version),
        row.changed_at,
        row.changed_by,
        problem,
    )


def due_of(connection: Connection, stored: StoredSchedule, now: datetime) -> list[datetime]:
    """The slots of a schedule that are due and not filed yet, in UTC, oldest first.

    They come after the newest slot that has a run and after the schedule's last change.
    """
    return _due(stored, now, last_slot(connection, stored.source), last_found(connection, stored.source))


def all_due(connection: Connection, now: datetime) -> list[tuple[str, datetime]]:
    """`due_of` every schedule, each slot with its source."""
    slots, finds = last_slots(connection), last_finds(connection)
    return [
        (stored.source, slot)
        for stored in read_schedules(connection)
        for slot in _due(stored, now, slots.get(stored.source), finds.get(stored.source))
    ]


def _due(
    stored: StoredSchedule, now: datetime, newest: datetime | None, found_at: datetime | None
) -> list[datetime]:
    if stored.definition is None or not stored.enabled:
        return []
    after = max(stored.changed_at, newest) if newest else stored.changed_at
    return due_slots(stored.definition, after, now, found_at=found_at)
