"""The commands as a person runs them: output, exit status, and never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from tests.support.publications.combined_csv import month, text
from tests.support.runs import etl

ROOT = Path(__file__).resolve().parents[3]
NAME = "2024-25-Apr-Mar-Monthly-Combined-CSV-Final.csv"

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, sqlite_url: str) -> Run:
    """Run `python -m etl` on a store of this test's own."""
    own = {"DATABASE_URL": sqlite_url, "STP_STORE__RAW_FOLDER": str(tmp_path / "raw")}

    def command(*arguments: object, **environment: str) -> Result:
        return etl(*arguments, **own, **environment)

    return command


def test_load_reports_what_it_did_and_refuses_by_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / NAME).write_bytes(text(month()))
    (tmp_path / "files" / "broken.xlsx").write_bytes(b"PK\x03\x04 cut short")
    finished = run("load", tmp_path / "files")
    assert finished.exit_code == 1
    assert f"loaded {NAME}: November 2024" in finished.stdout
    assert "REFUSED broken.xlsx is cut short or damaged" in finished.stdout
    assert "1 files loaded, 0 unchanged, 1 refused." in finished.stdout
    again = run("load", tmp_path / "files" / NAME)
    assert again.exit_code == 0
    assert "0 files loaded, 1 unchanged, 0 refused." in again.stdout
    status = run("status")
    assert "November 2024" in status.stdout
    assert "failed" in status.stdout


def test_check_loads_nothing(run: Run, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(text(month()))
    assert "1 files checked, 0 would be refused" in run("check", path).stdout
    assert "nothing loaded" in run("status").stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("load", "nowhere.csv"), "nowhere.csv: the file cannot be read: No such file or directory"),
        (
            ("load", "x.csv", "--period", "last month"),
            "--period: wanted 2024-03 or 2024-04-30, found 'last month'",
        ),
        (
            ("load", "x.csv", "--maturity", "sure"),
            "--maturity: wanted provisional, final or revised, found 'sure'",
        ),
        (
            ("load", "x.csv", "--source", "weather"),
            "wanted one of the sources acute_discharge, cancer_waiting_times",
        ),
        (("refresh", "weather"), "found 'weather'"),
        (("status", "--database", "postgresql://nobody@127.0.0.1:1/none"), "cannot be opened"),
        (("status", "--database", "mysql://x/y"), "wanted sqlite:///FILE or postgresql://"),
    ],
)
def test_a_wrong_argument_is_said_plainly(run: Run, arguments: tuple[str, ...], said: str) -> None:
    finished = run(*arguments)
    assert finished.exit_code == 1
    assert said in finished.stdout + finished.stderr


def test_a_wrong_setting_is_named_and_ends_the_process() -> None:
    finished = subprocess.run(
        [sys.executable, "-m", "etl", "status"],
        cwd=ROOT,
        env={**os.environ, "STP_SITE__PORT": "many"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 1
    assert "Traceback" not in finished.stdout + finished.stderr
    assert "setting site.port" in finished.stderr
    assert "found a text" in finished.stderr


def test_a_settings_file_that_is_none_is_named(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[area\nname=")
    finished = run("status", STP_CONFIG=str(path))
    assert finished.exit_code == 1
    assert "the settings file that STP_CONFIG names cannot be read: wanted TOML" in finished.stderr


def test_what_systems_leave_in_a_folder_is_passed_over(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    for name in (".DS_Store", "Thumbs.db", "desktop.ini", "~$BOOK.xlsx", "__MACOSX/._data.csv"):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left")
    (folder / "November-2024-Monthly-Combined-CSV-Final.csv").write_bytes(text(month()))
    done = run("load", str(folder))
    assert done.exit_code == 0
    assert "Passed over, for systems leave such files in folders" in done.stdout
    assert "1 files loaded, 0 unchanged, 0 refused" in done.stdout
    assert "No file is held" in run("held", "list").stdout
    assert run("load", str(folder / "Thumbs.db")).exit_code == 1
