"""The card "Against the plan": the last months with a plan beside what came, and whose plan it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.domain.decision import RecordedPlan
from stp_dash.analysis.noted.plans import plan_gap
from stp_dash.analysis.wording import capitalised, date_text, value_text
from stp_dash.elements import Component, html
from stp_dash.elements.components import card, disclosure, table
from stp_dash.pages.trend.series import TrendRow, TrendSeries

_MONTHS = 5


@dataclass(frozen=True)
class PlanCard:
    """Rows of month, plan, figure and how far it is behind, the newest first; whose plan, and the plans before it."""

    rows: tuple[tuple[str, str, str, str], ...]
    source: str
    earlier: tuple[str, ...]

    @property
    def texts(self) -> list[str]:
        """What stands under the table."""
        return [self.source]


def plan_card_of(trend: TrendSeries, rows: Sequence[TrendRow]) -> PlanCard | None:
    """The card; None where nothing is planned for the series."""
    plan, indicator = trend.plan, trend.indicator
    if plan is None or not trend.planned:
        return None
    months = [
        (row, planned)
        for row in reversed(rows)
        if (planned := trend.planned.get(row.period.start)) is not None and row.known is not None
    ]
    told = [
        (
            row.period.short_label,
            value_text(indicator, planned),
            value_text(indicator, row.known.value),
            capitalised(plan_gap(indicator, row.known, planned).brief),
        )
        for row, planned in months[:_MONTHS]
        if row.known is not None
    ]
    standing = [item for item in plan.plans if item.withdrawn_at is None]
    earlier = [item for item in plan.plans if item is not standing[0]]
    source = (
        f"{_whose(standing[0])}. A plan is the organisation's own: it is no standard and gives no verdict."
    )
    return PlanCard(tuple(told), source, tuple(map(_whose, earlier)))


def _whose(plan: RecordedPlan) -> str:
    gone = "" if plan.withdrawn_at is None else f", withdrawn {date_text(plan.withdrawn_at.date())}"
    return f"{plan.name}, {plan.role}, entered {date_text(plan.recorded_at.date())}{gone}"


def against_plan_card(view: PlanCard) -> Component:
    """The table, whose plan it is, and those that it followed."""
    told = (
        table("Against the plan, the newest month first", ("Month", "Plan", "Actual", "Gap"), view.rows,
              class_name="plain against")
        if view.rows
        else html.P("No month with a plan has a figure yet.")
    )  # fmt: skip
    items = html.Ul([html.Li(words) for words in view.earlier])
    earlier = [disclosure("Earlier plans", items, class_name="source")] if view.earlier else []
    return card(html.H2("Against the plan"), told, html.P(view.source, className="small sec"), *earlier)
