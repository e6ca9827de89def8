"""What the data page reads: a series under every code that it had, its revisions, and the files of its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from db.domain import Indicator, comparable_frequencies
from db.domain.changes import Revision
from db.domain.file import LoadedFile
from db.domain.reading import PeriodSpan, Reading, Selection
from db.figures.provenance import loaded_files, revisions
from stp_dash.frame.reader import StoreReader


class DataReader(StoreReader):
    """The page's queries."""

    def figures(self, indicator: Indicator, codes: Sequence[str]) -> tuple[Reading, ...]:
        """Every figure of an indicator under some codes."""
        span = PeriodSpan(comparable_frequencies(indicator.frequency), date.min, date.max)
        return self.readings([Selection((indicator.id,), tuple(codes), span)])

    def revisions(self, indicator: Indicator, codes: Sequence[str]) -> tuple[Revision, ...]:
        """What later releases changed of them."""
        return revisions(self.connection, indicator_code=indicator.id, organisations=codes)

    def files(self, indicator: Indicator) -> tuple[LoadedFile, ...]:
        """The files held of the indicator's source, the newest release first."""
        return loaded_files(self.connection, indicator.source_id)
