"""What the store already holds of a source's files: so that nothing is fetched or loaded twice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, exists, func, select

from db.catalogue.levels import plans
from db.domain import Period
from db.store.schema import indicator, latest_period, observation, period, source_file


@dataclass(frozen=True)
class CacheValidators:
    """What a publisher said of a file's version when it was last fetched: HTTP's ETag and Last-Modified."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class SourceExtent:
    """What is loaded of a source: `data_to` is the newest period, `loaded_at` (UTC) when the newest file came in."""

    data_to: Period | None
    files: int
    loaded_at: datetime | None


def validators_of(
    connection: Connection, url: str, *, source: str, hints: str, parser_version: int
) -> CacheValidators | None:
    """What an address's file was when it was last loaded with these hints and this parser, if the publisher said.

    None where that file is undone: its bytes are looked at again, so that a person is told.
    """
    statement = select(source_file.c.etag, source_file.c.last_modified, source_file.c.undone_by).where(
        source_file.c.source == source,
        source_file.c.url == url,
        source_file.c.hints == hints,
        source_file.c.parser_version == parser_version,
    )
    row = connection.execute(statement.order_by(source_file.c.id.desc()).limit(1)).first()
    if row is None or row.undone_by is not None or not (row.etag or row.last_modified):
        return None
    return CacheValidators(row.etag, row.last_modified)


def is_loaded(
    connection: Connection, url: str, names: Collection[str], *, source: str, parser_version: int
) -> bool:
    """Whether this parser has loaded a file from an address or, by hand, one of these names."""
    by_hand = (source_file.c.url == "") & source_file.c.name.in_(names)
    statement = select(source_file.c.id).where(
        source_file.c.source == source,
        source_file.c.parser_version == parser_version,
        (source_file.c.url == url) | by_hand,
    )
    return connection.execute(statement.limit(1)).first() is not None


def spans_with_figures(
    connection: Connection, source: str, first: date, last: date
) -> list[tuple[date, date]]:
    """The first and last days of the periods, within a span of days, for which a source has figures."""
    figures = exists().where(
        observation.c.indicator_id == indicator.c.id,
        observation.c.period_id == period.c.id,
        indicator.c.source == source,
    )
    statement = select(period.c.start, period.c.end).where(
        period.c.start <= last, period.c.end >= first, figures
    )
    return [(row.start, row.end) for row in connection.execute(statement)]


def extent_of_source(connection: Connection, source: str) -> SourceExtent:
    """How far a source's figures reach, plans apart, and how many files they came in."""
    newest = connection.execute(
        select(func.max(latest_period.c.period_id))
        .join(indicator, indicator.c.id == latest_period.c.indicator_id)
        .where(indicator.c.source == source, indicator.c.code.not_in(plans()))
    ).scalar()
    files, loaded_at = connection.execute(
        select(func.count(), func.max(source_file.c.loaded_at)).where(
            source_file.c.source == source, source_file.c.undone_by.is_(None)
        )
    ).one()
    return SourceExtent(Period.from_key(newest) if newest else None, files, loaded_at)
