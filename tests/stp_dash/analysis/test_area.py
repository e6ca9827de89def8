"""An area's own series over its predecessors, and the sum of its trusts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from db.catalogue import lineage, load_catalogue
from db.catalogue.areas import derive_area
from db.domain import Area, Basis, Maturity, OrganisationType, Period
from db.domain.file import FileReference
from db.domain.reading import Reading
from stp_dash.analysis.area import (
    area_reading,
    area_series,
    codes_of,
    index_readings,
    own_reading,
    own_series,
    summed,
)

CATALOGUE = load_catalogue()
INDICATOR = CATALOGUE.indicators["cancer-62-day-urgent-referral"]
STEPS = lineage(CATALOGUE, "QKS")
EIGHT = ("09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J")
FILE = FileReference(1, "a.xlsx", "A", "", None, demonstration=False)


def reading(code: str, month: Period, numerator: float | None, denominator: float | None) -> Reading:
    known = numerator is not None and denominator
    return Reading(
        indicator=INDICATOR.id,
        organisation=code,
        organisation_name=code,
        organisation_type=OrganisationType.ICB,
        period=month,
        breakdown="all",
        numerator=numerator,
        denominator=denominator,
        value=100 * numerator / denominator if numerator is not None and denominator else None,
        missing_reason="" if known else "not published",
        basis=Basis.COMMISSIONER,
        maturity=Maturity.FINAL,
        derived=False,
        files=(FILE,),
    )


def test_codes_reach_back_to_the_eight() -> None:
    assert codes_of("QKS", STEPS)[:2] == ("QKS", "91Q")
    assert set(codes_of("QKS", STEPS)[2:]) == set(EIGHT)


@pytest.mark.parametrize(
    ("month", "code"),
    [
        (Period.month(2023, 7), "QKS"),
        (Period.month(2022, 7), "QKS"),
        (Period.month(2022, 6), "91Q"),
        (Period.month(2020, 4), "91Q"),
    ],
)
def test_each_month_is_read_under_the_code_of_its_day(month: Period, code: str) -> None:
    index = index_readings([reading("QKS", month, 1, 2), reading("91Q", month, 3, 4)])
    found = own_reading(index, INDICATOR, "QKS", STEPS, month)
    assert found is not None
    assert found.organisation == code


def test_a_figure_published_back_under_the_present_code_stands_where_there_is_no_other() -> None:
    month = Period.month(2022, 4)
    found = own_reading(index_readings([reading("QKS", month, 1, 2)]), INDICATOR, "QKS", STEPS, month)
    assert found is not None
    assert (found.organisation, found.numerator) == ("QKS", 1)


def test_the_eight_are_summed_and_divided_once() -> None:
    month = Period.month(2019, 5)
    parts = [reading(code, month, 10 + i, 20 + 2 * i * i) for i, code in enumerate(EIGHT)]
    found = own_reading(index_readings(parts), INDICATOR, "QKS", STEPS, month)
    assert found is not None
    assert (found.numerator, found.denominator) == (108, 440)
    assert found.value == pytest.approx(100 * 108 / 440)
    assert set(found.members) == set(EIGHT)
    assert found.derived


@pytest.mark.parametrize("spoil", ["absent", "uncounted"])
def test_no_total_when_one_of_the_eight_is_missing(spoil: str) -> None:
    month = Period.month(2019, 5)
    parts = [reading(code, month, 10, 20) for code in EIGHT[:-1]]
    if spoil == "uncounted":
        parts.append(reading(EIGHT[-1], month, None, None))
    assert own_reading(index_readings(parts), INDICATOR, "QKS", STEPS, month) is None


def test_series_is_in_order_and_crosses_the_codes() -> None:
    months = [Period.month(2022, 8), Period.month(2022, 5), Period.month(2022, 7)]
    index = index_readings(
        [reading("QKS", months[0], 1, 2), reading("91Q", months[1], 3, 4), reading("91Q", months[2], 5, 6)]
    )
    found = own_series(index, INDICATOR, "QKS", STEPS)
    assert [(item.organisation, item.period.start) for item in found] == [
        ("91Q", date(2022, 5, 1)),
        ("QKS", date(2022, 8, 1)),
    ]


def test_a_sum_is_as_settled_as_its_least_settled_member_and_names_every_file() -> None:
    month = Period.month(2025, 6)
    one = reading("RVV", month, 1, 2)
    other = replace(
        reading("RWF", month, 3, 6),
        maturity=Maturity.PROVISIONAL,
        files=(FileReference(2, "b.xlsx", "B", "", None, demonstration=True),),
    )
    found = summed(index_readings([one, other]), INDICATOR, ("RVV", "RWF"), month)
    assert found is not None
    assert found.value == 50
    assert found.maturity is Maturity.PROVISIONAL
    assert [file.name for file in found.files] == ["a.xlsx", "b.xlsx"]
    assert found.demonstration


def test_two_bases_are_never_added() -> None:
    month = Period.month(2025, 6)
    one, other = reading("RVV", month, 1, 2), replace(reading("QKS", month, 3, 6), basis=Basis.PROVIDER)
    assert summed(index_readings([one, other]), INDICATOR, ("RVV", "QKS"), month) is None


AUTHORITIES = ("E10000016", "E06000035")
AREA = Area(
    code="QKS",
    name="Kent and Medway",
    commissioner="QKS",
    trusts=("RVV",),
    upper_tier_authorities=AUTHORITIES,
)
OF_RESIDENTS = replace(INDICATOR, organisation_types=(OrganisationType.UPPER_TIER_AUTHORITY,))


def residents(code: str, month: Period, numerator: float | None, denominator: float | None) -> Reading:
    return replace(reading(code, month, numerator, denominator), basis=Basis.RESIDENCE)


def test_an_area_of_residents_is_the_sum_of_its_authorities_and_of_all_of_them() -> None:
    march, april, may = (Period.month(2017, month) for month in (3, 4, 5))
    index = index_readings([
        residents("E10000016", march, 30, 60), residents("E06000035", march, 10, 20),
        residents("E10000016", april, 30, 60),
        residents("E10000016", may, 30, 60), residents("E06000035", may, None, 20),
    ])  # fmt: skip
    found = area_series(index, OF_RESIDENTS, AREA, STEPS)
    assert [(item.period, item.numerator, item.denominator) for item in found] == [(march, 40, 80)]
    assert found[0].members == AUTHORITIES


def test_totals_are_added_as_they_are() -> None:
    """Kent's 157 people a day and Medway's 19 are 176, not the mean of the two."""
    april = Period.month(2017, 4)
    by_day = replace(OF_RESIDENTS, is_total=True, multiplier=1)
    kent, medway = (
        replace(residents(code, april, None, None), value=value)
        for code, value in zip(AUTHORITIES, (156.9, 18.73), strict=True)
    )
    found = summed(index_readings([kent, medway]), by_day, AUTHORITIES, april)
    assert found is not None
    assert found.value == pytest.approx(175.63)
    assert (found.numerator, found.denominator) == (None, None)
    lacking = replace(medway, value=None, missing_reason="no figures published")
    assert summed(index_readings([kent, lacking]), by_day, AUTHORITIES, april) is None


def test_nothing_is_summed_for_an_area_after_its_last_day() -> None:
    """Teams go on under the board that came after: only what was published under the old code stands."""
    stroke = CATALOGUE.indicators["stroke-thrombolysis-within-60-minutes"]
    sussex = derive_area(CATALOGUE, "QNX")
    assert sussex is not None
    assert sussex.closed_on == date(2026, 3, 31)
    before, after = Period.quarter(2026, 1), Period.quarter(2026, 4)
    rows = [
        replace(reading(code, period, 3, 4), indicator=stroke.id, basis=Basis.TEAM)
        for code in sussex.trusts
        for period in (before, after)
    ]
    found = [area_reading(index_readings(rows), stroke, sussex, (), period) for period in (before, after)]
    assert found[0] is not None
    assert found[0].denominator == 4 * len(sussex.trusts)
    assert found[1] is None
