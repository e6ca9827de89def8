"""Registers of general practices, the raw data of the Quality and Outcomes Framework: one row a practice and group.

Neither names nor areas are in the file, nor its year. England is the sum of all practices; a sub-ICB location of those
that were in its former CCGs on 31 March 2020, which for most is the same area.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from math import nan
from typing import Final

import pandas as pd

from db.catalogue import boundary_moves, lineage, load_catalogue
from db.catalogue.former_ccgs import practice_former_ccgs
from db.catalogue.policy_dates import FORMER_CCGS_END
from db.domain import ALL, ENGLAND, OBSERVATION_COLUMNS, Basis, Maturity, OrganisationType, Period
from db.reading.spreadsheets import find_header, first_csv_row, number, read_csv, text_of
from etl.reading.codes import organisation_code
from etl.source import Hints, LayoutError, ParsedFile, RawFile

_PRACTICE, _GROUP, _REGISTER = "PRACTICE_CODE", "GROUP_CODE", "REGISTER"
_LIST_TYPE, _LIST_SIZE = "PATIENT_LIST_TYPE", "PRACTICE_LIST_SIZE"
_COLUMNS: Final = (_PRACTICE, _GROUP, _REGISTER, _LIST_TYPE, _LIST_SIZE)
_GROUPS: Final = {"DEP": ("depression-prevalence-qof", "18OV"), "MH": ("smi-prevalence-qof", "TOTAL")}
"""The groups that are read: which indicator each is, and of which list of patients it is a part."""
_YEAR_IN_NAME: Final = re.compile(r"(?<!\d)(?:20)?(\d{2})[-_ ]?(\d{2})(?!\d)")

Counts = dict[str, dict[str, tuple[float, float]]]
"""Register and list size by indicator and practice."""


def is_register_file(raw: RawFile) -> bool:
    """Whether a text file has the columns of registers."""
    return {text_of(cell) for cell in first_csv_row(raw)} >= set(_COLUMNS)


def read_registers(raw: RawFile, hints: Hints) -> ParsedFile:
    """The registers of a year, added up. Raises LayoutError, also where neither name nor hint says the year."""
    year = _year(raw, hints)
    counts = _counts(raw)
    records = [
        (name, place, "", basis.value, year.key, ALL, *pair, nan, "", int(Maturity.FINAL), True)
        for name, practices in counts.items()
        for place, basis, pair in _sums(practices, year.end)
    ]
    return ParsedFile(
        pd.DataFrame.from_records(records, columns=list(OBSERVATION_COLUMNS)),
        layout="registers of practices",
        title=f"Quality and Outcomes Framework, registers, {year.label}",
        published_on=hints.published_on,
        withdraws_absent=False,
        edition_end=year.end,
        areas_vary=True,
    )


def _year(raw: RawFile, hints: Hints) -> Period:
    """The financial year that the name says ("PREVALENCE_2425"), which no hint may contradict."""
    found = {
        int(first) for first, last in _YEAR_IN_NAME.findall(raw.name) if (int(first) + 1) % 100 == int(last)
    }
    named = Period.financial_year(2000 + found.pop()) if len(found) == 1 else None
    if named and hints.period and named != hints.period:
        raise LayoutError(raw.name, f"registers of {hints.period.label}, as requested", named.label)
    if named is None and hints.period is None:
        wanted = "a year in the file's name, such as PREVALENCE_2425: the file does not say it"
        raise LayoutError(raw.name, wanted, "none")
    return named or hints.period or Period.financial_year(2000)


def _counts(raw: RawFile) -> Counts:
    sheet = read_csv(raw)
    header = find_header(sheet, *_COLUMNS)
    practice, group, register, kind, size = (header.column(label) for label in _COLUMNS)
    found: Counts = {indicator: {} for indicator, _ in _GROUPS.values()}
    for index, row in header.body():
        where = sheet.where(index)
        if len(row) != len(header.labels):
            raise LayoutError(where, f"{len(header.labels)} fields", f"{len(row)}")
        if text_of(row[group]) not in _GROUPS:
            continue
        indicator, wanted = _GROUPS[text_of(row[group])]
        code = organisation_code(text_of(row[practice]), where)
        if text_of(row[kind]) != wanted:
            raise LayoutError(where, f"'{wanted}' in '{_LIST_TYPE}'", f"'{text_of(row[kind])}'")
        pair = number(row[register], where), number(row[size], where)
        if not 0 <= pair[0] <= pair[1]:
            raise LayoutError(where, f"a register of no more than the list's {pair[1]:g}", f"{pair[0]:g}")
        if code in found[indicator]:
            raise LayoutError(where, f"{code} once in {text_of(row[group])}", "a second row")
        found[indicator][code] = pair
    if not all(found.values()):
        raise LayoutError(raw.name, f"rows of the groups {', '.join(_GROUPS)}", "none of one of them")
    return found


def _sums(
    practices: Mapping[str, tuple[float, float]], day: date
) -> Iterator[tuple[str, Basis, tuple[float, float]]]:
    """England, the sub-ICB locations of a day that have a practice, and the boards of which every one has."""
    yield ENGLAND, Basis.NATIONAL, _added(practices.values())
    by_ccg: dict[str, list[tuple[float, float]]] = {}
    for code, pair in practices.items():
        by_ccg.setdefault(practice_former_ccgs().get(code, ""), []).append(pair)
    catalogue = load_catalogue()
    boards: dict[str, list[list[tuple[float, float]]]] = {}
    for area, members in _former_ccgs_of(day).items():
        own = [pair for code in members for pair in by_ccg.get(code, ())]
        if own:
            yield area, Basis.SUB_ICB_LOCATION, _added(own)
        for parent in catalogue.organisations[area].parents:
            if parent.in_force(day) and catalogue.organisations[parent.code].type is OrganisationType.ICB:
                boards.setdefault(parent.code, []).append(own)
    for board, parts in boards.items():
        if all(parts):
            yield board, Basis.SUB_ICB_LOCATION, _added(pair for own in parts for pair in own)


def _added(pairs: Iterable[tuple[float, float]]) -> tuple[float, float]:
    registers, sizes = zip(*pairs, strict=True)
    return sum(registers), sum(sizes)


@cache
def _former_ccgs_of(day: date) -> dict[str, tuple[str, ...]]:
    """The CCGs of 31 March 2020 that made up each sub-ICB location open on a day; none if its boundary moved since."""
    catalogue = load_catalogue()
    found = {}
    for code, item in catalogue.organisations.items():
        if item.type is OrganisationType.SUB_ICB_LOCATION and not (item.closed_on and item.closed_on < day):
            steps = lineage(catalogue, code)
            own = (
                step.codes
                for step in steps
                if (step.effective_from or date.min) <= FORMER_CCGS_END <= (step.effective_to or date.max)
            )
            moved = any(FORMER_CCGS_END < item.on <= day for item in boundary_moves(catalogue, code))
            found[code] = () if moved else next(own, () if steps else (code,))
    return found
