"""The benchmarks' one table: printed when all have run, and kept in `build/performance.md`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from db.settings import Settings
from db.store import open_store
from etl.demo.edition import run_demonstration
from etl.demo.publication import Size
from tests.bench.measuring import FIGURES, table

KEPT = Path(__file__).resolve().parents[2] / "build" / "performance.md"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not FIGURES:
        return
    text = table(FIGURES)
    KEPT.parent.mkdir(exist_ok=True)
    KEPT.write_text(text + "\n", encoding="utf-8")
    terminalreporter.write_sep("=", "figures")
    terminalreporter.write_line(text)


@pytest.fixture(scope="session")
def national(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite store that holds the whole `national` demonstration edition. Do not write into it: copy it first.

    BENCH_STORE may name one that is filled already; filling one takes a quarter of an hour or more.
    """
    if named := os.environ.get("BENCH_STORE"):
        return Path(named)
    folder = tmp_path_factory.mktemp("national")
    with closing(open_store(f"sqlite:///{folder / 'store.sqlite'}")) as store:
        run_demonstration(store, settings=Settings(store={"raw_folder": folder / "raw"}), size=Size.NATIONAL)
    return folder / "store.sqlite"


@pytest.fixture
def other_postgresql_url(postgresql_server: str, postgresql_template: str) -> Iterator[str]:
    """A second prepared PostgreSQL store."""
    with psycopg.connect(f"{postgresql_server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE other_store TEMPLATE {postgresql_template}")
        yield f"{postgresql_server}/other_store"
        connection.execute("DROP DATABASE other_store WITH (FORCE)")
