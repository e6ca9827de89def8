"""Files of a source into a store of their own, beside reading the same tables and writing the same rows."""

from __future__ import annotations

import io
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from time import process_time

import pandas as pd

from db.domain import Organisation, OrganisationType
from db.loading.keys import STORED_COLUMNS
from db.settings import Settings
from db.store import open_store
from etl.demo.pairs import Pair
from etl.demo.trusts import is_open
from etl.pipeline.run import load_files
from tests.bench.measuring import alternate


def every_pair(organisations: Mapping[str, Organisation], day: date, most: int) -> tuple[Pair, ...]:
    """Every trust of a day with every sub-ICB location of it, up to so many pairs."""
    trusts, areas = (
        sorted(item.code for item in organisations.values() if item.type is kind and is_open(item, day))
        for kind in (OrganisationType.TRUST, OrganisationType.SUB_ICB_LOCATION)
    )
    boards = {
        area: next((item.code for item in organisations[area].parents if item.in_force(day)), "QKS")
        for area in areas
    }
    every = (Pair(trust, "QKS", area, boards[area], 0.02) for trust in trusts for area in areas)
    return tuple(islice(every, most))


def load(url: str, paths: Sequence[Path], settings: Settings) -> float:
    """Processor seconds of a load that nothing refuses."""
    store = open_store(url)
    started = process_time()
    summary = load_files(store, list(paths), settings, requested_by="bench")
    taken = process_time() - started
    store.close()
    assert not summary.failed, [result.message for result in summary.results]
    return taken


@dataclass(frozen=True)
class BesideParts:
    """Published files with the tables of text in them, and an empty store to copy."""

    paths: Sequence[Path]
    tables: Sequence[bytes]
    folder: Path
    template: Path
    settings: Settings

    def ratio(self) -> float:
        """How many times pandas' reading and raw rows a load takes, in turns."""
        first = self._fresh("first")
        load(f"sqlite:///{first}", self.paths, self.settings)
        connection = sqlite3.connect(first)
        rows = sorted(connection.execute(f"SELECT {', '.join(STORED_COLUMNS)} FROM observation").fetchall())
        connection.close()
        assert rows
        mine, theirs = alternate(
            lambda: load(f"sqlite:///{self._fresh('ours')}", self.paths, self.settings),
            lambda: self._parts(rows),
        )
        return mine / theirs

    def _fresh(self, name: str) -> Path:
        for old in self.folder.glob(f"{name}.sqlite*"):
            old.unlink()
        shutil.copy(self.template, self.folder / f"{name}.sqlite")
        return self.folder / f"{name}.sqlite"

    def _parts(self, rows: list[tuple[object, ...]]) -> float:
        connection = sqlite3.connect(self._fresh("parts"))
        connection.execute("PRAGMA synchronous = NORMAL")
        started = process_time()
        for table in self.tables:
            pd.read_csv(io.BytesIO(table), low_memory=False)
        marks = ", ".join("?" for _ in STORED_COLUMNS)
        connection.executemany(
            f"INSERT INTO observation ({', '.join(STORED_COLUMNS)}) VALUES ({marks})", rows
        )
        connection.commit()
        taken = process_time() - started
        connection.close()
        return taken
