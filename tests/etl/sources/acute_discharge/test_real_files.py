"""Acute discharge: the published files, against figures that people worked out from them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from db.domain import Period
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.acute_discharge import SOURCE

pytestmark = pytest.mark.real_data

# Means by hand: sources/discharge.md, section 7. Ready, discharged and remaining a day.
MEANS = {
    "acute_april2022": {
        "ENG": (21_565.97, 12_589.97),
        "QKS": (720.60, 430.97),
        "RVV": (286.20, 175.63),
        "RWF": (228.17, 161.43),
        "RPA": (135.37, 64.27),
        "RN7": (70.87, 29.63),
    },
    "acute_june2022": {
        "ENG": (21_264.2, 12_075.9),
        "QKS": (673.1, 363.5),
        "RVV": (305.07, 167.66),
        "RWF": (216.28, 144.21),
        "RPA": (79.14, 24.38),
        "RN7": (72.59, 27.24),
    },
    "acute_january2023": {
        "ENG": (23_194.35, 13_964.94),
        "QKS": (735.29, 477.61),
        "RPA": (104.97, 51.29),
    },
    "acute_december2023": {
        "ENG": (22_909.77, 12_610.00),
        "QKS": (726.48, 455.35),
        "RVV": (282.74, 177.00),
        "RWF": (219.81, 151.52),
        "RPA": (148.52, 94.26),
        "RN7": (75.42, 32.58),
    },
    "acute_october2023": {"ENG": (22_486.26, 12_492.65), "QKS": (596.97, 379.94)},
    "acute_january2024": {
        "ENG": (24_129.29, 13_708.84),
        "QKS": (759.71, 479.10),
        "RVV": (291.29, 184.35),
        "RWF": (233.26, 159.06),
        "RPA": (149.77, 96.23),
        "RN7": (85.39, 39.45),
    },
}
DAYS_OF_MEDWAY = {
    "acute_april2023": "23 of 30",
    "acute_august2023": "27 of 31",
    "acute_october2023": "1 of 31",
}


@cache
def parsed(folder: Path, name: str) -> ParsedFile:
    path = folder / "discharge" / "acute-sitrep" / f"{name}.xlsx"
    raw = RawFile(path.name, path.read_bytes())
    assert SOURCE.recognise(raw)
    return SOURCE.parse(raw, Hints())


def of(found: ParsedFile, code: str) -> dict[str, tuple[float, str, str]]:
    rows = found.frame[found.frame["organisation"] == code]
    cells = zip(rows["indicator"], rows["value"], rows["missing_reason"], rows["note"], strict=True)
    return {indicator: (value, reason, note) for indicator, value, reason, note in cells}


@pytest.mark.parametrize("name", MEANS)
def test_means_are_those_worked_out_by_hand(shared_data: Path, name: str) -> None:
    for code, (ready, remaining) in MEANS[name].items():
        found = of(parsed(shared_data, name), code)
        assert found["discharge-remaining-daily-average"][0] == pytest.approx(remaining, abs=0.06)
        share = found["discharge-not-discharged-share"][0]
        assert share == pytest.approx(100 * remaining / ready, abs=0.05), code


@pytest.mark.parametrize("name", DAYS_OF_MEDWAY)
def test_the_days_that_medway_sent_are_told(shared_data: Path, name: str) -> None:
    found = parsed(shared_data, name)
    value, reason, note = of(found, "RPA")["discharge-remaining-daily-average"]
    assert note == f"days sent in: {DAYS_OF_MEDWAY[name]}"
    assert (value != pytest.approx(59), bool(reason)) == (True, name == "acute_october2023")
    assert "without Medway NHS Foundation Trust" in of(found, "QKS")["discharge-remaining-daily-average"][2]


def test_the_daily_series_begins_a_year_before_the_workbooks_and_equals_them(shared_data: Path) -> None:
    series = parsed(shared_data, "acute_latest_time_series").frame
    own = series[series["indicator"] == "discharge-remaining-daily-average"].set_index("period")["value"]
    assert len(own) == 34
    assert own[Period.month(2021, 4).key] == pytest.approx(8_039.1, abs=0.06)
    for name, month in (("acute_june2022", (2022, 6)), ("acute_january2024", (2024, 1))):
        england = of(parsed(shared_data, name), "ENG")["discharge-remaining-daily-average"][0]
        assert own[Period.month(*month).key] == pytest.approx(england)


def test_community_beds_are_refused_by_name(shared_data: Path) -> None:
    path = shared_data / "discharge" / "community-sitrep" / "community_january2024.xlsx"
    raw = RawFile(path.name, path.read_bytes())
    with pytest.raises(LayoutError, match="community beds are another series"):
        SOURCE.parse(raw, Hints())
