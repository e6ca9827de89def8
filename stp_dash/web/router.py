"""From an address to a page, and to a file of a page's numbers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from db.domain.holdings import DataVersion
from db.figures.data_version import data_version
from stp_dash.elements import Component
from stp_dash.elements.links import read_search
from stp_dash.frame import empty
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.download import NoSheetError, download
from stp_dash.frame.request import PageRequest, ParameterError, Site
from stp_dash.frame.shell import Page, framed
from stp_dash.frame.spec import PageSpec, menu_of
from stp_dash.web.document import BrowserRequest, FirstView

File = tuple[str, bytes]
"""A download's name and what it holds."""
NO_VERSION = DataVersion(0, None, demonstration=False)
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class ViewKey(CacheKey[FirstView]):
    """A page as it was asked for on a day, at about half a megabyte each."""

    day: date
    asked: BrowserRequest
    most: ClassVar[int] = 48


@dataclass(frozen=True)
class SheetKey(CacheKey[File | None]):
    """The file of a sheet that is made without its page, at some ten kilobytes each."""

    path: str
    search: str
    kind: str
    most: ClassVar[int] = 256


class Router:
    """The site's pages by their addresses. Any address gives a page: a wrong one gives a page that says so."""

    def __init__(self, site: Site, pages: Iterable[PageSpec]) -> None:
        listed = tuple(pages)
        self.site, self.menu = site, menu_of(listed)
        self._pages = {item.path: item for item in listed}
        self._paths = {item.name: item.path for item in listed}

    def page(self, asked: BrowserRequest) -> FirstView:
        """The page that is asked for, made now."""
        return self._read(asked, lambda make, _: make())

    def view(self, asked: BrowserRequest) -> FirstView:
        """The page that is asked for: a kept one if the data, the day and what is asked are the same."""
        cache, key = self.site.cache, ViewKey(self.site.today(), asked)
        spec = self._pages.get(self._path(asked))
        if spec is None or not spec.needs_data:
            return self.page(asked)
        return self._read(asked, lambda make, version: cache.get(version, key, make))

    def broken(self, asked: BrowserRequest) -> FirstView:
        """What stands in the place of a page that could not be made."""
        request = PageRequest(self.site, self._path(asked), read_search(asked.search), asked.width)
        return FirstView(asked, self._framed(request, empty.broken(), NO_VERSION))

    def file(self, name: str, search: str, kind: str) -> File | None:
        """The numbers of a sheet of a page, by the page's name; None where the address leads to none.

        Raises DBAPIError where the store cannot be read.
        """
        path = self._paths.get(name)
        spec = self._pages.get(path or "")
        if path is None or spec is None:
            return None
        request = PageRequest(self.site, path, read_search(search))
        alone = spec.sheets.get(request.parameters.get("sheet", ""))
        key = SheetKey(path, search, kind)

        def read(connection: Connection) -> File | None:
            version = data_version(connection)

            def make() -> File | None:
                try:
                    return download(
                        (alone or spec.build)(request, connection, version), request, version, kind
                    )
                except (ParameterError, NoSheetError):
                    return None

            if not version.number:
                return None
            return self.site.cache.get(version, key, make) if alone else make()

        return self.site.read(read, current=self._is_current(request))

    def _path(self, asked: BrowserRequest) -> str:
        return asked.path.rstrip("/") or "/"

    def _read(
        self,
        asked: BrowserRequest,
        keep: Callable[[Callable[[], FirstView], DataVersion], FirstView],
    ) -> FirstView:
        request = PageRequest(
            self.site, self._path(asked), read_search(asked.search), asked.width, asked.origin
        )

        def read(connection: Connection) -> FirstView:
            version = data_version(connection)

            def make() -> FirstView:
                page = self._page(request, connection, version)
                return FirstView(asked, self._framed(request, page, version))

            return keep(make, version)

        try:
            return self.site.read(read, current=self._is_current(request))
        except DBAPIError:
            _LOG.exception("the store cannot be read for %s", request.path)
            return FirstView(asked, self._framed(request, empty.failed(), NO_VERSION))

    def _page(self, request: PageRequest, connection: Connection, version: DataVersion) -> Page:
        spec = self._pages.get(request.path)
        if spec is None:
            return empty.unknown_page(self.menu)
        if not version.number and spec.needs_data:
            return empty.no_data(request)
        try:
            return spec.build(request, connection, version)
        except ParameterError as error:
            return empty.wrong_parameter(request, error)

    def _framed(self, request: PageRequest, page: Page, version: DataVersion) -> Component:
        return framed(request, page, version, self.menu)

    def _is_current(self, request: PageRequest) -> bool:
        """Whether only the store itself can answer: what operators do, and links to a state that a replica lacks."""
        spec = self._pages.get(request.path)
        return (spec is not None and not spec.needs_data) or "version" in request.parameters
