"""Plans that people hand in: what would change, the plan itself, its withdrawal, and what stands of all of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, func, insert, select, update

from db.domain.decision import PlannedValue, RecordedPlan, StandingPlan
from db.figures.decisions.words import DecisionError, LostChangeError, role_said, row_id, words_said
from db.store.audit import record
from db.store.data_state import raise_data_version
from db.store.schema import indicator, organisation, plan, plan_value

LONGEST_PLAN_NAME = 80
SeriesKey = tuple[str, str]
"""An indicator and an organisation, by their codes."""


@dataclass(frozen=True)
class PlanChanges:
    """What a plan would change: months that no plan had, those that another value stands for (before, after), and how
    many stand so already. `seen` is the newest plan that it was held against, 0 for none."""

    new: tuple[PlannedValue, ...]
    changed: tuple[tuple[float, PlannedValue], ...]
    same: int
    seen: int

    @property
    def words(self) -> str:
        """`12 months new, 2 changed, 10 as they stand`."""
        new = f"{len(self.new)} month{'' if len(self.new) == 1 else 's'} new"
        return f"{new}, {len(self.changed)} changed, {self.same} as they stand"


def newest_plan(connection: Connection) -> int:
    """The number of the last plan that was handed in; 0 before the first."""
    return int(connection.execute(select(func.max(plan.c.id))).scalar() or 0)


def plan_changes(connection: Connection, values: Sequence[PlannedValue]) -> PlanChanges:
    """Hold a plan against those that stand. Nothing is stored."""
    codes = {item.indicator for item in values}, {item.organisation for item in values}
    standing = standing_plans(connection, indicators=codes[0], organisations=codes[1])
    new, changed, same = [], [], 0
    for item in values:
        held = standing.get((item.indicator, item.organisation))
        before = held.values.get(item.month) if held else None
        if before is None:
            new.append(item)
        elif before != item.value:
            changed.append((before, item))
        else:
            same += 1
    return PlanChanges(tuple(new), tuple(changed), same, newest_plan(connection))


def add_plan(
    connection: Connection,
    values: Sequence[PlannedValue],
    *,
    name: str,
    role: str,
    by: str = "",
    file_name: str = "",
    seen: int | None = None,
) -> int:
    """Record a plan whole, and give its number. `seen` is the newest plan that it was held against, None for whichever.

    Raises LostChangeError where somebody else has handed in a plan since, and DecisionError for no values, an unknown
    indicator or organisation, and a name or a role that says nothing or too much.
    """
    name, role = words_said("name", name, LONGEST_PLAN_NAME), role_said(role)
    if not values:
        raise DecisionError("plan: wanted at least one month, found none")
    raise_data_version(connection)
    if seen is not None and newest_plan(connection) != seen:
        raise LostChangeError("somebody else has handed in a plan meanwhile: look again at what would change")
    about = {"name": name, "role": role, "file_name": file_name, "recorded_at": datetime.now(UTC)}
    number = int(connection.execute(insert(plan).values(about).returning(plan.c.id)).scalar_one())
    indicators = {item.indicator: 0 for item in values}
    organisations = {item.organisation: 0 for item in values}
    for table, codes in ((indicator, indicators), (organisation, organisations)):
        for code in codes:
            codes[code] = row_id(connection, table, code)
    rows = [
        {
            "plan_id": number,
            "indicator_id": indicators[item.indicator],
            "organisation_id": organisations[item.organisation],
            "month": item.month,
            "value": item.value,
        }
        for item in values
    ]
    connection.execute(insert(plan_value), rows)
    record(connection, by or role, "plan recorded", f"plan {number}", f"{name}: {len(rows)} months")
    return number


def withdraw_plan(connection: Connection, number: int, *, role: str, by: str = "") -> None:
    """Withdraw a plan: what stood before it stands again. Raises DecisionError where none stands under the number."""
    role = role_said(role)
    raise_data_version(connection)
    standing = update(plan).where(plan.c.id == number, plan.c.withdrawn_at.is_(None))
    if not connection.execute(standing.values(withdrawn_at=datetime.now(UTC))).rowcount:
        raise LostChangeError(f"wanted a plan that stands, found none with the number {number}")
    name = connection.execute(select(plan.c.name).where(plan.c.id == number)).scalar_one()
    record(connection, by or role, "plan withdrawn", f"plan {number}", name)


def organisations_planned(connection: Connection, number: int) -> frozenset[str]:
    """The codes of the organisations that a plan is for."""
    of = select(organisation.c.code).join(plan_value, plan_value.c.organisation_id == organisation.c.id)
    return frozenset(connection.execute(of.where(plan_value.c.plan_id == number).distinct()).scalars())


def standing_plans(
    connection: Connection,
    *,
    indicators: Collection[str] | None = None,
    organisations: Collection[str] | None = None,
) -> dict[SeriesKey, StandingPlan]:
    """What stands of the plans for some indicators and organisations (all of them when None), in one query.

    Withdrawn plans are among a series' plans, and give no values.
    """
    statement = (
        select(
            plan,
            indicator.c.code.label("indicator"),
            organisation.c.code.label("organisation"),
            plan_value.c.month,
            plan_value.c.value,
        )
        .join(plan_value, plan_value.c.plan_id == plan.c.id)
        .join(indicator, indicator.c.id == plan_value.c.indicator_id)
        .join(organisation, organisation.c.id == plan_value.c.organisation_id)
        .order_by(plan.c.id, plan_value.c.month)
    )
    if indicators is not None:
        statement = statement.where(indicator.c.code.in_(sorted(indicators)))
    if organisations is not None:
        statement = statement.where(organisation.c.code.in_(sorted(organisations)))
    values: dict[SeriesKey, dict[date, float]] = {}
    plans: dict[SeriesKey, dict[int, RecordedPlan]] = {}
    origins: dict[SeriesKey, dict[date, RecordedPlan]] = {}
    for row in connection.execute(statement):
        key = (row.indicator, row.organisation)
        found = RecordedPlan(row.id, row.name, row.role, row.recorded_at, row.withdrawn_at, row.file_name)
        plans.setdefault(key, {})[row.id] = found
        standing, origin = values.setdefault(key, {}), origins.setdefault(key, {})
        if row.withdrawn_at is None:
            standing[row.month], origin[row.month] = row.value, found
    return {
        key: StandingPlan(
            standing, tuple(sorted(plans[key].values(), key=lambda item: -item.id)), origins[key]
        )
        for key, standing in values.items()
    }
