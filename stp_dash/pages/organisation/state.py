"""What an organisation's page is asked for, checked against what there is."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from functools import cached_property

from db.catalogue import LineageStep
from db.domain import Frequency, OrganisationType, Period
from db.domain.holdings import Holdings
from db.domain.organisation import RESIDENTS, OrganisationChoice
from stp_dash.analysis.area import codes_of
from stp_dash.elements.links import ORGANISATION, href
from stp_dash.frame.area import steps_of
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import ParameterError
from stp_dash.frame.state import PageState, Parameter, month_parameter
from stp_dash.frame.subject import PageSubject, month_taken
from stp_dash.pages.organisation.matches import PROFILED
from stp_dash.pages.organisation.read import OrganisationReader
from stp_dash.pages.organisation.words import MEDIAN

NATION = "england"
AREAS = (
    OrganisationType.CCG,
    OrganisationType.SUB_ICB_LOCATION,
    OrganisationType.ICB,
    OrganisationType.REGION,
    *RESIDENTS,
)
"""Types whose figures are of the patients registered there or of the people who live there: smaller ones lie within
larger ones."""


def organisation_taken(reader: StoreReader, subject: PageSubject) -> Mapping[str, str | None]:
    """The parameters of a profile for what another page was about, of its month where there are figures."""
    codes = codes_of(subject.organisation, steps_of(reader.request, subject.organisation))
    months = months_of(reader.holdings(codes)) if subject.organisation and subject.period else ()
    held = bool(months) and f"{months[-1]:%Y-%m}" <= subject.period <= f"{months[0]:%Y-%m}"
    return {
        "organisation": subject.organisation,
        **month_taken(subject, held=held or not subject.period),
        "indicator": subject.indicator,
    }


def months_of(held: Holdings) -> tuple[date, ...]:
    """The first days of the months that have any headline figure, newest first: of a longer period its last."""
    every = {period for periods in held.periods.values() for period in periods}
    short = {item for item in every if item.frequency in (Frequency.MONTH, Frequency.SNAPSHOT)}
    return tuple(sorted({item.end.replace(day=1) for item in short or every}, reverse=True))


class OrganisationState(PageState):
    """One visit to an organisation's page: each part is checked when it is asked for. Raises ParameterError."""

    path = ORGANISATION
    parameters = (
        Parameter("organisation"),
        month_parameter("period"),
        Parameter("against", default=NATION),
        Parameter("groups"),
    )

    def __init__(self, reader: OrganisationReader) -> None:
        super().__init__(reader.request)
        self.reader = reader

    @cached_property
    def code(self) -> str:
        """The organisation asked for, or the first of the type asked for, or the first of the area's trusts.

        Raises ParameterError for a code that nobody bears.
        """
        asked = self.request.parameters.get("organisation")
        if asked is None:
            return next(iter(self.ours_of(self._type_asked())), self.request.area.commissioner)
        if self.reader.code_lists.organisation(asked) is not None:
            return asked
        raise ParameterError("organisation", asked, "the code of an organisation", self._nearest(asked))

    def _type_asked(self) -> OrganisationType:
        asked = self.request.one_of("type", [kind.value for kind in PROFILED], "a type of organisation")
        return OrganisationType(asked) if asked else OrganisationType.TRUST

    def _nearest(self, asked: str) -> tuple[tuple[str, str], ...]:
        """Codes nearly alike, our own first, and the search for the words."""
        area = self.request.area
        ours = (*area.trusts, area.commissioner, *area.places)
        close = [
            code
            for among in (ours, self.reader.code_lists.organisation_ids)
            for code in get_close_matches(asked.upper(), among, n=2, cutoff=0.6)
        ]
        codes = dict.fromkeys(close or area.trusts)
        links = [
            (f"{self.names.get(code, code)} ({code})", href(ORGANISATION, organisation=code))
            for code in codes
        ]
        return (*links, (f"Find an organisation by “{asked}”", href(ORGANISATION, find=asked)))

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Organisations' names as pages write them."""
        return self.reader.names

    @cached_property
    def choice(self) -> OrganisationChoice:
        return self.reader.code_lists.organisations[self.reader.code_lists.organisation_ids[self.code]]

    @property
    def kind(self) -> OrganisationType:
        return self.choice.type

    @cached_property
    def name(self) -> str:
        """Its name where space is short."""
        return self.names.get(self.code, self.choice.name)

    @cached_property
    def steps(self) -> tuple[LineageStep, ...]:
        return steps_of(self.request, self.code)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Its code and those of all that came before it."""
        return codes_of(self.code, self.steps)

    @cached_property
    def is_area(self) -> bool:
        return self.code == self.request.area.commissioner

    @cached_property
    def teams(self) -> tuple[OrganisationChoice, ...]:
        """A trust's stroke teams."""
        if self.kind is not OrganisationType.TRUST:
            return ()
        return self.reader.members((self.code,), OrganisationType.STROKE_TEAM)

    @property
    def stroke_held(self) -> bool:
        """Whether the store has figures of any stroke team."""
        return any(item.organisation_type is OrganisationType.STROKE_TEAM for item in self.reader.latest)

    @cached_property
    def parents(self) -> tuple[OrganisationChoice, ...]:
        """What it belongs or belonged to."""
        return self.reader.parents(self.code)

    @cached_property
    def held(self) -> Holdings:
        """What the store holds of it under its own and its earlier codes."""
        return self.reader.holdings(self.codes)

    @cached_property
    def breakdowns(self) -> Mapping[str, Mapping[str, Period]]:
        """By indicator its breakdowns under any of its codes, with the last period of each."""
        return self.reader.newest_by_breakdown(self.codes)

    @cached_property
    def month(self) -> date | None:
        """The first day of the month asked for; None for the latest. Raises ParameterError where nothing is held."""
        day = self.request.month()
        months = self.months
        if day is None or not months or months[-1] <= day <= months[0]:
            return day
        nearest = months[0] if day > months[0] else months[-1]
        links = ((f"{nearest:%B %Y}", self.address(period=f"{nearest:%Y-%m}")),)
        raise ParameterError("period", f"{day:%Y-%m}", "a month with figures of this organisation", links)

    @cached_property
    def until(self) -> date:
        """The last day of the month asked for."""
        if self.month is None:
            return date.max
        return self.month.replace(day=monthrange(self.month.year, self.month.month)[1])

    @cached_property
    def months(self) -> tuple[date, ...]:
        """The months that have any headline figure (`months_of`)."""
        return months_of(self.held)

    @cached_property
    def against(self) -> str:
        """`england`, `median`, or the code of a larger area. Raises ParameterError."""
        offered = [NATION, MEDIAN, *(item.code for item in self.larger)]
        return self.request.one_of("against", offered, "something to compare with") or NATION

    @cached_property
    def larger(self) -> tuple[OrganisationChoice, ...]:
        """The areas that it lies in, smaller first: figures of patients beside figures of patients."""
        if self.kind not in (OrganisationType.PRACTICE, *AREAS):
            return ()
        own = AREAS.index(self.kind) if self.kind in AREAS else -1
        found = [item for item in self.parents if item.type in AREAS and AREAS.index(item.type) > own]
        return tuple(sorted(found, key=lambda item: AREAS.index(item.type)))

    def ours_of(self, kind: OrganisationType) -> tuple[str, ...]:
        """The codes of the area's organisations of a type."""
        area = self.request.area
        known = {
            OrganisationType.TRUST: area.trusts,
            OrganisationType.ICB: (area.commissioner,),
            OrganisationType.SUB_ICB_LOCATION: area.sub_icb_locations,
            OrganisationType.CCG: area.ccgs,
            OrganisationType.UPPER_TIER_AUTHORITY: area.upper_tier_authorities,
        }
        if kind in known:
            return tuple(known[kind])
        if kind is OrganisationType.STROKE_TEAM:
            return tuple(item.code for item in self.reader.members(tuple(area.trusts), kind))
        if kind is OrganisationType.DISTRICT:
            return tuple(item.code for item in self.reader.members(area.upper_tier_authorities, kind))
        if kind is OrganisationType.PRACTICE:
            return tuple(item.code for item in self.reader.members(tuple(area.ccgs[:1]), kind))
        return ()

    def address(self, **changed: str | None) -> str:
        """The address of this state, or of one that differs from it in some parameters."""
        return super().address(**{"organisation": self.code, **changed})

    def to(self, code: str) -> str:
        """The address of another organisation's page in the same state; what may not fit it is left out."""
        return self.address(organisation=code, against=None, groups=None)
