"""What a page is asked: its parameters, the site that it belongs to, and how wide the reader's screen is."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from types import MappingProxyType
from typing import Literal, TypeVar

from sqlalchemy import Connection

from db.catalogue.areas import AREA_TYPES, plain_name
from db.catalogue.places.short_names import names_in_little_room
from db.catalogue.places.tiles import tiles_of
from db.domain import Area, Indicator, OrganisationType
from db.domain.people.role import Person
from db.domain.reading import AsOf
from db.figures.replica import Replica
from db.settings import Settings
from db.store import Store
from stp_dash.elements.links import href
from stp_dash.frame.cache import Cache
from stp_dash.statistics.profiles import PROFILES

Kept = TypeVar("Kept")
Width = Literal["phone", "tablet", "desktop"]
WIDTHS: tuple[Width, ...] = ("phone", "tablet", "desktop")


_THINGS = {
    "indicator": re.compile(r"[a-z0-9]+(-[a-z0-9]+)*"),
    "area": re.compile(r".+", re.DOTALL),
    "organisation": re.compile(r"[A-Z0-9]{2,6}"),
    "compare": re.compile(r"[A-Z0-9]{2,6}"),
    "run": re.compile(r"[0-9]{1,9}"),
    "file": re.compile(r"[0-9]{1,9}"),
    "version": re.compile(r"[0-9]{1,9}"),
    "pack": re.compile(r"[0-9]{1,9}"),
}
"""Parameters that name a thing, and how such a name is written."""


class ParameterError(Exception):
    """An address asks for something that there is not: which parameter, what was found, and what there is.

    told: the sentence for the reader, where it is not the usual one: `reason`, else "". status: 404 where a thing is
    named rightly and there is none such, as for an unknown path; 400 for what names nothing.
    """

    def __init__(
        self,
        name: str,
        found: str,
        wanted: str,
        nearest: tuple[tuple[str, str], ...],
        *,
        told: str = "",
    ) -> None:
        self.name, self.found, self.wanted, self.nearest = name, found, wanted, nearest
        self.reason = told
        self.told = told or f"“{name}” is “{found}”. This page wants {wanted}."
        self.status = 404 if name in _THINGS and _THINGS[name].fullmatch(found) else 400
        super().__init__(f"{name}: wanted {wanted}, found {found!r}")


def width_of(asked: object) -> Width:
    """The width of screen that was asked for, a desktop's where it is none."""
    return next((width for width in WIDTHS if width == asked), "desktop")


@dataclass(frozen=True)
class Site:
    """The open store and the settings that every page reads; figures come from the store's replica if it has one."""

    store: Store
    settings: Settings
    today: Callable[[], date] = date.today
    cache: Cache = field(default_factory=Cache)
    replica: Replica | None = None

    def read(self, work: Callable[[Connection], Kept], *, current: bool = False) -> Kept:
        """What a piece of work reads in one view of the data: from the replica if there is one, unless `current`.

        Raises DBAPIError where the store cannot be read.
        """
        if self.replica is not None and not current:
            return self.replica.read(work)
        with self.store.reading() as connection:
            return work(connection)

    def names(self) -> Mapping[str, str]:
        """Organisations' names as pages write them: short ones from the settings, or else the catalogue's."""
        return self._names

    @cached_property
    def _names(self) -> Mapping[str, str]:
        known = self.store.catalogue.organisations
        lists = {code: listed.name for code, listed in self.settings.areas.items()}
        short = {**names_in_little_room(known.values()), **lists, **self.settings.area.short_names}
        return MappingProxyType(short)

    def tiles(self, codes: Collection[str]) -> Mapping[str, tuple[int, int]]:
        """Where areas stand on a map of tiles: as the settings say if they place all of them, or else the catalogue;
        empty where neither has them all."""
        own = self.settings.area.tiles
        return own if set(codes) <= set(own) else tiles_of(codes)


@dataclass(frozen=True)
class PageRequest:
    """One visit: a page is a function of this and of the store. `origin` is how the reader reaches the site.

    person: who is signed in, on pages that carry forms for them (`PageSpec.for_editors`); None for readers, and for
    whatever is kept.
    signed_in: whoever is signed in there, whether or not they may write.
    """

    site: Site
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    width: Width = "desktop"
    origin: str = ""
    person: Person | None = None
    signed_in: Person | None = None

    @cached_property
    def area(self) -> Area:
        """The area that the page is about: that of `area`, else that of the settings. Raises ParameterError."""
        settings, asked = self.site.settings, self.parameters.get("area")
        if asked is None:
            return settings.own_area
        found = settings.area_called(asked)
        if found is None:
            raise self._no_area(asked)
        return found

    def _no_area(self, asked: str) -> ParameterError:
        """The error of a code that no area has: with the areas of what bears it, or the nearest by code or name."""
        known = self.site.store.catalogue.organisations
        names = {code: listed.name for code, listed in self.site.settings.areas.items()}
        names |= {code: plain_name(item) for code, item in known.items() if item.type in AREA_TYPES}
        wanted = "the code of an integrated care board, a region, England or a list of this site's"
        if (own := known.get(asked)) is not None:
            parents = [parent for parent in own.parents if parent.code in names]
            parents.sort(key=lambda parent: known[parent.code].type is OrganisationType.REGION)
            near = [
                parent.code for parent in sorted(parents, key=lambda parent: parent.effective_to is not None)
            ]
            told = f"{own.name} ({asked}) is no area of its own: it is a {own.type.value}. Wanted: {wanted}."
        else:
            by_name = {name.lower(): code for code, name in reversed(names.items())}
            close = get_close_matches(asked.lower(), by_name, n=3, cutoff=0.5)
            near = [code for code in names if code.lower() == asked.lower()]
            near += [by_name[name] for name in close] or get_close_matches(
                asked.upper(), names, n=3, cutoff=0.5
            )
            told = f"There is no area “{asked}”. Wanted: {wanted}."
        others = {key: value for key, value in self.parameters.items() if key not in {"area", "organisation"}}
        links = [
            (f"{names[code]} ({code})", href(self.path, **others, area=code)) for code in dict.fromkeys(near)
        ]
        links.append((self.site.settings.own_area.name, href(self.path, **others)))
        return ParameterError("area", asked, wanted, tuple(links), told=told)

    @property
    def printing(self) -> bool:
        """Whether the page is laid out for paper: tables open beside their charts."""
        return self.parameters.get("print") == "1"

    def as_of(self) -> AsOf:
        """As of when figures are read: `version`, a data version, or `published`, a day. Raises ParameterError."""
        version, published = self.parameters.get("version"), self.parameters.get("published")
        try:
            if version is not None:
                if not version.isascii() or not version.isdigit() or not 0 < int(version) < 2**31:
                    raise ValueError
                return AsOf(version=int(version))
            return AsOf(published_by=date.fromisoformat(published) if published is not None else None)
        except ValueError:
            name, found = ("version", version) if version is not None else ("published", published)
            others = {key: value for key, value in self.parameters.items() if key != name}
            wanted = "the number of a data version" if name == "version" else "a day as 2024-03-31"
            links = (("The figures of today", href(self.path, **others)),)
            raise ParameterError(name, str(found), wanted, links) from None

    def rules(self) -> str:
        """The rule profile asked for (`rules`), "" for what is chosen for each series. Raises ParameterError."""
        return self.one_of("rules", PROFILES, "a rule profile") or ""

    def indicator(self, held: Collection[str] = ()) -> Indicator:
        """The indicator asked for, or the first of the catalogue that is among those held. Raises ParameterError."""
        known = self.site.store.catalogue.indicators
        asked = self.parameters.get("indicator")
        if asked is None:
            return known[next((key for key in known if key in held), next(iter(known)))]
        if asked in known:
            return known[asked]
        close = get_close_matches(asked, known, n=3, cutoff=0.4) or list(known)[:3]
        nearest = tuple((known[key].short_name, href(self.path, indicator=key)) for key in close)
        raise ParameterError("indicator", asked, "an indicator of the catalogue", nearest)

    def month(self, name: str = "period") -> date | None:
        """The first day of the month asked for (YYYY-MM), None if not asked. Raises ParameterError."""
        asked = self.parameters.get(name)
        if asked is None or asked == "latest":
            return None
        try:
            year, month = asked.split("-")
            if len(year) != 4 or len(month) != 2 or not (year + month).isascii():
                raise ValueError
            return date(int(year), int(month), 1)
        except ValueError:
            others = {key: value for key, value in self.parameters.items() if key != name}
            nearest = (("The latest period", href(self.path, **others)),)
            raise ParameterError(name, asked, "a month as 2024-03", nearest) from None

    def one_of(self, name: str, known: Iterable[str], wanted: str) -> str | None:
        """A parameter that must be one of some values, None if not asked. Raises ParameterError."""
        asked = self.parameters.get(name)
        values = list(known)
        if asked is None or asked in values:
            return asked
        others = {key: value for key, value in self.parameters.items() if key != name}
        close = get_close_matches(asked, values, n=3, cutoff=0.5) or values[:3]
        nearest = tuple((value, href(self.path, **{**others, name: value})) for value in close)
        raise ParameterError(name, asked, wanted, nearest)
