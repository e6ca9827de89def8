"""The kinds of organisation to compare by, and the breakdowns of a figure, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from db.catalogue.policy_dates import FORMER_CCGS_END, ICB_START
from db.domain import (
    ALL,
    Frequency,
    Indicator,
    Organisation,
    OrganisationType,
    Period,
    breakdown_dimensions,
    breakdown_members,
    comparable_frequencies,
)
from db.domain.organisation import TrustKind
from stp_dash.analysis.wording import capitalised

_COUNTED = frozenset({"patients", "posts"})
_COMMISSIONING = (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION)


@dataclass(frozen=True)
class Comparison:
    """A kind of organisation to compare by. Codes of CCGs live on as sub-ICB locations from July 2022.

    `as_at` keeps the organisations that were open on a day: areas that figures go on being summed for. `each` is one
    of them in a heading. `trust_kind` are the trusts that a publisher placed among their own kind.
    """

    key: str
    label: str
    plural: str
    types: tuple[OrganisationType, ...]
    each: str
    since: date = date.min
    until: date = date.max
    as_at: date | None = None
    trust_kind: TrustKind | None = None

    def covers(self, period: Period) -> bool:
        return self.since <= period.start <= self.until

    @property
    def commissioning(self) -> bool:
        """Whether its organisations are those of one day among codes that live on."""
        return set(self.types) <= set(_COMMISSIONING)

    def member_day(self, period: Period) -> date:
        """The day on which an organisation must have been open to belong to the comparison of a period."""
        return self.as_at or period.start


COMPARISONS = {
    item.key: item
    for item in (
        Comparison("trust", "Trust", "trusts", (OrganisationType.TRUST,), "trust"),
        *(
            Comparison(
                kind.value.replace(" ", "-"),
                capitalised(kind.value),
                kind.plural,
                (OrganisationType.TRUST,),
                kind.value,
                trust_kind=kind,
            )
            for kind in TrustKind
        ),
        Comparison(
            "team",
            "Stroke team (hospital)",
            "stroke teams",
            (OrganisationType.STROKE_TEAM,),
            "stroke team",
        ),
        Comparison("site", "Hospital site", "hospital sites", (OrganisationType.SITE,), "hospital site"),
        Comparison(
            "former-ccg",
            "Former CCG area",
            "CCG areas of March 2020",
            _COMMISSIONING,
            "former CCG area",
            since=FORMER_CCGS_END + timedelta(days=1),
            as_at=FORMER_CCGS_END,
        ),
        Comparison("ccg", "CCG", "CCGs", _COMMISSIONING, "CCG", until=ICB_START - timedelta(days=1)),
        Comparison(
            "sub-icb",
            "Sub-ICB location",
            "sub-ICB locations",
            (OrganisationType.SUB_ICB_LOCATION,),
            "sub-ICB location",
            since=ICB_START,
        ),
        Comparison("icb", "ICB", "ICBs", (OrganisationType.ICB,), "ICB"),
        Comparison("region", "Region", "regions", (OrganisationType.REGION,), "region"),
        Comparison(
            "upper-tier",
            "Upper-tier authority",
            OrganisationType.UPPER_TIER_AUTHORITY.plural,
            (OrganisationType.UPPER_TIER_AUTHORITY,),
            "upper-tier authority",
        ),
        Comparison(
            "district", "District", OrganisationType.DISTRICT.plural, (OrganisationType.DISTRICT,), "district"
        ),
        Comparison(
            "statistical-region",
            "Statistical region",
            OrganisationType.STATISTICAL_REGION.plural,
            (OrganisationType.STATISTICAL_REGION,),
            "statistical region",
        ),
        Comparison("practice", "Practice", "practices", (OrganisationType.PRACTICE,), "practice"),
    )
}


TUMOUR_GROUPS = ("tumour group", "tumour group (ten)")
"""What the publisher calls them now, and the ten groups of before: the first that a period has is shown."""
_KINDS = {
    OrganisationType.TRUST: "trust",
    OrganisationType.STROKE_TEAM: "team",
    OrganisationType.SITE: "site",
    OrganisationType.ICB: "icb",
    OrganisationType.REGION: "region",
    OrganisationType.UPPER_TIER_AUTHORITY: "upper-tier",
    OrganisationType.DISTRICT: "district",
    OrganisationType.STATISTICAL_REGION: "statistical-region",
    OrganisationType.PRACTICE: "practice",
}


def comparison_of(kind: OrganisationType, period: Period, trust_kind: str = "") -> Comparison | None:
    """The kind that a figure of a period stands among; the codes of CCGs live on in later areas.

    `trust_kind` is the kind of trust that its publisher placed it among, "" where it did not.
    """
    if trust_kind:
        return next(item for item in COMPARISONS.values() if item.trust_kind == trust_kind)
    if kind in (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION):
        if kind is OrganisationType.SUB_ICB_LOCATION and period.start >= ICB_START:
            return COMPARISONS["sub-icb"]
        former = kind is OrganisationType.CCG and period.start > FORMER_CCGS_END
        return COMPARISONS["former-ccg" if former else "ccg"]
    return COMPARISONS.get(_KINDS.get(kind, ""))


def comparison_periods(
    comparison: Comparison, frequency: Frequency, held: Mapping[OrganisationType, Sequence[Period]]
) -> tuple[Period, ...]:
    """The periods, newest first, that a comparison can be made for, of those held by organisation type."""
    periods = {period for kind in comparison.types for period in held.get(kind, ())}
    wanted = comparable_frequencies(frequency)
    fitting = (p for p in periods if comparison.covers(p) and p.frequency in wanted)
    return tuple(sorted(fitting, reverse=True))


def in_comparison(comparison: Comparison, organisation: Organisation | None, day: date) -> bool:
    """Whether an organisation belongs to a comparison of a day: open then, or open on the day of its areas."""
    if organisation is None or not comparison.commissioning:
        return True
    return open_on(organisation, comparison.as_at or day)


def open_on(organisation: Organisation, day: date) -> bool:
    """Whether an organisation was open on a day; without a known day it was."""
    opened = organisation.opened_on is None or organisation.opened_on <= day
    return opened and (organisation.closed_on is None or organisation.closed_on >= day)


def breakdown_text(key: str, indicator: Indicator | None = None) -> str:
    """A breakdown in words: `Breast`, or for the headline `All patients`, by what the indicator counts."""
    if key != ALL:
        return ", ".join(breakdown_members(key).values())
    noun = indicator.gap_unit.rsplit(" ", 1)[-1] if indicator else ""
    return f"All {noun}" if noun in _COUNTED else "Overall"


def dimension_text(key: str) -> str:
    """The dimensions of a breakdown in words: `Tumour group`, `Route and tumour group`."""
    return capitalised(" and ".join(breakdown_dimensions(key).split("; ")))


def breakdowns_by_dimension(keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Breakdown keys by their dimensions, fewest dimensions first; the headline is in none."""
    found: dict[str, list[str]] = {}
    for key in sorted(keys, key=lambda key: (len(breakdown_members(key)), key)):
        if key != ALL:
            found.setdefault(breakdown_dimensions(key), []).append(key)
    return {dimensions: tuple(members) for dimensions, members in found.items()}
