"""Finding the files: the landing page links to a page for each release, and that to a file for each indicator.

A file's address has two parts that change with every release, so it is found by its name on the release's page. Each
release prints all years again: of each indicator the newest release with its file is read, and a table of text
before a workbook. A release that is still to come has its page before it has files.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final
from urllib.parse import urlsplit

from db.domain import Finding, Period, Severity
from etl.reading.links import Link, links
from etl.reading.pages import SitePages, publication_day
from etl.reading.periods import MONTH_NAMES
from etl.source import Discovery, DiscoveryError, Hints, ReadPage, RemoteFile
from etl.sources.outcomes_framework.vocabulary import MEASURES, measure_in_name

ALLOWED_HOSTS: Final = ("digital.nhs.uk", "files.digital.nhs.uk")
_RELEASE: Final = re.compile(
    rf"/nhs-outcomes-framework/(?:[^/]*-)?({'|'.join(MONTH_NAMES)})-(20\d\d)(?:-[^/]*)?/?$"
)
_ENDINGS: Final = (".csv", ".xlsx")


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The newest file of each indicator that is read, and what a person should know of the pages.

    Raises DiscoveryError where the landing page links to no release, or no release to such a file.
    """
    releases = _releases(read_page(landing_url), landing_url)
    if not releases:
        raise DiscoveryError(f"{landing_url}: wanted links to releases such as 'march-2022', found none")
    pages = SitePages(read_page)
    found: dict[str, RemoteFile] = {}
    for url, month in releases.items():
        html = pages.read(url, optional=month.end >= today)
        offered = _files(html, url, pages.findings) if html is not None else {}
        for measure, link in offered.items():
            hints = Hints(published_on=publication_day(html or ""))
            found.setdefault(measure, RemoteFile(link.url, link.name, link.text, hints))
        if not found and month.end < today:
            message = f"{url}: wanted a link to a file such as NHSOF_2.3.i_I00708_D.csv, found none"
            pages.findings.append(Finding(Severity.WARNING, "files", message))
        if found.keys() == MEASURES.keys():
            break
    if not found:
        raise DiscoveryError(
            f"{landing_url}: wanted a file of {' or '.join(MEASURES)} on a release page, found none"
        )
    return Discovery(tuple(found[name] for name in MEASURES if name in found), tuple(pages.findings))


def _releases(html: str, page_url: str) -> dict[str, Period]:
    """The addresses of the releases with their months, the newest first."""
    found: dict[str, Period] = {}
    for link in links(html, page_url):
        match = _RELEASE.search(urlsplit(link.url).path.casefold())
        if match and urlsplit(link.url).netloc == urlsplit(page_url).netloc:
            found[link.url] = Period.month(int(match[2]), MONTH_NAMES.index(match[1]) + 1)
    return dict(sorted(found.items(), key=lambda item: item[1], reverse=True))


def _files(html: str, page_url: str, findings: list[Finding]) -> dict[str, Link]:
    """The links of a release's page by indicator; one to somebody else's site is told and left."""
    hosts = {*ALLOWED_HOSTS, urlsplit(page_url).netloc}
    found: dict[str, Link] = {}
    for link in _by_ending(links(html, page_url)):
        measure = measure_in_name(link.name)
        if measure not in MEASURES:
            continue
        if urlsplit(link.url).netloc in hosts:
            found.setdefault(measure, link)
        else:
            message = (
                f"{page_url}: {link.name} is linked to at {link.url}, which is no address of the publisher"
            )
            findings.append(Finding(Severity.ERROR, "addresses", message))
    return found


def _by_ending(found: Iterable[Link]) -> list[Link]:
    return sorted(
        (link for link in found if link.suffix in _ENDINGS), key=lambda link: _ENDINGS.index(link.suffix)
    )
