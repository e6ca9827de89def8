"""What the service keeps and how long: the card on the operations page."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from db.service.retention import RetainedAmount, RetainedKind, Retention, next_clearing, retention_plan
from db.settings import Settings
from stp_dash.elements import Component, Content, html
from stp_dash.elements.components import card_head
from stp_dash.pages.operations.parts import rows
from stp_dash.pages.operations.words import count_words, moment_text, size_text

_HEADS = ("What", "Kept", "Now", "Goes next", "Why")
_WHY = {
    RetainedKind.RAW: "Each figure can be traced to its file; one that a figure rests on never goes",
    RetainedKind.HELD: "One that waits stays; a decided one can be looked at again for so long after the decision",
    RetainedKind.STRAY: "Neither loaded nor held by this store; another store may rest on them",
    RetainedKind.UPLOADS: "Each goes minutes after its load; the time is for those that were only checked, or left",
    RetainedKind.RUNS: "Long enough for an audit; a run that loaded or held a file stays with the file",
    RetainedKind.LOGS: "Long enough to look into what went wrong",
    RetainedKind.ATTEMPTS: "Who changed what stays in the audit",
}


def retention_card(
    connection: Connection, settings: Settings, version: DataVersion, now: datetime, width: str
) -> list[Component]:
    """Each kind: how long it is kept, how much there is, what goes at the next clearing, and why."""
    at = next_clearing(connection, now)
    plan = retention_plan(connection, settings, at)
    going = sum(item.goes.count for item in plan.kinds)
    when = f"The next clearing, {moment_text(at, now)}, removes " + (
        f"{going:,} of what is listed." if going else "nothing."
    )
    cells: list[list[Content]] = [
        [
            html.B("Figures, every version"),
            "for ever",
            count_words(version.number, "data version"),
            "nothing",
            "A pack or a link from any day opens as it was",
        ],
        *(_cells(item, at, now) for item in plan.kinds),
        [html.B("Audit"), "for ever", "", "nothing", "Who changed what, and when"],
    ]
    return [
        card_head("What we keep, and how long"),
        html.P(f"Figures and the files behind them are never cleared. {when}"),
        rows("What is kept, and how long", _HEADS, cells, width=width, class_name="retention"),
        html.P("How long is set in config.toml, [retention].", className="tiny sec"),
    ]


def _cells(item: Retention, at: datetime, now: datetime) -> list[Content]:
    when = "by" if item.kind is RetainedKind.UPLOADS else "on"
    goes = f"{_amount_text(item.goes)} {when} {moment_text(at, now)}" if item.goes.count else "nothing"
    kept = count_words(item.days, "day") if item.days else "for ever"
    return [html.B(item.kind.value), kept, _amount_text(item.now), goes, _WHY[item.kind]]


def _amount_text(amount: RetainedAmount) -> str:
    """How many, and their bytes where there are any."""
    return f"{amount.count:,}" + (f", {size_text(amount.size)}" if amount.size else "")
