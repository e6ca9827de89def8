"""Finding the files of each month: the full CSV data file, the newest overview time series, and the monthly workbooks
of a month without a full CSV."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from db.domain import Finding, Severity
from etl.reading.links import Link
from etl.reading.monthly_returns.month_links import (
    MonthLink,
    ReturnPages,
    month_link,
    not_fetched,
    words_of_name,
)
from etl.source import Discovery, ReadPage

FULL_CSV, SERIES = "full CSV data file", "overview time series"
_YEAR_PAGE = re.compile(r"/rtt-data-(\d{4})-(\d{2})/?$")
_PART_OF_OTHERS = re.compile(r"\bdta\b|decision to admit")
_NOT_READ = re.compile(
    r"press notice|statistical|guidance|annual|recovery|model hospital|hospital trust|unify"
    r"|clearance|pre release|estimates|quality|template|mapping|methodology|removals|unique patients|management"
)
_FULL_CSV = re.compile(r"\bfull (csv )?(data )?(file|extract)\b|\bfull csv\b")
_SERIES = re.compile(r"\brtt overview time ?series\b")
_WORKBOOK = re.compile(r"\b(incomplete|non ?admitted|admitted|new periods) (provider|commissioner)\b")
"""`non admitted` ends in `admitted`, so it stands first."""


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The files to fetch, oldest first, and what a person should know of the pages.

    Raises DiscoveryError where no page links to a data file that we know.
    """
    return _PAGES.discover(read_page, landing_url, today)


def _kind_of(link: Link, page_url: str) -> MonthLink | Finding | None:
    name = words_of_name(link.name)
    if _PART_OF_OTHERS.search(name):
        return None
    if _FULL_CSV.search(name):
        return month_link(link, page_url, FULL_CSV)
    if _SERIES.search(name):
        return month_link(link, page_url, SERIES, one_status=False)
    if match := _WORKBOOK.search(name):
        return month_link(link, page_url, match[0])
    if _NOT_READ.search(name) or _NOT_READ.search(words_of_name(link.text)):
        return None
    return not_fetched(link, page_url, "a kind of file that is known", Severity.WARNING)


def _choose(best: Iterable[MonthLink]) -> Iterable[MonthLink]:
    """Oldest first: one series, and of a month its full CSV or else its workbooks."""
    found = list(best)
    whole = [item for item in found if item.kind == FULL_CSV]
    months = {item.month for item in whole}
    series = sorted((item for item in found if item.kind == SERIES), key=lambda item: item.month)[-1:]
    workbooks = [item for item in found if item.kind not in (FULL_CSV, SERIES) and item.month not in months]
    order = {FULL_CSV: 2, SERIES: 1}
    return sorted(
        [*series, *whole, *workbooks],
        key=lambda item: (item.month, order.get(item.kind, 0), item.link.name),
    )


_PAGES = ReturnPages(
    _YEAR_PAGE,
    _kind_of,
    _choose,
    "referral to treatment files, such as Full-CSV-data-file-Jul25-ZIP-4M-92707.zip",
)
