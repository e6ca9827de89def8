"""Turns at what is dear: so much at once, so much waiting, and the rest is told to come again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore


class BusyError(Exception):
    """Too much of the kind is being made already. Nothing was made; it may be asked for again later."""


class Turns:
    """At most `at_once` pieces of work of a kind in this process, and `waiting` more that wait so many seconds."""

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._work = BoundedSemaphore(at_once)
        self._room = BoundedSemaphore(at_once + waiting)
        self._seconds = seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A turn, taken and given back. Raises BusyError where there is no room to wait, or the wait was in vain."""
        if not self._room.acquire(blocking=False):
            raise BusyError
        try:
            if not self._work.acquire(timeout=self._seconds):
                raise BusyError
            try:
                yield
            finally:
                self._work.release()
        finally:
            self._room.release()
