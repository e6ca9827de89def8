"""The workbook of an edition: residents by single year of age in its own year, and totals of all years since 2001."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from db.reading.spreadsheets import (
    Header,
    Worksheet,
    header_at,
    is_blank,
    listed,
    read_workbook,
    sheet_names,
    text_of,
)
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.population.figures import (
    COUNTS,
    RESIDENTS,
    SHARES,
    Record,
    ResidentArea,
    districts_of_counties,
    number_of_people,
    parsed_edition,
    resident_area,
)

_PERSONS, _MALES, _FEMALES, _TOTALS = "mye2-persons", "mye2-males", "mye2-females", "mye5"
_TOP_ROWS: Final = 15
_AGES: Final = (*(str(age) for age in range(90)), "90+")
_ALL_AGES: Final = "All ages"
_TOTAL: Final = re.compile(r"estimated population mid-(\d{4})")
_YEAR: Final = re.compile(r"\bmid-(\d{4})\b")
_CODE: Final = re.compile(r"[A-Z]\d{8}")


@dataclass(frozen=True)
class _Row:
    """An area's figures by heading: an age, `All ages`, or a year."""

    code: str
    name: str
    where: str
    figures: Mapping[str, float]


@dataclass(frozen=True)
class _Table:
    """The areas of a sheet by their codes; `headings` are those of its figures, `where` is its header."""

    where: str
    headings: Sequence[str]
    rows: Mapping[str, _Row]

    def places(self) -> Iterator[tuple[ResidentArea, _Row]]:
        """The areas that are read, with their rows."""
        for row in self.rows.values():
            if (place := resident_area(row.code, row.name)) is not None:
                yield place, row


def is_edition(raw: RawFile) -> bool:
    """Whether a workbook has the sheets of an edition."""
    names = {_plain(name) for name in sheet_names(raw)}
    return {_PERSONS, _TOTALS} <= names


def read_edition(raw: RawFile, hints: Hints) -> ParsedFile:
    """An edition's residents. Raises LayoutError for ages, sexes, years or areas that contradict one another."""
    wanted = (_PERSONS, _MALES, _FEMALES, _TOTALS)
    names = {_plain(name): name for name in sheet_names(raw)}
    if missing := [name for name in wanted if name not in names]:
        raise LayoutError(raw.name, f"the sheets {listed(wanted)}", f"no {listed(missing)}")
    read = read_workbook(raw, [names[name] for name in wanted])
    sheets = [read[names[name]] for name in wanted]
    persons, males, females = (_by_age(sheet) for sheet in sheets[:3])
    totals = _by_year(sheets[3])
    year = max(totals.headings)
    for sheet in sheets[:3]:
        _check_year(sheet, year)
    _check_sexes(persons, males, females)
    _check_ages(persons)
    for row in persons.rows.values():
        total = _row_of(totals, row).figures[year]
        if total != row.figures[_ALL_AGES]:
            wanted_number = f"{row.figures[_ALL_AGES]:.0f} for {row.name} in {year}, as by age"
            raise LayoutError(_row_of(totals, row).where, wanted_number, f"{total:.0f}")
    for table in (persons, totals):
        _check_districts(table)
    found = [place for table in (totals, persons) for place, _ in table.places()]
    return parsed_edition(hints, int(year), "workbook", _records(persons, totals, int(year)), found)


def _records(persons: _Table, totals: _Table, year: int) -> Iterator[Record]:
    for place, row in totals.places():
        for each in totals.headings:
            yield place.record(RESIDENTS, int(each), row.figures[each])
    for place, row in persons.places():
        for first, indicator in SHARES.items():
            older = sum(row.figures[age] for age in _AGES[first:])
            yield place.record(indicator, year, counts=(older, row.figures[_ALL_AGES]))
            if first in COUNTS:
                yield place.record(COUNTS[first], year, older)


def _plain(name: str) -> str:
    """A sheet's name in small letters and without spaces: "MYE 5", "MYE2 - Persons"."""
    return name.casefold().replace(" ", "")


def _by_age(sheet: Worksheet) -> _Table:
    header = _header(sheet)
    columns = {text_of(cell): place for place, cell in enumerate(sheet.rows[header.index])}
    wanted = [_ALL_AGES, *_AGES]
    found = [name for name in columns if name == _ALL_AGES or name[:1].isdigit()]
    if found != wanted:
        raise LayoutError(
            header.where, f"the columns {_ALL_AGES}, 0 to 89 and 90+ in this order", listed(found)
        )
    return _table(header, {name: columns[name] for name in wanted})


def _by_year(sheet: Worksheet) -> _Table:
    header = _header(sheet)
    matches = [(_TOTAL.fullmatch(label), place) for place, label in enumerate(header.labels)]
    years = [(match[1], place) for match, place in matches if match]
    if not years or [int(year) for year, _ in years] != list(
        range(int(years[0][0]), int(years[-1][0]) - 1, -1)
    ):
        wanted = "columns such as 'Estimated Population mid-2019' of years in a row, the newest first"
        raise LayoutError(header.where, wanted, listed(year for year, _ in years))
    return _table(header, dict(years))


def _header(sheet: Worksheet) -> Header:
    """The first of the top rows whose first cell is Code: which row it is differs by edition."""
    rows = range(min(_TOP_ROWS, len(sheet.rows)))
    found = next(
        (index for index in rows if sheet.rows[index] and text_of(sheet.rows[index][0]) == "Code"), None
    )
    if found is None:
        raise LayoutError(sheet.where(), f"a row that begins with 'Code' among the first {_TOP_ROWS}", "none")
    header = header_at(sheet, found)
    header.column("Name")
    return header


def _table(header: Header, columns: Mapping[str, int]) -> _Table:
    rows: dict[str, _Row] = {}
    name = header.column("Name")
    for index, cells in header.body():
        where = header.sheet.where(index)
        if all(is_blank(cell) for cell in cells[1:]):
            continue
        code = text_of(cells[0])
        if not _CODE.fullmatch(code):
            raise LayoutError(where, "an area's code, such as E10000016", f"'{code}'")
        if code in rows:
            raise LayoutError(where, f"{code} once", "a second row")
        figures = {key: number_of_people(cells[place], f"{where}, {key}") for key, place in columns.items()}
        rows[code] = _Row(code, text_of(cells[name]), where, figures)
    if not rows:
        raise LayoutError(header.where, "areas below", "none")
    return _Table(header.where, tuple(columns), rows)


def _row_of(table: _Table, row: _Row) -> _Row:
    """The row of the same area on another sheet. Raises LayoutError where there is none."""
    if row.code not in table.rows:
        raise LayoutError(table.where, f"a row of {row.code} {row.name}, as in {row.where}", "none")
    return table.rows[row.code]


def _check_year(sheet: Worksheet, year: str) -> None:
    """Raise LayoutError where a sheet's title names another year than the newest of the totals."""
    texts = [text_of(cell) for row in sheet.rows[:_TOP_ROWS] for cell in row]
    said = {found for text in texts for found in _YEAR.findall(text)}
    if said - {year}:
        raise LayoutError(
            sheet.where(), f"a title of mid-{year}, the newest of the totals", f"mid-{max(said)}"
        )


def _check_ages(table: _Table) -> None:
    for row in table.rows.values():
        total = sum(row.figures[age] for age in _AGES)
        if total != row.figures[_ALL_AGES]:
            wanted = f"ages of {row.name} that add up to {row.figures[_ALL_AGES]:.0f}"
            raise LayoutError(row.where, wanted, f"{total:.0f}")


def _check_sexes(persons: _Table, males: _Table, females: _Table) -> None:
    for row in persons.rows.values():
        male, female = _row_of(males, row), _row_of(females, row)
        for age, number in row.figures.items():
            if male.figures[age] + female.figures[age] != number:
                wanted = f"males and females of {row.name} that add up to {number:.0f} at {age}"
                raise LayoutError(row.where, wanted, f"{male.figures[age] + female.figures[age]:.0f}")


def _check_districts(table: _Table) -> None:
    """Raise LayoutError where the districts of a county do not add up to it: as far as the catalogue knows them."""
    for county, districts in districts_of_counties().items():
        if county not in table.rows or not set(districts) <= table.rows.keys():
            continue
        row = table.rows[county]
        for key in table.headings:
            total = sum(table.rows[code].figures[key] for code in districts)
            if total != row.figures[key]:
                wanted = f"districts of {row.name} that add up to {row.figures[key]:.0f} at {key}"
                raise LayoutError(row.where, wanted, f"{total:.0f}")
