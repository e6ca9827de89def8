"""The demonstration edition: an invented publication, read by the ordinary pipeline into a store without data."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from db.settings import Settings
from db.store import Store
from etl.demo.publisher import CANCER_PATH, CancerPublisher, Size
from etl.demo.server import LOOPBACK, served
from etl.progress import Progress, Silent

if TYPE_CHECKING:
    from etl.pipeline import RunSummary
