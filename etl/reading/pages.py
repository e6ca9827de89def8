"""The pages of a publisher's site, as one discovery reads them: what fails is told, and the others are read."""

from __future__ import annotations

import re
from datetime import date

from bs4 import BeautifulSoup

from db.domain import Finding, Severity
from etl.reading.periods import MONTH_NAMES
from etl.source import DiscoveryError, PageGoneError, ReadPage, SourceError

_PUBLISHED = re.compile(r"publication date:?\s*(\d{1,2})\s+([a-z]{3})[a-z]*\s+(20\d\d)", re.IGNORECASE)


class SitePages:
    """Reads linked pages. `findings` holds one for each that could not be read, and what a source adds.

    One that could not be read is an error, since what it holds is not known.
    """

    def __init__(self, read_page: ReadPage) -> None:
        self._read_page = read_page
        self.findings: list[Finding] = []

    def read(self, url: str, *, gone: Severity = Severity.ERROR, optional: bool = False) -> str | None:
        """A page's text, None where it fails.

        `gone` is how bad it is that there is no such page: links outlive pages that may hold nothing of ours. Of a
        page that is `optional`, since it need not be there yet, nothing is said.
        """
        try:
            return self._read_page(url)
        except SourceError as error:
            if not optional:
                self.findings.append(unreadable_page(url, error, gone=gone))
            return None


def unreadable_page(url: str, error: SourceError, *, gone: Severity = Severity.WARNING) -> Finding:
    """What is said of a page that could not be read, or does not hold what was looked for, where others did."""
    severity = gone if isinstance(error, PageGoneError | DiscoveryError) else Severity.ERROR
    told = str(error).removeprefix(f"{url}: ")
    return Finding(severity, "pages", f"{url} could not be read: {told}")


def publication_day(html: str) -> date | None:
    """The publication date that a release page states ("Publication Date: 12 Oct 2023"), None where it states none."""
    match = _PUBLISHED.search(" ".join(BeautifulSoup(html, "html.parser").get_text(" ").split()))
    months = {name[:3]: number for number, name in enumerate(MONTH_NAMES, 1)}
    if match is None or match[2].casefold() not in months:
        return None
    try:
        return date(int(match[3]), months[match[2].casefold()], int(match[1]))
    except ValueError:
        return None
