"""The published files: figures read in them by hand, and the rows that were cut out of the others."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from db.domain import Period
from db.domain.reading import StatedFigure
from etl.source import Hints, ParsedFile, RawFile
from etl.sources.oversight_framework import SOURCE

pytestmark = pytest.mark.real_data

COMMUNITY = "nhs-oversight-framework-mental-health-and-community-trust"
QUARTERS = [
    Period.quarter(2025, 4),
    Period.quarter(2025, 7),
    Period.quarter(2025, 10),
    Period.quarter(2026, 1),
]
SERIES = {
    ("RYY", "oversight-segment"): [1, 1, 1, 1],
    ("RYY", "oversight-average-score"): [1.87, 1.91, 1.56, 1.53],
    ("RYY", "oversight-league-place"): [7, 8, 1, 1],
    ("RYY", "finance-variance-to-plan"): [0.14, 0.23, 0.94, 0.95],
    ("RYY", "oversight-domain-access"): [3.15, 3.08, 2.18, 2.39],
    ("RYY", "oversight-domain-finance"): [1.17, 1.21, 1.21, 1.21],
    ("RXY", "oversight-segment"): [1, 1, 1, 3],
    ("RXY", "oversight-average-score"): [1.91, 1.94, 2.02, 2.31],
    ("RXY", "oversight-league-place"): [9, 11, 13, 33],
    ("RXY", "finance-variance-to-plan"): [0.0, 0.0, 0.0, 0.01],
    ("RXY", "oversight-domain-access"): [1.04, 1.13, 1.04, 1.26],
    ("RXY", "oversight-domain-finance"): [1.04, 1.13, 1.13, 1.13],
}


def parsed(shared_data: Path, name: str) -> ParsedFile:
    """A file of the folder, which its source knows for its own."""
    path = shared_data / "oversight_framework" / name
    raw = RawFile(path.name, path.read_bytes())
    assert SOURCE.recognise(raw)
    return SOURCE.parse(raw, Hints())


def value(frame: pd.DataFrame, indicator: str, code: str, period: Period, column: str = "value") -> float:
    own = frame[
        (frame["indicator"] == indicator) & (frame["organisation"] == code) & (frame["period"] == period.key)
    ]
    return float(own[column].iloc[0])


def test_four_quarters_of_mental_health_and_community_trusts(shared_data: Path) -> None:
    found = parsed(shared_data, f"{COMMUNITY}-data.csv")
    for (code, indicator), values in SERIES.items():
        assert [value(found.frame, indicator, code, at) for at in QUARTERS] == values, (code, indicator)
    year = Period.financial_year(2025)
    assert value(found.frame, "finance-planned-surplus-deficit", "RXY", year) == 0.75
    assert value(found.frame, "finance-planned-surplus-deficit", "TAD", year) == 0.86, "restated after Q1"
    assert {item.code for item in found.organisations} == {"TAD", "TAH", "TAJ"}
    assert not found.findings
    assert set(found.frame["trust_kind"]) == {"mental health and community trust"}


def test_the_league_table_agrees_with_the_data_file(shared_data: Path) -> None:
    league = parsed(shared_data, f"{COMMUNITY}-league-table.csv").frame
    data = parsed(shared_data, f"{COMMUNITY}-data.csv").frame
    names = ["indicator", "organisation", "period"]
    both = league.merge(data, on=names, suffixes=("", "_data"))
    assert len(both) == len(league) == 3 * 61
    assert (both["value"] == both["value_data"]).all()
    segments = league[league["indicator"] == "oversight-segment"]["value"]
    assert segments.value_counts().to_dict() == {1: 14, 2: 16, 3: 17, 4: 14}
    assert value(league, "oversight-league-place", "RXY", QUARTERS[-1], "lower_95") == 4
    assert value(league, "oversight-league-place", "RXY", QUARTERS[-1], "upper_95") == 56
    assert value(league, "oversight-average-score", "RY2", QUARTERS[-1]) == 3.34


def test_the_rows_cut_out_of_the_acute_file(shared_data: Path) -> None:
    found = parsed(shared_data, "excerpts/acute-2025-26-rows.csv")
    assert value(found.frame, "oversight-average-score", "RWF", QUARTERS[-1]) == 1.72
    assert value(found.frame, "oversight-league-place", "RWF", QUARTERS[-1]) == 35
    plans = {code: value(found.frame, "finance-planned-surplus-deficit", code, Period.financial_year(2025))
             for code in ("RVV", "RPA", "RN7", "RWF")}  # fmt: skip
    assert plans == {"RVV": -6.32, "RPA": -9.07, "RN7": -4.94, "RWF": 0.0}
    last = {"RVV": (2.97, -3.66), "RPA": (2.76, -9.49), "RN7": (2.47, -3.26), "RWF": (1.72, -1.94)}
    for code, wanted in last.items():
        own = ("oversight-average-score", "finance-variance-to-plan")
        assert tuple(value(found.frame, name, code, QUARTERS[-1]) for name in own) == wanted, code
    cancer = StatedFigure("cancer-62-day-combined", "RVV", QUARTERS[0], 74.44)
    planned = StatedFigure("rtt-within-18-weeks", "RN7", Period.month(2026, 3), 61.31)
    assert {cancer, planned} <= set(found.stated)
    assert len(found.stated) == 7


def test_the_rows_cut_out_of_the_files_of_the_next_year(shared_data: Path) -> None:
    found = parsed(shared_data, "excerpts/2026-27-q1-rows.csv")
    first = Period.quarter(2026, 4)
    places = {code: value(found.frame, "oversight-league-place", code, first) for code in ("RYY", "RXY")}
    assert places == {"RYY": 6, "RXY": 53}
    assert value(found.frame, "oversight-average-score", "RXY", first) == 2.69, "said to be a segment"
    assert value(found.frame, "oversight-average-score", "RYY", first) == 1.86
    assert value(found.frame, "oversight-domain-experience", "RRU", first) == 2.33
    six_weeks = StatedFigure("diagnostics-over-6-weeks", "RXC", Period.month(2026, 6), 9.28)
    assert six_weeks in found.stated
