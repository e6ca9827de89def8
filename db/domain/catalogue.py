"""The catalogue: indicators with the standards they are held to, organisations and their successions."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from db.domain.organisation import Organisation, OrganisationType, Succession
from db.domain.period import Frequency


class ImprovementDirection(StrEnum):
    """Which way an indicator has to move to be better: declared, never worked out."""

    INCREASE = "increase"
    DECREASE = "decrease"
    NEUTRAL = "neutral"


class StandardKind(StrEnum):
    """What a standard is: what must be met, a step on the way, a hope, or only the average to compare with."""

    OPERATIONAL_STANDARD = "operational standard"
    INTERIM_AMBITION = "interim ambition"
    ASPIRATION = "aspiration"
    NATIONAL_AVERAGE = "national average"


INTERVAL = "95% interval"


@dataclass(frozen=True)
class Break:
    """A day from which an indicator's figures cannot be compared with those before."""

    on: date
    reason: str


@dataclass(frozen=True)
class Standard:
    """A level to be reached, with its dates. Never edited: closed and succeeded."""

    kind: StandardKind
    comparator: str
    label: str
    effective_from: date
    effective_to: date | None = None
    value: float | None = None
    computed_from: str | None = None
    reference_url: str = ""
    note: str = ""

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True)
class Indicator:
    """An indicator as the catalogue declares it; its value is `multiplier` times numerator over denominator.

    `is_total` says that a value counts all that an organisation has, more where it is larger: it is compared with
    nobody's, only with its own before.
    `is_stock` says that a figure counts mostly those whom the one before counted (residents a year later): figures that
    depend on each other so have no control limits.
    `without_limits` says in a sentence's first half why figures have no control limits and no run is a change; "" for
    all that can have them. `is_order` says that values are places in an order: neither averages nor quarters are made
    of them. `is_plan` says that a figure is what is meant to happen in a period that may still run.
    `projects` is the indicator whose figures this one projects into years to come; "" for all that is counted.
    `by_trust_kind` says that a trust is compared with trusts of its own kind only.
    `may_repeat` says that all figures may be those of the period before: scores of what is measured once a year.
    `decimals` is how many a value is shown with, where not the usual. `interval_label` names the published interval.
    """

    id: str
    name: str
    short_name: str
    topic: str
    source_id: str
    unit: str
    multiplier: float
    numerator_label: str
    denominator_label: str
    gap_unit: str
    frequency: Frequency
    organisation_types: tuple[OrganisationType, ...]
    improvement_direction: ImprovementDirection
    definition: str
    why_it_matters: str
    caveats: str
    definition_url: str
    owner: str
    reviewed_on: date
    review_due_on: date
    order: int
    valid_from: date | None = None
    valid_to: date | None = None
    breaks: tuple[Break, ...] = ()
    standards: tuple[Standard, ...] = ()
    shown_beside: tuple[str, ...] = ()
    definition_of: str = ""
    rolling_periods: int | None = None
    topic_order: int = 50
    is_total: bool = False
    is_stock: bool = False
    without_limits: str = ""
    is_order: bool = False
    is_plan: bool = False
    projects: str = ""
    by_trust_kind: bool = False
    may_repeat: bool = False
    decimals: int | None = None
    interval_label: str = INTERVAL

    @property
    def looks_ahead(self) -> bool:
        """Whether figures are of periods that may not have ended: plans and projections."""
        return self.is_plan or bool(self.projects)

    def standard_on(
        self, day: date, kind: StandardKind = StandardKind.OPERATIONAL_STANDARD
    ) -> Standard | None:
        """The one standard of a kind in force on a day, if any."""
        return next((s for s in self.standards if s.kind is kind and s.in_force(day)), None)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """The reviewed reference data: indicators with their standards, organisations, successions.

    One is another only where it is the same object, so that what is worked out from it can be kept by it.
    """

    indicators: dict[str, Indicator]
    organisations: dict[str, Organisation]
    successions: tuple[Succession, ...] = field(default=())
