"""A load killed a hundred times on each database: always the old state or the new, and the next load completes it."""

from __future__ import annotations

import sys
from pathlib import Path

from db.settings import Settings
from db.store import Store
from tests.support.killed_loads import killed_often

KILLS = 100


def test_a_hundred_kills(store: Store, store_url: str, settings: Settings, tmp_path: Path) -> None:
    outcomes = killed_often(store, store_url, settings, tmp_path, KILLS)
    print(
        f"\n{store.engine.dialect.name}: {KILLS} kills, {outcomes.at_work} of them before the run had ended; "
        f"{outcomes.old} left the old state, {outcomes.new} the new",
        file=sys.stderr,
    )
    assert outcomes.at_work >= KILLS / 4
    assert outcomes.old >= KILLS / 4
