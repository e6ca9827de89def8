"""The trend page's state: what was asked, or the default, checked against what there is."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from db.catalogue import LineageStep, earlier_names
from db.catalogue.national_events import national_events
from db.domain import ALL, ENGLAND, Indicator, OrganisationType, Period
from db.domain.organisation import OrganisationChoice
from db.domain.reading import Reading
from stp_dash.analysis.area import adding_up, codes_of, index_readings
from stp_dash.analysis.control import WINDOW
from stp_dash.analysis.noted.events import chart_events
from stp_dash.analysis.series import holding
from stp_dash.analysis.standing.comparator import comparator_codes
from stp_dash.analysis.wording import month_code
from stp_dash.elements.links import TREND
from stp_dash.frame.area import as_of_area, history_of, readings_and_parts, steps_of
from stp_dash.frame.reader import PeriodsOfKey, StoreReader
from stp_dash.frame.request import ParameterError
from stp_dash.frame.state import UNTIL, PageState, Parameter, month_parameter, rules_parameter
from stp_dash.frame.subject import PageSubject
from stp_dash.pages.trend.read import LISTED, TrendReader, selection_of
from stp_dash.pages.trend.series import TrendSeries
from stp_dash.statistics.profiles import NATIONAL
from stp_dash.statistics.rebasing import RebaseDecision

AREAS = frozenset(LISTED) - {OrganisationType.STROKE_TEAM, OrganisationType.COUNTRY}


def trend_taken(reader: StoreReader, subject: PageSubject) -> Mapping[str, str | None]:
    """The parameters of a trend for what another page was about, looked back from its month where there are figures."""
    fit, area = subject.fitting(reader), reader.request.area
    found = {"indicator": fit.indicator, "organisation": fit.organisation}
    if not fit.period:
        return found
    code = fit.organisation or area.commissioner
    held = reader.holdings(codes_of(code, steps_of(reader.request, code))).periods.get(fit.indicator, ())
    known = bool(held) and month_code(held[-1]) <= fit.period
    return {**found, UNTIL if known else "period": fit.period}


class TrendState(PageState):
    """Raises ParameterError for an organisation, a comparison or a rule profile that there is not.

    rules: the profile that is shown, usual_rules: the one without asking; chosen_rules: the choice on record, None for
    none. steps: what the organisation was before; codes: those whose rows its figures are made from; held: its periods
    with a row, newest first.
    """

    path = TREND
    parameters = (
        Parameter("indicator"),
        Parameter("organisation"),
        Parameter("breakdown", default=ALL),
        Parameter("compare"),
        month_parameter("to"),
        month_parameter("shown"),
        month_parameter("restart"),
        rules_parameter(),
    )

    def __init__(self, reader: TrendReader) -> None:
        super().__init__(reader.request)
        self.reader, self.area = reader, reader.request.area
        self.indicator = self.request.indicator(self._indicators_held())
        self.values["indicator"] = self.indicator.id
        self.breakdown = self.values["breakdown"] or ALL
        self.until, self.shown = self.request.month("to"), self.request.month("shown")
        self.restart = self.request.month("restart")
        self.organisation = self.values["organisation"] or self._first()
        self.name = self._known_name("organisation", self.organisation)
        self.values["organisation"] = self.organisation
        self.chosen_rules = reader.recorded_rules.get((self.indicator.id, self.organisation))
        self.usual_rules = self.chosen_rules.profile if self.chosen_rules else NATIONAL.name
        self.rules = self.values["rules"] or self.usual_rules
        self.values["rules"] = "" if self.rules == self.usual_rules else self.rules
        self.compare = self.values["compare"] = self._compared()
        self.history = history_of(self.request, self.organisation, reader.names)
        self.steps = self.history.steps
        self.indicator = as_of_area(self.request, self.indicator, self.organisation)
        self.codes = self._codes_of(self.organisation, self.steps)
        self.held = reader.series_periods(
            PeriodsOfKey(self.indicator.id, self.organisation, tuple(self.codes), self.breakdown)
        )

    @cached_property
    def choices(self) -> tuple[OrganisationChoice, ...]:
        """The organisations that have figures of the indicator, practices apart."""
        return self.reader.choices(self.indicator)

    @cached_property
    def breakdowns(self) -> tuple[str, ...]:
        """The breakdowns that the organisation has of the indicator."""
        return self.reader.breakdowns(self.indicator, self.organisation)

    def _indicators_held(self) -> Collection[str]:
        """Those with a figure of the organisation asked for, or of the area; where it has none, those with any."""
        if "indicator" in self.request.parameters:
            return ()
        code = self.values["organisation"] or self.area.commissioner
        held = self.reader.holdings(codes_of(code, steps_of(self.request, code))).periods
        return held or self.reader.indicators_held

    def _first(self) -> str:
        """The area, or where an indicator has no figure for areas, the first of its teams."""
        types = {item.type for item in self.choices}
        if not types or AREAS & types:
            return self.area.commissioner
        held = {item.code for item in self.choices}
        ours = self.reader.our_members(types)
        return next((item.code for item in ours if item.code in held), self.area.commissioner)

    def _known_name(self, parameter: str, code: str) -> str:
        """The organisation's name. Raises ParameterError for a code that nobody bears."""
        names = self.request.site.names()
        if names.get(code):
            return names[code]
        listed = {item.code: item.name for item in self.choices}
        if code in listed or code in names or code in {self.area.commissioner, ENGLAND}:
            return listed.get(code, code)
        stored = self.reader.code_lists.organisation(code)
        if stored is not None:
            return self.reader.names[code]
        own = getattr(self, "organisation", "") if parameter == "compare" else code
        known = [other for other in (self.area.commissioner, *self.area.trusts) if other != own]
        links = [(names.get(other, other), self.address(**{parameter: other})) for other in known]
        raise self.refused(parameter, "the code of an organisation", links)

    def _compared(self) -> str:
        """The organisation to draw beside, "" for the usual comparator."""
        code = self.values["compare"]
        if not code or code in comparator_codes(self.indicator):
            return ""
        if code == self.organisation:
            links = [("Compare with England", self.address(compare=None))]
            raise self.refused("compare", "the code of another organisation", links)
        self._known_name("compare", code)
        return code

    def _codes_of(self, code: str, steps: Sequence[LineageStep]) -> tuple[str, ...]:
        """An organisation's codes; the area without a figure is the sum of those that add up to it."""
        members = adding_up(self.indicator, self.area) if code == self.area.commissioner else ()
        return (*codes_of(code, steps), *members)

    def period_of(self, parameter: str, month: date | None) -> Period | None:
        """The last period that starts by a month, None if no month is asked. Raises ParameterError before the first."""
        if month is None or not self.held:
            return None
        found = holding(self.held, month) or next((item for item in self.held if item.start <= month), None)
        if found is not None:
            return found
        first = self.held[-1]
        links = ((f"To {first.label}", self.address(**{parameter: month_code(first)})),)
        raise ParameterError(parameter, f"{month:%Y-%m}", f"a month from {first.label} on", links)

    def _since(self, until: Period | None) -> date:
        """The first day to read: as many periods as limits and rolling sums rest on.

        As of another time all are read: which ones were there then is not known beforehand.
        """
        if not self.request.as_of().now:
            return date.min
        before = [item for item in self.held if until is None or item <= until]
        span = before[: WINDOW + (self.indicator.rolling_periods or 0)]
        return span[-1].start if span else date.max

    def _trusts_held(self) -> tuple[Period, ...]:
        """Of the area as it is now, the periods with a row of any of its trusts; none where its figure is their sum."""
        trusts = self.area.trusts
        whole = self.organisation == self.area.commissioner and self.breakdown == ALL
        if not whole or adding_up(self.indicator, self.area) or not self.request.as_of().now:
            return ()
        return self.reader.series_periods(PeriodsOfKey(self.indicator.id, "", trusts, ALL))

    def _projections(self) -> tuple[Indicator, ...]:
        """The indicators with figures that project this one's, in their order."""
        known = self.request.site.store.catalogue.indicators.values()
        found = [item for item in known if item.projects == self.indicator.id]
        held = self.reader.indicators_held if found else frozenset()
        return tuple(sorted((item for item in found if item.id in held), key=lambda item: item.order))

    def every_row(self) -> tuple[Reading, ...]:
        """All rows of the organisation, or those that were known as of another time: one query."""
        return self.reader.figures((self.indicator,), self.codes, (date.min, date.max), self.breakdown)

    def read(self) -> TrendSeries:
        """Everything that the page is made from: one query or two, apart from what is kept."""
        known = self.request.site.store.catalogue.indicators
        indicator, until = self.indicator, self.period_of("to", self.until)
        beside = tuple(known[code] for code in indicator.shown_beside) if self.breakdown == ALL else ()
        compare_steps = steps_of(self.request, self.compare) if self.compare else ()
        compared = self._codes_of(self.compare, compare_steps) if self.compare else ()
        last, shown = until or max(self.held, default=None), self.period_of("shown", self.shown)
        span = (self._since(until), last.start if last else date.max)
        codes = (*self.codes, *compared, *comparator_codes(indicator))
        wanted = selection_of((indicator, *beside), codes, span, self.breakdown)
        others = {*compared, *comparator_codes(indicator), *adding_up(indicator, self.area)}
        found = readings_and_parts(self.reader, wanted, self.steps, self.held, others)
        newest = self.breakdown == ALL and until is None and shown is None and bool(self.held)
        projections = self._projections() if newest else ()
        if projections:
            ahead = (min(item.period.start for item in found) if found else date.min, date.max)
            found = (*found, *self.reader.figures(projections, self.codes, ahead, ALL))
        recorded = self.reader.recorded(indicator, self.organisation)
        trend = TrendSeries(
            indicator=indicator,
            organisation=self.organisation,
            breakdown=self.breakdown,
            index=index_readings(found),
            history=self.history,
            names=self.reader.names.new_child({self.organisation: self.name}),
            earlier_names=earlier_names(),
            area=self.area,
            beside=beside,
            until=until,
            shown=shown,
            phone=self.request.width == "phone",
            tablet=self.request.width == "tablet",
            profile=self.rules,
            chosen_rules=self.chosen_rules,
            projections=projections,
            compare=self.compare,
            compare_steps=compare_steps,
            held=self.held,
            trusts_held=self._trusts_held() if until is None else (),
            events=chart_events(
                recorded.events, national_events(), indicator.source_id, self.request.site.today()
            ),
            plan=self.reader.plan(indicator, self.organisation),
            decisions=[RebaseDecision(i.on, i.reason, i.role) for i in recorded.decisions],
        )
        return self._checked(trend)

    def _checked(self, trend: TrendSeries) -> TrendSeries:
        """The series with the restart that is tried. Raises ParameterError for a window or a restart outside of it."""
        periods = trend.control.periods
        if periods and trend.shown is not None and trend.shown < periods[0]:
            raise self._before(trend.shown, periods[0])
        if self.restart is None:
            return trend
        possible = trend.triable
        if possible and periods[0].start < self.restart <= possible[-1].start:
            return replace(trend, preview=self.restart)
        middle = possible[len(possible) // 2 : len(possible) // 2 + 1]
        links = [(f"Restart in {item.label}", self.address(restart=month_code(item))) for item in middle]
        nearest = [*links, ("Without a restart", self.address(restart=None))]
        raise self.refused("restart", "a month of the chart, after its first", nearest)

    def _before(self, shown: Period, first: Period) -> ParameterError:
        """The error of a window that lies before the periods which limits rest on."""
        code = month_code(shown)
        links = (
            (f"Looking back from {shown.label}", self.address(to=code, shown=None, restart=None)),
            (f"Up to {first.label}", self.address(shown=month_code(first))),
        )
        return ParameterError("shown", code, f"a month from {first.label} on", links)
