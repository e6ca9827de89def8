"""What the overview reads from the store: the figures of the area, its parts and its comparators."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from db.catalogue import LineageStep
from db.domain import ALL, Frequency, Indicator, OrganisationType, Period, comparable_frequencies
from db.domain.changes import SourceChanges, SourceUndo
from db.domain.decision import RecordedDecision
from db.domain.holdings import CodeLists, Holdings, LatestPeriod, PublicationDay
from db.domain.organisation import AreaKind, OrganisationChoice
from db.domain.reading import PeriodSpan, Reading, Selection
from db.figures.changes import changes_since
from db.figures.code_lists import members_of
from db.figures.data_version import loaded_on
from db.figures.decisions.plans import standing_plans
from db.figures.holdings import holdings
from db.figures.observations import readings
from db.figures.undone import changes_by_undo
from stp_dash.analysis.area import adding_up, area_series, codes_of, index_readings
from stp_dash.analysis.control import WINDOW
from stp_dash.analysis.mergers.words import followed_words
from stp_dash.analysis.standing.comparator import comparator_codes
from stp_dash.analysis.wording import is_rate, month_code
from stp_dash.frame.area import AreaCodes, area_codes, as_of_area, history_of
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.subject import PageSubject, month_taken
from stp_dash.pages.overview.figures import IndicatorFigures, OverviewInput, index_by_indicator
from stp_dash.pages.overview.state import OverviewState
from stp_dash.pages.overview.supporting import is_supporting
from stp_dash.statistics.rebasing import RebaseDecision

_SLACK = 6
"""How many periods further back to read as of another time, when the newest ones were not published yet."""
_LOOK_BACK = {Frequency.MONTH: 12, Frequency.QUARTER: 4, Frequency.FOUR_MONTHS: 3}
"""How many periods before the end a part's or a supporting figure may lie to be shown as its latest."""

_TWO_YEARS = 731
"""Days: figures older than that are not shown as those of a month asked for."""


@dataclass(frozen=True)
class AreaHoldings:
    """What the store holds for the area, read once for each state of the data.

    `own` is held under the area's own codes, `trusts`, `authorities` and `parts` under those of its trusts, of its
    upper-tier authorities, and of all its places and teams; `breakdowns` are the area's own. `coming` are the sources
    that the store is still being filled with.
    """

    code_lists: CodeLists
    own: Holdings
    trusts: Holdings
    authorities: Holdings
    parts: Holdings
    breakdowns: Mapping[str, Mapping[str, Period]]
    teams: tuple[OrganisationChoice, ...]
    latest: tuple[LatestPeriod, ...]
    days: tuple[PublicationDay, ...]
    decisions: dict[str, tuple[RebaseDecision, ...]]
    plans: dict[str, dict[date, float]]
    coming: frozenset[str]

    @property
    def months(self) -> tuple[Period, ...]:
        """The months in which periods of any length end, newest first: a page can be asked for as at any of them."""
        every = [*self.own.periods.values(), *self.trusts.periods.values()]
        ends = {(item.end.year, item.end.month) for periods in every for item in periods}
        return tuple(Period.month(year, month) for year, month in sorted(ends, reverse=True))


@dataclass(frozen=True)
class AreaChanges:
    """What each source's newest release changed for an area and its parts, and what undos have changed since."""

    changes: tuple[SourceChanges, ...] = ()
    undone: tuple[SourceUndo, ...] = ()


@dataclass(frozen=True)
class UndoneKey(CacheKey[tuple[SourceUndo, ...]]):
    """What undos changed since the newest releases, for some organisations."""

    organisations: tuple[str, ...]
    most: ClassVar[int] = 24


@dataclass(frozen=True)
class AreaHoldingsKey(CacheKey[AreaHoldings]):
    """What the store holds for an area."""

    own: tuple[str, ...]
    trusts: tuple[str, ...]
    places: tuple[str, ...]
    most: ClassVar[int] = 24


@dataclass(frozen=True)
class ChangesKey(CacheKey[dict[tuple[str, ...], tuple[SourceChanges, ...]]]):
    """What a source's newest release changed, by the organisations that were asked about: none where it has no file."""

    source: str

    @property
    def of_source(self) -> str:
        """Its own source."""
        return self.source


@dataclass(frozen=True)
class LoadedOnKey(CacheKey[date | None]):
    """The day on which a data version was loaded."""

    number: int


def overview_taken(reader: StoreReader, subject: PageSubject) -> Mapping[str, str | None]:
    """The parameters of the overview for what another page was about: its month, if the area has figures of one."""
    held = bool(subject.period) and any(
        month_code(item) == subject.period for item in holdings_of(reader, area_codes(reader.request)).months
    )
    return {
        **month_taken(subject, held=held or not subject.period),
        "indicator": subject.indicator,
        "organisation": subject.organisation,
    }


def holdings_of(reader: StoreReader, codes: AreaCodes) -> AreaHoldings:
    """What the store holds for the area."""
    request, connection, as_of = reader.request, reader.connection, reader.request.as_of()

    def read() -> AreaHoldings:
        area, known = request.area, reader.code_lists
        teams = members_of(connection, known, parents=codes.trusts, types=[OrganisationType.STROKE_TEAM])
        parts = [*area.places, *(item.code for item in teams)]
        return AreaHoldings(
            code_lists=known,
            own=holdings(connection, known, codes.own, as_of),
            trusts=holdings(connection, known, codes.trusts, as_of),
            authorities=holdings(connection, known, area.upper_tier_authorities, as_of),
            parts=holdings(connection, known, parts, as_of),
            breakdowns=reader.newest_by_breakdown(codes.own),
            teams=teams,
            latest=reader.latest,
            coming=reader.coming,
            days=reader.publication_days,
            decisions=_decided(reader.decisions, codes),
            plans={
                indicator: found.values
                for (indicator, _), found in standing_plans(connection, organisations=codes.own[:1]).items()
            },
        )

    return reader.cached(AreaHoldingsKey(codes.own, codes.trusts, request.area.places), read)


def area_changes(reader: StoreReader, codes: AreaCodes, held: AreaHoldings) -> AreaChanges:
    """What the newest releases changed for the area and its parts, and what was undone since."""
    area = reader.request.area
    every = tuple(
        dict.fromkeys([*codes.own, *codes.trusts, *area.places, *(item.code for item in held.teams)])
    )
    if area.kind in {AreaKind.REGION, AreaKind.COUNTRY}:
        # Of what has hundreds of places their own changes are not told one by one.
        every = tuple(area.headline_codes)
    changes = _newest_changes(reader, every)
    if not reader.version.last_undo:
        return AreaChanges(changes)
    releases = [item.release for item in changes]

    def read() -> tuple[SourceUndo, ...]:
        return changes_by_undo(reader.connection, held.code_lists, releases, organisations=every)

    return AreaChanges(changes, reader.cached(UndoneKey(every), read))


def _newest_changes(reader: StoreReader, organisations: tuple[str, ...]) -> tuple[SourceChanges, ...]:
    """What the newest release of each source changed for some organisations, read of sources that changed meanwhile."""
    indicators = reader.request.site.store.catalogue.indicators
    sources = sorted({item.source_id for item in indicators.values()})
    kept = {
        source: reader.cached(ChangesKey(source), dict[tuple[str, ...], tuple[SourceChanges, ...]])
        for source in sources
    }
    missing = [source for source in sources if organisations not in kept[source]]
    if missing:
        found = changes_since(
            reader.connection,
            reader.code_lists,
            organisations=organisations,
            indicators=[code for code, item in indicators.items() if item.source_id in missing],
            sources=missing,
        )
        for source in missing:
            kept[source][organisations] = tuple(item for item in found if item.release.source == source)
    return tuple(item for source in sources for item in kept[source][organisations])


def _decided(recorded: Iterable[RecordedDecision], codes: AreaCodes) -> dict[str, tuple[RebaseDecision, ...]]:
    """The recorded decisions on the area's series, by indicator."""
    found: dict[str, tuple[RebaseDecision, ...]] = {}
    for item in recorded:
        if item.organisation == codes.own[0]:
            decision = RebaseDecision(item.on, item.reason, item.role)
            found[item.indicator] = (*found.get(item.indicator, ()), decision)
    return found


def day_of(reader: StoreReader) -> date:
    """The day that the page is of: today, the day of publication asked for, or that of the data version."""
    request, as_of = reader.request, reader.request.as_of()
    if as_of.published_by is not None:
        return as_of.published_by
    if as_of.version is None or as_of.version == reader.version.number:
        return request.site.today()
    number = as_of.version
    day = reader.cached(LoadedOnKey(number), lambda: loaded_on(reader.connection, number))
    return day or request.site.today()


def read_overview(
    reader: StoreReader,
    codes: AreaCodes,
    held: AreaHoldings,
    state: OverviewState,
    named: Collection[str] = (),
) -> OverviewInput:
    """The figures of the area, its parts and its comparators that the overview shows, in two queries.

    `named` are indicators that have a row of their own although they have no standard.

    The first reads the area's own series; the second, at the periods that these end with, everything beside them.
    """
    request, connection = reader.request, reader.connection
    known = request.site.store.catalogue.indicators.values()
    indicators = tuple(
        as_of_area(request, item, request.area.commissioner) for item in known if not item.projects
    )
    wanted = [item for item in indicators if _in_force(item, state.requested, held)]
    main = [item for item in wanted if item.id in named or not is_supporting(item)]
    own = _own_readings(reader, main, held, state)
    names = request.site.names()
    given = OverviewInput(
        area=request.area,
        indicators=indicators,
        index=index_by_indicator(own),
        steps=codes.steps,
        names=names,
        today=state.today,
        requested=state.requested,
        until=state.until,
        teams=held.teams,
        by=state.by,
        decisions=held.decisions,
        plans=held.plans,
        rules={
            item.indicator: item.profile
            for item in reader.recorded_rules.values()
            if item.organisation == codes.own[0]
        },
        newest=_newest_of_trusts(held) if state.as_of.now else {},
        retired=_retired(indicators, held) if state.as_of.now else (),
        named=named,
        as_of=state.words,
        became=followed_words(request.area.name, history_of(request, request.area.commissioner, names)),
    )
    lines = [IndicatorFigures(given, item) for item in main]
    beside = _beside_wanted(lines, wanted, codes, held, state)
    found = readings(connection, held.code_lists, beside, state.as_of)
    whole = [item for item in found if item.breakdown == ALL]
    cuts = tuple(item for item in found if item.breakdown != ALL)
    return replace(
        given,
        index=index_by_indicator(whole, given.index),
        cuts=_latest_cuts(cuts, codes, state),
        series={line.indicator.id: line.series for line in lines if line.series},
    )


def _in_force(indicator: Indicator, requested: Period | None, held: AreaHoldings) -> bool:
    """Whether an indicator is shown: in force in the month asked for, or not ended yet."""
    if requested is None:
        return indicator.valid_to is None or indicator.valid_to >= _last_day(held)
    begun = indicator.valid_from is None or indicator.valid_from <= requested.start
    return begun and (indicator.valid_to is None or indicator.valid_to >= requested.start)


def _last_day(held: AreaHoldings) -> date:
    every = [*held.own.periods.values(), *held.trusts.periods.values(), *held.parts.periods.values()]
    return max((periods[0].start for periods in every if periods), default=date.max)


def _newest_of_trusts(held: AreaHoldings) -> dict[str, Period]:
    return {code: max(periods) for code, periods in held.trusts.periods.items() if periods}


def _retired(indicators: Iterable[Indicator], held: AreaHoldings) -> tuple[tuple[Indicator, Period], ...]:
    last = _last_day(held)
    ended = [item for item in indicators if item.valid_to is not None and item.valid_to < last]
    found = []
    for item in ended:
        periods = [*held.own.periods.get(item.id, ()), *held.trusts.periods.get(item.id, ())]
        months = [period for period in periods if period.frequency is item.frequency]
        if months:
            found.append((item, max(months)))
    return tuple(found)


def series_since(
    reader: StoreReader,
    held: AreaHoldings,
    state: OverviewState,
    given: OverviewInput,
    wanted: tuple[Sequence[Indicator], date],
) -> dict[str, tuple[Reading, ...]]:
    """The area's own figures of some indicators since a day, by indicator, in one query."""
    indicators, first = wanted
    own = _own_readings(reader, indicators, held, state, first)
    whole = replace(given, index=index_by_indicator(own), series={})
    return {item.id: IndicatorFigures(whole, item).series for item in indicators}


def baselines_of(
    reader: StoreReader,
    held: AreaHoldings,
    state: OverviewState,
    given: OverviewInput,
    wanted: Sequence[Indicator],
) -> dict[str, IndicatorFigures]:
    """Of indicators that have ended the figures of the area, its places and comparators, in one query.

    By indicator, up to the last period that is shown; those that are not held are left out.
    """
    own = held.own.periods
    periods = {
        item.id: tuple(
            p for p in own.get(item.id, ()) if p.frequency is item.frequency and p.end <= state.until
        )
        for item in wanted
    }
    codes = (*area_codes(reader.request).own, *given.area.places)
    selections = [
        Selection((item.id,), tuple(dict.fromkeys([*codes, *comparator_codes(item)])), periods[item.id])
        for item in wanted
        if periods[item.id]
    ]
    found = readings(reader.connection, held.code_lists, selections, state.as_of) if selections else ()
    whole = replace(given, index=index_by_indicator(found), series={})
    return {item.id: IndicatorFigures(whole, item) for item in wanted if item.id in whole.index}


def projections_of(
    reader: StoreReader, state: OverviewState, given: OverviewInput, wanted: Collection[str]
) -> list[tuple[Indicator, tuple[Reading, ...]]]:
    """The area's figures of every projection of some indicators, in the order of the catalogue; of none for a month."""
    known = reader.request.site.store.catalogue.indicators.values()
    found = [item for item in known if item.projects in wanted and item.id in reader.indicators_held]
    if not found or state.requested is not None:
        return []
    codes = area_codes(reader.request)
    selections = [
        Selection(
            (item.id,),
            (*codes.own, *adding_up(item, given.area)),
            PeriodSpan(comparable_frequencies(item.frequency), date.min, date.max),
        )
        for item in found
    ]
    index = index_readings(readings(reader.connection, reader.code_lists, selections, state.as_of))
    return [(item, area_series(index, item, given.area, codes.steps)) for item in found]


def _own_readings(
    reader: StoreReader,
    indicators: Sequence[Indicator],
    held: AreaHoldings,
    state: OverviewState,
    first: date | None = None,
) -> tuple[Reading, ...]:
    """The figures that the area's own series are made of. What lies beside a region or England is only read for the
    periods without a figure of its own."""
    codes = area_codes(reader.request)
    own = codes.own[0]
    steps = tuple(item for item in codes.steps if not item.beside)
    alone = replace(codes, own=codes_of(own, steps), steps=steps)
    wanted = _series_wanted(indicators, alone, held, state, first)
    found = readings(reader.connection, held.code_lists, wanted, state.as_of) if wanted else ()
    if len(alone.steps) == len(codes.steps):
        return found
    known = {
        (item.indicator, item.period) for item in found if item.organisation == own and item.value is not None
    }
    lacking: dict[tuple[Period, ...], list[str]] = {}
    for item in indicators:
        periods = tuple(p for p in _window(item, held, state, first) if (item.id, p) not in known)
        lacking.setdefault(periods, []).append(item.id)
    more = [
        Selection(tuple(ids), beside, shown)
        for periods, ids in lacking.items()
        for beside, shown in _codes_over_time(periods, codes)
    ]
    return (*found, *(readings(reader.connection, held.code_lists, more, state.as_of) if more else ()))


def _series_wanted(
    indicators: Sequence[Indicator],
    codes: AreaCodes,
    held: AreaHoldings,
    state: OverviewState,
    first: date | None = None,
) -> list[Selection]:
    """The area's own series, each code over its own years, and those of the organisations that add up to it."""
    windows: dict[tuple[tuple[Period, ...], tuple[str, ...]], list[str]] = {}
    for item in indicators:
        members = adding_up(item, state.request.area)
        windows.setdefault((_window(item, held, state, first), members), []).append(item.id)
    found = []
    for (periods, members), ids in windows.items():
        groups = _codes_over_time(periods, codes)
        groups += [(members, periods)] if members and periods else []
        found += [Selection(tuple(ids), own, shown) for own, shown in groups]
    return found


def _window(
    indicator: Indicator, held: AreaHoldings, state: OverviewState, first: date | None
) -> tuple[Period, ...]:
    """The periods held up to the last that is shown: those since a day, or those that the limits rest on."""
    frequencies = comparable_frequencies(indicator.frequency)
    known = [*held.own.periods.get(indicator.id, ())]
    area = state.request.area
    members = adding_up(indicator, area)
    if members:
        where = held.trusts if members == area.trusts else held.authorities
        known += where.periods.get(indicator.id, ())
    shown = _shown(known, frequencies, state)
    if first is not None:
        return tuple(item for item in shown if item.start >= first)
    return shown[-(WINDOW if state.as_of.now else WINDOW + _SLACK) :]


def _shown(
    known: Collection[Period], frequencies: Collection[Frequency], state: OverviewState
) -> tuple[Period, ...]:
    """The periods up to the last that may be shown, in order; none where all lie two years before the month state."""
    # In the order held, which spares comparisons, each once.
    own = dict.fromkeys(p for p in known if p.frequency in frequencies and p.end <= state.until)
    found = sorted(own)
    if state.requested is not None and found and (state.requested.start - found[-1].end).days > _TWO_YEARS:
        return ()
    return tuple(found)


def _codes_over_time(
    periods: Sequence[Period], codes: AreaCodes
) -> list[tuple[tuple[str, ...], tuple[Period, ...]]]:
    """Each of the periods under the code that the area bore on its first day, and under its present one."""
    found: dict[tuple[str, ...], list[Period]] = {}
    for period in periods:
        step = next((item for item in codes.steps if _covers(item, period.start)), None)
        found.setdefault((*step.codes, *codes.own[:1]) if step else codes.own[:1], []).append(period)
    return [(own, tuple(members)) for own, members in found.items()]


def _covers(step: LineageStep, day: date) -> bool:
    after = step.effective_from is None or step.effective_from <= day
    return after and (step.effective_to is None or day <= step.effective_to)


def _beside_wanted(
    lines: Sequence[IndicatorFigures],
    wanted: Sequence[Indicator],
    codes: AreaCodes,
    held: AreaHoldings,
    state: OverviewState,
) -> list[Selection]:
    """Parts and comparators at the period of each line, comparators of the one before; supporting figures."""
    area = lines[0].given.area if lines else None
    parts = [*codes.trusts, *(item.code for item in held.teams)]
    parts += area.places if area else []
    found: dict[tuple[tuple[str, ...], tuple[Period, ...]], list[str]] = {}
    for line in lines:
        at = (line.period,) if line.period else _recent(line.indicator, held, state)
        comparators = comparator_codes(line.indicator)
        key = tuple(dict.fromkeys([*parts, *comparators])), at
        found.setdefault(key, []).append(line.indicator.id)
        if line.before is not None and is_rate(line.indicator):
            found.setdefault((comparators, (line.before.period,)), []).append(line.indicator.id)
    everyone = tuple(dict.fromkeys([*codes.own, *parts]))
    for item in (item for item in wanted if is_supporting(item)):
        at = _recent(item, held, state)
        found.setdefault(((*everyone, *comparator_codes(item)), at), []).append(item.id)
    asked_for = [Selection(tuple(ids), own, at) for (own, at), ids in found.items() if at]
    return [*asked_for, *_cuts_wanted(wanted, codes, held, state)]


def _recent(indicator: Indicator, held: AreaHoldings, state: OverviewState) -> tuple[Period, ...]:
    """The last period that any of the area's organisations is held for; as of another time a few more. Of an area that
    is closed it is the last of its own, where it has any: its parts go on without it."""
    frequencies, closed = comparable_frequencies(indicator.frequency), state.request.area.closed_on
    every = (held.own, held.trusts, held.parts)
    known = [period for where in every for period in where.periods.get(indicator.id, ())]
    if closed is not None:
        own = [p for p in held.own.periods.get(indicator.id, ()) if p.start <= closed]
        known = own or known
    shown = _shown(known, frequencies, state)
    return shown[-(1 if state.as_of.now else _LOOK_BACK.get(indicator.frequency, 3)) :]


def _cuts_of(indicator: Indicator, held: AreaHoldings) -> dict[str, Period]:
    """The breakdowns of an indicator that the area has only by breakdown, with the last period of each."""
    found = dict(held.breakdowns.get(indicator.id, {}))
    return {} if ALL in found else found


def _cuts_wanted(
    indicators: Sequence[Indicator], codes: AreaCodes, held: AreaHoldings, state: OverviewState
) -> list[Selection]:
    found = []
    for item in indicators:
        cuts = _cuts_of(item, held)
        last = max(cuts.values(), default=None)
        if last is None:
            continue
        if last.end <= state.until and state.as_of.now:
            found.append(Selection((item.id,), codes.own, (last,), tuple(sorted(cuts))))
            continue
        like = [p for periods in held.own.periods.values() for p in periods if p.frequency is last.frequency]
        near = tuple(sorted({p for p in like if p.end <= state.until})[-3:])
        found.append(Selection((item.id,), codes.own, near, tuple(sorted(cuts))))
    return found


def _latest_cuts(cuts: Sequence[Reading], codes: AreaCodes, state: OverviewState) -> tuple[Reading, ...]:
    """Of each breakdown the last reading, where one code stands for the whole area."""
    alone = [codes.own[0], *(step.codes[0] for step in codes.steps if len(step.codes) == 1)]
    found = []
    for key in sorted({(item.indicator, item.breakdown) for item in cuts}):
        own = [i for i in cuts if (i.indicator, i.breakdown) == key and i.period.end <= state.until]
        last = max((item.period for item in own), default=None)
        whole = [item for code in alone for item in own if (item.organisation, item.period) == (code, last)]
        found += whole[:1]
    return tuple(found)


def released_months(days: Collection[PublicationDay]) -> tuple[date, ...]:
    """The last day of publication of each month, newest first."""
    last: dict[tuple[int, int], date] = {}
    for item in days:
        month = (item.on.year, item.on.month)
        last[month] = max(item.on, last.get(month, item.on))
    return tuple(sorted(last.values(), reverse=True))
