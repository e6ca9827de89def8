"""The area's staff against England's rate: by each definition of who is counted, by part, and on every day held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from db.catalogue.quoted_claims import QuotedClaim
from db.domain import Indicator, Period
from db.domain.reading import Reading
from stp_dash.analysis.standing.comparator import shortfall_of
from stp_dash.analysis.standing.verdict import rate_gap_text
from stp_dash.statistics.counts import Shortfall, divided


@dataclass(frozen=True)
class StaffingInput:
    """What the page has read. `series` and `national` are by indicator: the area's and England's readings in order.

    parts: the readings of the area's parts in the period by the chosen definition; `registered`: all registered
    patients by organisation on that day, with or without a staff return.
    """

    area_name: str
    area_code: str
    definitions: tuple[Indicator, ...]
    chosen: Indicator
    period: Period
    series: Mapping[str, Sequence[Reading]]
    national: Mapping[str, Sequence[Reading]]
    parts: Sequence[Reading]
    registered: Mapping[str, float]
    names: Mapping[str, str]
    claims: Sequence[QuotedClaim]
    parts_words: str = "CCG areas"
    phone: bool = False


@dataclass(frozen=True)
class DefinitionRow:
    """One way of counting, on the page's day. Numbers are full-time equivalents and shares of patients (0 to 1)."""

    indicator: Indicator
    reading: Reading
    national: Reading
    found: Shortfall
    coverage: float | None

    @property
    def gap(self) -> str:
        return rate_gap_text(self.found.count)


@dataclass(frozen=True)
class PartRow:
    """One part of the area, on the page's day."""

    code: str
    name: str
    reading: Reading
    found: Shortfall
    coverage: float | None

    @property
    def gap(self) -> str:
        return rate_gap_text(self.found.count)


@dataclass(frozen=True)
class StaffingShortfalls:
    """The area's staff against England's rate. Rows are None or empty where nothing is held."""

    given: StaffingInput

    @cached_property
    def shortfalls(self) -> Mapping[str, tuple[tuple[Reading, Shortfall], ...]]:
        """For each definition the days with figures of the area and of England, in order."""
        return {item.id: self._of(item) for item in self.given.definitions}

    def _of(self, indicator: Indicator) -> tuple[tuple[Reading, Shortfall], ...]:
        england = {item.period: item for item in self.given.national.get(indicator.id, ())}
        found = []
        for reading in self.given.series.get(indicator.id, ()):
            result = shortfall_of(reading, england.get(reading.period))
            if result is not None:
                found.append((reading, result))
        return tuple(found)

    @cached_property
    def rows(self) -> tuple[DefinitionRow, ...]:
        found = (self._row(indicator) for indicator in self.given.definitions)
        return tuple(row for row in found if row is not None)

    def _row(self, indicator: Indicator) -> DefinitionRow | None:
        day = self.given.period
        national = next((r for r in self.given.national.get(indicator.id, ()) if r.period == day), None)
        here = next((pair for pair in self.shortfalls[indicator.id] if pair[0].period == day), None)
        if here is None or national is None:
            return None
        covered = divided(here[0].denominator, self.given.registered.get(self.given.area_code))
        return DefinitionRow(indicator, here[0], national, here[1], covered)

    @cached_property
    def chosen(self) -> DefinitionRow | None:
        return next((row for row in self.rows if row.indicator.id == self.given.chosen.id), None)

    @cached_property
    def parts(self) -> tuple[PartRow, ...]:
        """The area's parts, the largest shortfall first."""
        if self.chosen is None:
            return ()
        national, found = self.chosen.national, []
        for reading in self.given.parts:
            result = shortfall_of(reading, national)
            if result is None:
                continue
            name = self.given.names.get(reading.organisation) or reading.organisation_name
            covered = divided(reading.denominator, self.given.registered.get(reading.organisation))
            found.append(PartRow(reading.organisation, name, reading, result, covered))
        return tuple(sorted(found, key=lambda row: -row.found.count))
