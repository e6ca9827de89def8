"""What the variation page is asked for, checked against what the store holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import ClassVar

from sqlalchemy import Connection

from db.domain import ALL, Organisation, OrganisationType, Period
from db.domain.holdings import CodeLists, DataVersion
from db.domain.reading import PeriodSpan, Selection
from db.figures.code_lists import members_of
from db.figures.holdings import breakdowns_with, periods_by_type, periods_with
from db.figures.observations import readings
from stp_dash.analysis.columns import Register
from stp_dash.analysis.kinds import (
    COMPARISONS,
    Comparison,
    comparison_periods,
    in_comparison,
)
from stp_dash.analysis.series import comparable_frequencies, holding, window_start
from stp_dash.analysis.standing.comparator import comparator_codes
from stp_dash.analysis.wording import month_code
from stp_dash.elements.links import VARIATION, href
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import PageReader
from stp_dash.frame.request import PageRequest, ParameterError

KEPT = ("published", "version", "rules")
"""Parameters that every link of the page hands on."""
ENGLAND_PEERS, REGION_PEERS, CHOSEN_PEERS = "england", "region", "chosen"
MOST_PEERS = 8
"""So many peers can be chosen by their codes."""
_PROBED = 24
"""As of another time the last period known then is looked for among so many."""

Held = Mapping[OrganisationType, tuple[Period, ...]]


@dataclass(frozen=True)
class Peers:
    """Which other organisations stand out: `key` is the kind of choice, `words` say it."""

    key: str
    codes: frozenset[str] = frozenset()
    words: str = ""


@dataclass(frozen=True)
class RegisterKey(CacheKey[Register]):
    """Every organisation and file of the store by its number."""

    most: ClassVar[int] = 2


@dataclass(frozen=True)
class PeriodsByTypeKey(CacheKey[Held]):
    """The periods held of an indicator by type of organisation."""

    indicator: str
    breakdown: str


@dataclass(frozen=True)
class BreakdownsAtKey(CacheKey[tuple[str, ...]]):
    """The breakdowns of an indicator in a period."""

    indicator: str
    period: Period


@dataclass(frozen=True)
class OurPeriodsKey(CacheKey[frozenset[Period]]):
    """The periods in which our CCGs have figures of an indicator."""

    indicator: str
    breakdown: str


@dataclass(frozen=True)
class OurCodesKey(CacheKey[tuple[str, ...]]):
    """The organisations of some types that belong to ours."""

    kinds: tuple[OrganisationType, ...]
    parents: tuple[str, ...]


@dataclass(frozen=True)
class RegionPeersKey(CacheKey[frozenset[str]]):
    """The organisations of a kind in the area's regions."""

    comparison: str
    regions: frozenset[str]


@dataclass(frozen=True)
class InsideKey(CacheKey[frozenset[str]]):
    """Every organisation that belongs to some regions."""

    regions: frozenset[str]


class State:
    """The page's state: what was asked, or the nearest default, checked against what there is.

    Raises ParameterError for what there is not.
    """

    def __init__(self, request: PageRequest, connection: Connection, version: DataVersion) -> None:
        self.request, self.connection = request, connection
        self.reader = PageReader(request, connection, version)
        self.indicator = request.indicator(self.reader.indicators_held)
        own = (item.period for item in self.reader.latest if item.indicator == self.indicator.id)
        self._own_last = max(own, default=None)
        asked = request.one_of("by", COMPARISONS, ", ".join(COMPARISONS))
        self.widened = request.one_of("dispersion", ("on", "off"), "on or off") == "on"
        self.peers_asked = request.parameters.get("peers", ENGLAND_PEERS)
        self.breakdown = self._breakdown()
        self.offered = self._offered()
        self.by = asked or next(iter(self.offered), "trust")
        self.periods = self.offered.get(self.by, ())
        self.period = self._chosen()

    @property
    def comparison(self) -> Comparison:
        return COMPARISONS[self.by]

    @property
    def peers_named(self) -> bool:
        """Whether peers are chosen by their codes."""
        return self.peers_asked not in {ENGLAND_PEERS, REGION_PEERS, CHOSEN_PEERS}

    @property
    def known(self) -> CodeLists:
        return self.reader.code_lists

    @property
    def register(self) -> Register:
        def made() -> Register:
            known, catalogue = self.known, self.request.site.store.catalogue
            return Register(known.organisations, known.files, catalogue.organisations)

        return self.reader.cached(RegisterKey(), made)

    @cached_property
    def names(self) -> Mapping[str, str]:
        return self.request.site.names()

    @property
    def held(self) -> Held:
        """The periods held of the breakdown, newest first, by type of organisation."""
        kinds = {*(kind for item in COMPARISONS.values() for kind in item.types), OrganisationType.COUNTRY}
        indicator, breakdown = self.indicator, self.breakdown

        def read() -> Held:
            return periods_by_type(
                self.connection,
                indicator_code=indicator.id,
                types=kinds & {*indicator.organisation_types, OrganisationType.COUNTRY},
                breakdown_key=breakdown,
            )

        return self.reader.cached(PeriodsByTypeKey(indicator.id, breakdown), read)

    def breakdowns(self, period: Period) -> tuple[str, ...]:
        """The breakdowns of the indicator in a period, the headline first."""
        return self.reader.cached(
            BreakdownsAtKey(self.indicator.id, period),
            lambda: breakdowns_with(self.connection, indicator_code=self.indicator.id, at=period),
        )

    def address(self, **changed: str | None) -> str:
        """The address of this state, or of one that differs from it in some parameters."""
        newest = self.periods[0] if self.periods else None
        parameters: dict[str, str | None] = {
            "indicator": self.indicator.id,
            "by": self.by,
            "period": month_code(self.period) if self.period and self.period != newest else None,
            "breakdown": None if self.breakdown == ALL else self.breakdown,
            "peers": None if self.peers_asked == ENGLAND_PEERS else self.peers_asked,
            "dispersion": "on" if self.widened else None,
        }
        own = self.request.parameters
        return href(VARIATION, **{**parameters, **changed, **{name: own.get(name) for name in KEPT}})

    def _breakdown(self) -> str:
        """The breakdown asked for, if the store knows it; else the headline, or the first of what has none."""
        asked = self.request.parameters.get("breakdown")
        if asked is not None and asked in self.known.breakdown_ids:
            return asked
        if asked is not None:
            links = (("All, without a breakdown", href(VARIATION, indicator=self.indicator.id)),)
            raise ParameterError("breakdown", asked, "a breakdown that the store holds", links)
        if self._own_last is None:
            return ALL
        return next(iter(self.breakdowns(self._own_last)), ALL)

    def _offered(self) -> dict[str, tuple[Period, ...]]:
        """The comparisons for which the store holds anything, with the periods held.

        Areas of former CCGs are offered only where ours have figures: elsewhere their codes say nothing of the
        period.
        """
        held, frequency = self.held, self.indicator.frequency
        offered = {key: comparison_periods(item, frequency, held) for key, item in COMPARISONS.items()}
        for name, item in COMPARISONS.items():
            if item.as_at is not None and offered[name]:
                ours = self._periods_of_ours()
                offered[name] = tuple(period for period in offered[name] if period in ours)
        return {key: periods for key, periods in offered.items() if periods}

    def _periods_of_ours(self) -> frozenset[Period]:
        own = self.request.site.settings.area.ccgs
        return self.reader.cached(
            OurPeriodsKey(self.indicator.id, self.breakdown),
            lambda: frozenset(
                periods_with(
                    self.connection,
                    indicators=[self.indicator.id],
                    organisations=own,
                    breakdown_key=self.breakdown,
                )
            ),
        )

    def _chosen(self) -> Period | None:
        day = self.request.month()
        if not self.periods:
            return None
        if day is None:
            return self.periods[0] if self.request.as_of().now else self._last_seen()
        found = holding(self.periods, day)
        if found is not None:
            return found
        self.period = nearest = min(self.periods, key=lambda item: abs((item.start - day).days))
        links = ((nearest.label, self.address(period=month_code(nearest))),)
        wanted = f"a period with figures by {self.comparison.label}"
        raise ParameterError("period", f"{day:%Y-%m}", wanted, links)

    def _last_seen(self) -> Period:
        """As of another time: the last period that ours or the comparator had a figure for."""
        area, last = self.request.site.settings.area, self.periods[0]
        codes = (area.commissioner, *area.trusts, *area.ccgs, *comparator_codes(self.indicator))
        span = PeriodSpan(
            comparable_frequencies(self.indicator.frequency),
            window_start(last.start, self.indicator.frequency, _PROBED),
            last.start,
        )
        found = readings(
            self.connection,
            self.known,
            [Selection((self.indicator.id,), codes, span, (self.breakdown,))],
            self.request.as_of(),
        )
        known = {item.period for item in found}
        return next((period for period in self.periods if period in known), last)


def our_codes(state: State) -> tuple[str, ...]:
    """The codes of the area's organisations of the kind: from the settings, or what belongs to those."""
    area = state.request.site.settings.area
    kinds = state.comparison.types
    if OrganisationType.PRACTICE in kinds:
        return _members(state, (area.commissioner, *area.sub_icb_locations, *area.ccgs))
    if {OrganisationType.STROKE_TEAM, OrganisationType.SITE} & set(kinds):
        return _members(state, area.trusts)
    if OrganisationType.REGION in kinds:
        return region_codes(state)
    by_key = {
        "trust": area.trusts,
        "icb": (area.commissioner,),
        "ccg": (*area.ccgs, *area.sub_icb_locations),
        "former-ccg": area.ccgs,
        "sub-icb": area.sub_icb_locations,
    }
    return by_key[state.comparison.key]


def _members(state: State, parents: Collection[str]) -> tuple[str, ...]:
    """What belongs to some organisations, of the comparison's types."""
    kinds = state.comparison.types
    return state.reader.cached(
        OurCodesKey(kinds, tuple(sorted(parents))),
        lambda: tuple(
            item.code for item in members_of(state.connection, state.known, parents=parents, types=kinds)
        ),
    )


def region_codes(state: State) -> tuple[str, ...]:
    """The regions that the area's commissioner belongs to."""
    area = state.request.site.settings.area
    known = state.request.site.store.catalogue.organisations
    codes = (area.commissioner, *area.sub_icb_locations)
    parents = (parent.code for code in codes if code in known for parent in known[code].parents)
    found = (code for code in parents if code in known and known[code].type is OrganisationType.REGION)
    return tuple(dict.fromkeys(found))


def peers(state: State, codes_held: Collection[str]) -> Peers:
    """The peers asked for: all England, the region's, or some by their codes. Raises ParameterError."""
    asked = state.peers_asked
    if asked in {ENGLAND_PEERS, CHOSEN_PEERS}:
        return Peers(asked)
    if asked == REGION_PEERS:
        return Peers(REGION_PEERS, _region_peers(state), region_name(state))
    codes = [code for code in asked.split(",") if code][:MOST_PEERS]
    unknown = [code for code in codes if code not in codes_held]
    if unknown or not codes:
        raise _unknown_peer(state, (unknown or [asked])[0], codes_held)
    return Peers(CHOSEN_PEERS, frozenset(codes), "chosen")


def _unknown_peer(state: State, found: str, codes_held: Collection[str]) -> ParameterError:
    names = state.request.site.names()
    close = get_close_matches(found.upper(), sorted(codes_held), n=3, cutoff=0.5)
    nearest = [(names.get(code, code), state.address(peers=code)) for code in close]
    wanted = f"england, region, chosen, or codes of {state.comparison.plural} with figures in the period"
    return ParameterError(
        "peers", found, wanted, (*nearest, ("Without peers of your own", state.address(peers=None)))
    )


def region_name(state: State) -> str:
    """The name of the area's region, "" where it is in none."""
    known = state.request.site.store.catalogue.organisations
    codes = region_codes(state)
    return known[codes[0]].name.removesuffix(" Commissioning Region") if codes else ""


def _region_peers(state: State) -> frozenset[str]:
    """The organisations of the kind in the area's regions, as parents tell: directly, or through an ICB or trust."""
    regions = frozenset(region_codes(state))

    def read() -> frozenset[str]:
        known = state.request.site.store.catalogue.organisations
        inside = _inside(known, regions)
        own = {code for code in inside if known[code].type in state.comparison.types}
        if own or not inside:
            return frozenset(own)
        found = members_of(state.connection, state.known, parents=inside, types=state.comparison.types)
        return frozenset(item.code for item in found)

    return state.reader.cached(RegionPeersKey(state.comparison.key, regions), read)


def _inside(known: Mapping[str, Organisation], regions: frozenset[str]) -> frozenset[str]:
    """The organisations that belong or belonged to some regions, or to what belongs to them."""
    found = set(regions)
    while True:
        added = {
            code
            for code, item in known.items()
            if code not in found and any(parent.code in found for parent in item.parents)
        }
        if not added:
            return frozenset(found - regions)
        found |= added


def map_target(state: State, period: Period) -> tuple[Comparison, Period] | None:
    """Which areas the map shows, and when: those of the page, else the last published up to its period."""
    if state.comparison.commissioning:
        return state.comparison, period
    if period in state.offered.get("former-ccg", ()):
        return COMPARISONS["former-ccg"], period
    for key in ("ccg", "former-ccg", "sub-icb"):
        last = next((item for item in state.offered.get(key, ()) if item <= period), None)
        if last is not None and (key == "sub-icb" or len(map_codes(state, COMPARISONS[key], last)) > 1):
            return COMPARISONS[key], last
    return None


def map_codes(state: State, comparison: Comparison, period: Period) -> tuple[str, ...]:
    """The areas of the map: our CCGs of the day, or where one code is the whole area, the region's locations."""
    area = state.request.site.settings.area
    known = state.request.site.store.catalogue.organisations
    own = [code for code in area.ccgs if in_comparison(comparison, known.get(code), period.start)]
    if len(own) > 1 and comparison.key != "sub-icb":
        return tuple(own)
    regions = frozenset(region_codes(state))
    inside = state.reader.cached(InsideKey(regions), lambda: _inside(known, regions))
    found = {*inside, *area.sub_icb_locations}
    return tuple(
        sorted(
            code
            for code in found
            if code in known
            and known[code].type in comparison.types
            and in_comparison(comparison, known[code], period.start)
        )
    )
