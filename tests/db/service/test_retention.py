"""What is past its time goes, and nothing that a figure, a decision or the next slot rests on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from db.domain import RunState
from db.domain.file import HeldKind, HeldState, RefusedFile
from db.service.held_files import decide, hold
from db.service.retention import RetainedKind, RetentionPlan, clear, next_clearing, retention_plan
from db.service.runs import log_line
from db.settings import Settings, load_settings
from db.store import Store
from db.store.audit import audit_entries
from db.store.schema import held_file, load_run, observation, run_log, sign_in_attempt, source_file
from tests.support.seed import ordinary_rows, write_rows

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
YEARS = timedelta(days=4 * 365)


@pytest.fixture
def kept(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Store, Settings]]:
    monkeypatch.setenv("STP_STORE__RAW_FOLDER", str(tmp_path / "raw"))
    write_rows(store, ordinary_rows())
    yield store, load_settings()


def settings_with(**days: int) -> Settings:
    found = load_settings()
    return found.model_copy(update={"retention": found.retention.model_copy(update=days)})


def raw_file(settings: Settings, content: bytes, age: timedelta) -> tuple[Path, str]:
    digest = hashlib.sha256(content).hexdigest()
    path = settings.store.raw_folder / digest[:2] / f"{digest}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    aged(path, age)
    return path, digest


def aged(path: Path, age: timedelta) -> None:
    moment = (NOW - age).timestamp()
    os.utime(path, (moment, moment))


def ran(store: Store, age: timedelta, **more: Any) -> int:
    at = NOW - age
    row = {
        "source": "ssnap", "trigger": "schedule", "requested_by": "scheduler", "state": RunState.UNCHANGED.value,
        "requested_at": at, "started_at": at, "finished_at": at, "code_version": "1", **more,
    }  # fmt: skip
    with store.writing() as connection:
        run_id = int(connection.execute(insert(load_run).values(row).returning(load_run.c.id)).scalar_one())
        log_line(connection, run_id, "INFO", "a line")
    return run_id


def plan_of(store: Store, settings: Settings) -> RetentionPlan:
    with store.reading() as connection:
        return retention_plan(connection, settings, NOW)


def goes(plan: RetentionPlan) -> dict[RetainedKind, int]:
    return {item.kind: item.goes.count for item in plan.kinds if item.goes.count}


def test_a_file_that_figures_rest_on_never_goes_whatever_the_settings_say(
    kept: tuple[Store, Settings],
) -> None:
    store, settings = kept
    path, digest = raw_file(settings, b"figures", YEARS)
    with store.writing() as connection:
        connection.execute(update(source_file).values(loaded_at=NOW - YEARS))
        used = connection.execute(select(observation.c.source_file_id).limit(1)).scalar_one()
        connection.execute(update(source_file).where(source_file.c.id == used).values(sha256=digest))
    strict = settings_with(raw_files_days=1, stray_files_days=1, held_files_days=1)
    assert goes(plan_of(store, strict)) == {}
    clear(store, strict, by="someone", at=NOW)
    assert path.read_bytes() == b"figures"


def test_a_file_whose_figures_were_all_replaced_goes_only_where_the_settings_say_so(
    kept: tuple[Store, Settings],
) -> None:
    store, settings = kept
    path, digest = raw_file(settings, b"replaced", YEARS)
    with store.writing() as connection:
        row = dict(connection.execute(select(source_file).limit(1)).mappings().one())
        row |= {"id": 9_999, "sha256": digest, "loaded_at": NOW - YEARS}
        connection.execute(insert(source_file).values(row))
    assert goes(plan_of(store, settings)) == {}
    strict = settings_with(raw_files_days=365)
    assert goes(plan_of(store, strict)) == {RetainedKind.RAW: 1}
    assert clear(store, strict, by="someone", at=NOW).files == (path,)
    assert not path.exists()


def test_a_held_file_waits_and_goes_so_long_after_its_decision(kept: tuple[Store, Settings]) -> None:
    store, settings = kept
    for content in (b"waits", b"rejected"):
        path, digest = raw_file(settings, content, YEARS)
        refused = RefusedFile(
            "ssnap",
            f"{content.decode()}.csv",
            "",
            digest,
            len(content),
            str(path),
            "",
            HeldKind.LAYOUT,
            "unknown",
        )
        with store.writing() as connection:
            held_id = hold(connection, refused, load_run_id=None)
            if content == b"rejected":
                decide(connection, held_id, HeldState.REJECTED, by="someone", decision="not ours")
                connection.execute(
                    update(held_file)
                    .where(held_file.c.id == held_id)
                    .values(decided_at=NOW - timedelta(days=366))
                )
    plan = clear(store, settings, by="someone", at=NOW)
    assert goes(plan) == {RetainedKind.HELD: 1}
    assert [path.read_bytes() for path in settings.store.raw_folder.rglob("*.csv")] == [b"waits"]


def test_strays_stay_unless_told_and_unfinished_files_go_after_a_day(kept: tuple[Store, Settings]) -> None:
    store, settings = kept
    stray, _ = raw_file(settings, b"stray", timedelta(days=40))
    unfinished = stray.parent / "tmpabc_123"
    unfinished.write_bytes(b"half")
    aged(unfinished, timedelta(days=2))
    own = settings.store.raw_folder / "notes.txt"
    own.write_text("an operator's own")
    aged(own, YEARS)
    assert clear(store, settings, by="someone", at=NOW).files == (unfinished,)
    assert stray.exists()
    assert clear(store, settings_with(stray_files_days=30), by="someone", at=NOW).files == (stray,)
    assert own.exists()


def test_old_runs_go_with_their_logs_but_not_what_the_store_rests_on(kept: tuple[Store, Settings]) -> None:
    store, settings = kept
    old = ran(store, YEARS)
    slot = ran(store, YEARS, slot=NOW - YEARS)
    with_file = ran(store, YEARS)
    at_work = ran(store, YEARS, state=RunState.RUNNING.value, finished_at=None)
    last_year = ran(store, timedelta(days=400))
    newest = ran(store, timedelta(days=1))
    with store.writing() as connection:
        connection.execute(update(source_file).values(load_run_id=with_file))
        connection.execute(
            insert(sign_in_attempt),
            [
                {"at": NOW - age, "name": "someone", "address": "192.0.2.1", "succeeded": True}
                for age in (YEARS, timedelta(days=1))
            ],
        )
    plan = plan_of(store, settings)
    assert goes(plan) == {RetainedKind.RUNS: 1, RetainedKind.LOGS: 4, RetainedKind.ATTEMPTS: 1}
    assert clear(store, settings, by="someone", at=NOW) == plan
    with store.reading() as connection:
        left = set(connection.execute(select(load_run.c.id)).scalars())
        logged = set(connection.execute(select(run_log.c.load_run_id)).scalars())
        attempts = connection.execute(select(func.count()).select_from(sign_in_attempt)).scalar()
        (entry, *_) = audit_entries(connection)
    assert old not in left
    assert {slot, with_file, at_work, last_year, newest} <= left
    assert logged == {at_work, newest}
    assert attempts == 1
    assert (entry.actor, entry.action) == ("someone", "clear")
    assert entry.detail == "Runs: 1, Lines of logs: 4, Sign-in attempts: 1"
    assert plan_of(store, settings).empty


def test_nought_days_are_for_ever(kept: tuple[Store, Settings]) -> None:
    store, _ = kept
    ran(store, YEARS)
    ran(store, timedelta(days=1))
    assert goes(plan_of(store, settings_with(runs_days=0, logs_days=0))) == {}


def test_the_next_clearing_is_at_two_at_night_on_londons_clocks(kept: tuple[Store, Settings]) -> None:
    store, settings = kept
    with store.reading() as connection:
        assert next_clearing(connection, NOW) == NOW
    clear(store, settings, by="scheduler", at=datetime(2026, 6, 10, 12, tzinfo=UTC))
    clear(store, settings, by="scheduler", at=datetime(2026, 6, 10, 13, tzinfo=UTC))
    with store.reading() as connection:
        # British Summer Time: two at night is one o'clock in UTC.
        night = datetime(2026, 6, 11, 1, tzinfo=UTC)
        assert next_clearing(connection, night - timedelta(hours=5)) == night
        assert next_clearing(connection, NOW) == NOW


def test_uploads_that_are_left_are_counted_and_go(kept: tuple[Store, Settings]) -> None:
    store, settings = kept
    paths = {}
    for name, age in (("loaded", 0.1), ("checked", 0.1), ("checked-long-ago", 1.1), ("unknown", 0.1)):
        paths[name] = settings.uploads_folder / name / "a.csv"
        paths[name].parent.mkdir(parents=True)
        paths[name].write_bytes(b"12345")
        aged(paths[name].parent, timedelta(days=age))
    for name, kind in (("loaded", "load"), ("checked", "check"), ("checked-long-ago", "check")):
        ran(store, timedelta(hours=1), kind=kind, request=json.dumps({"paths": [str(paths[name])]}))
    found = next(item for item in plan_of(store, settings).kinds if item.kind is RetainedKind.UPLOADS)
    assert ((found.now.count, found.now.size), (found.goes.count, found.goes.size)) == ((4, 20), (2, 10))
    clear(store, settings, by="tester", at=NOW)
    assert [name for name, path in paths.items() if path.exists()] == ["checked", "unknown"]
