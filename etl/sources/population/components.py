"""The components of change: one row a local authority, of all years since 2001, without counties, regions or England.

England is the sum of its authorities, and a county that of its districts, where all that the catalogue knows are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from db.catalogue import load_catalogue
from db.domain import ENGLAND, Finding, OrganisationType, Severity
from db.reading.spreadsheets import (
    Header,
    check_field_count,
    first_csv_row,
    header_at,
    is_blank_row,
    number,
    read_csv,
    text_of,
)
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.population.figures import (
    RESIDENTS,
    ResidentArea,
    districts_of_counties,
    number_of_people,
    parsed_edition,
    resident_area,
)

_CODE: Final = re.compile(r"la(?:d)?code(\d\d)")
_NAME: Final = r"la(?:d)?name\d\d"
_POPULATION: Final = re.compile(r"population_(\d{4})")
_CHANGES: Final = ("natchange", "internal_net", "international_net", "other_change")
_COUNTRIES: Final = frozenset("EWSN")
_WHOLE: Final = ("E06", "E08", "E09")
"""Codes of authorities without districts: the catalogue holds all of them."""
MOST_APART: Final = 10
"""People by which the publisher's own rounding leaves a year and its changes apart."""


@dataclass(frozen=True)
class _Authority:
    place: ResidentArea
    residents: Mapping[int, float]


def is_components(raw: RawFile) -> bool:
    """Whether a text file begins with an authority's code, of any edition, and has a population of 2001."""
    labels = [text_of(cell).casefold() for cell in first_csv_row(raw)]
    return bool(labels and _CODE.fullmatch(labels[0])) and "population_2001" in labels


def read_components(raw: RawFile, hints: Hints) -> ParsedFile:
    """Totals by authority and year. Raises LayoutError where a year is not the one before with its changes."""
    sheet = read_csv(raw)
    check_field_count(sheet)
    header = header_at(sheet, next(at for at, row in enumerate(sheet.rows) if not is_blank_row(row)))
    years = [int(match[1]) for label in header.labels if (match := _POPULATION.fullmatch(label))]
    if years != list(range(years[0], years[0] + len(years))):
        raise LayoutError(header.where, "population columns of years in a row", f"{years}")
    found, apart = _authorities(header, years)
    if not found:
        raise LayoutError(header.where, "authorities of England below", "none")
    boundaries = _CODE.fullmatch(header.labels[0])
    day = date(2000 + int(boundaries[1]), 4, 1) if boundaries else date.max
    records = [
        place.record(RESIDENTS, year, total, derived=derived)
        for place, residents, derived in _with_sums(found, day)
        for year, total in residents.items()
    ]
    findings = []
    if apart:
        message = (
            f"{len(apart)} years of authorities differ by up to {MOST_APART} people from the year before with its "
            f"changes, such as {apart[0]}: the published totals stand"
        )
        findings.append(Finding(Severity.WARNING, "changes", message, len(apart)))
    places = (item.place for item in found)
    parsed = parsed_edition(hints, years[-1], "components of change", records, places)
    return replace(parsed, findings=tuple(findings))


def _authorities(header: Header, years: Sequence[int]) -> tuple[list[_Authority], list[str]]:
    """England's authorities, and the years that are not quite what their changes make them, of all countries."""
    names = header.matching(_NAME)
    if len(names) != 1:
        raise LayoutError(header.where, "one column such as 'ladname19'", f"{len(names)}")
    country = header.column("country")
    totals = {year: header.column(f"population_{year}") for year in years}
    changes = {year: [header.column(f"{name}_{year}") for name in _CHANGES] for year in years[1:]}
    found: dict[str, _Authority] = {}
    seen, apart = set(), []
    for index, row in header.body():
        where, code, name = header.sheet.where(index), text_of(row[0]), text_of(row[names[0]])
        if code in seen or text_of(row[country]) != code[:1] or code[:1] not in _COUNTRIES:
            wanted = "an authority's code once, with the letter of its country"
            raise LayoutError(where, wanted, f"'{code}' in '{text_of(row[country])}'")
        seen.add(code)
        residents = {
            year: number_of_people(row[place], f"{where}, population_{year}")
            for year, place in totals.items()
        }
        for year, places in changes.items():
            made = residents[year - 1] + sum(number(row[place], where) for place in places)
            if not abs(made - residents[year]) <= MOST_APART:
                wanted = f"about {residents[year]:.0f} residents of {name} in {year}, as published"
                raise LayoutError(where, wanted, f"{made:.0f} by the changes since {year - 1}")
            if made != residents[year]:
                apart.append(f"{name} {year}")
        if (place := resident_area(code, name)) is not None:
            found[code] = _Authority(place, residents)
    return list(found.values()), apart


def _with_sums(
    found: Sequence[_Authority], day: date
) -> Iterator[tuple[ResidentArea, Mapping[int, float], bool]]:
    """Authorities as published, then the sums: whether each is one."""
    known, organisations = {item.place.code: item for item in found}, load_catalogue().organisations
    for item in found:
        yield item.place, item.residents, False
    for county, districts in districts_of_counties().items():
        if set(districts) <= known.keys():
            own = organisations[county]
            yield ResidentArea(county, own.name, own.type), _added([known[code] for code in districts]), True
    whole = {
        code
        for code, own in organisations.items()
        if code.startswith(_WHOLE) and (own.opened_on or date.min) <= day <= (own.closed_on or date.max)
    }
    if whole <= known.keys():
        yield ResidentArea(ENGLAND, "England", OrganisationType.COUNTRY), _added(found), True


def _added(parts: Sequence[_Authority]) -> dict[int, float]:
    return {year: sum(item.residents[year] for item in parts) for year in parts[0].residents}
