"""Commands that only read: they make and change nothing, and any folder's name will do."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.publications.combined_csv import month, text
from tests.support.runs import etl

ROOT = Path(__file__).resolve().parents[3]
READING = (
    ("status",),
    ("status", "--json"),
    ("runs",),
    ("held", "list"),
    ("schedules",),
    ("schedules", "changes"),
    ("decisions",),
    ("operator", "list"),
)
NAME = "2024-25-Apr-Mar-Monthly-Combined-CSV-Final.csv"
CHARACTERS = "100% NHS [data] #1 & 'ü' %41 ?x=1 (a) + ;"
PROGRAM = ("db", "etl", "config.toml", "pyproject.toml")


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mtime_ns, path.stat().st_size)
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_no_store_is_made_by_looking_for_one(tmp_path: Path, words: tuple[str, ...]) -> None:
    finished = etl(*words, DATABASE_URL=f"sqlite:///{tmp_path}/deep/store.sqlite")
    assert finished.exit_code == 1
    assert f"there is no store at sqlite:///{tmp_path}/deep/store.sqlite" in finished.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_a_store_is_read_and_nothing_is_written(
    sqlite_url: str, tmp_path: Path, words: tuple[str, ...]
) -> None:
    before = contents(tmp_path)
    for address in (sqlite_url, f"sqlite:///file:{tmp_path}/store.sqlite?mode=ro&uri=true"):
        finished = etl(*words, DATABASE_URL=address)
        assert (finished.exit_code, finished.stderr) == (0, "")
    assert contents(tmp_path) == before


def test_an_older_store_is_not_migrated_by_looking_at_it(sqlite_url: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "store.sqlite") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0001'")
    connection.close()
    before = contents(tmp_path)
    finished = etl("status", DATABASE_URL=sqlite_url)
    assert finished.exit_code == 1
    assert "older version of this program" in finished.stderr
    assert contents(tmp_path) == before


def test_a_store_that_may_only_be_read_says_so_to_a_command_that_writes(
    sqlite_url: str, tmp_path: Path
) -> None:
    address = f"sqlite:///file:{tmp_path}/store.sqlite?mode=ro&uri=true"
    finished = etl("schedules", "pause", "ssnap", DATABASE_URL=address)
    assert finished.exit_code == 1
    assert "this store may only be read" in finished.stderr
    assert not Path("file:").exists()


def test_any_folders_name_will_do_and_stores_are_their_owners_alone(tmp_path: Path) -> None:
    program = tmp_path / CHARACTERS / "monitor"
    for name in PROGRAM:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        program.mkdir(parents=True, exist_ok=True)
        copy(ROOT / name, program / name)
    place = tmp_path / f"kept {CHARACTERS}"
    store, raw = f"sqlite:///{place}/store {CHARACTERS}.sqlite", place / f"raw {CHARACTERS}"
    path = tmp_path / CHARACTERS / NAME
    path.write_bytes(text(month()))

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "DATABASE_URL": store, "STP_STORE__RAW_FOLDER": str(raw)}
        return subprocess.run(
            [sys.executable, "-m", "etl", *words],
            cwd=program,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    loaded = run("load", str(path))
    assert loaded.returncode == 0, loaded.stderr
    assert "1 files loaded" in loaded.stdout
    shown = run("status")
    assert "November 2024" in shown.stdout, shown.stderr
    assert {item.name for item in place.iterdir()} == {f"store {CHARACTERS}.sqlite", raw.name}
    assert stat.S_IMODE((place / f"store {CHARACTERS}.sqlite").stat().st_mode) == 0o600
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (place, raw)} == {0o700}
