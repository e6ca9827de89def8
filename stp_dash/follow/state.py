"""The page's address: the area, the month of its calendar, and what a form or a link of a mail has just done."""

from __future__ import annotations

from stp_dash.elements.links import FOLLOW
from stp_dash.frame.request import PageRequest
from stp_dash.frame.state import PageState, Parameter, choice_parameter, month_parameter

SAID = {
    "asked": (
        "Look into your mail",
        "If the address can be written to, a mail is on its way. Open its link within two days: only then do we write.",
    ),
    "confirmed": (
        "You are written to",
        "We write when there is something to tell. Each mail has a link that stops them.",
    ),
    "stopped": ("No more e-mails", "You are written to no more, and the address is erased."),
    "address": ("No e-mail address", "Wanted an address such as name@example.nhs.uk. Nothing was kept."),
    "unclear": ("Not understood", "Choose how often, and topics and places of this page. Nothing was kept."),
    "link": (
        "This link holds no more",
        "It is older than two days, or incomplete. Ask again on the page Follow.",
    ),
    "later": ("Not now", "Nothing can be noted at this moment. Try again later."),
    "off": ("No e-mails from this site", "Whoever runs this site has set no mail server."),
}
"""What came of a form or a link: a heading and a sentence."""


class FollowState(PageState):
    """`?area=&calendar=YYYY-MM`; `said`, `confirm` and `stop` are written by the site itself."""

    path = FOLLOW
    parameters = (
        month_parameter("calendar"),
        choice_parameter("said", SAID, "what came of a form", ""),
        Parameter("confirm"),
        Parameter("stop"),
    )

    def __init__(self, request: PageRequest) -> None:
        super().__init__(request)
        self.month = request.month("calendar") or request.site.today().replace(day=1)
