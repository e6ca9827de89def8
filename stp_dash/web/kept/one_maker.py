"""One maker of a thing at a time, among the threads and processes of the site on one machine; the others wait."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from time import monotonic, sleep

_PLACES = 2**40
_LOOK_SECONDS = 0.002


class OneMaker:
    """Turns at making things by name, for the process that made this and all that are copied from it.

    A turn is a lock of the system's, which ends with the process that has it, however that ends.
    """

    def __init__(self) -> None:
        self._file, path = tempfile.mkstemp()
        Path(path).unlink()
        weakref.finalize(self, os.close, self._file)
        self._lock = Lock()
        self._own: dict[int, tuple[Lock, int]] = {}

    @contextmanager
    def turn(self, name: str, seconds: float) -> Iterator[bool]:
        """A turn at making something: whether it was given within so many seconds. Whoever got none may go on too."""
        place = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) % _PLACES
        ends = monotonic() + seconds
        with self._lock:
            own, waiting = self._own.get(place, (Lock(), 0))
            self._own[place] = (own, waiting + 1)
        try:
            if not own.acquire(timeout=max(0.0, seconds)):
                yield False
                return
            try:
                with self._among_processes(place, ends) as given:
                    yield given
            finally:
                own.release()
        finally:
            with self._lock:
                own, waiting = self._own[place]
                if waiting == 1:
                    del self._own[place]
                else:
                    self._own[place] = (own, waiting - 1)

    @contextmanager
    def _among_processes(self, place: int, ends: float) -> Iterator[bool]:
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError:
                if monotonic() >= ends:
                    yield False
                    return
                sleep(_LOOK_SECONDS)
                continue
            break
        try:
            yield True
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
