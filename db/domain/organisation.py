"""Organisations, what they belong to, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

ENGLAND = "ENG"


class OrganisationType(StrEnum):
    """What an organisation is; figures are compared between organisations of one type."""

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
    DISTRICT = "district"
    UPPER_TIER_AUTHORITY = "upper-tier authority"
    STATISTICAL_REGION = "statistical region"
    COUNTRY = "country"
    UNKNOWN = "unknown"

    @property
    def plural(self) -> str:
        """Several of them in a sentence: `trusts`, `upper-tier authorities`."""
        return f"{self.value[:-1]}ies" if self.value.endswith("y") else f"{self.value}s"


class TrustKind(StrEnum):
    """The kinds of trust that NHS England places each in a league of its own; one kind is not compared with another."""

    ACUTE = "acute trust"
    MENTAL_HEALTH_AND_COMMUNITY = "mental health and community trust"
    AMBULANCE = "ambulance trust"

    @property
    def plural(self) -> str:
        """Several of them in a sentence."""
        return f"{self.value}s"


RESIDENTS = (
    OrganisationType.DISTRICT,
    OrganisationType.UPPER_TIER_AUTHORITY,
    OrganisationType.STATISTICAL_REGION,
)
"""The types whose figures are of the people who live there, smaller ones before those that they lie in.

An upper-tier authority is a county council, unitary authority, metropolitan district or London borough. A statistical
region (E12...) is no NHS region, even where both have one name.
"""


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
    """A trust, practice, commissioner or area by its ODS code, with the days on which it opened and closed."""

    code: str
    name: str
    type: OrganisationType
    opened_on: date | None = None
    closed_on: date | None = None
    parents: tuple[Parent, ...] = ()


class AreaKind(StrEnum):
    """What an area is: who is in it depends on that."""

    BOARD = "integrated care board"
    REGION = "region"
    COUNTRY = "country"
    LIST = "list of organisations"


@dataclass(frozen=True)
class Area:
    """What a page is about as a whole: an integrated care board, a region, England, or a list of organisations.

    code: what addresses name it by. commissioner: the organisation whose own figures are the area's. trusts: its acute
    trusts; other_trusts: those of other kinds that serve it, ours among their own kind. ccgs: the former ones.
    upper_tier_authorities: those whose residents together are the area's. boards: the integrated care boards that make
    it up, itself where it is one. closed_on: the last day of a board that is no more.
    """

    code: str
    name: str
    commissioner: str
    trusts: tuple[str, ...] = ()
    other_trusts: tuple[str, ...] = ()
    sub_icb_locations: tuple[str, ...] = ()
    ccgs: tuple[str, ...] = ()
    upper_tier_authorities: tuple[str, ...] = ()
    kind: AreaKind = AreaKind.BOARD
    boards: tuple[str, ...] = ()
    closed_on: date | None = None

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the commissioner, the acute trusts and the places."""
        return frozenset({self.commissioner, *self.trusts, *self.places})

    @property
    def places(self) -> tuple[str, ...]:
        """The places within the area: its (former) CCGs, sub-ICB locations and upper-tier authorities."""
        return (*self.ccgs, *self.sub_icb_locations, *self.upper_tier_authorities)

    @property
    def headline_codes(self) -> tuple[str, ...]:
        """The organisations whose figures are named where changes are told: the area, England, the area's trusts."""
        return tuple(dict.fromkeys((self.commissioner, ENGLAND, *self.trusts)))


class SuccessionKind(StrEnum):
    """How one organisation followed another."""

    MERGER = "merger"
    SPLIT = "split"
    RENAME = "rename"
    TRANSFER = "transfer"


@dataclass(frozen=True)
class Succession:
    """One organisation that followed another on a day; values keep the code that they were published under."""

    predecessor: str
    successor: str
    effective_on: date
    kind: SuccessionKind


@dataclass(frozen=True, slots=True)
class OrganisationChoice:
    """An organisation as a reader chooses it from a list."""

    code: str
    name: str
    type: OrganisationType
