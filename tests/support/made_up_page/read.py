"""What the made-up page reads: the last period of each indicator, by topic."""

from __future__ import annotations

from collections.abc import Mapping

from db.domain import Period
from stp_dash.frame.reader import StoreReader


class MadeUpReader(StoreReader):
    """The page's queries."""

    def newest(self) -> Mapping[str, Mapping[str, Period]]:
        """The last period held of each indicator, by topic and by the indicator's short name."""
        found: dict[str, dict[str, Period]] = {}
        known = self.request.site.store.catalogue.indicators
        for item in self.latest:
            own = found.setdefault(known[item.indicator].topic, {})
            name = known[item.indicator].short_name
            own[name] = max(item.period, own.get(name, item.period))
        return found
