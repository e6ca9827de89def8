"""The demonstration publisher of cancer waiting times: landing page, year pages and files, as at a day.

Publishing again as at a later day gives what publishers give: new months, and figures that were provisional now
final and a little different. Addresses and bytes of what did not change stay the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from db.domain import Catalogue, Period
from etl.demo.cancer_waiting_times.extract import sub_location_extract
from etl.demo.cancer_waiting_times.patients import Population
from etl.demo.cancer_waiting_times.series import (
    OLD_LAST,
    combined_series,
    england,
    months_through,
    old_series,
)
from etl.demo.cancer_waiting_times.tables import CsvFile, combined_csv
from etl.demo.publication import (
    BOARDS,
    SEED,
    File,
    Part,
    Size,
    link,
    months_before,
    page,
    second_thursday,
    write_file,
    write_page,
)
from etl.reading.demonstration_mark import FILE_SUFFIX

CANCER_PATH = "/statistics/statistical-work-areas/cancer-waiting-times/"
_UPLOADS = "/statistics/wp-content/uploads/sites/2"
_MONTHS_TO_RELEASE = 2
_DETAILED_MONTHS = 6


_MONTHS = {Size.SMALL: 24, Size.STANDARD: 36, Size.NATIONAL: 48}
EARLIER_RELEASE_MONTHS = 7
"""How long before the newest release the first one stands: at least one half-year becomes final in between."""


@dataclass(frozen=True)
class CancerPublisher:
    """Publishes cancer waiting times into a folder.

    `today` fixes the newest month that there will ever be: two months before it.
    """

    folder: Path
    catalogue: Catalogue
    today: date
    size: Size = Size.STANDARD

    def publish(self, as_at: date, patients: Population) -> None:
        """Write the pages and files of a release as at a day, not later than `today`."""
        release = self.release(as_at, patients)
        # By months, for files of the same months are made of the same patients.
        for file in sorted(release.files(), key=lambda file: file.last):
            write_file(self.folder, file)
        for path, html in release.pages().items():
            write_page(self.folder, path, html)

    @property
    def source_id(self) -> str:
        return "cancer_waiting_times"

    @property
    def landing_path(self) -> str:
        return CANCER_PATH

    def files_in(self, part: Part) -> int:
        """How many files the two releases have together, all of them in the newest part."""
        if part is not Part.NEWEST:
            return 0
        patients = self.population()
        return sum(len(self.release(as_at, patients).files()) for as_at in release_days(self.today))

    def first(self) -> Iterator[date]:
        """Nothing: the earlier of the two releases comes before the newest, so that figures are revised."""
        yield from ()

    def newest(self) -> Iterator[date]:
        """Publish an earlier release and then the newest, giving the day of each when it can be read."""
        patients = self.population()
        for as_at in release_days(self.today):
            self.publish(as_at, patients)
            yield as_at

    def older(self) -> Iterator[date]:
        """Nothing: the newest release holds every month."""
        yield from ()

    def population(self) -> Population:
        """The invented patients of this size, up to the newest month."""
        last = months_before(Period.month(self.today.year, self.today.month), _MONTHS_TO_RELEASE)
        return Population(self.catalogue.organisations, last, SEED, BOARDS[self.size])

    def release(self, as_at: date, patients: Population) -> CancerRelease:
        """What is published as at a day, from the beginning of the half-year that goes back far enough."""
        return CancerRelease(
            patients, as_at, half_year(months_before(patients.last, _MONTHS[self.size] - 1))[0]
        )


@dataclass(frozen=True)
class CancerRelease:
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

    def files(self) -> list[File]:
        return [*self.series_files(), *self.combined_files(), *self.extract_files()]

    def pages(self) -> dict[str, str]:
        """The landing page and the year pages, as HTML by path."""
        files = self.files()
        years = (financial_year(self.last), financial_year(self.last) - 1)
        pages = {
            year_page(year): page(
                f"{year_name(year)} Monthly Cancer Waiting Times Statistics",
                [file for file in files if file.name.startswith(f"{year_name(year)}-")],
            )
            for year in years
        }
        links = [link(year_page(year), f"{year_name(year)} Monthly data and summaries") for year in years]
        return pages | {CANCER_PATH: page("Cancer Waiting Times", files, links)}

    def _halves(self) -> list[tuple[Period, Period]]:
        return list(dict.fromkeys(half_year(month) for month in months_through(self.first, self.last)))

    def _is_final(self, first: Period) -> bool:
        return self.as_at >= finalised_on(first)

    def combined_files(self) -> Iterator[File]:
        """The cumulative combined CSVs, one for each half-year."""
        for first, end in self._halves():
            yield self._combined_file(first, min(end, self.last))

    def _combined_file(self, first: Period, last: Period) -> File:
        final = self._is_final(first)
        status = "Final" if final else "Provisional"
        span = f"{first.start:%b}-{last.start:%b}-Cumulative" if first != last else f"{first.start:%b}"
        stem = f"{year_name(financial_year(first))}-{span}-Monthly-Combined-CSV-{status}"
        file = CsvFile(
            tuple((month, not final) for month in months_through(first, last)),
            single_month=False,
            two_way_from=months_before(self.patients.last, _DETAILED_MONTHS - 1),
        )
        day = finalised_on(first) if final else released_on(last)
        return File(
            upload_address(day, f"{stem}{FILE_SUFFIX}.csv"),
            f"{stem.replace('-', ' ')} (CSV)",
            f"{first.start:%B %Y} to {last.start:%B %Y}",
            last,
            partial(combined_csv, self.patients, file),
        )

    def extract_files(self) -> Iterator[File]:
        """The extracts by ICB sub location, one for each half-year."""
        for first, end in self._halves():
            final, last = self._is_final(first), min(end, self.last)
            status = "Final" if final else "Provisional"
            span = f"{first.start:%b-%y}-to-{last.start:%b-%y}"
            stem = f"CWT-CRS-{span}-Data-Extract-ICB-Sub-Location-{status}"
            months = tuple((month, not final) for month in months_through(first, last))
            yield File(
                upload_address(
                    finalised_on(first) if final else released_on(last), f"{stem}{FILE_SUFFIX}.xlsx"
                ),
                f"{stem.replace('-', ' ')} (XLSX)",
                "Data extracts",
                last,
                partial(sub_location_extract, self.patients, months),
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
            upload_address(
                released_on(self.last),
                f"CWT-CRS-National-Time-Series-Apr-2021-{self.last.start:%b-%Y}-with-Revisions{FILE_SUFFIX}.xlsx",
            ),
            f"CWT CRS - National Time Series Apr 2021 - {self.last.start:%b %Y} with Revisions (XLSX)",
            heading,
            self.last,
            new,
        )
        yield File(
            upload_address(
                released_on(OLD_LAST),
                f"Cancer-Waiting-Times-National-Time-Series-Oct-2009-Sep-2023-with-Revisions{FILE_SUFFIX}.xlsx",
            ),
            "National Time Series Oct 2009 - Sep 2023 with Revisions (XLSX)",
            heading,
            self.last,
            old,
        )


def release_days(today: date) -> tuple[date, date]:
    """The days of the two releases: the release day seven months before, and today."""
    month = Period.month(today.year, today.month)
    return second_thursday(months_before(month, EARLIER_RELEASE_MONTHS)), today


def half_year(month: Period) -> tuple[Period, Period]:
    """The first and last month of the half of the financial year that a month is in."""
    first = months_before(month, (month.start.month - 4) % 6)
    return first, months_before(first, -5)


def financial_year(month: Period) -> int:
    """The year in which a month's financial year begins."""
    return month.start.year if month.start.month >= 4 else month.start.year - 1


def year_name(year: int) -> str:
    """A financial year as addresses name it, by the year in which it begins: 2025 is `2025-26`."""
    return f"{year}-{(year + 1) % 100:02}"


def year_page(year: int) -> str:
    """The address of a financial year's page, by the year in which it begins."""
    return (
        f"{CANCER_PATH}monthly-data-and-summaries/{year_name(year)}-monthly-cancer-waiting-times-statistics/"
    )


def released_on(month: Period) -> date:
    """When a month's figures come out: the second Thursday of the second month after it."""
    return second_thursday(months_before(month, -_MONTHS_TO_RELEASE))


def finalised_on(first: Period) -> date:
    """When a half-year becomes final: April to September the next January, October to March the next July."""
    return second_thursday(months_before(first, -9))


def upload_address(day: date, name: str) -> str:
    """The address of a file that was put up on a day."""
    return f"{_UPLOADS}/{day:%Y/%m}/{name}"
