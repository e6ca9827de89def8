"""The demonstration publisher of the NHS Outcomes Framework: one release, with a table for each indicator."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Final

import numpy as np

from db.domain import Organisation, OrganisationType, Period
from etl.demo.publication import SEED, File, Size, WholePublisher, link, page, write_page
from etl.reading.demonstration_mark import FILE_SUFFIX, NAME_SUFFIX

OUTCOMES_PATH: Final = "/nhs-outcomes-framework/"
COLUMNS: Final = (
    *("Year", "Quarter", "Period of coverage", "Breakdown", "Level", "Level description"),
    *("Indicator value", "Lower CI", "Upper CI"),
    *("Standardised ratio", "Standardised ratio lower CI", "Standardised ratio upper CI"),
    *("Observed", "Population", "Expected", "Percent unclassified"),
)
_TABLES: Final = {
    "NHSOF_2.3.i_I00708_D": ("2.3.i Unplanned hospitalisation for chronic conditions", 820.45),
    "NHSOF_3a_I00000_D": ("3a Emergency admissions for acute conditions", 1140.2),
}
"""Each file's name, what its link says, and its constant. The number of 3a is not known, and its constant invented."""
_YEARS: Final = {Size.SMALL: 6, Size.STANDARD: 12, Size.NATIONAL: 21}
_QUARTERS: Final = ("Annual", "1", "2", "3", "4")
_WITH_QUARTERS: Final = 2
"""How many of the places have quarters here: the publisher prints them of all."""
_SOUTH_EAST: Final = "E12000008"
_KIND: Final = " (statistical region)"
_ONE_TIER: Final = ("E06", "E08", "E09")
_PANDEMIC: Final = {2020: 0.75, 2021: 0.95}
_BANDS: Final = {"0 to 4": 0.06, "90+": 0.08}


@dataclass(frozen=True)
class InventedPlace:
    """A row's place: its breakdown, level and name, its people, and its admissions per expected one."""

    breakdown: str
    level: str
    name: str
    people: float
    standing: float = 1.0
    parts: tuple[InventedPlace, ...] = ()
    """The districts that a county is made of."""


class OutcomesPublisher(WholePublisher):
    """Publishes a release of March into a folder. `today` fixes its year; its newest figures end a year before it."""

    source_id = "outcomes_framework"
    landing_path = OUTCOMES_PATH
    title = "NHS Outcomes Framework Indicators"

    @cached_property
    def released(self) -> date:
        """The day of the release: 12 March, of this year or the last one."""
        this_year = date(self.today.year, 3, 12)
        return this_year if this_year <= self.today else date(self.today.year - 1, 3, 12)

    def write_pages(self, files: Sequence[File]) -> None:
        path, month = f"{self.landing_path}march-{self.released.year}/", f"March {self.released.year}"
        told = f"<p>Publication Date: {self.released.day} {self.released:%b %Y}</p>"
        write_page(self.folder, path, page(f"{self.title}, {month}", files, [told]))
        write_page(self.folder, self.landing_path, page(self.title, [], [link(path, month)]))

    def files(self) -> Iterator[File]:
        """The table of each indicator, with all its places and years."""
        last = Period.financial_year(self.released.year - 2)
        for name, (text, constant) in _TABLES.items():
            path = f"{OUTCOMES_PATH}files/{name}{FILE_SUFFIX}.csv"
            yield File(path, text, "Data", last, partial(self._table, constant))

    @cached_property
    def places(self) -> list[InventedPlace]:
        """England, its regions, both tiers of councils, and two bands of age; of a small edition the South East."""
        every = self.catalogue.organisations.values()
        kept = {OrganisationType.UPPER_TIER_AUTHORITY, OrganisationType.DISTRICT}
        councils = [item for item in every if item.type in kept and item.closed_on is None]
        regions = [item for item in every if item.type is OrganisationType.STATISTICAL_REGION]
        if self.size is Size.SMALL:
            regions = [item for item in regions if item.code == _SOUTH_EAST]
            councils = [item for item in councils if self._lies_in_the_south_east(item)]
        found = [InventedPlace("England", "England", "England", 56_000_000)]
        found += [_place("Region", item, 6_200_000) for item in regions]
        for item in councils:
            one_tier = item.code.startswith(_ONE_TIER)
            people = 420_000 if item.type is OrganisationType.UPPER_TIER_AUTHORITY else 130_000
            if item.type is OrganisationType.DISTRICT or one_tier:
                found.append(_place("Lower tier local authority", item, people))
            if item.type is OrganisationType.UPPER_TIER_AUTHORITY:
                own = [each for each in councils if item.code in {parent.code for parent in each.parents}]
                parts = tuple(_place("Lower tier local authority", each, 130_000) for each in own)
                found.append(_place("Upper tier local authority", item, people, parts))
        return [*found, *(InventedPlace("Age", band, band, 56e6 * part) for band, part in _BANDS.items())]

    def _lies_in_the_south_east(self, item: Organisation) -> bool:
        parents = [self.catalogue.organisations[parent.code] for parent in item.parents]
        return any(each.code == _SOUTH_EAST or self._lies_in_the_south_east(each) for each in parents)

    def _table(self, constant: float) -> bytes:
        output = io.StringIO(newline="")
        writer = csv.writer(output, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        last = self.released.year - 2
        for first in range(last - _YEARS[self.size] + 1, last + 1):
            for quarter in _QUARTERS:
                rows = self.places if quarter == "Annual" else self.places[:_WITH_QUARTERS]
                writer.writerows(_row(place, first, quarter, constant) for place in rows)
        return output.getvalue().encode()


def _place(
    breakdown: str, item: Organisation, people: float, parts: tuple[InventedPlace, ...] = ()
) -> InventedPlace:
    """A region or council: the same in every file, period and tier."""
    chance = np.random.default_rng([SEED, *item.code.encode()])
    people *= 0.6 + 0.8 * chance.random()
    return InventedPlace(
        breakdown,
        item.code,
        f"{item.name.removesuffix(_KIND)}{NAME_SUFFIX}",
        sum(part.people for part in parts) if parts else people,
        float(np.exp(chance.normal(0, 0.16))),
        parts,
    )


def _row(place: InventedPlace, first: int, quarter: str, constant: float) -> list[object]:
    """A row of a year or a quarter. A quarter's constant is a quarter of the year's, as its rate is of three months."""
    period = _period(first, quarter)
    part = 1.0 if quarter == "Annual" else 0.25
    observed, expected = _admissions(place, first, period, constant * part)
    ratio, error = observed / expected, 1.96 * observed**0.5 / expected
    start, end = (f"{day.day}/{day.month}/{day.year}" for day in (period.start, period.end))
    return [
        *(f"{first}/{(first + 1) % 100:02}", quarter, f"{start} to {end}"),
        *(place.breakdown, place.level, place.name),
        *(f"{constant * part * found:.1f}" for found in (ratio, ratio - error, ratio + error)),
        *(f"{100 * found:.1f}" for found in (ratio, ratio - error, ratio + error)),
        *(observed, int(round(place.people, -2)), expected, ""),
    ]


def _admissions(place: InventedPlace, first: int, period: Period, constant: float) -> tuple[int, float]:
    """Admissions observed and expected; a county's are its districts' together."""
    if place.parts:
        parts = [_admissions(part, first, period, constant) for part in place.parts]
        return sum(observed for observed, _ in parts), round(sum(expected for _, expected in parts), 1)
    chance = np.random.default_rng([SEED, int(constant), period.key, *place.level.encode()])
    expected = round(place.people * constant / 100_000, 1)
    level = place.standing * (1 + 0.004 * (first - 2012)) * _PANDEMIC.get(first, 1.0)
    return int(chance.poisson(expected * level)), expected


def _period(first: int, quarter: str) -> Period:
    if quarter == "Annual":
        return Period.financial_year(first)
    month = 3 * int(quarter) + 1
    return Period.quarter(first + month // 12, month % 12)
