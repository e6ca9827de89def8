"""`files`, `undo` and `put-back` as a person runs them."""

from __future__ import annotations

from pathlib import Path

from tests.etl.commands.test_commands import Run, run
from tests.support.publications.combined_csv import month, text

__all__ = ["run"]
OCTOBER, NOVEMBER = "2024-25-Monthly-Combined-CSV-Provisional.csv", "2024-25-Monthly-Combined-CSV-Final.csv"


def loaded(run: Run, folder: Path) -> None:
    (folder / OCTOBER).write_bytes(text(month("2024-10-01")))
    (folder / NOVEMBER).write_bytes(text([*month("2024-10-01", change=7), *month("2024-11-01")]))
    for name in (OCTOBER, NOVEMBER):
        assert run("load", folder / name).exit_code == 0


def test_an_undo_says_first_what_would_change_and_is_put_back(run: Run, tmp_path: Path) -> None:
    loaded(run, tmp_path)
    looked = run("undo", NOVEMBER, "--dry-run")
    assert looked.exit_code == 0, looked.stderr
    assert f"Undo file 2: {NOVEMBER}" in looked.stdout
    assert "November 2024" in looked.stdout.split("Without any figure:")[1]
    assert "-> none" in looked.stdout
    assert "Nothing was changed." in looked.stdout
    unasked = run("undo", "2", "--reason", "The publisher withdrew it")
    assert unasked.exit_code == 1
    assert "add --yes to do it, or --dry-run to look only" in unasked.stderr
    done = run("undo", "2", "--reason", "The publisher withdrew it", "--yes")
    assert "Done: data version 3. The way back: python -m etl put-back 2" in done.stdout
    listed = run("files", "--undone").stdout
    assert "The publisher withdrew it" in listed
    assert OCTOBER not in listed
    assert "October 2024" in run("status").stdout
    again = run("load", tmp_path / NOVEMBER)
    assert again.exit_code == 1
    assert (
        "The publisher withdrew it; nothing was loaded: put it back with python -m etl put-back 2"
        in again.stdout
    )
    assert run("put-back", "--run", "2", "--reason", "It was right", "--yes").exit_code == 0
    assert "November 2024" in run("status").stdout
    assert "0 files loaded, 1 unchanged" in run("load", tmp_path / NOVEMBER).stdout


def test_what_is_not_meant_is_said(run: Run, tmp_path: Path) -> None:
    loaded(run, tmp_path)
    for arguments, said in (
        (("undo", "2", "--yes"), "wanted --reason"),
        (("undo", "--dry-run"), "wanted a file, or --run and the number of a run"),
        (("undo", "no.csv", "--dry-run"), "wanted one file named no.csv, found none"),
        (("undo", "77", "--dry-run"), "the store holds no file 77"),
        (("undo", "--run", "77", "--dry-run"), "run 77 loaded no file that counts"),
        (("put-back", "2", "--dry-run"), "counts already"),
    ):
        finished = run(*arguments)
        assert finished.exit_code == 1
        assert said in finished.stderr
