"""Files and folders that their owner alone may read: stores, raw files, uploads."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path


def private_folder(folder: Path) -> None:
    """Make a folder for its owner alone, where there is none. Its parents are made as usual. Raises OSError."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def private_file(path: Path) -> None:
    """Make an empty file for its owner alone, where there is none. Raises OSError.

    SQLite gives its log and index beside a store the same rights as the store has.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def keep_bytes(folder: Path, sha256: str, ending: str, content: bytes) -> Path:
    """Keep bytes unaltered in a private folder under their hash, there whole or not at all. Raises OSError.

    Bytes that are there already are in hand again: a clearing leaves them.
    """
    target = folder / sha256[:2] / f"{sha256}{ending}"
    if target.exists() and target.stat().st_size == len(content):
        target.touch()
        return target
    private_folder(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as opened:
            unfinished = Path(opened.name)
            opened.write(content)
        unfinished.replace(target)
    except OSError:
        if unfinished is not None:
            unfinished.unlink(missing_ok=True)
        raise
    return target


def private_key(path: Path) -> str:
    """A key in a file for its owner alone, made by the first process that needs it. Raises OSError."""
    private_folder(path.parent)
    with (
        suppress(FileExistsError),
        os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file,
    ):
        file.write(secrets.token_urlsafe(48))
    return path.read_text()
