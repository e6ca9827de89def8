"""What the page of areas is asked for, checked against what the store holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from difflib import get_close_matches
from functools import cached_property

from db.catalogue.challenges import challenge_lists, challenges_of
from db.domain import Indicator
from stp_dash.elements.links import AREAS
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import ParameterError
from stp_dash.frame.state import UNTIL, PageState, Parameter, choice_parameter, month_parameter
from stp_dash.frame.subject import PageSubject
from stp_dash.pages.areas.editions import BoardEdition, board_editions
from stp_dash.pages.areas.read import AreasReader

ALL_PEERS, REGION_PEERS, SIMILAR_PEERS = "all", "region", "similar"
PEER_KINDS = (ALL_PEERS, REGION_PEERS, SIMILAR_PEERS)
NEAREST, MOST_NEAREST = 3, 10
"""So many nearest neighbours are peers unless another number is asked for, and the most of them."""
MOST_COLUMNS, USUAL_COLUMNS, MOST_CHOSEN = 8, 6, 8
BY_NAME = "name"
ASCENDING, DESCENDING = "ascending", "descending"


def areas_taken(_: StoreReader, subject: PageSubject) -> Mapping[str, str | None]:
    """The parameters of the page for what another was about, which stays in the address."""
    return {
        "indicator": subject.indicator,
        "organisation": subject.organisation,
        UNTIL: subject.period,
    }


class AreasState(PageState):
    """The page's state: what was asked, or the nearest default, checked against what there is.

    Raises ParameterError for what there is not.
    """

    path = AREAS
    parameters = (
        Parameter("columns"),
        Parameter("sort"),
        choice_parameter("order", (ASCENDING, DESCENDING), f"{ASCENDING} or {DESCENDING}", ASCENDING),
        Parameter("of"),
        month_parameter("period"),
        Parameter(
            "peers",
            default=SIMILAR_PEERS,
            check=lambda request, name: request.parameters.get(name) or SIMILAR_PEERS,
        ),
        choice_parameter(
            "nearest",
            [str(n) for n in range(1, MOST_NEAREST + 1)],
            f"a number from 1 to {MOST_NEAREST}",
            str(NEAREST),
        ),
        Parameter("beside"),
        choice_parameter("dispersion", ("on", "off"), "on or off", "off"),
    )

    def __init__(self, reader: AreasReader) -> None:
        super().__init__(reader.request)
        self.reader = reader
        self.editions = board_editions(self.request.site.store.catalogue)
        self.asked_edition = self._edition()
        self.offered = reader.by_board()
        self.usual = _usual(self.offered, self.request.area.commissioner)
        self.indicators = self._indicators() or self.usual
        self.sort = self._sort()
        self.descending = self.values["order"] == DESCENDING
        self.widened = self.values["dispersion"] == "on"
        self.nearest = int(self.values["nearest"])

    @cached_property
    def names(self) -> Mapping[str, str]:
        """Organisations' names as pages write them."""
        return self.request.site.names()

    @cached_property
    def until(self) -> date:
        """The last day of the month asked for, or every day that will be."""
        month = self.request.month()
        if month is None:
            return date.max
        return date(month.year + month.month // 12, month.month % 12 + 1, 1) - date.resolution

    @property
    def candidates(self) -> tuple[BoardEdition, ...]:
        """The editions that the page can be of: the one asked for, else those up to the month, with ours first."""
        if self.asked_edition is not None:
            return (self.asked_edition,)
        found = [item for item in self.editions if item.first <= self.until]
        own = self.request.area.commissioner
        return tuple(sorted(found, key=lambda item: own not in item.codes))

    @property
    def peers_named(self) -> bool:
        """Whether peers are chosen by their codes."""
        return self.values["peers"] not in PEER_KINDS

    def chosen_peers(self, edition: BoardEdition) -> tuple[str, ...]:
        """The peers chosen by their codes. Raises ParameterError for one that is no area of the edition."""
        codes = tuple(dict.fromkeys(code for code in self.values["peers"].split(",") if code))
        for code in codes:
            if code not in edition.codes:
                raise self._unknown("peers", code, edition, f"{', '.join(PEER_KINDS)}, or codes of areas")
        if not codes or len(codes) > MOST_CHOSEN:
            wanted = f"{', '.join(PEER_KINDS)}, or codes of at most {MOST_CHOSEN} areas"
            raise self.refused("peers", wanted, [("Without peers of your own", self.address(peers=None))])
        return codes

    def area_beside(self, edition: BoardEdition) -> str:
        """The area that ours is set beside, "" for none. Raises ParameterError for one that is not of the edition."""
        code = self.values["beside"]
        if code and code not in edition.codes:
            raise self._unknown("beside", code, edition, "the code of an area")
        return code

    def _unknown(self, name: str, found: str, edition: BoardEdition, wanted: str) -> ParameterError:
        close = get_close_matches(found.upper(), edition.codes, n=3, cutoff=0.5)
        nearest = [(self.names.get(code, code), self.address(**{name: code})) for code in close]
        other = [item for item in self.editions if found in item.codes and item is not edition]
        nearest += [(item.label, self.address(of=item.key)) for item in other]
        nearest.append(("All areas", self.address(**{name: None})))
        return ParameterError(name, found, f"{wanted} among the {len(edition.codes)}", tuple(nearest))

    def _edition(self) -> BoardEdition | None:
        asked = self.values["of"]
        if not asked:
            return None
        found = next((item for item in self.editions if item.key == asked), None)
        if found is None:
            known = " or ".join(item.key for item in self.editions)
            links = [(item.label, self.address(of=item.key)) for item in self.editions]
            raise self.refused("of", f"the year in which the areas began: {known}", links)
        return found

    def _indicators(self) -> tuple[Indicator, ...]:
        """The indicators asked for, in the order asked."""
        asked = tuple(dict.fromkeys(item for item in self.values["columns"].split(",") if item))
        if not self.values["columns"]:
            return ()
        known = {item.id: item for item in self.offered}
        wrong = next((item for item in asked if item not in known), None)
        if wrong is not None or not asked or len(asked) > MOST_COLUMNS:
            close = get_close_matches(wrong or "", known, n=3, cutoff=0.4)
            links = [(known[key].short_name, self.address(columns=key)) for key in close]
            links.append(("The usual columns", self.address(columns=None)))
            wanted = f"at most {MOST_COLUMNS} indicators with figures by area, with commas between"
            raise ParameterError("columns", wrong or self.values["columns"], wanted, tuple(links))
        self.values["columns"] = ",".join(asked)
        return tuple(known[item] for item in asked)

    def _sort(self) -> str:
        """What rows are ordered by: an indicator's code, or `name`; the first column unless asked."""
        asked = self.values["sort"]
        shown = [item.id for item in self.indicators]
        if asked and asked not in {*shown, BY_NAME}:
            links = [(item.short_name, self.address(sort=item.id)) for item in self.indicators[:3]]
            raise self.refused(
                "sort", "one of the columns, or name", [*links, ("The usual order", self.address(sort=None))]
            )
        return asked or (shown[0] if shown else BY_NAME)


def _usual(offered: Sequence[Indicator], commissioner: str) -> tuple[Indicator, ...]:
    """A few indicators in use across the challenges of an area, or of the first area that has any.

    The first of each challenge, then the second of each; where they are fewer, others, those with a standard first.
    """
    in_use = {item.id: item for item in offered if item.valid_to is None}
    listed = challenges_of(commissioner) or next(iter(challenge_lists()), None)
    own = [item.indicators for item in listed.challenges] if listed else []
    deepest = max((len(item) for item in own), default=0)
    ordered = [item[place] for place in range(deepest) for item in own if place < len(item)]
    rest = sorted(in_use.values(), key=lambda item: not item.standards)
    found = dict.fromkeys(code for code in (*ordered, *(item.id for item in rest)) if code in in_use)
    chosen = set(list(found)[:USUAL_COLUMNS])
    return tuple(item for item in offered if item.id in chosen)
