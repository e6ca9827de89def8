"""The audit's result pages: which files they link to, and how old the newest is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from urllib.parse import urlsplit

from db.domain import Finding, Frequency, Period, Severity
from db.reading.spreadsheets import listed
from etl.reading.links import Link, links
from etl.reading.pages import SitePages
from etl.source import Discovery, DiscoveryError, Hints, LayoutError, ReadPage, RemoteFile
from etl.sources.ssnap.dating import period_of_name

OLDEST_DAYS = 243
"""Eight months after a period's end its successor should have come: results follow within about half a year."""

_SUMMARY = re.compile(r"(?i)summary[ _-]?report")
_PORTFOLIO = re.compile(r"(?i)portfolio")
_ORGANISATIONAL = re.compile(r"(?i)organi[sz]ational|acute-?org")
_OTHER = re.compile(r"(?i)thrombectomy|esd|non[ -]?inpatient|post[ -]?acute|icb|isdn")
_COMMISSIONERS = re.compile(r"(?i)ccg|lhb")
_PICTURES = (".pdf", ".pptx", ".ppt", ".zip", ".docx", ".png", ".jpg")
_PAGE = re.compile(r"(?i)clinical-?audit|results-and-reports|national-results|/results")
MAXIMUM_PAGES = 12


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The summary reports and results portfolios that the result pages link to, summaries first.

    Portfolios come after them so that their counts stand, and annual ones by commissioner (CCG and LHB) last; other
    outputs by commissioner, and such without a year in their name, are passed over. Of several links to one output and
    period the last is taken. Raises DiscoveryError where no page links to any. A link that cannot be dated becomes an
    error finding.
    """
    site = SitePages(read_page)
    found: dict[tuple[int, Period], RemoteFile] = {}
    undated: list[str] = []
    for link in _all_links(site, links(read_page(landing_url), landing_url), landing_url):
        kind = _kind(link)
        if kind is None:
            continue
        period = _period(link)
        if kind == _BY_COMMISSIONER:
            if period is not None and period.frequency is Frequency.YEAR:
                found[kind, period] = _remote(link, period)
        elif period is None:
            undated.append(f"{link.name} ({link.text})")
        else:
            found[kind, period] = _remote(link, period)
    if not found and not undated:
        told = "".join(f"; {finding.message}" for finding in site.findings)
        raise DiscoveryError(
            f"{landing_url}: wanted links to summary reports or results portfolios, such as "
            f"JulSep2024-SummaryReport.aspx, found none{told}"
        )
    files = tuple(found[key] for key in sorted(found, key=lambda key: (key[0], key[1].start, key[1].end)))
    newest = _too_old([period for _, period in found], today)
    return Discovery(files, (*site.findings, *_undated(undated), *newest))


def _remote(link: Link, period: Period) -> RemoteFile:
    return RemoteFile(link.url, link.name, link.text, Hints(period=period), period.start, period.end)


def _all_links(site: SitePages, first: Sequence[Link], landing_url: str) -> list[Link]:
    """The links of the landing page and of the result pages of the same site that it links to."""
    host = urlsplit(landing_url).hostname
    pages: dict[str, None] = {}
    for link in first:
        same = urlsplit(link.url).hostname == host and link.url != landing_url
        if same and _kind(link) is None and _is_result_page(link):
            pages[link.url] = None
    found = list(first)
    for url in list(pages)[:MAXIMUM_PAGES]:
        html = site.read(url, gone=Severity.WARNING)
        if html is not None:
            found += links(html, url)
    return found


def _is_result_page(link: Link) -> bool:
    page = link.suffix in {"", ".aspx", ".html", ".htm"}
    return page and "/documents/" not in link.url.casefold() and bool(_PAGE.search(link.url))


_SUMMARY_REPORT, _RESULTS, _BY_COMMISSIONER = range(3)


def _kind(link: Link) -> int | None:
    """Which output a link leads to, None for anything that is not read."""
    if link.suffix in _PICTURES or _OTHER.search(link.name) or _ORGANISATIONAL.search(link.url):
        return None
    if _COMMISSIONERS.search(link.name):
        return _BY_COMMISSIONER if _PORTFOLIO.search(link.name) else None
    if _SUMMARY.search(link.name):
        return _SUMMARY_REPORT
    return _RESULTS if _PORTFOLIO.search(link.name) else None


def _period(link: Link) -> Period | None:
    try:
        return period_of_name(link.name) or period_of_name(link.text)
    except LayoutError:
        return None


def _undated(names: list[str]) -> tuple[Finding, ...]:
    if not names:
        return ()
    message = f"wanted a period such as JulSep2024 in the name of each file, found {listed(names)}"
    return (Finding(Severity.ERROR, "file names", message, len(names)),)


def _too_old(periods: list[Period], today: date) -> tuple[Finding, ...]:
    if not periods:
        return ()
    newest = max(periods, key=lambda period: period.end)
    if (today - newest.end).days <= OLDEST_DAYS:
        return ()
    message = (
        f"the newest period on the result pages is {newest.label}, which ended more than eight months ago: "
        "the pages may have moved"
    )
    return (Finding(Severity.WARNING, "freshness", message),)
