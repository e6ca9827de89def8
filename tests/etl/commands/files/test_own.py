"""`own` as a person runs it: from a definition and its template to figures, and back."""

from __future__ import annotations

import json
from pathlib import Path

from tests.etl.commands.test_commands import Run, run
from tests.support.own.measures import falls, lines, month

__all__ = ["run"]
DEFINITION = """
id = "local-zebra-falls"
name = "Zebra falls"
short_name = "Zebra falls"
kind = "count"
numerator_label = "Falls"
frequency = "month"
improvement_direction = "decrease"
total = "sum"
definition = "Falls."
why_it_matters = "They hurt."
caveats = "None known."
data_source = "Incident system"
owner = "Head of safety"
reviewed_on = 2026-01-01
review_due_on = 2027-01-01
[[units]]
code = "zebra-a"
name = "Zebra A"
type = "ward"
organisation = "RVV"
"""


def test_a_measure_from_its_definition_to_figures(run: Run, tmp_path: Path) -> None:
    definition, figures = tmp_path / "local-zebra-falls.toml", tmp_path / "figures.csv"
    definition.write_text(DEFINITION)
    assert "local-zebra-falls: version 1." in run("own", "define", definition).stdout
    assert "local-zebra-falls: unchanged." in run("own", "define", definition).stdout
    assert run("own", "template", "local-zebra-falls", "-o", figures).exit_code == 0
    head, *rows = figures.read_text(encoding="utf-8-sig").splitlines()
    assert head == "measure,organisation,unit,period,numerator,status,missing_reason,note"
    assert len(rows) == 24
    unfilled = run("own", "check", figures)
    assert unfilled.exit_code == 1
    assert "error: line 2: No figure and no missing_reason." in unfilled.stdout
    figures.write_text("\n".join((head, *(row.replace(",,final", ",12,final") for row in rows))))
    told = json.loads(run("own", "check", figures, "--json").stdout)
    assert (told["verdict"], told["rows"], told["findings"]) == ("accept", 24, [])
    assert told["changes"]["local-zebra-falls"]["new"] == 24
    assert "Submission 1. local-zebra-falls: 24 new." in run("own", "add", figures).stdout
    assert "Unchanged" in run("own", "add", figures).stdout
    odd = tmp_path / "odd.csv"
    odd.write_text("\n".join((head, rows[0].replace(",,final", ",99,final"))))
    refused = run("own", "add", odd)
    assert refused.exit_code == 1
    assert "add it with --confirm" in refused.stderr
    assert "1 changed" in run("own", "add", odd, "--confirm", "--reason", "Recounted").stdout
    assert "Submission 2 is withdrawn." in run("own", "withdraw", "2", "--reason", "Wrong").stdout
    assert "withdrawn already" in run("own", "withdraw", "2").stderr
    assert "Submission 2 stands again." in run("own", "restore", "2").stdout
    assert "24 new" in run("own", "list").stdout
    assert run("own", "erase", "local-zebra-falls").exit_code == 2
    assert "with 25 figures" in run("own", "erase", "local-zebra-falls", "--sure").stdout
    assert "There is no own measure" in run("own", "list").stdout


def test_a_file_is_checked_against_definitions_in_a_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "local-zebra-falls.toml").write_text(DEFINITION)
    (tmp_path / "list.csv").write_bytes(lines(month("zebra-a", "2026-09", 3, "")))
    found = run("own", "check", tmp_path / "list.csv", "--definitions", tmp_path)
    assert found.exit_code == 0, found.stdout
    missing = run("own", "check", tmp_path / "none.csv")
    assert missing.exit_code == 1
    assert "none.csv cannot be read: No such file" in missing.stderr
    assert falls().id in DEFINITION
