"""Finding the files: landing page, and the year pages of this and the last financial year.

Addresses are never built: uploads move at every release, and names end in five random characters. Wanted are each
month's full CSV data file, the newest overview time series, and the monthly workbooks of a month without a full CSV.
For each month and kind one file is kept: revised over first release, then the later upload, then the later name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import IntEnum
from urllib.parse import urlsplit

from db.domain import Finding, Maturity, Period, Severity
from etl.reading.links import Link, links
from etl.reading.pages import SitePages
from etl.reading.spreadsheets import listed
from etl.source import Discovery, DiscoveryError, Hints, ReadPage, RemoteFile
from etl.sources.referral_to_treatment.dating import is_revised_name, month_in_name

MONTHS_BEFORE_WARNING = 3
"""Figures appear about six weeks after a month ends; older than this and a page has probably moved."""

_YEAR_PAGE = re.compile(r"/rtt-data-(\d{4})-(\d{2})/?$")
_DATA = (".zip", ".csv", ".xlsx", ".xls")
_UPLOAD = re.compile(r"/uploads/(?:sites/\d+/)?(\d{4}/\d{2})/")
_PART_OF_OTHERS = re.compile(r"\bdta\b|decision to admit")
_NOT_READ = re.compile(
    r"press notice|statistical|guidance|annual|recovery|model hospital|hospital trust|unify"
    r"|clearance|pre release|estimates|quality|template|mapping|methodology|removals|unique patients|management"
)


class PublishedKind(IntEnum):
    """Kinds of published file."""

    FULL_CSV = 0
    SERIES = 1
    WORKBOOK = 2


_FAMILIES: tuple[tuple[re.Pattern[str], PublishedKind], ...] = (
    (re.compile(r"\bfull (csv )?(data )?(file|extract)\b|\bfull csv\b"), PublishedKind.FULL_CSV),
    (re.compile(r"\brtt overview time ?series\b"), PublishedKind.SERIES),
    (
        re.compile(r"\b(incomplete|non ?admitted|admitted|new periods) (provider|commissioner)\b"),
        PublishedKind.WORKBOOK,
    ),
)
"""Names by family. `non admitted` ends in `admitted`, so it stands first."""


@dataclass(frozen=True)
class WaitingTimesLink:
    """A link taken for a data file: its kind, its month and whether it is revised, by its name, then by the page."""

    link: Link
    family: PublishedKind
    kind: str
    month: Period
    revised: bool
    hints: Hints

    @property
    def rank(self) -> tuple[bool, str, str]:
        """The larger, the better, among files of one month and kind."""
        upload = _UPLOAD.search(self.link.url)
        return (self.revised, upload[1] if upload else "", self.link.name)


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The files to fetch, oldest first, and what a person should know of the pages.

    Raises DiscoveryError where no page links to a data file that we know.
    """
    site = SitePages(read_page)
    pages = {landing_url: read_page(landing_url)}
    pages |= _year_pages(site, pages[landing_url], landing_url, today)
    candidates: list[WaitingTimesLink] = []
    refused: dict[str, Finding] = {}
    for url, html in pages.items():
        for link in links(html, url):
            if link.suffix in _DATA:
                found = kind_of_link(link, url)
                if isinstance(found, WaitingTimesLink):
                    candidates.append(found)
                elif found is not None:
                    refused.setdefault(link.url, found)
    if not candidates:
        told = "".join(f"; {finding.message}" for finding in site.findings)
        raise DiscoveryError(
            f"{', '.join(pages)}: wanted links to referral to treatment files, such as "
            "Full-CSV-data-file-Jul25-ZIP-4M-92707.zip, found links to data files "
            f"{listed(url.rsplit('/', 1)[-1] for url in refused)}{told}"
        )
    findings = (*site.findings, *refused.values(), *_stale(candidates, today))
    return Discovery(tuple(_remote(candidate) for candidate in files_to_fetch(candidates)), findings)


def _year_pages(site: SitePages, html: str, landing_url: str, today: date) -> dict[str, str]:
    first = today.year if today.month >= 4 else today.year - 1
    years = [f"{year}-{(year + 1) % 100:02}" for year in (first, first - 1)]
    host = urlsplit(landing_url).netloc
    found: dict[str, str] = {}
    for link in links(html, landing_url):
        path = urlsplit(link.url)
        match = _YEAR_PAGE.search(path.path)
        wanted = match is not None and f"{match[1]}-{match[2]}" in years and path.netloc == host
        if wanted and link.url not in found and (text := site.read(link.url)) is not None:
            found[link.url] = text
    if not found:
        message = f"{landing_url} links to no year page of {' or '.join(years)}"
        site.findings.append(Finding(Severity.WARNING, "year pages", message))
    return found


def _words(name: str) -> str:
    stem = re.sub(r"\.(zip|csv|xlsx?)$", "", name.casefold())
    return re.sub(r"[^a-z0-9]+", " ", stem).strip()


def kind_of_link(link: Link, page_url: str) -> WaitingTimesLink | Finding | None:
    """What a data link is: a file to consider, a finding that names it, or None for what is plainly no data of ours."""
    name = _words(link.name)
    if _PART_OF_OTHERS.search(name):
        return None
    kind = next(
        ((match[0], family) for pattern, family in _FAMILIES if (match := pattern.search(name))), None
    )
    if kind is None:
        known = _NOT_READ.search(name) or _NOT_READ.search(_words(link.text))
        return (
            None if known else _unparseable(link, page_url, "a kind of file that is known", Severity.WARNING)
        )
    in_name = month_in_name(link.name)
    month = in_name or month_in_name(link.text) or month_in_name(link.heading)
    if month is None:
        return _unparseable(link, page_url, "the month that it holds", Severity.ERROR)
    named = is_revised_name(link.name)
    revised = named or is_revised_name(link.text)
    hints = Hints(
        period=None if in_name else month,
        maturity=Maturity.REVISED if revised and not named and kind[1] is not PublishedKind.SERIES else None,
    )
    label = kind[0] if kind[1] is PublishedKind.WORKBOOK else ""
    return WaitingTimesLink(link, kind[1], label, month, revised, hints)


def _unparseable(link: Link, page_url: str, what: str, severity: Severity) -> Finding:
    message = (
        f"{page_url}: the name of {link.name} ('{link.text}', {link.url}) does not say {what}; not fetched"
    )
    return Finding(severity, "file names", message)


def files_to_fetch(candidates: Iterable[WaitingTimesLink]) -> list[WaitingTimesLink]:
    """The files to fetch of those found, oldest first: one series, and one file of a kind for each month."""
    best: dict[tuple[object, ...], WaitingTimesLink] = {}
    for candidate in candidates:
        slot = (candidate.family, candidate.kind, candidate.month)
        if slot not in best or candidate.rank > best[slot].rank:
            best[slot] = candidate
    return sorted(_kept(best.values()), key=lambda item: (item.month, -item.family, item.link.name))


def _kept(best: Iterable[WaitingTimesLink]) -> Iterator[WaitingTimesLink]:
    found = list(best)
    whole = {item.month for item in found if item.family is PublishedKind.FULL_CSV}
    series = [item for item in found if item.family is PublishedKind.SERIES]
    yield from sorted(series, key=lambda item: item.month)[-1:]
    yield from (item for item in found if item.family is PublishedKind.FULL_CSV)
    yield from (item for item in found if item.family is PublishedKind.WORKBOOK and item.month not in whole)


def _stale(candidates: list[WaitingTimesLink], today: date) -> Iterator[Finding]:
    newest = max(candidate.month for candidate in candidates)
    months = (today.year - newest.start.year) * 12 + today.month - newest.start.month
    if months > MONTHS_BEFORE_WARNING:
        message = f"the newest month on the pages is {newest.label}, {months} months before {today:%B %Y}"
        yield Finding(Severity.WARNING, "newest month", message)


def _remote(candidate: WaitingTimesLink) -> RemoteFile:
    link, month = candidate.link, candidate.month
    return RemoteFile(link.url, link.name, link.text, candidate.hints, month.start, month.end)
