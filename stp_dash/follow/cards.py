"""The cards of the page: feeds, the calendar to follow, what was told last, and what is published when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from db.domain.timing import TIME_ZONE
from db.service.follow.news import News
from db.service.follow.teams import Team
from stp_dash.analysis.wording import capitalised, date_text, number_word
from stp_dash.elements import Component, Content, html
from stp_dash.elements.components import aria, card, card_foot, card_head, current_link
from stp_dash.elements.links import CALENDAR, FEEDS, OVERVIEW, href, kept
from stp_dash.follow.feeds import entry_title
from stp_dash.follow.following import topics_by_name
from stp_dash.follow.published import PublicationDate, PublicationState
from stp_dash.follow.state import FollowState
from stp_dash.frame.state import KEPT

_MARKS = {
    PublicationState.DUE: "due",
    PublicationState.CAME: "ok",
    PublicationState.LOADED: "unchanged",
    PublicationState.OVERDUE: "late",
}
_WEEK = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_DAY = timedelta(days=1)
TOLD_LAST = 6


def address_line(address: str, label: str) -> Component:
    """An address to be copied."""
    copied = {"data-address": address}
    return html.Div(
        [
            html.Code(address, tabIndex=0, **aria(label=label)),
            html.Button(
                ["Copy", html.Span(f" the address: {label}", className="vh")],
                type="button",
                className="btn copy",
                **copied,
            ),
        ],
        className="address-line",
    )


def feed_card(state: FollowState) -> Component:
    """Feeds of the area and of its topics."""
    area = state.request.parameters.get("area")
    topics = topics_by_name(state.request.site.store.catalogue.indicators.values())
    links: list[Content] = []
    for name, topic in topics.items():
        links += [html.A(topic, href=href(f"{FEEDS}.atom", area=area, topic=name)), " · "]
    return card(
        html.H2("By feed"),
        html.P("For a feed reader, an intranet page or a script. One entry for each thing that changed."),
        html.P("Atom", className="l"),
        address_line(href(f"{FEEDS}.atom", area=area), "Atom feed"),
        html.P("JSON Feed", className="l"),
        address_line(href(f"{FEEDS}.json", area=area), "JSON feed"),
        html.P(["Of one topic: ", *links[:-1]], className="small"),
        html.P(
            "Each trend and each organisation has a feed of its own: programs find it from the page’s address.",
            className="small sec",
        ),
    )


def calendar_card(state: FollowState) -> Component:
    """The calendar of publications, to be followed in one's own."""
    return card(
        html.H2("In your calendar"),
        html.P("When each publication is due, and when it came. Works with Outlook and phones."),
        address_line(href(CALENDAR, area=state.request.parameters.get("area")), "Calendar of publications"),
    )


def team_card(found: Sequence[Team]) -> Component:
    """The teams that are told, and how the last message to each went; where each is written to is shown to nobody."""
    rows = [
        html.Li(
            [
                html.Span(item.name),
                html.Span(_last_words(item), className=f"mk {'late' if item.refused else 'ok'}"),
            ]
        )
        for item in found
    ]
    shown = (
        [html.Ul(rows, className="teams")] if rows else [html.P("No team is told yet.", className="small")]
    )
    return card(
        html.H2("To a team"),
        html.P("A message to a team’s channel when something changed. Set by whoever runs this site."),
        *shown,
    )


def _last_words(item: Team) -> str:
    if item.refused:
        return f"Refused {'once' if item.refused == 1 else f'{item.refused} times'}"
    if item.last_sent_at is None:
        return "Nothing sent yet"
    at = item.last_sent_at.astimezone(TIME_ZONE)
    return f"Last sent {at.day} {at:%B, %H:%M}"


def told_card(found: Sequence[News], state: FollowState) -> Component:
    """What was told last, the newest first."""
    items = [
        html.Li(
            [
                html.Span(date_text(item.told_at.astimezone(TIME_ZONE).date()), className="sec"),
                html.A(entry_title(item), href=kept(item.path, state.request.parameters, KEPT)),
            ]
        )
        for item in found[:TOLD_LAST]
    ]
    shown = (
        html.Ul(items, className="told-last")
        if items
        else html.P("Nothing has changed since figures were first loaded.")
    )
    rule = (
        "Told once, when it has stood for three months or quarters; nothing of fewer than 20 patients. "
        "New data, overdue publications and what people add at once."
    )
    return card(html.H2("Told last"), shown, html.P(rule, className="small sec"))


def month_card(
    dates: Sequence[PublicationDate], state: FollowState, owners: str, *, demonstration: bool
) -> Component:
    """What is published when in a month: weeks of five days, on a phone a list of the days that have any."""
    today, month = state.request.site.today(), state.month
    shown = [item for item in dates if (item.on.year, item.on.month) == (month.year, month.month)]
    before, after = (month - _DAY).replace(day=1), (month + 32 * _DAY).replace(day=1)
    links = [
        html.A("Earlier", href=state.address(calendar=f"{before:%Y-%m}")),
        current_link(f"{month:%B %Y}", state.address(calendar=f"{month:%Y-%m}"), current=True, kind="true"),
        html.A("Later", href=state.address(calendar=f"{after:%Y-%m}")),
    ]
    grid = _list(shown, today) if state.request.width == "phone" else _weeks(shown, month, today)
    keys = [
        html.Span(capitalised(kind.value), className=f"mk {_MARKS[kind]}")
        for kind in _MARKS
        if kind is not PublicationState.LOADED or any(item.state is kind for item in shown)
    ]
    mark = " · Demonstration data" if demonstration else ""
    return card(
        card_head("What is published when", html.Nav(links, className="tabs", **aria(label="Month"))),
        html.P(_sentence(shown), className="month-sentence"),
        grid,
        html.Div(keys, className="key"),
        card_foot(
            "Days as the publishers give them; where they name none, about this day.", f"{owners}{mark}"
        ),
    )


def _sentence(shown: Sequence[PublicationDate]) -> str:
    """`Three publications came and two are still to come. Stroke is 6 days overdue.`"""
    due = sum(item.state is PublicationState.DUE for item in shown)
    late = [item for item in shown if item.state is PublicationState.OVERDUE]
    came = len(shown) - due - len(late)
    if not shown:
        return "No publication came, and none is due."
    parts = []
    if came:
        parts.append(f"{number_word(came)} {'publication' if came == 1 else 'publications'} came")
    if due:
        noun = "" if came else (" publication" if due == 1 else " publications")
        parts.append(f"{number_word(due)}{noun} {'is' if due == 1 else 'are'} due")
    told = [f"{capitalised(' and '.join(parts))}."] if parts else []
    told += [
        f"{item.words} is {item.overdue} {'day' if item.overdue == 1 else 'days'} overdue." for item in late
    ]
    return " ".join(told)


def _weeks(shown: Sequence[PublicationDate], month: date, today: date) -> Component:
    """A table of weeks; what falls on a weekend stands with its Friday, with its day."""
    first = month - month.weekday() * _DAY
    if month.weekday() > 4:
        first += 7 * _DAY
    rows = []
    monday = first
    while monday < (month + 32 * _DAY).replace(day=1):
        days = [monday + place * _DAY for place in range(5)]
        rows.append(html.Tr([_cell(day, month, today, shown) for day in days]))
        monday += 7 * _DAY
    heads = html.Tr([html.Th(name, scope="col") for name in _WEEK])
    whole = html.Table(
        [html.Caption(f"Publications in {month:%B %Y}", className="vh"), html.Thead(heads), html.Tbody(rows)],
        className="month",
    )
    return html.Div(whole, className="wide", tabIndex=0, role="region", **aria(label="Calendar"))


def _cell(day: date, month: date, today: date, shown: Sequence[PublicationDate]) -> Component:
    inside = (day.year, day.month) == (month.year, month.month)
    own = [day, day + _DAY, day + 2 * _DAY] if day.weekday() == 4 else [day]
    words = f"{day.day} {day:%B}" if day.day == 1 or not inside else str(day.day)
    head: Content = html.B(f"{words}, today") if day == today else words
    found = [_publication(item, named=item.on != day) for item in shown if item.on in own]
    classes = " ".join(name for name, so in (("now", day == today), ("out", not inside)) if so)
    return html.Td([html.Div(head, className="day"), *found], className=classes)


def _publication(item: PublicationDate, *, named: bool = False) -> Component:
    rest = item.period
    if item.state is PublicationState.OVERDUE:
        rest = f"{item.overdue} {'day' if item.overdue == 1 else 'days'} overdue"
    elif item.about and item.state is PublicationState.DUE:
        rest = f"{item.period}, about this day"
    if named:
        rest = f"{item.on:%A} {item.on.day}: {rest}" if rest else f"{item.on:%A} {item.on.day}"
    state = html.Span(f" {item.state.value}", className="vh")
    return html.Div([html.B(item.words), state, html.Span(rest)], className=f"mk pub {_MARKS[item.state]}")


def _list(shown: Sequence[PublicationDate], today: date) -> Component:
    items = [
        html.Li(
            [html.B(f"{item.on:%A} {item.on.day}{', today' if item.on == today else ''}"), _publication(item)]
        )
        for item in shown
    ]
    return html.Ul(items, className="month-list")


def overview_link(state: FollowState) -> tuple[str, str]:
    """Where the page stands: below its area."""
    return state.request.area.name, kept(OVERVIEW, state.request.parameters, KEPT)
