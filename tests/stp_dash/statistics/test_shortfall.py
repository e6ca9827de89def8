"""The shortfall against England's rate: its formula, and the published figures that it reproduces."""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.catalogue.former_ccgs import practice_former_ccgs
from db.catalogue.quoted_claims import quoted_claims
from stp_dash.statistics.counts import Shortfall, shortfall

KENT = {
    "E38000002": "09C",
    "E38000029": "09E",
    "E38000043": "09J",
    "E38000104": "09W",
    "E38000156": "10A",
    "E38000180": "10D",
    "E38000184": "10E",
    "E38000199": "99J",
}
"""ONS and ODS codes of Kent and Medway's eight CCGs."""


def found(*numbers: float) -> Shortfall:
    result = shortfall(*numbers)
    assert result is not None
    return result


def test_england_is_level_with_itself_to_the_last_digit() -> None:
    assert 16_375.0 / 62_500_000 * 62_500_000 != 16_375.0, "an example that binary arithmetic does not hold"
    assert found(16_375.0, 62_500_000, 16_375.0, 62_500_000).count == 0


def test_the_shortfall_is_what_englands_rate_gives_less_what_there_is() -> None:
    result = found(28_000, 60_000_000, 700, 2_000_000)
    assert result.expected == pytest.approx(933.333333)
    assert result.count == pytest.approx(233.333333)
    assert result.england_rate == pytest.approx(28_000 / 60_000_000)
    assert result.local_rate == pytest.approx(0.00035)


def test_more_staff_than_at_englands_rate_is_a_shortfall_below_nothing() -> None:
    assert found(100, 1_000, 30, 200).count == pytest.approx(-10)
    assert found(100, 1_000, 20, 200).count == pytest.approx(0)


def test_in_whole_patients_as_many_as_just_reach_the_rate() -> None:
    assert found(85, 100, 16, 20).whole(rising=True) == 1
    assert found(85, 100, 17, 20).whole(rising=True) == 0
    assert found(85, 100, 18.5, 20).whole(rising=True) == -1
    assert found(10, 100, 3, 25).whole(rising=False) == 1
    assert found(10, 100, 1, 25).whole(rising=False) == -1


def test_without_patients_there_is_nothing_to_compare_by() -> None:
    assert shortfall(0, 0, 10, 200) is None
    assert shortfall(100, 1_000, 0, 0) is None


@pytest.mark.parametrize(
    ("numbers", "name"),
    [
        ((-1, 1, 1, 1), "england_fte"),
        ((1, math.nan, 1, 1), "england_patients"),
        ((1, 1, math.inf, 1), "local_fte"),
        ((1, 1, 1, -1), "local_patients"),
    ],
)
def test_impossible_numbers_are_refused_by_name(
    numbers: tuple[float, float, float, float], name: str
) -> None:
    with pytest.raises(ValueError, match=name):
        shortfall(*numbers)


def rows(path: Path, **wanted: str) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            if all(row[name] == value for name, value in wanted.items()):
                yield row


def patients_by_ccg(shared_data: Path, year: str) -> dict[str, float]:
    """Registered patients of a census by CCG at 31 March 2020, and of England under ENG."""
    totals: dict[str, float] = defaultdict(float)
    ccgs = practice_former_ccgs()
    derived = shared_data / "workforce/derived/workforce_year_2016-2024_gp.csv"
    for row in rows(derived, Year=year):
        totals[ccgs.get(row["Practice.Code"], "")] += float(row["TOTAL_PATIENTS"])
        totals["ENG"] += float(row["TOTAL_PATIENTS"])
    return totals


def nurses_by_ccg(shared_data: Path, year: str) -> dict[str, float]:
    """Full-time equivalent nurses of a September census by ONS code: the rate is per 100,000 residents."""
    derived = shared_data / "workforce/derived/ccg_workforce_rates_2015_2018.csv"
    return {
        row["ccg19cd"]: float(row["NURSE_FTE_100k"]) * float(row["TOTAL_POP"]) / 100_000
        for row in rows(derived, year=year)
    }


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("census", "expected", "below"),
    [
        ("2015", 1.6, {"09J", "09W", "10D", "99J"}),
        ("2016", 11.75, {"09J", "09W", "10D", "99J"}),
        ("2017", 28.3, {"09E", "09J", "09W", "10D", "99J"}),
        ("2018", 26.2, {"09E", "09J", "09W", "10D", "99J"}),
    ],
)
def test_nurses_of_september_2017_and_2018_reproduce_the_claim_of_27_with_five_ccgs_below(
    shared_data: Path, census: str, expected: float, below: set[str]
) -> None:
    patients, nurses = patients_by_ccg(shared_data, str(int(census) + 1)), nurses_by_ccg(shared_data, census)
    england = (sum(nurses.values()), patients["ENG"])
    local = (sum(nurses[ons] for ons in KENT), sum(patients[ods] for ods in KENT.values()))
    assert found(*england, *local).count == pytest.approx(expected, abs=0.05)
    each = {ods: found(*england, nurses[ons], patients[ods]).count for ons, ods in KENT.items()}
    assert {ods for ods, count in each.items() if count > 0} == below
    (claim,) = [item for item in quoted_claims() if item.id == "restated-nurses"]
    assert claim.reproduces == "yes"
    if census in {"2017", "2018"}:
        assert found(*england, *local).count == pytest.approx(claim.shortfall, abs=1.5)


def permanent_gps(shared_data: Path, year: str) -> dict[str, tuple[float, float]]:
    """Qualified permanent GPs and registered patients by CCG at 31 March 2020, and of England under ENG."""
    totals: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    ccgs = practice_former_ccgs()
    derived = shared_data / "workforce/derived/workforce_year_2016-2024_gp.csv"
    for row in rows(derived, Year=year):
        fte = 0.0 if row["TOTAL_GP_EXTGL_FTE"] == "NA" else float(row["TOTAL_GP_EXTGL_FTE"])
        for place in {ccgs.get(row["Practice.Code"], ""), "ENG"}:
            totals[place][0] += fte
            totals[place][1] += float(row["TOTAL_PATIENTS"])
    return {place: (fte, patients) for place, (fte, patients) in totals.items()}


@pytest.mark.real_data
@pytest.mark.parametrize(("year", "expected"), [("2016", 84), ("2017", 124), ("2018", 116), ("2019", 148)])
def test_permanent_gps_give_what_the_published_series_gives_and_never_the_245_of_the_claim(
    shared_data: Path, year: str, expected: float
) -> None:
    totals = permanent_gps(shared_data, year)
    local = tuple(sum(totals[ods][part] for ods in KENT.values()) for part in (0, 1))
    count = found(*totals["ENG"], *local).count
    assert count == pytest.approx(expected, abs=0.5)
    assert all(
        abs(count - claim.shortfall) > 30 for claim in quoted_claims() if claim.staff != "practice nurses"
    )


@pytest.mark.real_data
def test_each_ccg_of_september_2016_as_the_published_series_gives_it(shared_data: Path) -> None:
    totals = permanent_gps(shared_data, "2017")
    shown = {ods: round(found(*totals["ENG"], *totals[ods]).count, 1) for ods in KENT.values()}
    assert shown == {
        "09C": 10.0,
        "09E": -6.4,
        "09J": 29.6,
        "09W": 42.1,
        "10A": 13.8,
        "10D": 15.6,
        "10E": 7.5,
        "99J": 11.4,
    }


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("year", "all_gps", "nurses"), [("2023", 227, 10), ("2024", 226, 9), ("2025", 243, -4)]
)
def test_the_means_of_2023_to_2025(shared_data: Path, year: str, all_gps: float, nurses: float) -> None:
    derived = shared_data / "workforce/derived/workforce_year_2023-2025_all_staff.csv"
    groups = {"GP": ("TOTAL_GP_EXTGL_FTE", "TOTAL_LOCUUM_TRN_FTE"), "nurses": ("TOTAL_NURSES_FTE",)}
    sums: dict[tuple[str, str], float] = defaultdict(float)
    for row in rows(derived, Year=year):
        for place in {"ENG", row["ICB_NAME"]}:
            sums["patients", place] += float(row["TOTAL_PATIENTS"])
            for group, columns in groups.items():
                sums[group, place] += sum(float(row[name]) for name in columns if row[name] != "NA")
    for group, expected in (("GP", all_gps), ("nurses", nurses)):
        result = found(
            *(sums[part, place] for place in ("ENG", "Kent and Medway") for part in (group, "patients"))
        )
        assert result.count == pytest.approx(expected, abs=1)
