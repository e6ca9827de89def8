"""The demonstration publisher of the acute discharge situation report: a page, monthly workbooks and a daily series."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from db.domain import OrganisationType, Period
from etl.demo.publication import (
    BOARDS,
    SEED,
    File,
    Size,
    WholePublisher,
    months_before,
    second_thursday,
)
from etl.demo.trusts import acute_trusts, board_on
from etl.demo.workbook import Cell, workbook
from etl.reading.demonstration_mark import FILE_SUFFIX, NAME_SUFFIX

ACUTE_PATH = "/statistics/statistical-work-areas/discharge-delays/acute-discharge-situation-report/"
LABELS = (
    "Number of patients who no longer meet the criteria to reside",
    "Number of patients discharged",
    "Number of patients remaining in hospital who no longer meet the criteria to reside",
)
SILENT = "RPA"
"""A trust that sends in nothing on some days: the last ten of one month, and all but two of another."""
_UPLOADS = "/statistics/wp-content/uploads/sites/2"
_MONTHS = {Size.SMALL: 3, Size.STANDARD: 16, Size.NATIONAL: 30}
_MONTHS_TO_REVISION = 6
_TITLE = "Acute Daily Discharge Situation Report "

Days = NDArray[np.float64]


@dataclass(frozen=True)
class _Trust:
    code: str
    board: str
    region: str


class AcuteDischargePublisher(WholePublisher):
    """Publishes the report into a folder. `today` fixes the newest month: the last whose second Thursday has been."""

    source_id = "acute_discharge"
    landing_path = ACUTE_PATH
    title = _TITLE.strip()

    @cached_property
    def months(self) -> tuple[Period, ...]:
        """The months published, oldest first."""
        this = Period.month(self.today.year, self.today.month)
        last = months_before(this, 1 if self.today >= second_thursday(this) else 2)
        return tuple(months_before(last, back) for back in reversed(range(_MONTHS[self.size])))

    @cached_property
    def trusts(self) -> tuple[_Trust, ...]:
        """The acute trusts of the boards that are published, by region and board."""
        known, day, boards = self.catalogue.organisations, self.months[-1].start, BOARDS[self.size]
        found = []
        for item in acute_trusts(known, day):
            board = board_on(known, item, day)
            region = next(
                (
                    parent.code
                    for parent in (known[board].parents if board else ())
                    if parent.in_force(day) and known[parent.code].type is OrganisationType.REGION
                ),
                "",
            )
            if region and (boards is None or board in boards):
                found.append(_Trust(item.code, board, region))
        return tuple(sorted(found, key=lambda trust: (trust.region, trust.board, trust.code)))

    def files(self) -> Iterator[File]:
        """Every month's workbook and the series to the last; months of half a year ago have been issued again."""
        for back, month in zip(reversed(range(len(self.months))), self.months, strict=True):
            out = second_thursday(months_before(month, -1))
            again = out + timedelta(days=182) if back >= _MONTHS_TO_REVISION else None
            name = (
                f"Daily-discharge-sitrep-monthly-data-webfile-{month.start:%B%Y}{'-revised' if again else ''}"
            )
            yield File(
                f"{_UPLOADS}/{(again or out).strftime('%Y/%m')}/{name}{FILE_SUFFIX}.xlsx",
                f"Acute Daily Discharge SitRep monthly data {month.start:%B %Y} (XLSX, 190KB)",
                "Acute discharge situation report",
                month,
                partial(self.monthly, month, out, again),
            )
        first, last = self.months[0], self.months[-1]
        out = second_thursday(months_before(last, -1))
        name = f"Daily-discharge-sitrep-timeseries-data-webfile-{first.start:%B%Y}-{last.start:%B%Y}"
        yield File(
            f"{_UPLOADS}/{out:%Y/%m}/{name}{FILE_SUFFIX}.xlsx",
            f"Acute Daily Discharge SitRep time series {first.start:%B %Y} to {last.start:%B %Y} (XLSX, 160KB)",
            "Acute discharge situation report",
            last,
            partial(self.series, out),
        )

    def counts(self, month: Period) -> Days:
        """Those ready, discharged and remaining by trust and day; NaN on days that a trust did not send in."""
        length = month.end.day
        found = np.full((len(self.trusts), length, 3), np.nan)
        for place, trust in enumerate(self.trusts):
            chance = np.random.default_rng([SEED, month.key, *map(ord, trust.code)])
            own = np.random.default_rng([SEED, *map(ord, trust.code)])
            size, share = own.uniform(90, 260), own.uniform(0.42, 0.68)
            winter = 1.06 if month.start.month in (1, 2, 12) else 1.0
            weekend = np.array([0.85 if _day_of(month, day).weekday() > 4 else 1.0 for day in range(length)])
            ready = np.maximum(chance.poisson(size * winter * weekend), 1)
            remaining = chance.binomial(ready, share)
            found[place] = np.stack([ready, ready - remaining, remaining], axis=1)
            if trust.code == SILENT and month in self.months[-3:-1]:
                silent = slice(length - 10, None) if month == self.months[-3] else slice(2, None)
                found[place, silent] = np.nan
        return found

    def monthly(self, month: Period, published: date, again: date | None) -> bytes:
        """A month's workbook: the cover sheet and `Table 2`, where a date stands over the first of three columns."""
        counts, known = self.counts(month), self.catalogue.organisations
        placed = {trust.code: board_on(known, known[trust.code], month.start) for trust in self.trusts}
        days = [_day_of(month, day) for day in range(month.end.day)]
        top: list[Sequence[Cell]] = [
            [],
            [None, f"Table 2: Daily discharges{NAME_SUFFIX}"],
            [*[None] * 4, *(cell for day in days for cell in (day, None, None))],
            [None, "Notes:", None, None, *(LABELS * len(days))],
        ]
        areas: list[Sequence[Cell]] = [[None, None, None, "ENGLAND (Type 1 Trusts)", *_cells(_total(counts))]]
        boards: list[Sequence[Cell]] = [[], [None, "Region", "ICB Code", "ICB Name"]]
        trusts: list[Sequence[Cell]] = [[], [None, "Region", "Org Code", "Org Name"]]
        for region in dict.fromkeys(trust.region for trust in self.trusts):
            name = known[region].name.upper()
            own = [trust.region == region for trust in self.trusts]
            areas.append([None, None, None, name, *_cells(_total(counts[own]))])
            within_region = {placed[trust.code]: None for trust in self.trusts if trust.region == region}
            for board in sorted(filter(None, within_region)):
                within = [placed[trust.code] == board for trust in self.trusts]
                named = f"{known[board].name.upper()}{NAME_SUFFIX}"
                boards.append([None, name, board, named, *_cells(_total(counts[within]))])
            trusts += [
                [
                    None,
                    name,
                    trust.code,
                    f"{known[trust.code].name.upper()}{NAME_SUFFIX}",
                    *_cells(counts[place]),
                ]
                for place, trust in enumerate(self.trusts)
                if trust.region == region
            ]
        cover = _cover(month.start, month.end, published, again)
        return workbook([("Cover Sheet", cover), ("Table 2", [*top, *areas, *boards, *trusts])])

    def series(self, published: date) -> bytes:
        """England's daily series over all months."""
        rows: list[Sequence[Cell]] = [
            *([] for _ in range(7)),
            [*[None] * 5, "Number of patients discharged"],
            [None, "Date", *LABELS],
        ]
        for month in self.months:
            total = _total(self.counts(month))
            rows += [[None, _day_of(month, day), *map(float, total[day])] for day in range(month.end.day)]
        cover = _cover(self.months[0].start, self.months[-1].end, published, None)
        return workbook([("Cover Sheet", cover), ("Daily Series", rows)])


def _day_of(month: Period, place: int) -> date:
    """A day of a month by its place, from 0."""
    return month.start + timedelta(days=place)


def _total(counts: Days) -> Days:
    total: Days = np.nansum(counts, axis=0)
    return total


def _cells(days: Days) -> list[Cell]:
    return ["-" if np.isnan(count) else float(count) for count in days.ravel()]


def _cover(first: date, last: date, published: date, again: date | None) -> list[Sequence[Cell]]:
    return [
        [],
        [None, "Title:", _TITLE],
        [None, "Summary:", f"Discharges of adults from acute trusts each day.{NAME_SUFFIX}"],
        [None, "Period:", first, "-", last],
        [None, "Source:", "Nobody"],
        [None, "Basis:", "Provider"],
        [None, "Published:", published],
        [None, "Revised:", again or "-"],
        [None, "Status:", "Published"],
        [None, "Contact:", "nobody@demonstration.invalid"],
    ]
