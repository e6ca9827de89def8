"""The table of a projection: a row an area and age group, a column a year. Areas of all kinds follow one another."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from db.reading.spreadsheets import Cell, Header, find_header, listed, number, read_csv, text_of
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.population.figures import (
    Record,
    ResidentArea,
    districts_of_counties,
    parsed_projection,
    projected_indicators,
    resident_area,
)

MARKS: Final = ("AREA_CODE", "AGE_GROUP")
MOST_ABOVE: Final = 15
"""Rows among which the header is."""
_TEXTS: Final = ("AREA_CODE", "AREA_NAME", "COMPONENT", "SEX", "AGE_GROUP")
_AGES: Final = (*(str(age) for age in range(90)), "90 and over")
_ALL_AGES: Final = "all ages"
_OLD: Final = 70
_LENGTH: Final = 25
"""How many years a projection reaches beyond the one that it is based on."""
_ROUNDED: Final = 0.5
"""How far each of the numbers of a sum may lie from what it was before it was rounded."""
_BASE: Final = re.compile(r"(?<!\d)(20\d\d)[ _-]?(?:snpp|based)", re.IGNORECASE)
_VARIANT: Final = re.compile(
    r"variant|alternative|migration|(?<![a-z])(?:high|low|zero)(?![a-z])|(?:\d+|five|ten)[ _-]?(?:yr|year)",
    re.IGNORECASE,
)

Years = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Area:
    """An area's residents by age group in each of the years."""

    place: ResidentArea
    where: str
    residents: dict[str, Years]


def read_table(raw: RawFile, hints: Hints, zip_name: str = "") -> ParsedFile:
    """The residents of all ages, and those of 70 and over, by area and year.

    Raises LayoutError naming the row: for a file of one sex, a variant, a projection that the catalogue does not know,
    an area without one of its ages, and ages or districts that do not add up.
    """
    header = find_header(read_csv(raw), *MARKS)
    years = _years(header)
    indicators = projected_indicators(years[0], header.where)
    for name in filter(None, (raw.name, zip_name)):
        _check_name(name, years[0])
    found = _areas(header, years)
    for area in found.values():
        _check_ages(area)
    _check_districts(found)
    places = [area.place for area in found.values()]
    return parsed_projection(hints, years[0], _records(found, indicators, years), places)


def _years(header: Header) -> list[int]:
    """The years of the columns, beginning with the one that the projection is based on."""
    texts = [header.column(label) for label in _TEXTS]
    places = header.matching(r"20\d\d")
    others = [label for at, label in enumerate(header.labels) if label and at not in (*texts, *places)]
    if others:
        raise LayoutError(header.where, f"the columns {listed(_TEXTS)} and years, no others", listed(others))
    years = [int(header.labels[place]) for place in places]
    if not years or years != list(range(years[0], years[0] + _LENGTH + 1)):
        wanted = f"a column for each year, from the one that it is based on to {_LENGTH} years later"
        raise LayoutError(
            header.where, wanted, f"{years[0]} to {years[-1]} in {len(years)} columns" if years else "none"
        )
    return years


def _check_name(name: str, base: int) -> None:
    """Raise LayoutError for a name that says another year, or a variant: none but the principal projection is read."""
    other = next((year for year in _BASE.findall(name) if int(year) != base), None)
    if other is not None:
        raise LayoutError(name, f"the first year {other}, that of its name", str(base))
    if variant := variant_in(name):
        raise LayoutError(name, "the principal projection, by its name", f"a variant ('{variant}')")


def variant_in(name: str) -> str:
    """What in a file's name says that it is a variant of the projection: "5yr"; "" for the principal one."""
    match = _VARIANT.search(name)
    return match[0] if match else ""


def _areas(header: Header, years: Sequence[int]) -> dict[str, _Area]:
    """England's areas by code, of both sexes together, each age group once."""
    texts, figures = [header.column(label) for label in _TEXTS], header.matching(r"20\d\d")
    found: dict[str, _Area] = {}
    sexes = set()
    for index, row in header.body():
        where = header.sheet.where(index)
        if len(row) != len(header.labels):
            wanted = f"{len(header.labels)} fields as in the header"
            raise LayoutError(where, wanted, f"{len(row)}: the file may be cut short")
        code, name, component, sex, age = (text_of(row[at]) for at in texts)
        if component.casefold() != "population":
            raise LayoutError(where, "'Population' in 'COMPONENT'", f"'{component}'")
        sexes.add(sex)
        place = resident_area(code, name)
        if sex.casefold() != "persons" or place is None:
            continue
        area = found.setdefault(code, _Area(place, where, {}))
        if age.casefold() not in (*_AGES, _ALL_AGES):
            raise LayoutError(
                where, "an age of 0 to 89, '90 and over' or 'All ages' in 'AGE_GROUP'", f"'{age}'"
            )
        if age.casefold() in area.residents:
            raise LayoutError(where, f"one row of {name} for '{age}'", f"another below {area.where}")
        cells = zip(years, (row[at] for at in figures), strict=True)
        area.residents[age.casefold()] = np.array([_people(cell, f"{where}, {year}") for year, cell in cells])
    if not found:
        wanted = "rows of persons for areas of England, such as E10000016"
        raise LayoutError(header.where, wanted, f"rows of {listed(sorted(sexes))}")
    return found


def _people(cell: Cell, where: str) -> float:
    found = number(cell, where, ())
    if not 0 <= found < np.inf:
        raise LayoutError(where, "a number of people", f"'{text_of(cell)}'")
    return found


def _check_ages(area: _Area) -> None:
    """Raise LayoutError for an area that lacks an age, and where its ages do not add up to all of them."""
    missing = [age for age in (*_AGES, _ALL_AGES) if age not in area.residents]
    if missing:
        raise LayoutError(area.where, f"every age of {area.place.name}", f"no {listed(missing)}")
    _check_sum(area, [area.residents[age] for age in _AGES], "ages")


def _check_districts(found: Mapping[str, _Area]) -> None:
    """Raise LayoutError where the districts of a county do not add up to it: as far as the catalogue knows them."""
    for county, districts in districts_of_counties().items():
        if county in found and set(districts) <= found.keys():
            parts = [found[code].residents[_ALL_AGES] for code in districts]
            _check_sum(found[county], parts, "districts")


def _check_sum(area: _Area, parts: Sequence[Years], name: str) -> None:
    whole, total = area.residents[_ALL_AGES], np.sum(parts, axis=0)
    apart = np.flatnonzero(np.abs(whole - total) > _ROUNDED * (len(parts) + 1))
    if apart.size:
        at = int(apart[0])
        wanted = (
            f"{name} of {area.place.name} that add up to {whole[at]:,.0f} in year {at + 1} of the projection"
        )
        raise LayoutError(area.where, wanted, f"{total[at]:,.0f}")


def _records(
    found: Mapping[str, _Area], indicators: tuple[str, str], years: Sequence[int]
) -> Iterator[Record]:
    for area in found.values():
        old = np.sum([area.residents[age] for age in _AGES[_OLD:]], axis=0)
        for indicator, residents in zip(indicators, (area.residents[_ALL_AGES], old), strict=True):
            for year, people in zip(years, residents.tolist(), strict=True):
                yield area.place.record(indicator, year, people)
