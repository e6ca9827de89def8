"""Delayed transfers of care: every published file at hand, against figures that people read in them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from db.domain import ENGLAND, Period
from etl.source import Hints, ParsedFile, RawFile
from etl.sources.delayed_transfers import SOURCE

pytestmark = pytest.mark.real_data

# England's, Kent's and Medway's delayed days: sources/discharge.md, section 7.
DAYS = {
    (2011, 4): (108_064, 2_303, 254),
    (2012, 4): (108_482, 2_596, 335),
    (2013, 4): (113_297, 2_204, 265),
    (2014, 4): (116_261, 2_170, 557),
    (2015, 7): (147_376, 4_364, 1_064),
    (2016, 1): (159_467, 4_858, 649),
    (2016, 10): (200_095, 6_398, 1_018),
    (2017, 1): (197_511, 5_283, 955),
    (2017, 2): (186_490, 5_025, 676),
    (2017, 3): (199_641, 5_283, 821),
    (2017, 4): (176_886, 4_707, 562),
    (2018, 2): (140_364, 4_065, 291),
    (2018, 11): (136_183, 5_121, 464),
    (2019, 4): (130_773, 5_728, 280),
    (2019, 5): (139_415, 5_946, 447),
    (2019, 12): (148_101, 5_575, 365),
}
NHS_DAYS = {(2011, 4): (66_304, 1_520), (2017, 1): (111_854, 3_672), (2019, 12): (89_694, 3_701)}
PLACES = (ENGLAND, "E10000016", "E06000035")


@cache
def by_month(folder: Path) -> dict[int, ParsedFile]:
    found = {}
    for path in sorted((folder / "discharge" / "dtoc-la").glob("*.xls")):
        raw = RawFile(path.name, path.read_bytes())
        assert SOURCE.recognise(raw), path.name
        parsed = SOURCE.parse(raw, Hints())
        found[int(parsed.frame["period"].iloc[0])] = parsed
    return found


def total(parsed: ParsedFile, code: str) -> tuple[float, float]:
    """NHS days and all delayed days."""
    frame = parsed.frame
    rows = frame[(frame["organisation"] == code) & (frame["indicator"] == "delayed-transfers-nhs-share")]
    assert len(rows) == 1
    return float(rows["numerator"].iloc[0]), float(rows["denominator"].iloc[0])


def test_every_file_loads_and_has_the_days_that_were_read_in_it(shared_data: Path) -> None:
    months = by_month(shared_data)
    assert len(months) == 23
    assert Period.month(2012, 1).key in months
    for month, wanted in DAYS.items():
        parsed = months[Period.month(*month).key]
        assert tuple(total(parsed, code)[1] for code in PLACES) == wanted, month
    for month, wanted_nhs in NHS_DAYS.items():
        parsed = months[Period.month(*month).key]
        assert tuple(total(parsed, code)[0] for code in PLACES[:2]) == wanted_nhs, month


def test_people_a_day_care_and_reasons(shared_data: Path) -> None:
    months = by_month(shared_data)

    def value(month: tuple[int, int], code: str, breakdown: str) -> float:
        frame = months[Period.month(*month).key].frame
        own = (frame["organisation"] == code) & (frame["breakdown"] == breakdown)
        return float(frame[own & (frame["indicator"] == "delayed-transfers-daily-average")]["value"].iloc[0])

    assert value((2017, 4), ENGLAND, "all") == pytest.approx(5_896.2)
    assert value((2017, 4), "E06000035", "all") == pytest.approx(18.73, abs=0.005)
    assert value((2017, 4), "E10000016", "care: Acute") == pytest.approx(2_975 / 30)
    assert value((2017, 1), ENGLAND, "reason: Completion of assessment") == pytest.approx(36_279 / 31)
    assert value((2017, 4), ENGLAND, "care: Acute") == pytest.approx(115_539 / 30)
    assert value((2017, 4), "E06000035", "care: Acute") == pytest.approx(418 / 30)
    assert value((2019, 12), ENGLAND, "all") == pytest.approx(4_777.45, abs=0.005)
    assert value((2017, 1), ENGLAND, "reason: Care package in own home") == pytest.approx(40_356 / 31)


def test_the_series_of_england_goes_to_february_2020(shared_data: Path) -> None:
    path = shared_data / "discharge" / "DTOC-England-Data_Set.xls"
    parsed = SOURCE.parse(RawFile(path.name, path.read_bytes()), Hints())
    frame = parsed.frame
    own = frame[(frame["breakdown"] == "all") & (frame["indicator"] == "delayed-transfers-daily-average")]
    values = own.set_index("period")["value"]
    assert len(values) == 115
    assert values[Period.month(2010, 8).key] == pytest.approx(3_545.74, abs=0.005)
    assert values.idxmax() == Period.month(2017, 2).key
    assert values.max() == pytest.approx(6_660.36, abs=0.005)
    assert values[Period.month(2020, 2).key] == pytest.approx(5_371.79, abs=0.005)
