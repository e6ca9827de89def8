"""One maker at a time: among threads, among processes, and after the death of one that was making."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from stp_dash.web.kept.one_maker import OneMaker


def test_what_many_threads_ask_for_is_made_once() -> None:
    makers, made = OneMaker(), list[str]()

    def ask(name: str) -> str:
        with makers.turn(name, 10) as given:
            assert given
            if name not in made:
                made.append(name)
            return name

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(ask, "abab" * 10)) == list("abab" * 10)
    assert sorted(made) == ["a", "b"]


def test_another_process_waits_and_a_killed_one_keeps_nobody() -> None:
    makers = OneMaker()
    told, tell = os.pipe()
    child = os.fork()
    if not child:
        with makers.turn("a page", 10):
            os.write(tell, b"!")
            signal.pause()
    assert os.read(told, 1) == b"!"
    with makers.turn("a page", 0.05) as given:
        assert not given
    with makers.turn("another page", 0) as given:
        assert given
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    began = monotonic()
    with makers.turn("a page", 10) as given:
        assert given
    assert monotonic() - began < 1
    os.close(told)
    os.close(tell)
