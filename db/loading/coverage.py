"""What the store already holds of a source, as far as the checks before a load need it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select

from db.domain import ALL, Basis, OrganisationType
from db.domain.observation import BASIS_CODES
from db.store.schema import breakdown, indicator, observation, organisation, period, source_file

PastFigure: TypeAlias = tuple[str, int, float | None, float | None]
"""An organisation's code, a period's key, and its numerator and denominator."""
MOST_PERIODS_ALIKE = 3


@dataclass(frozen=True)
class Coverage:
    """One period of an indicator on one basis: its organisations with their denominators, and all counts added.

    A member's denominator is NaN where its figure has no counts.
    """

    period_key: int
    members: Mapping[str, float]
    numerator: float
    denominator: float


@dataclass(frozen=True)
class StoredFigure:
    """An organisation's figure, in a form that equal figures have in common.

    None for a count that is not given; `value` only where there are no counts.
    """

    organisation: str
    numerator: float | None
    denominator: float | None
    value: float | None

    @classmethod
    def of(
        cls, organisation: str, numerator: float | None, denominator: float | None, value: float | None
    ) -> StoredFigure:
        """A figure of counts and value that may be NaN or None."""
        n, d, v = (
            None if item is None or math.isnan(item) else float(item)
            for item in (numerator, denominator, value)
        )
        return cls(organisation, n, d, None if d is not None else v)


def coverage_before(
    connection: Connection, indicator_code: str, basis: str, period_key: int, *, demonstration: bool = False
) -> Coverage | None:
    """The newest period held before `period_key`, of the same frequency and basis; None where there is none.

    Roll-ups are left out. `demonstration` chooses between invented and real figures.
    """
    table = _table(indicator_code, basis)
    earlier = (
        select(period.c.id)
        .where(period.c.id < period_key, period.c.id % 100 == period_key % 100)
        .where(select(observation.c.period_id).where(*table, observation.c.period_id == period.c.id).exists())
        .order_by(period.c.id.desc())
        .limit(1)
    )
    newest = connection.execute(earlier).scalar()
    if newest is None:
        return None
    rows = _rows(connection, indicator_code, basis, newest, demonstration)
    if not rows:
        return None
    return Coverage(
        newest,
        {row.code: math.nan if row.denominator is None else row.denominator for row in rows},
        sum(row.numerator or 0.0 for row in rows),
        sum(row.denominator or 0.0 for row in rows),
    )


def figures_before(
    connection: Connection,
    indicator_code: str,
    basis: str,
    period_key: int,
    periods: int,
    *,
    demonstration: bool = False,
) -> list[PastFigure]:
    """The headline counts of the newest periods held before one, of its frequency and basis, without roll-ups."""
    table = _table(indicator_code, basis)
    earlier = connection.execute(
        select(period.c.id)
        .where(period.c.id < period_key, period.c.id % 100 == period_key % 100)
        .where(select(observation.c.period_id).where(*table, observation.c.period_id == period.c.id).exists())
        .order_by(period.c.id.desc())
        .limit(periods)
    ).scalars()
    past = _figures(
        indicator_code,
        basis,
        demonstration,
        (organisation.c.code, observation.c.period_id, observation.c.numerator, observation.c.denominator),
        list(earlier),
    )
    # Tens of thousands, as the driver gives them: row objects would cost more than the query.
    with connection.execute(past) as result:
        return list(result.cursor.fetchall()) if result.cursor is not None else []


def figures_like(
    connection: Connection,
    indicator_code: str,
    basis: str,
    period_key: int,
    probes: Sequence[StoredFigure],
    *,
    least: int,
    demonstration: bool = False,
) -> dict[int, list[StoredFigure]]:
    """The figures of periods of this one's frequency in which at least so many of the probes stand as they are.

    At most a few periods, the newest of them, and this one itself where it is one of them.
    """
    if len(probes) < least:
        return {}
    standing = connection.execute(
        select(
            observation.c.period_id,
            organisation.c.code,
            observation.c.numerator,
            observation.c.denominator,
            observation.c.value,
        )
        .join(organisation, organisation.c.id == observation.c.organisation_id)
        .where(*_table(indicator_code, basis), organisation.c.code.in_([p.organisation for p in probes]))
        .where(observation.c.period_id % 100 == period_key % 100)
    )
    wanted = set(probes)
    alike = Counter(key for key, *figure in standing if StoredFigure.of(*figure) in wanted)
    found = [key for key, times in alike.items() if times >= least]
    newest = sorted(found, key=lambda key: (key != period_key, -key))[:MOST_PERIODS_ALIKE]
    return {
        key: [
            StoredFigure.of(row.code, row.numerator, row.denominator, row.value)
            for row in _rows(connection, indicator_code, basis, key, demonstration)
        ]
        for key in newest
    }


def _table(indicator_code: str, basis: str) -> tuple[ColumnElement[bool], ...]:
    """The headline figures of an indicator on a basis."""
    return (
        observation.c.indicator_id
        == select(indicator.c.id).where(indicator.c.code == indicator_code).scalar_subquery(),
        observation.c.breakdown_id == select(breakdown.c.id).where(breakdown.c.key == ALL).scalar_subquery(),
        observation.c.basis == BASIS_CODES[basis],
    )


def _rows(
    connection: Connection, indicator_code: str, basis: str, period_key: int, demonstration: bool
) -> Sequence[Row[str, float | None, float | None, float | None]]:
    """A period's headline figures by organisation, without roll-ups."""
    columns = (organisation.c.code, observation.c.numerator, observation.c.denominator, observation.c.value)
    return connection.execute(_figures(indicator_code, basis, demonstration, columns, [period_key])).all()


def _figures(
    indicator_code: str,
    basis: str,
    demonstration: bool,
    columns: Sequence[ColumnElement[Any]],
    periods: Collection[int],
) -> Select[Any]:
    """Some columns of the headline figures of some periods by organisation, without roll-ups."""
    return (
        select(*columns)
        .join(organisation, organisation.c.id == observation.c.organisation_id)
        .join(source_file, source_file.c.id == observation.c.source_file_id)
        .where(*_table(indicator_code, basis), observation.c.period_id.in_(periods), ~_is_roll_up(basis))
        .where(source_file.c.demonstration.is_(demonstration))
    )


SUMMED_TYPES = {
    Basis.PROVIDER: (OrganisationType.REGION, OrganisationType.COUNTRY),
    Basis.COMMISSIONER: (OrganisationType.REGION, OrganisationType.COUNTRY),
    Basis.SUB_ICB_LOCATION: (OrganisationType.ICB, OrganisationType.REGION, OrganisationType.COUNTRY),
    Basis.TEAM: (
        OrganisationType.TRUST,
        OrganisationType.ICB,
        OrganisationType.REGION,
        OrganisationType.COUNTRY,
    ),
    Basis.PRACTICE: (
        OrganisationType.CCG,
        OrganisationType.SUB_ICB_LOCATION,
        OrganisationType.ICB,
        OrganisationType.REGION,
        OrganisationType.COUNTRY,
    ),
    Basis.RESIDENCE: (OrganisationType.STATISTICAL_REGION, OrganisationType.COUNTRY),
    Basis.NATIONAL: (OrganisationType.COUNTRY,),
}
"""The organisation types that, on each basis, only sums of ours can have."""


def _is_roll_up(basis: str) -> ColumnElement[bool]:
    parents = [item.value for item in SUMMED_TYPES[Basis(basis)]]
    return and_(observation.c.derived == 1, organisation.c.type.in_(parents))
