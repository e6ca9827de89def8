"""Cancer waiting times: the published files, against figures read by hand in them (expected/*.csv).

Sources of the figures: NHS England's national series, workbooks, extracts and monthly CSVs as named in each row.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from db.domain import ALL, OBSERVATION_COLUMNS, Basis, Maturity, Period, breakdown_dimensions
from etl.source import Hints, ParsedFile, RawFile
from etl.sources.cancer_waiting_times import SOURCE

pytestmark = pytest.mark.real_data

EXPECTED = Path(__file__).parent / "expected" / "cancer_waiting_times.csv"
FDS, DAYS_31, DAYS_62 = "cancer-28-day-faster-diagnosis", "cancer-31-day-combined", "cancer-62-day-combined"
INDICATORS = (
    "28-day-faster-diagnosis",
    "31-day-combined",
    "62-day-combined",
    "two-week-wait",
    "two-week-wait-breast-symptoms",
    "31-day-first-treatment",
    "31-day-subsequent-surgery",
    "31-day-subsequent-drugs",
    "31-day-subsequent-radiotherapy",
    "62-day-urgent-referral",
    "62-day-screening",
    "62-day-consultant-upgrade",
)
LAYOUTS = {
    "monthly-csv": 63,
    "monthly-workbook-old-standards": 2,
    "monthly-workbook": 14,
    "extract-provider": 4,
    "extract-sub-icb-location": 1,
    "national-series": 1,
    "national-series-old-standards": 1,
}


def raw_file(path: Path) -> RawFile:
    return RawFile(path.name, path.read_bytes())


@cache
def parsed(path: Path) -> ParsedFile:
    return SOURCE.parse(raw_file(path), Hints())


def ours(folder: Path) -> list[Path]:
    return [path for path in sorted((folder / "cancer").rglob("*")) if path.is_file() and is_ours(path)]


@cache
def is_ours(path: Path) -> bool:
    return SOURCE.recognise(raw_file(path))


@pytest.fixture(scope="module")
def files(shared_data: Path) -> list[Path]:
    return ours(shared_data)


def expected_rows() -> list[dict[str, str]]:
    with EXPECTED.open(newline="") as handle:
        return list(csv.DictReader(handle))


def headline(frame: pd.DataFrame, row: dict[str, str]) -> pd.Series:
    year, month = map(int, row["month"].split("-"))
    found = frame[
        (frame["indicator"] == row["indicator"])
        & (frame["organisation"] == row["organisation"])
        & (frame["period"] == Period.month(year, month).key)
        & (frame["breakdown"] == ALL)
    ]
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize(
    "row",
    expected_rows(),
    ids=lambda r: f"{r['file'][-60:]} {r['indicator']} {r['organisation']} {r['month']}",
)
def test_a_figure_read_by_hand_is_parsed(shared_data: Path, row: dict[str, str]) -> None:
    found = headline(parsed(shared_data / "cancer" / row["file"]).frame, row)
    assert found["denominator"] == float(row["denominator"])
    assert found["maturity"] == Maturity[row["maturity"].upper()]
    if row["numerator"]:
        assert found["numerator"] == float(row["numerator"])
    if not np.isnan(found["value"]):
        ratio = 100 * found["numerator"] / found["denominator"]
        assert found["value"] == pytest.approx(ratio, abs=0.0051)


def test_every_file_is_recognised_by_its_layout(files: list[Path]) -> None:
    layouts = pd.Series([parsed(path).layout for path in files]).value_counts().to_dict()
    assert layouts == LAYOUTS


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "Technical-note-on-tumour-classifications-in-31-and-62-day-combined-standards.xlsx",
        "diagnostics/Monthly-Diagnostics-Web-File-Provider-July-2025_L8FLO.xls",
        "rtt/Admitted-Commissioner-Dec24-XLSX-2M-revised.xlsx",
    ],
)
def test_other_files_are_not_taken_for_ours(shared_data: Path, name: str) -> None:
    assert not SOURCE.recognise(raw_file(shared_data / "cancer" / name))


def test_every_frame_is_canonical(files: list[Path]) -> None:
    for path in files:
        frame = parsed(path).frame
        assert tuple(frame.columns) == OBSERVATION_COLUMNS
        key = ["indicator", "organisation", "basis", "period", "breakdown"]
        assert not frame.duplicated(key).any(), path.name
        assert (frame["numerator"] <= frame["denominator"]).all()
        assert (frame["denominator"] > 0).all()
        assert frame.loc[frame["derived"], "value"].isna().all()
        assert set(frame["indicator"].unique()) <= {f"cancer-{name}" for name in INDICATORS}


def test_organisations_add_up_to_england_wherever_a_file_has_both(files: list[Path]) -> None:
    compared = 0
    for path in files:
        frame = parsed(path).frame
        england = frame["organisation"] == "ENG"
        if not england.any() or england.all():
            continue
        key = ["indicator", "period", "breakdown"]
        printed = frame[england].groupby(key, observed=True)[["numerator", "denominator"]].sum()
        summed = frame[~england].groupby(key, observed=True)[["numerator", "denominator"]].sum()
        assert printed.equals(summed.reindex(printed.index)), path.name
        compared += len(printed)
    assert compared > 2_700


def test_july_2021_commissioners_add_up_to_the_national_series(shared_data: Path) -> None:
    key = ["indicator", "period"]
    folder = shared_data / "cancer"
    series = "Cancer-Waiting-Times-National-Time-Series-Oct-2009-Sep-2023-with-Revisions.xlsx"
    national = parsed(folder / series).frame.groupby(key, observed=True)[["numerator", "denominator"]].sum()
    frame = parsed(folder / "nhs_commissioner_wait_times_jul_2021.xlsx").frame
    summed = frame.groupby(key, observed=True)[["numerator", "denominator"]].sum()
    assert len(summed) == 10
    assert summed.equals(national.loc[summed.index])


def test_final_extract_adds_up_to_the_national_series(shared_data: Path) -> None:
    folder = shared_data / "cancer"
    series = parsed(folder / "CWT-CRS-National-Time-Series-Oct-2009-Apr-2026-with-Revisions.xlsx").frame
    national = series.set_index(["indicator", "period"])[["numerator", "denominator"]]
    frame = parsed(folder / "CWT-CRS-Apr-2024-to-Sep-2024-Data-Extract-Provider-Final.xlsx").frame
    headlines = frame[frame["breakdown"] == ALL]
    summed = headlines.groupby(["indicator", "period"], observed=True)[["numerator", "denominator"]].sum()
    assert len(summed) == 18
    assert (summed == national.loc[summed.index]).all(axis=None)


def test_breakdowns_of_a_workbook(shared_data: Path) -> None:
    frame = parsed(shared_data / "cancer" / "OCTOBER-2023-CWT-CRS-PROVIDER-WORKBOOK-FINAL.xlsx").frame
    trust = frame[frame["organisation"] == "RVV"].set_index(["indicator", "breakdown"])
    assert (trust["basis"] == Basis.PROVIDER).all()
    dimensions = {
        name: {breakdown_dimensions(key) for key in rows["breakdown"]}
        for name, rows in frame.groupby("indicator", observed=True)
    }
    treated = {"all", "tumour group", "tumour group (ten)", "modality"}
    assert dimensions[DAYS_62] == treated | {"route", "route; tumour group", "modality; route"}
    assert dimensions[DAYS_31] == treated | {"stage", "stage; tumour group", "modality; stage"}
    assert dimensions[FDS] == {"all", "route", "tumour group", "route; tumour group"}
    waits = trust.loc[[DAYS_62]].reset_index().set_index("breakdown")
    people, derived = waits["denominator"].to_dict(), waits["derived"].to_dict()
    parts = [people[f"tumour group: Urological - {part}"] for part in ("Prostate", "Other")]
    assert people["tumour group (ten): Urological"] == sum(parts)
    assert derived["tumour group (ten): Urological"]
    assert not derived["tumour group (ten): Lung"]


def test_ten_published_groups_repeat_as_ten(shared_data: Path) -> None:
    name = "CWT-CRS-Apr-2023-to-Sep-2023-Data-Extract-Provider-Provisional.xlsx"
    frame = parsed(shared_data / "cancer" / name).frame
    ten = frame[frame["breakdown"].str.startswith("tumour group (ten): ")]
    assert ten["breakdown"].nunique() == 10
    plain = ten.assign(breakdown=ten["breakdown"].str.replace(" (ten)", "", regex=False))
    key = ["indicator", "organisation", "period", "breakdown"]
    both = plain.merge(frame.astype({"breakdown": str}), on=key, suffixes=("", "_thirteen"))
    assert len(both) == len(ten)
    assert (both["denominator"] == both["denominator_thirteen"]).all()


def test_labels_are_spelt_alike_in_workbook_and_extract(shared_data: Path) -> None:
    folder = shared_data / "cancer"
    workbook = parsed(folder / "OCTOBER-2023-CWT-CRS-PROVIDER-WORKBOOK-FINAL.xlsx")
    extract = parsed(folder / "CWT-CRS-Oct-2023-Data-Extract-Provider.xlsx")
    assert set(workbook.frame["breakdown"]) == set(extract.frame["breakdown"])
    assert workbook.findings == extract.findings == ()


def test_years_to_date_are_left_out_and_said(shared_data: Path) -> None:
    name = "Cancer-Waiting-Times-National-Time-Series-Oct-2009-Sep-2023-with-Revisions.xlsx"
    series = parsed(shared_data / "cancer" / name)
    assert [finding.message for finding in series.findings] == [
        "left out, for they are no whole periods: '2023/24 YTD'"
    ]
    frame = series.frame.set_index(["indicator", "period"])
    quarter, year = Period.quarter(2015, 4).key, Period.financial_year(2022).key
    assert frame.loc[("cancer-two-week-wait", quarter), "maturity"] == Maturity.FINAL
    assert frame.loc[("cancer-two-week-wait", year), "denominator"] == 2_889_406
    assert ("cancer-two-week-wait-breast-symptoms", Period.month(2009, 12).key) not in frame.index


def test_a_blank_percentage_is_no_missing_figure(shared_data: Path) -> None:
    frame = parsed(shared_data / "cancer" / "nhs_commissioner_wait_times_jul_2021.xlsx").frame
    blank = frame[frame["value"].isna()]
    # Twelve rows in each of the two TWO WEEK WAIT sheets of this copy.
    assert blank["indicator"].value_counts()[lambda n: n > 0].tolist() == [12, 12]
    assert set(blank["missing_reason"]) == {""}
    assert set(frame.loc[frame["organisation"] == "UNK", "organisation_name"]) == {"Unknown commissioner"}
