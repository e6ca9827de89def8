"""What the API reads beside what pages read: the files of a source, and when each level of a source is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.catalogue.levels import LevelFreshness, level_freshness
from db.domain.file import LoadedFile
from db.figures.provenance import loaded_files
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader


@dataclass(frozen=True)
class FilesKey(CacheKey[tuple[LoadedFile, ...]]):
    """The files held of a source."""

    source: str


class ApiReader(StoreReader):
    """The queries of addresses that no page has."""

    def files(self, source: str) -> tuple[LoadedFile, ...]:
        """The files held of a source, the newest release first."""
        return self.cached(FilesKey(source), lambda: loaded_files(self.connection, source))

    def freshness(self, source: str) -> Sequence[LevelFreshness]:
        """The levels held of a source, the longest overdue first."""
        catalogue = self.request.site.store.catalogue.indicators.values()
        own = [item for item in catalogue if item.source_id == source]
        return level_freshness(own, self.latest, self.request.site.today(), coming=self.coming)
