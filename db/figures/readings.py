"""Readings: organisations' values with where they came from, now or as of another time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, select, union_all

from db.domain import ALL, Basis, Frequency, Maturity, OrganisationType, Period
from db.domain.file import FileReference
from db.domain.observation import BASIS_CODES
from db.domain.reading import NOW, AsOf, Reading
from db.figures.as_of import still_standing, stood_then, winners
from db.figures.keys import breakdown_id, id_of, ids_of, periods_between
from db.store.schema import breakdown, indicator, observation, observation_revision, organisation, source_file

_BASES = {code: Basis(name) for name, code in BASIS_CODES.items()}
_MATURITIES = {int(item): item for item in Maturity}
_TYPES = {item.value: item for item in OrganisationType}

Where = Callable[[Table], list[ColumnElement[bool]]]
"""The conditions of a query, for the table of rows that stand or the table of those that once did."""


def readings(
    connection: Connection,
    *,
    indicators: Collection[str],
    organisations: Collection[str],
    frequencies: Collection[Frequency],
    since: date,
    until: date,
    breakdown_key: str = ALL,
    as_of: AsOf = NOW,
) -> tuple[Reading, ...]:
    """The readings of some organisations and indicators whose periods start between two days (inclusive).

    Ordered by indicator, organisation and period. Every part of the primary key is given by a short list, so the
    store looks rows up one by one and reads no others.
    """
    if not indicators or not organisations:
        return ()

    def where(rows: Table) -> list[ColumnElement[bool]]:
        return [
            rows.c.organisation_id.in_(ids_of(organisation, organisations)),
            rows.c.indicator_id.in_(ids_of(indicator, indicators)),
            rows.c.breakdown_id == breakdown_id(breakdown_key),
            rows.c.period_id.in_(periods_between(frequencies, since, until)),
        ]

    return _read(connection, where, as_of)


def slice_of(
    connection: Connection,
    *,
    indicator_code: str,
    at: Period,
    types: Collection[OrganisationType],
    breakdown_key: str = ALL,
    as_of: AsOf = NOW,
) -> tuple[Reading, ...]:
    """Every organisation of some types with a reading of one indicator in one period, by code."""

    def where(rows: Table) -> list[ColumnElement[bool]]:
        return [
            rows.c.indicator_id == id_of(indicator, indicator_code),
            rows.c.period_id == at.key,
            rows.c.breakdown_id == breakdown_id(breakdown_key),
            organisation.c.type.in_([kind.value for kind in types]),
        ]

    return _read(connection, where, as_of)


def _read(connection: Connection, where: Where, as_of: AsOf) -> tuple[Reading, ...]:
    """One query: the rows that still stand and, as of another time, those that stood then."""
    current = rows_of(observation).where(*where(observation), *still_standing(as_of))
    if as_of.now:
        rows = list(connection.execute(current).all())
    else:
        former = rows_of(observation_revision).where(*where(observation_revision), *stood_then(as_of))
        rows = winners(connection.execute(union_all(current, former)).all())
    rows.sort(key=lambda row: (row.indicator, row.organisation, row.period_id))
    return tuple(readings_of(rows))


def rows_of(rows: Table) -> Select[Any]:
    """Rows of `observation` or `observation_revision` with all that a reading says; to be narrowed by the caller."""
    return (
        select(
            indicator.c.code.label("indicator"),
            organisation.c.code.label("organisation"),
            organisation.c.name.label("organisation_name"),
            organisation.c.type.label("organisation_type"),
            breakdown.c.key.label("breakdown"),
            rows.c.period_id,
            rows.c.numerator,
            rows.c.denominator,
            rows.c.value,
            rows.c.missing_reason,
            rows.c.basis,
            rows.c.maturity,
            rows.c.derived,
            source_file.c.id.label("file_id"),
            source_file.c.name.label("file_name"),
            source_file.c.title,
            source_file.c.url,
            source_file.c.published_on,
            source_file.c.latest_period_end,
            source_file.c.demonstration,
        )
        .join_from(rows, indicator, rows.c.indicator_id == indicator.c.id)
        .join(organisation, rows.c.organisation_id == organisation.c.id)
        .join(breakdown, rows.c.breakdown_id == breakdown.c.id)
        .join(source_file, rows.c.source_file_id == source_file.c.id)
    )


def readings_of(rows: Iterable[Row[Any]]) -> list[Reading]:
    """Rows of `rows_of` as readings; what many of them share is made once."""
    files: dict[int, FileReference] = {}
    periods: dict[int, Period] = {}
    found = []
    for row in rows:
        if row.file_id not in files:
            files[row.file_id] = _file(row)
        if row.period_id not in periods:
            periods[row.period_id] = Period.from_key(row.period_id)
        found.append(_reading(row, periods[row.period_id], files[row.file_id]))
    return found


def _file(row: Row[Any]) -> FileReference:
    return FileReference(
        row.file_id, row.file_name, row.title, row.url, row.published_on, bool(row.demonstration)
    )


def _reading(row: Row[Any], at: Period, file: FileReference) -> Reading:
    return Reading(
        indicator=row.indicator,
        organisation=row.organisation,
        organisation_name=row.organisation_name,
        organisation_type=_TYPES[row.organisation_type],
        period=at,
        breakdown=row.breakdown,
        numerator=row.numerator,
        denominator=row.denominator,
        value=row.value,
        missing_reason=row.missing_reason or "",
        basis=_BASES[row.basis],
        maturity=_MATURITIES[row.maturity],
        derived=bool(row.derived),
        files=(file,),
    )
