"""What the page reads: which indicators there are by area, and every area's newest figures of some of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from db.catalogue import LineageStep
from db.domain import Indicator, OrganisationType, Period
from db.domain.reading import Reading, Selection
from stp_dash.analysis.area import codes_of, index_readings, own_reading
from stp_dash.analysis.standing.comparator import comparator_codes
from stp_dash.frame.area import steps_of
from stp_dash.frame.peers.neighbours import newest_periods
from stp_dash.frame.reader import StoreReader
from stp_dash.pages.areas.columns import AreaColumn, area_column
from stp_dash.pages.areas.editions import BoardEdition

BOARD = OrganisationType.ICB


class AreasReader(StoreReader):
    """The page's queries."""

    def by_board(self) -> tuple[Indicator, ...]:
        """The indicators with figures by board that can be compared, in the catalogue's order: counts of all that an
        area has, and places in an order, compare nothing."""
        held = {item.indicator for item in self.latest if item.organisation_type is BOARD}
        known = self.request.site.store.catalogue.indicators.values()
        return tuple(item for item in known if item.id in held and not item.is_total and not item.is_order)

    def columns(
        self, indicators: Sequence[Indicator], edition: BoardEdition, until: date, *, widened: bool
    ) -> tuple[AreaColumn, ...]:
        """Each indicator's newest figures of the boards of an edition, up to a day; in one query. Of a day before the
        edition a board's figure is that of what it was then, or the sum, where boundaries add up."""
        steps = self.steps(edition, until)
        every = dict.fromkeys(code for own in edition.codes for code in codes_of(own, steps.get(own, ())))
        selections = []
        for item in indicators:
            periods = tuple(self._periods(item, edition, until))
            codes = (*every, *comparator_codes(item))
            if periods:
                selections.append(Selection((item.id,), codes, periods))
        found: dict[str, list[Reading]] = {}
        for reading in self.readings(selections) if selections else ():
            found.setdefault(reading.indicator, []).append(reading)
        if steps:
            found = {item.id: _then(item, found.get(item.id, ()), edition, steps) for item in indicators}
        made = (
            area_column(item, found.get(item.id, ()), edition.codes, widened=widened) for item in indicators
        )
        return tuple(column for column in made if column is not None)

    def _periods(self, indicator: Indicator, edition: BoardEdition, until: date) -> list[Period]:
        last, first = min(until, edition.last), min(until, edition.first)
        found = newest_periods(self, indicator.id, BOARD, last)
        return [item for item in found if until < edition.first or item.end >= first]

    def steps(self, edition: BoardEdition, until: date) -> dict[str, tuple[LineageStep, ...]]:
        """What each board of an edition was before, for a day before the edition began; empty for a later day."""
        if until >= edition.first:
            return {}
        return {code: steps_of(self.request, code) for code in edition.codes}


def _then(
    indicator: Indicator,
    found: Sequence[Reading],
    edition: BoardEdition,
    steps: Mapping[str, tuple[LineageStep, ...]],
) -> list[Reading]:
    """The boards' figures in each period as what they were then, under their own codes; and the comparators'."""
    index = index_readings(found)
    boards = {code for own, parts in steps.items() for code in codes_of(own, parts)}
    made = [item for item in found if item.organisation not in boards]
    for period in {item.period for item in found}:
        for code in edition.codes:
            reading = own_reading(index, indicator, code, steps[code], period)
            if reading is not None:
                made.append(replace(reading, organisation=code))
    return made
