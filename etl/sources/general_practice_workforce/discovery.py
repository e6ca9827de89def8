"""Finding the files: the landing page links to a page for each release, and that to a zip of practice-level tables.

A file's address has a part that cannot be guessed, so the release page must be read. Styles of the pages change;
what has stayed are the last part of a release's address, which is its day ("31-march-2023",
"final-30-september-2019"), and the names of the zips (`GPWPracticeCSV.092023.zip`, `GPWFPracticeCSVpt2.072022.zip`,
`GPWPracticeCSV.0919.zip`). The releases of the last thirteen months are read; older ones, and back series, can be
loaded from files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

from db.domain import Finding, Period, Severity
from etl.reading.links import Link, links
from etl.reading.periods import MONTH_NAMES
from etl.source import Discovery, DiscoveryError, Hints, ReadPage, RemoteFile, SourceError
from etl.sources.general_practice_workforce.naming import edition_in_name

LANDING_URL = "https://digital.nhs.uk/data-and-information/publications/statistical/general-and-personal-medical-services"
ALLOWED_HOSTS = ("digital.nhs.uk", "files.digital.nhs.uk")
MONTHS_READ = 13
MONTHS_BEFORE_WARNING = 3
"""Figures come out three to four weeks after the end of a month; older than this, a page has probably moved."""

_RELEASE = re.compile(
    r"/(?:general-and-personal-medical-services|general-practice-workforce-archive)/"
    rf"[^/]*?(\d{{1,2}})-({'|'.join(MONTH_NAMES)})-(20\d\d)(?:-[^/]*)?/?$"
)
_FILE = re.compile(r"gpwf?practice.*\.zip$", re.IGNORECASE)
_PUBLISHED = re.compile(r"publication date:?\s*(\d{1,2})\s+([a-z]{3})[a-z]*\s+(20\d\d)", re.IGNORECASE)
_UPCOMING = "not yet published"


@dataclass(frozen=True)
class _Release:
    url: str
    month: Period


@dataclass(frozen=True)
class _File:
    link: Link
    edition: Period
    published_on: date | None


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The zips of the releases of the last thirteen months, oldest edition first, and what a person should know.

    Raises DiscoveryError where the landing page links to no release, or no release to a practice-level zip.
    """
    releases = _releases(read_page(landing_url), landing_url)
    if not releases:
        raise DiscoveryError(f"{landing_url}: wanted links to releases such as '31-march-2023', found none")
    recent = [release for release in releases if _months_between(release.month, today) <= MONTHS_READ]
    findings: list[Finding] = []
    files: dict[str, _File] = {}
    for release in recent or releases[-1:]:
        for found in _files(read_page, release):
            if isinstance(found, Finding):
                findings.append(found)
            else:
                files.setdefault(found.link.url, found)
    if not files:
        told = "; ".join(finding.message for finding in findings)
        raise DiscoveryError(
            f"{landing_url}: wanted a practice-level zip on a release page, found none ({told})"
        )
    ordered = sorted(files.values(), key=lambda file: (file.edition, file.link.name))
    findings += _stale(ordered[-1].edition, landing_url, today)
    return Discovery(tuple(map(_remote, ordered)), tuple(findings))


def _remote(file: _File) -> RemoteFile:
    link, edition = file.link, file.edition
    hints = Hints(published_on=file.published_on)
    return RemoteFile(link.url, link.name, link.text, hints, edition.start, edition.end)


def _releases(html: str, page_url: str) -> list[_Release]:
    """The releases that a page links to, oldest first, without those announced for later."""
    found: dict[str, _Release] = {}
    for tag in BeautifulSoup(html, "html.parser").find_all("a", href=True):
        url = urljoin(page_url, str(tag["href"]).strip())
        match = _RELEASE.search(urlsplit(url).path.casefold())
        if match and urlsplit(url).netloc == urlsplit(page_url).netloc and not _is_upcoming(tag):
            month = Period.month(int(match[3]), MONTH_NAMES.index(match[2]) + 1)
            found.setdefault(url, _Release(url, month))
    return sorted(found.values(), key=lambda release: (release.month, release.url))


def _is_upcoming(tag: Tag) -> bool:
    """Whether the words "not yet published" stand in a link or beside it, within what holds no other link."""
    around = tag
    while around.parent is not None and len(around.parent.find_all("a")) == 1:
        around = around.parent
    return _UPCOMING in " ".join(around.get_text(" ").split()).casefold()


def _files(read_page: ReadPage, release: _Release) -> Iterator[_File | Finding]:
    try:
        html = read_page(release.url)
    except SourceError as error:
        yield Finding(Severity.ERROR, "pages", f"{release.url} could not be read: {error}")
        return
    found = [link for link in links(html, release.url) if _FILE.search(link.name)]
    if not found:
        message = f"{release.url}: wanted a link to a zip named GPWPracticeCSV, found none"
        yield Finding(Severity.ERROR, "files", message)
    published_on = _published_on(html)
    for link in found:
        edition = edition_in_name(link.name)
        if edition is None:
            message = (
                f"{release.url}: the name of {link.name} ({link.url}) does not say its month; not fetched"
            )
            yield Finding(Severity.ERROR, "file names", message)
        elif urlsplit(link.url).netloc not in _hosts(release.url):
            message = (
                f"{release.url}: {link.name} is linked to at {link.url}, which is no address of the publisher"
            )
            yield Finding(Severity.ERROR, "addresses", message)
        else:
            yield _File(link, edition, published_on)


def _hosts(page_url: str) -> frozenset[str]:
    return frozenset({*ALLOWED_HOSTS, urlsplit(page_url).netloc})


def _published_on(html: str) -> date | None:
    """The publication date that a release page states, None where it states none."""
    match = _PUBLISHED.search(" ".join(BeautifulSoup(html, "html.parser").get_text(" ").split()))
    months = {name[:3]: number for number, name in enumerate(MONTH_NAMES, 1)}
    if match is None or match[2].casefold() not in months:
        return None
    try:
        return date(int(match[3]), months[match[2].casefold()], int(match[1]))
    except ValueError:
        return None


def _months_between(month: Period, today: date) -> int:
    return (today.year - month.end.year) * 12 + today.month - month.end.month


def _stale(newest: Period, landing_url: str, today: date) -> list[Finding]:
    months = _months_between(newest, today)
    if months <= MONTHS_BEFORE_WARNING:
        return []
    message = f"{landing_url}: the newest release is of {newest.label}, {months} months before {today:%B %Y}"
    return [Finding(Severity.WARNING, "newest month", message)]
