"""The demonstration publisher of general practice workforce: a landing page, release pages and zips of tables.

Months come out on the fourth Thursday after them. Before them stand what the publisher issued once: an original of
September 2019 with CCGs and registrars, the series to June 2021 issued again, and the series to July 2022 issued
again with sub-ICB locations; each revises what came before it. The landing page lists releases as at a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from zlib import crc32

from db.domain import Catalogue, Period
from etl.demo.general_practice_workforce.columns import detailed_columns, series_columns
from etl.demo.general_practice_workforce.staff import Surgeries
from etl.demo.general_practice_workforce.tables import (
    HIGH_LEVEL_COLUMNS,
    Vintage,
    definitions,
    high_level_table,
    month_name,
    practice_table,
    zipped,
)
from etl.demo.publication import (
    BOARDS,
    SEED,
    File,
    Part,
    Size,
    fourth_thursday,
    link,
    months_before,
    page,
    write_file,
    write_page,
)
from etl.reading.demonstration_mark import FILE_SUFFIX

WORKFORCE_PATH = "/data-and-information/publications/statistical/general-and-personal-medical-services/"
_ARCHIVE_PATH = "/data-and-information/publications/statistical/general-practice-workforce-archive/"
_ORIGINAL, _GROUPS_EDITION, _BOARDS_EDITION = (
    Period.month(2019, 9),
    Period.month(2021, 6),
    Period.month(2022, 7),
)
_FIRST = Period.month(2015, 9)
_MONTHLY_FROM = Period.month(2021, 7)
_NEWEST_MONTHS = 3
_MONTHS_SHOWN = 12
_FIRST_MONTH = {Size.STANDARD: Period.month(2019, 9), Size.NATIONAL: _FIRST}
_SMALL_MONTHS = 24
_NUMBERS_FROM = Period.month(2023, 2)


@dataclass(frozen=True)
class WorkforceRelease:
    """What came out for a month: one zip, with the months that it holds, oldest first."""

    month: Period
    months: tuple[Period, ...]
    vintage: Vintage

    @property
    def published_on(self) -> date:
        """The fourth Thursday of the next month; of the editions issued again, of the second month after."""
        late = 2 if self.vintage in {Vintage.COMMISSIONING_GROUPS, Vintage.ORIGINAL} else 1
        return fourth_thursday(months_before(self.month, -late))

    @property
    def zip_name(self) -> str:
        stem = f"GPWPracticeCSV.{self.month.start:%m%Y}"
        if self.vintage is Vintage.ORIGINAL:
            stem = f"GPWPracticeCSV.{self.month.start:%m%y}"
        elif self.month == _BOARDS_EDITION:
            stem = f"GPWFPracticeCSVpt2.{self.month.start:%m%Y}"
        return f"{stem}{FILE_SUFFIX}.zip"

    def path(self, as_at: date) -> str:
        """The address of its page: releases of more than a year ago have moved to the archive."""
        day = f"{self.month.end.day}-{self.month.end:%B-%Y}".lower()
        slug = f"final-{day}" if self.vintage is Vintage.ORIGINAL else day
        old = (as_at - self.published_on).days > 365
        return f"{_ARCHIVE_PATH if old else WORKFORCE_PATH}{slug}"


@dataclass(frozen=True)
class WorkforcePublisher:
    """Publishes general practice workforce into a folder. `today` fixes the newest month that there will be."""

    folder: Path
    catalogue: Catalogue
    today: date
    size: Size = Size.STANDARD

    @property
    def source_id(self) -> str:
        return "general_practice_workforce"

    @property
    def landing_path(self) -> str:
        return WORKFORCE_PATH

    def files_in(self, part: Part) -> int:
        """How many zips there are: the last one, those of the newest year, or the others."""
        if part is Part.FIRST:
            return 1
        releases = self.releases()
        newest = len(self._of_a_year(releases))
        return len(releases) - newest if part is Part.OLDER else newest

    def first(self) -> Iterator[date]:
        """Publish the last release, and give today."""
        self._publish(self.today, self.releases()[-1:])
        yield self.today

    def newest(self) -> Iterator[date]:
        """Publish the newest year, and give today."""
        self._publish(self.today, self._of_a_year(self.releases()))
        yield self.today

    def older(self) -> Iterator[date]:
        """Publish the others, a year at a time and the newest year first, as the site stood at the end of it."""
        releases = self.releases()
        left = releases[: -len(self._of_a_year(releases))]
        while left:
            year = self._of_a_year(left)
            self._publish(left[-1].published_on, year)
            yield left[-1].published_on
            left = left[: -len(year)]

    @staticmethod
    def _of_a_year(releases: Sequence[WorkforceRelease]) -> list[WorkforceRelease]:
        """The last of some releases, and those of the twelve months up to it."""
        start = months_before(releases[-1].month, _MONTHS_SHOWN)
        return [item for item in releases if item.month > start]

    @cached_property
    def surgeries(self) -> Surgeries:
        """The invented practices."""
        return Surgeries(self.catalogue, self.last, SEED, BOARDS[self.size])

    @cached_property
    def last(self) -> Period:
        """The newest month that is out."""
        month = months_before(Period.month(self.today.year, self.today.month), 1)
        out = WorkforceRelease(month, (month,), Vintage.DETAILED).published_on <= self.today
        return month if out else months_before(month, 1)

    def releases(self) -> list[WorkforceRelease]:
        """Every release, oldest first."""
        first = _FIRST_MONTH.get(self.size, months_before(self.last, _SMALL_MONTHS - 1))
        months = [month for month in _months(first, self.last) if self._is_wanted(month)]
        found = [
            WorkforceRelease(month, (month,), Vintage.DETAILED if month >= _NUMBERS_FROM else Vintage.BOARDS)
            for month in months
            if month > _BOARDS_EDITION
        ]
        found += _editions([month for month in months if month <= _BOARDS_EDITION])
        return sorted(found, key=lambda release: release.month)

    def files(self, releases: Sequence[WorkforceRelease]) -> list[File]:
        """The zip of each release."""
        return [
            File(_upload(item), _text(item), "Resources", item.month, partial(self._zip, item))
            for item in releases
        ]

    def _is_wanted(self, month: Period) -> bool:
        """The newest months, and of the others quarters' ends; every month since July 2021 in the national size."""
        newest = month > months_before(self.last, _NEWEST_MONTHS)
        monthly = self.size is Size.NATIONAL and month >= _MONTHLY_FROM
        return newest or monthly or month.start.month % 3 == 0 or month == _BOARDS_EDITION

    def _publish(self, as_at: date, releases: Sequence[WorkforceRelease]) -> None:
        files = self.files(releases)
        for file in reversed(files):
            write_file(self.folder, file)
        lines = [link(item.path(as_at), _title(item)) for item in reversed(releases)]
        coming = WorkforceRelease(months_before(releases[-1].month, -1), (), Vintage.DETAILED)
        lines.insert(0, link(coming.path(as_at), f"{_title(coming)} (Upcoming, not yet published)"))
        write_page(self.folder, WORKFORCE_PATH, page("General Practice Workforce", [], lines))
        for item, file in zip(releases, files, strict=True):
            out = item.published_on
            day = f"<p>Publication Date: {out.day} {out:%b %Y}</p>"
            write_page(self.folder, item.path(as_at), page(_title(item), [file], [day]))

    def _zip(self, release: WorkforceRelease) -> bytes:
        if release.vintage is Vintage.DETAILED:
            return zipped(self._month_members(release.month))
        return zipped(self._series_members(release))

    def _month_members(self, month: Period) -> Iterator[tuple[str, bytes]]:
        """The four files of a zip since February 2023."""
        snapshot, name = (
            self.surgeries.snapshot(month),
            f"General Practice – {month_name(month)} Practice Level",
        )
        for number, kind, columns in (
            (0, "Detailed", detailed_columns()),
            (2, "High-level", HIGH_LEVEL_COLUMNS),
        ):
            title = f"{number} General Practice {kind} Practice-Level CSV. Overall Definitions.xlsx"
            yield title, definitions("Practice-Level CSV Definitions", columns)
        yield f"1 {name} - Detailed.csv", practice_table(snapshot, self.catalogue, Vintage.DETAILED)
        yield f"3 {name} - High level.csv", high_level_table(snapshot)

    def _series_members(self, release: WorkforceRelease) -> Iterator[tuple[str, bytes]]:
        """One table a month, numbered where there are several."""
        original = release.vintage is Vintage.ORIGINAL
        columns = series_columns(boards=release.vintage is Vintage.BOARDS)
        for number, month in enumerate(release.months, 1):
            dash = "" if original else "– "
            start = f"{number}. " if len(release.months) > 1 else ""
            snapshot = self.surgeries.snapshot(month, placed_on=release.month.end, original=original)
            table = practice_table(snapshot, self.catalogue, release.vintage)
            yield f"{start}General Practice {dash}{month_name(month)} Practice Level.csv", table
        if not original:
            yield (
                "General Practice Practice-Level CSV. Overall Definitions.xlsx",
                definitions("Definitions", columns),
            )


def _editions(months: Sequence[Period]) -> Iterator[WorkforceRelease]:
    """The original of September 2019 and the two editions of the series, as far as they have months."""
    if _ORIGINAL in months:
        yield WorkforceRelease(_ORIGINAL, (_ORIGINAL,), Vintage.ORIGINAL)
    groups = tuple(month for month in months if month <= _GROUPS_EDITION)
    if groups:
        yield WorkforceRelease(_GROUPS_EDITION, groups, Vintage.COMMISSIONING_GROUPS)
    boards = tuple(month for month in months if month >= _GROUPS_EDITION)
    if boards:
        yield WorkforceRelease(_BOARDS_EDITION, boards, Vintage.BOARDS)


def _months(first: Period, last: Period) -> Iterator[Period]:
    month = first
    while month <= last:
        yield month
        month = months_before(month, -1)


def _upload(release: WorkforceRelease) -> str:
    """Files stand under a part that cannot be guessed."""
    place = f"{crc32(release.zip_name.encode()):08X}"
    return f"/files/{place[:2]}/{place[2:]}/{release.zip_name}"


def _title(release: WorkforceRelease) -> str:
    end = release.month.end
    return f"General Practice Workforce, {end.day} {end:%B %Y}"


def _text(release: WorkforceRelease) -> str:
    held = month_name(release.months[0])
    span = held if len(release.months) == 1 else f"{held} to {month_name(release.months[-1])}"
    return f"General Practice Workforce {span}: Practice-Level CSV (ZIP)"
