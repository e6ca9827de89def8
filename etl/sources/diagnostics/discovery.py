"""Finding the files of each month: the provider workbook and the full extract, which has the commissioners."""

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

PROVIDERS, EXTRACT = "provider workbook", "full extract"
_YEAR_PAGE = re.compile(r"/monthly-diagnostics-data-(\d{4})-(\d{2})/?$")
_PROVIDERS = re.compile(r"\bmonthly diagnostics (revisions )?(web file )?provider\b")
_EXTRACT = re.compile(r"\bdm01\b.*\bfull extract\b|\bfull extract\b.*\bdm01\b")
_COMMISSIONERS = re.compile(r"\bmonthly diagnostics (revisions )?(web file )?commissioner\b")
_NOT_READ = re.compile(
    r"press notice|statistical|guidance|definitions?|annual|quarterly|census|time ?series|timeseries|quality"
    r"|template|mapping|methodology|management information|pre release|report|cdc\b|community diagnostic"
)


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The files to fetch, oldest first, and what a person should know of the pages.

    Raises DiscoveryError where no page links to a data file that we know.
    """
    return _PAGES.discover(read_page, landing_url, today)


def _kind_of(link: Link, page_url: str) -> MonthLink | Finding | None:
    name = words_of_name(link.name)
    if _PROVIDERS.search(name):
        return month_link(link, page_url, PROVIDERS)
    if _EXTRACT.search(name):
        return month_link(link, page_url, EXTRACT)
    if _COMMISSIONERS.search(name):
        return None
    if _NOT_READ.search(name) or _NOT_READ.search(words_of_name(link.text)):
        return None
    return not_fetched(link, page_url, "a kind of file that is known", Severity.WARNING)


def _choose(best: Iterable[MonthLink]) -> Iterable[MonthLink]:
    """Both files of each month: the workbook has regions and England as printed, the extract commissioners."""
    return sorted(best, key=lambda item: (item.month, item.kind, item.link.name))


_PAGES = ReturnPages(
    _YEAR_PAGE,
    _kind_of,
    _choose,
    "diagnostics files, such as Monthly-Diagnostics-Web-File-Provider-July-2025_L8FLO.xls",
)
