"""The demonstration edition: an invented publication, read by the ordinary pipeline into a store without data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from db.demonstration import admit_demonstration
from db.domain import Period
from db.settings import Settings
from db.store import Store
from etl import pipeline
from etl.demo.publisher import CANCER_PATH, CancerPublisher, Size, months_before, second_thursday
from etl.demo.server import LOOPBACK, served
from etl.progress import Progress, Silent
from etl.registry import source_by_id

if TYPE_CHECKING:
    from etl.pipeline import RunSummary
    from etl.source import Source

CANCER = "cancer_waiting_times"
EARLIER_RELEASE_MONTHS = 7
"""How long before the newest release the first one stands: at least one half-year becomes final in between."""


def run_demonstration(
    store: Store,
    *,
    settings: Settings,
    size: Size = Size.STANDARD,
    today: date | None = None,
    progress: Progress | None = None,
) -> RunSummary:
    """Publish invented figures, serve them on loopback, and refresh the store from them as from any publisher.

    Two releases are loaded, one as at seven months before `today` and one as at `today`, so that the store holds
    revisions as it would after a year of service. The summary is of both.
    Raises db.demonstration.DemonstrationError, before any work, where the store holds real figures.
    """
    with store.reading() as connection:
        admit_demonstration(connection, CANCER)
    day = today or datetime.now(UTC).date()
    with TemporaryDirectory(prefix="demonstration-") as name, served(Path(name)) as address:
        source = published_at(source_by_id(CANCER), address)
        publisher = CancerPublisher(Path(name), store.catalogue, day, size)
        summaries = []
        for as_at in publish_in_turn(publisher):
            summaries.append(
                pipeline.refresh_source(
                    store,
                    source,
                    _without_pauses(settings),
                    trigger="demonstration",
                    requested_by="demonstration",
                    progress=progress or Silent(),
                    today=as_at,
                )
            )
    return _together(summaries)


def publish_in_turn(publisher: CancerPublisher) -> Iterator[date]:
    """Publish an earlier release and then the newest, giving the day of each when it can be read."""
    patients = publisher.population()
    for as_at in release_days(publisher.today):
        publisher.publish(as_at, patients)
        yield as_at


def release_days(today: date) -> tuple[date, date]:
    """The days of the two releases: the release day seven months before, and today."""
    month = Period.month(today.year, today.month)
    return second_thursday(months_before(month, EARLIER_RELEASE_MONTHS)), today


def published_at(source: Source, address: str) -> Source:
    """A source with the demonstration publisher in its publisher's place."""
    return replace(source, landing_url=f"{address}{CANCER_PATH}", allowed_hosts=(LOOPBACK,))


def _without_pauses(settings: Settings) -> Settings:
    fetch = settings.fetch.model_copy(update={"interval_seconds": 0.0})
    return settings.model_copy(update={"fetch": fetch})


def _together(summaries: list[RunSummary]) -> RunSummary:
    last = summaries[-1]
    return replace(
        last,
        results=tuple(result for summary in summaries for result in summary.results),
        findings=tuple(finding for summary in summaries for finding in summary.findings),
        message=" | ".join(summary.message for summary in summaries if summary.message),
    )
