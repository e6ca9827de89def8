"""What the comparison reads: the data versions that there are, and the same figures at two of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from db.domain import comparable_frequencies
from db.domain.holdings import MadeVersion
from db.domain.reading import AsOf, PeriodSpan, Reading, Selection
from db.figures.data_version import data_versions
from db.figures.observations import readings
from stp_dash.frame.reader import StoreReader


class CompareReader(StoreReader):
    """The page's queries."""

    @cached_property
    def versions(self) -> tuple[MadeVersion, ...]:
        """Every data version, the newest first."""
        return data_versions(self.connection)

    def figures(self, codes: Sequence[str], number: int) -> tuple[Reading, ...]:
        """Every headline figure of some organisations as the store held them at a data version."""
        indicators: dict[PeriodSpan, list[str]] = {}
        for item in self.request.site.store.catalogue.indicators.values():
            span = PeriodSpan(comparable_frequencies(item.frequency), date.min, date.max)
            indicators.setdefault(span, []).append(item.id)
        selections = [Selection(tuple(ids), tuple(codes), span) for span, ids in indicators.items()]
        return readings(self.connection, self.code_lists, selections, AsOf(version=number))
