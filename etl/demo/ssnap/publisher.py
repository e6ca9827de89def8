"""The demonstration publisher of the stroke audit: result pages, summary reports and results portfolios.

Results of a period come out on the second Thursday of the third month after it. The audit reported by quarter to March
2016, by four months to March 2018 and by quarter since, and published no team results for January 2020 to March 2021.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from itertools import takewhile
from pathlib import Path

from db.domain import Catalogue, Frequency, Period
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
from etl.demo.ssnap.commissioners import YEARS, Residents
from etl.demo.ssnap.patients import Strokes, TeamFigures, year_of
from etl.demo.ssnap.tables import annual_portfolio, period_name, results_portfolio, summary_report
from etl.reading.demonstration_mark import FILE_SUFFIX

STROKE_PATH = "/results/Clinical-audit.aspx/"
_RESULTS_PATH = f"{STROKE_PATH}National-Results.aspx/"
_DOCUMENTS = "/Documents/National/Clinical"
_MONTHS_TO_RESULTS = 3
_FIRST = date(2013, 7, 1)
_RECENT = date(2021, 4, 1)
_FOUR_MONTHS = (date(2016, 4, 1), date(2018, 3, 31))
_UNPUBLISHED = (date(2020, 1, 1), date(2021, 3, 31))
_SMALL_QUARTERS = 8
_FIRST_QUARTERS = 2


@dataclass(frozen=True)
class StrokePublisher:
    """Publishes the stroke audit's results into a folder. `today` fixes the newest period that there will be."""

    folder: Path
    catalogue: Catalogue
    today: date
    size: Size = Size.STANDARD

    @property
    def source_id(self) -> str:
        return "ssnap"

    @property
    def landing_path(self) -> str:
        return STROKE_PATH

    def files_in(self, part: Part) -> int:
        """How many reports and portfolios the periods of a part have."""
        return len(self.files(self._periods_in(part)))

    def first(self) -> Iterator[date]:
        """Publish the last quarters, and give today."""
        self._publish(self._periods_in(Part.FIRST))
        yield self.today

    def newest(self) -> Iterator[date]:
        """Publish the periods since April 2021, and give today."""
        self._publish(self._periods_in(Part.NEWEST))
        yield self.today

    def older(self) -> Iterator[date]:
        """Publish the periods before, if there are any, and give the day when the last of them came out."""
        old = self._periods_in(Part.OLDER)
        if old:
            self._publish(old)
            yield results_on(old[-1])

    def _periods_in(self, part: Part) -> list[Period]:
        if part is Part.FIRST:
            return self.periods()[-_FIRST_QUARTERS:]
        return [period for period in self.periods() if (period.start < _RECENT) == (part is Part.OLDER)]

    def periods(self) -> list[Period]:
        """Every period whose results are out, oldest first."""
        found = list(takewhile(lambda period: results_on(period) <= self.today, _periods(_FIRST)))
        if self.size is Size.SMALL:
            return found[-_SMALL_QUARTERS:]
        first = _FIRST if self.size is Size.NATIONAL else _RECENT
        return [period for period in found if period.start >= first]

    @cached_property
    def strokes(self) -> Strokes:
        """The invented patients."""
        return Strokes(self.catalogue, SEED, BOARDS[self.size])

    def files(self, periods: Sequence[Period]) -> list[File]:
        """A summary report and a portfolio for each period, a portfolio for each whole financial year, and with the
        recent ones that by commissioner of 2013/14 to 2015/16, which the small edition leaves out."""
        found = []
        for period in periods:
            found.append(self._file(period, "SummaryReport", "aspx", summary_report))
            found.append(self._file(period, "FullResultsPortfolio", "xlsx", results_portfolio))
        for year in _years(periods):
            path = f"{_DOCUMENTS}/{period_name(year)}/{period_name(year)}-AnnualResultsPortfolio{FILE_SUFFIX}.xlsx"
            text, content = f"Annual results portfolio, {year.label}", partial(self._annual, year)
            found.append(File(path, text, "Annual results", year, content))
        if self.size is not Size.SMALL and any(period.start >= _RECENT for period in periods):
            last = YEARS[-1]
            stem = f"{period_name(last)}-CCG-LHB-AnnualResultsPortfolio"
            path = f"{_DOCUMENTS}/{period_name(last)}/{stem}{FILE_SUFFIX}.xlsx"
            text, made = f"CCG/LHB results portfolio, {last.label}", Residents(self.catalogue, SEED)
            found.append(File(path, text, "Annual results", last, made.portfolio))
        return found

    def _file(
        self,
        period: Period,
        kind: str,
        ending: str,
        layout: Callable[[Period, Sequence[TeamFigures]], bytes],
    ) -> File:
        name = period_name(period)
        path = f"{_DOCUMENTS}/{name}/{name}-{kind}{FILE_SUFFIX}.{ending}"

        def content() -> bytes:
            return layout(period, self.strokes.teams(period))

        return File(path, f"{kind}, {period.label}", period.label, period, content)

    def _annual(self, year: Period) -> bytes:
        """The year and the one before it, with the teams that there were at the end of it."""
        return annual_portfolio(
            [(own, self._year(own, year)) for own in (_year_before(year), year) if self._is_whole(own)]
        )

    def _is_whole(self, year: Period) -> bool:
        return set(_quarters(year)) <= set(self.periods())

    def _year(self, year: Period, named_in: Period) -> list[TeamFigures]:
        quarters = [self.strokes.teams(period) for period in _quarters(year)]
        names = {team.name for team in self.strokes.teams(_quarters(named_in)[-1])}
        by_name: dict[str, list[TeamFigures]] = {}
        for team in (team for quarter in quarters for team in quarter):
            by_name.setdefault(team.name, []).append(team)
        return [year_of(own) for name, own in by_name.items() if name in names]

    def _publish(self, periods: Sequence[Period]) -> None:
        files = self.files(periods)
        for file in files:
            write_file(self.folder, file)
        title = "SSNAP clinical audit results"
        lines = [link(_RESULTS_PATH, "National results"), link("/about/", "About the audit")]
        write_page(self.folder, STROKE_PATH, page(title, [], lines))
        write_page(self.folder, _RESULTS_PATH, page(title, files))


def results_on(period: Period) -> date:
    """When a period's results come out."""
    last = Period.month(period.end.year, period.end.month)
    return second_thursday(months_before(last, -_MONTHS_TO_RESULTS))


def _periods(first: date) -> Iterator[Period]:
    """The audit's reporting periods with published team results, without end."""
    month = Period.month(first.year, first.month)
    while True:
        four = _FOUR_MONTHS[0] <= month.start <= _FOUR_MONTHS[1]
        frequency = Frequency.FOUR_MONTHS if four else Frequency.QUARTER
        period = Period.of_months(month.start.year, month.start.month, frequency)
        if not _UNPUBLISHED[0] <= period.start <= _UNPUBLISHED[1]:
            yield period
        month = months_before(month, -4 if four else -3)


def _years(periods: Sequence[Period]) -> list[Period]:
    """The financial years of which all quarters are among some periods."""
    years = [Period.financial_year(period.start.year) for period in periods if period.start.month == 4]
    return [year for year in years if set(_quarters(year)) <= set(periods)]


def _quarters(year: Period) -> list[Period]:
    first = year.start.year
    return [Period.quarter(first + (month < 4), month) for month in (4, 7, 10, 1)]


def _year_before(year: Period) -> Period:
    return Period.financial_year(year.start.year - 1)
