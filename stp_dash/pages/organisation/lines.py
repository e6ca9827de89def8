"""The lines of an organisation's page: its figures and its teams', each under its limits and beside its peers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from db.domain import (
    ALL,
    ENGLAND,
    Frequency,
    Indicator,
    OrganisationType,
    Period,
)
from db.domain.organisation import OrganisationChoice
from db.domain.reading import Reading, Selection, Slice
from stp_dash.analysis.area import (
    ReadingIndex,
    adding_up,
    area_series,
    index_readings,
    own_reading,
    own_series,
    step_on,
)
from stp_dash.analysis.control import WINDOW, Controlled, SeriesInput, controlled_many
from stp_dash.analysis.kinds import TUMOUR_GROUPS, comparison_of
from stp_dash.analysis.wording import is_rate
from stp_dash.frame.area import as_of_area
from stp_dash.frame.cache import CacheKey
from stp_dash.pages.organisation.cancer import CutsInput
from stp_dash.pages.organisation.read import Peers, Place
from stp_dash.pages.organisation.staffing import PracticesInput
from stp_dash.pages.organisation.state import AREAS, OrganisationState
from stp_dash.pages.organisation.words import MEDIAN, ProfileFigure, national_average
from stp_dash.statistics.rebasing import RebaseDecision

PATHWAY = ("route", "modality", "stage")
"""The steps of a pathway: the first of these dimensions that an indicator is published by."""

Group = tuple[tuple[str, ...], tuple[Period, ...], tuple[str, ...]]
"""Organisations, periods and breakdown keys that several indicators are looked up for."""


@dataclass(frozen=True)
class LineReadings:
    """A line as read: whose figure of what, its readings in order, and the one that is shown."""

    indicator: Indicator
    owner: OrganisationChoice
    breakdown: str
    team: str
    series: tuple[Reading, ...]
    reading: Reading | None

    @property
    def place(self) -> Place | None:
        """Where its peers are: of a trust that its publisher placed among its own kind, those of that kind."""
        if self.reading is None:
            return None
        period = self.reading.period
        trust_kind = self.reading.details.trust_kind if self.reading.details else ""
        comparison = comparison_of(self.owner.type, period, trust_kind)
        return Slice(self.indicator.id, period, self.breakdown), comparison


@dataclass(frozen=True)
class ReportingTeamKey(CacheKey[str]):
    """The one team that has all of a trust's newest figures by a month."""

    code: str
    month: date | None


class OrganisationFigures:
    """The figures of one organisation, read in one query, and the lines made of them."""

    def __init__(self, state: OrganisationState) -> None:
        self.state = state
        self.as_of = state.request.as_of()
        known = state.request.site.store.catalogue.indicators.values()
        self.indicators = sorted(known, key=lambda item: (item.topic_order, item.topic, item.order))
        self.team_codes = tuple(item.code for item in state.teams)
        self._known_periods: dict[tuple[str, tuple[str, ...]], tuple[Period, ...]] = {}
        wanted = [Selection(tuple(indicators), *group) for group, indicators in self._groups().items()]
        read = state.reader.readings(wanted)
        self.indexes = _by_cut(read)

    @cached_property
    def alive(self) -> tuple[Indicator, ...]:
        """The indicators held of it that were in use in the month shown."""
        held, until = self.state.held.periods, self.state.until
        shown = [item for item in self.indicators if item.id in held]
        day = min(until, max((held[item.id][0].start for item in shown), default=until))
        return tuple(
            item
            for item in shown
            if (item.valid_to is None or item.valid_to >= day) and held[item.id][-1].start <= until
        )

    @cached_property
    def ended(self) -> tuple[tuple[Indicator, Period], ...]:
        """Indicators no longer in use that it has figures of, each with its last period."""
        held = self.state.held.periods
        return tuple(
            (item, held[item.id][0])
            for item in self.indicators
            if item.id in held and item.valid_to is not None and item not in self.alive
        )

    @cached_property
    def behind(self) -> tuple[tuple[Indicator, Period, Period], ...]:
        """Indicators of which others of its type have later figures than it, with its last period and theirs."""
        latest = {
            (item.indicator, item.period.frequency): item.period
            for item in self.state.reader.latest
            if item.organisation_type is self.state.kind
        }
        own = [(item, self.state.held.periods[item.id][0]) for item in self.alive]
        return tuple(
            (item, last, newest)
            for item, last in own
            if (newest := latest.get((item.id, last.frequency))) is not None and newest.start > last.start
        )

    @cached_property
    def of_teams(self) -> tuple[Indicator, ...]:
        """Every indicator of a trust's teams."""
        held = self.state.reader.holdings(self.team_codes).periods if self.team_codes else {}
        return tuple(item for item in self.indicators if item.id in held)

    def _newest(self, indicator: Indicator) -> tuple[Period, ...]:
        """The newest period that any of a trust's teams has of an indicator by the month shown."""
        return self._periods(indicator, self.team_codes)[:1]

    @cached_property
    def reporting(self) -> str:
        """The one team that has all of a trust's newest figures, "" where several or none have."""
        state = self.state
        if not state.teams:
            return ""

        def read() -> str:
            wanted = [Selection((item.id,), self.team_codes, self._newest(item)) for item in self.of_teams]
            found = state.reader.readings_of_now(wanted)
            codes = {item.organisation for item in found if item.value is not None}
            return codes.pop() if len(codes) == 1 else ""

        return state.reader.cached(ReportingTeamKey(state.code, state.month), read)

    def pathway(self, indicator: Indicator) -> tuple[str, ...]:
        """The breakdown keys of an indicator that are steps of its pathway."""
        return self._pathways.get(indicator.id, ())

    @cached_property
    def _pathways(self) -> Mapping[str, tuple[str, ...]]:
        found = {}
        for item in self.alive:
            of_dimension: dict[str, list[str]] = {}
            for key in sorted(self.state.breakdowns.get(item.id, ())):
                of_dimension.setdefault(self.state.reader.code_lists.dimensions[key], []).append(key)
            first = next((name for name in PATHWAY if name in of_dimension), "")
            found[item.id] = tuple(of_dimension.get(first, ()))
        return found

    def _periods(self, indicator: Indicator, codes: tuple[str, ...]) -> tuple[Period, ...]:
        """The periods to read, newest first: as many as limits may rest on."""
        place = (indicator.id, codes)
        if place not in self._known_periods:
            held = self.state.reader.holdings(codes).periods.get(indicator.id, ()) if codes else ()
            found = tuple(item for item in held if item.start <= self.state.until)[:WINDOW]
            self._known_periods[place] = found
        return self._known_periods[place]

    def _groups(self) -> dict[Group, list[str]]:
        """What to look up; indicators of the same periods and breakdowns together."""
        found: dict[Group, list[str]] = {}
        state = self.state
        larger = state.against in {item.code for item in state.larger}
        for indicator in self.alive:
            periods, cuts = self._periods(indicator, state.codes), (ALL, *self.pathway(indicator))
            for codes, own in self._by_step(periods):
                found.setdefault((codes, own, cuts), []).append(indicator.id)
            if larger:
                found.setdefault(((state.against,), periods, cuts), []).append(indicator.id)
        for indicator in self.alive if state.is_area else ():
            members = adding_up(indicator, state.request.area)
            if members:
                key = (members, self._periods(indicator, members), (ALL,))
                found.setdefault(key, []).append(indicator.id)
        for indicator in self.of_teams:
            found.setdefault((self.team_codes, self._newest(indicator), (ALL,)), []).append(indicator.id)
            if self.reporting and indicator not in self.alive:
                alone = ((self.reporting,), self._periods(indicator, self.team_codes)[1:], (ALL,))
                found.setdefault(alone, []).append(indicator.id)
        for indicator, period, cuts in self.cut_only():
            found.setdefault((state.codes, (period,), cuts), []).append(indicator.id)
        return found

    def _by_step(self, periods: tuple[Period, ...]) -> list[tuple[tuple[str, ...], tuple[Period, ...]]]:
        """The codes whose rows stand for the organisation in some periods: its own, or those of before it."""
        of: dict[tuple[str, ...], list[Period]] = {}
        for period in periods:
            step = step_on(self.state.steps, period.start)
            of.setdefault((*(step.codes if step else ()), self.state.code), []).append(period)
        return [(codes, tuple(own)) for codes, own in of.items()]

    def cut_only(self) -> tuple[tuple[Indicator, Period, tuple[str, ...]], ...]:
        """Indicators without a headline, with their breakdowns in the newest period by the month shown: coverage."""
        held, until = self.state.held, self.state.until
        found = []
        for item in self.indicators:
            same = [
                self._periods(other, self.state.codes)
                for other in self.alive
                if other.source_id == item.source_id
            ]
            cuts = tuple(sorted(self.state.breakdowns.get(item.id, ())))
            if cuts and item.id not in held.periods and same and same[0] and same[0][0].start <= until:
                found.append((item, same[0][0], cuts))
        return tuple(found)

    def covered(self) -> tuple[Reading, ...]:
        """The readings of indicators without a headline, by breakdown."""
        return tuple(
            reading
            for indicator, period, cuts in self.cut_only()
            for cut in cuts
            if (
                reading := own_reading(
                    self._index(indicator, cut), indicator, self.state.code, self.state.steps, period
                )
            )
            is not None
        )

    def _series(self, indicator: Indicator, code: str, breakdown: str) -> tuple[Reading, ...]:
        """A line's readings in order, earlier codes included."""
        index = self._index(indicator, breakdown)
        if code != self.state.code:
            return own_series(index, indicator, code, ())
        if self.state.is_area and breakdown == ALL:
            return area_series(index, indicator, self.state.request.area, self.state.steps)
        return own_series(index, indicator, code, self.state.steps)

    def _shown(self, indicator: Indicator, series: Sequence[Reading]) -> Reading | None:
        """The reading of the month asked for, or of the last longer period that had begun by then."""
        month = self.state.month
        if month is None or indicator.frequency is not Frequency.MONTH:
            return series[-1] if series else None
        return next((item for item in series if item.period.start == month), None)

    def _found(
        self, indicator: Indicator, breakdown: str = ALL, team: OrganisationChoice | None = None
    ) -> LineReadings:
        owner = team or self.state.choice
        series = self._series(indicator, owner.code, breakdown)
        return LineReadings(
            indicator, owner, breakdown, team.name if team else "", series, self._shown(indicator, series)
        )

    @cached_property
    def lines(self) -> tuple[ProfileFigure, ...]:
        """Every line in the order shown: headlines by topic, then the steps of pathways that have the same period."""
        headline = [self._found(item) for item in self.alive]
        headline = [item for item in headline if item.series]
        team = next((item for item in self.state.teams if item.code == self.reporting), None)
        if team is not None:
            own = {item.indicator.id for item in headline}
            headline += [self._found(item, team=team) for item in self.of_teams if item.id not in own]
        headline.sort(
            key=lambda item: (item.indicator.topic_order, item.indicator.topic, item.indicator.order)
        )
        steps = [
            step
            for item in headline
            if item.reading is not None and not item.team
            for step in (self._found(item.indicator, key) for key in self.pathway(item.indicator))
            if step.reading is not None and step.reading.period == item.reading.period
        ]
        return self._lines([*headline, *steps])

    @cached_property
    def indicator(self) -> str:
        """The indicator that the page leads on to: the one brought along or asked by group, else the first held."""
        held = [
            item.indicator.id for item in self.lines if item.reading is not None and item.breakdown == ALL
        ]
        asked = self.state.request.parameters
        return next(
            (i for i in (asked.get("groups"), asked.get("indicator")) if i in held), next(iter(held), "")
        )

    @cached_property
    def _newest_of_teams(self) -> Mapping[str, Mapping[str, Reading]]:
        """The teams' readings, by team and indicator, of the newest period that any of the teams has of it."""
        found: dict[str, dict[str, Reading]] = {}
        for item in self.of_teams:
            index = self._index(item, ALL)
            for period in self._newest(item):
                for code in self.team_codes:
                    if (reading := index.get((item.id, code, period))) is not None:
                        found.setdefault(code, {})[item.id] = reading
        return found

    def team_readings(self, code: str) -> Mapping[str, Reading]:
        """A team's readings, by indicator, of the newest period that any of the teams has of it."""
        return self._newest_of_teams.get(code, {})

    def _index(self, indicator: Indicator, breakdown: str) -> ReadingIndex:
        return self.indexes.get((indicator.id, breakdown), {})

    def _lines(self, found: Sequence[LineReadings]) -> tuple[ProfileFigure, ...]:
        """The lines, with their peers read and their limits worked out together."""
        peers = self.state.reader.peers([place for item in found if (place := item.place)], self.as_of)
        beside = [peers[item.place] if item.place else Peers() for item in found]
        series = [self._series_input(item, near) for item, near in zip(found, beside, strict=True)]
        charts = controlled_many(series, profile=self.state.request.rules())
        return tuple(
            self._line(item, near, chart) for item, near, chart in zip(found, beside, charts, strict=True)
        )

    def _series_input(self, item: LineReadings, near: Peers) -> SeriesInput:
        period = item.reading.period if item.reading else None
        return SeriesInput(
            as_of_area(self.state.request, item.indicator, item.owner.code),
            [reading for reading in item.series if period is None or reading.period <= period],
            item.team or self.state.name,
            national_average(item.indicator, item.owner.code, period, near.national),
            tuple(
                RebaseDecision(known.on, known.reason, known.role)
                for known in self.state.reader.decisions
                if (known.indicator, known.organisation) == (item.indicator.id, item.owner.code)
            ),
            self.state.reader.rules_of(item.indicator.id, item.owner.code),
        )

    def _line(self, item: LineReadings, near: Peers, chart: Controlled) -> ProfileFigure:
        month = self.state.month
        period = item.reading.period if item.reading else None
        if period is None and month is not None:
            period = Period.month(month.year, month.month)
        index = self._index(item.indicator, item.breakdown)
        place = item.place
        return ProfileFigure(
            indicator=item.indicator,
            organisation=item.owner.code,
            name=item.team or self.state.name,
            controlled=chart,
            reading=item.reading,
            period=period,
            breakdown=item.breakdown,
            team=item.team,
            national=near.national,
            against=index.get((item.indicator.id, self.state.against, period)) if period else None,
            against_median=self.state.against == MEDIAN,
            comparison=place[1] if place else None,
            spread=near.spread,
            until=self.state.values["period"],
        )

    def groups(self) -> tuple[Indicator, ...]:
        """The indicators with a headline line that are published by tumour group."""
        return tuple(item for item in self.alive if self._group_keys(item))

    def _group_keys(self, indicator: Indicator) -> tuple[str, ...]:
        dimensions = self.state.reader.code_lists.dimensions
        held = self.state.breakdowns.get(indicator.id, ())
        return tuple(key for key in held if dimensions[key] in TUMOUR_GROUPS)

    def by_group(self, indicator: Indicator) -> CutsInput | None:
        """An indicator by tumour group in the period of its headline, with England's: one query."""
        shown = next(
            (line.reading for line in self.lines if line.indicator is indicator and line.breakdown == ALL),
            None,
        )
        if shown is None:
            return None
        keys = self._group_keys(indicator)
        wanted = Selection((indicator.id,), (*self.state.codes, ENGLAND), (shown.period,), keys)
        indexes = _by_cut(self.state.reader.readings([wanted]))
        own = (
            own_reading(index, indicator, self.state.code, self.state.steps, shown.period)
            for index in indexes.values()
        )
        nation = (index.get((indicator.id, ENGLAND, shown.period)) for index in indexes.values())
        return CutsInput(
            indicator,
            self.state.name,
            self.state.code,
            shown.period,
            [item for item in own if item is not None],
            [item for item in nation if item is not None],
        )

    def practices(self) -> PracticesInput | None:
        """The practices of an area on the day of its own figures: one query."""
        rates = [line for line in self.lines if is_rate(line.indicator) and line.reading is not None]
        if self.state.kind not in AREAS[:-1] or not rates:
            return None
        period = rates[0].reading.period if rates[0].reading else None
        chosen = [rates[0].indicator, *(line.indicator for line in rates[-1:] if line is not rates[0])]
        members = self.state.reader.members((self.state.code,), OrganisationType.PRACTICE)
        selection = Selection(
            tuple(item.id for item in chosen),
            tuple(item.code for item in members),
            (period,) if period else (),
        )
        found = self.state.reader.readings([selection])
        return PracticesInput(self.state.name, chosen, period, found) if period and found else None


def _by_cut(readings: Sequence[Reading]) -> Mapping[tuple[str, str], ReadingIndex]:
    """Readings by indicator and breakdown, each by indicator, organisation and period."""
    cut: dict[tuple[str, str], list[Reading]] = {}
    for reading in readings:
        cut.setdefault((reading.indicator, reading.breakdown), []).append(reading)
    return {key: index_readings(found) for key, found in cut.items()}
