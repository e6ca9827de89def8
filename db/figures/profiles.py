"""What one organisation's page reads: all its indicators at once, and every organisation of its kind beside it.

Every statement gives each part of the primary key as a short list, or walks the covering index of a few
organisations. Names of keys are read once per state of the data (`keys`) and given back, so that rows need no joins.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, Select, Table, func, or_, select, union_all

from db.domain import ALL, Basis, Maturity, OrganisationType, Period
from db.domain.holdings import CodeLists, Holdings
from db.domain.observation import BASIS_CODES
from db.domain.organisation import OrganisationChoice
from db.domain.reading import NOW, AsOf, Figure, Reading, Selection, Slice
from db.figures.as_of import still_standing, stood_then, winners
from db.figures.queries import file_keys, organisation_keys
from db.store.schema import (
    breakdown,
    indicator,
    observation,
    observation_revision,
    organisation,
    organisation_parent,
    source_file,
)

_BASES = {code: Basis(name) for name, code in BASIS_CODES.items()}
_MATURITIES = {int(item): item for item in Maturity}


Where = Callable[[Table], list[ColumnElement[bool]]]
"""The conditions of a query, for the rows that stand or for those that once did."""


def keys(connection: Connection) -> CodeLists:
    """The names of all keys: four small queries, for a caller who keeps them."""
    indicators = connection.execute(select(indicator.c.id, indicator.c.code))
    breakdowns = connection.execute(select(breakdown.c.id, breakdown.c.key))
    return CodeLists(
        {row.id: row.code for row in indicators},
        {row.id: row.key for row in breakdowns},
        organisation_keys(connection),
        file_keys(connection),
    )


def holdings(connection: Connection, known: CodeLists, codes: Collection[str]) -> Holdings:
    """What is held of a few organisations, from the covering index alone: two queries."""
    ours = observation.c.organisation_id.in_(_numbers(known.organisation_ids, codes))
    headline = known.breakdown_ids.get(ALL, 0)
    of_periods = (
        select(observation.c.indicator_id, observation.c.period_id)
        .where(ours, observation.c.breakdown_id == headline)
        .distinct()
    )
    periods: dict[str, list[Period]] = {}
    for row in connection.execute(of_periods):
        periods.setdefault(known.indicators[row.indicator_id], []).append(period_of(row.period_id))
    of_cuts = (
        select(observation.c.indicator_id, observation.c.breakdown_id, func.max(observation.c.period_id))
        .where(ours)
        .group_by(observation.c.indicator_id, observation.c.breakdown_id)
    )
    cuts: dict[str, dict[str, Period]] = {}
    for number, cut, last in connection.execute(of_cuts):
        cuts.setdefault(known.indicators[number], {})[known.breakdowns[cut]] = period_of(last)
    return Holdings({code: tuple(sorted(found, reverse=True)) for code, found in periods.items()}, cuts)


def profile_readings(
    connection: Connection, known: CodeLists, wanted: Sequence[Selection], as_of: AsOf = NOW
) -> tuple[Reading, ...]:
    """The readings of several sets of keys in one query, each looked up by its whole primary key."""
    parts = [part for item in wanted if (part := _lookup(known, item)) is not None]
    return tuple(_reading(known, row) for row in _rows(connection, parts, as_of))


def members_readings(
    connection: Connection,
    known: CodeLists,
    *,
    parent: str,
    kind: OrganisationType,
    slices: Collection[Slice],
    as_of: AsOf = NOW,
) -> tuple[Reading, ...]:
    """The readings, in a few slices, of all organisations of a type that belong or belonged to another: one query."""
    number = known.organisation_ids.get(parent)
    own = select(organisation_parent.c.organisation_id).where(organisation_parent.c.parent_id == number)
    found = (_reading(known, row) for row in _rows(connection, _slice_parts(known, slices, own), as_of))
    return tuple(item for item in found if item.organisation_type is kind)


def figures(
    connection: Connection,
    known: CodeLists,
    slices: Collection[Slice],
    named: Collection[str],
    as_of: AsOf = NOW,
    *,
    kinds: Collection[OrganisationType] = (),
) -> dict[Slice, tuple[tuple[Figure, ...], tuple[Reading, ...]]]:
    """Organisations' figures in some slices in one query, and the whole readings of a few that are named.

    Of `kinds` and of those named, or of every organisation where no kinds are given. The rows of a slice lie together
    under the primary key: nothing else is read.
    """
    found: dict[Slice, tuple[list[Figure], list[Reading]]] = {item: ([], []) for item in slices}
    places = {(item.indicator, item.period.key, item.breakdown): lists for item, lists in found.items()}
    whole = set(_numbers(known.organisation_ids, named))
    for row in _rows(connection, _slice_parts(known, slices, _of_kinds(kinds, named)), as_of):
        every, few = places[known.indicators[row[1]], row[3], known.breakdowns[row[2]]]
        member = known.organisations[row[0]]
        every.append((member.code, member.type, row[4], row[5], row[6]))
        if row[0] in whole:
            few.append(_reading(known, row))
    return {item: (tuple(every), tuple(few)) for item, (every, few) in found.items()}


def _of_kinds(kinds: Collection[OrganisationType], named: Collection[str]) -> Select[tuple[int]] | None:
    """The organisations of some kinds and a few others; None for all: practices are nearly all of a slice."""
    if not kinds or OrganisationType.PRACTICE in kinds:
        return None
    of_kinds = organisation.c.type.in_(sorted(kind.value for kind in kinds))
    return select(organisation.c.id).where(or_(of_kinds, organisation.c.code.in_(sorted(named))))


def members(
    connection: Connection, known: CodeLists, *, parents: Collection[str], kind: OrganisationType
) -> tuple[OrganisationChoice, ...]:
    """The organisations of a type that belong, or once belonged, to any of a few others, by name."""
    own = select(organisation_parent.c.organisation_id).where(
        organisation_parent.c.parent_id.in_(_numbers(known.organisation_ids, parents))
    )
    found = {known.organisations[number] for number in connection.execute(own).scalars()}
    return tuple(sorted((m for m in found if m.type is kind), key=lambda m: (m.name, m.code)))


def parents_of(
    connection: Connection, known: CodeLists, codes: Collection[str]
) -> dict[str, tuple[OrganisationChoice, ...]]:
    """What each of a few organisations belongs or belonged to, by its code."""
    statement = select(organisation_parent.c.organisation_id, organisation_parent.c.parent_id).where(
        organisation_parent.c.organisation_id.in_(_numbers(known.organisation_ids, codes))
    )
    found: dict[str, dict[str, OrganisationChoice]] = {}
    for member, parent in connection.execute(statement):
        above = known.organisations[parent]
        found.setdefault(known.organisations[member].code, {})[above.code] = above
    return {code: tuple(above.values()) for code, above in found.items()}


@lru_cache(maxsize=4096)
def period_of(key: int) -> Period:
    """`Period.from_key`, each period made once."""
    return Period.from_key(key)


def _columns(rows: Table) -> tuple[ColumnElement[Any], ...]:
    """The columns of `_reading`, in its order."""
    return (
        rows.c.organisation_id.label("organisation"),
        rows.c.indicator_id.label("indicator"),
        rows.c.breakdown_id.label("breakdown"),
        rows.c.period_id,
        rows.c.numerator,
        rows.c.denominator,
        rows.c.value,
        rows.c.missing_reason,
        rows.c.basis,
        rows.c.maturity,
        rows.c.derived,
        rows.c.source_file_id.label("file_id"),
    )


_STANDING = select(*_columns(observation))
"""The rows that stand, made once: a page asks for a dozen parts of them."""


def _lookup(known: CodeLists, wanted: Selection) -> Where | None:
    """One set of keys as conditions; None where the store does not know any of a part."""
    indicators = _numbers(known.indicator_ids, wanted.indicators)
    organisations = _numbers(known.organisation_ids, wanted.organisations)
    breakdowns = _numbers(known.breakdown_ids, wanted.breakdowns)
    periods = [item.key for item in wanted.periods]
    if not (indicators and organisations and breakdowns and periods):
        return None
    return lambda rows: [
        rows.c.indicator_id.in_(indicators),
        rows.c.period_id.in_(periods),
        rows.c.breakdown_id.in_(breakdowns),
        rows.c.organisation_id.in_(organisations),
    ]


def _slice_parts(
    known: CodeLists, slices: Collection[Slice], own: Select[tuple[int]] | None = None
) -> list[Where]:
    """Conditions for each indicator and period, with all its breakdowns that are wanted; `own` are organisations."""
    cuts: dict[tuple[int, int], list[int]] = {}
    for item in slices:
        number, cut = known.indicator_ids.get(item.indicator), known.breakdown_ids.get(item.breakdown)
        if number is not None and cut is not None:
            cuts.setdefault((number, item.period.key), []).append(cut)
    return [_slice_part(number, key, found, own) for (number, key), found in cuts.items()]


def _slice_part(number: int, key: int, cuts: Sequence[int], own: Select[tuple[int]] | None) -> Where:
    def where(rows: Table) -> list[ColumnElement[bool]]:
        of_slice = [
            rows.c.indicator_id == number,
            rows.c.period_id == key,
            rows.c.breakdown_id.in_(cuts),
        ]
        return of_slice if own is None else [*of_slice, rows.c.organisation_id.in_(own)]

    return where


def _rows(connection: Connection, parts: Sequence[Where], as_of: AsOf) -> Iterable[Sequence[Any]]:
    """The rows of several sets of conditions, asked for in one query: each part finds its own way through the keys.

    As of another time the rows that stood then are asked for as well, and the winners of their releases are given.
    """
    if not parts:
        return ()
    if as_of.now:
        whole = _together([_STANDING.where(*part(observation)) for part in parts])
        return connection.execute(whole).all()
    current = [_dated(observation).where(*part(observation), *still_standing(as_of)) for part in parts]
    former = [
        _dated(observation_revision).where(*part(observation_revision), *stood_then(as_of)) for part in parts
    ]
    return [tuple(row)[:12] for row in winners(connection.execute(_together([*current, *former])).all())]


def _dated(rows: Table) -> Select[Any]:
    """Rows with what decides between releases."""
    of_file = (source_file.c.published_on, source_file.c.latest_period_end)
    return select(*_columns(rows), *of_file).join_from(
        rows, source_file, rows.c.source_file_id == source_file.c.id
    )


def _together(parts: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any]:
    return parts[0] if len(parts) == 1 else union_all(*parts)


def _reading(known: CodeLists, row: Sequence[Any]) -> Reading:
    place, number, cut, key, numerator, denominator, value, missing, basis, maturity, derived, file = row
    member = known.organisations[place]
    return Reading(
        known.indicators[number],
        member.code,
        member.name,
        member.type,
        period_of(key),
        known.breakdowns[cut],
        numerator,
        denominator,
        value,
        missing or "",
        _BASES[basis],
        _MATURITIES[maturity],
        bool(derived),
        (known.files[file],),
    )


def _numbers(ids: Mapping[str, int], names: Iterable[str]) -> list[int]:
    return [ids[name] for name in dict.fromkeys(names) if name in ids]
