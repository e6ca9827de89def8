"""Finding the files: one page lists every month's workbook and the newest time series.

Names follow no pattern: `sitrep` and a month are all that they have in common. CSV files of the same months are left,
for the workbook of a month holds what they hold.
"""

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

MONTHLY, SERIES = "monthly workbook", "time series"
_WORKBOOKS = (".xlsx", ".xls")
_SITREP = re.compile(r"\bsitrep\b|\bsituation report\b")
_SERIES = re.compile(r"\btime ?series\b")
_OTHERS = re.compile(
    r"\bcommunity\b|discharge ready|\bdrd\b|guidance|definitions?|specification|methodology|quality"
)
_UNDER_WAY = re.compile(r".*(?:^|[^a-z])to[^a-z]|.*20\d\d-(?=[a-z]+20\d\d)")


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The files to fetch, oldest first, and what a person should know of the page.

    Raises DiscoveryError where it links to no workbook that we know.
    """
    return _PAGES.discover(read_page, landing_url, today)


def _kind_of(link: Link, page_url: str) -> MonthLink | Finding | None:
    name = words_of_name(link.name)
    both = f"{name} {words_of_name(link.text)}"
    if link.suffix not in _WORKBOOKS or _OTHERS.search(both):
        return None
    if not _SITREP.search(both):
        return not_fetched(link, page_url, "a kind of file that is known", Severity.WARNING)
    if _SERIES.search(both):
        # The series names its first month and its last: it is of the last.
        last = Link(link.url, _UNDER_WAY.sub("", link.text.casefold()), link.heading)
        return month_link(last, page_url, SERIES, one_status=False)
    return month_link(link, page_url, MONTHLY)


def _choose(best: Iterable[MonthLink]) -> Iterable[MonthLink]:
    """The newest series, then each month's workbook."""
    found = sorted(best, key=lambda item: (item.month, item.link.name))
    series = [item for item in found if item.kind == SERIES]
    return [*series[-1:], *(item for item in found if item.kind == MONTHLY)]


_PAGES = ReturnPages(
    None,
    _kind_of,
    _choose,
    "acute discharge workbooks, such as Daily-discharge-sitrep-monthly-data-webfile-January-2026.xlsx",
)
