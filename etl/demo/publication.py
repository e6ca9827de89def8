"""What the demonstration's publications have in common: sizes, files, pages, and the days on which they come out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from html import escape
from itertools import groupby
from pathlib import Path
from typing import ClassVar, Protocol

from db.domain import Catalogue, Period
from etl.reading.demonstration_mark import STATEMENT

SEED = 20_231_001
_PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>{}</title></head><body>
{}
</body></html>
"""


class Size(StrEnum):
    """How much is published: Kent and Medway with its neighbours, England's recent years, or ten years of it."""

    SMALL = "small"
    STANDARD = "standard"
    NATIONAL = "national"


BOARDS = {
    Size.SMALL: frozenset({"QKS", "QKK", "QNX", "QXU", "S9B9J"}),
    Size.STANDARD: None,
    Size.NATIONAL: None,
}
"""The integrated care boards whose organisations are published; None means all of England."""


class Part(StrEnum):
    """What to load of an edition: a figure of each subject, what its pages need, what may follow behind, or all.

    The newest part holds the files of the first again, which are then left as they are.
    """

    FIRST = "first"
    NEWEST = "newest"
    OLDER = "older"
    ALL = "all"


class Publisher(Protocol):
    """One invented publication, which it writes into a folder of pages and files."""

    @property
    def source_id(self) -> str:
        """The source whose publisher this stands in for."""

    @property
    def landing_path(self) -> str:
        """Where its landing page stands."""

    def files_in(self, part: Part) -> int:
        """How many files the releases of a part offer, all releases together."""

    def first(self) -> Iterator[date]:
        """Publish the few files that give a first figure, in the same way; nothing where that takes as long as all."""

    def newest(self) -> Iterator[date]:
        """Publish what is to be seen first, giving the day of each release once it can be read."""

    def older(self) -> Iterator[date]:
        """Publish what may follow behind, in the same way."""


@dataclass(frozen=True)
class File:
    """A file of a release: where it stands, what the page says of it, and how its bytes are made."""

    path: str
    text: str
    heading: str
    last: Period
    content: Callable[[], bytes]

    @property
    def name(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class WholePublisher(ABC):
    """A publisher whose newest release holds every file, so that nothing older follows behind. `today` is its day.

    `leads` says that its newest files are among the first: no other source has a figure of their subject.
    """

    folder: Path
    catalogue: Catalogue
    today: date
    size: Size = Size.STANDARD
    source_id: ClassVar[str]
    landing_path: ClassVar[str]
    title: ClassVar[str]
    leads: ClassVar[bool] = True

    @abstractmethod
    def files(self) -> Iterator[File]:
        """Every file, oldest first; none is made before it is written."""

    def write_pages(self, files: Sequence[File]) -> None:
        """Write the pages that offer the files: one, unless the publisher has more."""
        write_page(self.folder, self.landing_path, page(self.title, files))

    def files_in(self, part: Part) -> int:
        if part is Part.OLDER or (part is Part.FIRST and not self.leads):
            return 0
        return len(self._last_files() if part is Part.FIRST else list(self.files()))

    def first(self) -> Iterator[date]:
        if self.leads:
            self._publish(self._last_files())
            yield self.today

    def newest(self) -> Iterator[date]:
        self._publish(list(self.files()))
        yield self.today

    def _last_files(self) -> list[File]:
        """The files of the newest period that any is of."""
        files = list(self.files())
        last = max(file.last.end for file in files)
        return [file for file in files if file.last.end == last]

    def _publish(self, files: Sequence[File]) -> None:
        for file in files:
            write_file(self.folder, file)
        self.write_pages(files)

    def older(self) -> Iterator[date]:
        yield from ()


def write_file(folder: Path, file: File) -> None:
    """Write a file, unless it is there already."""
    target = folder / file.path.lstrip("/")
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.content())


def write_page(folder: Path, path: str, html: str) -> None:
    """Write a page, over the one that was there."""
    target = folder / path.strip("/") / "index.html"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(html, encoding="utf-8")


def page(title: str, files: Sequence[File], lines: Sequence[str] = ()) -> str:
    """A page that says what it is, lists files under their headings, and ends with more lines of HTML."""
    body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(STATEMENT)}.</p>"]
    for heading, group in groupby(files, key=lambda file: file.heading):
        body.append(f"<h2>{escape(heading)}</h2>")
        body += [link(file.path, file.text) for file in group]
    return _PAGE.format(escape(title), "\n".join([*body, *lines]))


def write_years(folder: Path, landing_path: str, title: str, slug: str, files: Sequence[File]) -> None:
    """Files of months, oldest first: on a landing page, and on pages of the two newest financial years.

    Those stand below it under `slug` and their year: "rtt-data-" and "2025-26".
    """
    years = list(dict.fromkeys(_financial_year(file.last) for file in reversed(files)))[:2]
    pages = {year: f"{landing_path}{slug}{year}/" for year in years}
    links = [link(path, f"{title} Data {year}") for year, path in pages.items()]
    write_page(folder, landing_path, page(title, files, links))
    for year, path in pages.items():
        own = [file for file in files if _financial_year(file.last) == year]
        write_page(folder, path, page(f"{title} Data {year}", own))


def _financial_year(month: Period) -> str:
    year = month.start.year if month.start.month >= 4 else month.start.year - 1
    return f"{year}-{(year + 1) % 100:02}"


def link(path: str, text: str) -> str:
    """A paragraph that links to an address of this site."""
    return f'<p><a href="{path}">{escape(text)}</a></p>'


def months_before(month: Period, count: int) -> Period:
    """The month that comes so many months before another; after it, where the count is negative."""
    number = month.start.year * 12 + month.start.month - 1 - count
    return Period.month(number // 12, number % 12 + 1)


def second_thursday(month: Period) -> date:
    """The second Thursday of a month."""
    return month.start + timedelta(days=(3 - month.start.weekday()) % 7 + 7)


def fourth_thursday(month: Period) -> date:
    """The fourth Thursday of a month."""
    return second_thursday(month) + timedelta(days=14)
