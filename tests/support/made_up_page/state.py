"""The made-up page's state: which topic."""

from __future__ import annotations

from collections.abc import Sequence

from stp_dash.frame.request import PageRequest
from stp_dash.frame.state import PageState, Parameter

PATH = "/made-up"


class MadeUpState(PageState):
    """Raises ParameterError for a topic of which nothing is held."""

    path = PATH
    parameters = (Parameter("topic"),)

    def __init__(self, request: PageRequest, topics: Sequence[str]) -> None:
        super().__init__(request)
        self.topic = self.values["topic"]
        if self.topic and self.topic not in topics:
            links = [(topic, self.address(topic=topic)) for topic in topics]
            raise self.refused("topic", "a topic with figures", links)
