"""What the store already holds of a source, as far as the checks before a load need it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, func, select

from db.domain import ALL, Basis, OrganisationType
from db.domain.observation import BASIS_CODES
from db.store.schema import breakdown, indicator, observation, organisation, period, source_file


@dataclass(frozen=True)
class Coverage:
    """One period of an indicator on one basis: the organisations that report it, and their counts added."""

    period_key: int
    organisations: int
    numerator: float
    denominator: float


def coverage_before(
    connection: Connection, indicator_code: str, basis: str, period_key: int, *, demonstration: bool = False
) -> Coverage | None:
    """The newest period held before `period_key`, of the same frequency and basis; None where there is none.

    Roll-ups are left out. `demonstration` chooses between invented and real figures.
    """
    indicator_id = select(indicator.c.id).where(indicator.c.code == indicator_code).scalar_subquery()
    all_id = select(breakdown.c.id).where(breakdown.c.key == ALL).scalar_subquery()
    table = (
        observation.c.indicator_id == indicator_id,
        observation.c.breakdown_id == all_id,
        observation.c.basis == BASIS_CODES[basis],
    )
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
    row = connection.execute(
        select(
            func.count().label("organisations"),
            func.coalesce(func.sum(observation.c.numerator), 0.0).label("numerator"),
            func.coalesce(func.sum(observation.c.denominator), 0.0).label("denominator"),
        )
        .join(organisation, organisation.c.id == observation.c.organisation_id)
        .join(source_file, source_file.c.id == observation.c.source_file_id)
        .where(*table, observation.c.period_id == newest, ~_is_roll_up(basis))
        .where(source_file.c.demonstration.is_(demonstration))
    ).one()
    if not row.organisations:
        return None
    return Coverage(newest, row.organisations, row.numerator, row.denominator)


_ABOVE = {
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
    Basis.NATIONAL: (OrganisationType.COUNTRY,),
}
"""The organisation types that, on each basis, only sums of ours can have."""


def _is_roll_up(basis: str) -> ColumnElement[bool]:
    parents = [item.value for item in _ABOVE[Basis(basis)]]
    return and_(observation.c.derived == 1, organisation.c.type.in_(parents))
