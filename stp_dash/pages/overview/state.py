"""The overview's state: as at which month, as of when, and by which parts of the area."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import ClassVar

from db.domain import Period
from db.domain.holdings import PublicationDay
from stp_dash.analysis.wording import month_code, out_by
from stp_dash.elements.links import OVERVIEW
from stp_dash.frame.request import PageRequest
from stp_dash.frame.state import PageState, Parameter, choice_parameter, month_parameter
from stp_dash.pages.overview.figures import BY_CCG, BY_TRUST


class OverviewState(PageState):
    """Raises ParameterError for a month without figures.

    requested: the month asked for, None for the latest figures. today: the day that the page is of.
    """

    path = OVERVIEW
    parameters: ClassVar[tuple[Parameter, ...]] = (
        month_parameter("period"),
        choice_parameter("by", (BY_TRUST, BY_CCG), "trust or ccg", BY_TRUST),
    )

    def __init__(
        self,
        request: PageRequest,
        months: Sequence[Period],
        today: date,
        days: Sequence[PublicationDay] = (),
    ) -> None:
        """`months` are those that can be asked for, newest first; `days` those on which figures came out."""
        super().__init__(request)
        self.as_of, self.by, self.today = request.as_of(), self.values["by"], today
        self.days = days
        self.requested = self._requested(months)

    def _requested(self, months: Sequence[Period]) -> Period | None:
        day = self.request.month()
        found = next((item for item in months if item.start == day), None)
        if found is None and day is not None and months:
            nearest = min(months, key=lambda item: abs((item.start - day).days))
            links = [(nearest.label, self.address(period=month_code(nearest)))]
            raise self.refused("period", "a month that has figures", links)
        return found

    @property
    def words(self) -> str:
        """As of when the figures are: `published by 30 June 2025`; "" for now."""
        if self.as_of.published_by is not None:
            return out_by(self.as_of.published_by, self.days)
        return f"held at data version {self.as_of.version}" if self.as_of.version is not None else ""

    @property
    def until(self) -> date:
        """The last day that a period shown may end on."""
        if self.requested is not None:
            return self.requested.end
        return date.max if self.as_of.now else self.today
