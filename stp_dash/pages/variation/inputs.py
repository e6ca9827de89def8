"""What the variation page's cards are made of: the ranking of one period, the map's areas, and the lines over time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from db.catalogue.national_events import national_events
from db.domain import ALL, OrganisationType, Period, comparable_frequencies
from db.domain.columns import Columns
from db.domain.decision import Recorded
from db.domain.reading import Reading
from stp_dash.analysis.area import ReadingIndex, area_series, codes_of, index_readings, own_series
from stp_dash.analysis.columns import Ranking, RankingInput, ranking
from stp_dash.analysis.control import WINDOW
from stp_dash.analysis.kinds import Comparison
from stp_dash.analysis.noted.events import areas_above, chart_events, standing_on
from stp_dash.analysis.standing.comparator import comparator_code, comparator_codes, comparator_name
from stp_dash.frame.area import AreaCodes, area_codes, as_of_area, steps_of
from stp_dash.frame.cache import CacheKey
from stp_dash.pages.variation.area_map import MapInput
from stp_dash.pages.variation.deciles import FEWEST, Deciles, deciles
from stp_dash.pages.variation.multiples import PERIODS, MultiplesInput, PanelSeries
from stp_dash.pages.variation.ranked import source_words
from stp_dash.pages.variation.state import PeerChoice, VariationState, map_codes, map_target, our_codes, peers
from stp_dash.pages.variation.words import VariationInput
from stp_dash.statistics.rebasing import RebaseDecision

MOST_PANELS = 8
"""So many of ours have a panel; of more, the lowest and the highest."""
MANY = 1_000
"""Of more organisations than this deciles are a year apart: every period would be hundreds of thousands of rows."""


@dataclass(frozen=True)
class CountKey(CacheKey[int]):
    """How many organisations of some types the store knows."""

    kinds: tuple[OrganisationType, ...]
    of_names: ClassVar[bool] = True


@dataclass(frozen=True)
class DecilesKey(CacheKey[Deciles]):
    """The deciles of a kind of organisation in some periods: of very many organisations, a year apart."""

    indicator: str
    comparison: str
    breakdown: str
    periods: tuple[Period, ...]
    most: ClassVar[int] = 128


@dataclass(frozen=True, eq=False)
class VariationFigures:
    """All that the page shows is made of."""

    state: VariationState
    period: Period
    given: VariationInput
    peers: PeerChoice
    readings: ReadingIndex
    area: AreaCodes
    mapped: VariationInput | None = None

    @property
    def ranking(self) -> Ranking:
        return self.given.ranking

    @cached_property
    def shown(self) -> tuple[str, ...]:
        """The codes of ours that have a panel, worst first."""
        places = _ends(self.ranking.our_places)
        codes = tuple(self.ranking.code(place) for place in places)
        return codes if self.given.rising else codes[::-1]


def _ends(places: Sequence[int]) -> list[int]:
    if len(places) <= MOST_PANELS:
        return list(places)
    half = MOST_PANELS // 2
    return [*places[:half], *places[-half:]]


def variation_figures(state: VariationState, period: Period) -> VariationFigures:
    """The page's figures: with what is kept, two queries, and a third for deciles."""
    request = state.request
    target = map_target(state, period)
    kinds = {*state.comparison.types, *(target[0].types if target else ())}
    columns = state.reader.everyone(state.cut, {period, *([target[1]] if target else [])}, kinds)
    chosen = _peers(state, columns)
    ranked = _ranking(state, columns, (state.comparison, period), ours=our_codes(state), chosen=chosen.codes)
    area = area_codes(request)
    days = [period, *([target[1]] if target else [])]
    index = _readings(state, ranked, area, days)
    given = _told(state, ranked, state.comparison, index, peers=chosen.words)
    mapped = None
    if target is not None:
        areas = _ranking(state, columns, target, ours=map_codes(state, *target))
        mapped = _told(state, areas, target[0], index) if areas.our_places else None
    return VariationFigures(state, period, given, chosen, index, area, mapped)


def _ranking(
    state: VariationState,
    columns: Columns,
    of: tuple[Comparison, Period],
    *,
    ours: Collection[str],
    chosen: Collection[str] = (),
) -> Ranking:
    comparison, period = of
    return ranking(
        RankingInput(
            register=state.reader.register,
            references=state.reader.code_lists.files,
            indicator=state.indicator,
            comparison=comparison,
            period=period,
            breakdown=state.breakdown,
            columns=columns,
            ours=ours,
            peers=chosen,
            names=state.names,
        )
    )


def _told(
    state: VariationState, ranked: Ranking, comparison: Comparison, index: ReadingIndex, *, peers: str = ""
) -> VariationInput:
    """A ranking with the comparator of its period."""
    indicator, period = state.indicator, ranked.period
    codes = {code for _, code, at in index if at == period}
    return VariationInput(
        area=state.request.area,
        indicator=indicator,
        comparison=comparison,
        period=period,
        breakdown=state.breakdown,
        ranking=ranked,
        comparator=index.get((indicator.id, comparator_code(indicator, period.start, codes), period)),
        names=state.names,
        expected=_expected(state),
        peers=peers,
        phone=state.request.width == "phone",
        paper=state.request.printing,
    )


def _peers(state: VariationState, columns: Columns) -> PeerChoice:
    """The peers asked for, of those that have figures."""
    organisations, kinds = state.reader.register.organisations, set(state.comparison.types)
    found = (organisations[key] for key in columns.organisations.tolist())
    return peers(state, {item.code for item in found if item.type in kinds} if state.peers_named else set())


def _expected(state: VariationState) -> tuple[str, ...]:
    """Ours that should have a figure: those of the settings. CCGs merge and close, so none is expected."""
    area = state.request.area
    named = {"trust": area.trusts, "icb": (area.commissioner,), "sub-icb": area.sub_icb_locations}
    named["upper-tier"] = area.upper_tier_authorities
    return named.get(state.by, ())


def _readings(
    state: VariationState, ranked: Ranking, area: AreaCodes, days: Sequence[Period]
) -> ReadingIndex:
    """The series of ours that are shown, of the area and of the comparators, as far back as limits rest on."""
    own = [ranked.code(place) for place in _ends(ranked.our_places)]
    own = [code for member in own for code in codes_of(member, steps_of(state.request, member))]
    codes = [*own, *area.own, *area.trusts, *comparator_codes(state.indicator)]
    return index_readings(state.reader.series(state.cut, codes, [*days, *_periods(state, days[0])]))


def _periods(state: VariationState, last: Period) -> list[Period]:
    """The periods held of any kind of organisation, newest first: as many as limits rest on."""
    fitting = comparable_frequencies(state.indicator.frequency)
    held = {item for periods in state.held.values() for item in periods}
    return sorted((p for p in held if p.frequency in fitting and p <= last), reverse=True)[:WINDOW]


def multiples_input(page: VariationFigures) -> MultiplesInput:
    """The lines of the small multiples: ours, the area, the comparator, on the deciles of their kind."""
    state, given = page.state, page.given
    bands, yearly, without = _deciles(state, page.period)
    return MultiplesInput(
        indicator=state.indicator,
        comparison=state.comparison,
        period=page.period,
        breakdown=state.breakdown,
        lines=tuple(_lines(page)),
        comparator=given.comparator,
        deciles=bands,
        source=source_words(state.indicator.owner, given.ranking),
        profile=state.request.rules(),
        width=state.request.width,
        left_out=len(given.ranking.our_places) - len(page.shown),
        yearly=yearly,
        no_deciles=without,
        paper=state.request.printing,
        area_name=given.area.name,
    )


def _lines(page: VariationFigures) -> Iterable[PanelSeries]:
    state, given = page.state, page.given
    recorded = state.reader.everything_recorded
    for code in page.shown:
        yield _line(page, recorded, code, own=True)
    commissioner = given.area.commissioner
    if commissioner not in page.shown and not _is_the_area(page):
        yield _line(page, recorded, commissioner, own=False)
    if given.comparator is not None and given.comparator.organisation not in {*page.shown, commissioner}:
        yield _line(page, recorded, given.comparator.organisation, own=False)


def _is_the_area(page: VariationFigures) -> bool:
    """Whether ours is the whole area already, under another code."""
    return len(page.shown) == 1 and page.shown[0] in page.area.own


def _line(page: VariationFigures, recorded: Recorded, code: str, *, own: bool) -> PanelSeries:
    state, index, area = page.state, page.readings, page.given.area
    if code == area.commissioner:
        steps, series = page.area.steps, area_series(index, state.indicator, area, page.area.steps)
    else:
        steps = steps_of(state.request, code)
        series = own_series(index, state.indicator, code, steps)
    areas = areas_above(state.request.site.store.catalogue.organisations, code)
    if code in area.codes:
        areas |= {area.commissioner}
    noted = standing_on(recorded.events, state.indicator.id, code, areas)
    made = [
        item
        for item in recorded.decisions
        if (item.indicator, item.organisation) == (state.indicator.id, code)
    ]
    headline = made if state.breakdown == ALL else []
    return PanelSeries(
        indicator=as_of_area(state.request, state.indicator, code),
        name=_name(page, code, series, own=own),
        code=code,
        href=page.given.trend(code),
        readings=series,
        own=own,
        steps=steps,
        events=chart_events(noted, national_events(), state.indicator.source_id, state.request.site.today()),
        decisions=tuple(RebaseDecision(item.on, item.reason, item.role) for item in headline),
        rules=state.reader.rules_of(state.indicator.id, code),
    )


def _name(page: VariationFigures, code: str, series: Sequence[Reading], *, own: bool) -> str:
    if not own and series and code in comparator_codes(page.state.indicator):
        return comparator_name(series[-1])
    known = page.state.reader.code_lists.organisation(code)
    return page.given.names.get(code) or (known.name if known else code)


def _deciles(state: VariationState, period: Period) -> tuple[Deciles, bool, str]:
    """The decile lines, whether they are a year apart, and why there are none."""
    comparison, kinds = state.comparison, set(state.comparison.types)
    count = state.reader.cached(
        CountKey(comparison.types),
        lambda: sum(1 for item in state.reader.register.organisations.values() if item.type in kinds),
    )
    if state.indicator.is_order:
        return {}, False, "No deciles: places in an order have no tenths."
    if count < FEWEST:
        return {}, False, f"No deciles: there are only {count} {comparison.plural}."
    held = [item for item in state.periods if item <= period]
    drawn, now = held[:PERIODS] if count <= MANY else _yearly(held, period), state.request.as_of().now
    if count <= MANY and not now:
        return _decile_lines(state, comparison, drawn), False, ""
    if not now:
        return {}, True, f"No deciles: of {comparison.plural} they are drawn of today's figures only."
    key = DecilesKey(state.indicator.id, state.by, state.breakdown, tuple(drawn))
    return state.reader.cached(key, lambda: _decile_lines(state, comparison, drawn)), count > MANY, ""


def _yearly(held: Sequence[Period], last: Period) -> list[Period]:
    """The periods of the same month within what the panels show, the last one first."""
    return [item for item in held[:PERIODS] if item.start.month == last.start.month]


def _decile_lines(state: VariationState, comparison: Comparison, periods: Sequence[Period]) -> Deciles:
    columns = state.reader.columns(state.cut, periods, comparison.types, values_only=True)
    return deciles(state.reader.register, state.indicator, comparison, columns, periods)


def map_input(page: VariationFigures) -> MapInput | None:
    """The map of our CCG areas, or of the region's sub-ICB locations; None where nothing is published by area."""
    state, given = page.state, page.mapped
    if given is None:
        return None
    codes = map_codes(state, given.comparison, given.period)
    return MapInput(
        given=given,
        codes=codes,
        own=frozenset({given.area.commissioner, *given.area.places}),
        outlines=state.reader.outlines(codes),
        tiles=state.request.site.tiles(codes),
        shown=page.period,
        width=state.request.width,
    )
