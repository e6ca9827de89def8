"""From an address to a page, and to a file of a page's numbers."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionError

from db.domain.holdings import NOT_FILLING, DataVersion, Filling
from db.domain.people.role import Person, Role
from db.figures.data_version import data_version
from db.service.filling import filling_of
from stp_dash.elements import Component
from stp_dash.elements.links import LOADING, OVERVIEW, href, kept
from stp_dash.frame import empty
from stp_dash.frame.address import read_parameters, with_unused
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.download import NoSheetError, download, sheet_asked_for
from stp_dash.frame.elsewhere.embed import embedded_card
from stp_dash.frame.elsewhere.head import page_description
from stp_dash.frame.reader import StoreReader, check_time
from stp_dash.frame.request import PageRequest, ParameterError, Site, Width
from stp_dash.frame.shell import Page, Way, framed
from stp_dash.frame.spec import PageSpec, menu_of
from stp_dash.frame.state import CHOSEN, KEPT, SUBJECT, UNTIL, chosen_for_pack
from stp_dash.frame.subject import PageSubject, brought, brought_words, ways_back
from stp_dash.frame.turns import Turns
from stp_dash.web.below_path import below
from stp_dash.web.document import NO_VERSION, UNSTAMPED, BrowserRequest, FirstView
from stp_dash.web.same_time import at_the_same_time

File = tuple[str, bytes]
"""A download's name and what it holds."""
UNREADABLE = (DBAPIError, NoConnectionError)
"""What is raised where the store is away, or busy beyond waiting."""
LARGE_CELLS = 20_000
"""From here on a download takes long enough (a tenth of a second) that only one is made at a time in a process."""
WAIT_SECONDS = 10
EMBEDDED_WIDTHS: tuple[Width, ...] = ("phone", "tablet")
"""The widths that a card is drawn for where nobody knows how wide its frame is."""
NOT_TO_BE_KEPT = -1
"""In the place of a page's state of the data: it is older than any. While a store fills, pages say how far that is."""
LOOK_AGAIN_SECONDS = 10
"""How long the overview stands while a store fills before it is asked for again."""
OF_INDICATOR = frozenset(
    {
        "area",
        "indicator",
        "organisation",
        "breakdown",
        "compare",
        "by",
        "peers",
        "rules",
        "print",
        "table",
        "rows",
    }
)
"""The parameters under which a page of an indicator shows nothing else."""
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class SheetKey(CacheKey[File | None]):
    """A download as it was asked for on a day; some of them, of all practices, are most of a megabyte."""

    day: date
    path: str
    parameters: tuple[tuple[str, str], ...]
    kind: str
    most: ClassVar[int] = 32_000_000

    def weight(self, value: File | None) -> int:
        """Bytes, and some for the key."""
        return 1_000 + (len(value[1]) if value else 0)


@dataclass(frozen=True)
class CardKey(CacheKey[tuple[str, Component] | None]):
    """A card as other sites show it."""

    day: date
    path: str
    parameters: tuple[tuple[str, str], ...]
    most: ClassVar[int] = 48


class Router:
    """The site's pages by their addresses. Any address gives a page: a wrong one gives a page that says so."""

    def __init__(self, site: Site, pages: Iterable[PageSpec]) -> None:
        listed = tuple(pages)
        self.site, self.menu = site, menu_of(listed)
        self._pages = {item.path: item for item in listed}
        self._paths = {item.name: item.path for item in listed}
        self._turns = Turns(at_once=1, waiting=1, seconds=WAIT_SECONDS)
        self._names = frozenset(name for item in listed for name in item.parameters or ())
        catalogue = site.store.catalogue
        self._things = frozenset([*catalogue.organisations, *catalogue.indicators])

    def page(self, asked: BrowserRequest, *, stamped: bool = True, person: Person | None = None) -> FirstView:
        """The page that is asked for, made now; not `stamped`, with UNSTAMPED for the data version that it is of.

        For a person it carries what they alone may see, and what those who may write do so with, where a page has that.
        """
        request, wrong = self._request(asked)
        if person is not None and self.carries_forms(asked.path):
            writer = person if person.role >= Role.EDITOR else None
            request = replace(request, person=writer, signed_in=person)

        def read(connection: Connection) -> FirstView:
            version = data_version(connection)
            page = self._page(request, wrong, connection, version)
            filling = filling_of(connection) if version.filling else NOT_FILLING
            if wrong is not None or page.status != 200 or not version.number:
                return self._view(asked, request, page, version, filling=filling)
            way = self._way(StoreReader(request, connection, version), page.subject)
            return self._view(asked, request, page, version, way, filling=filling, stamped=stamped)

        try:
            return self.site.read(read, current=self._is_current(request))
        except UNREADABLE:
            _LOG.exception("the store cannot be read for %s", request.path)
            return self._view(asked, request, empty.failed(), NO_VERSION)

    def keeps(self, path: str) -> bool:
        """Whether a path's page is the same for everyone for as long as the data, the day and what is asked are."""
        spec = self._pages.get(_plain(path))
        return spec is not None and spec.needs_data

    def carries_forms(self, path: str) -> bool:
        """Whether a path's page is another one for whoever may write than for readers."""
        spec = self._pages.get(_plain(path))
        return spec is not None and spec.for_editors

    def sources(self, asked: BrowserRequest) -> frozenset[str]:
        """The sources whose figures and files alone a page is made of; none where that is not known beforehand.

        A page of a month, or as of another time, may lead to other sources' figures of it.
        """
        spec = self._pages.get(_plain(asked.path))
        request, wrong = self._request(asked)
        known = self.site.store.catalogue.indicators
        shown = known.get(request.parameters.get("indicator", ""))
        simple = OF_INDICATOR.issuperset(request.parameters)
        if spec is None or not spec.of_indicator or wrong is not None or shown is None or not simple:
            return frozenset()
        return frozenset(known[name].source_id for name in (shown.id, *shown.shown_beside))

    def broken(self, asked: BrowserRequest) -> FirstView:
        """What stands in the place of a page that could not be made."""
        return self._view(asked, self._request(asked)[0], empty.broken(), NO_VERSION)

    def embedded(self, name: str, search: str) -> tuple[str, Component] | None:
        """A card of a page for other sites, and its title, by the page's name; None where there is none.

        It is drawn for phones and for wider screens. Raises as `file` does.
        """
        path = self._paths.get(name)
        spec = self._pages.get(path or "")
        if path is None or spec is None or not spec.needs_data:
            return None
        parameters = self._read_search(spec, search)
        asked = [PageRequest(self.site, path, parameters, width) for width in EMBEDDED_WIDTHS]
        key = CardKey(self.site.today(), path, tuple(sorted(parameters.items())))

        def read(connection: Connection) -> tuple[str, Component] | None:
            version = data_version(connection)
            check_time(asked[0], connection, version)
            if not version.number:
                return None

            def make() -> tuple[str, Component] | None:
                try:
                    drawn = [(request, spec.build(request, connection, version)) for request in asked]
                    card = embedded_card(drawn, version)
                except NoSheetError:
                    return None
                return drawn[0][1].title, below(card, self.site.settings.site.path)

            return self.site.cache.get(version, key, make)

        return self.site.read(read, current=self._is_current(asked[0]))

    def file(self, name: str, search: str, kind: str) -> File | None:
        """The numbers of a sheet of a page, by the page's name; None where the address leads to none.

        Raises ParameterError for an address that asks for what there is not, BusyError where other large files are
        being made, and one of UNREADABLE where the store cannot be read.
        """
        cache, path = self.site.cache, self._paths.get(name)
        spec = self._pages.get(path or "")
        if path is None or spec is None:
            return None
        request = PageRequest(self.site, path, self._read_search(spec, search))
        build = spec.sheets.get(request.parameters.get("sheet", "")) or spec.build
        key = SheetKey(self.site.today(), path, tuple(sorted(request.parameters.items())), kind)

        def read(connection: Connection) -> File | None:
            version = data_version(connection)
            check_time(request, connection, version)
            if not version.number:
                return None

            def make() -> File | None:
                try:
                    page = build(request, connection, version)
                    sheet = sheet_asked_for(page, request)
                except NoSheetError:
                    return None
                if sheet.length * len(sheet.download) <= LARGE_CELLS:
                    return download(page, request, version, kind)
                with self._turns.turn():
                    # Whoever had the turn before may have made the same.
                    return cache.get(version, key, lambda: download(page, request, version, kind))

            return cache.get(version, key, make)

        return self.site.read(read, current=self._is_current(request))

    def _request(self, asked: BrowserRequest) -> tuple[PageRequest, ParameterError | None]:
        """What is asked of a page, and what is wrong with the names in its address."""
        path, wrong = _plain(asked.path), None
        spec = self._pages.get(path)
        parameters: Mapping[str, str] = {}
        try:
            parameters = self._read_search(spec, asked.search)
        except ParameterError as error:
            wrong = error
        request = PageRequest(self.site, path, parameters, asked.width, asked.origin)
        try:
            return request, wrong if request.area else None
        except ParameterError as error:
            others = {name: value for name, value in parameters.items() if name != "area"}
            return replace(request, parameters=others), wrong or error

    def _read_search(self, spec: PageSpec | None, search: str) -> Mapping[str, str]:
        """The parameters of a page's address: its own, and other pages', which change nothing on it."""
        checked = spec is not None and spec.parameters is not None
        return read_parameters(
            spec.path if spec else "", search, self._names if checked else None, self._things
        )

    def _page(
        self,
        request: PageRequest,
        wrong: ParameterError | None,
        connection: Connection,
        version: DataVersion,
    ) -> Page:
        spec = self._pages.get(request.path)
        if spec is None:
            return empty.unknown_page(self.menu)
        if wrong is not None:
            return empty.wrong_parameter(request, wrong)
        try:
            request.as_of()
            if spec.needs_data:
                check_time(request, connection, version)
            if (
                version.filling
                and LOADING in self._pages
                and self._is_too_early(request, connection, version)
            ):
                return self._pages[LOADING].build(request, connection, version)
            if spec.needs_data and not version.number:
                return empty.no_data(request)
            own = None if spec.parameters is None else (*spec.parameters, *SUBJECT, UNTIL)
            return with_unused(request, spec.build(request, connection, version), own)
        except ParameterError as error:
            return empty.wrong_parameter(request, error)

    def _way(self, reader: StoreReader, own: PageSubject) -> Way:
        """How a page leads on: every page is asked for what this one is about, as of the same time."""
        request, along = reader.request, brought(reader)
        subject = own.over(along)
        anew = replace(subject, period="")
        addresses = {
            path: href(path, **spec.takes(reader, anew if path == request.path else subject))
            for path, spec in self._pages.items()
        }
        spec = self._pages.get(request.path)
        named = () if spec is None or spec.parameters is None else spec.parameters
        idle = [name for name in (*SUBJECT, UNTIL) if name in request.parameters and name not in named]
        addresses[request.path] = kept(addresses[request.path], request.parameters, KEPT)
        return Way(addresses, ways_back(reader, own, along) if idle else (), brought_words(idle))

    def _view(
        self,
        asked: BrowserRequest,
        request: PageRequest,
        page: Page,
        version: DataVersion,
        way: Way | None = None,
        *,
        filling: Filling = NOT_FILLING,
        stamped: bool = True,
    ) -> FirstView:
        # What is asked for again by itself tells how far it is without a banner.
        banner = NOT_FILLING if page.again else filling
        if banner.coming and not banner.stopped and page.state == OVERVIEW:
            page = replace(page, again=LOOK_AGAIN_SECONDS)
        seen = version if stamped else replace(version, number=UNSTAMPED.number, loaded_on=None)
        whole = framed(request, page, seen, self.menu, way, filling=banner)
        chosen = (CHOSEN,) if chosen_for_pack(request) else ()
        names = (*KEPT, *chosen) if way is not None else ("area",)
        given = {name: request.parameters[name] for name in names if name in request.parameters}
        if given:
            others = self._pages.keys() - {request.path}
            whole = at_the_same_time(whole, given, others, request.path)
        settings = self.site.settings
        invented = any(sheet.demonstration for sheet in page.sheets)
        told = page_description(page.title, page.about, request.area.name, demonstration=invented)
        base = settings.notify.site.rstrip("/")
        shared_as = base + page.state if base and page.state else ""
        state = NOT_TO_BE_KEPT if version.filling else version.state
        inside = below(whole, settings.site.path)
        return FirstView(asked, inside, page.status, told, shared_as, state, base, page.again, version)

    def _is_too_early(self, request: PageRequest, connection: Connection, version: DataVersion) -> bool:
        """Whether a store that is filling has nothing for a page: no figure, or for the overview no whole source."""
        if request.path == OVERVIEW and not request.parameters:
            filling = filling_of(connection)
            return len(filling.coming) == len(filling.sources)
        return self._pages[request.path].needs_data and not version.number

    def _is_current(self, request: PageRequest) -> bool:
        """Whether only the store itself can answer: what operators do, and links to a state that a replica lacks."""
        spec = self._pages.get(request.path)
        own = (spec is not None and not spec.needs_data) or request.signed_in is not None
        return own or "version" in request.parameters


def _plain(path: str) -> str:
    return path.rstrip("/") or "/"
