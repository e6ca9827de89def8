"""The page `/follow`: how a reader hears when the numbers change."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from db.catalogue.source_files import publications
from db.domain.holdings import DataVersion
from db.service.follow.teams import teams
from stp_dash.analysis.wording import listing
from stp_dash.elements import html
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.links import FOLLOW
from stp_dash.follow.cards import (
    calendar_card,
    feed_card,
    month_card,
    overview_link,
    team_card,
    told_card,
)
from stp_dash.follow.following import following_of, news_of
from stp_dash.follow.mail.form import mail_card, said_notice, without_mail
from stp_dash.follow.published import publication_dates
from stp_dash.follow.routes import serve_feeds
from stp_dash.follow.state import FollowState
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec

TITLE = "Hear when the numbers change"
_BACK = 4
"""So many months before the present one can be chosen, and as many as a year after it."""


def follow_page(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?area=&calendar=YYYY-MM`."""
    state, reader = FollowState(request), StoreReader(request, connection, version)
    told = news_of(reader, following_of(reader)) if version.number else []
    dates = publication_dates(reader, state.month) if version.number else ()
    owners = listing(list(dict.fromkeys(publications()[item.source].publisher for item in dates)))
    mailing = bool(request.site.settings.mail.host)
    by_mail = mail_card(reader, state) if mailing else without_mail()
    body = html.Div(
        [
            html.Div([*said_notice(state), by_mail, told_card(told, state)], className="c8 stack"),
            html.Div(
                [feed_card(state), calendar_card(state), team_card(teams(connection))], className="c4 stack"
            ),
            month_card(dates, state, owners, demonstration=version.demonstration),
        ],
        className="grid follow",
    )
    return Page(
        title=TITLE,
        lede=f"By {'e-mail, ' if mailing else ''}feed or calendar, without an account. "
        "Each says what the page says: count, rate, what changed.",
        body=[body],
        crumbs=(overview_link(state), ("Follow", "")),
        controls=[_month(state)],
        state=state.address(said=None, confirm=None, stop=None),
    )


def _month(state: FollowState) -> Control:
    first = state.request.site.today().replace(day=1)
    for _ in range(_BACK):
        first = (first - timedelta(days=1)).replace(day=1)
    months = [first]
    while len(months) < _BACK + 13:
        months.append((months[-1] + timedelta(days=32)).replace(day=1))
    choices = [
        Choice(f"{item:%B %Y}", state.address(calendar=f"{item:%Y-%m}"), item == state.month)
        for item in sorted({*months, state.month})
    ]
    return Control("month", "Month", tuple(choices))


FOLLOW_PAGE = PageSpec(
    FOLLOW,
    "Follow",
    follow_page,
    needs_data=False,
    routes=serve_feeds,
    parameters=FollowState.parameter_names(),
)
