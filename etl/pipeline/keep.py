"""A file's bytes: read from a path, and kept unaltered under their hash."""

from __future__ import annotations

import re
from pathlib import Path

from db.store.private import keep_bytes
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
    try:
        kept = keep_bytes(folder, sha256, ending if _ENDING.fullmatch(ending) else "", raw.content)
    except OSError as error:
        raise KeepError(f"the file cannot be kept in {folder}: {error.strerror or error}") from error
    return kept.as_posix()
