"""The demonstration edition: invented publications, read by the ordinary pipeline into a store without data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from db.domain import Catalogue, RunKind
from db.loading.demonstration import admit_demonstration
from db.service.filling import begin_filling, count_filled, end_filling, filling_of
from db.settings import Settings
from db.store import Store
from etl.demo.acute_discharge.publisher import ACUTE_PATH, AcuteDischargePublisher
from etl.demo.cancer_waiting_times.publisher import CANCER_PATH, CancerPublisher
from etl.demo.delayed_transfers.publisher import DELAYED_PATH, DelayedTransfersPublisher
from etl.demo.diagnostics.publisher import DIAGNOSTICS_PATH, DiagnosticsPublisher
from etl.demo.fingertips.publisher import PROFILES_PATH, ProfilesPublisher
from etl.demo.general_practice_workforce.publisher import WORKFORCE_PATH, WorkforcePublisher
from etl.demo.outcomes_framework.publisher import OUTCOMES_PATH, OutcomesPublisher
from etl.demo.oversight_framework.publisher import OVERSIGHT_PATH, OversightPublisher
from etl.demo.population.publisher import POPULATION_PATH, PopulationPublisher
from etl.demo.publication import Part, Publisher, Size
from etl.demo.referral_to_treatment.publisher import RTT_PATH, WaitingTimesPublisher
from etl.demo.server import LOOPBACK, served
from etl.demo.ssnap.publisher import STROKE_PATH, StrokePublisher
from etl.pipeline import run as pipeline
from etl.pipeline.progress import Progress, Silent, SiteRequest
from etl.registry import source_by_id

if TYPE_CHECKING:
    from etl.pipeline.run import RunSummary
    from etl.source import Source

_PUBLISHERS: dict[str, tuple[str, Callable[[Path, Catalogue, date, Size], Publisher]]] = {
    "ssnap": (STROKE_PATH, StrokePublisher),
    "fingertips": (PROFILES_PATH, ProfilesPublisher),
    "outcomes_framework": (OUTCOMES_PATH, OutcomesPublisher),
    "oversight_framework": (OVERSIGHT_PATH, OversightPublisher),
    "cancer_waiting_times": (CANCER_PATH, CancerPublisher),
    "referral_to_treatment": (RTT_PATH, WaitingTimesPublisher),
    "acute_discharge": (ACUTE_PATH, AcuteDischargePublisher),
    "delayed_transfers": (DELAYED_PATH, DelayedTransfersPublisher),
    "population": (POPULATION_PATH, PopulationPublisher),
    "diagnostics": (DIAGNOSTICS_PATH, DiagnosticsPublisher),
    "general_practice_workforce": (WORKFORCE_PATH, WorkforcePublisher),
}
"""Each source's landing path and publisher, the quickest to load first."""

DEMONSTRATED = tuple(_PUBLISHERS)
"""The sources that have a demonstration edition, in the order in which they are loaded."""


def run_demonstration(
    store: Store,
    *,
    settings: Settings,
    size: Size = Size.STANDARD,
    part: Part = Part.ALL,
    sources: Sequence[str] = DEMONSTRATED,
    today: date | None = None,
    progress: Progress | None = None,
) -> RunSummary:
    """Publish invented figures, serve them on loopback, and refresh the store from them as from any publisher.

    A figure of every subject comes first, then every source's newest figures, then what is older; `part` asks for one
    of these. The small edition is quick, and begins with the newest. Where a source has several releases, each is
    loaded as at its own day, so that the store holds revisions as after years of service. The summary is of them all.
    The store says how far its filling is until it is whole; one that was stopped is gone on with: sources that are
    whole are left as they are.
    Raises db.loading.demonstration.DemonstrationError, before any work, where the store holds real figures of a source.
    """
    with store.reading() as connection:
        left = filling_of(connection).coming or set(sources)
        wanted = [source_id for source_id in sources if source_id in left]
        for source_id in wanted:
            admit_demonstration(connection, source_id)
    day = today or datetime.now(UTC).date()
    parts = loading_parts(part, size)
    with TemporaryDirectory(prefix="demonstration-") as name, served(Path(name)) as address:
        publishers = [
            _PUBLISHERS[source_id][1](Path(name), store.catalogue, day, size) for source_id in wanted
        ]
        files = {item.source_id: sum(item.files_in(each) for each in parts) for item in publishers}
        begin_filling(store, {source_id: number for source_id, number in files.items() if number})
        counted = _Counted(store, progress or Silent(), sum(files.values()))
        edition = _Edition(store, _without_pauses(settings), address, counted)
        summaries = [
            summary for releases in _releases(publishers, parts) for summary in edition.load(releases)
        ]
    end_filling(store)
    return _together(summaries)


def published_at(source: Source, address: str) -> Source:
    """A source with the demonstration publisher in its publisher's place."""
    return replace(source, landing_url=f"{address}{_PUBLISHERS[source.id][0]}", allowed_hosts=(LOOPBACK,))


def loading_parts(part: Part, size: Size) -> tuple[Part, ...]:
    """The parts of an edition in the order in which they are loaded."""
    if part is not Part.ALL:
        return (part,)
    return (Part.NEWEST, Part.OLDER) if size is Size.SMALL else (Part.FIRST, Part.NEWEST, Part.OLDER)


Releases = tuple[str, Iterator[date]]
"""A source, and the days of its releases, each of which can be read while it is the last one given."""


def _releases(publishers: Sequence[Publisher], parts: Sequence[Part]) -> Iterator[Releases]:
    """Every source's releases of one part, then every source's of the next; who has no figure yet comes first."""
    late = [item for item in publishers if Part.FIRST in parts and not item.files_in(Part.FIRST)]
    ordered = [*late, *(item for item in publishers if item not in late)]
    for part in parts:
        for publisher in ordered:
            days = {Part.FIRST: publisher.first, Part.NEWEST: publisher.newest, Part.OLDER: publisher.older}
            yield publisher.source_id, days[part]()


@dataclass(frozen=True)
class _Edition:
    """Where releases are read from and what they are loaded into."""

    store: Store
    settings: Settings
    address: str
    progress: _Counted

    def load(self, releases: Releases) -> Iterator[RunSummary]:
        source_id, days = releases
        source = published_at(source_by_id(source_id), self.address)
        self.progress.source = source_id
        for as_at in days:
            yield pipeline.refresh_source(
                self.store,
                source,
                self.settings,
                kind=RunKind.DEMONSTRATION,
                trigger="demonstration",
                requested_by="demonstration",
                progress=self.progress,
                today=as_at,
            )


class _Counted:
    """Progress of several runs as of one of so many files, which the store is told of too."""

    def __init__(self, store: Store, progress: Progress, total: int) -> None:
        self._store, self._progress, self.source = store, progress, ""
        progress.files(total)

    def files(self, total: int) -> None:
        """A run's own number: the total is known."""

    def file_started(self, name: str) -> None:
        self._progress.file_started(name)

    def file_finished(self, name: str, outcome: str) -> None:
        count_filled(self._store, self.source)
        self._progress.file_finished(name, outcome)

    def asking(self, request: SiteRequest) -> None:
        self._progress.asking(request)

    def answered(self) -> None:
        self._progress.answered()


def _without_pauses(settings: Settings) -> Settings:
    fetch = settings.fetch.model_copy(update={"interval_seconds": 0.0})
    return settings.model_copy(update={"fetch": fetch})


def _together(summaries: list[RunSummary]) -> RunSummary:
    last = summaries[-1] if summaries else pipeline.RunSummary(None, ())
    return replace(
        last,
        results=tuple(result for summary in summaries for result in summary.results),
        findings=tuple(finding for summary in summaries for finding in summary.findings),
        message=" | ".join(summary.message for summary in summaries if summary.message),
    )
