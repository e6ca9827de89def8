"""The cards of the made-up page."""

from __future__ import annotations

from stp_dash.analysis.sheet import Sheet
from stp_dash.elements import Component
from stp_dash.frame.figure_card import table_card
from tests.support.made_up_page.state import MadeUpState


def made_up_cards(state: MadeUpState, sheet: Sheet) -> list[Component]:
    """The one card: a table with its downloads."""
    return [table_card(state.request, state.address(), sheet)]
