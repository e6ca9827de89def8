"""The demonstration publisher of mid-year estimates and projections: pages, workbooks of editions, zips, as at a day.

The workbooks have the sheets and cells of the publisher's (xls until mid-2020) in the newer kind (xlsx).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property, partial
from typing import Final
from urllib.parse import urlsplit

from db.catalogue.source_files import publications
from db.domain import ENGLAND, Organisation, OrganisationType, Period
from etl.demo.population.people import AGES, ENGLAND_CODE, FIRST_YEAR, InventedResidents, People
from etl.demo.population.projected import BASES, projection_zip
from etl.demo.publication import File, Size, WholePublisher, page, write_page
from etl.demo.workbook import Cell, workbook
from etl.reading.demonstration_mark import FILE_SUFFIX, NAME_SUFFIX
from etl.sources.population.discovery import PROJECTIONS_PATH

POPULATION_PATH: Final = f"{urlsplit(publications()['population'].landing_url).path}/"
_EDITIONS: Final = {Size.SMALL: 2, Size.STANDARD: 5, Size.NATIONAL: 10}
_REGION: Final = "E12000008"
"""The region whose councils a small edition has."""
_OUT: Final = 7
"""The month from which the year before's edition is out."""
_GEOGRAPHIES: Final = {
    "E92": "Country",
    "E12": "Region",
    "E10": "County",
    "E06": "Unitary Authority",
    "E07": "Non-metropolitan District",
    "E08": "Metropolitan District",
    "E09": "London Borough",
}
_AGE_HEADS: Final = (*(str(age) for age in range(AGES - 1)), f"{AGES - 1}+")
_SQUARE_KM: Final = 350.0


class PopulationPublisher(WholePublisher):
    """Publishes mid-year estimates into a folder. `today` fixes the newest edition."""

    source_id = "population"
    landing_path = POPULATION_PATH
    title = "Population estimates"
    leads = False

    def files(self) -> Iterator[File]:
        """The workbooks of the editions, newest first, as the publisher's page has them; then the projections."""
        for year in range(self._last, self._last - _EDITIONS[self.size], -1):
            name = f"ukpopestimatesmid{year}on{year}geography{FILE_SUFFIX}.xlsx"
            day = Period.snapshot(date(year, 6, 30))
            yield File(
                f"{POPULATION_PATH}mid{year}/{name}", "xlsx", f"Mid-{year}", day, partial(self._edition, year)
            )
        for base in BASES:
            name = f"{base}snpppopulation{FILE_SUFFIX}.zip"
            day = Period.snapshot(date(base, 6, 30))
            made = partial(projection_zip, self.residents, self.areas, base)
            yield File(f"{PROJECTIONS_PATH}/{base}based/{name}", "zip", f"{base} based", day, made)

    def write_pages(self, files: Sequence[File]) -> None:
        projected = [file for file in files if file.path.startswith(PROJECTIONS_PATH)]
        write_page(self.folder, PROJECTIONS_PATH, page("Population projections", projected))
        super().write_pages([file for file in files if file not in projected])

    @cached_property
    def residents(self) -> InventedResidents:
        return InventedResidents(self.catalogue.organisations, self._last)

    @property
    def _last(self) -> int:
        return self.today.year - (1 if self.today.month >= _OUT else 2)

    @cached_property
    def areas(self) -> list[Organisation]:
        """The areas of the workbooks; of a small edition England, the regions, and the councils of the South East."""
        if self.size is not Size.SMALL:
            return self.residents.areas
        above = (OrganisationType.COUNTRY, OrganisationType.STATISTICAL_REGION)
        own = {_REGION}
        for item in self.residents.areas:
            own |= {item.code} if own & {parent.code for parent in item.parents} else set()
        return [item for item in self.residents.areas if item.type in above or item.code in own]

    def _edition(self, year: int) -> bytes:
        by_age = {item.code: self.residents.residents(item.code, year) for item in self.areas}
        males = {code: people * 49 // 100 for code, people in by_age.items()}
        females = {code: people - males[code] for code, people in by_age.items()}
        title = "MYE2: Population estimates: {} by single year of age and sex for local authorities in the UK, mid-{}"
        sheets = [
            (f"MYE2 - {sex}", _sheet(title.format(sex, year), ("All ages", *_AGE_HEADS), self._rows(people)))
            for sex, people in (("Persons", by_age), ("Males", males), ("Females", females))
        ]
        return workbook([*sheets, ("MYE 5", self._totals(year))])

    def _rows(self, people: dict[str, People]) -> Iterator[list[Cell]]:
        for item in self.areas:
            ages = people[item.code].tolist()
            yield [*_labels(item), sum(ages), *ages]

    def _totals(self, last: int) -> list[Sequence[Cell]]:
        years = range(last, FIRST_YEAR - 1, -1)
        heads = [
            text
            for year in years
            for text in (f"Estimated population mid-{year}", f"{year} people per sq. km")
        ]
        title = (
            f"MYE5: Population estimates: Population density for local authorities, mid-2001 to mid-{last}"
        )
        rows = []
        for item in self.areas:
            totals = [int(self.residents.residents(item.code, year).sum()) for year in years]
            figures = [cell for total in totals for cell in (total, float(round(total / _SQUARE_KM)))]
            rows.append([*_labels(item), _SQUARE_KM, *figures])
        return _sheet(title, ("Area (sq km)", *heads), rows)


def _labels(item: Organisation) -> list[Cell]:
    code = ENGLAND_CODE if item.code == ENGLAND else item.code
    above = code[:3] in ("E92", "E12")
    name = item.name.upper() if above else item.name
    return [code, f"{name}{NAME_SUFFIX}", _GEOGRAPHIES[code[:3]]]


def _sheet(
    title: str, heads: Sequence[str], rows: Iterator[list[Cell]] | list[list[Cell]]
) -> list[Sequence[Cell]]:
    """A table as of the edition of mid-2020: its header in row 8."""
    above: list[Sequence[Cell]] = [["Contents"], [], [title], [], [], [], []]
    return [*above, ["Code", "Name", "Geography", *heads], *rows]
