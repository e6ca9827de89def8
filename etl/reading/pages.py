"""The pages of a publisher's site, as one discovery reads them: what fails is told, and the others are read."""

from __future__ import annotations

from db.domain import Finding, Severity
from etl.source import DiscoveryError, PageGoneError, ReadPage, SourceError


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
