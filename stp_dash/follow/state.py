"""The page's address: the area, the month of its calendar, and what a form has just done."""

from __future__ import annotations

from stp_dash.elements.links import FOLLOW
from stp_dash.frame.request import PageRequest
from stp_dash.frame.state import PageState, month_parameter


class FollowState(PageState):
    """`?area=&month=YYYY-MM`."""

    path = FOLLOW
    parameters = (month_parameter("month"),)

    def __init__(self, request: PageRequest) -> None:
        super().__init__(request)
        self.month = request.month("month") or request.site.today().replace(day=1)
