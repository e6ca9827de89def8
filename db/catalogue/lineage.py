"""What an organisation was before: the same area under earlier codes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from db.catalogue.errors import CatalogueError
from db.domain import Catalogue, Organisation, Succession, SuccessionKind

_DAY = timedelta(days=1)
_PARTIAL = (SuccessionKind.SPLIT, SuccessionKind.TRANSFER)


@dataclass(frozen=True)
class LineageStep:
    """Organisations that together were the same area between two days (both inclusive, None where unknown)."""

    codes: tuple[str, ...]
    effective_from: date | None
    effective_to: date | None


@dataclass(frozen=True)
class _Change:
    """A day on which an area's organisations changed; `before` is None where its boundary moved as well."""

    on: date
    before: frozenset[str] | None


def lineage(catalogue: Catalogue, code: str) -> tuple[LineageStep, ...]:
    """The earlier organisations whose whole areas made up an organisation's area, newest first.

    QKS gives 91Q, then Kent and Medway's eight CCGs. The walk stops at a split or transfer, since figures from
    before it are of another area; changes of boundary that no succession records are not known here. A trust that
    took over another is in its own step: its figures before then are the sum of both.

    Raises CatalogueError for an unknown code.
    """
    if code not in catalogue.organisations:
        raise CatalogueError(f"wanted the code of an organisation of the catalogue, found {code!r}")
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


def _changes(catalogue: Catalogue, code: str) -> Iterator[_Change]:
    members = frozenset({code})
    last_day = catalogue.organisations[code].closed_on or date.max
    while change := _last_change(catalogue, members, last_day):
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
    moved = any(_moves_boundary(item, before | members) for item in on_day)
    return _Change(day, None if moved else before)


def _open_before(organisation: Organisation, day: date) -> bool:
    return organisation.opened_on is None or organisation.opened_on < day


def _moves_boundary(item: Succession, area: frozenset[str]) -> bool:
    return item.kind in _PARTIAL and (item.predecessor in area or item.successor in area)


def _all_open_from(catalogue: Catalogue, codes: frozenset[str]) -> date | None:
    days = [catalogue.organisations[code].opened_on for code in codes]
    known = [day for day in days if day]
    return max(known) if len(known) == len(days) else None
