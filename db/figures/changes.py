"""What a release changed: the periods that it added, the values that it revised, settled or withdrew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    ScalarSelect,
    Select,
    Table,
    and_,
    false,
    select,
    true,
    union_all,
)

from db.domain import ALL, Maturity, Period
from db.domain.changes import AddedPeriod, Release, SourceChanges, ValueChange
from db.domain.file import FileReference
from db.domain.holdings import CodeLists
from db.domain.reading import Reading
from db.figures.as_of import came_later, winners
from db.figures.keys import breakdown_id, ids_of
from db.figures.observations import dated_rows, reading_of
from db.store.schema import indicator, observation, observation_revision, organisation, period, source_file

Key = tuple[int, int, int]
"""The store's numbers of an indicator, an organisation and a period."""


@dataclass(frozen=True)
class _Series:
    """The ids of organisations and indicators, and of the breakdown, that changes are asked for, as parts of a query.

    Sub-queries, not numbers: SQLite then walks the index by organisation, and does not probe every key of each period.
    """

    organisations: Select[tuple[int]]
    indicators: Select[tuple[int]]
    breakdown: ScalarSelect[int]


def changes_since(
    connection: Connection,
    code_lists: CodeLists,
    *,
    organisations: Collection[str],
    indicators: Collection[str],
    since_version: int | None = None,
    breakdown_key: str = ALL,
    sources: Collection[str] | None = None,
) -> tuple[SourceChanges, ...]:
    """What changed for some organisations and indicators, by source: two queries, neither of which scans.

    With `since_version`, since the store's state of that data version; without it, by the newest release of each
    source: the files published on its last day of publication or, where files do not say, those that reach furthest.
    Sources without a file since the version are left out, and with `sources` all others. A value "before" is what stood
    without the release's files.
    """
    releases = [
        item for item in _releases(connection, since_version) if sources is None or item.source in sources
    ]
    files = {file.id: release.source for release in releases for file in release.files}
    if not files or not organisations or not indicators:
        return tuple(_changes(code_lists, release, (), ()) for release in releases)

    series = _Series(
        ids_of(organisation, organisations), ids_of(indicator, indicators), breakdown_id(breakdown_key)
    )
    own = sorted(files)
    rows = connection.execute(union_all(_brought(own, series), _replaced(own, series))).all()
    found: dict[str, list[Row[Any]]] = {release.source: [] for release in releases}
    for row in rows:
        found[files[row.release_file]].append(row)
    return tuple(
        _changes(
            code_lists,
            release,
            [row for row in found[release.source] if row.brought],
            [row for row in found[release.source] if not row.brought],
        )
        for release in releases
    )


def _brought(files: Sequence[int], series: _Series) -> Select[Any]:
    """Rows that stand and came with one of the files."""
    return _walked(
        dated_rows(observation).add_columns(
            true().label("brought"),
            true().label("stands"),
            observation.c.source_file_id.label("release_file"),
        ),
        observation,
        series,
    ).where(observation.c.source_file_id.in_(files))


def _replaced(files: Sequence[int], series: _Series) -> Select[Any]:
    """Rows that stood before the files and lost to one of them; whether anything stands in their place."""
    old = observation_revision
    stands = select(observation.c.indicator_id).where(_same_key(observation, old))
    return _walked(
        dated_rows(old).add_columns(
            false().label("brought"),
            stands.correlate(old).exists().label("stands"),
            old.c.superseded_by_file_id.label("release_file"),
        ),
        old,
        series,
    ).where(old.c.superseded_by_file_id.in_(files), old.c.source_file_id.not_in(files))


def _walked(statement: Select[Any], rows: Table, series: _Series) -> Select[Any]:
    """Rows of a few series: their keys are read from the index by organisation alone, then the rows by key."""
    walk = rows.alias("walk")
    return (
        statement.join(walk, and_(*(walk.c[part.name] == part for part in rows.primary_key.columns)))
        .where(walk.c.organisation_id.in_(series.organisations))
        .where(walk.c.indicator_id.in_(series.indicators))
        .where(walk.c.period_id.in_(select(period.c.id)))
        .where(walk.c.breakdown_id == series.breakdown)
    )


def _same_key(one: FromClause, other: FromClause) -> ColumnElement[bool]:
    return and_(*(one.c[column.name] == other.c[column.name] for column in observation.primary_key.columns))


def _changes(
    code_lists: CodeLists, release: Release, brought: Sequence[Row[Any]], replaced: Sequence[Row[Any]]
) -> SourceChanges:
    before = {_key(row): row for row in winners(replaced)}
    after = {_key(row): row for row in brought}
    changes = sorted(
        (
            ValueChange(reading_of(code_lists, before[key]), reading_of(code_lists, after[key]))
            for key in before
            if key in after
        ),
        key=lambda item: _place(item.before),
    )
    gone = (reading_of(code_lists, row) for key, row in before.items() if key not in after and not row.stands)
    return SourceChanges(
        release,
        _added(code_lists, (row for key, row in after.items() if key not in before)),
        tuple(item for item in changes if item.same_table and not item.same_numbers),
        tuple(item for item in changes if item.settled),
        tuple(sorted(gone, key=_place)),
        tuple(item for item in changes if not item.same_table and not item.same_numbers),
    )


def _key(row: Row[Any]) -> Key:
    return (row.indicator_id, row.organisation_id, row.period_id)


def _place(item: Reading) -> tuple[int, str, str]:
    return (-item.period.key, item.indicator, item.organisation)


def _added(code_lists: CodeLists, rows: Iterable[Row[Any]]) -> tuple[AddedPeriod, ...]:
    found: dict[tuple[int, str], list[Row[Any]]] = {}
    for row in rows:
        found.setdefault((row.period_id, code_lists.indicators[row.indicator_id]), []).append(row)
    return tuple(
        AddedPeriod(
            code,
            Period.from_key(key),
            tuple(sorted(code_lists.organisations[row.organisation_id].code for row in members)),
            Maturity(min(row.maturity for row in members)),
        )
        for (key, code), members in sorted(found.items(), key=lambda item: (-item[0][0], item[0][1]))
    )


def _releases(connection: Connection, since_version: int | None) -> list[Release]:
    """The files that count as new, by source: those after a version, or those of the newest release."""
    counting = select(source_file).where(source_file.c.undone_by.is_(None))
    files = connection.execute(counting.order_by(source_file.c.source, source_file.c.id)).all()
    by_source: dict[str, list[Row[Any]]] = {}
    for file in files:
        by_source.setdefault(file.source, []).append(file)
    chosen = {
        source: [file for file in members if file.id > since_version]
        if since_version is not None
        else _newest(members)
        for source, members in by_source.items()
    }
    return [_release(source, members, by_source[source]) for source, members in chosen.items() if members]


def _newest(files: Sequence[Row[Any]]) -> list[Row[Any]]:
    newest = files[0]
    for file in files[1:]:
        if came_later(file, newest):
            newest = file
    if newest.published_on is not None:
        return [file for file in files if file.published_on == newest.published_on]
    return [
        file
        for file in files
        if file.published_on is None and file.latest_period_end == newest.latest_period_end
    ]


def _release(source: str, files: Sequence[Row[Any]], every: Sequence[Row[Any]]) -> Release:
    days = {file.loaded_at.date() for file in every if file.loaded_at is not None}
    return Release(
        source,
        tuple(
            FileReference(f.id, f.name, f.title, f.url, f.published_on, bool(f.demonstration))
            for f in reversed(files)
        ),
        max((f.published_on for f in files if f.published_on is not None), default=None),
        max((f.latest_period_end for f in files if f.latest_period_end is not None), default=None),
        max((f.loaded_at for f in files if f.loaded_at is not None), default=None),
        len(days) == 1,
    )
