"""Finding the files: landing page, year pages of this and the last financial year, and their period pages.

Addresses are never built: uploads move to a new folder at every release and revision. Wanted are the combined CSV
or, where there is none, its workbook; provider and commissioner workbooks; provider and ICB sub location extracts;
the numbered CSVs where a month has nothing better; and the newest national time series of the old and of the
combined standards. For each month and basis one file is kept: final over provisional, then the richer family,
then the cumulative file, then the newest ICB structure, then the later upload.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from urllib.parse import urlsplit

from db.domain import Basis, Finding, Maturity, Period, Severity
from db.reading.spreadsheets import listed
from etl.reading.links import Link, links
from etl.reading.pages import SitePages
from etl.reading.periods import MonthSpan, span_in_name
from etl.source import Discovery, DiscoveryError, Hints, ReadPage, RemoteFile
from etl.sources.cancer_waiting_times.dating import maturity_in_text

MONTHS_BEFORE_WARNING = 3
"""Figures appear about six weeks after a month ends; older than this and a page has probably moved."""

COMBINED_FROM = Period.month(2023, 10)

_YEAR_PAGE = re.compile(r"/(\d{4})-(\d{2})-monthly-cancer-waiting-times-statistics/?$")
_INDEX_PAGE = re.compile(r"/monthly-data-and-summaries/?$")
_PERIOD_PAGE = re.compile(r"cancer-waiting-times-for-[a-z]+-\d{4}(-\d{2})?-(provisional|final)/?$")
_DATA = (".csv", ".xlsx", ".xls")
_NOT_DATA = re.compile(
    r"guidance|technical note|statistical (release|commentary|press notice)|press release|data quality"
    r"|pre release|revisions policy|referrals? (to|seen)|rarer? cancers?"
)
_ABOUT_DATA = re.compile(
    r"\b(skeleton|blank|template|example|dictionary|definitions?|glossary|meta ?data|specification|mapping|lookup"
    r"|look up)\b"
)
"""Tables that the pages offer beside the figures, whatever else their names say."""
_NUMBERED_TAIL = re.compile(r"(?<= data)(?: csv)?(?: \d+ ?[km]b)?(?: (\d{1,2}))?$")
"""What follows a numbered CSV's name: its kind, its size, and a counter where it was uploaded again."""
_UPLOAD = re.compile(r"/uploads/(?:sites/\d+/)?(\d{4}/\d{2})/")


class Family(IntEnum):
    """Kinds of published file, the richest first."""

    COMBINED_CSV = 0
    MONTHLY_WORKBOOK = 1
    COMBINED_WORKBOOK = 2
    EXTRACT = 3
    NUMBERED_CSV = 4
    NATIONAL_SERIES = 5


_BOTH = (Basis.PROVIDER, Basis.COMMISSIONER)
_FAMILIES: tuple[tuple[str, Family, tuple[Basis, ...]], ...] = (
    (r"national time series", Family.NATIONAL_SERIES, (Basis.NATIONAL,)),
    (r"combined csv", Family.COMBINED_CSV, _BOTH),
    (r"combined workbook", Family.COMBINED_WORKBOOK, _BOTH),
    (r"data extract icb sub ?location", Family.EXTRACT, (Basis.SUB_ICB_LOCATION,)),
    (r"data extract provider", Family.EXTRACT, (Basis.PROVIDER,)),
    (r"(provider|commissioner) workbook", Family.MONTHLY_WORKBOOK, ()),
    (r"^\d{1,2} .*(provider|commissioner) data( csv)?( \d+ ?[km]b)?( \d{1,2})?$", Family.NUMBERED_CSV, ()),
)
"""File names by family, with the bases that they hold; none where the name itself has the one basis."""


class _Refusal(StrEnum):
    NO_DATA = "no data"
    ORGANISATION_SERIES = "time series by provider or commissioner"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Candidate:
    """A link taken for a data file: what it holds and how settled it is, by its name, then by the page."""

    link: Link
    family: Family
    bases: tuple[Basis, ...]
    span: MonthSpan
    maturity: Maturity | None
    hints: Hints

    @property
    def rank(self) -> tuple[int, int, int, int, str, int]:
        """The larger, the better, among files for one month and basis."""
        name = _words(self.link.name)
        structure = 1 if "new icb structure" in name else -1 if "old icb structure" in name else 0
        upload = _UPLOAD.search(self.link.url)
        settled = self.maturity if self.maturity is not None else Maturity.PROVISIONAL
        again = _NUMBERED_TAIL.search(name) if self.family is Family.NUMBERED_CSV else None
        counter = int(again[1] or 0) if again else 0
        return (settled, -self.family, self.span.months, structure, upload[1] if upload else "", counter)


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The files to fetch, oldest first, and what a person should know of the pages.

    Raises DiscoveryError where no page links to a data file that we know.
    """
    site = SitePages(read_page)
    pages = _pages(site, {landing_url: read_page(landing_url)}, landing_url, today)
    candidates: list[Candidate] = []
    refused: dict[str, Finding] = {}
    for url, html in pages.items():
        for link in links(html, url):
            if link.suffix in _DATA:
                found = classify_link(link, url)
                if isinstance(found, Candidate):
                    candidates.append(found)
                elif found is not None:
                    refused.setdefault(link.url, found)
    if not candidates:
        told = "".join(f"; {finding.message}" for finding in site.findings)
        raise DiscoveryError(
            f"{', '.join(pages)}: wanted links to cancer waiting times files, such as "
            "2026-27-Apr-Jul-Monthly-Combined-CSV-Provisional.csv, found links to data files "
            f"{listed(url.rsplit('/', 1)[-1] for url in refused)}{told}"
        )
    findings = (*site.findings, *refused.values(), *_stale(candidates, today))
    return Discovery(tuple(_remote(candidate) for candidate in choose(candidates)), findings)


def _pages(site: SitePages, pages: dict[str, str], landing_url: str, today: date) -> dict[str, str]:
    """The landing page, and the index, year and period pages that it and each other link to, by address."""
    years = _wanted_years(today)
    tried = set(pages)
    for pattern in (_INDEX_PAGE, _YEAR_PAGE, _PERIOD_PAGE):
        for url in _links_to(pages, pattern, landing_url):
            match = _YEAR_PAGE.search(urlsplit(url).path)
            if url not in tried and (match is None or f"{match[1]}-{match[2]}" in years):
                tried.add(url)
                html = site.read(url)
                if html is not None:
                    pages[url] = html
    if not any(_YEAR_PAGE.search(urlsplit(url).path) for url in pages):
        message = f"{landing_url} links to no year page of {' or '.join(years)}"
        site.findings.append(Finding(Severity.WARNING, "year pages", message))
    return pages


def _wanted_years(today: date) -> list[str]:
    first = today.year if today.month >= 4 else today.year - 1
    return [f"{year}-{(year + 1) % 100:02}" for year in (first, first - 1)]


def _links_to(pages: dict[str, str], pattern: re.Pattern[str], landing_url: str) -> list[str]:
    host = urlsplit(landing_url).netloc
    return list(
        dict.fromkeys(
            link.url
            for url, html in pages.items()
            for link in links(html, url)
            if urlsplit(link.url).netloc == host and pattern.search(urlsplit(link.url).path)
        )
    )


def _words(name: str) -> str:
    stem = re.sub(r"\.(csv|xlsx?|xls)$", "", name.casefold())
    return re.sub(r"[^a-z0-9]+", " ", stem).strip()


def classify_link(link: Link, page_url: str) -> Candidate | Finding | None:
    """What a data link is: a file to consider, a finding that names it, or None for what is plainly no data."""
    kind = _family(link)
    if kind is _Refusal.NO_DATA:
        return None
    if kind is _Refusal.ORGANISATION_SERIES:
        message = (
            f"{link.name}: time series by provider or commissioner are not read (their layout is unproven)"
        )
        return Finding(Severity.INFORMATION, "files left out", message)
    if isinstance(kind, _Refusal):
        return _unparseable(link, page_url, "a kind of file that is known", Severity.WARNING)
    family, bases = kind
    in_name = span_in_name(link.name)
    span = in_name or _span_around(link, page_url)
    if span is None:
        return _unparseable(link, page_url, "the months that it holds", Severity.ERROR)
    named, told = maturity_in_text(link.name), maturity_in_text(link.text)
    if told is None and family is Family.NUMBERED_CSV:
        told = maturity_in_text(page_url)
    hints = Hints(
        period=span.first if in_name is None and span.months == 1 else None,
        maturity=told if named is None and family is not Family.NATIONAL_SERIES else None,
    )
    return Candidate(link, family, bases, span, named if named is not None else told, hints)


def _span_around(link: Link, page_url: str) -> MonthSpan | None:
    """The months by a link's text, else the one month of the heading above it or of its period page."""
    path = urlsplit(page_url).path
    around = (link.heading, path if _PERIOD_PAGE.search(path) else "")
    spans = [span_in_name(text) for text in around]
    return span_in_name(link.text) or next((span for span in spans if span and span.months == 1), None)


def _unparseable(link: Link, page_url: str, what: str, severity: Severity) -> Finding:
    message = (
        f"{page_url}: the name of {link.name} ('{link.text}', {link.url}) does not say {what}; not fetched"
    )
    return Finding(severity, "file names", message)


def _family(link: Link) -> tuple[Family, tuple[Basis, ...]] | _Refusal:
    name = _words(link.name)
    refusal = _refusal(name)
    if refusal is not None:
        return refusal
    found = next((kind[1:] for kind in _FAMILIES if re.search(kind[0], name)), None)
    if found is None or _ABOUT_DATA.search(name):
        return _Refusal.UNKNOWN
    family, bases = found
    if not bases:
        bases = (Basis.PROVIDER,) if "provider" in name else (Basis.COMMISSIONER,)
    return family, bases


def _refusal(name: str) -> _Refusal | None:
    if re.search(r"(provider|commissioner) time series", name):
        return _Refusal.ORGANISATION_SERIES
    return _Refusal.NO_DATA if _NOT_DATA.search(name) else None


def choose(candidates: Iterable[Candidate]) -> list[Candidate]:
    """The files to fetch of those found, oldest first: the best for each month and basis."""
    best: dict[tuple[object, ...], Candidate] = {}
    for candidate in candidates:
        for slot in _slots(candidate):
            held = best.get(slot)
            if held is None or _key(candidate) > _key(held):
                best[slot] = candidate
    kept = {
        candidate.link.url: candidate
        for slot, candidate in best.items()
        if candidate.family is not Family.NUMBERED_CSV or slot[:3] not in best
    }
    return sorted(kept.values(), key=lambda candidate: (candidate.span.last, candidate.link.name))


def _slots(candidate: Candidate) -> list[tuple[object, ...]]:
    """What a file competes for. A numbered CSV is one table of many, and gives way to any file of all tables."""
    name, standards = _words(candidate.link.name), _standards(candidate)
    if candidate.family is Family.NATIONAL_SERIES:
        return [(standards,)]
    table = (_NUMBERED_TAIL.sub("", name),) if candidate.family is Family.NUMBERED_CSV else ()
    return [
        (month, basis, standards, *table) for month in _months(candidate.span) for basis in candidate.bases
    ]


def _standards(candidate: Candidate) -> str:
    """Which standards a file measures: April 2022 to September 2023 was published on the old and the combined."""
    named = re.search(r"\b(crs|combined)\b", _words(candidate.link.name))
    series = candidate.family is Family.NATIONAL_SERIES
    return "combined" if named or (candidate.span.first >= COMBINED_FROM and not series) else "old"


def _key(candidate: Candidate) -> tuple[object, ...]:
    if candidate.family is Family.NATIONAL_SERIES:
        revised = "with revisions" in _words(candidate.link.name)
        return (candidate.span.last.start, revised, candidate.rank[-2])
    return candidate.rank


def _months(span: MonthSpan) -> list[Period]:
    first = span.first.start.year * 12 + span.first.start.month - 1
    return [Period.month(*_year_and_month(first + step)) for step in range(span.months)]


def _year_and_month(ordinal: int) -> tuple[int, int]:
    return ordinal // 12, ordinal % 12 + 1


def _stale(candidates: list[Candidate], today: date) -> list[Finding]:
    monthly = [candidate for candidate in candidates if candidate.family is not Family.NATIONAL_SERIES]
    newest = max(candidate.span.last for candidate in monthly or candidates)
    months = (today.year - newest.start.year) * 12 + today.month - newest.start.month
    if months <= MONTHS_BEFORE_WARNING:
        return []
    message = f"the newest month on the pages is {newest.label}, {months} months before {today:%B %Y}"
    return [Finding(Severity.WARNING, "newest month", message)]


def _remote(candidate: Candidate) -> RemoteFile:
    link, span = candidate.link, candidate.span
    return RemoteFile(link.url, link.name, link.text, candidate.hints, span.first.start, span.last.end)
