"""What a publisher's pages offer on a day, in words: nothing is fetched but pages, and nothing is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from db.domain import Severity
from db.settings import Settings
from etl.pipeline.fetch import Fetcher
from etl.pipeline.pages import PageReader, saved_pages
from etl.pipeline.recognise import offered_files
from etl.reading.links import Link, links
from etl.source import Discovery, RemoteFile, Source, SourceError

_DATA = frozenset({".csv", ".xlsx", ".xls", ".ods", ".zip"})


@dataclass(frozen=True)
class Offer:
    """A source's pages as read on a day, what the source made of them, and what was amiss.

    `message` says why nothing at all could be made of them, "" where something could.
    """

    source: Source
    day: date
    pages: PageReader
    discovery: Discovery
    message: str = ""

    @property
    def failed(self) -> bool:
        """Whether a refresh would end as failed."""
        return bool(self.message) or any(item.severity is Severity.ERROR for item in self.discovery.findings)

    def lines(self) -> Iterator[str]:
        """The offer in words, a line each."""
        yield f"{self.source.name}, as on {self.day:%d %B %Y}"
        for url in self.pages.texts:
            yield f"page {url}"
        for url, error in self.pages.failed.items():
            yield f"page {url} FAILED: {str(error).removeprefix(f'{url}: ')}"
        for file in self.discovery.files:
            yield f"would fetch {file.name}: {span_of(file)}{_hinted(file)} ({file.url})"
        findings = self.discovery.findings
        for finding in findings:
            yield f"{finding.severity}: {finding.check}: {finding.message}"
        for link in self.others():
            yield f"left {link.name}: '{link.text}' ({link.url})"
        if self.message:
            yield f"error: {self.message}"
        counted = ", ".join(
            f"{sum(finding.severity is severity for finding in findings)} {severity}s"
            for severity in (Severity.ERROR, Severity.WARNING)
        )
        yield (
            f"{len(self.pages.texts)} pages read, {len(self.pages.failed)} failed; "
            f"{len(self.discovery.files)} files would be fetched; {counted}"
        )

    def others(self) -> list[Link]:
        """The data files that the pages link to, are not fetched, and of which no finding speaks."""
        said = {file.url for file in self.discovery.files}
        messages = " ".join(finding.message for finding in self.discovery.findings)
        found = {
            link.url: link
            for url, html in self.pages.texts.items()
            for link in links(html, url)
            if link.url not in said and (link.suffix in _DATA or "/documents/" in link.url.casefold())
        }
        return [link for link in found.values() if link.name not in messages]


def publisher_offer(source: Source, settings: Settings, day: date | None = None) -> Offer:
    """What the publisher's site offers now."""
    with Fetcher(settings.fetch, source.allowed_hosts) as fetcher:
        return _offer(source, PageReader.of_site(fetcher), day or datetime.now(UTC).date())


def saved_offer(source: Source, folder: Path, day: date | None = None) -> Offer:
    """What pages that were saved offer, as on the day of saving unless told. Raises SourceError for no such folder."""
    saved = saved_pages(folder, source.landing_url)
    return _offer(source, PageReader(saved), day or saved.day or datetime.now(UTC).date())


def _offer(source: Source, pages: PageReader, day: date) -> Offer:
    try:
        return Offer(source, day, pages, offered_files(source, pages, day))
    except SourceError as error:
        return Offer(source, day, pages, Discovery(()), str(error))


def span_of(file: RemoteFile) -> str:
    """The months that a file offered holds figures of, as far as its name or page say."""
    if file.first is None or file.last is None:
        return "months not said"
    first, last = f"{file.first:%B %Y}", f"{file.last:%B %Y}"
    return first if first == last else f"{first} to {last}"


def _hinted(file: RemoteFile) -> str:
    said = [file.hints.maturity.label] if file.hints.maturity is not None else []
    said += [f"published {file.hints.published_on:%d %B %Y}"] if file.hints.published_on else []
    return f", {', '.join(said)}" if said else ""
