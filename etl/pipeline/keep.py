"""A file's bytes: read from a path, and kept unaltered under their hash."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from db.store.private import private_folder
from etl.source import RawFile, SourceError

LARGEST_FILE = 1_000_000_000
"""Bytes. The largest file that a publisher of ours is known to have has 85 million."""
_ENDING = re.compile(r"\.[a-z0-9]{1,8}")


class KeepError(SourceError):
    """A file's bytes cannot be kept: where and why. Nothing is wrong with the file."""


def read_file(path: Path) -> RawFile:
    """A file's name and bytes. Raises SourceError where it cannot be read, or is larger than `LARGEST_FILE`."""
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise SourceError(
                f"the file cannot be read: it has {size:,} bytes, and at most {LARGEST_FILE:,} are read"
            )
        return RawFile(path.name, path.read_bytes())
    except OSError as error:
        raise SourceError(f"the file cannot be read: {error.strerror or error}") from error


def keep(raw: RawFile, sha256: str, folder: Path) -> str:
    """Keep a file's bytes unaltered under their hash, and return where. Raises KeepError where that fails."""
    ending = Path(raw.name).suffix.lower()
    target = folder / sha256[:2] / f"{sha256}{ending if _ENDING.fullmatch(ending) else ''}"
    unfinished: Path | None = None
    try:
        if not target.exists() or target.stat().st_size != len(raw.content):
            private_folder(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as opened:
                unfinished = Path(opened.name)
                opened.write(raw.content)
            unfinished.replace(target)
        else:
            target.touch()  # in hand again: a clearing leaves it
    except OSError as error:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
        raise KeepError(f"the file cannot be kept in {folder}: {error.strerror or error}") from error
    return target.as_posix()
