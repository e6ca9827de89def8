"""Finding the files: the landing page and the page of every financial year that it links to.

Names say a month in many ways (`January-2011-12` is January 2012), so what a file is of is read in the file alone.
"""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

from db.domain import Finding
from db.reading.spreadsheets import listed
from etl.reading.links import Link, links
from etl.reading.monthly_returns.month_links import words_of_name
from etl.reading.pages import SitePages
from etl.source import Discovery, DiscoveryError, ReadPage, RemoteFile

_YEAR_PAGE = re.compile(r"/delayed-transfers-of-care[^/]*/[^/]*\d{4}-\d{2}[^/]*/?$")
_AUTHORITIES = re.compile(r"^la type b\b|^dh 1\d{5}$")
_SERIES = re.compile(r"\bdtoc england\b.*\b(data set|time ?series)\b|\bdtoc england data ?set\b")
_WORKBOOKS = (".xls", ".xlsx")


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """Every file by local authority, as the pages list them, and England's series last.

    Raises DiscoveryError where no page links to one. `today` tells nothing of a publication that has ended.
    """
    site = SitePages(read_page)
    pages = {landing_url: read_page(landing_url)}
    host = urlsplit(landing_url).netloc
    for link in links(pages[landing_url], landing_url):
        path = urlsplit(link.url)
        wanted = path.netloc == host and _YEAR_PAGE.search(path.path) is not None
        if wanted and link.url not in pages and (text := site.read(link.url)) is not None:
            pages[link.url] = text
    found: dict[str, Link] = {}
    others: dict[str, Link] = {}
    for url, html in pages.items():
        for link in (item for item in links(html, url) if item.suffix in _WORKBOOKS):
            name = words_of_name(link.name)
            ours = _AUTHORITIES.search(name) or _SERIES.search(name)
            (found if ours else others).setdefault(link.url, link)
    if not found:
        told = "".join(f"; {finding.message}" for finding in site.findings)
        raise DiscoveryError(
            f"{', '.join(pages)}: wanted links to delayed transfers of care, such as "
            f"LA-Type-B-December-2019-9tun8.xls, found workbooks {listed(link.name for link in others.values())}{told}"
        )
    ordered = sorted(found.values(), key=lambda link: _SERIES.search(words_of_name(link.name)) is not None)
    findings: tuple[Finding, ...] = tuple(site.findings)
    return Discovery(tuple(RemoteFile(link.url, link.name, link.text) for link in ordered), findings)
