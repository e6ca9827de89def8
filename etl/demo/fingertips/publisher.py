"""The demonstration publisher of public health profiles: a table of values for each listed number, as at a day."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from functools import cached_property, partial
from typing import Final

from db.domain import ENGLAND, Organisation, OrganisationType, Period
from etl.demo.fingertips.values import PROFILES, invented
from etl.demo.publication import File, Size, WholePublisher
from etl.reading.demonstration_mark import NAME_SUFFIX
from etl.sources.fingertips.listed import ListedIndicator, YearType, listed_indicators

PROFILES_PATH: Final = "/profiles/"
_TABLES: Final = f"{PROFILES_PATH}api/all_data/csv/by_indicator_id"
_YEARS: Final = {Size.SMALL: 6, Size.STANDARD: 12, Size.NATIONAL: 14}
_ENGLAND_CODE: Final = "E92000001"
COLUMNS: Final = (
    *("Indicator ID", "Indicator Name", "Parent Code", "Parent Name", "Area Code", "Area Name", "Area Type"),
    *("Sex", "Age", "Category Type", "Category", "Time period", "Value"),
    *("Lower CI 95.0 limit", "Upper CI 95.0 limit", "Lower CI 99.8 limit", "Upper CI 99.8 limit"),
    *("Count", "Denominator", "Value note", "Recent Trend", "Compared to England value or percentiles"),
    *("Column not used", "Time period Sortable", "New data", "Compared to goal", "Time period range"),
)
_AREA_TYPES: Final = {
    OrganisationType.COUNTRY: "England",
    OrganisationType.STATISTICAL_REGION: "Regions (statistical)",
    OrganisationType.DISTRICT: "District",
    OrganisationType.ICB: "ICBs",
}
_FIRST_BOARD: Final = 900_001
"""Boards' codes are invented: they are known by their names' ends."""
_DECILES: Final = "County & UA deprivation deciles in England (IMD2019, 4/23 geography)"


class ProfilesPublisher(WholePublisher):
    """Publishes tables of values into a folder. `today` fixes the newest year: the one before the last."""

    source_id = "fingertips"
    landing_path = PROFILES_PATH
    title = "Public health profiles"

    def files(self) -> Iterator[File]:
        """The table of each number, with all its areas and years."""
        for number, profile in PROFILES.items():
            path = f"{_TABLES}/indicator_ids={number}.csv"
            last = Period.of_years(date(self.today.year - 2, 1, 1), 1)
            yield File(path, profile.name, "Indicators", last, partial(self._table, number))

    @cached_property
    def areas(self) -> list[Organisation]:
        """England, and the councils and regions of the catalogue; of a small edition those of the South East."""
        kinds = (OrganisationType.UPPER_TIER_AUTHORITY, OrganisationType.DISTRICT)
        every = self.catalogue.organisations
        found = [item for item in every.values() if item.type in kinds]
        if self.size is Size.SMALL:
            found = [item for item in found if _lies_in(every, item, "E12000008")]
        kinds = (OrganisationType.STATISTICAL_REGION, OrganisationType.ICB)
        above = [item for item in every.values() if item.type in kinds and item.closed_on is None]
        return [every[ENGLAND], *above, *found]

    @cached_property
    def codes(self) -> dict[str, str]:
        """The publisher's code of every area. Boards have a small n in front, and their own code ends their name."""
        boards = sorted(item.code for item in self.areas if item.type is OrganisationType.ICB)
        numbered = {code: f"nE54{place:06}" for place, code in enumerate(boards, _FIRST_BOARD)}
        return {item.code: numbered.get(item.code, item.code) for item in self.areas} | {
            ENGLAND: _ENGLAND_CODE
        }

    def _table(self, number: int) -> bytes:
        output = io.StringIO(newline="")
        writer = csv.writer(output, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for item in (item for item in listed_indicators() if item.id == number):
            first = self.today.year - 1 - item.years - _YEARS[self.size]
            for year in range(first + 1, first + 1 + _YEARS[self.size]):
                writer.writerows(self._rows(item, year))
        return output.getvalue().encode()

    def _rows(self, item: ListedIndicator, year: int) -> Iterator[list[object]]:
        """A period's rows: England with and without a parent, a part of England by deprivation, then every area."""
        for area in self.areas:
            if area.type in item.kinds:
                row = _row(item, year, area, self.codes[area.code])
                yield row
                if area.code == ENGLAND:
                    yield [*row[:2], _ENGLAND_CODE, area.name + NAME_SUFFIX, *row[4:]]
                    yield [*row[:9], _DECILES, "Most deprived decile (IMD2019)", *row[11:]]


def _lies_in(every: dict[str, Organisation], item: Organisation, code: str) -> bool:
    parents = {parent.code for parent in item.parents}
    return code in parents or any(_lies_in(every, every[parent], code) for parent in parents)


def _row(item: ListedIndicator, year: int, area: Organisation, code: str) -> list[object]:
    first_month = item.year_type.first_month
    period = Period.of_years(date(year, first_month, 1), item.years)
    found = invented(item.id, area.code, area.type.value, period, item.sex)
    england = area.code == ENGLAND
    ending = f" - {area.code}" if area.type is OrganisationType.ICB else ""
    area_type = _AREA_TYPES.get(area.type, "County" if area.code.startswith("E10") else "UA")
    return [
        *(item.id, PROFILES[item.id].name),
        *(("", "") if england else (_ENGLAND_CODE, f"England{NAME_SUFFIX}")),
        *(code, f"{area.name}{ending}{NAME_SUFFIX}", area_type),
        *(item.sex, item.age, "", "", _period_text(item, year)),
        *(found.value, found.lower_95, found.upper_95, found.lower_998, found.upper_998),
        *("" if number is None else number for number in (found.count, found.denominator)),
        *("", "", "Not compared", "Not compared", year * 10_000, "", "", f"{item.years}y"),
    ]


def _period_text(item: ListedIndicator, year: int) -> str:
    last = year + item.years - 1
    if item.year_type is YearType.CALENDAR:
        return f"{year}" if item.years == 1 else f"{year} - {last % 100:02}"
    ends = [f"{first}/{(first + 1) % 100:02}" for first in dict.fromkeys((year, last))]
    return ends[0] if len(ends) == 1 else f"{ends[0]} - {ends[1].removeprefix('20')}"
