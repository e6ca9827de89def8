"""The demonstration of our area and its neighbours, every source and every release of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from db.settings import load_settings
from db.store import Store, open_store
from etl.demo.edition import run_demonstration
from etl.demo.publication import Part, Size
from tests.support.built.once import built_once

TODAY = date(2026, 11, 20)
"""The day of which the demonstration is."""
_NAME = "store.sqlite"


def demonstration_store(folders: pytest.TempPathFactory) -> Iterator[Store]:
    """A copy of the small demonstration, of the asker's own."""
    built = built_once(folders, "small-demonstration", load_small)
    own = folders.mktemp("demonstration") / _NAME
    shutil.copy(built / _NAME, own)
    store = open_store(f"sqlite:///{own}")
    yield store
    store.close()


def load_small(folder: Path) -> None:
    load_demonstration(folder, Size.SMALL, Part.ALL).close()


def load_demonstration(folder: Path, size: Size, part: Part) -> Store:
    """A demonstration as of `TODAY` in a store of a folder."""
    store = open_store(f"sqlite:///{folder / _NAME}")
    settings = load_settings()
    kept = settings.store.model_copy(update={"raw_folder": folder / "raw"})
    run_demonstration(
        store, settings=settings.model_copy(update={"store": kept}), size=size, part=part, today=TODAY
    )
    with store.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return store
