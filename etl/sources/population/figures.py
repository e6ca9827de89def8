"""Residents of an area on 30 June of a year, as rows of the canonical frame; and what an edition says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from math import nan
from typing import Final

import pandas as pd

from db.catalogue import load_catalogue
from db.domain import (
    ALL,
    ENGLAND,
    OBSERVATION_COLUMNS,
    Basis,
    Maturity,
    Organisation,
    OrganisationType,
    Period,
)
from db.reading.spreadsheets import Cell, number, text_of
from etl.reading.areas import area_code, kind_of_area, not_in_the_catalogue
from etl.source import Hints, LayoutError, ParsedFile

RESIDENTS: Final = "resident-population"
SHARES: Final = {
    65: "resident-population-aged-65-and-over",
    70: "resident-population-aged-70-and-over",
}
"""Shares of all residents by the first age that counts."""
COUNTS: Final = {70: "resident-population-aged-70-and-over-count"}
_PROJECTED: Final = "resident-population-projected-{}-based"
_BASED: Final = re.compile(r"resident-population-projected-(\d{4})-based")
_CENSUSES: Final = (2021, 2011, 2001)

Record = tuple[object, ...]


@dataclass(frozen=True)
class ResidentArea:
    """An area that is read, as the file names it. `code` is ours."""

    code: str
    name: str
    kind: OrganisationType

    def record(
        self,
        indicator: str,
        year: int,
        value: float = nan,
        counts: tuple[float, float] = (nan, nan),
        *,
        derived: bool = False,
    ) -> Record:
        """A row of a year: a number of people as its value, or the counts of a share."""
        basis = Basis.NATIONAL if self.kind is OrganisationType.COUNTRY else Basis.RESIDENCE
        period = Period.snapshot(date(year, 6, 30)).key
        figures = (*counts, value, "", int(Maturity.FINAL), derived)
        return (indicator, self.code, self.name, basis.value, period, ALL, *figures)


def resident_area(code: str, name: str) -> ResidentArea | None:
    """The area of a row; None for one of another country or kind."""
    kind = kind_of_area(code)
    if kind is None:
        return None
    return ResidentArea(ENGLAND if kind is OrganisationType.COUNTRY else area_code(code), name, kind)


def number_of_people(cell: Cell, where: str) -> float:
    """A cell as a number of people. Raises LayoutError for anything but a whole number of 0 or more."""
    found = number(cell, where)
    if not (found >= 0 and found.is_integer()):
        raise LayoutError(where, "a whole number of people", f"'{text_of(cell)}'")
    return found


@cache
def districts_of_counties() -> dict[str, tuple[str, ...]]:
    """The districts of each county whose districts the catalogue holds."""
    found: dict[str, list[str]] = {}
    for item in load_catalogue().organisations.values():
        if item.type is OrganisationType.DISTRICT:
            for parent in item.parents:
                found.setdefault(parent.code, []).append(item.code)
    return {county: tuple(codes) for county, codes in found.items()}


def projected_indicators(base: int, where: str) -> tuple[str, str]:
    """The indicators of the projection based on a year: residents of all ages, and those of 70 and over.

    Raises LayoutError for a year whose projection the catalogue does not know.
    """
    known = load_catalogue().indicators
    everybody = _PROJECTED.format(base)
    if everybody not in known:
        bases = sorted(match[1] for name in known if (match := _BASED.fullmatch(name)))
        raise LayoutError(where, f"a projection based on {' or '.join(bases)}", f"one based on {base}")
    return everybody, f"{everybody}-aged-70-and-over"


def parsed_edition(
    hints: Hints,
    year: int,
    layout: str,
    records: Iterable[Record],
    places: Iterable[ResidentArea],
) -> ParsedFile:
    """An edition's rows. Its title says the census that it rests on."""
    census = next((item for item in _CENSUSES if item <= year), _CENSUSES[-1])
    return ParsedFile(
        pd.DataFrame.from_records(list(records), columns=list(OBSERVATION_COLUMNS)),
        layout=layout,
        title=f"Mid-{year} population estimates, based on the census of {census}",
        published_on=hints.published_on,
        organisations=not_in_the_catalogue(Organisation(item.code, item.name, item.kind) for item in places),
        withdraws_absent=False,
        edition_end=date(year, 6, 30),
        areas_vary=True,
    )


def parsed_projection(
    hints: Hints, base: int, records: Iterable[Record], places: Iterable[ResidentArea]
) -> ParsedFile:
    """The rows of the projection that is based on a year."""
    parsed = parsed_edition(hints, base, "projection", records, places)
    return replace(parsed, title=f"Population projections based on {base}")
