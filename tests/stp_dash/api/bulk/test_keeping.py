"""The folder of the files: whole or not at all, one maker at a time, older versions gone."""

from __future__ import annotations

import fcntl
import resource
from pathlib import Path

import pytest
from flask import Flask
from typer.testing import CliRunner

from db.store import Store
from stp_dash.__main__ import application as commands
from stp_dash.api.bulk.keeping import BulkMaker, NoFilesError, keep_files, versions_kept
from stp_dash.api.bulk.package import SUMS, sha256_of
from stp_dash.frame.request import Site


def test_hashes_stand_beside_the_files(made: Path) -> None:
    told = (line.split("  ") for line in (made / SUMS).read_text("ascii").splitlines())
    assert {name: known for known, name in told} == {
        item.name: sha256_of(item) for item in made.iterdir() if item.name != SUMS
    }


def test_what_is_there_is_not_made_again(made: Path, bulk_site: Site) -> None:
    before = {item.name: item.stat().st_mtime_ns for item in made.iterdir()}
    assert keep_files(bulk_site, made.parent.parent) == made
    assert {item.name: item.stat().st_mtime_ns for item in made.iterdir()} == before


def test_older_versions_go_and_what_was_broken_off_and_another_stores(
    made: Path, bulk_site: Site, tmp_path: Path
) -> None:
    """Another store's data version of the same number is never taken for this one's."""
    mark, number = made.parent.name, made.name
    for name in (f"{mark}/1", f"{mark}/2", ".making", f"{'0' * 12}/{number}", f"{'0' * 12}/999"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / SUMS).write_text("")
    (tmp_path / "notes").mkdir()
    keep_files(bulk_site, tmp_path)
    assert versions_kept(tmp_path / mark) == [int(number), 2]
    assert sorted(item.name for item in tmp_path.iterdir()) == [".lock", mark, "notes"]


def test_two_do_not_write_at_once(bulk_site: Site, tmp_path: Path) -> None:
    with (tmp_path / ".lock").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(NoFilesError, match="another process is making the files already"):
            keep_files(bulk_site, tmp_path)
    assert [item.name for item in tmp_path.iterdir()] == [".lock"]


def test_a_full_disk_is_told_and_leaves_nothing(bulk_site: Site, tmp_path: Path) -> None:
    """No file of this process may have more than 10,000 bytes meanwhile: writing ends as on a full disk."""
    usual, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, most))
    try:
        with pytest.raises(NoFilesError, match=f"^{tmp_path}: the files cannot be written: ") as told:
            keep_files(bulk_site, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (usual, most))
    assert "\n" not in str(told.value)
    assert [item.name for item in tmp_path.iterdir()] == [".lock"]


def test_the_site_has_them_made_when_the_data_have_settled(
    held: Store, bulk_site: Site, server: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process of its own makes them, once, a minute after the last change."""
    monkeypatch.setenv("DATABASE_URL", held.engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("STP_BULK__FOLDER", str(tmp_path))
    maker = BulkMaker(server, bulk_site, tmp_path)
    assert [maker.look(second) for second in (1_000.0, 1_059.0)] == [False, False]
    assert list(tmp_path.iterdir()) == []
    assert maker.look(1_061.0)
    (mark,) = (item for item in tmp_path.iterdir() if item.name != ".lock")
    assert len(versions_kept(mark)) == 1
    assert not maker.look(1_062.0)


def test_without_data_or_a_folder_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")
    monkeypatch.setenv("STP_BULK__FOLDER", "")
    said = CliRunner().invoke(commands, ["bulk"])
    assert (said.exit_code, said.stderr) == (
        1,
        "Error: No folder is given: name one with --out, or in the setting bulk.folder.\n",
    )
    said = CliRunner().invoke(commands, ["bulk", "--out", str(tmp_path / "bulk")])
    assert (said.exit_code, said.stderr) == (
        1,
        "Error: No data is loaded yet, so that there is nothing for the files.\n",
    )
