"""Pages and downloads without a server, made at once as the router makes them."""

from __future__ import annotations

from stp_dash.elements import Component
from stp_dash.elements.links import page_name
from stp_dash.frame.request import Site, Width
from stp_dash.pages import PAGES
from stp_dash.web.document import BrowserRequest
from stp_dash.web.router import File, Router

PATHS = sorted(page.path for page in PAGES)
BUILD = {page.path: page.build for page in PAGES}
PLOTTED = frozenset(page.path for page in PAGES if page.plotted)


def page_at(site: Site, path: str, search: str, width: Width = "desktop", origin: str = "") -> Component:
    """The page at an address, made now."""
    return Router(site, PAGES).page(BrowserRequest(path, search, width, origin)).page


def download_at(site: Site, path: str, search: str, kind: str) -> File | None:
    """A sheet of the page at an address as a file; None where the address leads to none."""
    return Router(site, PAGES).file(page_name(path), search, kind)
