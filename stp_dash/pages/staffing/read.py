"""What the staffing page reads: the area's and England's counts, those of its parts, and the patients registered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.catalogue.policy_dates import FORMER_CCGS_END
from db.domain import ENGLAND, Indicator, OrganisationType, Period, StandardKind
from db.domain.period import Frequency
from db.domain.reading import AsOf, Reading, Selection
from db.figures.holdings import breakdowns_with, periods_of
from stp_dash.analysis.area import codes_of, index_readings, own_series
from stp_dash.analysis.series import holding
from stp_dash.analysis.wording import is_rate
from stp_dash.frame.area import steps_of
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.subject import PageSubject, month_taken


@dataclass(frozen=True)
class DaysKey(CacheKey[tuple[Period, ...]]):
    """The days of staff counts."""

    frequency: Frequency


@dataclass(frozen=True)
class RegisteredKey(CacheKey[dict[str, float]]):
    """All registered patients of an area's organisations on a day."""

    codes: tuple[str, ...]
    period: Period
    as_of: AsOf


def definitions_of(indicators: Mapping[str, Indicator]) -> tuple[Indicator, ...]:
    """The indicators that count posts against a national average, in the catalogue's order."""
    return tuple(
        item
        for item in indicators.values()
        if is_rate(item) and any(s.kind is StandardKind.NATIONAL_AVERAGE for s in item.standards)
    )


def staffing_taken(reader: StoreReader, subject: PageSubject) -> Mapping[str, str | None]:
    """The parameters of the staffing page for what another page was about: its definition, if it counts staff."""
    area = reader.request.area.commissioner
    definitions = [item.id for item in definitions_of(reader.request.site.store.catalogue.indicators)]
    chosen = subject.indicator if subject.indicator in definitions else ""
    days = (
        reader.holdings(codes_of(area, steps_of(reader.request, area))).periods.get(
            chosen or definitions[0], ()
        )
        if subject.period and definitions
        else ()
    )
    held = bool(days) and holding(days, date.fromisoformat(f"{subject.period}-01")) is not None
    return {
        "definition": chosen,
        **month_taken(subject, held=held or not subject.period),
        "indicator": "" if chosen else subject.indicator,
        "organisation": subject.organisation,
    }


class StaffingReader(StoreReader):
    """The page's queries."""

    @property
    def definitions(self) -> tuple[Indicator, ...]:
        """The definitions of who is counted of which the store holds anything."""
        every = definitions_of(self.request.site.store.catalogue.indicators)
        return tuple(item for item in every if item.id in self.indicators_held)

    def series(
        self, definitions: Sequence[Indicator]
    ) -> tuple[dict[str, Sequence[Reading]], dict[str, Sequence[Reading]]]:
        """The area's and England's readings by indicator; the area's under the codes that it bore."""
        area = self.request.area
        steps = steps_of(self.request, area.commissioner)
        own = codes_of(area.commissioner, steps)
        ccgs = tuple(code for code in own if code in area.ccgs and code not in area.sub_icb_locations)
        ids, frequency = tuple(item.id for item in definitions), definitions[0].frequency
        days = self.cached(DaysKey(frequency), lambda: periods_of(self.connection, [frequency]))
        wanted = [
            Selection(ids, (*(code for code in own if code not in ccgs), ENGLAND), days),
            Selection(ids, ccgs, tuple(day for day in days if day.start <= FORMER_CCGS_END)),
        ]
        found = self.readings(wanted)
        index = index_readings(found)
        series = {item.id: own_series(index, item, area.commissioner, steps) for item in definitions}
        national = {
            item.id: [r for r in found if r.organisation == ENGLAND and r.indicator == item.id]
            for item in definitions
        }
        return {**series}, {**national}

    def parts(self, indicator: Indicator, by: str, period: Period) -> tuple[Reading, ...]:
        """The readings of the area's places or of its practices on a day."""
        codes = self._practices() if by == "practice" else self._places
        return self.readings([Selection((indicator.id,), tuple(sorted(codes)), (period,))])

    def part(self, code: str) -> bool:
        """Whether an organisation is one of the area's places or practices."""
        return code in self._places or code in self._practices()

    @property
    def _places(self) -> tuple[str, ...]:
        """The area's former CCGs, or its sub-ICB locations where these go on as CCGs were."""
        return self.request.area.ccgs or self.request.area.sub_icb_locations

    def part_series(self, definitions: Sequence[Indicator], code: str) -> dict[str, Sequence[Reading]]:
        """The readings of one of the area's parts by indicator, in order."""
        ids, frequency = tuple(item.id for item in definitions), definitions[0].frequency
        days = self.cached(DaysKey(frequency), lambda: periods_of(self.connection, [frequency]))
        index = index_readings(self.readings([Selection(ids, (code,), days)]))
        return {item.id: own_series(index, item, code, ()) for item in definitions}

    def _practices(self) -> tuple[str, ...]:
        area = self.request.area
        parents = (area.commissioner, *area.sub_icb_locations, *area.ccgs)
        return tuple(item.code for item in self.members(parents, OrganisationType.PRACTICE))

    def registered(self, period: Period) -> dict[str, float]:
        """All registered patients of the area and its places on a day: what coverage is a share of."""
        own = self.request.area.commissioner
        key = RegisteredKey((own, *self._places, ENGLAND), period, self.request.as_of())
        return self.cached(key, lambda: self._read_registered(key.codes, period))

    def _read_registered(self, codes: tuple[str, ...], period: Period) -> dict[str, float]:
        indicators = self.request.site.store.catalogue.indicators
        source = definitions_of(indicators)[0].source_id
        covers = next((i for i in indicators.values() if i.source_id == source and not is_rate(i)), None)
        if covers is None:
            return {}
        cuts = breakdowns_with(
            self.connection,
            indicator_code=covers.id,
            organisation_code=ENGLAND,
            at=period,
            as_of=self.request.as_of(),
        )
        found = self.readings([Selection((covers.id,), codes, (period,), cuts[:1])])
        return {item.organisation: item.denominator for item in found if item.denominator}
