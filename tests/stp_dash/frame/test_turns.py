"""Dear work is done one piece at a time; some waits, and the rest is told to come again."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stp_dash.application import create_app
from stp_dash.frame.turns import BusyError, Turns
from stp_dash.web.router import LARGE_CELLS
from tests.support.seed import seeded_store, three_subjects

LARGE = "/download/variation.xlsx?indicator=gp-fully-qualified-fte-rate&by=practice&sheet=ranked"


def test_one_works_and_one_waits() -> None:
    turns, inside, go_on = Turns(at_once=1, waiting=1, seconds=30), threading.Event(), threading.Event()
    done: list[str] = []

    def first() -> None:
        with turns.turn():
            inside.set()
            assert go_on.wait(30)
            done.append("first")

    def second() -> None:
        go_on.set()
        with turns.turn():
            done.append("second")

    with ThreadPoolExecutor(2) as pool:
        working = pool.submit(first)
        assert inside.wait(30)
        waiting = pool.submit(second)
        working.result()
        waiting.result()
    assert done == ["first", "second"]


def test_where_nobody_may_wait_a_second_is_told_at_once() -> None:
    turns = Turns(at_once=1, waiting=0, seconds=30)
    with turns.turn(), pytest.raises(BusyError), turns.turn():
        pytest.fail("two at once")
    entered = False
    with turns.turn():
        entered = True
    assert entered, "the turn is free again"


def test_a_wait_that_is_in_vain_ends() -> None:
    turns = Turns(at_once=1, waiting=1, seconds=0.01)
    with turns.turn(), pytest.raises(BusyError), turns.turn():
        pytest.fail("two at once")


def test_large_downloads_at_once_are_made_once_or_told_to_come_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stp_dash.web.router.LARGE_CELLS", 0)
    store = seeded_store(tmp_path / "store.sqlite", three_subjects())
    server = create_app(store).server
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.test_client().get(LARGE), range(16)))
    made = [answer.get_data() for answer in answers if answer.status_code == 200]
    told = [answer for answer in answers if answer.status_code != 200]
    assert made
    assert len(set(made)) == 1, "the first is kept, byte for byte"
    for answer in told:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    again = server.test_client().get(LARGE)
    assert (again.status_code, again.get_data()) == (200, made[0])
    assert LARGE_CELLS > 0
    store.close()
