"""What a measure of an organisation's own is: its kind, its units, its targets, and who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from db.domain.catalogue import Break, ImprovementDirection
from db.domain.period import Frequency

OWN_PREFIX = "local-"
OWN_TOPIC = "Our own measures"


class MeasureKind(StrEnum):
    """What a measure's figures are: it decides which columns a line needs and which chart fits."""

    PROPORTION = "proportion"
    RATE = "rate"
    COUNT = "count"
    MEAN = "mean"
    SCORE = "score"
    DAYS_BETWEEN = "days between events"

    @property
    def needs_counts(self) -> bool:
        """Whether a figure is worked out from a numerator and a denominator."""
        return self in {MeasureKind.PROPORTION, MeasureKind.RATE}

    @property
    def needs_value(self) -> bool:
        """Whether a figure is given as a value alone."""
        return self in {MeasureKind.MEAN, MeasureKind.SCORE}


class Audience(StrEnum):
    """Who sees a measure: all who are signed in, those of its organisation, or everybody."""

    SIGNED_IN = "signed in"
    ORGANISATION = "organisation"
    PUBLIC = "public"


class TotalKind(StrEnum):
    """Where an organisation's own figure comes from: the sum of its units' counts, a line of its own, or nowhere."""

    SUM = "sum"
    GIVEN = "given"
    NONE = "none"


class UnitType(StrEnum):
    """What a unit of an organisation is."""

    WARD = "ward"
    SITE = "site"
    DIVISION = "division"
    SERVICE = "service"
    TEAM = "team"
    OTHER = "other"


class MissingReason(StrEnum):
    """Why a figure is missing, for the person who keeps the measure to say."""

    NOT_COLLECTED = "not collected"
    NOT_YET_AVAILABLE = "not yet available"
    NOT_APPLICABLE = "not applicable"
    SUPPRESSED = "suppressed"
    SYSTEM_CHANGE = "system change"
    LOST = "lost"


@dataclass(frozen=True)
class MeasureUnit:
    """A part of an organisation that figures are of; `part_of` is the code of another unit, "" for none."""

    code: str
    name: str
    type: UnitType
    organisation: str
    opened_on: date | None = None
    closed_on: date | None = None
    part_of: str = ""

    def is_open(self, first: date, last: date) -> bool:
        """Whether it was open on any day of a period."""
        return (self.opened_on is None or self.opened_on <= last) and (
            self.closed_on is None or self.closed_on >= first
        )


@dataclass(frozen=True)
class MeasureEvent:
    """Something that happened on a day, which the chart shows: of one unit, or of all ("")."""

    on: date
    words: str
    unit: str = ""


@dataclass(frozen=True)
class LocalTarget:
    """A level that an organisation has set itself, with its dates; of one unit, or of all ("")."""

    comparator: str
    value: float
    effective_from: date
    effective_to: date | None = None
    set_by: str = ""
    label: str = ""
    organisation: str = ""
    unit: str = ""
    note: str = ""

    def in_force(self, day: date) -> bool:
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True)
class OwnMeasure:
    """A measure as its definition says. A value is `multiplier` times numerator over denominator where it has both.

    `lag_days` is how long after a period's end its figure may take; `minimum_count` the least count that is shown to
    others than those signed in; `compares_with` a published indicator's id, "" for none.
    """

    id: str
    name: str
    short_name: str
    kind: MeasureKind
    unit: str
    frequency: Frequency
    improvement_direction: ImprovementDirection
    total: TotalKind
    lag_days: int
    definition: str
    why_it_matters: str
    caveats: str
    data_source: str
    owner: str
    reviewed_on: date
    review_due_on: date
    order: int
    multiplier: float = 1.0
    decimals: int = 1
    minimum: float | None = None
    maximum: float | None = None
    numerator_label: str = ""
    denominator_label: str = ""
    halves: bool = False
    compares_with: str = ""
    audience: Audience = Audience.SIGNED_IN
    minimum_count: int = 8
    units: tuple[MeasureUnit, ...] = ()
    targets: tuple[LocalTarget, ...] = ()
    breaks: tuple[Break, ...] = ()
    events: tuple[MeasureEvent, ...] = ()

    def unit_called(self, code: str, organisation: str) -> MeasureUnit | None:
        """The unit of an organisation with a code."""
        return next((u for u in self.units if u.code == code and u.organisation == organisation), None)

    def parts_of(self, organisation: str, unit: str = "") -> tuple[MeasureUnit, ...]:
        """The units that add up to an organisation, or to another unit: those directly below it."""
        return tuple(u for u in self.units if u.organisation == organisation and u.part_of == unit)

    def worked_out(self, numerator: float | None, denominator: float | None) -> float | None:
        """The value of counts; None where there is none."""
        if numerator is None:
            return None
        if not self.kind.needs_counts:
            return numerator
        return self.multiplier * numerator / denominator if denominator else None


def target_on(targets: Sequence[LocalTarget], organisation: str, unit: str, day: date) -> LocalTarget | None:
    """The target of a place in force on a day: its own before its organisation's, and that before all others'; of
    several the one that came into force last."""
    for place in ((organisation, unit), ("", unit), (organisation, ""), ("", "")):
        found = [item for item in targets if (item.organisation, item.unit) == place and item.in_force(day)]
        if found:
            return max(found, key=lambda item: item.effective_from)
    return None
