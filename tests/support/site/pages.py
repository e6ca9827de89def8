"""Pages and downloads without a server, made at once as the router makes them."""

from __future__ import annotations

import csv
import io
from typing import Any

from db.settings import load_settings
from db.store import Store
from stp_dash.elements import Component
from stp_dash.elements.links import DOWNLOAD, page_name
from stp_dash.frame.request import ParameterError, Site, Width
from stp_dash.pages import PAGES
from stp_dash.web.document import BrowserRequest, FirstView
from stp_dash.web.router import File, Router
from tests.support.site.page_parts import plain

PATHS = sorted(page.path for page in PAGES)
BUILD = {page.path: page.build for page in PAGES}
PLOTTED = frozenset(page.path for page in PAGES if page.plotted)


def page_at(site: Site, path: str, search: str, width: Width = "desktop", origin: str = "") -> Component:
    """The page at an address, made now."""
    return Router(site, PAGES).page(BrowserRequest(path, search, width, origin)).page


def download_at(site: Site, path: str, search: str, kind: str) -> File | None:
    """A sheet of the page at an address as a file; None where the address leads to none."""
    try:
        return Router(site, PAGES).file(page_name(path), search, kind)
    except ParameterError:
        return None


def view_at(router: Router, address: str) -> FirstView:
    """The page at an address, made now: as wide as a desk's screen, or as paper where it is to be printed."""
    path, mark, search = address.partition("?")
    width: Width = "tablet" if "print=1" in search else "desktop"
    return router.page(BrowserRequest(path, mark + search, width, ""))


def file_at(router: Router, link: str) -> bytes | None:
    """What a link to a download leads to; None where the address leads to none."""
    path, _, search = link.removeprefix(f"{DOWNLOAD}/").partition("?")
    name, _, kind = path.rpartition(".")
    found = router.file(name, f"?{search}", kind)
    return None if found is None else found[1]


def page_shown(store: Store, path: str, search: str = "", width: Any = "desktop") -> dict[str, Any]:
    """The page of a store at an address, as the browser gets it."""
    return plain(page_at(Site(store, load_settings()), path, search, width))


def rows_downloaded(store: Store, path: str, search: str) -> list[dict[str, str]]:
    """The rows of a page's CSV, below the lines that say what it is."""
    found = download_at(Site(store, load_settings()), path, search, "csv")
    assert found is not None
    lines = found[1].decode("utf-8-sig").splitlines()
    told = [line for line in lines if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\n".join(told))))
