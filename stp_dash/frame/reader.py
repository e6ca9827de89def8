"""What pages read alike from the store, each kept for as long as the data stays as it is."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, TypeVar

from sqlalchemy import Connection

from db.catalogue.places.short_names import names_in_little_room
from db.domain import OrganisationType, Period, comparable_frequencies
from db.domain.decision import Recorded, RecordedDecision, RecordedRules
from db.domain.holdings import CodeLists, DataVersion, Holdings, LatestPeriod, PublicationDay
from db.domain.organisation import OrganisationChoice
from db.domain.outline import Outline, of_one_edition
from db.domain.reading import Reading, Selection
from db.figures.boundaries import boundaries
from db.figures.code_lists import members_of, read_code_lists
from db.figures.data_version import loaded_on, publication_days
from db.figures.decisions.recorded import recorded_for
from db.figures.decisions.rules import standing_rules
from db.figures.holdings import holdings, latest_periods, newest_by_breakdown, periods_with
from db.figures.observations import readings
from db.service.filling import filling_of
from db.service.packs.issued import IssuedPack, issued_packs
from stp_dash.analysis.columns import Register
from stp_dash.analysis.wording import date_text
from stp_dash.elements.links import href
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.state import AS_OF
from stp_dash.statistics.profiles import NATIONAL, PROFILES

Value = TypeVar("Value")


@dataclass(frozen=True)
class LatestKey(CacheKey[tuple[LatestPeriod, ...]]):
    """The last period held of each indicator."""

    most: ClassVar[int] = 2


@dataclass(frozen=True)
class CodeListsKey(CacheKey[CodeLists]):
    """The store's numbers of indicators, breakdowns, organisations and files."""

    most: ClassVar[int] = 2


@dataclass(frozen=True)
class NamesKey(CacheKey[CodeLists]):
    """The same of the files that there were when a name was last added: the rest of the lists stands."""

    most: ClassVar[int] = 2
    of_names: ClassVar[bool] = True


@dataclass(frozen=True)
class ShortNamesKey(CacheKey[dict[str, str]]):
    """What the store's organisations are called where space is short."""

    most: ClassVar[int] = 2
    of_names: ClassVar[bool] = True


@dataclass(frozen=True)
class DecisionsKey(CacheKey[Recorded]):
    """Every recorded restart of limits and every event."""

    most: ClassVar[int] = 2
    of_names: ClassVar[bool] = True


@dataclass(frozen=True)
class RulesKey(CacheKey[Mapping[tuple[str, str], RecordedRules]]):
    """The rules that people chose, by indicator and organisation."""

    most: ClassVar[int] = 2
    of_names: ClassVar[bool] = True


@dataclass(frozen=True)
class PublicationDaysKey(CacheKey[tuple[PublicationDay, ...]]):
    """The days on which figures came out."""

    most: ClassVar[int] = 2


@dataclass(frozen=True)
class OutlinesKey(CacheKey[tuple[Outline, ...]]):
    """The outlines of some areas, which are long."""

    codes: tuple[str, ...]
    most: ClassVar[int] = 32
    of_names: ClassVar[bool] = True


@dataclass(frozen=True)
class RegisterKey(CacheKey[Register]):
    """Every organisation of the store by its number."""

    most: ClassVar[int] = 2
    of_names: ClassVar[bool] = True


@dataclass(frozen=True)
class HoldingsKey(CacheKey[Holdings]):
    """What the store holds of some organisations together."""

    codes: tuple[str, ...]


@dataclass(frozen=True)
class PeriodsOfKey(CacheKey[tuple[Period, ...]]):
    """The periods in which an organisation has a row of an indicator, under some codes."""

    indicator: str
    organisation: str
    codes: tuple[str, ...]
    breakdown: str


@dataclass(frozen=True)
class NewestByBreakdownKey(CacheKey[Mapping[str, Mapping[str, Period]]]):
    """The last period of each breakdown of some organisations together."""

    codes: tuple[str, ...]


@dataclass(frozen=True)
class MembersKey(CacheKey[tuple[OrganisationChoice, ...]]):
    """What belongs to some organisations, of a type."""

    parents: tuple[str, ...]
    kind: OrganisationType
    of_names: ClassVar[bool] = True


@dataclass(frozen=True)
class StoreReader:
    """One visit with the connection that it reads by, in one state of the data."""

    request: PageRequest
    connection: Connection
    version: DataVersion
    found: dict[CacheKey[Any], Any] = field(default_factory=dict, compare=False)
    """What this visit has asked for already."""

    def cached(self, key: CacheKey[Value], make: Callable[[], Value]) -> Value:
        """What is made once for each state of the data; each time for a data version before an undo."""
        if key in self.found:
            known: Value = self.found[key]
            return known
        asked = self.request.as_of().version
        if asked is not None and self.version.last_undo > asked:
            return make()
        value = self.found[key] = self.request.site.cache.get(self.version, key, make)
        return value

    @property
    def coming(self) -> frozenset[str]:
        """The sources of which a store that is filling has not everything yet."""
        return filling_of(self.connection).coming if self.version.filling else frozenset()

    @property
    def latest(self) -> tuple[LatestPeriod, ...]:
        """The last period held of each indicator, by type of organisation and length of period."""
        return self.cached(LatestKey(), lambda: latest_periods(self.connection, self.request.as_of()))

    @property
    def indicators_held(self) -> frozenset[str]:
        """The indicators of which the store holds any figure."""
        return frozenset(item.indicator for item in self.latest)

    @property
    def code_lists(self) -> CodeLists:
        """The store's numbers of indicators, breakdowns, organisations and files."""

        def read() -> CodeLists:
            named = self.cached(NamesKey(), lambda: read_code_lists(self.connection))
            return read_code_lists(self.connection, named)

        return self.cached(CodeListsKey(), read)

    @property
    def names(self) -> ChainMap[str, str]:
        """Organisations' names as pages write them, those that only the store has among them."""
        stored = self.cached(
            ShortNamesKey(), lambda: names_in_little_room(self.code_lists.organisations.values())
        )
        return ChainMap(dict(self.request.site.names()), stored)

    @property
    def register(self) -> Register:
        """Every organisation of the store by its number."""
        known, catalogue = self.code_lists, self.request.site.store.catalogue
        return self.cached(RegisterKey(), lambda: Register(known.organisations, catalogue.organisations))

    @property
    def decisions(self) -> tuple[RecordedDecision, ...]:
        """Every recorded restart of limits."""
        return self.everything_recorded.decisions

    @property
    def everything_recorded(self) -> Recorded:
        """Every recorded restart of limits and every event."""
        return self.cached(DecisionsKey(), lambda: recorded_for(self.connection))

    @property
    def recorded_rules(self) -> Mapping[tuple[str, str], RecordedRules]:
        """The rules that people chose for series, by indicator and organisation."""

        def read() -> Mapping[tuple[str, str], RecordedRules]:
            return {(item.indicator, item.organisation): item for item in standing_rules(self.connection)}

        return self.cached(RulesKey(), read)

    def rules_of(self, indicator: str, organisation: str) -> str:
        """The profile that people chose for a series, "" for none."""
        found = self.recorded_rules.get((indicator, organisation))
        return found.profile if found is not None else ""

    @property
    def rules_title(self) -> str:
        """The rules of a page of many series, where others than the usual ones are recorded for any; else ""."""
        asked, chosen = self.request.rules(), {item.profile for item in self.recorded_rules.values()}
        others = [item.title for item in PROFILES.values() if item.name in chosen - {NATIONAL.name}]
        if asked or not others:
            return ""
        return ", ".join([NATIONAL.title, *(f"{title} where recorded" for title in others)])

    @property
    def publication_days(self) -> tuple[PublicationDay, ...]:
        """The days on which figures came out, or were loaded where files do not say, newest first."""
        return self.cached(PublicationDaysKey(), lambda: publication_days(self.connection))

    def readings(self, selections: Sequence[Selection]) -> tuple[Reading, ...]:
        """The readings of some selections as of the time that is asked for, in one query."""
        return readings(self.connection, self.code_lists, selections, self.request.as_of())

    def issued_packs(self, area: str | None = None) -> tuple[IssuedPack, ...]:
        """The board packs that were issued, of an area or of all, the newest first."""
        return issued_packs(self.connection, area=area)

    def outlines(self, codes: tuple[str, ...]) -> tuple[Outline, ...]:
        """The outlines of some areas, of one edition that has them all, or else none."""
        return self.cached(
            OutlinesKey(codes), lambda: of_one_edition(boundaries(self.connection, codes), codes)
        )

    def holdings(self, codes: tuple[str, ...]) -> Holdings:
        """What is held of some organisations together, in periods of each indicator's own length."""
        return self.cached(HoldingsKey(codes), lambda: self._holdings(codes))

    def _holdings(self, codes: tuple[str, ...]) -> Holdings:
        known = self.request.site.store.catalogue.indicators
        found = holdings(self.connection, self.code_lists, codes, self.request.as_of())
        periods = {
            code: tuple(p for p in held if p.frequency in comparable_frequencies(known[code].frequency))
            for code, held in found.periods.items()
            if code in known
        }
        return Holdings({code: held for code, held in periods.items() if held})

    def series_periods(self, key: PeriodsOfKey) -> tuple[Period, ...]:
        """The periods with a row under any of an organisation's codes, of the indicator's length, newest first."""
        return self.cached(key, lambda: self.periods_read(key))

    def periods_read(self, key: PeriodsOfKey) -> tuple[Period, ...]:
        """The same, read now."""
        of = self.request.site.store.catalogue.indicators[key.indicator]
        found = periods_with(
            self.connection,
            indicators=[key.indicator],
            organisations=key.codes,
            breakdown_key=key.breakdown,
            as_of=self.request.as_of(),
        )
        return tuple(item for item in found if item.frequency in comparable_frequencies(of.frequency))

    def newest_by_breakdown(self, codes: tuple[str, ...]) -> Mapping[str, Mapping[str, Period]]:
        """By indicator the last period of each breakdown that some organisations together have."""
        return self.cached(
            NewestByBreakdownKey(codes),
            lambda: newest_by_breakdown(self.connection, self.code_lists, codes, self.request.as_of()),
        )

    def members(self, parents: tuple[str, ...], kind: OrganisationType) -> tuple[OrganisationChoice, ...]:
        """What belongs to some organisations, of a type."""
        return self.cached(
            MembersKey(parents, kind),
            lambda: members_of(self.connection, self.code_lists, parents=parents, types=[kind]),
        )


def check_time(request: PageRequest, connection: Connection, version: DataVersion) -> None:
    """Raises ParameterError for a data version that never was, or a day of publication that is still to come.

    A day is to come when neither today nor any file of the store has reached it.
    """
    as_of = request.as_of()
    others = {name: value for name, value in request.parameters.items() if name not in AS_OF}
    links = (("The figures of today", href(request.path, **others)),)
    number, day = as_of.version, as_of.published_by
    if number is not None and (number > version.number or loaded_on(connection, number) is None):
        newest = f"the newest is {version.number}" if version.number else "no data is loaded yet"
        told = f"There is no data version {number}; {newest}."
        raise ParameterError("version", str(number), "the number of a data version", links, told=told)
    if day is not None and day > request.site.today():
        known = next((item.on for item in publication_days(connection)), None)
        if known is None or day > known:
            told = f"{date_text(day)} is still to come: nothing can have been published by then."
            raise ParameterError("published", day.isoformat(), "a day up to today", links, told=told)
