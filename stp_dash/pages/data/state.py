"""The data page's state: whose series of which indicator it is about."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from db.catalogue import LineageStep
from db.domain import ENGLAND
from stp_dash.elements.links import DATA
from stp_dash.frame.area import steps_of
from stp_dash.frame.request import PageRequest
from stp_dash.frame.state import PageState, Parameter


class DataState(PageState):
    """Raises ParameterError for an indicator or an organisation that the catalogue does not have."""

    path = DATA
    parameters = (Parameter("indicator"), Parameter("organisation"))

    def __init__(self, request: PageRequest, held: Collection[str]) -> None:
        """`held` are the indicators of which the store has figures: the first of them is shown if none is asked."""
        super().__init__(request)
        self.area = request.site.settings.area
        self.indicator = request.indicator(held)
        self.values["indicator"] = self.indicator.id
        self.code = self.values["organisation"] or self.area.commissioner
        self.names = {**request.site.names(), ENGLAND: "England"}
        known = request.site.store.catalogue.organisations
        if self.code not in self.names and self.code not in known:
            links = [
                (self.names.get(item, item), self.address(organisation=item))
                for item in (self.area.commissioner, *self.area.trusts)
            ]
            raise self.refused("organisation", "the code of an organisation", links)
        self.values["organisation"] = self.code
        self.name = self.names.get(self.code) or known[self.code].name

    @cached_property
    def steps(self) -> tuple[LineageStep, ...]:
        """What the organisation was before."""
        return steps_of(self.request, self.code)

    @property
    def title(self) -> str:
        """What the page is about."""
        return f"{self.indicator.short_name}: what it is and where it comes from"
