"""A return's pages: the landing page, the year pages of this and the last financial year, and their monthly files.

Addresses are never built: uploads move at every release, and names end in five random characters. For each month and
kind one file is kept: revised over first release, then the later upload, then the later name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from db.domain import Finding, Maturity, Period, Severity
from db.reading.spreadsheets import listed
from etl.reading.links import Link, links
from etl.reading.monthly_returns.dating import is_revised_name, month_in_name
from etl.reading.pages import SitePages
from etl.source import Discovery, DiscoveryError, Hints, ReadPage, RemoteFile

_MONTHS_BEFORE_WARNING = 3
"""Figures appear about six weeks after a month ends; older than this and a page has probably moved."""

_DATA = (".zip", ".csv", ".xlsx", ".xls")
_SUFFIX = re.compile(r"\.(zip|csv|xlsx?)$")
_UPLOAD = re.compile(r"/uploads/(?:sites/\d+/)?(\d{4}/\d{2})/")


@dataclass(frozen=True)
class MonthLink:
    """A link taken for a data file: its kind, its month and whether it is revised, by its name, then by the page."""

    link: Link
    kind: str
    month: Period
    revised: bool
    hints: Hints

    @property
    def rank(self) -> tuple[bool, str, str]:
        """The larger, the better, among files of one month and kind."""
        upload = _UPLOAD.search(self.link.url)
        return (self.revised, upload[1] if upload else "", self.link.name)

    @property
    def remote(self) -> RemoteFile:
        link, month = self.link, self.month
        return RemoteFile(link.url, link.name, link.text, self.hints, month.start, month.end)


@dataclass(frozen=True)
class ReturnPages:
    """How a return's pages are read.

    `year_page` finds the two halves of a financial year in the path of a year page; None where the landing page lists
    every file. `kind_of` says what a data link is:
    a file to consider, a finding that names it, or None for what is plainly no data of ours. `choose` picks those to
    fetch from the best of each month and kind, in the order in which they are to stand.
    `wanted` says what is looked for, with an example of a name.
    """

    year_page: re.Pattern[str] | None
    kind_of: Callable[[Link, str], MonthLink | Finding | None]
    choose: Callable[[Iterable[MonthLink]], Iterable[MonthLink]]
    wanted: str

    def discover(self, read_page: ReadPage, landing_url: str, today: date) -> Discovery:
        """The files to fetch, oldest first, and what a person should know of the pages.

        Raises DiscoveryError where no page links to a data file that we know.
        """
        site = SitePages(read_page)
        pages = {landing_url: read_page(landing_url)}
        if self.year_page is not None:
            pages |= _year_pages(self.year_page, site, pages[landing_url], landing_url, today)
        candidates: list[MonthLink] = []
        refused: dict[str, Finding] = {}
        for url, html in pages.items():
            for link in links(html, url):
                if link.suffix in _DATA:
                    found = self.kind_of(link, url)
                    if isinstance(found, MonthLink):
                        candidates.append(found)
                    elif found is not None:
                        refused.setdefault(link.url, found)
        if not candidates:
            told = "".join(f"; {finding.message}" for finding in site.findings)
            raise DiscoveryError(
                f"{', '.join(pages)}: wanted links to {self.wanted}, found links to data files "
                f"{listed(url.rsplit('/', 1)[-1] for url in refused)}{told}"
            )
        findings = (*site.findings, *refused.values(), *_stale(candidates, today))
        chosen = self.choose(_best(candidates))
        return Discovery(tuple(candidate.remote for candidate in chosen), findings)


def _year_pages(
    pattern: re.Pattern[str], site: SitePages, html: str, landing_url: str, today: date
) -> dict[str, str]:
    first = today.year if today.month >= 4 else today.year - 1
    years = [f"{year}-{(year + 1) % 100:02}" for year in (first, first - 1)]
    host = urlsplit(landing_url).netloc
    found: dict[str, str] = {}
    for link in links(html, landing_url):
        path = urlsplit(link.url)
        match = pattern.search(path.path)
        wanted = match is not None and f"{match[1]}-{match[2]}" in years and path.netloc == host
        if wanted and link.url not in found and (text := site.read(link.url)) is not None:
            found[link.url] = text
    if not found:
        message = f"{landing_url} links to no year page of {' or '.join(years)}"
        site.findings.append(Finding(Severity.WARNING, "year pages", message))
    return found


def words_of_name(name: str) -> str:
    """A published name or a link's text in small letters, without its suffix and with single spaces."""
    return re.sub(r"[^a-z0-9]+", " ", _SUFFIX.sub("", name.casefold())).strip()


def month_link(link: Link, page_url: str, kind: str, *, one_status: bool = True) -> MonthLink | Finding:
    """A link to a data file of a kind, with the month that its name, text or heading says; a finding where none does.

    `one_status` is False of a file whose months are not all revised where its link says so.
    """
    in_name = month_in_name(link.name)
    month = in_name or month_in_name(link.text) or month_in_name(link.heading)
    if month is None:
        return not_fetched(link, page_url, "the month that it holds", Severity.ERROR)
    named = is_revised_name(link.name)
    revised = named or is_revised_name(link.text)
    hints = Hints(
        period=None if in_name else month,
        maturity=Maturity.REVISED if revised and not named and one_status else None,
    )
    return MonthLink(link, kind, month, revised, hints)


def not_fetched(link: Link, page_url: str, what: str, severity: Severity) -> Finding:
    """What is said of a data link whose name does not say something."""
    message = (
        f"{page_url}: the name of {link.name} ('{link.text}', {link.url}) does not say {what}; not fetched"
    )
    return Finding(severity, "file names", message)


def _best(candidates: Iterable[MonthLink]) -> list[MonthLink]:
    best: dict[tuple[str, Period], MonthLink] = {}
    for candidate in candidates:
        slot = (candidate.kind, candidate.month)
        if slot not in best or candidate.rank > best[slot].rank:
            best[slot] = candidate
    return list(best.values())


def _stale(candidates: list[MonthLink], today: date) -> Iterator[Finding]:
    newest = max(candidate.month for candidate in candidates)
    months = (today.year - newest.start.year) * 12 + today.month - newest.start.month
    if months > _MONTHS_BEFORE_WARNING:
        message = f"the newest month on the pages is {newest.label}, {months} months before {today:%B %Y}"
        yield Finding(Severity.WARNING, "newest month", message)
