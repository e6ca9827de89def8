"""The extract by ICB sub location: each board's patients divided among the former CCG areas that it holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from zlib import crc32

import numpy as np

from db.domain import Organisation, OrganisationType, Period
from etl.demo.cancer_waiting_times.patients import (
    DAY_31,
    DAY_62,
    FDS,
    MODALITIES,
    STANDARDS,
    Counts,
    MonthOfPatients,
    Population,
    StandardCells,
)
from etl.demo.workbook import Cell, workbook

SHEET = "CWT CRS ICB SubLocation Extract"
_COLUMNS = (
    "PERIOD",
    "YEAR",
    "MONTH",
    "STANDARD",
    "ICB SUB LOCATION",
    "SUB-CATEGORY",
    "TOTAL",
    "WITHIN STANDARD",
    "BREACHES",
)
_STANDARDS = {FDS: "28-day FDS", DAY_31: "31-day Combined", DAY_62: "62-day Combined"}


def sub_location_extract(population: Population, months: Sequence[tuple[Period, bool]]) -> bytes:
    """The extract of (month, provisional) pairs: sub locations of a board add up to it in every sub-category."""
    rows: list[Sequence[Cell]] = [_COLUMNS]
    for period, provisional in months:
        month = population.month(period, provisional=provisional)
        places = _places(population, month)
        for number in range(len(STANDARDS)):
            rows += _lines(population, month, number, places)
    return workbook([(SHEET, rows)])


def _places(population: Population, month: MonthOfPatients) -> dict[str, list[str]]:
    """The sub locations of each commissioner in a month; a commissioner without any stands for itself."""
    day = month.period.start
    places: dict[str, list[str]] = {code: [] for code in month.commissioners}
    for item in population.organisations.values():
        if item.type is OrganisationType.SUB_ICB_LOCATION and _is_open(item, month.period):
            board = population.parent(item, OrganisationType.ICB, day)
            if board in places:
                places[board].append(item.code)
    return {board: sorted(codes) or [board] for board, codes in places.items()}


def _is_open(item: Organisation, period: Period) -> bool:
    return item.closed_on is None or item.closed_on >= period.start


def _lines(
    population: Population, month: MonthOfPatients, number: int, places: Mapping[str, Sequence[str]]
) -> Iterator[list[Cell]]:
    standard, day = STANDARDS[number], month.period.start
    year = day.year if day.month >= 4 else day.year - 1
    start: list[Cell] = [day, f"{year}/{(year + 1) % 100:02}", f"{day:%b}".upper(), _STANDARDS[standard.code]]
    rng = np.random.default_rng([population.seed, month.period.key, number, 2])
    categories = _categories(standard)
    for board, cells in zip(month.commissioners, month.by_commissioner[standard.code], strict=True):
        weights = _weights(places[board])
        for name, belongs in categories.items():
            counts = cells[belongs].sum(axis=0).astype(np.int64)
            within = rng.multinomial(counts[: standard.bands_within].sum(), weights)
            after = rng.multinomial(counts[standard.bands_within :].sum(), weights)
            yield from _category_lines(start, name, places[board], within, after)


def _category_lines(
    start: list[Cell], name: str, codes: Sequence[str], within: Counts, after: Counts
) -> Iterator[list[Cell]]:
    for code, part, rest in zip(codes, within.tolist(), after.tolist(), strict=True):
        if part + rest:
            yield [*start, code, name, part + rest, part, rest]


def _categories(standard: StandardCells) -> dict[str, list[int]]:
    """The cells of each sub-category: all, first and each modality of subsequent treatment, or each route."""

    def cells(pathway: str, modality: str = "") -> list[int]:
        return [
            place
            for place, cell in enumerate(standard.cells)
            if cell[0] == pathway and modality in {"", cell[2]}
        ]

    if standard.code == FDS:
        return {"": list(range(len(standard.cells)))}
    if standard.code == DAY_31:
        subsequent = {f"31-day Sub ({name})": cells("Subsequent Treatment", name) for name in MODALITIES}
        return {"31-day (First)": cells("First Treatment"), **subsequent}
    routes = dict.fromkeys(cell[0] for cell in standard.cells)
    return {f"62-day ({route})": cells(route) for route in routes}


def _weights(codes: Sequence[str]) -> list[float]:
    sizes = [1 + crc32(code.encode()) % 100 / 50 for code in codes]
    return [size / sum(sizes) for size in sizes]
