"""An area from its code: what belongs to a board, a region or England, on its last day where it has closed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date

from db.catalogue.areas.facts import area_facts
from db.catalogue.places.short_names import names_in_little_room, short_names
from db.catalogue.policy_dates import FORMER_CCGS_END
from db.domain import Area, Catalogue, Organisation, OrganisationType, SuccessionKind
from db.domain.organisation import AreaKind, TrustKind

AREA_TYPES = {
    OrganisationType.ICB: AreaKind.BOARD,
    OrganisationType.REGION: AreaKind.REGION,
    OrganisationType.COUNTRY: AreaKind.COUNTRY,
}
"""The types of organisation that a page can be about as an area."""
_KINDS = tuple(TrustKind)


def derive_area(catalogue: Catalogue, code: str) -> Area | None:
    """The area of a board, open or closed, a region or England; None for any other code.

    A closed board has what belonged to it on its last day. Its trusts are those of which it is or was the parent, and
    the ambulance trusts that serve it.
    """
    own = catalogue.organisations.get(code)
    if own is None or own.type not in AREA_TYPES:
        return None
    day = own.closed_on or date.max
    boards = _boards(catalogue, own, day)
    trusts = [
        item.code
        for item in catalogue.organisations.values()
        if item.type is OrganisationType.TRUST
        and _is_open(item, day)
        and (own.type is OrganisationType.COUNTRY or _belongs(item, code, day))
    ]
    facts = area_facts()
    trusts += [trust for board in boards for trust in facts.ambulances.get(board, ())]
    locations = [
        item.code
        for item in catalogue.organisations.values()
        if item.type is OrganisationType.SUB_ICB_LOCATION
        and any(_belongs(item, board, day) for board in boards)
    ]
    whole = all(board in facts.councils for board in boards)
    councils = [council for board in boards if whole for council in facts.councils[board]]
    return Area(
        code,
        plain_name(own),
        code,
        *_trusts_by_kind(catalogue, trusts),
        sub_icb_locations=tuple(sorted(locations)),
        ccgs=_former_ccgs(catalogue, locations, day),
        upper_tier_authorities=tuple(councils),
        kind=AREA_TYPES[own.type],
        boards=boards,
        closed_on=own.closed_on,
    )


def area_of_members(catalogue: Catalogue, code: str, name: str, members: Sequence[str]) -> Area:
    """An area that is a list: trusts, boards with all that is theirs, and places. Nobody publishes figures of it as a
    whole: its own code stands for its commissioner. The figures of a list of one are that organisation's own. Codes
    that the catalogue lacks are left out."""
    parts = [part for part in (derive_area(catalogue, member) for member in members) if part is not None]

    def listed(kind: OrganisationType, below: Iterable[str]) -> tuple[str, ...]:
        known = catalogue.organisations
        own = [member for member in members if member in known and known[member].type is kind]
        return tuple(dict.fromkeys([*own, *below]))

    trusts = listed(OrganisationType.TRUST, (t for part in parts for t in (*part.trusts, *part.other_trusts)))
    known = dict.fromkeys(member for member in members if member in catalogue.organisations)
    return Area(
        code,
        name,
        next(iter(known)) if len(known) == 1 else code,
        *_trusts_by_kind(catalogue, trusts),
        sub_icb_locations=listed(
            OrganisationType.SUB_ICB_LOCATION, (item for part in parts for item in part.sub_icb_locations)
        ),
        ccgs=listed(OrganisationType.CCG, (item for part in parts for item in part.ccgs)),
        upper_tier_authorities=listed(
            OrganisationType.UPPER_TIER_AUTHORITY,
            (item for part in parts for item in part.upper_tier_authorities),
        ),
        kind=AreaKind.LIST,
        boards=tuple(board for part in parts for board in part.boards),
    )


def plain_name(organisation: Organisation) -> str:
    """What pages call an area by: Kent and Medway for NHS Kent and Medway Integrated Care Board."""
    reviewed = short_names().get(organisation.code)
    return reviewed or names_in_little_room([organisation])[organisation.code]


def _boards(catalogue: Catalogue, own: Organisation, day: date) -> tuple[str, ...]:
    if own.type is OrganisationType.ICB:
        return (own.code,)
    return tuple(
        item.code
        for item in catalogue.organisations.values()
        if item.type is OrganisationType.ICB
        and _is_open(item, day)
        and (own.type is OrganisationType.COUNTRY or _belongs(item, own.code, day))
    )


def _belongs(item: Organisation, parent: str, day: date) -> bool:
    return any(own.code == parent and own.in_force(day) for own in item.parents)


def _is_open(item: Organisation, day: date) -> bool:
    return item.closed_on is None or item.closed_on >= day


def _trusts_by_kind(catalogue: Catalogue, codes: Iterable[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Acute trusts, largest first; the others by kind and code. Those of no kind serve no place and are left out."""
    facts, names = area_facts(), catalogue.organisations
    every = dict.fromkeys(codes)
    acute = [code for code in every if facts.kinds.get(code) is TrustKind.ACUTE]
    others = [code for code in every if code in facts.kinds and code not in acute]
    return (
        tuple(sorted(acute, key=lambda code: (-facts.patients.get(code, 0), names[code].name))),
        tuple(sorted(others, key=lambda code: (_KINDS.index(facts.kinds[code]), code))),
    )


def _former_ccgs(catalogue: Catalogue, locations: Collection[str], day: date) -> tuple[str, ...]:
    """The clinical commissioning groups of 31 March 2020 that make up some sub-ICB locations of a day; none where all
    go on under the locations' own codes.

    Those that lie only in part in a location are left out: of a location that was divided, all but the ones that are
    known to lie in one of its parts.
    """
    before: dict[str, list[str]] = defaultdict(list)
    for step in catalogue.successions:
        if step.kind not in {SuccessionKind.SPLIT, SuccessionKind.TRANSFER}:
            before[step.successor].append(step.predecessor)
        elif step.kind is SuccessionKind.SPLIT and step.effective_on <= day:
            before[step.successor] += area_facts().ccgs.get(step.successor, ())
    found, seen, todo = set[str](), set(locations), list(locations)
    while todo:
        for code in before[todo.pop()]:
            item = catalogue.organisations[code]
            if code in seen or (item.closed_on is not None and item.closed_on < FORMER_CCGS_END):
                continue
            seen.add(code)
            if item.type is OrganisationType.CCG and _was_ccg(item):
                found.add(code)
            else:
                todo.append(code)
    going_on = {code for code in locations if _was_ccg(catalogue.organisations[code])}
    return tuple(sorted(found | going_on)) if found else ()


def _was_ccg(item: Organisation) -> bool:
    return item.opened_on is None or item.opened_on <= FORMER_CCGS_END
