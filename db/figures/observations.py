"""The one reader of observations: the rows that stand, or that stood as of another time, as readings.

Rows are asked for in the store's own numbers, each part of the primary key as a short list or as one slice, so that
the store looks rows up and reads no others; code lists, read once per state of the data, give them their names.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Connection,
    FromClause,
    Select,
    Table,
    TextClause,
    exists,
    func,
    or_,
    select,
    text,
    union_all,
)

from db.domain import DETAIL_COLUMNS, Maturity, OrganisationType, Period
from db.domain.columns import Columns
from db.domain.holdings import CodeLists
from db.domain.observation import DETAIL_WORDS, basis_of
from db.domain.reading import NOW, AsOf, PeriodSpan, Reading, Selection, Slice, ValueDetails
from db.figures.as_of import MOVED_BY, still_standing, stood_before_undo, stood_then, winners
from db.store.schema import (
    observation,
    observation_former,
    observation_revision,
    organisation,
    source_file,
    value_details,
)

FIELDS = (
    "organisation_id",
    "indicator_id",
    "breakdown_id",
    "period_id",
    "numerator",
    "denominator",
    "value",
    "missing_reason",
    "basis",
    "maturity",
    "derived",
    "source_file_id",
)
"""The columns of a row, in the order in which `reading_of` takes them."""


Conditions = Callable[[Table], list[ColumnElement[bool]]]
"""What rows must be, of the table of those that stand or of the table of those that once did."""

_MATURITIES = {int(item): item for item in Maturity}


def readings(
    connection: Connection, code_lists: CodeLists, selections: Iterable[Selection], as_of: AsOf = NOW
) -> tuple[Reading, ...]:
    """The readings of several selections by indicator, organisation, breakdown and period: one query.

    What the store knows no code of is in none.
    """
    rows = _rows_looked_up(connection, _lookups(code_lists, selections), as_of)
    details = details_of(connection, code_lists, rows)
    found = [reading_of(code_lists, row, details) for row in rows]
    return tuple(sorted(found, key=_reading_order))


def slices_between(
    connection: Connection,
    code_lists: CodeLists,
    selections: Iterable[Selection],
    versions: tuple[int, int],
) -> frozenset[tuple[str, Period]]:
    """The indicators and periods, of several selections, in which a figure can differ between two data versions: a row
    of them began or ceased to stand after the first and by the second."""
    wanted = _lookups(code_lists, selections)
    if not wanted:
        return frozenset()
    slices = []
    for table, names in MOVED_BY:
        rows = _looked_up(table, wanted)
        moved = or_(*(rows.c[name].between(versions[0] + 1, versions[1]) for name in names))
        slices.append(select(rows.c.indicator_id, rows.c.period_id).where(moved).distinct())
    return frozenset(
        (code_lists.indicators[number], Period.from_key(key))
        for number, key in raw_rows(connection, _union(slices))
    )


def _reading_order(item: Reading) -> tuple[str, str, str, date, date]:
    """The period by its days: thousands of comparisons of whole periods would cost more than the query."""
    return (item.indicator, item.organisation, item.breakdown, item.period.start, item.period.end)


def slice_figures(
    connection: Connection,
    code_lists: CodeLists,
    slices: Collection[Slice],
    named: Collection[str],
    as_of: AsOf = NOW,
    *,
    kinds: Collection[OrganisationType] = (),
    trust_kind: str = "",
) -> dict[Slice, tuple[Columns, tuple[Reading, ...]]]:
    """Organisations' denominators and values in some slices, and the whole readings of a few that are named.

    Of `kinds` and of those named, or of every organisation where no kinds are given; with a `trust_kind` only of
    trusts that their file placed among that kind. The rows of a slice lie together under the primary key: nothing else
    is read.
    """
    whole = known_ids(code_lists.organisation_ids, named)
    parts = _slice_parts(code_lists, slices, _of_kinds(kinds, named), trust_kind)
    rows, shown = _figures_of_slices(connection, parts, whole, as_of)
    details = details_of(connection, code_lists, shown)
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(_SLICE_FIELDS))
    found: dict[Slice, tuple[Columns, tuple[Reading, ...]]] = {}
    for item in slices:
        number = code_lists.indicator_ids.get(item.indicator, 0)
        place = number, code_lists.breakdown_ids.get(item.breakdown, 0), item.period.key
        own = table[(table[:, 3:] == place).all(axis=1)]
        readings_of_few = (reading_of(code_lists, row, details) for row in shown if row[1:4] == place)
        found[item] = Columns.of(own[:, [5, 0, 1, 2]]), tuple(readings_of_few)
    return found


def _figures_of_slices(
    connection: Connection, parts: Sequence[Conditions], whole: Collection[int], as_of: AsOf
) -> tuple[Sequence[tuple[Any, ...]], Sequence[tuple[Any, ...]]]:
    """All rows in the order of `_SLICE_FIELDS`, and those of a few organisations in the order of `FIELDS`.

    Only a few are read whole: of thousands of practices every further field costs as much as those that are needed.
    """
    if not parts or not as_of.now:
        rows = observation_rows(connection, parts, as_of)
        places = [FIELDS.index(name) for name in _SLICE_FIELDS]
        return [tuple(row[place] for place in places) for row in rows], [
            row for row in rows if row[0] in whole
        ]
    of_few = observation.c.organisation_id.in_(whole)
    few = _union([_STANDING.where(*part(observation), of_few) for part in parts])
    all_rows = _union([_SLICE.where(*part(observation)) for part in parts])
    return raw_rows(connection, all_rows), raw_rows(connection, few) if whole else ()


def observation_rows(
    connection: Connection, parts: Sequence[Conditions], as_of: AsOf = NOW
) -> Sequence[tuple[Any, ...]]:
    """The rows, in the order of `FIELDS`, of several sets of conditions in one query: each finds its own way.

    As of another time the rows that stood then are asked for as well, and the winners of their releases are given.
    """
    if not parts:
        return ()
    if as_of.now:
        return raw_rows(connection, _union([_STANDING.where(*part(observation)) for part in parts]))
    return _rows_then(
        connection,
        as_of,
        lambda rows: _union([select(rows).where(*part(rows)) for part in parts]).subquery(),
    )


def _rows_looked_up(
    connection: Connection, lookups: Sequence[Lookup], as_of: AsOf
) -> Sequence[tuple[Any, ...]]:
    """The rows, in the order of `FIELDS`, of several look-ups in one query, as those of conditions."""
    if not lookups:
        return ()
    if as_of.now:
        return raw_rows(connection, text(_sql(observation, lookups, FIELDS)))
    return _rows_then(connection, as_of, lambda rows: _looked_up(rows, lookups))


def _rows_then(
    connection: Connection, as_of: AsOf, rows_of: Callable[[Table], FromClause]
) -> Sequence[tuple[Any, ...]]:
    """The winners, in the order of `FIELDS`, among the rows of each table that stood as of another time."""
    current, replaced = rows_of(observation), rows_of(observation_revision)
    stood = [
        dated_rows(current).where(*still_standing(as_of, current)),
        dated_rows(replaced).where(*stood_then(as_of, replaced)),
    ]
    if as_of.version is not None:
        former = rows_of(observation_former)
        stood.append(dated_rows(former).where(*stood_before_undo(as_of.version, former)))
    return [tuple(row[: len(FIELDS)]) for row in winners(connection.execute(_union(stood)).all())]


def raw_rows(
    connection: Connection, statement: Select[Any] | CompoundSelect[Any] | TextClause
) -> list[tuple[Any, ...]]:
    """Rows of numbers and words as the driver gives them: row objects would cost more than the query."""
    with connection.execute(statement) as result:
        return list(result.cursor.fetchall()) if result.cursor is not None else []


def fields_of(rows: FromClause, names: Sequence[str] = FIELDS) -> list[ColumnElement[Any]]:
    """Columns of `observation` or `observation_revision` by name."""
    return [rows.c[name] for name in names]


def dated_rows(rows: FromClause) -> Select[Any]:
    """Rows in the order of `FIELDS`, then what decides between releases; to be narrowed by the caller."""
    of_file = (source_file.c.published_on, source_file.c.latest_period_end)
    return select(*fields_of(rows), *of_file).join_from(
        rows, source_file, rows.c.source_file_id == source_file.c.id
    )


Details = Mapping[tuple[int, ...], ValueDetails]
"""What is published beside values, by the numbers of organisation, indicator, breakdown, period and file."""


def details_of(connection: Connection, code_lists: CodeLists, rows: Iterable[Sequence[Any]]) -> Details:
    """What is published beside values of some rows that begin with `FIELDS`; no query where there can be nothing."""
    wanted = [row for row in rows if row[1] in code_lists.detailed]
    if not wanted:
        return {}
    key = [value_details.c[name] for name in (*FIELDS[:4], "source_file_id")]
    told = [
        func.coalesce(value_details.c[name], "") if name in DETAIL_WORDS else value_details.c[name]
        for name in DETAIL_COLUMNS
    ]
    statement = select(*key, *told).where(
        *(value_details.c[name].in_({row[place] for row in wanted}) for place, name in enumerate(FIELDS[:4]))
    )
    return {row[:5]: ValueDetails(*row[5:]) for row in raw_rows(connection, statement)}


def reading_of(code_lists: CodeLists, row: Sequence[Any], details: Details = MappingProxyType({})) -> Reading:
    """A row that begins with `FIELDS` as a reading, with its names from the code lists."""
    place, number, cut, key, numerator, denominator, value, missing, basis, maturity, derived, file, *_ = row
    member = code_lists.organisations[place]
    return Reading(
        code_lists.indicators[number],
        member.code,
        member.name,
        member.type,
        Period.from_key(key),
        code_lists.breakdowns[cut],
        numerator,
        denominator,
        value,
        missing or "",
        basis_of(basis),
        _MATURITIES[maturity],
        bool(derived),
        (code_lists.files[file],),
        details=details.get((place, number, cut, key, file)) if details else None,
    )


def slice_conditions(
    indicator_id: int,
    periods: Collection[Period],
    breakdown_ids: Collection[int],
    organisations: Select[tuple[int]] | None = None,
    trust_kind: str = "",
) -> Conditions:
    """One indicator in some periods under some breakdowns, of some organisations or of all.

    With a `trust_kind` only what its own file says to be of a trust of that kind.
    """
    keys = [item.key for item in periods]
    same = (*FIELDS[:4], "source_file_id")

    def conditions(rows: Table) -> list[ColumnElement[bool]]:
        of_slice = [
            rows.c.indicator_id == indicator_id,
            rows.c.period_id.in_(keys),
            rows.c.breakdown_id.in_(breakdown_ids),
        ]
        if organisations is not None:
            of_slice.append(rows.c.organisation_id.in_(organisations))
        if trust_kind:
            own = [value_details.c[name] == rows.c[name] for name in same]
            of_slice.append(exists().where(*own, value_details.c.trust_kind == trust_kind))
        return of_slice

    return conditions


def known_ids(ids: Mapping[str, int], names: Iterable[str]) -> list[int]:
    """The store's numbers of some codes, each once; unknown codes have none."""
    return [ids[name] for name in dict.fromkeys(names) if name in ids]


_SLICE_FIELDS = ("organisation_id", "denominator", "value", "indicator_id", "breakdown_id", "period_id")
_SLICE = select(*fields_of(observation, _SLICE_FIELDS))
_STANDING = select(*fields_of(observation))
"""The rows that stand, made once: a page asks for a dozen parts of them."""


class Lookup(NamedTuple):
    """What rows' numbers are, for each part of the primary key: `IN` these, in SQL."""

    indicators: str
    periods: str
    breakdowns: str
    organisations: str


def _lookups(code_lists: CodeLists, selections: Iterable[Selection]) -> list[Lookup]:
    """Selections as look-ups, without those of which the store does not know any of a part."""
    found = []
    for item in selections:
        indicators = known_ids(code_lists.indicator_ids, item.indicators)
        organisations = known_ids(code_lists.organisation_ids, item.organisations)
        breakdowns = known_ids(code_lists.breakdown_ids, item.breakdowns)
        if indicators and organisations and breakdowns and item.periods != ():
            periods = _periods(item.periods)
            found.append(Lookup(_listed(indicators), periods, _listed(breakdowns), _listed(organisations)))
    return found


def _periods(wanted: Collection[Period] | PeriodSpan) -> str:
    if not isinstance(wanted, PeriodSpan):
        return _listed(item.key for item in wanted)
    frequencies = ", ".join(f"'{item.value}'" for item in sorted(wanted.frequencies))
    days = f"start BETWEEN '{wanted.since.isoformat()}' AND '{wanted.until.isoformat()}'"
    return f"SELECT id FROM period WHERE frequency IN ({frequencies}) AND {days}"  # noqa: S608 - our own names and days


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, numbers))


def _sql(rows: Table, lookups: Sequence[Lookup], columns: Iterable[str]) -> str:
    """The look-ups of a table's rows as one statement that bears the store's numbers as they are.

    A page asks for some twenty: to bind and to compile their hundreds of numbers takes longer than to read the rows.
    """
    head = f"SELECT {', '.join(columns)} FROM {rows.name} WHERE "  # noqa: S608 - our own names
    return " UNION ALL ".join(
        f"{head}indicator_id IN ({item.indicators}) AND period_id IN ({item.periods})"
        f" AND breakdown_id IN ({item.breakdowns}) AND organisation_id IN ({item.organisations})"
        for item in lookups
    )


def _looked_up(rows: Table, lookups: Sequence[Lookup]) -> FromClause:
    """The rows of look-ups with all columns of their table."""
    return text(_sql(rows, lookups, rows.c.keys())).columns(*rows.c).subquery()


def _slice_parts(
    code_lists: CodeLists,
    slices: Collection[Slice],
    organisations: Select[tuple[int]] | None,
    trust_kind: str,
) -> list[Conditions]:
    """Conditions for each indicator and period, with all its breakdowns that are wanted."""
    cuts: dict[tuple[int, Period], list[int]] = {}
    for item in slices:
        number = code_lists.indicator_ids.get(item.indicator)
        cut = code_lists.breakdown_ids.get(item.breakdown)
        if number is not None and cut is not None:
            cuts.setdefault((number, item.period), []).append(cut)
    return [
        slice_conditions(number, [at], found, organisations, trust_kind)
        for (number, at), found in cuts.items()
    ]


def _of_kinds(kinds: Collection[OrganisationType], named: Collection[str]) -> Select[tuple[int]] | None:
    """The organisations of some kinds and a few others; None for all: practices are nearly all of a slice."""
    if not kinds or OrganisationType.PRACTICE in kinds:
        return None
    of_kinds = organisation.c.type.in_(sorted(kind.value for kind in kinds))
    return select(organisation.c.id).where(or_(of_kinds, organisation.c.code.in_(sorted(named))))


def _union(parts: Sequence[Select[Any]]) -> Select[Any] | CompoundSelect[Any]:
    return parts[0] if len(parts) == 1 else union_all(*parts)
