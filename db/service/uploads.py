"""The folder of uploaded files: what is left there by runs that ended without taking their file along."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from db.domain.run import RunKind
from db.service.queue import upload_requests
from db.settings import Settings
from db.store import Store

_LOG = logging.getLogger(__name__)


def uploads_left(connection: Connection, settings: Settings, at: datetime) -> list[Path]:
    """The folders that uploads will have left behind at a moment (UTC), if nothing else happens until then.

    That is files whose load has ended and, after `retention.uploads_days`, files that were checked and not loaded and
    files that no run knows. What was loaded or held is kept by its hash, so nothing of it is lost.
    """
    try:
        found = list(settings.uploads_folder.iterdir())
    except OSError:
        return []
    if not found:
        return []
    requests = upload_requests(connection)
    return [path for path in found if _is_left(path, requests, settings.retention.uploads_days, at)]


def clean_uploads(store: Store, settings: Settings) -> int:
    """Remove what uploads have left behind by now, and return how many folders went. The scheduler does so often."""
    with store.reading() as connection:
        left = uploads_left(connection, settings, datetime.now(UTC))
    remove_uploads(left)
    return len(left)


def remove_uploads(folders: Iterable[Path]) -> None:
    """Remove folders of uploads, as `uploads_left` gives them."""
    for path in folders:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        _LOG.warning("uploads: %s was left behind by a run that ended and is removed", path.name)


def _is_left(path: Path, requests: Sequence[tuple[str, RunKind, bool]], days: int, at: datetime) -> bool:
    own = [(kind, ended) for request, kind, ended in requests if path.name in request]
    if not all(ended for _, ended in own):
        return False
    if own and own[-1][0] is RunKind.LOAD:
        return True
    try:
        return at - datetime.fromtimestamp(path.stat().st_mtime, UTC) > timedelta(days=days)
    except OSError:
        return False
