"""What the variation page is asked for, checked against what the store holds."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cached_property

from db.domain import ALL, OrganisationType, Period
from db.domain.organisation import RESIDENTS
from stp_dash.analysis.kinds import (
    COMPARISONS,
    Comparison,
    comparison_of,
    comparison_periods,
    in_comparison,
    open_on,
)
from stp_dash.analysis.series import holding, window_start
from stp_dash.analysis.standing.comparator import comparator_codes
from stp_dash.analysis.wording import month_code
from stp_dash.elements.links import VARIATION
from stp_dash.frame.area import inside_region, of_area, region_codes, region_name
from stp_dash.frame.peers.neighbours import most_alike
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import ParameterError
from stp_dash.frame.state import UNTIL, PageState, Parameter, choice_parameter, month_parameter
from stp_dash.frame.subject import PageSubject, month_taken
from stp_dash.pages.variation.read import Cut, PeriodsByType, VariationReader

ENGLAND_PEERS, REGION_PEERS, SIMILAR_PEERS, CHOSEN_PEERS = "england", "region", "similar", "chosen"
SIMILAR_KINDS = {"trust": OrganisationType.TRUST, "icb": OrganisationType.ICB}
"""The comparisons of which published characteristics say who is most like ours."""
MOST_PEERS = 8
"""So many peers can be chosen by their codes."""
_WHOLE_REGIONS = frozenset({"region", "statistical-region"})
_PROBED = 24
"""As of another time the last period known then is looked for among so many."""


@dataclass(frozen=True)
class PeerChoice:
    """Which other organisations stand out: `key` is the kind of choice, `words` say it."""

    key: str
    codes: frozenset[str] = frozenset()
    words: str = ""


def variation_taken(reader: StoreReader, subject: PageSubject) -> Mapping[str, str | None]:
    """The parameters of a comparison for what another page was about: by the organisation's kind, if it is compared."""
    found = {"indicator": subject.indicator, "organisation": subject.organisation}
    indicator = reader.request.site.store.catalogue.indicators.get(subject.indicator)
    if indicator is None:
        return {**found, UNTIL: subject.period}
    choice = reader.code_lists.organisation(subject.organisation) if subject.organisation else None
    own = [
        i.period
        for i in reader.latest
        if choice and (i.indicator, i.organisation_type) == (indicator.id, choice.type)
    ]
    kind = comparison_of(choice.type, max(own)) if choice and own else None
    if indicator.by_trust_kind:
        return {**found, "by": None, UNTIL: subject.period or None}
    if not subject.period:
        return {**found, "by": kind.key if kind else None}
    held = VariationReader(reader.request, reader.connection, reader.version).periods(Cut(indicator, ALL))
    month = date.fromisoformat(f"{subject.period}-01")
    having = [
        item.key
        for item in COMPARISONS.values()
        if holding(comparison_periods(item, indicator.frequency, held), month)
    ]
    by = kind.key if kind and kind.key in having else None
    return {**found, "by": by, **month_taken(subject, held=bool(having))}


class VariationState(PageState):
    """The page's state: what was asked, or the nearest default, checked against what there is.

    Raises ParameterError for what there is not.
    """

    path = VARIATION
    parameters = (
        Parameter("indicator"),
        choice_parameter("by", COMPARISONS, ", ".join(COMPARISONS), ""),
        month_parameter("period"),
        Parameter("breakdown", default=ALL),
        Parameter("peers", default=ENGLAND_PEERS),
        choice_parameter("dispersion", ("on", "off"), "on or off", ""),
    )

    def __init__(self, reader: VariationReader) -> None:
        super().__init__(reader.request)
        self.reader, self.area = reader, reader.request.area
        held = self._compared_somehow() or reader.indicators_held
        self.indicator = self.request.indicator(of_area(self.request, held))
        self.values["indicator"] = self.indicator.id
        self.widened = {"on": True, "off": False}.get(self.values["dispersion"])
        self.peers_asked = self.request.parameters.get("peers", ENGLAND_PEERS)
        self.breakdown = self.values["breakdown"] = self._breakdown()
        self.by = ""
        self.offered = self._offered()
        self.by = self.values["by"] = self._kind() or self._first_kind()
        self.periods = self.offered.get(self.by, ())
        self.period = self._chosen()
        newest = self.periods[0] if self.periods else None
        self.values["period"] = month_code(self.period) if self.period and self.period != newest else ""

    @property
    def cut(self) -> Cut:
        """What is read: the indicator, the breakdown of it and, where only they are compared, the kind of trust."""
        kind = COMPARISONS[self.by].trust_kind if self.by else None
        return Cut(self.indicator, self.breakdown, kind or "")

    @property
    def comparison(self) -> Comparison:
        """The kind of organisation that is compared."""
        return COMPARISONS[self.by]

    @property
    def peers_named(self) -> bool:
        """Whether peers are some of those with figures: by their codes, or as most like ours."""
        return self.peers_asked not in {ENGLAND_PEERS, REGION_PEERS, CHOSEN_PEERS}

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Organisations' names as pages write them."""
        return self.reader.names

    @cached_property
    def held(self) -> PeriodsByType:
        """The periods held of the breakdown, newest first, by type of organisation."""
        return self.reader.periods(self.cut)

    def _compared_somehow(self) -> frozenset[str]:
        """The indicators with figures by any kind of organisation."""
        kinds = {kind for item in COMPARISONS.values() for kind in item.types}
        return frozenset(item.indicator for item in self.reader.latest if item.organisation_type in kinds)

    def _breakdown(self) -> str:
        """The breakdown asked for, if the store knows it; else the headline, or the first of what has none."""
        asked = self.request.parameters.get("breakdown")
        if asked is not None and asked in self.reader.code_lists.breakdown_ids:
            return asked
        if asked is not None:
            links = [("All, without a breakdown", self.elsewhere(VARIATION, indicator=self.indicator.id))]
            raise ParameterError("breakdown", asked, "a breakdown that the store holds", tuple(links))
        own = (item.period for item in self.reader.latest if item.indicator == self.indicator.id)
        last = max(own, default=None)
        return ALL if last is None else next(iter(self.reader.breakdowns(self.indicator, last)), ALL)

    def _offered(self) -> dict[str, tuple[Period, ...]]:
        """The comparisons for which the store holds anything, with the periods held.

        Areas of former CCGs are offered only where ours have figures, and where those do that have closed: elsewhere
        their codes say nothing of the period, or are those few that are sub-ICB locations by now.
        """
        held, frequency = self.held, self.indicator.frequency
        closed = frozenset(held.get(OrganisationType.CCG, ()))
        offered = {key: comparison_periods(item, frequency, held) for key, item in COMPARISONS.items()}
        for name, item in COMPARISONS.items():
            if item.as_at is not None and offered[name]:
                ours = self.reader.our_periods(self.cut)
                offered[name] = tuple(p for p in offered[name] if p in ours and p in closed)
        if self.indicator.by_trust_kind:
            of_kinds = self.reader.periods_of_kinds(self.indicator)
            own = {key: item.trust_kind for key, item in COMPARISONS.items() if item.trust_kind}
            offered = {
                key: tuple(p for p in offered[key] if p in of_kinds.get(kind, ()))
                for key, kind in own.items()
            }
        else:
            offered = {key: periods for key, periods in offered.items() if not COMPARISONS[key].trust_kind}
        return {key: periods for key, periods in offered.items() if periods}

    def _kind(self) -> str:
        """The kind asked for; where trusts are compared with their own kind only, that of the trust asked about."""
        asked = self.values["by"]
        if not self.indicator.by_trust_kind or COMPARISONS.get(asked, COMPARISONS["trust"]).trust_kind:
            return asked or ""
        code = self.request.parameters.get("organisation", "")
        kind = self.reader.trust_kinds(self.indicator, [code]).get(code, "") if code else ""
        return next((key for key in self.offered if COMPARISONS[key].trust_kind == kind), "")

    def _first_kind(self) -> str:
        """The first kind of organisation with figures of the period asked for, or with any; where trusts are compared
        with their own kind only, the first that one of ours is of. But for trusts, and where the newest figures are
        asked for, it is one of which ours have a figure, and a whole region only if nothing smaller is.
        """
        day = self.request.month()
        having = [key for key, periods in self.offered.items() if day is None or holding(periods, day)]
        if self.indicator.by_trust_kind and len(having) > 1:
            codes = (*self.area.trusts, *self.area.other_trusts)
            ours = set(self.reader.trust_kinds(self.indicator, codes).values())
            having = [key for key in having if COMPARISONS[key].trust_kind in ours] or having
        first = next(iter(having), next(iter(self.offered), "trust"))
        if first == "trust" or day is not None or len(having) < 2 or not self.request.as_of().now:
            return first
        smaller = [key for key in having if key not in _WHOLE_REGIONS]
        return next((key for key in (*smaller, *having) if self._is_of_ours(key)), first)

    def _is_of_ours(self, key: str) -> bool:
        """Whether one of ours has a figure in the newest period of a kind of organisation."""
        item, period = COMPARISONS[key], self.offered[key][0]
        cut = Cut(self.indicator, self.breakdown, item.trust_kind or "")
        known = self.request.site.store.catalogue.organisations
        every = codes_of_ours(self, item)
        codes = {code for code in every if in_comparison(item, known.get(code), period.start)}
        if item.trust_kind:
            codes = {
                c
                for c, kind in self.reader.trust_kinds(self.indicator, sorted(codes)).items()
                if kind == item.trust_kind
            }
        return bool(codes) and period in self.reader.periods_seen(cut, codes, period.start, period.start)

    def _chosen(self) -> Period | None:
        day = self.request.month()
        if not self.periods:
            return None
        if day is None:
            return self.periods[0] if self.request.as_of().now else self._last_seen()
        found = holding(self.periods, day)
        if found is not None:
            return found
        nearest = min(self.periods, key=lambda item: abs((item.start - day).days))
        links = [(nearest.label, self.address(period=month_code(nearest)))]
        raise self.refused("period", f"a period with figures by {self.comparison.label}", links)

    def nearest(self, period: Period) -> list[Period]:
        """The three periods nearest to one in which one of ours has a figure, that one left out."""
        first, last = self.periods[-1].start, self.periods[0].start
        seen = self.reader.periods_seen(self.cut, our_codes(self), first, last)
        return sorted(seen - {period}, key=lambda item: abs((item.start - period.start).days))[:3]

    def _last_seen(self) -> Period:
        """As of another time: the last period that ours or the comparator had a figure for."""
        since = window_start(self.periods[0].start, self.indicator.frequency, _PROBED)
        seen = self._seen(since)
        return next((period for period in self.periods if period in seen), self.periods[0])

    def _seen(self, since: date) -> frozenset[Period]:
        """As of another time: the periods from a day on that ours or the comparator had a figure for."""
        area = self.area
        codes = [area.commissioner, *area.trusts, *area.ccgs, *comparator_codes(self.indicator)]
        return self.reader.periods_seen(self.cut, codes, since, self.periods[0].start)


def our_codes(state: VariationState) -> tuple[str, ...]:
    """The codes of the area's organisations of the kind that is compared."""
    return codes_of_ours(state, state.comparison)


def codes_of_ours(state: VariationState, comparison: Comparison) -> tuple[str, ...]:
    """The codes of the area's organisations of a kind: from the settings, or what belongs to those."""
    area, kinds = state.request.area, comparison.types
    if comparison.trust_kind:
        return (*area.trusts, *area.other_trusts)
    if OrganisationType.PRACTICE in kinds:
        return state.reader.member_codes((area.commissioner, *area.sub_icb_locations, *area.ccgs), kinds)
    if {OrganisationType.STROKE_TEAM, OrganisationType.SITE} & set(kinds):
        return state.reader.member_codes(area.trusts, kinds)
    for region in (OrganisationType.REGION, OrganisationType.STATISTICAL_REGION):
        if region in kinds:
            return region_codes(state.request, region)
    if OrganisationType.DISTRICT in kinds:
        return state.reader.member_codes(area.upper_tier_authorities, kinds)
    by_key = {
        "trust": area.trusts,
        "icb": (area.commissioner,),
        "ccg": (*area.ccgs, *area.sub_icb_locations),
        "former-ccg": area.ccgs,
        "sub-icb": area.sub_icb_locations,
        "upper-tier": area.upper_tier_authorities,
    }
    return by_key[comparison.key]


def peers(state: VariationState, codes_held: Collection[str]) -> PeerChoice:
    """The peers asked for: all England, the region's, or some by their codes. Raises ParameterError."""
    asked = state.peers_asked
    if asked in {ENGLAND_PEERS, CHOSEN_PEERS}:
        return PeerChoice(asked)
    if asked == REGION_PEERS:
        return PeerChoice(
            REGION_PEERS, _region_peers(state), region_name(state.request, _region_of_kind(state.comparison))
        )
    kind = SIMILAR_KINDS.get(state.by)
    if asked == SIMILAR_PEERS and kind is not None and state.period is not None:
        alike = most_alike(state.reader, our_codes(state), codes_held, kind, state.period.end)
        return PeerChoice(SIMILAR_PEERS, alike, "the two most like each of ours in size")
    codes = [code for code in asked.split(",") if code][:MOST_PEERS]
    unknown = [code for code in codes if code not in codes_held]
    if unknown or not codes:
        raise _unknown_peer(state, (unknown or [asked])[0], codes_held)
    return PeerChoice(CHOSEN_PEERS, frozenset(codes), "chosen")


def _unknown_peer(state: VariationState, found: str, codes_held: Collection[str]) -> ParameterError:
    names = state.request.site.names()
    close = get_close_matches(found.upper(), sorted(codes_held), n=3, cutoff=0.5)
    nearest = [(names.get(code, code), state.address(peers=code)) for code in close]
    kinds = "england, region, similar (of trusts and ICBs), chosen"
    wanted = f"{kinds}, or codes of {state.comparison.plural} with figures in the period"
    return ParameterError(
        "peers", found, wanted, (*nearest, ("Without peers of your own", state.address(peers=None)))
    )


def _region_of_kind(comparison: Comparison) -> OrganisationType:
    """The kind of region that the organisations of a comparison lie in."""
    residents = set(comparison.types) <= set(RESIDENTS)
    return OrganisationType.STATISTICAL_REGION if residents else OrganisationType.REGION


def _region_peers(state: VariationState) -> frozenset[str]:
    """The organisations of the kind in the area's regions, as parents tell: directly, or through an ICB or trust."""
    known, types = state.request.site.store.catalogue.organisations, state.comparison.types
    inside = inside_region(state.reader, _region_of_kind(state.comparison))
    own = frozenset(code for code in inside if known[code].type in types)
    return own if own or not inside else frozenset(state.reader.member_codes(inside, types))


def map_target(state: VariationState, period: Period) -> tuple[Comparison, Period] | None:
    """Which areas the map shows, and when: those of the page, else the last published up to its period."""
    if state.comparison.commissioning:
        return state.comparison, period
    if state.comparison.key in {"icb", "upper-tier"}:
        codes = map_codes(state, state.comparison, period)
        if codes and (state.reader.outlines(codes) or state.request.site.tiles(codes)):
            return state.comparison, period
    if period in state.offered.get("former-ccg", ()):
        return COMPARISONS["former-ccg"], period
    for key in ("ccg", "former-ccg", "sub-icb"):
        last = next((item for item in state.offered.get(key, ()) if item <= period), None)
        if last is not None and (key == "sub-icb" or len(map_codes(state, COMPARISONS[key], last)) > 1):
            return COMPARISONS[key], last
    return None


def map_codes(state: VariationState, comparison: Comparison, period: Period) -> tuple[str, ...]:
    """The areas of the map: our CCGs of the day, or where one code is the whole area, those of its region, or of the
    country where the area lies in no region."""
    area = state.request.area
    known = state.request.site.store.catalogue.organisations
    own = [code for code in area.ccgs if in_comparison(comparison, known.get(code), period.start)]
    if len(own) > 1 and comparison.key not in {"sub-icb", "icb", "upper-tier"}:
        return tuple(own)
    inside = inside_region(state.reader, _region_of_kind(comparison)) or frozenset(known)
    found = {*inside, *area.sub_icb_locations}
    return tuple(
        sorted(
            code
            for code in found
            if code in known
            and known[code].type in comparison.types
            and in_comparison(comparison, known[code], period.start)
            and (comparison.commissioning or open_on(known[code], period.start))
        )
    )
