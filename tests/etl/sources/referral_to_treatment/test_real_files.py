"""Referral to treatment: the published files, against figures read by hand in them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from db.domain import ALL, ENGLAND, Maturity, Period
from etl.source import Hints, ParsedFile, RawFile
from etl.sources.referral_to_treatment import SOURCE

pytestmark = pytest.mark.real_data

EXTRACT = "rtt/20260131-RTT-January-2026-full-extract.csv.gz"
MAY_2026, OCTOBER_2022 = (
    "rtt/RTT_Overview_Timeseries_May26.xlsx",
    "rtt/RTT-Overview-Timeseries-October22.xlsx",
)
ADMITTED = "cancer/rtt/Admitted-Commissioner-Dec24-XLSX-2M-revised.xlsx"
WITHIN, OVER_52 = "rtt-within-18-weeks", "rtt-over-52-weeks"
WAITS = ("rtt-median-wait", "rtt-92nd-percentile-wait")

JANUARY = {
    "ENG": (7_155_958, 4_395_958, 133_860, 7_417, 1_614, 13.6209, 40.3475),
    "91Q": (230_575, 139_699, 3_763, 176, 45, 13.96, 39.49),
    "QKS": (230_575, 139_699, 3_763, 176, 45, 13.96, 39.49),
    "RVV": (75_193, 38_586, 2_006, 69, 9, 17.46, 44.13),
    "RWF": (49_523, 34_672, 15, 0, 0, 11.37, 31.54),
    "RPA": (35_317, 20_465, 327, 9, 1, 14.98, 40.19),
    "RN7": (30_886, 18_217, 913, 0, 0, 14.57, 42.64),
}
"""Pathways waiting, within 18 weeks, over 52, 65 and 78; median and 92nd percentile."""
COMPLETED = {
    "ENG": (179_091, 810_100, 1_767_584),
    "91Q": (6_816, 29_069, 57_446),
    "RVV": (1_783, 7_911, 17_269),
    "RWF": (1_217, 6_669, 13_277),
    "RPA": (540, 3_743, 7_908),
    "RN7": (586, 3_810, 7_253),
}
FUNCTIONS = {
    ("RVV", "Trauma and Orthopaedic"): (3_671, 8_126),
    ("RVV", "Cardiology"): (1_795, 4_892),
    ("RVV", "Oral Surgery"): (2_152, 5_724),
    ("RWF", "Ear Nose and Throat"): (3_151, 5_808),
}
SERIES = {
    (2011, 4): (2_237_539, 2_473_680),
    (2012, 4): (2_333_158, 2_480_664),
    (2015, 9): (3_058_504, 3_305_892),
    (2017, 4): (3_399_969, 3_782_457),
    (2018, 3): (3_361_133, 3_852_414),
    (2020, 3): (3_375_661, 4_235_970),
    (2020, 5): (2_392_303, 3_846_003),
    (2021, 4): (3_311_746, 5_123_717),
    (2022, 10): (4_183_750, 6_955_458),
    (2023, 9): (4_462_623, 7_744_585),
    (2024, 1): (4_321_271, 7_575_914),
    (2024, 2): (4_338_109, 7_536_907),
    (2025, 3): (4_434_722, 7_418_598),
    (2025, 10): (4_506_981, 7_304_189),
    (2025, 12): (4_424_207, 7_199_624),
    (2026, 4): (4_607_182, 7_093_502),
    (2026, 5): (4_689_601, 7_153_655),
}
Figures = dict[tuple[str, str, str, int], tuple[float, float, float, int]]


@cache
def parsed(path: Path) -> ParsedFile:
    raw = RawFile(path.name, path.read_bytes())
    assert SOURCE.recognise(raw)
    return SOURCE.parse(raw, Hints())


@cache
def figures(path: Path) -> Figures:
    frame = parsed(path).frame
    keys = zip(*(frame[name] for name in ("indicator", "organisation", "breakdown", "period")), strict=True)
    return dict(
        zip(
            keys,
            zip(*(frame[name] for name in ("numerator", "denominator", "value", "maturity")), strict=True),
            strict=True,
        )
    )


def january(shared_data: Path, indicator: str, code: str, breakdown: str = ALL) -> tuple[float, float, float]:
    return figures(shared_data / EXTRACT)[indicator, code, breakdown, Period.month(2026, 1).key][:3]


@pytest.mark.parametrize("code", JANUARY)
def test_figures_of_january_2026(shared_data: Path, code: str) -> None:
    total, within, over_52, over_65, over_78, *waits = JANUARY[code]
    assert january(shared_data, WITHIN, code)[:2] == (within, total)
    assert january(shared_data, OVER_52, code)[:2] == (over_52, total)
    for indicator, count in (("waiting-list", total), ("over-65-weeks", over_65), ("over-78-weeks", over_78)):
        assert january(shared_data, f"rtt-{indicator}", code)[2] == count
    for indicator, weeks in zip(WAITS, waits, strict=True):
        assert january(shared_data, indicator, code)[2] == pytest.approx(weeks, abs=0.005)


@pytest.mark.parametrize("code", COMPLETED)
def test_completed_and_new_pathways_of_january_2026(shared_data: Path, code: str) -> None:
    admitted, others, started = COMPLETED[code]
    assert january(shared_data, "rtt-admitted-within-18-weeks", code)[0] == admitted
    assert january(shared_data, "rtt-non-admitted-within-18-weeks", code)[0] == others
    assert january(shared_data, "rtt-new-periods", code)[2] == started


def test_treatment_functions_of_january_2026(shared_data: Path) -> None:
    for (code, name), wanted in FUNCTIONS.items():
        assert january(shared_data, WITHIN, code, f"treatment function: {name}")[:2] == wanted


def test_england_from_the_full_extract_is_the_national_series_to_the_last_decimal(shared_data: Path) -> None:
    """The series prints 15 digits, so only the last bit of a float may differ."""
    national = figures(shared_data / MAY_2026)
    month = Period.month(2026, 1).key
    printed = {key: item for key, item in national.items() if key[3] == month}
    assert len(printed) == 8
    for (indicator, code, breakdown, _), (numerator, denominator, value, _) in printed.items():
        own = january(shared_data, indicator, code, breakdown)
        if indicator in (WITHIN, OVER_52):
            assert own[:2] == (numerator, denominator)
            assert 100 * own[0] / own[1] == pytest.approx(value, rel=1e-14)
        else:
            assert own[2] == pytest.approx(value, rel=2e-15 if indicator not in WAITS else 1e-14), indicator


def test_the_national_series(shared_data: Path) -> None:
    found = figures(shared_data / MAY_2026)
    for (year, month), wanted in SERIES.items():
        assert found[WITHIN, ENGLAND, ALL, Period.month(year, month).key][:2] == wanted
    for year, month, over in ((2020, 3, 3_097), (2026, 4, 97_388)):
        assert found[OVER_52, ENGLAND, ALL, Period.month(year, month).key][0] == over
    may = Period.month(2026, 5).key
    assert found[OVER_52, ENGLAND, ALL, may][0] == 102_341
    assert found[WAITS[0], ENGLAND, ALL, may][2] == pytest.approx(12.4228, abs=5e-5)
    assert found[WAITS[1], ENGLAND, ALL, may][2] == pytest.approx(38.5687, abs=5e-5)
    assert found["rtt-new-periods", ENGLAND, ALL, may][2] == 1_693_449
    assert found[OVER_52, ENGLAND, ALL, Period.month(2021, 4).key][0] == 385_379
    months = [key[3] for key in found if key[0] == WITHIN]
    assert len(months) == 226
    assert found[WITHIN, ENGLAND, ALL, Period.month(2024, 2).key][3] == Maturity.FINAL
    assert found[WITHIN, ENGLAND, ALL, may][3] == Maturity.PROVISIONAL


def test_the_series_of_2022_has_no_65_weeks(shared_data: Path) -> None:
    found = figures(shared_data / OCTOBER_2022)
    assert found[WITHIN, ENGLAND, ALL, Period.month(2022, 10).key][:2] == (4_182_612, 6_953_647)
    assert {key[0] for key in found if "-over-" in key[0]} == {OVER_52, "rtt-over-78-weeks"}


def test_admitted_pathways_by_commissioner(shared_data: Path) -> None:
    parsed_file = parsed(shared_data / ADMITTED)
    found = figures(shared_data / ADMITTED)
    month = Period.month(2024, 12).key
    for code, wanted in ((ENGLAND, (171_134, 275_051)), ("QKS", (5_831, 10_155)), ("91Q", (5_831, 10_155))):
        assert found["rtt-admitted-within-18-weeks", code, ALL, month][:2] == wanted
    assert str(parsed_file.published_on) == "2025-07-10"
    # Direct commissioning bears the codes of regions; each region's row is the sum of its boards.
    assert found["rtt-admitted-within-18-weeks", "Y56", ALL, month][1] == 31_619


def test_a_list_of_values_that_somebody_made_is_no_layout(shared_data: Path) -> None:
    path = shared_data / "rtt" / "derived" / "incomplete-provider-march-2026-values.csv"
    assert not SOURCE.recognise(RawFile(path.name, path.read_bytes()))
