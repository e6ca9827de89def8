"""Finding the files: the landing page links to a page for each release, and that to a zip of practice-level tables.

A file's address has a part that cannot be guessed, so the release page must be read. Styles of the pages change;
what has stayed are the last part of a release's address, which is its day ("31-march-2023",
"final-30-september-2019"), and the names of the zips (`GPWPracticeCSV.092023.zip`, `GPWFPracticeCSVpt2.072022.zip`,
`GPWPracticeCSV.0919.zip`). The releases of the last thirteen months are read; older ones, and back series, can be
loaded from files.

The landing page lists releases to come beside those that are out, and each has its page before it has files. A
release without files is such a one where its page says so, where it stands among the upcoming publications, or where
its month has not ended: nothing is wrong then, and nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urldefrag, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from db.domain import Finding, Period, Severity
from etl.reading.links import Link, links, outline
from etl.reading.pages import SitePages, publication_day
from etl.reading.periods import MONTH_NAMES
from etl.source import Discovery, DiscoveryError, Hints, ReadPage, RemoteFile
from etl.sources.general_practice_workforce.naming import edition_in_name

ALLOWED_HOSTS = ("digital.nhs.uk", "files.digital.nhs.uk")
MONTHS_READ = 13
MONTHS_BEFORE_WARNING = 3
"""Figures come out three to four weeks after the end of a month; older than this, a page has probably moved."""

_RELEASE = re.compile(
    r"/(?:general-and-personal-medical-services|general-practice-workforce-archive)/"
    rf"[^/]*?(\d{{1,2}})-({'|'.join(MONTH_NAMES)})-(20\d\d)(?:-[^/]*)?/?$"
)
_FILE = re.compile(r"gpwf?practice.*\.zip$", re.IGNORECASE)
_NOT_PUBLISHED = re.compile(
    r"not yet (?:been )?published|\(upcoming\b|(?:will|due to|to) be published|upcoming publication\b"
)
_UPCOMING = re.compile(r"upcoming|forthcoming|future (?:publication|release)|not yet (?:been )?published")
_DATA = (".zip", ".csv", ".xlsx", ".xls")


@dataclass(frozen=True)
class _Release:
    """A release that the landing page links to; `upcoming` where it stands there among those to come."""

    url: str
    month: Period
    upcoming: bool


@dataclass(frozen=True)
class _File:
    link: Link
    edition: Period
    published_on: date | None


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The zips of the releases of the last thirteen months, oldest edition first, and what a person should know.

    Raises DiscoveryError where the landing page links to no release, or no release to a practice-level zip.
    """
    pages = SitePages(read_page)
    releases = _releases(read_page(landing_url), landing_url)
    published = [release for release in releases if not release.upcoming]
    if not published:
        raise DiscoveryError(f"{landing_url}: wanted links to releases such as '31-march-2023', found none")
    recent = [release for release in releases if _is_to_be_read(release, today)]
    files: dict[str, _File] = {}
    for release in recent or published[-1:]:
        for file in _files(pages, release, today):
            files.setdefault(file.link.url, file)
    if not files:
        told = "; ".join(finding.message for finding in pages.findings)
        raise DiscoveryError(
            f"{landing_url}: wanted a practice-level zip on a release page, found none ({told})"
        )
    ordered = sorted(files.values(), key=lambda file: (file.edition, file.link.name))
    findings = [*pages.findings, *_stale(ordered[-1].edition, landing_url, today)]
    return Discovery(tuple(map(_remote, ordered)), tuple(findings))


def _is_to_be_read(release: _Release, today: date) -> bool:
    """Whether a release is recent and may be out: one listed as upcoming may be, once its month has ended."""
    if _months_between(release.month, today) > MONTHS_READ:
        return False
    return not release.upcoming or release.month.end < today


def _remote(file: _File) -> RemoteFile:
    link, edition = file.link, file.edition
    hints = Hints(published_on=file.published_on)
    return RemoteFile(link.url, link.name, link.text, hints, edition.start, edition.end)


def _releases(html: str, page_url: str) -> list[_Release]:
    """The releases that a page links to, oldest first; one that it also lists among those out is out."""
    found: dict[str, _Release] = {}
    for tag in BeautifulSoup(html, "html.parser").find_all("a", href=True):
        url = urldefrag(urljoin(page_url, str(tag["href"]).strip())).url
        match = _RELEASE.search(urlsplit(url).path.casefold())
        if match and urlsplit(url).netloc == urlsplit(page_url).netloc:
            month = Period.month(int(match[3]), MONTH_NAMES.index(match[2]) + 1)
            upcoming = _is_upcoming(tag) and (url not in found or found[url].upcoming)
            found[url] = _Release(url, month, upcoming)
    return sorted(found.values(), key=lambda release: (release.month, release.url))


def _is_upcoming(tag: Tag) -> bool:
    """Whether a link stands among the releases to come.

    By the headings above it, by the name of a part of the page that holds it, or by the words beside it, within what
    holds no other link.
    """
    around = tag
    while around.parent is not None and len(around.parent.find_all("a")) == 1:
        around = around.parent
    names = (
        str(part.get(name, ""))
        for part in tag.parents
        for name in ("id", "data-uipath", "aria-label", "class")
    )
    said = (" ".join(around.get_text(" ").split()), *outline(tag), *names)
    return any(_UPCOMING.search(text.casefold()) for text in said)


def _files(pages: SitePages, release: _Release, today: date) -> Iterator[_File]:
    """The practice-level zips of a release; what is amiss with its page goes into the pages' findings."""
    may_be_absent = release.upcoming or release.month.end >= today
    html = pages.read(release.url, optional=may_be_absent)
    if html is None:
        return
    found = links(html, release.url)
    zips = [link for link in found if _FILE.search(link.name)]
    if not zips and not may_be_absent and not _says_not_published(html, found):
        message = f"{release.url}: wanted a link to a zip named GPWPracticeCSV, found none"
        pages.findings.append(Finding(Severity.ERROR, "files", message))
    published_on = publication_day(html)
    for link in zips:
        edition = edition_in_name(link.name)
        if edition is None:
            message = (
                f"{release.url}: the name of {link.name} ({link.url}) does not say its month; not fetched"
            )
            pages.findings.append(Finding(Severity.ERROR, "file names", message))
        elif urlsplit(link.url).netloc not in _hosts(release.url):
            message = (
                f"{release.url}: {link.name} is linked to at {link.url}, which is no address of the publisher"
            )
            pages.findings.append(Finding(Severity.ERROR, "addresses", message))
        else:
            yield _File(link, edition, published_on)


def _says_not_published(html: str, found: Iterable[Link]) -> bool:
    """Whether a release's own page says that it is to come. A page with files is of one that is out."""
    text = " ".join(BeautifulSoup(html, "html.parser").get_text(" ").split()).casefold()
    return _NOT_PUBLISHED.search(text) is not None and not any(link.suffix in _DATA for link in found)


def _hosts(page_url: str) -> frozenset[str]:
    return frozenset({*ALLOWED_HOSTS, urlsplit(page_url).netloc})


def _months_between(month: Period, today: date) -> int:
    return (today.year - month.end.year) * 12 + today.month - month.end.month


def _stale(newest: Period, landing_url: str, today: date) -> list[Finding]:
    months = _months_between(newest, today)
    if months <= MONTHS_BEFORE_WARNING:
        return []
    message = f"{landing_url}: the newest release is of {newest.label}, {months} months before {today:%B %Y}"
    return [Finding(Severity.WARNING, "newest month", message)]
