"""A page's state is its address: the parameters that it has, how each is checked, and how they are written again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote_plus

from stp_dash.elements.links import href, kept
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.statistics.profiles import PROFILES

AS_OF = ("published", "version")
"""As of when figures are read."""
KEPT = ("area", *AS_OF, "rules")
"""The parameters that every page hands on to its own links and to those of other pages that it writes."""
SUBJECT = ("indicator", "organisation", "period")
CHOSEN = "include"
"""The indicators chosen for a board pack so far: they go with the reader from page to page."""
UNTIL = "to"
"""The month that a trend is looked back from; elsewhere a month that a page has no figures of and hands on."""


@dataclass(frozen=True)
class Parameter:
    """A parameter of a page's address.

    default: what is shown without it; addresses leave it out. check: the value asked for as addresses write it, ""
    for the default; it raises ParameterError for what cannot be read.
    """

    name: str
    default: str = ""
    check: Callable[[PageRequest, str], str] = lambda request, name: request.parameters.get(name, "")


def chosen_for_pack(request: PageRequest) -> tuple[str, ...]:
    """The indicators chosen for a board pack so far, in order; none where a pack of another kind is asked for."""
    known = request.site.store.catalogue.indicators
    asked = dict.fromkeys(part.strip() for part in request.parameters.get(CHOSEN, "").split(","))
    return tuple(code for code in asked if code in known)


def month_parameter(name: str) -> Parameter:
    """A month as 2024-03, the latest period by default."""

    def check(request: PageRequest, name: str) -> str:
        month = request.month(name)
        return f"{month:%Y-%m}" if month else ""

    return Parameter(name, check=check)


def choice_parameter(name: str, values: Iterable[str], wanted: str, default: str) -> Parameter:
    """One of some values; `wanted` says in words which."""
    known = tuple(values)
    return Parameter(name, default, lambda request, name: request.one_of(name, known, wanted) or default)


def rules_parameter() -> Parameter:
    """The rule profile, on pages where it can be chosen; others hand it on unchanged."""
    return choice_parameter("rules", PROFILES, "a rule profile", "")


class PageState:
    """What was asked of a page: every parameter checked as far as it can be without the store.

    A page's own state says which parameters there are, checks them against what the store holds, and sets what is
    shown where nothing was asked. Raises ParameterError.
    """

    path: ClassVar[str]
    parameters: ClassVar[tuple[Parameter, ...]] = ()

    def __init__(self, request: PageRequest) -> None:
        self.request = request
        self.values = {item.name: item.check(request, item.name) for item in self.parameters}

    @classmethod
    def parameter_names(cls) -> tuple[str, ...]:
        """The names of the parameters, for the page's `PageSpec`."""
        return tuple(item.name for item in cls.parameters)

    def address(self, **changed: str | None) -> str:
        """The address of this state, or of one that differs from it in some parameters."""
        own: dict[str, str | None] = {
            item.name: None if self.values[item.name] == item.default else self.values[item.name]
            for item in self.parameters
        }
        brought = [name for name in (*SUBJECT, UNTIL, CHOSEN) if name not in own]
        return self._written(self.path, {**own, **changed}, brought)

    def addresses(self, parameter: str, **changed: str | None) -> Callable[[str], str]:
        """What gives the address for each value of one parameter; written once, for menus of hundreds."""
        before, _, after = self.address(**{**changed, parameter: "@"}).partition(f"{parameter}=%40")
        return lambda value: f"{before}{parameter}={quote_plus(value)}{after}"

    def elsewhere(self, path: str, **parameters: str | None) -> str:
        """The address of another page, as of the same time and by the same rules."""
        return self._written(path, parameters)

    def address_now(self) -> str:
        """The same address, without the time that figures are seen as of."""
        names = {name: value for name, value in self.request.parameters.items() if name not in AS_OF}
        return href(self.path, **names)

    def refused(self, name: str, wanted: str, nearest: Iterable[tuple[str, str]]) -> ParameterError:
        """The error of a parameter that asks for what the store does not hold."""
        return ParameterError(name, self.values[name], wanted, tuple(nearest))

    def _written(self, path: str, parameters: dict[str, str | None], brought: Iterable[str] = ()) -> str:
        handed_on = [name for name in (*KEPT, *brought) if name not in parameters]
        return kept(href(path, **parameters), self.request.parameters, handed_on)
