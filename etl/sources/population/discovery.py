"""The workbooks that the dataset's page offers, of each edition the one with the newest boundaries; and projections.

Those stand on the page of another dataset of the same site. Of each the principal one is taken.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from urllib.parse import parse_qs, urljoin, urlsplit

from db.domain import Finding, Severity
from etl.reading.links import Link, links
from etl.reading.pages import SitePages
from etl.source import Discovery, DiscoveryError, ReadPage, RemoteFile
from etl.sources.population.projections.table import variant_in

PROJECTIONS_PATH: Final = (
    "/peoplepopulationandcommunity/populationandmigration/populationprojections"
    "/datasets/localauthoritiesinenglandz1"
)
_PROJECTION: Final = re.compile(r"(20\d\d)[ _-]?snpp[ _-]?population.*\.(?:zip|csv)", re.IGNORECASE)
_ONE_SEX: Final = re.compile(r"(?<![a-z])(?:fe)?males", re.IGNORECASE)
_WORKBOOK: Final = re.compile(r"\.xlsx?$", re.IGNORECASE)
_EDITION: Final = re.compile(
    r"(?:uk)?(?:mid-?year|pop)[a-z]*estimates[a-z]*(20\d\d)(?:on)?(20\d\d)?", re.IGNORECASE
)
_SHORT: Final = re.compile(r"mye(\d\d)tables", re.IGNORECASE)
"""An edition's year and, where it is named, that of its boundaries: "ukmidyearestimates20192019ladcodes.xls",
"ukpopestimatesmid2020on2021geography.xls", "mye23tablesew.xlsx"."""


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The editions' workbooks, then the projections, oldest first.

    Raises DiscoveryError where the page links to no workbook.
    """
    best: dict[int, tuple[int, Link]] = {}
    findings = []
    for link in links(read_page(landing_url), landing_url):
        name = _file_name(link)
        if not _WORKBOOK.search(name):
            continue
        years = _years(name)
        if years is None:
            message = f"{name}: not fetched, wanted a name with an edition's year, such as mye23tablesew.xlsx"
            findings.append(Finding(Severity.WARNING, "pages", message))
        elif years[0] not in best or years[1] > best[years[0]][0]:
            best[years[0]] = (years[1], link)
    if not best:
        raise DiscoveryError(
            f"{landing_url}: wanted workbooks of mid-year estimates, such as ukmidyearestimates20192019ladcodes.xls, "
            "found none"
        )
    files = (
        RemoteFile(link.url, _file_name(link), link.text, last=date(year, 6, 30))
        for year, (_, link) in sorted(best.items())
    )
    pages = SitePages(read_page)
    projections = _projections(pages, urljoin(landing_url, PROJECTIONS_PATH))
    return Discovery((*files, *projections), (*findings, *pages.findings))


def _projections(pages: SitePages, url: str) -> list[RemoteFile]:
    """The principal projection of each year that one is based on, oldest first; what else the page has is told."""
    html = pages.read(url, gone=Severity.WARNING)
    found: dict[int, RemoteFile] = {}
    for link in links(html or "", url):
        name = _file_name(link)
        match = _PROJECTION.fullmatch(name)
        if match is None or _ONE_SEX.search(name):
            continue
        if variant := variant_in(name):
            message = f"{name}: not fetched, wanted the principal projection, found a variant ('{variant}')"
            pages.findings.append(Finding(Severity.WARNING, "pages", message))
            continue
        base = int(match[1])
        days = date(base, 6, 30), date(base + 25, 6, 30)
        found.setdefault(base, RemoteFile(link.url, name, link.text, first=days[0], last=days[1]))
    return [found[base] for base in sorted(found)]


def _file_name(link: Link) -> str:
    """The published name: the publisher's addresses have it in a question, `/file?uri=/.../name.xls`."""
    asked = parse_qs(urlsplit(link.url).query).get("uri")
    return asked[0].rsplit("/", 1)[-1] if asked else link.name


def _years(name: str) -> tuple[int, int] | None:
    if match := _EDITION.search(name):
        return int(match[1]), int(match[2] or match[1])
    if match := _SHORT.search(name):
        return 2000 + int(match[1]), 2000 + int(match[1])
    return None
