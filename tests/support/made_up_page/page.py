"""A made-up page: of when the newest figures are, by topic."""

from __future__ import annotations

from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from stp_dash.elements import html
from stp_dash.elements.components import Choice, Control
from stp_dash.elements.links import OVERVIEW
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from tests.support.made_up_page.cards import made_up_cards
from tests.support.made_up_page.read import MadeUpReader
from tests.support.made_up_page.sheet import newest_sheet
from tests.support.made_up_page.state import PATH, MadeUpState
from tests.support.made_up_page.words import made_up_title


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The page for `?topic=`, of all topics by default."""
    held = MadeUpReader(request, connection, version).newest()
    state = MadeUpState(request, list(held))
    newest = {
        name: period
        for topic, own in held.items()
        if state.topic in ("", topic)
        for name, period in own.items()
    }
    sheet = newest_sheet(newest)
    topics = [Choice("All", state.address(topic=None), not state.topic)]
    topics += [Choice(topic, state.address(topic=topic), topic == state.topic) for topic in held]
    return Page(
        title=made_up_title(newest),
        body=[html.Div(made_up_cards(state, sheet), className="grid")],
        crumbs=((request.area.name, state.elsewhere(OVERVIEW)), ("Made up", "")),
        controls=[Control("topic", "Topic", tuple(topics))],
        state=state.address(),
        sheets=[sheet],
    )


PAGE = PageSpec(PATH, "Made up", build, parameters=MadeUpState.parameter_names(), in_navigation=True)
