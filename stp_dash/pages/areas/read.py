"""What the page reads: which indicators there are by area, and every area's newest figures of some of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from db.domain import Indicator, OrganisationType, Period
from db.domain.reading import Reading, Selection
from stp_dash.analysis.standing.comparator import comparator_codes
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
        """Each indicator's newest figures of the boards of an edition, up to a day; in one query."""
        selections = []
        for item in indicators:
            periods = tuple(self._periods(item, edition, until))
            codes = (*edition.codes, *comparator_codes(item))
            if periods:
                selections.append(Selection((item.id,), codes, periods))
        found: dict[str, list[Reading]] = {}
        for reading in self.readings(selections) if selections else ():
            found.setdefault(reading.indicator, []).append(reading)
        made = (
            area_column(item, found.get(item.id, ()), edition.codes, widened=widened) for item in indicators
        )
        return tuple(column for column in made if column is not None)

    def _periods(self, indicator: Indicator, edition: BoardEdition, until: date) -> list[Period]:
        last = min(until, edition.last)
        return [item for item in newest_periods(self, indicator.id, BOARD, last) if item.end >= edition.first]
