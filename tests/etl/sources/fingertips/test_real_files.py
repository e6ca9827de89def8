"""Public health profiles: the published files, against figures read by hand in them."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from db.domain import ENGLAND, Period
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.fingertips import SOURCE

pytestmark = pytest.mark.real_data

QOF = "fingertips/all_area_types/91547_smoking_qof_2013-14_to_2019-20.csv"
REGISTERS = "fingertips/qof_raw/PREVALENCE_2425.csv"
SMOKERS: dict[str, dict[int, tuple[float, float]]] = {
    ENGLAND: {
        2013: (8935216, 46608551.5), 2014: (8763228, 47004724.95), 2015: (8603849, 47581677),
        2018: (8229910, 49158925), 2019: (8250060, 50108077),
    },
    "E10000016": {
        2013: (243714, 1254712.634), 2014: (237615, 1260928.808), 2015: (230327, 1269257),
        2018: (222428, 1320254), 2019: (219088, 1325670),
    },
    "E06000035": {
        2013: (49282, 231683.349), 2014: (48804, 231296.986), 2015: (47976, 234302),
        2018: (46045, 239280), 2019: (45562, 246884),
    },
    "E07000114": {
        2013: (28952, 117772.4353), 2014: (28031, 118270.8686), 2015: (27102, 118878),
        2018: (25381, 121363), 2019: (25032, 121821),
    },
    "91Q": {2019: (264650, 1572554)},
}  # fmt: skip
"""Recorded smokers, of patients of 15 and over, by area and first year."""


YEAR_2019 = Period.of_years(date(2019, 1, 1), 1).key
Row = dict[str, Any]


def rows_of(path: Path, indicator: str) -> dict[tuple[str, int], Row]:
    """The rows of one indicator by organisation and period, each of which is there once."""
    frame = parsed(path).frame
    rows = [dict(zip(frame.columns, values, strict=True)) for values in frame.itertuples(index=False)]
    own = [row for row in rows if row["indicator"] == indicator]
    found = {(row["organisation"], row["period"]): row for row in own}
    assert len(found) == len(own)
    return found


@cache
def parsed(path: Path) -> ParsedFile:
    raw = RawFile(path.name, path.read_bytes())
    assert SOURCE.recognise(raw)
    return SOURCE.parse(raw, Hints())


def test_recorded_smokers_have_the_counts_of_the_file(shared_data: Path) -> None:
    rows = rows_of(shared_data / QOF, "smoking-prevalence-qof")
    for area, years in SMOKERS.items():
        for first, counts in years.items():
            found = rows[area, Period.financial_year(first).key]
            assert (found["numerator"], found["denominator"]) == counts, (area, first)
    thanet = rows["E07000114", Period.financial_year(2013).key]
    assert thanet["value"] == pytest.approx(24.5830, abs=5e-5)


def test_two_areas_contradict_their_counts_and_stand_without_them(shared_data: Path) -> None:
    found = parsed(shared_data / QOF)
    (told,) = [item for item in found.findings if item.check == "values and counts"]
    assert told.count == 2
    assert "Coventry, 2016/17: 18.5556, from its counts 18.4753" in told.message


@pytest.mark.parametrize(("name", "areas"), [("london", 34), ("southwest", 16), ("northeast", 13)])
def test_an_export_of_the_website_has_the_survey_with_both_intervals(
    shared_data: Path, name: str, areas: int
) -> None:
    rows = rows_of(shared_data / f"fingertips/web_table_export/{name} 2019.csv", "smoking-prevalence-adults")
    assert len(rows) == areas + 1
    england = rows[ENGLAND, YEAR_2019]
    assert (england["value"], england["count"]) == pytest.approx((13.8821, 6144702.985), abs=1e-3)
    assert (england["lower_95"], england["upper_95"]) == pytest.approx((13.6439, 14.1204), abs=1e-4)
    assert england["lower_998"] == pytest.approx(13.5065, abs=1e-4)
    regions = {"london": ("E12000007", 12.9480), "southwest": ("E12000009", 14.0241)}
    if name in regions:
        code, wanted = regions[name]
        assert rows[code, YEAR_2019]["value"] == pytest.approx(wanted, abs=1e-4)
    if name == "southwest":
        devon = rows["E10000008", YEAR_2019]
        assert (devon["value"], devon["lower_95"]) == pytest.approx((13.4952, 11.2454), abs=1e-4)


def test_registers_give_the_shares_that_are_published(shared_data: Path) -> None:
    counts = {
        ("depression-prevalence-qof", ENGLAND): (7317368, 51293187),
        ("smi-prevalence-qof", ENGLAND): (648282, 63766671),
        ("depression-prevalence-qof", "91Q"): (277800, 1607230),
        ("smi-prevalence-qof", "91Q"): (18891, 2037988),
        ("smi-prevalence-qof", "QKS"): (18891, 2037988),
    }
    for (indicator, area), wanted in counts.items():
        row = rows_of(shared_data / REGISTERS, indicator)[area, Period.financial_year(2024).key]
        assert (row["numerator"], row["denominator"]) == wanted, (indicator, area)


@pytest.mark.parametrize(
    ("name", "held"),
    [
        ("all_area_types/93532_unmet_alcohol_cut.csv", "93532 Proportion of dependent drinkers"),
        ("by_area_type/247_dementia_gps_parent_england.csv", "247 Dementia: QOF prevalence"),
        ("by_area_type/93930_ae_0_4_gps_by_pcn_cut.csv", "93930 A&E attendances"),
        ("by_area_type/indicators-CountyUA.data.csv", "93356 Campylobacter incidence rate/100,000'"),
    ],
)
def test_indicators_that_are_not_listed_are_named(shared_data: Path, name: str, held: str) -> None:
    path = shared_data / "fingertips" / name
    with pytest.raises(LayoutError, match=f"one of the listed indicators.*{held}"):
        parsed(path)
