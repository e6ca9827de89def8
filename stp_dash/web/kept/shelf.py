"""Bytes by key that the site's processes on one machine share: files of a folder that ends with them."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import get_ident

_PREFIX = "stp-pages-"
_HELD = "held"
_SWEPT_SHARE = 16
"""After so large a part of the most that is kept, written by one process, what is too much is looked for."""


class Shelf:
    """At most so many bytes, by the state of the data and a name; what was used longest ago goes first.

    The folder is made for the process that made this and those copied from it, readable by their owner alone, and is
    removed at its end; one that was left behind by a process that was killed, by the next. Where the disk takes
    nothing, nothing is shared and nobody is told: it would only have been quicker.
    """

    def __init__(self, most: int) -> None:
        self._most, self._written = most, 0
        self._folder: Path | None = None
        try:
            _remove_left_behind()
            self._folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
            held = os.open(self._folder / _HELD, os.O_CREAT | os.O_RDONLY, 0o600)
            fcntl.flock(held, fcntl.LOCK_SH)
        except OSError:
            self._folder = None
            return
        weakref.finalize(self, _remove, self._folder, held, os.getpid())

    def get(self, state: int, name: str) -> bytes | None:
        """What is kept under a name of a state of the data."""
        if self._folder is None:
            return None
        path = self._folder / str(state) / name
        try:
            found = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        return found

    def put(self, state: int, name: str, content: bytes) -> None:
        """Keep something. Readers find it whole or not at all."""
        if self._folder is None or len(content) > self._most:
            return
        path = self._folder / str(state) / name
        part = path.with_name(f".{name}.{os.getpid()}.{get_ident()}")
        try:
            path.parent.mkdir(exist_ok=True)
            part.write_bytes(content)
            part.replace(path)
        except OSError:
            with suppress(OSError):
                part.unlink()
            return
        self._written += len(content)
        if self._written > self._most // _SWEPT_SHARE:
            self._written = 0
            self._sweep()

    def forget_before(self, state: int) -> None:
        """Drop what belongs to earlier states of the data than the one before this."""
        if self._folder is not None:
            for folder in self._folder.iterdir():
                if folder.name.isdigit() and int(folder.name) < state - 1:
                    shutil.rmtree(folder, ignore_errors=True)

    def _sweep(self) -> None:
        used = sorted(self._used(), key=lambda item: item[1])
        over = sum(size for _, _, size in used) - self._most * (_SWEPT_SHARE - 2) // _SWEPT_SHARE
        for path, _, size in used:
            if over <= 0:
                return
            path.unlink(missing_ok=True)
            over -= size

    def _used(self) -> Iterator[tuple[Path, float, int]]:
        folder = self._folder
        for path in folder.glob("*/*") if folder is not None else ():
            try:
                told = path.stat()
            except OSError:
                continue
            yield path, told.st_mtime, told.st_size


def _remove(folder: Path, held: int, maker: int) -> None:
    """Let a shelf's folder go, and remove it if this is the process that made it and not a copy."""
    os.close(held)
    if os.getpid() == maker:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_left_behind() -> None:
    """Remove folders of this user's that no process holds any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            if folder.stat().st_uid != os.getuid() or folder.is_symlink():
                continue
            with (folder / _HELD).open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
