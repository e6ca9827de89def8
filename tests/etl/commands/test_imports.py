"""Commands start at once: what they work with is imported when it is needed, and not for their help."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from db.store import open_store

ROOT = Path(__file__).resolve().parents[3]
HEAVY = ("alembic", "apprise", "apscheduler", "bs4", "httpx", "openpyxl", "pandas", "scipy")
RUN = """
import runpy, sys
heavy, sys.argv = sys.argv[1].split(","), ["etl", *sys.argv[2:]]
try:
    runpy.run_module("etl", run_name="__main__")
except SystemExit as end:
    assert not end.code, end.code
print("imported:", *(name for name in heavy if name in sys.modules))
"""


def imported(names: tuple[str, ...], *arguments: str) -> list[str]:
    """Which of these modules a command has imported when it ends."""
    finished = subprocess.run(
        [sys.executable, "-c", RUN, ",".join(names), *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return finished.stdout.rstrip().rsplit("imported:", 1)[1].split()


@pytest.mark.parametrize("group", [(), ("schedules",), ("held",), ("load",), ("demo",)])
def test_help_imports_neither_readers_nor_the_store(group: tuple[str, ...]) -> None:
    assert imported((*HEAVY, "sqlalchemy", "db.settings", "numpy"), *group, "--help") == []


def test_status_of_a_store_that_is_up_to_date_imports_no_reader_and_no_migrations(sqlite_url: str) -> None:
    open_store(sqlite_url).close()
    assert imported((*HEAVY, "psycopg"), "status", "--database", sqlite_url) == []


def test_a_scheduler_imports_no_readers_which_only_its_runs_need() -> None:
    """`schedule` itself cannot be run to its end here: what it leads with is imported as it imports it."""
    names = (*HEAVY, "numpy", "psycopg")
    code = f"import sys, etl.service.scheduler; print(*(name for name in {names} if name in sys.modules))"
    finished = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    assert finished.stdout.split() == ["apprise", "apscheduler"]
