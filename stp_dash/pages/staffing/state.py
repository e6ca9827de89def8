"""The staffing page's state: which definition of who is counted, by which parts of the area, on which day."""

from __future__ import annotations

from collections.abc import Sequence

from db.domain import Area, Indicator, Period
from stp_dash.analysis.series import holding
from stp_dash.analysis.wording import month_code
from stp_dash.elements.links import STAFFING
from stp_dash.frame.request import PageRequest
from stp_dash.frame.state import PageState, Parameter, choice_parameter, month_parameter

PARTS = ("ccg", "practice")
"""The parts of the area that can be compared, by what addresses call them: its places, and its practices."""


def parts_words(area: Area, by: str) -> tuple[str, str]:
    """One of the parts in words, and several: an area whose CCGs all go on as they are has its sub-ICB locations."""
    if by == "practice":
        return "practice", "practices"
    return ("CCG area", "CCG areas") if area.ccgs else ("sub-ICB location", "sub-ICB locations")


class StaffingState(PageState):
    """Raises ParameterError for a definition of which nothing is held."""

    path = STAFFING
    parameters = (
        Parameter("definition"),
        choice_parameter("by", PARTS, "ccg or practice", "ccg"),
        month_parameter("period"),
        Parameter("organisation"),
    )

    def __init__(self, request: PageRequest, definitions: Sequence[Indicator]) -> None:
        super().__init__(request)
        by_id = {item.id: item for item in definitions}
        asked = request.one_of("definition", by_id, "one of the definitions of who is counted")
        self.default = definitions[0]
        self.chosen = by_id[asked] if asked else self.default
        self.values["definition"] = "" if self.chosen is self.default else self.chosen.id
        self.by = self.values["by"]

    def definition_address(self, item: Indicator) -> str:
        """The address of the page by another definition."""
        return self.address(definition=None if item is self.default else item.id)

    def day(self, held: Sequence[Period]) -> Period | None:
        """The day asked for, or the last one held, newest first. Raises ParameterError."""
        month = self.request.month()
        if not held or month is None:
            return held[0] if held else None
        found = holding(held, month)
        if found is None:
            nearest = min(held, key=lambda item: abs((item.start - month).days))
            links = [(nearest.label, self.address(period=month_code(nearest)))]
            raise self.refused("period", "a month with a staff count", links)
        return found
