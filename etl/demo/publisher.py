"""The demonstration publisher: a landing page, year pages and files in the publishers' layouts, as at a day.

Publishing again as at a later day gives what publishers give: new months, and figures that were provisional now
final and a little different. Addresses and bytes of what did not change stay the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from html import escape
from pathlib import Path

from db.domain import Catalogue, Period
from etl.demo.cancer_patients import Population
from etl.demo.cancer_series import OLD_LAST, combined_series, england, months_through, old_series
from etl.demo.cancer_tables import CsvFile, combined_csv
from etl.demo.mark import FILE_SUFFIX, STATEMENT

SEED = 20_231_001
CANCER_PATH = "/statistics/statistical-work-areas/cancer-waiting-times/"
_UPLOADS = "/statistics/wp-content/uploads/sites/2"
_MONTHS_TO_RELEASE = 2
_DETAILED_MONTHS = 12
_LONG_FINAL = timedelta(days=730)


class Size(StrEnum):
    """How much is published: Kent and Medway with its neighbours for two years, or England for three."""

    SMALL = "small"
    STANDARD = "standard"


_BOARDS = {Size.SMALL: frozenset({"QKS", "QKK", "QNX", "QXU", "S9B9J"}), Size.STANDARD: None}
_MONTHS = {Size.SMALL: 24, Size.STANDARD: 36}


@dataclass(frozen=True)
class File:
    """A file of a release: where it stands, what the page says of it, and how its bytes are made."""

    path: str
    text: str
    heading: str
    content: Callable[[], bytes]


@dataclass(frozen=True)
class CancerPublisher:
    """Publishes cancer waiting times into a folder.

    `today` fixes the newest month that there will ever be: two months before it.
    """

    folder: Path
    catalogue: Catalogue
    today: date
    size: Size = Size.STANDARD

    def publish(self, as_at: date, population: Population | None = None) -> Population:
        """Write pages and files as they stand on a day, not later than `today`, and return the patients in them."""
        patients = population or self.population()
        release = Release(patients, as_at, self._first(patients.last))
        cumulative, series = list(release.combined_files()), list(release.series_files())
        for file in (*cumulative, *series):
            self._write(file.path, file.content)
        years = sorted({year_of(release.last), year_of(release.last) - 1})
        for year in years:
            files = [file for file in cumulative if file.path.rsplit("/", 1)[-1].startswith(f"{year}-")]
            title = f"{year_name(year)} Monthly Cancer Waiting Times Statistics"
            self._page(year_page(year), title, files, [])
        links = [(year_page(year), f"{year_name(year)} Monthly data and summaries") for year in years]
        self._page(CANCER_PATH, "Cancer Waiting Times", [*series, *cumulative], links)
        return patients

    def population(self) -> Population:
        """The invented patients of this size, up to the newest month."""
        last = months_before(Period.month(self.today.year, self.today.month), _MONTHS_TO_RELEASE)
        return Population(self.catalogue.organisations, last, SEED, _BOARDS[self.size])

    def _first(self, last: Period) -> Period:
        """The first month published: the beginning of the half-year that goes back far enough."""
        return half_year(months_before(last, _MONTHS[self.size] - 1))[0]

    def _write(self, path: str, content: Callable[[], bytes]) -> None:
        target = self.folder / path.lstrip("/")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content())

    def _page(self, path: str, title: str, files: Sequence[File], links: Sequence[tuple[str, str]]) -> None:
        body = [f"<h1>{escape(title)}</h1>", f"<p>{escape(STATEMENT)}.</p>"]
        heading = ""
        for file in files:
            if file.heading != heading:
                heading = file.heading
                body.append(f"<h2>{escape(heading)}</h2>")
            body.append(f'<p><a href="{file.path}">{escape(file.text)}</a></p>')
        body += [f'<p><a href="{address}">{escape(text)}</a></p>' for address, text in links]
        page = "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>{}</title></head><body>\n{}\n</body></html>\n"
        target = self.folder / path.strip("/") / "index.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.format(escape(title), "\n".join(body)), encoding="utf-8")


@dataclass(frozen=True)
class Release:
    """What is published of some patients as at a day, from a first month on."""

    patients: Population
    as_at: date
    first: Period

    @property
    def last(self) -> Period:
        return months_before(Period.month(self.as_at.year, self.as_at.month), _MONTHS_TO_RELEASE)

    @property
    def provisional_from(self) -> Period:
        """The first month whose half-year is not final yet."""
        return next(half[0] for half in self._halves() if not self._is_final(half[0]))

    def _halves(self) -> list[tuple[Period, Period]]:
        return list(dict.fromkeys(half_year(month) for month in months_through(self.first, self.last)))

    def _is_final(self, first: Period) -> bool:
        return self.as_at >= finalised_on(first)

    def combined_files(self) -> Iterator[File]:
        """The cumulative combined CSVs: a year where both halves have long been final, else a half-year."""
        halves = self._halves()
        while halves:
            first, end = halves.pop(0)
            if first.start.month == 4 and halves and self.as_at - end.end > _LONG_FINAL:
                end = halves.pop(0)[1]
            yield self._combined_file(first, min(end, self.last))

    def _combined_file(self, first: Period, last: Period) -> File:
        final = self._is_final(half_year(last)[0])
        status = "Final" if final else "Provisional"
        span = f"{first.start:%b}-{last.start:%b}" if first != last else f"{first.start:%b}"
        kind = "" if span == "Apr-Mar" else "Cumulative-"
        stem = f"{year_name(year_of(first))}-{span}-{kind}Monthly-Combined-CSV-{status}"
        file = CsvFile(
            tuple((month, not final) for month in months_through(first, last)),
            single_month=False,
            two_way_from=months_before(self.patients.last, _DETAILED_MONTHS - 1),
        )
        day = finalised_on(half_year(last)[0]) if final else released_on(last)
        return File(
            upload(day, f"{stem}{FILE_SUFFIX}.csv"),
            f"{stem.replace('-', ' ')} (CSV)",
            f"{first.start:%B %Y} to {last.start:%B %Y}",
            lambda: combined_csv(self.patients, file),
        )

    def series_files(self) -> Iterator[File]:
        """The two national time series."""
        months = months_through(self.first, self.last)
        seed, heading = self.patients.seed, "National time series"

        def new() -> bytes:
            figures = england(self.patients, months, self.provisional_from)
            return combined_series(figures, seed, self.provisional_from)

        def old() -> bytes:
            return old_series(england(self.patients, months[:12], months[-1]), seed)

        yield File(
            upload(
                released_on(self.last),
                f"CWT-CRS-National-Time-Series-Apr-2021-{self.last.start:%b-%Y}-with-Revisions{FILE_SUFFIX}.xlsx",
            ),
            f"CWT CRS - National Time Series Apr 2021 - {self.last.start:%b %Y} with Revisions (XLSX)",
            heading,
            new,
        )
        yield File(
            upload(
                released_on(OLD_LAST),
                f"Cancer-Waiting-Times-National-Time-Series-Oct-2009-Sep-2023-with-Revisions{FILE_SUFFIX}.xlsx",
            ),
            "National Time Series Oct 2009 - Sep 2023 with Revisions (XLSX)",
            heading,
            old,
        )


def months_before(month: Period, count: int) -> Period:
    number = month.start.year * 12 + month.start.month - 1 - count
    return Period.month(number // 12, number % 12 + 1)


def half_year(month: Period) -> tuple[Period, Period]:
    """The first and last month of the half of the financial year that a month is in."""
    first = months_before(month, (month.start.month - 4) % 6)
    return first, months_before(first, -5)


def year_of(month: Period) -> int:
    """The year in which a month's financial year begins."""
    return month.start.year if month.start.month >= 4 else month.start.year - 1


def year_name(year: int) -> str:
    return f"{year}-{(year + 1) % 100:02}"


def year_page(year: int) -> str:
    return (
        f"{CANCER_PATH}monthly-data-and-summaries/{year_name(year)}-monthly-cancer-waiting-times-statistics/"
    )


def second_thursday(month: Period) -> date:
    return month.start + timedelta(days=(3 - month.start.weekday()) % 7 + 7)


def released_on(month: Period) -> date:
    """When a month's figures come out: the second Thursday of the second month after it."""
    return second_thursday(months_before(month, -_MONTHS_TO_RELEASE))


def finalised_on(first: Period) -> date:
    """When a half-year becomes final: April to September the next January, October to March the next July."""
    return second_thursday(months_before(first, -9))


def upload(day: date, name: str) -> str:
    return f"{_UPLOADS}/{day:%Y/%m}/{name}"
