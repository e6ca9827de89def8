"""What pages read: small typed rows, in queries that walk an index and never scan the observations."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, select

from db.domain import ALL, Frequency, OrganisationType, Period
from db.domain.columns import Columns
from db.domain.file import FileReference
from db.domain.holdings import DataVersion, Freshness, LatestPeriod, PublicationDay
from db.domain.organisation import OrganisationChoice
from db.figures.keys import breakdown_id, id_of, ids_of
from db.store.data_state import DATA_VERSION
from db.store.schema import (
    breakdown,
    indicator,
    latest_period,
    observation,
    organisation,
    organisation_parent,
    period,
    source_file,
    store_meta,
)


def latest_periods(connection: Connection) -> tuple[LatestPeriod, ...]:
    """The last period of each indicator for each organisation type and frequency."""
    columns = (indicator.c.code, latest_period.c.organisation_type, latest_period.c.period_id)
    statement = select(*columns).join_from(latest_period, indicator)
    return tuple(
        LatestPeriod(row.code, OrganisationType(row.organisation_type), Period.from_key(row.period_id))
        for row in connection.execute(statement)
    )


def periods_with(
    connection: Connection,
    *,
    indicators: Collection[str],
    organisations: Collection[str],
    breakdown_key: str = ALL,
) -> tuple[Period, ...]:
    """The periods, newest first, in which any of a few organisations has a row of any of the indicators.

    One index look-up for each known period, not a walk through the rows.
    """
    conditions = [
        observation.c.indicator_id.in_(ids_of(indicator, indicators)),
        observation.c.period_id == period.c.id,
        observation.c.breakdown_id == breakdown_id(breakdown_key),
        observation.c.organisation_id.in_(ids_of(organisation, organisations)),
    ]
    statement = select(period.c.id).where(_exists(conditions)).order_by(period.c.id.desc())
    return tuple(Period.from_key(row.id) for row in connection.execute(statement))


def periods_of(connection: Connection, frequencies: Collection[Frequency]) -> tuple[Period, ...]:
    """The periods of some frequencies that the store knows, in order, whoever has figures in them."""
    wanted = [frequency.value for frequency in frequencies]
    found = connection.execute(select(period.c.id).where(period.c.frequency.in_(wanted))).scalars()
    return tuple(sorted(Period.from_key(key) for key in found))


def periods_by_type(
    connection: Connection,
    *,
    indicator_code: str,
    types: Collection[OrganisationType],
    breakdown_key: str = ALL,
) -> dict[OrganisationType, tuple[Period, ...]]:
    """The periods, newest first, in which each type of organisation has a row of an indicator.

    Of each type's periods up to its latest only the existence of a row is asked for, under the keys.
    """
    breakdown_number = breakdown_id(breakdown_key)
    same = [
        observation.c.indicator_id == latest_period.c.indicator_id,
        observation.c.period_id == period.c.id,
        observation.c.breakdown_id == breakdown_number,
    ]
    of_type = (
        select(organisation.c.id)
        .join(observation, observation.c.organisation_id == organisation.c.id)
        .where(organisation.c.type == latest_period.c.organisation_type, *same)
        .correlate(latest_period, period)
    )
    of_any = select(observation.c.indicator_id).where(*same).correlate(latest_period, period)
    statement = (
        select(latest_period.c.organisation_type, period.c.id)
        .join_from(latest_period, period, period.c.frequency == latest_period.c.frequency)
        .where(latest_period.c.indicator_id == id_of(indicator, indicator_code))
        .where(latest_period.c.organisation_type.in_([kind.value for kind in types]))
        .where(period.c.id <= latest_period.c.period_id)
        .where(of_any.exists(), of_type.exists())
    )
    found: dict[OrganisationType, list[Period]] = {}
    for kind, key in connection.execute(statement):
        found.setdefault(OrganisationType(kind), []).append(Period.from_key(key))
    return {kind: tuple(sorted(periods, reverse=True)) for kind, periods in found.items()}


def breakdowns_with(
    connection: Connection,
    *,
    indicator_code: str,
    organisation_code: str | None = None,
    at: Period | None = None,
) -> tuple[str, ...]:
    """The breakdown keys of an indicator that an organisation, or any in a period, has; `all` first."""
    of_indicator = observation.c.indicator_id == id_of(indicator, indicator_code)
    if organisation_code is not None:
        walked = select(observation.c.breakdown_id).where(
            of_indicator, observation.c.organisation_id == id_of(organisation, organisation_code)
        )
        within = walked if at is None else walked.where(observation.c.period_id == at.key)
        known: ColumnElement[bool] = breakdown.c.id.in_(within.distinct())
    else:
        periods = [at.key] if at is not None else select(period.c.id)
        same = [of_indicator, observation.c.breakdown_id == breakdown.c.id]
        known = _exists([*same, observation.c.period_id.in_(periods)])
    keys = [row.key for row in connection.execute(select(breakdown.c.key).where(known))]
    return tuple(sorted(keys, key=lambda key: (key != ALL, key)))


def organisations_with(
    connection: Connection,
    *,
    indicator_code: str,
    types: Collection[OrganisationType],
    breakdown_key: str = ALL,
) -> tuple[OrganisationChoice, ...]:
    """The organisations of some types that have a row of an indicator, by name."""
    conditions = [
        observation.c.organisation_id == organisation.c.id,
        observation.c.indicator_id == id_of(indicator, indicator_code),
        observation.c.breakdown_id == breakdown_id(breakdown_key),
    ]
    statement = (
        select(organisation.c.code, organisation.c.name, organisation.c.type)
        .where(organisation.c.type.in_([kind.value for kind in types]))
        .where(_exists(conditions))
        .order_by(organisation.c.name, organisation.c.code)
    )
    return tuple(
        OrganisationChoice(row.code, row.name, OrganisationType(row.type))
        for row in connection.execute(statement)
    )


def organisations_named(connection: Connection, codes: Collection[str]) -> dict[str, OrganisationChoice]:
    """Organisations that the store knows, by code: those that a source vouches for are in no catalogue."""
    statement = select(organisation.c.code, organisation.c.name, organisation.c.type).where(
        organisation.c.code.in_(sorted(codes))
    )
    return {
        row.code: OrganisationChoice(row.code, row.name, OrganisationType(row.type))
        for row in connection.execute(statement)
    }


def members_of(
    connection: Connection, *, parents: Collection[str], types: Collection[OrganisationType]
) -> tuple[OrganisationChoice, ...]:
    """The organisations of some types that belong, or once belonged, to any of a few others, by name."""
    own = select(organisation_parent.c.organisation_id).where(
        organisation_parent.c.parent_id.in_(ids_of(organisation, parents))
    )
    statement = (
        select(organisation.c.code, organisation.c.name, organisation.c.type)
        .where(organisation.c.id.in_(own))
        .where(organisation.c.type.in_([kind.value for kind in types]))
        .order_by(organisation.c.name, organisation.c.code)
    )
    return tuple(
        OrganisationChoice(row.code, row.name, OrganisationType(row.type))
        for row in connection.execute(statement)
    )


def freshness(connection: Connection) -> tuple[Freshness, ...]:
    """How recent each source is, by source id."""
    ends = (
        select(indicator.c.source, func.max(period.c.end).label("latest_end"))
        .join_from(latest_period, indicator)
        .join(period, latest_period.c.period_id == period.c.id)
        .group_by(indicator.c.source)
        .subquery()
    )
    statement = (
        select(
            source_file.c.source,
            func.max(source_file.c.published_on).label("published_on"),
            func.max(source_file.c.loaded_at).label("loaded_at"),
            func.max(ends.c.latest_end).label("latest_end"),
        )
        .join_from(source_file, ends, ends.c.source == source_file.c.source, isouter=True)
        .group_by(source_file.c.source)
        .order_by(source_file.c.source)
    )
    return tuple(
        Freshness(row.source, row.latest_end, row.published_on, row.loaded_at)
        for row in connection.execute(statement)
    )


def publication_days(connection: Connection) -> tuple[PublicationDay, ...]:
    """The days on which figures came out, newest first: what `AsOf.published_by` can tell apart."""
    columns = (source_file.c.source, source_file.c.published_on, source_file.c.fetched_at)
    days = {
        PublicationDay(row.published_on or row.fetched_at.date(), row.source, row.published_on is not None)
        for row in connection.execute(select(*columns))
    }
    return tuple(sorted(days, key=lambda item: (-item.on.toordinal(), item.source, not item.published)))


def loaded_on(connection: Connection, number: int) -> date | None:
    """The day (UTC) of a data version; None where the store has no such file, or removed it as demonstration data."""
    moment = connection.execute(select(source_file.c.loaded_at).where(source_file.c.id == number)).scalar()
    return None if moment is None else moment.date()


def _version_statement() -> Select[Any]:
    newest = select(source_file.c.id).order_by(source_file.c.id.desc()).limit(1).scalar_subquery()
    state = select(store_meta.c.value).where(store_meta.c.name == DATA_VERSION).scalar_subquery()
    invented = select(source_file.c.id).where(source_file.c.demonstration).limit(1).scalar_subquery()
    genuine = (
        select(source_file.c.id).where(source_file.c.demonstration.is_(False)).limit(1).scalar_subquery()
    )
    return select(
        source_file.c.id,
        source_file.c.loaded_at,
        state.label("state"),
        invented.label("invented"),
        genuine.label("genuine"),
    ).where(source_file.c.id == newest)


_VERSION = _version_statement()
"""Made once: every request begins with it."""


def data_version(connection: Connection) -> DataVersion:
    """Which state of the data the store holds, and whether any of it is demonstration data: one query."""
    row = connection.execute(_VERSION).first()
    if row is None:
        return DataVersion(0, None, demonstration=False)
    demonstration = row.invented is not None
    mixed = demonstration and row.genuine is not None
    loaded = row.loaded_at.date() if row.loaded_at else None
    return DataVersion(row.id, loaded, demonstration, mixed, int(row.state or 0))


def _exists(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Only keys are asked for, so that the covering index answers alone."""
    inner = select(observation.c.indicator_id).where(and_(*conditions))
    return inner.correlate(period, breakdown, organisation).exists()


def slice_columns(
    connection: Connection,
    *,
    indicator_code: str,
    at: Collection[Period],
    types: Collection[OrganisationType] = (),
    breakdown_key: str = ALL,
) -> Columns:
    """The figures of all organisations of some types, or of any, for one indicator in a few periods.

    Thousands of practices cost no row objects.
    """
    columns = (
        observation.c.period_id,
        observation.c.organisation_id,
        observation.c.denominator,
        observation.c.value,
        observation.c.numerator,
        observation.c.maturity,
        observation.c.basis,
        observation.c.derived,
        observation.c.source_file_id,
    )
    statement = (
        select(*columns)
        .where(observation.c.indicator_id == id_of(indicator, indicator_code))
        .where(observation.c.period_id.in_([item.key for item in at]))
        .where(observation.c.breakdown_id == breakdown_id(breakdown_key))
    )
    if types:
        statement = statement.where(observation.c.organisation_id.in_(_of_types(types)))
    return Columns.of(_rows(connection, statement))


def history_columns(
    connection: Connection,
    *,
    indicator_code: str,
    types: Collection[OrganisationType],
    at: Collection[Period],
    breakdown_key: str = ALL,
) -> Columns:
    """The values of all organisations of some types in some periods, without counts, maturity and files.

    Read from the covering index alone.
    """
    statement = (
        select(
            observation.c.period_id,
            observation.c.organisation_id,
            observation.c.denominator,
            observation.c.value,
        )
        .where(observation.c.organisation_id.in_(_of_types(types)))
        .where(observation.c.indicator_id == id_of(indicator, indicator_code))
        .where(observation.c.breakdown_id == breakdown_id(breakdown_key))
        .where(observation.c.period_id.in_([item.key for item in at]))
    )
    return Columns.of(_rows(connection, statement))


def _of_types(types: Collection[OrganisationType]) -> Select[tuple[int]]:
    return select(organisation.c.id).where(organisation.c.type.in_([kind.value for kind in types]))


def _rows(connection: Connection, statement: Select[Any]) -> list[Any]:
    """Rows of whole numbers and floats as the driver gives them: row objects would cost more than the query."""
    with connection.execute(statement) as result:
        return list(result.cursor.fetchall()) if result.cursor is not None else []


def organisation_keys(connection: Connection) -> dict[int, OrganisationChoice]:
    """Every organisation of the store by the key that `Columns` name it with."""
    statement = select(organisation.c.id, organisation.c.code, organisation.c.name, organisation.c.type)
    return {
        row.id: OrganisationChoice(row.code, row.name, OrganisationType(row.type))
        for row in connection.execute(statement)
    }


def file_keys(connection: Connection) -> dict[int, FileReference]:
    """Every file of the store by the key that `Columns` name it with."""
    columns = (source_file.c.name, source_file.c.title, source_file.c.url, source_file.c.published_on)
    statement = select(source_file.c.id, *columns, source_file.c.demonstration)
    return {
        row.id: FileReference(row.id, row.name, row.title, row.url, row.published_on, bool(row.demonstration))
        for row in connection.execute(statement)
    }
