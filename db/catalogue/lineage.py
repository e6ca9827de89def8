"""An area through time: what an organisation was before, what it is made of, where its boundary moved, what follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from db.catalogue.errors import CatalogueError
from db.catalogue.policy_dates import ICB_START
from db.domain import Catalogue, Organisation, OrganisationType, Succession, SuccessionKind

_DAY = timedelta(days=1)
_PARTIAL = (SuccessionKind.SPLIT, SuccessionKind.TRANSFER)


@dataclass(frozen=True)
class LineageStep:
    """Organisations that together were the same area between two days (both inclusive, None where unknown).

    beside: they are there together with the organisation, whose own figures come first: a region's boards.
    """

    codes: tuple[str, ...]
    effective_from: date | None
    effective_to: date | None
    beside: bool = False


@dataclass(frozen=True)
class BoundaryMove:
    """A day on which parts of organisations went to others, each from a predecessor to a successor."""

    on: date
    parts: tuple[Succession, ...]


@dataclass(frozen=True)
class _Change:
    """A day on which an area's organisations changed. `before` is None where what was before is another area.

    moved: the parts that came or went on the day, where the whole of the area before is not known by organisations.
    """

    on: date
    before: frozenset[str] | None
    moved: tuple[Succession, ...] = ()


def lineage(catalogue: Catalogue, code: str) -> tuple[LineageStep, ...]:
    """The organisations whose whole areas made up an organisation's area, newest first.

    QKS gives 91Q, then Kent and Medway's eight CCGs. A board that was made from parts of others gives the sub-ICB
    locations that went to it, where each location of those others went whole to one board. Where not even that is
    known the walk stops, since figures from before are of another area. An organisation that itself goes on while its
    boundary moves keeps its earlier figures: `boundary_moves` says from when they are of another area. Changes of
    boundary that no succession records are not known here. A trust that took over another is in its own step: its
    figures before then are the sum of both. A region, or England, gives the boards that lie in it.

    Raises CatalogueError for an unknown code.
    """
    known = _known(catalogue, code)
    if known.type in (OrganisationType.REGION, OrganisationType.COUNTRY):
        return tuple(_boards(catalogue, known))
    changes = list(_changes(catalogue, code))
    following = [change.on for change in changes[1:]]
    return tuple(
        LineageStep(
            tuple(sorted(change.before)),
            following[number] if number < len(following) else _all_open_from(catalogue, change.before),
            change.on - _DAY,
        )
        for number, change in enumerate(changes)
        if change.before is not None
    )


def lineage_start(catalogue: Catalogue, code: str) -> BoundaryMove | None:
    """Where an organisation's lineage stops because parts of organisations went to others; None where it does not.

    Raises CatalogueError for an unknown code.
    """
    if _known(catalogue, code).type in (OrganisationType.REGION, OrganisationType.COUNTRY):
        return None
    last = list(_changes(catalogue, code))[-1:]
    return next((BoundaryMove(item.on, item.moved) for item in last if item.before is None), None)


@lru_cache(maxsize=1024)
def boundary_moves(catalogue: Catalogue, code: str) -> tuple[BoundaryMove, ...]:
    """The days on which a part came to an organisation that was there before, or left one that went on, oldest first.

    Its figures from such a day on cannot be compared with its own from before. A part that came to what belongs to
    the organisation moves its boundary too, unless it came from within: Glossop went from one region to another.

    Raises CatalogueError for an unknown code.
    """
    own = _known(catalogue, code)
    found: dict[date, list[Succession]] = {}
    for item in catalogue.successions:
        day = item.effective_on
        if item.kind not in _PARTIAL or not (_open_before(own, day) and _open_on(own, day)):
            continue
        before = _containing(catalogue, item.predecessor, day - _DAY)
        if (code in before) != (code in _containing(catalogue, item.successor, day)):
            found.setdefault(day, []).append(item)
    return tuple(BoundaryMove(day, _nearest(code, found[day])) for day in sorted(found))


def followers(catalogue: Catalogue, code: str) -> tuple[Succession, ...]:
    """What became of an organisation on the day after it closed: one succession, or one for each part of it.

    Empty for one that is open, or of whose area nobody took charge. Raises CatalogueError for an unknown code.
    """
    closed = _known(catalogue, code).closed_on
    if closed is None:
        return ()
    return tuple(
        item
        for item in catalogue.successions
        if item.predecessor == code and item.effective_on in (closed, closed + _DAY)
    )


def _known(catalogue: Catalogue, code: str) -> Organisation:
    if code not in catalogue.organisations:
        raise CatalogueError(f"wanted the code of an organisation of the catalogue, found {code!r}")
    return catalogue.organisations[code]


def _changes(catalogue: Catalogue, code: str) -> Iterator[_Change]:
    members = frozenset({code})
    last_day = catalogue.organisations[code].closed_on or date.max
    while change := _last_change(catalogue, members, last_day):
        if change.before != members:
            yield change
        if change.before is None:
            return
        members, last_day = change.before, change.on - _DAY


def _last_change(catalogue: Catalogue, members: frozenset[str], last_day: date) -> _Change | None:
    touching = [
        item
        for item in catalogue.successions
        if item.effective_on <= last_day
        and (item.successor in members or (item.predecessor in members and item.kind in _PARTIAL))
    ]
    if not touching:
        return None
    day = max(item.effective_on for item in touching)
    on_day = [item for item in catalogue.successions if item.effective_on == day]
    joined = frozenset(item.predecessor for item in on_day if item.successor in members)
    before = joined | {code for code in members if _open_before(catalogue.organisations[code], day)}
    moved = tuple(item for item in on_day if _moves_boundary(item, before | members))
    if not moved:
        return _Change(day, before)
    whole = [item for item in on_day if item.successor in members and item.kind not in _PARTIAL]
    goes_on = len(members) == 1 and members <= before and not whole
    return _Change(day, members if goes_on else _locations(catalogue, members, on_day), moved)


def _locations(
    catalogue: Catalogue, members: frozenset[str], on_day: Iterable[Succession]
) -> frozenset[str] | None:
    """The sub-ICB locations of new boards on their first day, None unless all came whole from boards before."""
    from_ = frozenset(item.predecessor for item in on_day if item.successor in members)
    day = next(iter(item.effective_on for item in on_day))
    organisations = catalogue.organisations
    if any(
        organisations[code].type is not OrganisationType.ICB or _open_before(organisations[code], day)
        for code in members
    ):
        return None
    moved = {
        item.code: _parent_of(item, OrganisationType.ICB, day, organisations)
        for item in organisations.values()
        if item.type is OrganisationType.SUB_ICB_LOCATION
        and _parent_of(item, OrganisationType.ICB, day - _DAY, organisations) in from_
    }
    own = frozenset(code for code, board in moved.items() if board in members)
    divided = any(item.predecessor in moved and item.kind in _PARTIAL for item in on_day)
    return own if own and not divided and all(moved.values()) else None


def _parent_of(
    item: Organisation, kind: OrganisationType, day: date, organisations: Mapping[str, Organisation]
) -> str:
    found = (
        parent.code
        for parent in item.parents
        if parent.in_force(day) and organisations[parent.code].type is kind
    )
    return next(found, "")


def _nearest(code: str, parts: list[Succession]) -> tuple[Succession, ...]:
    """The parts that went from or to an organisation itself, else those of what belongs to it."""
    own = [item for item in parts if code in (item.predecessor, item.successor)]
    return tuple(own or parts)


def _boards(catalogue: Catalogue, within: Organisation) -> Iterator[LineageStep]:
    """The integrated care boards of a region, or of England, between the days on which they changed, newest first."""
    known = catalogue.organisations
    boards = [item for item in known.values() if item.type is OrganisationType.ICB]
    days = {ICB_START, *(item.closed_on + _DAY for item in boards if item.closed_on)}
    end: date | None = None
    for day, codes in reversed(
        list(_changed_only(_boards_on(boards, within, day, known) for day in sorted(days)))
    ):
        yield LineageStep(codes, day, end, beside=True)
        end = day - _DAY


def _boards_on(
    boards: Iterable[Organisation], within: Organisation, day: date, known: Mapping[str, Organisation]
) -> tuple[date, tuple[str, ...]]:
    everywhere = within.type is OrganisationType.COUNTRY
    own = [
        item.code
        for item in boards
        if _open_on(item, day)
        and (everywhere or _parent_of(item, OrganisationType.REGION, day, known) == within.code)
    ]
    return day, tuple(sorted(own))


def _changed_only(found: Iterable[tuple[date, tuple[str, ...]]]) -> Iterator[tuple[date, tuple[str, ...]]]:
    before: tuple[str, ...] = ()
    for day, codes in found:
        if codes != before:
            yield day, codes
        before = codes


def _containing(catalogue: Catalogue, code: str, day: date) -> frozenset[str]:
    """An organisation and all that it belongs to on a day, directly or through others."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        item = catalogue.organisations[waiting.pop()]
        found.add(item.code)
        waiting += [
            parent.code for parent in item.parents if parent.in_force(day) and parent.code not in found
        ]
    return frozenset(found)


def _open_before(organisation: Organisation, day: date) -> bool:
    return organisation.opened_on is None or organisation.opened_on < day


def _open_on(organisation: Organisation, day: date) -> bool:
    opened = organisation.opened_on is None or organisation.opened_on <= day
    return opened and (organisation.closed_on is None or day <= organisation.closed_on)


def _moves_boundary(item: Succession, area: frozenset[str]) -> bool:
    return item.kind in _PARTIAL and (item.predecessor in area or item.successor in area)


def _all_open_from(catalogue: Catalogue, codes: frozenset[str]) -> date | None:
    days = [catalogue.organisations[code].opened_on for code in codes]
    known = [day for day in days if day]
    return max(known) if len(known) == len(days) else None
