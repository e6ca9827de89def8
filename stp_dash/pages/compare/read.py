"""What the comparison reads: the data versions that there are, and the same figures at two of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from db.domain import Period, comparable_frequencies
from db.domain.holdings import MadeVersion
from db.domain.reading import AsOf, PeriodSpan, Reading, Selection
from db.figures.data_version import data_versions
from db.figures.observations import readings, slices_between
from stp_dash.frame.reader import StoreReader


class CompareReader(StoreReader):
    """The page's queries."""

    @cached_property
    def versions(self) -> tuple[MadeVersion, ...]:
        """Every data version, the newest first."""
        return data_versions(self.connection)

    def figures(
        self, codes: Sequence[str], before: int, after: int
    ) -> tuple[tuple[Reading, ...], tuple[Reading, ...]]:
        """The headline figures of some organisations as the store held them at two data versions, of the indicators
        and periods in which any can differ."""
        periods: dict[str, list[Period]] = {}
        for indicator, period in sorted(
            slices_between(self.connection, self.code_lists, self._headlines(codes), (before, after))
        ):
            periods.setdefault(indicator, []).append(period)
        together: dict[tuple[Period, ...], list[str]] = {}
        for indicator, found in periods.items():
            together.setdefault(tuple(found), []).append(indicator)
        selections = [Selection(tuple(ids), tuple(codes), found) for found, ids in together.items()]

        def at(number: int) -> tuple[Reading, ...]:
            return readings(self.connection, self.code_lists, selections, AsOf(version=number))

        return (at(before), at(after)) if selections else ((), ())

    def _headlines(self, codes: Sequence[str]) -> list[Selection]:
        indicators: dict[PeriodSpan, list[str]] = {}
        for item in self.request.site.store.catalogue.indicators.values():
            span = PeriodSpan(comparable_frequencies(item.frequency), date.min, date.max)
            indicators.setdefault(span, []).append(item.id)
        return [Selection(tuple(ids), tuple(codes), span) for span, ids in indicators.items()]
