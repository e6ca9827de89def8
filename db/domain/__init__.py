"""The product's nouns, as frozen values. Standard library only.

Every other package builds on these names; `docs/decisions.md` says why they are what they are.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum

ENGLAND = "ENG"
ALL = "all"

OBSERVATION_COLUMNS = (
    "indicator",
    "organisation",
    "organisation_name",
    "basis",
    "period",
    "breakdown",
    "numerator",
    "denominator",
    "value",
    "missing_reason",
    "maturity",
    "derived",
)
"""The canonical frame: all that a source may produce and all that the store accepts.

indicator          str    indicator id of the catalogue
organisation       str    code as published (`ENG` for England)
organisation_name  str    name as published, "" if the file gives none
basis              str    a `Basis` value
period             int    `Period.key`
breakdown          str    "all", or the key that `breakdown_key` makes
numerator          float  NaN where not published
denominator        float  NaN where not published
value              float  as published, in the indicator's unit (per cent is 0 to 100), else NaN
missing_reason     str    "" where a value can be had, else the publisher's reason by name
maturity           int    a `Maturity` value
derived            bool   True for a row that we summed, False for one that the publisher printed
"""


class Frequency(StrEnum):
    SNAPSHOT = "snapshot"
    MONTH = "month"
    QUARTER = "quarter"
    FOUR_MONTHS = "four months"
    YEAR = "year"


class OrganisationType(StrEnum):
    TRUST = "trust"
    INDEPENDENT_PROVIDER = "independent provider"
    SITE = "site"
    STROKE_TEAM = "stroke team"
    PRACTICE = "practice"
    CCG = "CCG"
    SUB_ICB_LOCATION = "sub-ICB location"
    ICB = "ICB"
    COMMISSIONING_HUB = "commissioning hub"
    REGION = "region"
    COUNTRY = "country"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """Whom a count belongs to. Figures of two bases are never added together."""

    PROVIDER = "provider"
    COMMISSIONER = "commissioner"
    SUB_ICB_LOCATION = "sub-ICB location"
    TEAM = "team"
    PRACTICE = "practice"
    NATIONAL = "national"


class Maturity(IntEnum):
    """How settled a published figure is. A higher one wins over a lower one."""

    PROVISIONAL = 0
    FINAL = 1
    REVISED = 2

    @property
    def label(self) -> str:
        return self.name.lower()


class ImprovementDirection(StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"
    NEUTRAL = "neutral"


class StandardKind(StrEnum):
    OPERATIONAL_STANDARD = "operational standard"
    INTERIM_AMBITION = "interim ambition"
    ASPIRATION = "aspiration"
    NATIONAL_AVERAGE = "national average"


class SuccessionKind(StrEnum):
    MERGER = "merger"
    SPLIT = "split"
    RENAME = "rename"
    TRANSFER = "transfer"


class Severity(StrEnum):
    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    UNCHANGED = "unchanged"
    FAILED = "failed"
    TIMED_OUT = "timed out"
    ABANDONED = "abandoned"
    CANCELLED = "cancelled"


class FileState(StrEnum):
    LOADED = "loaded"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


_FREQUENCY_CODES = {
    Frequency.SNAPSHOT: 0,
    Frequency.MONTH: 1,
    Frequency.QUARTER: 3,
    Frequency.FOUR_MONTHS: 4,
    Frequency.YEAR: 12,
}
_CODE_FREQUENCIES = {code: frequency for frequency, code in _FREQUENCY_CODES.items()}


@dataclass(frozen=True, order=True)
class Period:
    """A span of whole months, or the one day of a snapshot. `end` is inclusive."""

    start: date
    end: date
    frequency: Frequency

    def __hash__(self) -> int:
        """Of the first day alone: a page looks thousands of periods up, and few share that day."""
        return hash(self.start)

    @classmethod
    def of_months(cls, year: int, month: int, frequency: Frequency) -> Period:
        """The period of `frequency` that starts on the first day of a month."""
        last = year * 12 + month - 2 + _FREQUENCY_CODES[frequency]
        end_year, end_month = divmod(last, 12)
        end = date(end_year, end_month + 1, monthrange(end_year, end_month + 1)[1])
        return cls(date(year, month, 1), end, frequency)

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        return cls.of_months(year, month, Frequency.MONTH)

    @classmethod
    def quarter(cls, year: int, first_month: int) -> Period:
        return cls.of_months(year, first_month, Frequency.QUARTER)

    @classmethod
    def financial_year(cls, first_year: int) -> Period:
        return cls.of_months(first_year, 4, Frequency.YEAR)

    @classmethod
    def snapshot(cls, day: date) -> Period:
        return cls(day, day, Frequency.SNAPSHOT)

    @classmethod
    def from_key(cls, key: int) -> Period:
        """The period whose `key` this is."""
        day, code = divmod(key, 100)
        year, month_and_day = divmod(day, 10_000)
        month, day_of_month = divmod(month_and_day, 100)
        frequency = _CODE_FREQUENCIES[code]
        if frequency is Frequency.SNAPSHOT:
            return cls.snapshot(date(year, month, day_of_month))
        return cls.of_months(year, month, frequency)

    @property
    def key(self) -> int:
        """A whole number below 2**31 that sorts by start day: yyyymmdd, then the number of months."""
        start = self.start.year * 10_000 + self.start.month * 100 + self.start.day
        return start * 100 + _FREQUENCY_CODES[self.frequency]

    @property
    def label(self) -> str:
        """How the period is written on a page."""
        if self.frequency is Frequency.SNAPSHOT:
            return f"{self.end.day} {self.end:%B %Y}"
        if self.frequency is Frequency.MONTH:
            return f"{self.start:%B %Y}"
        if self.start.year == self.end.year:
            return f"{self.start:%B} to {self.end:%B %Y}"
        return f"{self.start:%B %Y} to {self.end:%B %Y}"

    @property
    def short_label(self) -> str:
        """As `label`, with months cut to three letters."""
        if self.frequency is Frequency.SNAPSHOT:
            return f"{self.end.day} {self.end:%b %Y}"
        if self.frequency is Frequency.MONTH:
            return f"{self.start:%b %Y}"
        if self.start.year == self.end.year:
            return f"{self.start:%b} to {self.end:%b %Y}"
        return f"{self.start:%b %Y} to {self.end:%b %Y}"


def frequency_code(frequency: Frequency) -> int:
    """The last two digits of the key of every period of this frequency."""
    return _FREQUENCY_CODES[frequency]


def breakdown_key(members: dict[str, str]) -> str:
    """The text key of one labelled member of each named dimension: "route: Screening; tumour group: Breast".

    Dimensions stand in alphabetical order; no members means `all`.
    """
    return "; ".join(f"{name}: {members[name]}" for name in sorted(members)) or ALL


def breakdown_members(key: str) -> dict[str, str]:
    """The dimensions and members of a breakdown key; empty for `all`."""
    if key == ALL:
        return {}
    return dict(part.split(": ", 1) for part in key.split("; "))


def breakdown_dimensions(key: str) -> str:
    """The names of a key's dimensions: "route; tumour group", or `all`."""
    return "; ".join(breakdown_members(key)) or ALL


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
    rolling_periods: int | None = None
    topic_order: int = 50

    def standard_on(
        self, day: date, kind: StandardKind = StandardKind.OPERATIONAL_STANDARD
    ) -> Standard | None:
        """The one standard of a kind in force on a day, if any."""
        return next((s for s in self.standards if s.kind is kind and s.in_force(day)), None)


@dataclass(frozen=True)
class Parent:
    """The organisation that another belongs to, between two days (both inclusive)."""

    code: str
    effective_from: date | None = None
    effective_to: date | None = None

    def in_force(self, day: date) -> bool:
        return (self.effective_from is None or self.effective_from <= day) and (
            self.effective_to is None or day <= self.effective_to
        )


@dataclass(frozen=True)
class Organisation:
    code: str
    name: str
    type: OrganisationType
    opened_on: date | None = None
    closed_on: date | None = None
    parents: tuple[Parent, ...] = ()


@dataclass(frozen=True)
class Succession:
    predecessor: str
    successor: str
    effective_on: date
    kind: SuccessionKind


@dataclass(frozen=True)
class Finding:
    """What a check or a parser has to say about a file or a publisher's page."""

    severity: Severity
    check: str
    message: str
    count: int = 1


@dataclass(frozen=True)
class SourceFile:
    """One file as the publisher gave it: bytes are kept unaltered under `path`, named by `sha256`."""

    name: str
    sha256: str
    size: int
    source_id: str
    layout: str
    title: str
    path: str = ""
    url: str = ""
    etag: str = ""
    last_modified: str = ""
    published_on: date | None = None
    latest_period_end: date | None = None
    parser_version: int = 1
    hints: str = ""
    fetched_at: datetime | None = None
    demonstration: bool = False


@dataclass(frozen=True)
class LoadCounts:
    """What one file changed in the store, in rows."""

    new: int = 0
    revised: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    superseded: int = 0

    def __add__(self, other: LoadCounts) -> LoadCounts:
        return LoadCounts(
            self.new + other.new,
            self.revised + other.revised,
            self.unchanged + other.unchanged,
            self.withdrawn + other.withdrawn,
            self.superseded + other.superseded,
        )


@dataclass(frozen=True)
class Catalogue:
    """The reviewed reference data: indicators with their standards, organisations, successions."""

    indicators: dict[str, Indicator]
    organisations: dict[str, Organisation]
    successions: tuple[Succession, ...] = field(default=())
