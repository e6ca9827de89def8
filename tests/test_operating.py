"""What is said of operating the program, beside the program: commands, units, image."""

from __future__ import annotations

import configparser
import re
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from etl.__main__ import application

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "docs" / "deploy"
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
COMMANDS = sorted(
    {tuple(re.findall(r"[a-z-]+", found)) for found in re.findall(r"-m etl ((?:[a-z-]+ ?){1,2})", OPERATING)}
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_that_is_named_is_one(words: tuple[str, ...]) -> None:
    """A second word is a command of a group, or what the first takes."""
    runner = CliRunner()
    alone = runner.invoke(application, [words[0], "--help"])
    assert alone.exit_code == 0, alone.output
    group = re.search(r"COMMAND \[ARGS\]", alone.output)
    if group and len(words) > 1:
        assert runner.invoke(application, [*words, "--help"]).exit_code == 0, words


@pytest.mark.parametrize("name", ["monitor-web", "monitor-scheduler"])
def test_a_unit_has_an_account_folders_and_environment(name: str) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.read(DEPLOY / f"{name}.service", encoding="utf-8")
    service = unit["Service"]
    assert (service["User"], service["WorkingDirectory"]) == ("monitor", "/opt/monitor")
    assert (service["StateDirectory"], service["EnvironmentFile"]) == ("monitor", "/etc/monitor.env")
    assert service["ExecStart"].startswith("/opt/monitor/.venv/bin/")


def test_an_image_copies_what_each_step_needs_before_it() -> None:
    steps = [
        line.split()
        for line in (DEPLOY / "Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.strip()
    ]
    words = [" ".join(step) for step in steps]
    assert words.index("COPY requirements.lock Makefile ./") < words.index("RUN make .venv/.run")
    assert words.index("COPY . .") < words.index("RUN make setup")
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".git", ".venv", "build", "data", "docs/deploy/.env"} <= set(left_out)
    needed = {"app.py", "db", "etl", "stp_dash", "assets", "config.toml", "gunicorn.conf.py", "Makefile"}
    assert not needed & set(left_out)


def test_settings_that_are_explained_exist() -> None:
    settings = tomllib.loads((ROOT / "config.toml").read_text(encoding="utf-8"))
    named = re.findall(r"`((?!stp_)\w+_(?:days|at_once))`", OPERATING)
    known = {name for section in settings.values() if isinstance(section, dict) for name in section}
    assert named
    assert set(named) <= known
