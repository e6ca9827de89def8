"""The folder of uploaded files: what is left there by runs that ended without taking their file along."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from time import time

from db.domain.run import RunKind
from db.service.queue import upload_requests
from db.settings import Settings
from db.store import Store

_LOG = logging.getLogger(__name__)


def clean_uploads(store: Store, settings: Settings) -> int:
    """Remove what uploads left behind, and return how many folders went.

    That is files whose load has ended and, after `retention.uploads_days`, files that were checked and not loaded and
    files that no run knows. What was loaded or held is kept by its hash, so nothing of it is lost.
    """
    try:
        found = list(settings.uploads_folder.iterdir())
    except OSError:
        return 0
    if not found:
        return 0
    with store.reading() as connection:
        requests = upload_requests(connection)
    unfiled_for = timedelta(days=settings.retention.uploads_days)
    left = [path for path in found if _is_left(path, requests, unfiled_for)]
    for path in left:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        _LOG.warning("uploads: %s was left behind by a run that ended and is removed", path.name)
    return len(left)


def _is_left(path: Path, requests: Sequence[tuple[str, RunKind, bool]], unfiled_for: timedelta) -> bool:
    own = [(kind, ended) for request, kind, ended in requests if path.name in request]
    if not all(ended for _, ended in own):
        return False
    if own and own[-1][0] is RunKind.LOAD:
        return True
    try:
        return time() - path.stat().st_mtime > unfiled_for.total_seconds()
    except OSError:
        return False
