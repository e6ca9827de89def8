"""What pages read: small typed rows, in queries that walk an index and never scan the observations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    ScalarSelect,
    Select,
    Table,
    and_,
    func,
    select,
)

from db.domain import ALL, Basis, Frequency, Maturity, OrganisationType, Period
from db.schema import (
    BASIS_CODES,
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

DATA_VERSION = "data_version"
"""The name in `store_meta` of the count of changes to what pages read."""
_BASES = {code: Basis(name) for name, code in BASIS_CODES.items()}


@dataclass(frozen=True, slots=True)
class FileReference:
    """The published file that a value was read from."""

    id: int
    name: str
    title: str
    url: str
    published_on: date | None
    demonstration: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """One organisation's value of one indicator in one period, with where it came from.

    `value` is in the indicator's unit (per cent is 0 to 100) and None where none was published, with
    `missing_reason` then saying why. A sum of several organisations names them in `members`, and then has one
    file for each different file of theirs.
    """

    indicator: str
    organisation: str
    organisation_name: str
    organisation_type: OrganisationType
    period: Period
    breakdown: str
    numerator: float | None
    denominator: float | None
    value: float | None
    missing_reason: str
    basis: Basis
    maturity: Maturity
    derived: bool
    files: tuple[FileReference, ...]
    members: tuple[str, ...] = ()

    @property
    def demonstration(self) -> bool:
        return any(file.demonstration for file in self.files)


@dataclass(frozen=True, slots=True)
class LatestPeriod:
    """The last period for which the store holds an indicator for a type of organisation."""

    indicator: str
    organisation_type: OrganisationType
    period: Period


@dataclass(frozen=True, slots=True)
class OrganisationChoice:
    code: str
    name: str
    type: OrganisationType


@dataclass(frozen=True, slots=True)
class Freshness:
    """How recent a source's data is: the last period held, when it was published and when it was loaded."""

    source: str
    latest_end: date | None
    published_on: date | None
    loaded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Seen:
    """As of when figures are read: now, as the store held them at a data version, or as published by a day.

    `version` is a `DataVersion.number`: files loaded later are left out. `published_by` leaves out files published
    later, whenever they were loaded.
    """

    version: int | None = None
    published_by: date | None = None

    @property
    def now(self) -> bool:
        return self.version is None and self.published_by is None


NOW = Seen()


@dataclass(frozen=True, slots=True)
class DataVersion:
    """Which state of the data a page shows: the last file loaded, and when. `number` 0 is an empty store.

    `demonstration` says that some numbers are invented, `mixed` that others are not. `state` rises with every
    change of what pages read, loads and recorded decisions alike: what is kept from one state is stale in the next.
    """

    number: int
    loaded_on: date | None
    demonstration: bool
    mixed: bool = False
    state: int = 0


def latest_periods(connection: Connection) -> tuple[LatestPeriod, ...]:
    """The last period of each indicator for each organisation type and frequency."""
    columns = (indicator.c.code, latest_period.c.organisation_type, latest_period.c.period_id)
    statement = select(*columns).join_from(latest_period, indicator)
    return tuple(
        LatestPeriod(row.code, OrganisationType(row.organisation_type), Period.from_key(row.period_id))
        for row in connection.execute(statement)
    )


def readings(
    connection: Connection,
    *,
    indicators: Collection[str],
    organisations: Collection[str],
    frequencies: Collection[Frequency],
    since: date,
    until: date,
    breakdown_key: str = ALL,
    seen: Seen = NOW,
) -> tuple[Reading, ...]:
    """The readings of some organisations and indicators whose periods start between two days (inclusive).

    Ordered by indicator, organisation and period. Every part of the primary key is given by a short list, so the
    store looks rows up one by one and reads no others.
    """
    if not indicators or not organisations:
        return ()
    statement = (
        _reading_columns()
        .where(observation.c.organisation_id.in_(_ids(organisation, organisations)))
        .where(observation.c.indicator_id.in_(_ids(indicator, indicators)))
        .where(observation.c.breakdown_id == _breakdown_id(breakdown_key))
        .where(observation.c.period_id.in_(_periods(frequencies, since, until)))
    )
    found = (_reading(row) for row in connection.execute(statement))
    return tuple(sorted(found, key=lambda item: (item.indicator, item.organisation, item.period)))


def slice_of(
    connection: Connection,
    *,
    indicator_code: str,
    at: Period,
    types: Collection[OrganisationType],
    breakdown_key: str = ALL,
    seen: Seen = NOW,
) -> tuple[Reading, ...]:
    """Every organisation of some types with a reading of one indicator in one period, by code."""
    statement = (
        _reading_columns()
        .where(observation.c.indicator_id == _id(indicator, indicator_code))
        .where(observation.c.period_id == at.key)
        .where(observation.c.breakdown_id == _breakdown_id(breakdown_key))
        .where(organisation.c.type.in_([kind.value for kind in types]))
    )
    return tuple(
        sorted((_reading(row) for row in connection.execute(statement)), key=lambda item: item.organisation)
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
        observation.c.indicator_id.in_(_ids(indicator, indicators)),
        observation.c.period_id == period.c.id,
        observation.c.breakdown_id == _breakdown_id(breakdown_key),
        observation.c.organisation_id.in_(_ids(organisation, organisations)),
    ]
    statement = select(period.c.id).where(_exists(conditions)).order_by(period.c.id.desc())
    return tuple(Period.from_key(row.id) for row in connection.execute(statement))


def periods_by_type(
    connection: Connection,
    *,
    indicator_code: str,
    types: Collection[OrganisationType],
    breakdown_key: str = ALL,
) -> dict[OrganisationType, tuple[Period, ...]]:
    """The periods, newest first, in which each type of organisation has a row of an indicator.

    Read from the covering index alone.
    """
    kinds = [kind.value for kind in types]
    of_types = select(organisation.c.id).where(organisation.c.type.in_(kinds))
    statement = (
        select(organisation.c.type, observation.c.period_id)
        .join_from(observation, organisation, observation.c.organisation_id == organisation.c.id)
        .where(observation.c.organisation_id.in_(of_types))
        .where(observation.c.indicator_id == _id(indicator, indicator_code))
        .where(observation.c.breakdown_id == _breakdown_id(breakdown_key))
        .distinct()
    )
    found: dict[OrganisationType, list[Period]] = {}
    for row in connection.execute(statement):
        found.setdefault(OrganisationType(row.type), []).append(Period.from_key(row.period_id))
    return {kind: tuple(sorted(periods, reverse=True)) for kind, periods in found.items()}


def breakdowns_with(
    connection: Connection,
    *,
    indicator_code: str,
    organisation_code: str | None = None,
    at: Period | None = None,
) -> tuple[str, ...]:
    """The breakdown keys of an indicator that an organisation, or any in a period, has; `all` first."""
    conditions: list[ColumnElement[bool]] = [
        observation.c.indicator_id == _id(indicator, indicator_code),
        observation.c.breakdown_id == breakdown.c.id,
    ]
    if organisation_code is not None:
        conditions.append(observation.c.organisation_id == _id(organisation, organisation_code))
    if at is not None:
        conditions.append(observation.c.period_id == at.key)
    statement = select(breakdown.c.key).where(_exists(conditions))
    keys = [row.key for row in connection.execute(statement)]
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
        observation.c.indicator_id == _id(indicator, indicator_code),
        observation.c.breakdown_id == _breakdown_id(breakdown_key),
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
        organisation_parent.c.parent_id.in_(_ids(organisation, parents))
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


def data_version(connection: Connection) -> DataVersion:
    """Which state of the data the store holds, and whether any of it is demonstration data: one query."""
    newest = select(source_file.c.id).order_by(source_file.c.id.desc()).limit(1).scalar_subquery()
    state = select(store_meta.c.value).where(store_meta.c.name == DATA_VERSION).scalar_subquery()
    invented = select(source_file.c.id).where(source_file.c.demonstration).limit(1).scalar_subquery()
    genuine = (
        select(source_file.c.id).where(source_file.c.demonstration.is_(False)).limit(1).scalar_subquery()
    )
    statement = select(
        source_file.c.id,
        source_file.c.loaded_at,
        state.label("state"),
        invented.label("invented"),
        genuine.label("genuine"),
    ).where(source_file.c.id == newest)
    row = connection.execute(statement).first()
    if row is None:
        return DataVersion(0, None, demonstration=False)
    demonstration = row.invented is not None
    mixed = demonstration and row.genuine is not None
    loaded_on = row.loaded_at.date() if row.loaded_at else None
    return DataVersion(row.id, loaded_on, demonstration, mixed, int(row.state or 0))


def _reading_columns() -> Select[Any]:
    return (
        select(
            indicator.c.code.label("indicator"),
            organisation.c.code.label("organisation"),
            organisation.c.name.label("organisation_name"),
            organisation.c.type.label("organisation_type"),
            breakdown.c.key.label("breakdown"),
            observation.c.period_id,
            observation.c.numerator,
            observation.c.denominator,
            observation.c.value,
            observation.c.missing_reason,
            observation.c.basis,
            observation.c.maturity,
            observation.c.derived,
            source_file.c.id.label("file_id"),
            source_file.c.name.label("file_name"),
            source_file.c.title,
            source_file.c.url,
            source_file.c.published_on,
            source_file.c.demonstration,
        )
        .join_from(observation, indicator, observation.c.indicator_id == indicator.c.id)
        .join(organisation, observation.c.organisation_id == organisation.c.id)
        .join(breakdown, observation.c.breakdown_id == breakdown.c.id)
        .join(source_file, observation.c.source_file_id == source_file.c.id)
    )


def _reading(row: Row[Any]) -> Reading:
    file = FileReference(
        row.file_id, row.file_name, row.title, row.url, row.published_on, bool(row.demonstration)
    )
    return Reading(
        indicator=row.indicator,
        organisation=row.organisation,
        organisation_name=row.organisation_name,
        organisation_type=OrganisationType(row.organisation_type),
        period=Period.from_key(row.period_id),
        breakdown=row.breakdown,
        numerator=row.numerator,
        denominator=row.denominator,
        value=row.value,
        missing_reason=row.missing_reason or "",
        basis=_BASES[row.basis],
        maturity=Maturity(row.maturity),
        derived=bool(row.derived),
        files=(file,),
    )


def _exists(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Only keys are asked for, so that the covering index answers alone."""
    inner = select(observation.c.indicator_id).where(and_(*conditions))
    return inner.correlate(period, breakdown, organisation).exists()


def _ids(table: Table, codes: Iterable[str]) -> Select[tuple[int]]:
    return select(table.c.id).where(table.c.code.in_(sorted(codes)))


def _id(table: Table, code: str) -> ScalarSelect[int]:
    return select(table.c.id).where(table.c.code == code).scalar_subquery()


def _breakdown_id(key: str) -> ScalarSelect[int]:
    return select(breakdown.c.id).where(breakdown.c.key == key).scalar_subquery()


def _periods(frequencies: Collection[Frequency], since: date, until: date) -> Select[tuple[int]]:
    return (
        select(period.c.id)
        .where(period.c.frequency.in_(sorted(item.value for item in frequencies)))
        .where(period.c.start.between(since, until))
    )
