"""The page's state: that of the overview, and the order of the challenges."""

from __future__ import annotations

from stp_dash.elements.links import CHALLENGES
from stp_dash.frame.state import choice_parameter
from stp_dash.pages.overview.state import OverviewState

BY_DIRECTION, BY_NUMBER = "direction", "number"


class ChallengesState(OverviewState):
    """Raises ParameterError for a month without figures."""

    path = CHALLENGES
    parameters = (
        *OverviewState.parameters,
        choice_parameter("order", (BY_DIRECTION, BY_NUMBER), "direction or number", BY_DIRECTION),
    )
