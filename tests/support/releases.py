"""Releases loaded one after another, made up or by chance."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from db.domain import Period, SourceFile
from db.figures.data_version import data_version
from db.loading.load import load_frame
from db.store import Store
from etl.demo.publication import Publisher
from tests.support.frames import NOVEMBER, OCTOBER, file, frame, random_rows
from tests.support.slow_store import Release

FOREVER = date(9999, 12, 31)
START = date(2024, 1, 1)


def fetched(source: SourceFile, day: date) -> SourceFile:
    return replace(source, fetched_at=datetime.combine(day, time(9, 30), UTC))


def put(store: Store, release: Release) -> int:
    """Load one release and give its data version."""
    with store.writing() as connection:
        load_frame(
            connection,
            frame(*release.rows),
            release.file,
            catalogue=store.catalogue,
            withdraws_absent=release.withdraws_absent,
        )
    with store.reading() as connection:
        return data_version(connection).number


def publish_in_turn(publisher: Publisher) -> Iterator[date]:
    """Publish a demonstration's releases one after another, giving the day of each when it can be read."""
    yield from publisher.newest()
    yield from publisher.older()


def put_rows(store: Store, source: SourceFile, *rows: dict[str, object]) -> int:
    return put(store, Release(source, rows))


def random_file(chance: random.Random, name: str, day: date, *, dated: bool) -> SourceFile:
    """Out on a day: published then, or of unknown publication and fetched then."""
    source = file(
        name,
        published_on=day if dated else None,
        latest_period_end=Period.from_key(chance.choice([OCTOBER, NOVEMBER])).end,
    )
    return fetched(source, FOREVER.replace(year=2026) if dated else day)


def random_releases(seed: int, *, in_order: bool) -> list[Release]:
    """Files in the order in which they came out, of every kind; or in any order, dated and without withdrawals."""
    chance = random.Random(seed)
    days = [START + timedelta(days=chance.randint(0, 6)) for _ in range(8)]
    if in_order:
        days.sort()
    return [
        Release(
            random_file(chance, f"file-{seed}-{n}", day, dated=not in_order or chance.random() < 0.6),
            random_rows(chance, all_of_them=False, derived=0.3 if in_order else 0.0),
            withdraws_absent=in_order,
        )
        for n, day in enumerate(days)
    ]
