"""The trend page's state: what was asked, or the default, checked against what there is, and what is read for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from urllib.parse import quote_plus

from sqlalchemy import Connection

from db.catalogue import LineageStep, earlier_names
from db.domain import ALL, ENGLAND, OrganisationType, Period
from db.domain.decision import Recorded
from db.domain.holdings import DataVersion
from db.domain.organisation import OrganisationChoice
from db.domain.reading import PeriodSpan, Selection
from db.figures.code_lists import members_of
from db.figures.decisions import recorded_for
from db.figures.holdings import breakdowns_with, organisations_with, periods_with
from db.figures.observations import readings
from stp_dash.analysis.area import codes_of, index_readings
from stp_dash.analysis.control import WINDOW
from stp_dash.analysis.series import comparable_frequencies, holding
from stp_dash.analysis.standing.comparator import comparator_codes
from stp_dash.analysis.wording import month_code
from stp_dash.elements.links import TREND, href, kept
from stp_dash.frame.area import steps_of
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import PageReader
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.pages.trend.figures import ChartEvent, TrendInput
from stp_dash.pages.trend.limits import triable
from stp_dash.statistics.rebasing import RebaseDecision

LISTED = (
    OrganisationType.COUNTRY,
    OrganisationType.REGION,
    OrganisationType.ICB,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.CCG,
    OrganisationType.TRUST,
    OrganisationType.STROKE_TEAM,
)
"""Practices are too many for a list: their pages are reached by link."""
AREAS = frozenset(LISTED) - {OrganisationType.STROKE_TEAM, OrganisationType.COUNTRY}
KEPT = ("published", "version")


@dataclass(frozen=True)
class ChoicesKey(CacheKey[tuple[OrganisationChoice, ...]]):
    """The organisations that have figures of an indicator."""

    indicator: str


@dataclass(frozen=True)
class OurTeamsKey(CacheKey[tuple[OrganisationChoice, ...]]):
    """Those of them that belong to our trusts."""

    indicator: str


@dataclass(frozen=True)
class BreakdownsOfKey(CacheKey[tuple[str, ...]]):
    """The breakdowns that an organisation has of an indicator."""

    indicator: str
    organisation: str


@dataclass(frozen=True)
class PeriodsOfKey(CacheKey[tuple[Period, ...]]):
    """The periods in which an organisation has a row of an indicator."""

    indicator: str
    organisation: str
    breakdown: str


@dataclass(frozen=True)
class RecordedKey(CacheKey[Recorded]):
    """What people decided and noted about a series."""

    indicator: str
    organisation: str


class TrendState:
    """Raises ParameterError for an organisation, a comparison or a rule profile that there is not."""

    def __init__(self, request: PageRequest, connection: Connection, version: DataVersion) -> None:
        self.request, self.connection, self.version = request, connection, version
        self.reader = PageReader(request, connection, version)
        self.area = request.site.settings.area
        self.indicator = request.indicator(self.reader.indicators_held)
        self.breakdown = request.parameters.get("breakdown", ALL)
        self.until, self.shown = request.month("to"), request.month("shown")
        self.restart = request.month("restart")
        self.rules = request.rules()
        self.compare = ""
        self.organisation = request.parameters.get("organisation") or self._first()
        self.name = self._known_name("organisation", self.organisation)
        self.compare = self._compared()

    @cached_property
    def choices(self) -> tuple[OrganisationChoice, ...]:
        """The organisations that have figures of the indicator, practices apart."""

        def read() -> tuple[OrganisationChoice, ...]:
            return organisations_with(self.connection, indicator_code=self.indicator.id, types=LISTED)

        return self.reader.cached(ChoicesKey(self.indicator.id), read)

    def _first(self) -> str:
        """The area, or where an indicator has no figure for areas, the first of its teams."""
        if not self.choices or AREAS & {item.type for item in self.choices}:
            return self.area.commissioner

        def read() -> tuple[OrganisationChoice, ...]:
            types = sorted({item.type for item in self.choices})
            return members_of(self.connection, self.reader.code_lists, parents=self.area.trusts, types=types)

        ours = self.reader.cached(OurTeamsKey(self.indicator.id), read)
        held = {item.code for item in self.choices}
        return next((item.code for item in ours if item.code in held), self.area.commissioner)

    def _known_name(self, parameter: str, code: str) -> str:
        """The organisation's name. Raises ParameterError for a code that nobody bears."""
        names = self.request.site.names()
        listed = {item.code: item.name for item in self.choices}
        if code in listed or code in names or code in {self.area.commissioner, ENGLAND}:
            return names.get(code) or listed.get(code, code)
        stored = self.reader.code_lists.organisation(code)
        if stored is not None:
            return stored.name
        own = getattr(self, "organisation", "")
        known = [other for other in (self.area.commissioner, *self.area.trusts) if other != own]
        links = tuple((names.get(other, other), self.address(**{parameter: other})) for other in known)
        raise ParameterError(parameter, code, "the code of an organisation", links)

    def _compared(self) -> str:
        """The organisation to draw beside, "" for the usual comparator."""
        code = self.request.parameters.get("compare", "")
        if not code or code in comparator_codes(self.indicator):
            return ""
        if code == self.organisation:
            links = (("Compare with England", self.address(compare=None)),)
            raise ParameterError("compare", code, "the code of another organisation", links)
        self._known_name("compare", code)
        return code

    def address(self, **changed: str | None) -> str:
        """The address of this state, or of one that differs from it in some parameters."""
        parameters: dict[str, str | None] = {
            "indicator": self.indicator.id,
            "organisation": getattr(self, "organisation", None),
            "breakdown": None if self.breakdown == ALL else self.breakdown,
            "compare": self.compare or None,
            "to": f"{self.until:%Y-%m}" if self.until else None,
            "shown": f"{self.shown:%Y-%m}" if self.shown else None,
            "restart": f"{self.restart:%Y-%m}" if self.restart else None,
            "rules": None if self.rules == "national" else self.rules,
        }
        return kept(href(TREND, **{**parameters, **changed}), self.request.parameters, KEPT)

    def addresses(self, parameter: str, **changed: str | None) -> Callable[[str], str]:
        """What gives the address for each value of one parameter; written once, for menus of hundreds."""
        before, _, after = self.address(**{**changed, parameter: "@"}).partition(f"{parameter}=%40")
        return lambda value: f"{before}{parameter}={quote_plus(value)}{after}"

    @cached_property
    def breakdowns(self) -> tuple[str, ...]:
        def read() -> tuple[str, ...]:
            return breakdowns_with(
                self.connection, indicator_code=self.indicator.id, organisation_code=self.organisation
            )

        return self.reader.cached(BreakdownsOfKey(self.indicator.id, self.organisation), read)

    @cached_property
    def steps(self) -> tuple[LineageStep, ...]:
        return steps_of(self.request, self.organisation)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """The codes whose rows the organisation's figures are made from."""
        return self._codes_of(self.organisation, self.steps)

    def _codes_of(self, code: str, steps: Sequence[LineageStep]) -> tuple[str, ...]:
        """Patients of stroke teams count once, so that an area without a figure is the sum of its trusts."""
        sums = (
            code == self.area.commissioner
            and OrganisationType.STROKE_TEAM in self.indicator.organisation_types
        )
        return (*codes_of(code, steps), *(self.area.trusts if sums else ()))

    @cached_property
    def held(self) -> tuple[Period, ...]:
        """The periods with a row of the organisation, newest first."""

        def read() -> tuple[Period, ...]:
            return periods_with(
                self.connection,
                indicators=[self.indicator.id],
                organisations=self.codes,
                breakdown_key=self.breakdown,
            )

        key = PeriodsOfKey(self.indicator.id, self.organisation, self.breakdown)
        known = self.breakdown in self.breakdowns or self.breakdown == ALL
        found = self.reader.cached(key, read) if known else read()
        frequencies = comparable_frequencies(self.indicator.frequency)
        return tuple(item for item in found if item.frequency in frequencies)

    @cached_property
    def recorded(self) -> Recorded:
        """What people decided and want noted about this series."""

        def read() -> Recorded:
            return recorded_for(
                self.connection, indicators=[self.indicator.id], organisations=[self.organisation]
            )

        return self.reader.cached(RecordedKey(self.indicator.id, self.organisation), read)

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

    def read(self) -> TrendInput:
        """Everything that the page is made from: one query, apart from what is kept."""
        known = self.request.site.store.catalogue.indicators
        indicator, until = self.indicator, self.period_of("to", self.until)
        beside = tuple(known[code] for code in indicator.shown_beside) if self.breakdown == ALL else ()
        compare_steps = steps_of(self.request, self.compare) if self.compare else ()
        compared = self._codes_of(self.compare, compare_steps) if self.compare else ()
        last = until or max(self.held, default=None)
        found = readings(
            self.connection,
            self.reader.code_lists,
            [
                Selection(
                    (indicator.id, *(item.id for item in beside)),
                    (*self.codes, *compared, *comparator_codes(indicator)),
                    PeriodSpan(
                        comparable_frequencies(indicator.frequency),
                        self._since(until),
                        last.start if last else date.max,
                    ),
                    (self.breakdown,),
                )
            ],
            self.request.as_of(),
        )
        given = TrendInput(
            indicator=indicator,
            organisation=self.organisation,
            breakdown=self.breakdown,
            index=index_readings(found),
            steps=self.steps,
            names={**self.request.site.names(), self.organisation: self.name},
            earlier_names=earlier_names(),
            area=self.area,
            beside=beside,
            until=until,
            shown=self.period_of("shown", self.shown),
            phone=self.request.width == "phone",
            tablet=self.request.width == "tablet",
            profile=self.rules,
            compare=self.compare,
            compare_steps=compare_steps,
            held=self.held,
            events=[ChartEvent(item.on, item.text) for item in self.recorded.events],
            decisions=[RebaseDecision(i.on, i.reason, i.role) for i in self.recorded.decisions],
        )
        self._check_shown(given)
        return self._tried(given)

    def _check_shown(self, given: TrendInput) -> None:
        """Raises ParameterError for a window that lies before the periods which limits rest on."""
        first = next(iter(given.control.periods), None)
        if first is None or given.shown is None or given.shown >= first:
            return
        code = month_code(given.shown)
        links = (
            (f"Looking back from {given.shown.label}", self.address(to=code, shown=None, restart=None)),
            (f"Up to {first.label}", self.address(shown=month_code(first))),
        )
        raise ParameterError("shown", code, f"a month from {first.label} on", links)

    def _tried(self, given: TrendInput) -> TrendInput:
        """With the restart that is asked for, if it lies in the series. Raises ParameterError if it does not."""
        if self.restart is None:
            return given
        periods = given.control.periods
        possible = triable(periods)
        if possible and periods[0].start < self.restart <= possible[-1].start:
            return replace(given, preview=self.restart)
        links = tuple(
            (f"Restart in {item.label}", self.address(restart=month_code(item)))
            for item in (possible[len(possible) // 2 : len(possible) // 2 + 1])
        )
        nearest = (*links, ("Without a restart", self.address(restart=None)))
        raise ParameterError(
            "restart", f"{self.restart:%Y-%m}", "a month of the chart, after its first", nearest
        )
