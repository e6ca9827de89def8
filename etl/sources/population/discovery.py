"""The workbooks that the dataset's page offers: of each edition the one with the newest boundaries, oldest first."""

from __future__ import annotations

import re
from datetime import date
from typing import Final
from urllib.parse import parse_qs, urlsplit

from db.domain import Finding, Severity
from etl.reading.links import Link, links
from etl.source import Discovery, DiscoveryError, ReadPage, RemoteFile

_WORKBOOK: Final = re.compile(r"\.xlsx?$", re.IGNORECASE)
_EDITION: Final = re.compile(
    r"(?:uk)?(?:mid-?year|pop)[a-z]*estimates[a-z]*(20\d\d)(?:on)?(20\d\d)?", re.IGNORECASE
)
_SHORT: Final = re.compile(r"mye(\d\d)tables", re.IGNORECASE)
"""An edition's year and, where it is named, that of its boundaries: "ukmidyearestimates20192019ladcodes.xls",
"ukpopestimatesmid2020on2021geography.xls", "mye23tablesew.xlsx"."""


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The editions' workbooks, oldest first. Raises DiscoveryError where the page links to none."""
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
    return Discovery(tuple(files), tuple(findings))


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
