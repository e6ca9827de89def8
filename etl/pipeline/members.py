"""Whose members a file holds all of, as far as the catalogue knows: only such organisations are summed.

A file that is a cut of a publication has the same layout as the whole. What its practices, trusts or areas add up to
is a figure of nobody, so it is never written under the name of England, of a region or of any other area. What a file
is measured against is in the catalogue alone, never what was loaded before: the same file gives the same rows in any
order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd

from db.catalogue.policy_dates import ICB_START
from db.domain import (
    ENGLAND,
    Basis,
    Catalogue,
    Finding,
    Organisation,
    OrganisationType,
    Period,
    Severity,
    SuccessionKind,
)
from etl.source import RollUp

_PARTIAL = (SuccessionKind.SPLIT, SuccessionKind.TRANSFER)
_CCGS = (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION)

SHARES = {Basis.PRACTICE: 0.6, Basis.TEAM: 0.5, Basis.PROVIDER: 0.2}
"""The share of the known members from which a file counts as holding them all; all of them on the other bases.

The catalogue knows every practice since 2013, of which three in four are open today, every stroke team, and every
trust, of which one in four gives radiotherapy and two in three treat cancer (57 to 159 of 202 to 236 in files since
2015).
"""


@dataclass(frozen=True)
class PartlyHeld:
    """An organisation of which a file has too few members for a sum, in one period; `known` 0 where none is known."""

    basis: Basis
    parent: str
    period: int
    present: int
    known: int


def shortfalls(
    frame: pd.DataFrame,
    roll_ups: Sequence[RollUp],
    organisations: Mapping[str, Organisation],
    catalogue: Catalogue,
    places: Mapping[str, str],
) -> list[PartlyHeld]:
    """The organisations that `roll_ups` would sum although the file holds only some of their members.

    `organisations` are the catalogue's and the file's own; `places` says where members that the catalogue does not
    hold belong (a practice its CCG of 31 March 2020, a stroke team its trust).
    """
    found: list[PartlyHeld] = []
    counted = frame["numerator"].notna() & frame["denominator"].notna()
    for basis in dict.fromkeys(item.basis for item in roll_ups):
        types = {item.parent_type for item in roll_ups if item.basis is basis}
        own_basis = frame["basis"] == basis.value
        summed = set(frame.loc[own_basis & counted, "period"])
        rows = frame.loc[
            own_basis & frame["period"].isin(summed), ["period", "organisation"]
        ].drop_duplicates()
        known_on: dict[date, Mapping[str, set[str]]] = {}
        for key, members in rows.groupby("period", observed=True)["organisation"]:
            period, present = int(str(key)), {str(code) for code in members} - {ENGLAND}
            day = Period.from_key(period).start
            if day not in known_on:
                known_on[day] = _known_members(basis, day, catalogue, places)
            known = known_on[day]
            if _holds_england(known, present, catalogue, basis):
                continue
            parents = _parents(present, types, day, organisations)
            if OrganisationType.COUNTRY in types:
                parents[ENGLAND] = present
            found += [
                PartlyHeld(
                    basis, parent, period, len(own & known.get(parent, own)), len(known.get(parent, ()))
                )
                for parent, own in parents.items()
                if parent == ENGLAND or not _holds(known.get(parent, set()), present, basis)
            ]
    return found


def short_findings(
    short: Iterable[PartlyHeld], organisations: Mapping[str, Organisation]
) -> Iterator[Finding]:
    """A warning for each period of a basis that names the organisations without a sum and why."""
    by_table: dict[tuple[Basis, int], list[PartlyHeld]] = defaultdict(list)
    for item in short:
        by_table[item.basis, item.period].append(item)
    for (basis, period), own in by_table.items():
        ordered = sorted(own, key=lambda item: (item.parent != ENGLAND, -item.known, item.parent))
        told = "; ".join(_reason(item, organisations) for item in ordered)
        label = Period.from_key(period).label
        yield Finding(Severity.WARNING, "members for a sum", f"{label}, {basis.value}: {told}", len(own))


def _reason(item: PartlyHeld, organisations: Mapping[str, Organisation]) -> str:
    name = organisations[item.parent].name if item.parent in organisations else item.parent
    if not item.known:
        return f"no sum for {name}: {item.present} of its members are in the file, how many it has is unknown"
    return f"no sum for {name}: {item.present} of the {item.known:,} members that it is known to have had are in it"


def _holds(known: set[str], present: set[str], basis: Basis) -> bool:
    return bool(known) and len(known & present) >= SHARES.get(basis, 1.0) * len(known)


def _holds_england(
    known: Mapping[str, set[str]], present: set[str], catalogue: Catalogue, basis: Basis
) -> bool:
    """Whether a file has England's members: the share of them all, and somebody of each region and former CCG."""
    parts = (OrganisationType.REGION, OrganisationType.CCG, OrganisationType.STATISTICAL_REGION)
    return _holds(known.get(ENGLAND, set()), present, basis) and all(
        members & present for code, members in known.items() if catalogue.organisations[code].type in parts
    )


def _known_members(
    basis: Basis, day: date, catalogue: Catalogue, places: Mapping[str, str]
) -> Mapping[str, set[str]]:
    """The members that the catalogue or `places` know on a day, by each organisation that they belong to."""
    known: dict[str, set[str]] = defaultdict(set)
    if basis in (Basis.PRACTICE, Basis.TEAM):
        above = {code: _ever_above(code, catalogue) for code in set(places.values())}
        for member, place in places.items():
            for code in above[place]:
                known[code].add(member)
        known[ENGLAND] = set(places)
        return known
    types = _member_types(basis, day)
    for item in catalogue.organisations.values():
        opened = item.opened_on is None or item.opened_on <= day
        if item.type in types and opened and (item.closed_on is None or day <= item.closed_on):
            for code in (*_above(item.code, day, catalogue.organisations), ENGLAND):
                known[code].add(item.code)
    return known


def _member_types(basis: Basis, day: date) -> Sequence[OrganisationType]:
    if basis is Basis.PROVIDER:
        return (OrganisationType.TRUST,)
    if basis is Basis.RESIDENCE:
        return (OrganisationType.UPPER_TIER_AUTHORITY,)
    if basis is Basis.COMMISSIONER and day >= ICB_START:
        return (OrganisationType.ICB,)
    return _CCGS


def _ever_above(code: str, catalogue: Catalogue) -> set[str]:
    """An organisation, those that followed it as a whole and all that they belonged to, whenever."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        item = waiting.pop()
        if item in found or item not in catalogue.organisations:
            continue
        found.add(item)
        waiting += [parent.code for parent in catalogue.organisations[item].parents]
        waiting += [
            following.successor
            for following in catalogue.successions
            if following.predecessor == item and following.kind not in _PARTIAL
        ]
    return found


def _above(code: str, day: date, organisations: Mapping[str, Organisation]) -> set[str]:
    """All that an organisation belongs to on a day, directly or through others."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        item = organisations.get(waiting.pop())
        above = {parent.code for parent in item.parents if parent.in_force(day)} if item else set()
        waiting += above - found
        found |= above
    return found


def _parents(
    present: Iterable[str],
    types: set[OrganisationType],
    day: date,
    organisations: Mapping[str, Organisation],
) -> dict[str, set[str]]:
    """The members present by each organisation of some types that they belong to on a day."""
    found: dict[str, set[str]] = defaultdict(set)
    for member in present:
        for code in _above(member, day, organisations):
            if code in organisations and organisations[code].type in types:
                found[code].add(member)
    return found
