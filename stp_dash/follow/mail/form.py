"""The page's card on e-mails: the form that asks for them, and the buttons behind the links of mails."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from stp_dash.analysis.wording import date_text
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import card, notice
from stp_dash.elements.links import FOLLOW
from stp_dash.follow.following import topics_by_name
from stp_dash.follow.mail.digest import monthly_day
from stp_dash.follow.read import followed
from stp_dash.follow.state import SAID, FollowState
from stp_dash.frame.reader import StoreReader

_OFFERED = (
    (
        "release",
        "With each publication",
        "What is worst and what changed, on the day on which new figures are loaded.",
    ),
    ("monthly", "Once a month", "On the first working day after the cancer figures."),
    (
        "rules",
        "Only when something breaks a rule",
        "A change better or worse, a standard met or missed, overdue figures.",
    ),
)


def said_notice(state: FollowState) -> list[Component]:
    """What came of a form, or the button that a link of a mail leads to."""
    if state.values["confirm"]:
        return [_button(state, "confirm", "Do you want e-mails?", "Yes, write to me")]
    if state.values["stop"]:
        return [_button(state, "stop", "Stop e-mails?", "Stop, and erase my address")]
    if not state.values["said"]:
        return []
    heading, words = SAID[state.values["said"]]
    return [html.Div(notice(heading, html.P(words)), role="status")]


def _button(state: FollowState, what: str, heading: str, words: str) -> Component:
    form = html.Form(
        [
            dcc.Input(type="hidden", name="t", value=state.values[what]),
            html.Button(words, type="submit", className="btn primary"),
        ],
        action=f"{FOLLOW}/{what}",
        method="post",
    )
    return notice(heading, form)


def without_mail() -> Component:
    """In the form's place, where the site cannot write."""
    words = "Whoever runs this site has set no mail server, so that it cannot write to you. The feeds say the same."
    return notice("No e-mails from this site", html.P(words))


def mail_card(reader: StoreReader, state: FollowState) -> Component:
    """The form that asks for e-mails."""
    request = state.request
    topics = topics_by_name(request.site.store.catalogue.indicators.values()).values()
    places = [(code, reader.names.get(code) or code) for code in followed(request.area)]
    places[0] = (places[0][0], request.area.name)
    today = request.site.today()
    day = monthly_day(today)
    if day < today:
        day = monthly_day(today.replace(day=28) + timedelta(days=4))
    month = f"Next {date_text(day)}"
    ways = [
        _tick("radio", "how_often", value, words, f"{hint} {month}." if value == "monthly" else hint)
        for value, words, hint in _OFFERED
    ]
    area = request.parameters.get("area")
    carried = [dcc.Input(type="hidden", name="area", value=area)] if area else []
    form = html.Form(
        [
            *carried,
            _group("How often", ways, "often"),
            _group(
                "About what: all, if you choose none",
                [_tick("checkbox", "topic", item, item) for item in topics],
            ),
            _group(
                "For where: all, if you choose none",
                [_tick("checkbox", "organisation", code, name) for code, name in places],
            ),
            html.Label("E-mail address", htmlFor="follow-address", className="l"),
            html.Div(
                [
                    dcc.Input(
                        type="email",
                        name="address",
                        id="follow-address",
                        required=True,
                        maxLength=254,
                        autoComplete="email",
                    ),
                    html.Button("Ask for e-mails", type="submit", className="btn primary"),
                ],
                className="ask-line",
            ),
            html.P(
                "We first send one message to make sure that the address is yours. Each e-mail ends with a link that "
                "stops them at once.",
                className="small sec",
            ),
        ],
        action=f"{FOLLOW}/ask",
        method="post",
        className="ask",
    )
    kept = (
        "Free, without an account, at most one a day. We keep your address, under a key, and these choices."
    )
    return card(html.H2("By e-mail"), html.P(kept, className="small sec"), form)


def _group(legend: str, ticks: Sequence[Component], class_name: str = "") -> Component:
    return html.Fieldset(
        [html.Legend(legend), html.Div(list(ticks), className=f"ticks {class_name}".strip())]
    )


def _tick(kind: str, name: str, value: str, words: str, hint: str = "") -> Component:
    ident = f"follow-{name}-{value}".replace(" ", "-").lower()
    told = [html.B(words), html.Span(hint, className="small sec")] if hint else words
    box = dcc.Input(type=kind, name=name, id=ident, value=value, required=kind == "radio")
    return html.Div([box, html.Label(told, htmlFor=ident)], className="tick")
