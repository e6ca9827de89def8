"""Which two data versions are compared, and whose figures."""

from __future__ import annotations

from db.domain import ENGLAND
from db.domain.holdings import MadeVersion
from stp_dash.elements.links import COMPARE
from stp_dash.frame.state import PageState, Parameter
from stp_dash.pages.compare.read import CompareReader


class CompareState(PageState):
    """Raises ParameterError for a data version that there is not, one that is not before the other, and an unknown
    organisation. Without versions the newest is compared with the one before it."""

    path = COMPARE
    parameters = (Parameter("before"), Parameter("after"), Parameter("organisation"))

    def __init__(self, reader: CompareReader) -> None:
        super().__init__(reader.request)
        self.versions = {item.number: item for item in reader.versions}
        numbers = sorted(self.versions)
        self.after = self._version("after", numbers[-1])
        earlier = [number for number in numbers if number < self.after.number]
        self.before = self._version("before", earlier[-1] if earlier else self.after.number)
        if earlier and self.before.number >= self.after.number:
            raise self.refused("before", f"a data version before {self.after.number}", self._nearest())
        self.names = {**self.request.site.names(), ENGLAND: "England"}
        self.code = self.values["organisation"]
        choice = reader.code_lists.organisation(self.code) if self.code else None
        if self.code and self.code not in self.names and choice is None:
            raise self.refused("organisation", "the code of an organisation", self._nearest())
        area = self.request.area
        self.name = self.names.get(self.code) or (
            choice.name if choice else f"{area.name}, its parts and England"
        )
        every = (area.commissioner, *area.trusts, *area.places, ENGLAND)
        self.area_codes = tuple(dict.fromkeys(every))
        self.codes = (self.code,) if self.code else self.area_codes

    def _version(self, name: str, default: int) -> MadeVersion:
        found = self.values[name]
        number = int(found) if found.isdecimal() and len(found) < 10 else -1
        if not found:
            return self.versions[default]
        if number not in self.versions:
            raise self.refused(name, "the number of a data version", self._nearest())
        return self.versions[number]

    def _nearest(self) -> list[tuple[str, str]]:
        newest = self.address(before=None, after=None, organisation=None)
        return [("The newest data version and the one before it", newest)]
