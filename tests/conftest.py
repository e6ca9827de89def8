"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import psycopg
import pytest
import typer.main
import typer.testing
from werkzeug.routing import Rule

from db.settings import Settings, load_settings
from db.store import Store, open_store
from tests.support import postgresql
from tests.support.built.postgresql_stores import PreparedDatabases
from tests.support.seed import prepared_file

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
SHARED_CASES = SHARED_DATA.parent / "cases"
# Sites that tests begin make no files of everything beside what is tested; those that do say where.
os.environ["STP_BULK__FOLDER"] = ""
# To compose the commands takes ten times as long as to run most of them.
vars(typer.testing)["_get_command"] = cache(typer.main.get_command)


_Builder = Callable[..., tuple[str, str]]
_builders: dict[tuple[object, ...], _Builder] = {}
_write_builder = Rule._compile_builder


def _builder_of(self: Rule, append_unknown: bool = True) -> _Builder:
    """The function that writes a rule's addresses: to compile these is most of what a new application costs.

    They follow from the rule's text and the names of what stands for what is not said: applications share them.
    """
    names = tuple(self.defaults or ())
    if any(dynamic and name in names for dynamic, name in self._trace):
        return _write_builder(self, append_unknown)
    key = (self.rule, *self._trace, names, append_unknown)
    if key not in _builders:
        _builders[key] = _write_builder(self, append_unknown)
    return _builders[key]


Rule._compile_builder = _builder_of  # type: ignore[method-assign]

DEAREST = (
    "stp_dash/analysis/claims/test_claims_true.py",
    "browser/test_states.py",
    "stp_dash/pages/test_labels.py",
    "db/loading/undo/test_undo.py",
    "browser/test_first_view.py",
    "etl/service/test_worker.py",
    "etl/pipeline/test_faults.py",
    "browser/test_operations.py",
    "etl/service/test_leaders.py",
    "browser/test_onward.py",
    "browser/test_shell.py",
    "db/loading/test_load.py",
    "test_app.py",
    "stp_dash/pages/test_few_values.py",
    "etl/pipeline/test_backfill.py",
)
"""Modules that take longest, begun first: otherwise one process would work at the last of them alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The dearest modules before all others, which keep their order."""
    tests = Path(__file__).parent
    order = {tests / name: place for place, name in enumerate(DEAREST)}
    items.sort(key=lambda item: order.get(item.path, len(order)))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--all-labels`: labels over the demonstration of England, and of every chart in the browser."""
    parser.addoption("--all-labels", action="store_true", help="check labels over all of England")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real published files beside the project."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the real published files (../shared/data) are not beside this checkout")
    return SHARED_DATA


@pytest.fixture(scope="session")
def shared_cases() -> Path:
    """The folder of files that people have spoilt, beside the project."""
    if not SHARED_CASES.is_dir():
        pytest.skip("the spoilt files (../shared/cases) are not beside this checkout")
    return SHARED_CASES


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The address of a real PostgreSQL server of the tests' own."""
    programs = postgresql.binaries()
    if programs is None:
        if os.environ.get("CI"):
            pytest.fail(postgresql.HOW_TO_GET_IT)
        pytest.skip(postgresql.HOW_TO_GET_IT)
    with postgresql.running_cluster(programs) as address:
        yield address


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of a prepared database that each test's own is copied from."""
    _administer(postgresql_server, "CREATE DATABASE prepared")
    open_store(f"{postgresql_server}/prepared").close()
    return "prepared"


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared SQLite file that each test's own is copied from."""
    path = tmp_path_factory.mktemp("template") / "store.sqlite"
    path.write_bytes(prepared_file())
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """A prepared SQLite store of this test's own."""
    path = tmp_path / "store.sqlite"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_server: str, postgresql_template: str) -> PreparedDatabases:
    """Databases for the tests to take and give back."""
    return PreparedDatabases(postgresql_server, postgresql_template)


@pytest.fixture
def new_postgresql_url(postgresql_server: str, postgresql_databases: PreparedDatabases) -> Iterator[str]:
    """A prepared PostgreSQL store of this test's own."""
    name = postgresql_databases.take()
    yield f"{postgresql_server}/{name}"
    postgresql_databases.give_back(name)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def store_url(request: pytest.FixtureRequest) -> str:
    """A prepared store's address: the test runs once on SQLite and once on PostgreSQL."""
    fixtures = {"sqlite": "sqlite_url", "postgresql": "new_postgresql_url"}
    return str(request.getfixturevalue(fixtures[request.param]))


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store: the test runs once on SQLite and once on PostgreSQL."""
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The shipped settings, with raw files kept in this test's own folder."""
    monkeypatch.setenv("STP_STORE__RAW_FOLDER", str(tmp_path / "raw"))
    return load_settings()


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Write bytes to a file of this test's own and give its path."""

    def write_file(name: str, content: bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write_file


def _administer(server: str, statement: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(statement)
