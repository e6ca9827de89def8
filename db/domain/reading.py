"""Readings: organisations' values with where they came from, and how they are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TypeVar, dataclass_transform

from db.domain.file import FileReference
from db.domain.observation import ALL, Basis, Maturity
from db.domain.organisation import OrganisationType
from db.domain.period import Frequency, Period

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def _constant(cls: type[T]) -> type[T]:
    """A dataclass that only the type checker keeps from being changed: a page makes three thousand readings, and
    each would take eight times as long if its fields were also guarded at run time."""
    return dataclass(slots=True, unsafe_hash=True)(cls)


@dataclass(frozen=True, slots=True)
class AsOf:
    """As of when figures are read: now, as the store held them at a data version, or as published by a day.

    `version` is a `DataVersion.number`: the state of the store when that file was its newest.
    `published_by` shows, of the releases published on or before a day, the one that wins by the rules of the load,
    whenever they were loaded; a file without a publication date counts from the day (UTC) it was fetched.
    Raises ValueError when both are given.
    """

    version: int | None = None
    published_by: date | None = None

    def __post_init__(self) -> None:
        if self.version is not None and self.published_by is not None:
            raise ValueError("wanted a data version or a day of publication, found both")

    @property
    def now(self) -> bool:
        return self.version is None and self.published_by is None


NOW = AsOf()


@_constant
class ValueDetails:
    """What is published beside a value that its publisher worked out: intervals in the indicator's unit, counts that
    the value cannot be made from again, and a note. None and "" where not published."""

    lower_95: float | None = None
    upper_95: float | None = None
    lower_998: float | None = None
    upper_998: float | None = None
    count: float | None = None
    population: float | None = None
    note: str = ""
    trust_kind: str = ""

    @property
    def interval(self) -> tuple[float, float] | None:
        """The published 95% interval."""
        return None if self.lower_95 is None or self.upper_95 is None else (self.lower_95, self.upper_95)

    @property
    def wide_interval(self) -> tuple[float, float] | None:
        """The published 99.8% interval."""
        return None if self.lower_998 is None or self.upper_998 is None else (self.lower_998, self.upper_998)


@_constant
class Reading:
    """One organisation's value of one indicator in one period, with where it came from.

    `value` is in the indicator's unit (per cent is 0 to 100) and None where none was published, with
    `missing_reason` then saying why. A sum of several organisations names them in `members`, and then has one
    file for each different file of theirs.
    """

    indicator: str
    organisation: str
    organisation_name: str
    organisation_type: OrganisationType
    period: Period
    breakdown: str
    numerator: float | None
    denominator: float | None
    value: float | None
    missing_reason: str
    basis: Basis
    maturity: Maturity
    derived: bool
    files: tuple[FileReference, ...]
    members: tuple[str, ...] = ()
    details: ValueDetails | None = None

    @property
    def demonstration(self) -> bool:
        return any(file.demonstration for file in self.files)


@dataclass(frozen=True, slots=True)
class PeriodSpan:
    """The periods of some frequencies that start between two days (inclusive)."""

    frequencies: tuple[Frequency, ...]
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Selection:
    """Readings to look up: each of the organisations, in each of the periods, under each of the breakdown keys."""

    indicators: tuple[str, ...]
    organisations: tuple[str, ...]
    periods: tuple[Period, ...] | PeriodSpan
    breakdowns: tuple[str, ...] = (ALL,)

    def takes(self, period: Period) -> bool:
        """Whether a period is one of those that are looked up."""
        wanted = self.periods
        if not isinstance(wanted, PeriodSpan):
            return period in wanted
        return period.frequency in wanted.frequencies and wanted.since <= period.start <= wanted.until


@dataclass(frozen=True, slots=True)
class Slice:
    """One indicator in one period under one breakdown key, over all organisations."""

    indicator: str
    period: Period
    breakdown: str = ALL


@dataclass(frozen=True, slots=True)
class StatedFigure:
    """One of our own indicators for an organisation, as another publication than its source states it.

    Of a quarter where ours are months, it is of the three months' counts together.
    """

    indicator: str
    organisation: str
    period: Period
    value: float
