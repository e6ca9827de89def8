"""What a pack is asked for: of which indicators, as at which month and as of when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from difflib import get_close_matches
from typing import ClassVar

from db.domain import Period
from db.domain.holdings import PublicationDay
from stp_dash.elements.links import PACK, SIGN_IN, href
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.state import Parameter, choice_parameter
from stp_dash.pages.overview.state import OverviewState

ALL_INDICATORS, FAILING = "all", "failing"
LANDSCAPE, PORTRAIT = PAPERS = "landscape", "portrait"
"""How the sheets of the PDF lie."""
WITH, WITHOUT = "with", "without"
"""Whether the pack has what people say of figures."""
MOST_INDICATORS = 72
"""A sheet each, and the eight sheets that stand around them: 80 in all."""


def _commentary(request: PageRequest, name: str) -> str:
    asked = request.parameters.get(name, "")
    if asked.isascii() and asked.isdigit() and len(asked) < 10:
        return str(int(asked))
    return request.one_of(name, (WITH, WITHOUT), "with, without, or the number of a revision") or WITH


def _own(request: PageRequest, name: str) -> str:
    asked = request.one_of(name, (WITH, WITHOUT), "with or without") or WITHOUT
    if asked == WITH and request.signed_in is None:
        others = {key: value for key, value in request.parameters.items() if key != name}
        links = (("The pack without them", href(PACK, **others)), ("Sign in", SIGN_IN))
        told = (
            "Own measures stand only in a pack that somebody who is signed in opens; no issued pack has them."
        )
        raise ParameterError(name, asked, "somebody who is signed in", links, told=told)
    return asked


class PackState(OverviewState):
    """The overview's state, with the pack's indicators: `all`, `failing`, or ids with commas between.

    Raises ParameterError for an indicator that there is not and too many of them.
    chosen: the indicators asked for by id, none where all or those that fail are. with_commentary: whether what people
    say is wanted, with_own: whether own measures are; revision: as of which revision of it, None for what is shown now.
    """

    path = PACK
    parameters: ClassVar[tuple[Parameter, ...]] = (
        *OverviewState.parameters,
        Parameter("include", ALL_INDICATORS),
        choice_parameter("paper", PAPERS, "landscape or portrait", LANDSCAPE),
        Parameter("commentary", WITH, _commentary),
        Parameter("own", WITHOUT, _own),
    )

    def __init__(
        self,
        request: PageRequest,
        months: Sequence[Period],
        today: date,
        days: Sequence[PublicationDay] = (),
    ) -> None:
        super().__init__(request, months, today, days)
        self.values["include"] = self.values["include"] or ALL_INDICATORS
        self.failing = self.values["include"] == FAILING
        self.chosen = self._chosen()
        asked = self.values["commentary"]
        self.with_commentary = asked != WITHOUT
        self.with_own = self.values["own"] == WITH
        self.revision = int(asked) if asked.isdigit() else None

    @property
    def whole(self) -> bool:
        """Whether every indicator is asked for."""
        return self.values["include"] == ALL_INDICATORS

    def _chosen(self) -> tuple[str, ...]:
        if self.values["include"] in {ALL_INDICATORS, FAILING}:
            return ()
        known = self.request.site.store.catalogue.indicators
        asked = tuple(
            dict.fromkeys(part.strip() for part in self.values["include"].split(",") if part.strip())
        )
        every = ("The pack of every indicator", self.address(include=None))
        for code in asked:
            if code not in known:
                close = get_close_matches(code, known, n=3, cutoff=0.4)
                links = [(known[item].short_name, self.address(include=item)) for item in close]
                told = f"There is no indicator “{code}”."
                raise ParameterError(
                    "include", code, "indicators of the catalogue", (*links, every), told=told
                )
        if not asked or len(asked) > MOST_INDICATORS:
            most = f"A pack holds from one to {MOST_INDICATORS} indicators, which fit 80 sheets"
            told = f"{most}; {len(asked)} are asked for."
            raise ParameterError("include", self.values["include"], "indicators", (every,), told=told)
        return asked
