"""Which rules a series is judged by: what is recorded, what each set says of it now, and the forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from db.domain.decision import RecordedRules
from db.figures.decisions.words import LONGEST_REASON, LONGEST_ROLE
from stp_dash.analysis.claims import change_words
from stp_dash.analysis.standing.assurance import assurance_of
from stp_dash.analysis.wording import capitalised, date_text
from stp_dash.elements import Component, html
from stp_dash.elements.components import card, card_head
from stp_dash.elements.forms import button, choice, entry, field, form
from stp_dash.elements.links import NOTES
from stp_dash.pages.trend.notes.forms import NotesPlace
from stp_dash.pages.trend.series import TrendSeries
from stp_dash.statistics.profiles import NATIONAL, PROFILES

CHOOSE_RULES, WITHDRAW_RULES = f"{NOTES}/rules", f"{NOTES}/withdraw-rules"
RULES_FIELDS = ("rules_choice", "rules_reason", "rules_role")


def rules_section(place: NotesPlace, trend: TrendSeries, typed: Mapping[str, str], token: str) -> Component:
    """The card: what is recorded and why, what each set of rules says of the series now, and the form."""
    chosen = trend.chosen_rules
    told = (
        html.P(f"Nobody has chosen: the {NATIONAL.title} are used.") if chosen is None else _recorded(chosen)
    )
    left: list[Component] = [told]
    if token and chosen is not None:
        left.append(_withdrawal(place, chosen, token))
    shown = [html.Div([html.Dt(item.title), html.Dd(_said(trend, item.name))]) for item in PROFILES.values()]
    seen = chosen.id if chosen else 0
    right = [
        html.P("What each says of this series now:"),
        html.Dl(shown, className="facts"),
        html.P(
            "A choice is a judgement: both sets are in use in the NHS. Pages, packs, files and feeds use it for this "
            "series alone.",
            className="small sec",
        ),
        *([_choice_form(place, typed, seen, token)] if token else []),
    ]
    halves = [html.Div(left, className="half"), html.Div(right, className="half")]
    return card(card_head("Rules of this chart"), html.Div(halves, className="abreast"))


def _recorded(chosen: RecordedRules) -> Component:
    when = date_text(chosen.recorded_at.date())
    reason = capitalised(chosen.reason.rstrip("."))
    return html.P(
        [
            html.B(f"{PROFILES[chosen.profile].title} since {when}. "),
            f"{reason}. Decided by: {chosen.role}.",
        ]
    )


def _said(trend: TrendSeries, profile: str) -> str:
    control = replace(trend, profile=profile).control
    return f"{change_words.change_word(control)}; {assurance_of(control).words}"


def _choice_form(place: NotesPlace, typed: Mapping[str, str], seen: int, token: str) -> Component:
    rules = [("", "Choose a set of rules"), *((item.name, item.title) for item in PROFILES.values())]
    parts = [
        field(
            "This series is judged by",
            choice("rules_choice", "rules_choice", rules, typed.get("rules_choice", "")),
            "rules_choice",
        ),
        field(
            "Why",
            entry("rules_reason", "rules_reason", typed.get("rules_reason", ""), longest=LONGEST_REASON),
            "rules_reason",
            hint=f"{LONGEST_REASON} characters at most. Readers see it beside the limits.",
        ),
        field(
            "Who decided",
            entry("rules_role", "rules_role", typed.get("rules_role", ""), longest=LONGEST_ROLE),
            "rules_role",
            hint="Their role, and no name.",
        ),
        html.Div([button("Record the choice", primary=True)], className="acts"),
    ]
    return form(
        CHOOSE_RULES, token, parts, hidden={**place.hidden, "rules_seen": str(seen)}, class_name="noting"
    )


def _withdrawal(place: NotesPlace, chosen: RecordedRules, token: str) -> Component:
    ident = "withdraw-rules"
    reason = html.Div(
        [
            html.Label("Why it is withdrawn", htmlFor=ident, className="l"),
            entry("rules_reason", ident, "", longest=LONGEST_REASON),
        ],
        className="f",
    )
    act = button("Withdraw", label=f"Withdraw: {PROFILES[chosen.profile].title}")
    hidden = {**place.hidden, "rules_seen": str(chosen.id), "rules_role": chosen.role}
    return form(WITHDRAW_RULES, token, [reason, act], hidden=hidden, class_name="noting")
