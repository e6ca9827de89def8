"""Files that the processes of one machine share: bounded, found whole, and gone with the process that made them."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

from stp_dash.web.kept.shelf import Shelf


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_another_process_finds_what_one_has_put() -> None:
    shelf = Shelf(1_000)
    child = os.fork()
    if not child:
        shelf.put(3, "a", b"from a worker")
        os._exit(0)
    os.waitpid(child, 0)
    assert shelf.get(3, "a") == b"from a worker"
    assert shelf.get(4, "a") is None
    assert shelf.get(3, "b") is None


def test_no_more_is_kept_than_so_many_bytes(tmp_path: Path) -> None:
    shelf = Shelf(10_000)
    for number in range(100):
        shelf.put(1, f"page-{number}", bytes(500))
        assert shelf.get(1, "page-0") is not None
    shelf.put(1, "too large", bytes(10_001))
    kept = list(tmp_path.glob("*/1/*"))
    assert 8_000 < sum(path.stat().st_size for path in kept) <= 10_000
    assert shelf.get(1, "page-99") is not None
    assert shelf.get(1, "too large") is None


def test_what_was_before_the_last_two_states_is_dropped() -> None:
    shelf = Shelf(10_000)
    for state in (1, 2, 3):
        shelf.put(state, "a", b"%d" % state)
    shelf.forget_before(3)
    assert [shelf.get(state, "a") for state in (1, 2, 3)] == [None, b"2", b"3"]


def test_the_folder_is_its_owners_alone_and_goes_with_them(tmp_path: Path) -> None:
    shelf = Shelf(1_000)
    (folder,) = tmp_path.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    del shelf
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_process_has_left_is_cleared_by_the_next_and_a_living_ones_is_not(
    tmp_path: Path,
) -> None:
    mine = Shelf(1_000)
    child = os.fork()
    if not child:
        left = Shelf(1_000)
        left.put(1, "a", b"left")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert len(list(tmp_path.iterdir())) == 2
    mine.put(1, "a", b"mine")
    another = Shelf(1_000)
    assert len(list(tmp_path.iterdir())) == 2
    assert (mine.get(1, "a"), another.get(1, "a")) == (b"mine", None)


def test_where_the_disk_takes_nothing_nothing_is_shared(tmp_path: Path) -> None:
    shelf = Shelf(1_000)
    (folder,) = tmp_path.iterdir()
    (folder / "1").write_text("in the way")
    shelf.put(1, "a", b"a")
    assert shelf.get(1, "a") is None
