"""As of when figures are read: which of the rows that stand, or once stood, are shown.

`observation` holds what stands now. `observation_revision` holds what no longer does, each row with the file that it
came from and the file that it lost to; so both questions, what the store held then and what was published then, are
answered by the rows' two files. Of figures that an undo changed, earlier data versions show `observation_former`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, and_, or_, select

from db.domain.reading import AsOf
from db.store.schema import observation, observation_former, observation_revision, source_file

MOVED_BY = (
    (observation, ("source_file_id", "stands_from")),
    (observation_revision, ("source_file_id", "stands_from", "superseded_by_file_id")),
    (observation_former, ("stood_from", "stood_until")),
)
"""The tables of rows that stand or stood, and their columns with a data version at which one began or ceased to."""


def still_standing(as_of: AsOf, held: FromClause = observation) -> list[ColumnElement[bool]]:
    """What rows of `observation`, joined with their `source_file`, must be to have stood as of then."""
    if as_of.version is not None:
        return [held.c.source_file_id <= as_of.version, held.c.stands_from <= as_of.version]
    if as_of.published_by is not None:
        return [_out_by(source_file, as_of.published_by)]
    return []


def stood_then(as_of: AsOf, held: FromClause = observation_revision) -> list[ColumnElement[bool]]:
    """What rows of `observation_revision`, joined with their `source_file`, must be to have stood as of then.

    A row stops when the file that it lost to comes: that file has a better row, or withdrew it. An older release that
    was loaded after a newer one never stood in the store, but did stand in its day.
    """
    if as_of.version is not None:
        return [
            held.c.source_file_id <= as_of.version,
            held.c.stands_from <= as_of.version,
            held.c.superseded_by_file_id > as_of.version,
        ]
    if as_of.published_by is not None:
        successor = source_file.alias("successor")
        out = select(successor.c.id).where(
            successor.c.id == held.c.superseded_by_file_id, _out_by(successor, as_of.published_by)
        )
        return [_out_by(source_file, as_of.published_by), ~out.exists()]
    return []


def stood_before_undo(version: int, held: FromClause = observation_former) -> list[ColumnElement[bool]]:
    """What rows of `observation_former` must be to have stood at a data version: an undo has changed them since."""
    return [held.c.stood_from <= version, held.c.stood_until > version]


def winners(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """One row a key: of several releases the one that the load would let stand, given them in the order of loading.

    Rows are those of `observations.dated_rows`.
    """
    standing: dict[tuple[int, int, int, int], Row[Any]] = {}
    for row in sorted(rows, key=lambda item: item.source_file_id):
        key = (row.indicator_id, row.organisation_id, row.breakdown_id, row.period_id)
        held = standing.get(key)
        if held is None or (_wins(row, held) and not _same(row, held)):
            standing[key] = row
    return list(standing.values())


def _wins(row: Row[Any], held: Row[Any]) -> bool:
    """The rules of `db.loading.merge`, for one row that came after another."""
    if row.maturity != held.maturity:
        return bool(row.maturity > held.maturity)
    if bool(row.derived) != bool(held.derived):
        return bool(held.derived)
    return came_later(row, held)


def came_later(file: Row[Any], other: Row[Any]) -> bool:
    """Whether a file came out later than one loaded before it, as far as their dates tell; it wins a draw.

    By `published_on`, else by `latest_period_end`: the rule of `db.loading.published`.
    """
    if file.published_on and other.published_on and file.published_on != other.published_on:
        return bool(file.published_on > other.published_on)
    if file.latest_period_end and other.latest_period_end:
        return bool(file.latest_period_end >= other.latest_period_end)
    return True


def _same(row: Row[Any], held: Row[Any]) -> bool:
    """The same figure published again, no better settled or sourced, keeps its first file."""
    settled = row.maturity == held.maturity and (bool(row.derived) or not held.derived)
    figure = (row.numerator, row.denominator, row.value, row.missing_reason)
    return settled and figure == (held.numerator, held.denominator, held.value, held.missing_reason)


def _out_by(file: FromClause, day: date) -> ColumnElement[bool]:
    midnight = datetime.combine(day, time.max, UTC)
    return or_(file.c.published_on <= day, and_(file.c.published_on.is_(None), file.c.fetched_at <= midnight))
