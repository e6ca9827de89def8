"""The pages of a publisher's site, as one discovery reads them: what fails is told, and the others are read."""

from __future__ import annotations

from db.domain import Finding, Severity
from etl.source import DiscoveryError, PageGoneError, ReadPage, SourceError


class SitePages:
    """Reads linked pages. `findings` holds one for each that could not be read, and what a source adds.

    A page that is gone is a warning, for links outlive their pages; one that could not be read is an error, since
    what it holds is not known.
    """

    def __init__(self, read_page: ReadPage) -> None:
        self._read_page = read_page
        self.findings: list[Finding] = []

    def read(self, url: str, *, optional: bool = False) -> str | None:
        """A page's text, None where it fails. Of a page that need not be there yet nothing is said."""
        try:
            return self._read_page(url)
        except SourceError as error:
            if not optional:
                self.findings.append(unreadable_page(url, error))
            return None


def unreadable_page(url: str, error: SourceError) -> Finding:
    """What is said of a page that could not be read, or does not hold what was looked for, where others did."""
    severity = Severity.WARNING if isinstance(error, PageGoneError | DiscoveryError) else Severity.ERROR
    told = str(error).removeprefix(f"{url}: ")
    return Finding(severity, "pages", f"{url} could not be read: {told}")
