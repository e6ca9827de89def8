"""Mid-year estimates: the published files, against figures read by hand in them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from db.domain import ENGLAND, Period
from etl.source import Hints, ParsedFile, RawFile
from etl.sources.population import SOURCE

pytestmark = pytest.mark.real_data

WORKBOOK = "population/mid_year_estimates/ukmidyearestimates20192019ladcodes.xls"
COMPONENTS = "population/components_of_change/MYEB3_summary_components_of_change_series_UK_(2018_geog19).csv"
YEARS = (2001, 2011, 2014, 2015, 2016, 2017, 2018, 2019)
TOTALS: dict[str, tuple[int, ...]] = {
    ENGLAND: (49449746, 53107169, 54316618, 54786327, 55268067, 55619430, 55977178, 56286961),
    "E10000016": (1331194, 1466466, 1509301, 1523100, 1540438, 1554636, 1568623, 1581555),
    "E06000035": (249704, 264885, 273212, 275176, 276957, 277616, 277855, 278556),
}
AGED: dict[str, tuple[int, int, int]] = {
    ENGLAND: (56286961, 10353716, 7556976), "E12000008": (9180135, 1791216, 1326990),
    "E10000016": (1581555, 319396, 235790), "E06000035": (278556, 44859, 32140),
    "E07000105": (130032, 25278, 18663), "E07000106": (165394, 34140, 25453), "E07000108": (118131, 27789, 20311),
    "E07000112": (112996, 28031, 20673), "E07000113": (150082, 28844, 20923), "E07000114": (141922, 33820, 24805),
}  # fmt: skip
"""Of mid-2019: residents of all ages, of 65 and over, of 70 and over."""


@cache
def parsed(path: Path) -> ParsedFile:
    raw = RawFile(path.name, path.read_bytes())
    assert SOURCE.recognise(raw)
    return SOURCE.parse(raw, Hints())


def values(path: Path, indicator: str, column: str) -> dict[tuple[str, int], float]:
    frame = parsed(path).frame
    own = frame[frame["indicator"] == indicator]
    columns = (own[name].tolist() for name in ("organisation", "period", column))
    return {(code, period): value for code, period, value in zip(*columns, strict=True)}


AGED_70 = {
    "E07000107": (112606, 11583), "E07000109": (106939, 13700), "E07000110": (171826, 24527),
    "E07000111": (120750, 19389), "E07000115": (132153, 18489), "E07000116": (118724, 17274),
}  # fmt: skip


def mid(year: int) -> int:
    return Period.snapshot(date(year, 6, 30)).key


@pytest.mark.parametrize("name", [WORKBOOK, COMPONENTS])
def test_totals_of_every_year_are_those_of_the_publisher(shared_data: Path, name: str) -> None:
    found = values(shared_data / name, "resident-population", "value")
    years = YEARS[:-1] if name == COMPONENTS else YEARS
    for area, totals in TOTALS.items():
        assert [found[area, mid(year)] for year in years] == list(totals[: len(years)]), area
    assert {period for _, period in found} == {mid(year) for year in range(2001, years[-1] + 1)}


def test_residents_by_age_are_those_of_the_publisher(shared_data: Path) -> None:
    path = shared_data / WORKBOOK
    for first, place in ((65, 1), (70, 2)):
        for column, at in (("numerator", place), ("denominator", 0)):
            found = values(path, f"resident-population-aged-{first}-and-over", column)
            assert {area: found[area, mid(2019)] for area in AGED} == {
                area: row[at] for area, row in AGED.items()
            }


def test_the_other_districts_of_kent_and_the_claim_of_2017(shared_data: Path) -> None:
    share = "resident-population-aged-70-and-over"
    older, all_ages = (values(shared_data / WORKBOOK, share, name) for name in ("numerator", "denominator"))
    assert {code: (all_ages[code, mid(2019)], older[code, mid(2019)]) for code in AGED_70} == AGED_70
    totals = values(shared_data / WORKBOOK, "resident-population", "value")
    both = {year: sum(totals[code, mid(year)] for code in ("E10000016", "E06000035")) for year in YEARS}
    assert (both[2011], both[2015], both[2019]) == (1_731_351, 1_798_276, 1_860_111)


def test_fifteen_years_are_told_that_are_not_quite_their_changes(shared_data: Path) -> None:
    (told,) = parsed(shared_data / COMPONENTS).findings
    assert told.count == 15
