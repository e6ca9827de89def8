"""What the data page reads: a series under every code that it had, its revisions, and the files of its source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from db.catalogue import LineageStep
from db.domain import ALL, Indicator, comparable_frequencies
from db.domain.changes import Revision
from db.domain.file import LoadedFile
from db.domain.reading import PeriodSpan, Reading, Selection
from db.figures.provenance import loaded_files, revisions
from stp_dash.analysis.area import codes_of
from stp_dash.frame.area import readings_and_parts
from stp_dash.frame.reader import PeriodsOfKey, StoreReader


class DataReader(StoreReader):
    """The page's queries."""

    def figures(self, indicator: Indicator, codes: Sequence[str]) -> tuple[Reading, ...]:
        """Every figure of an indicator under some codes."""
        return self.readings([_every_figure(indicator, codes)])

    def own_figures(
        self, indicator: Indicator, code: str, steps: Sequence[LineageStep]
    ) -> tuple[Reading, ...]:
        """Every figure that an organisation's series is made of."""
        codes = codes_of(code, steps)
        has_parts = any(step.beside for step in steps)
        held = self.series_periods(PeriodsOfKey(indicator.id, code, codes, ALL)) if has_parts else ()
        return readings_and_parts(self, _every_figure(indicator, codes), steps, held)

    def revisions(self, indicator: Indicator, codes: Sequence[str]) -> tuple[Revision, ...]:
        """What later releases changed of them."""
        return revisions(self.connection, indicator_code=indicator.id, organisations=codes)

    def files(self, indicator: Indicator) -> tuple[LoadedFile, ...]:
        """The files held of the indicator's source, the newest release first."""
        return loaded_files(self.connection, indicator.source_id)


def _every_figure(indicator: Indicator, codes: Sequence[str]) -> Selection:
    span = PeriodSpan(comparable_frequencies(indicator.frequency), date.min, date.max)
    return Selection((indicator.id,), tuple(codes), span)
