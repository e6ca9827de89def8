"""The data page's state: whose series of which indicator it is about."""

from __future__ import annotations

from datetime import date
from functools import cached_property

from db.catalogue import LineageStep
from db.domain import ENGLAND
from stp_dash.elements.links import DATA
from stp_dash.frame.area import of_area, steps_of
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.state import PageState, Parameter, month_parameter


class DataState(PageState):
    """Raises ParameterError for an indicator or an organisation that there is not. Without one asked for, the first
    indicator is shown of which the store has figures."""

    path = DATA
    parameters = (Parameter("indicator"), Parameter("organisation"), month_parameter("period"))

    def __init__(self, reader: StoreReader) -> None:
        super().__init__(reader.request)
        self.area = self.request.area
        self.indicator = self.request.indicator(of_area(self.request, reader.indicators_held))
        self.values["indicator"] = self.indicator.id
        self.code = self.values["organisation"] or self.area.commissioner
        self.names = {**self.request.site.names(), ENGLAND: "England"}
        choice = reader.code_lists.organisation(self.code)
        if self.code not in self.names and choice is None:
            links = [
                (self.names.get(item, item), self.address(organisation=item))
                for item in (self.area.commissioner, *self.area.trusts)
            ]
            raise self.refused("organisation", "the code of an organisation", links)
        self.values["organisation"] = self.code
        self.name = self.names.get(self.code) or (choice.name if choice else self.code)

    @property
    def month(self) -> date | None:
        """The month whose revisions are asked for, None for those of every month."""
        return self.request.month()

    @cached_property
    def steps(self) -> tuple[LineageStep, ...]:
        """What the organisation was before."""
        return steps_of(self.request, self.code)

    @property
    def title(self) -> str:
        """What the page is about."""
        return f"{self.indicator.short_name}: what it is and where it comes from"
