"""What the store holds: for which periods, breakdowns and organisations there are figures, from keys alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    ScalarSelect,
    and_,
    func,
    select,
    union_all,
)

from db.catalogue import load_catalogue
from db.domain import ALL, Frequency, OrganisationType, Period
from db.domain.holdings import CodeLists, Holdings, LatestPeriod
from db.domain.organisation import OrganisationChoice, TrustKind
from db.domain.reading import NOW, AsOf
from db.figures.as_of import stood_before_undo
from db.figures.keys import breakdown_id, id_of, ids_of
from db.figures.observations import known_ids
from db.store.schema import (
    breakdown,
    indicator,
    latest_period,
    observation,
    observation_former,
    organisation,
    period,
    period_held,
    undo,
    value_details,
)

_KEY = ("indicator_id", "period_id", "breakdown_id", "organisation_id")


def undone_since(connection: Connection, as_of: AsOf) -> bool:
    """Whether a file was undone, or put back, since a data version, which then held other rows than stand today."""
    if as_of.version is None:
        return False
    return connection.execute(select(undo.c.id).where(undo.c.id > as_of.version).limit(1)).first() is not None


def _held(connection: Connection, as_of: AsOf) -> FromClause:
    """The keys of the rows that are held: today's and, for a data version before an undo, those that stood then."""
    if as_of.version is None or not undone_since(connection, as_of):
        return observation
    former = observation_former
    return union_all(
        select(*(observation.c[name] for name in _KEY)),
        select(*(former.c[name] for name in _KEY)).where(*stood_before_undo(as_of.version)),
    ).subquery("held")


def latest_periods(connection: Connection, as_of: AsOf = NOW) -> tuple[LatestPeriod, ...]:
    """The last period of each indicator for each organisation type and frequency."""
    columns = (indicator.c.code, latest_period.c.organisation_type, latest_period.c.period_id)
    rows = [tuple(row) for row in connection.execute(select(*columns).join_from(latest_period, indicator))]
    if as_of.version is not None and undone_since(connection, as_of):
        former = observation_former
        then = (
            select(indicator.c.code, organisation.c.type, func.max(former.c.period_id))
            .join(indicator, indicator.c.id == former.c.indicator_id)
            .join(organisation, organisation.c.id == former.c.organisation_id)
            .join(period, period.c.id == former.c.period_id)
            .where(*stood_before_undo(as_of.version))
            .group_by(indicator.c.code, organisation.c.type, period.c.frequency)
        )
        rows += [tuple(row) for row in connection.execute(then)]
    newest: dict[tuple[str, str, Frequency], Period] = {}
    for code, kind, key in rows:
        found = Period.from_key(key)
        place = (code, kind, found.frequency)
        newest[place] = max(newest.get(place, found), found, key=lambda item: item.key)
    return tuple(
        LatestPeriod(code, OrganisationType(kind), found) for (code, kind, _), found in newest.items()
    )


def periods_with(
    connection: Connection,
    *,
    indicators: Collection[str],
    organisations: Collection[str],
    breakdown_key: str = ALL,
    as_of: AsOf = NOW,
) -> tuple[Period, ...]:
    """The periods, newest first, in which any of a few organisations has a row of any of the indicators.

    One index look-up for each known period, not a walk through the rows.
    """
    held = _held(connection, as_of)
    conditions = [
        held.c.indicator_id.in_(ids_of(indicator, indicators)),
        held.c.period_id == period.c.id,
        held.c.breakdown_id == breakdown_id(breakdown_key),
        held.c.organisation_id.in_(ids_of(organisation, organisations)),
    ]
    statement = select(period.c.id).where(_exists(held, conditions)).order_by(period.c.id.desc())
    return tuple(Period.from_key(row.id) for row in connection.execute(statement))


def periods_of(connection: Connection, frequencies: Collection[Frequency]) -> tuple[Period, ...]:
    """The periods of some frequencies that the store knows, in order, whoever has figures in them."""
    wanted = [frequency.value for frequency in frequencies]
    found = connection.execute(select(period.c.id).where(period.c.frequency.in_(wanted))).scalars()
    return tuple(sorted(Period.from_key(key) for key in found))


def periods_by_trust_kind(
    connection: Connection, *, indicator_code: str
) -> dict[TrustKind, tuple[Period, ...]]:
    """The periods, newest first, in which any file placed trusts of each kind, by an indicator's rows."""
    columns = (value_details.c.trust_kind, value_details.c.period_id)
    statement = (
        select(*columns)
        .where(value_details.c.indicator_id.in_(ids_of(indicator, [indicator_code])))
        .where(value_details.c.trust_kind.is_not(None))
        .distinct()
        .order_by(value_details.c.period_id.desc())
    )
    found: dict[TrustKind, list[Period]] = {}
    for kind, key in connection.execute(statement):
        found.setdefault(TrustKind(kind), []).append(Period.from_key(key))
    return {kind: tuple(periods) for kind, periods in found.items()}


def periods_by_type(
    connection: Connection,
    *,
    indicator_code: str,
    types: Collection[OrganisationType],
    breakdown_key: str = ALL,
    as_of: AsOf = NOW,
) -> dict[OrganisationType, tuple[Period, ...]]:
    """The periods, newest first, in which each type of organisation has a row of an indicator."""
    wanted, number = [kind.value for kind in types], breakdown_id(breakdown_key)
    now = select(period_held.c.organisation_type, period_held.c.period_id).where(
        period_held.c.indicator_id == id_of(indicator, indicator_code),
        period_held.c.breakdown_id == number,
        period_held.c.organisation_type.in_(wanted),
    )
    rows = [tuple(row) for row in connection.execute(now)]
    if as_of.version is not None and undone_since(connection, as_of):
        former = observation_former
        then = (
            select(organisation.c.type, former.c.period_id)
            .join(organisation, organisation.c.id == former.c.organisation_id)
            .where(former.c.indicator_id == id_of(indicator, indicator_code), former.c.breakdown_id == number)
            .where(organisation.c.type.in_(wanted), *stood_before_undo(as_of.version))
        )
        rows += [tuple(row) for row in connection.execute(then)]
    found: dict[OrganisationType, set[Period]] = {}
    for kind, key in rows:
        found.setdefault(OrganisationType(kind), set()).add(Period.from_key(key))
    return {kind: tuple(sorted(periods, reverse=True)) for kind, periods in found.items()}


def breakdowns_with(
    connection: Connection,
    *,
    indicator_code: str,
    organisation_code: str | None = None,
    at: Period | None = None,
    as_of: AsOf = NOW,
) -> tuple[str, ...]:
    """The breakdown keys of an indicator that an organisation, or any in a period, has; `all` first."""
    held = _held(connection, as_of)
    of_indicator = held.c.indicator_id == id_of(indicator, indicator_code)
    if organisation_code is not None:
        walked = select(held.c.breakdown_id).where(
            of_indicator, held.c.organisation_id == id_of(organisation, organisation_code)
        )
        within = walked if at is None else walked.where(held.c.period_id == at.key)
        known: ColumnElement[bool] = breakdown.c.id.in_(within.distinct())
    else:
        periods = [at.key] if at is not None else select(period.c.id)
        same = [of_indicator, held.c.breakdown_id == breakdown.c.id]
        known = _exists(held, [*same, held.c.period_id.in_(periods)])
    keys = [row.key for row in connection.execute(select(breakdown.c.key).where(known))]
    return tuple(sorted(keys, key=lambda key: (key != ALL, key)))


def organisations_with(
    connection: Connection,
    *,
    indicator_code: str,
    types: Collection[OrganisationType],
    breakdown_key: str = ALL,
    as_of: AsOf = NOW,
) -> tuple[OrganisationChoice, ...]:
    """The organisations of some types that have a row of an indicator, by name."""
    held = _held(connection, as_of)
    conditions = [
        held.c.organisation_id == organisation.c.id,
        held.c.indicator_id == id_of(indicator, indicator_code),
        held.c.breakdown_id == breakdown_id(breakdown_key),
    ]
    statement = (
        select(organisation.c.code, organisation.c.name, organisation.c.type)
        .where(organisation.c.type.in_([kind.value for kind in types]))
        .where(_any_row(held, conditions).is_not(None))
        .order_by(organisation.c.name, organisation.c.code)
    )
    return tuple(
        OrganisationChoice(row.code, row.name, OrganisationType(row.type))
        for row in connection.execute(statement)
    )


def holdings(
    connection: Connection, code_lists: CodeLists, codes: Collection[str], as_of: AsOf = NOW
) -> Holdings:
    """What is held of a few organisations, from the index by organisation alone.

    Projections are left out: they stand beside what they project, and their periods are to come.
    """
    held = _held(connection, as_of)
    statement = (
        select(held.c.indicator_id, held.c.period_id)
        .where(_counted_of(held, code_lists, codes))
        .where(held.c.breakdown_id == code_lists.breakdown_ids.get(ALL, 0))
        .distinct()
    )
    periods: dict[str, list[Period]] = {}
    for number, key in connection.execute(statement):
        periods.setdefault(code_lists.indicators[number], []).append(Period.from_key(key))
    return Holdings({code: tuple(sorted(found, reverse=True)) for code, found in periods.items()})


def newest_by_breakdown(
    connection: Connection, code_lists: CodeLists, codes: Collection[str], as_of: AsOf = NOW
) -> dict[str, dict[str, Period]]:
    """By indicator the last period of each breakdown that a few organisations have, projections left out, from their
    index alone.
    """
    held = _held(connection, as_of)
    statement = (
        select(held.c.indicator_id, held.c.breakdown_id, func.max(held.c.period_id))
        .where(_counted_of(held, code_lists, codes))
        .group_by(held.c.indicator_id, held.c.breakdown_id)
    )
    found: dict[str, dict[str, Period]] = {}
    for number, cut, last in connection.execute(statement):
        found.setdefault(code_lists.indicators[number], {})[code_lists.breakdowns[cut]] = Period.from_key(
            last
        )
    return found


def _counted_of(held: FromClause, code_lists: CodeLists, codes: Collection[str]) -> ColumnElement[bool]:
    """The rows of some organisations that are no projections."""
    projections = [item.id for item in load_catalogue().indicators.values() if item.projects]
    return and_(
        held.c.organisation_id.in_(known_ids(code_lists.organisation_ids, codes)),
        held.c.indicator_id.not_in(known_ids(code_lists.indicator_ids, projections)),
    )


def _exists(held: FromClause, conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    """Only keys are asked for, so that an index answers alone."""
    inner = select(held.c.indicator_id).where(and_(*conditions))
    return inner.correlate(period, breakdown, organisation).exists()


def _any_row(held: FromClause, conditions: Sequence[ColumnElement[bool]]) -> ScalarSelect[int]:
    """The indicator of one row, looked up for each organisation: of `_exists` PostgreSQL makes a join, and reads every
    row of the indicator for it."""
    return select(held.c.indicator_id).where(*conditions).limit(1).correlate(organisation).scalar_subquery()
