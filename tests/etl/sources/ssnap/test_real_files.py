"""The Scoring Summaries beside the project, against figures typed from the facts on stroke data."""

from __future__ import annotations

import csv
import io
import math
from datetime import timedelta
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from db.catalogue import load_catalogue
from db.domain import Basis, Maturity, OrganisationType, Period, Severity
from etl.pipeline.validate import check
from etl.pipeline.validate.knowledge import Knowledge
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.ssnap import parse, recognise
from etl.sources.ssnap import vocabulary as words
from tests.support.publications.stroke_files import Cell, Rows, as_workbook_sheet, workbook

pytestmark = pytest.mark.real_data

KENT = ("S148", "S196", "S182", "S198", "S294", "S235", "S178", "SPMEKQ")
"""Darent Valley, Maidstone, Tunbridge Wells, Medway, William Harvey, Queen Elizabeth the Queen Mother, Kent and
Canterbury, Invicta Ward."""

TABLE_3_3 = """
OctDec2013 | E D/C | E D/D | E E/E | E E/E | D D/D | D C/C | D B/B | absent
JanMar2014 | E C/C | D D/D | E E/E | D D/D | D B/B | D C/C | D A/A | absent
AprJun2014 | D C/C | D D/D | D E/E | D E/E | C B/B | C C/C | E C/C | absent
JulSep2014 | D D/D | D C/C | D E/E | E D/E | A B/B | C C/C | D C/C | absent
OctDec2014 | D B/B | C D/D | D D/D | E D/D | B D/D | D C/C | D D/D | absent
JanMar2015 | D C/C | C D/D | D C/D | D D/D | C C/C | B B/B | D D/D | absent
AprJun2015 | C B/B | C E/E | D C/C | D D/D | C C/C | C D/D | D D/D | absent
JulSep2015 | D D/D | C C/D | D B/C | D D/D | B B/B | C D/D | D C/D | absent
OctDec2015 | E E/E | B D/D | D D/D | D E/E | D C/C | A C/C | D C/C | absent
AprJun2018 | D D/D | B D/C | C C/B | E D/D | B D/D | D C/C | C D/-n | absent
JulSep2018 | D C/C | B B/B | B B/B | E E/E | C C/D | D B/C | D C/-n | absent
JanMar2019 | D B/C | A C/C | B D/D | D E/E | D E/E | D C/C | D D/-n | absent
AprJun2019 | C C/C | B D/D | C C/C | D D/D | D D/D | D C/C | D B/-n | absent
JulSep2019 | D D/D | B D/C | C C/C | D E/E | C D/D | C C/C | TFP B/-n | absent
OctDec2019 | D D/D | C D/D | E E/-n | E E/E | D D/D | D C/B | C C/-n | absent
AprJun2021 | D D/D | A B/B | absent | absent | X IR/IR | X IR/IR | C E/-n | A B/B
JulSep2021 | C D/D | A B/B | absent | absent | X IR/IR | X IR/IR | D E/-n | A B/C
OctDec2021 | B C/C | B B/B | absent | absent | X IR/IR | X IR/IR | C D/-n | A C/C
AprJun2022 | B C/D | B B/B | absent | absent | X IR/IR | X IR/IR | C D/-n | B C/D
JulSep2022 | B C/C | A B/B | absent | absent | X TF/TF | X IR/IR | C D/-n | B C/C
OctDec2022 | C C/D | B B/B | absent | absent | X TF/TF | X TF/TF | C D/-n | A B/C
JanMar2023 | C D/D | A B/B | absent | absent | X TF/TF | X TF/TF | D D/-n | A C/C
AprJun2023 | B C/C | A B/B | absent | absent | X TF/TF | X TF/TF | B C/-n | A B/B
JulSep2023 | B C/C | A A/B | absent | absent | X TF/TF | X IR/IR | A B/-n | A A/A
OctDec2023 | B C/D | A B/B | absent | absent | TFP TF/-n | TFP TF/-n | C C/-n | A B/B
JanMar2024 | C D/D | A A/A | absent | absent | TFP TF/-n | TFP TF/-n | B A/-n | A A/A
AprJun2024 | B C/C | A A/B | absent | absent | TFP TF/-n | TFP TF/-n | B A/-n | A A/A
JulSep2024 | B B/B | A A/A | absent | absent | TFP TF/-n | TFP TF/-n | A A/-n | A A/A
"""
"""Overall level, then thrombolysis patient-centred / team-centred. IR insufficient records, TF too few to report,
n a team that does not routinely admit."""

QUARTERS = tuple(line.split(" | ")[0] for line in TABLE_3_3.strip().splitlines())
_SHORT = {
    words.INSUFFICIENT_RECORDS: "IR",
    words.LEFT_EMPTY: "-",
    words.NO_LEVEL: "X",
}


@cache
def parsed(folder: Path, quarter: str) -> ParsedFile:
    path = folder / "stroke" / "scoring_summary" / f"{quarter}.csv"
    return parse(RawFile(path.name, path.read_bytes()), Hints())


def shown(frame: pd.DataFrame, code: str, indicator: str, breakdown: str, too_few: str) -> str:
    row = frame[
        (frame["organisation"] == code)
        & (frame["indicator"] == indicator)
        & (frame["breakdown"] == breakdown)
    ].iloc[0]
    if math.isnan(row["value"]):
        return too_few if row["missing_reason"] == words.TOO_FEW else _SHORT[row["missing_reason"]]
    return "EDCBA"[int(row["value"]) - 1]


def kent_cell(content: ParsedFile, code: str) -> str:
    """A team as the table of the facts shows it."""
    frame = content.frame
    if code not in set(frame["organisation"]):
        return "absent"
    overall = shown(frame, code, words.LEVEL, "all", "TFP")
    patient = shown(frame, code, words.DOMAIN_LEVEL, "attribution: patient-centred", "TF")
    team = shown(frame, code, words.DOMAIN_LEVEL, "all", "TF")
    routine = any(item.code == code and item.parents for item in content.organisations)
    return f"{overall} {patient}/{team}{'' if routine else 'n'}"


@pytest.mark.parametrize("line", TABLE_3_3.strip().splitlines(), ids=QUARTERS)
def test_kents_levels_are_those_of_the_table(shared_data: Path, line: str) -> None:
    quarter, *cells = line.split(" | ")
    content = parsed(shared_data, quarter)
    assert [kent_cell(content, code) for code in KENT] == cells


def test_every_file_of_the_folder_loads(shared_data: Path) -> None:
    files = sorted((shared_data / "stroke" / "scoring_summary").glob("*.csv"))
    assert sorted(path.stem for path in files) == sorted(QUARTERS)
    assert all(recognise(RawFile(path.name, path.read_bytes())) for path in files)
    frames = [parsed(shared_data, path.stem).frame for path in files]
    levels = pd.concat(frames).query(f"indicator == '{words.LEVEL}'")
    # The facts count 6,658 levels in 32 quarters; these 28 files hold 6,230 team-quarters, 5,853 with a level.
    assert len(levels) == 6230
    assert levels["value"].notna().sum() == 5853
    assert levels["value"].value_counts().to_dict() == {5: 970, 4: 1578, 3: 1390, 2: 1508, 1: 407}
    assert set(pd.concat(frames)["maturity"]) == {Maturity.FINAL}


def test_levels_scores_and_tallies_agree_but_for_what_the_publisher_left_apart(shared_data: Path) -> None:
    told = {
        quarter: [(finding.severity, finding.check) for finding in findings]
        for quarter in QUARTERS
        if (findings := parsed(shared_data, quarter).findings)
    }
    part = (Severity.WARNING, "levels and scores agree")
    foot = (Severity.WARNING, "tallies of levels")
    assert told == {
        "AprJun2021": [part],
        "OctDec2021": [part],
        "AprJun2022": [foot],
        "JulSep2019": [foot],
        "JulSep2022": [foot],
        "OctDec2022": [foot],
        "JanMar2023": [part],
        "JulSep2023": [part, foot],
        "OctDec2023": [part],
        "JanMar2024": [part],
    }


@pytest.mark.parametrize(
    ("quarter", "counts"), [("OctDec2019", (17, 35, 48, 24, 9)), ("JulSep2024", (6, 33, 42, 32, 9))]
)
def test_national_spread_of_the_thrombolysis_domain(
    shared_data: Path, quarter: str, counts: tuple[int, ...]
) -> None:
    frame = parsed(shared_data, quarter).frame
    levels = frame[(frame["indicator"] == words.DOMAIN_LEVEL) & (frame["breakdown"] == "all")]["value"]
    assert tuple(int((levels == level).sum()) for level in (5, 4, 3, 2, 1)) == counts


def test_periods_are_the_quarters_named(shared_data: Path) -> None:
    found = {quarter: set(parsed(shared_data, quarter).frame["period"]) for quarter in QUARTERS}
    assert found["OctDec2013"] == {Period.quarter(2013, 10).key}
    assert found["JanMar2024"] == {Period.quarter(2024, 1).key}
    assert len(set.union(*found.values())) == 28


def test_every_team_is_in_our_table_and_keeps_the_publishers_name(shared_data: Path) -> None:
    content = parsed(shared_data, "JulSep2024")
    teams = {item.code: item for item in content.organisations}
    assert len(teams) == 223
    assert {item.type for item in teams.values()} == {OrganisationType.STROKE_TEAM}
    names = content.frame.drop_duplicates("organisation").set_index("organisation")["organisation_name"]
    assert names["SPMEKQ"] == "Invicta Ward Kent and Canterbury Hospital"
    assert [parent.code for parent in teams["SPMEKQ"].parents] == ["RVV"]
    assert not any("table of stroke teams" in finding.message for finding in content.findings)


def test_the_checks_before_a_load_pass(shared_data: Path) -> None:
    catalogue = load_catalogue()
    knowledge = Knowledge(catalogue.indicators, catalogue.organisations, lambda *_: None)
    assert [item for quarter in QUARTERS for item in check(parsed(shared_data, quarter), knowledge)] == []


@pytest.mark.parametrize("quarter", ["OctDec2013", "OctDec2019", "JulSep2024"])
def test_the_workbook_sheet_reads_as_the_csv_does(shared_data: Path, quarter: str) -> None:
    path = shared_data / "stroke" / "scoring_summary" / f"{quarter}.csv"
    rows: Rows = [list(row) for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))]
    book = workbook(f"{quarter}-SummaryReport.aspx", {"Scoring Summary": as_workbook_sheet(rows)})
    content = parse(book, Hints())
    assert content.layout == "summary-report"
    pd.testing.assert_frame_equal(content.frame, parsed(shared_data, quarter).frame)


def test_a_csv_cut_in_mid_row_is_refused(shared_data: Path) -> None:
    path = shared_data / "stroke" / "scoring_summary" / "JulSep2024.csv"
    content = path.read_bytes()
    cut = content[: content.index(b"Team-centred Domain levels: 3)") + 90]
    with pytest.raises(LayoutError, match=r"row 28: wanted 224 fields, found 25"):
        parse(RawFile(path.name, cut), Hints())


@pytest.mark.parametrize(
    "name",
    [
        "annual_extract/team_post_72_care.ods",
        "thrombectomy/Apr2018Mar2019-ThrombectomyThrombolysisComparison.xlsx",
    ],
)
def test_outputs_of_the_audit_without_our_items_are_refused_by_reason(shared_data: Path, name: str) -> None:
    path = shared_data / "stroke" / name
    raw = RawFile(path.name, path.read_bytes())
    assert recognise(raw)
    with pytest.raises(LayoutError, match=r"wanted item H16\.1 to H16\.3 \(thrombolysed, of all patients\)"):
        parse(raw, Hints())


def test_the_headings_of_a_real_report_are_found(shared_data: Path) -> None:
    """A real thrombectomy report with its three first items renamed: its heads, teams and years are real."""
    path = shared_data / "stroke" / "thrombectomy" / "Apr2018Mar2019-ThrombectomyReport.xlsx"
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("Data").to_python(skip_empty_area=False)
    cells: Rows = [[cell for cell in row if not isinstance(cell, timedelta)] for row in rows]
    assert [len(row) for row in cells] == [len(row) for row in rows], (
        "no cell of this file is a length of time"
    )
    triple, head = cells[5:8], cells[:5]
    made_up = [
        ("H16.1", "Thrombolysed", 0), ("H16.2", "", 1), ("H16.3", "", 2),
        ("H16.53", "If eligible, thrombolysed", 1), ("H16.54", "Yes", 0), ("H16.55", "", 2),
        ("H16.72", "Thrombolysed within 1 hour of clock start", 0), ("H16.73", "", 1), ("H16.74", "", 2),
    ]  # fmt: skip
    body: Rows = [["", reference, label, *triple[kind][3:]] for reference, label, kind in made_up]
    median: list[Cell] = [
        "",
        "H16.42",
        "Clock start to thrombolysis",
        "Median",
        *([55.0] * (len(head[3]) - 4)),
    ]
    book = workbook("Apr2018Mar2019-Portfolio.xlsx", {"Data": [*head, *body, median]})
    frame = parse(book, Hints()).frame.query(f"indicator == '{words.WITHIN_60_MINUTES}'")
    national = frame[frame["organisation"] == "SSNAP"].set_index("period")
    assert national["numerator"].to_dict() == {
        Period.financial_year(2016).key: 602,
        Period.financial_year(2017).key: 799,
        Period.financial_year(2018).key: 1200,
    }
    charing_cross = frame[frame["organisation_name"] == "Charing Cross Hospital HASU"].sort_values("period")
    assert charing_cross["numerator"].tolist()[:2] == [46, 43]
    assert charing_cross["denominator"].tolist()[:2] == [965, 1046]


def test_the_portfolio_of_ccgs_has_the_residents_within_60_minutes_of_three_years(shared_data: Path) -> None:
    path = shared_data / "stroke" / "ccg_portfolio" / "SSNAP_1516_CCG.xlsx"
    raw = RawFile(path.name, path.read_bytes())
    assert recognise(raw)
    frame = parse(raw, Hints()).frame
    assert set(frame["indicator"]) == {words.RESIDENTS_WITHIN_60_MINUTES}
    assert len(frame) == 3 * (209 + 1)
    assert not frame["organisation"].str.startswith("7A").any()
    assert frame["missing_reason"].ne("").sum() == 6
    last = frame[frame["period"] == Period.financial_year(2015).key].set_index("organisation")
    assert set(last["basis"]) == {Basis.RESIDENCE.value, Basis.NATIONAL.value}
    kent = last.loc[["09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J"]]
    assert kent["numerator"].tolist() == [14, 11, 4, 7, 31, 5, 16, 25]
    assert kent["denominator"].tolist() == [27, 32, 12, 32, 51, 14, 31, 51]
    assert kent["value"].tolist() == [51.9, 34.4, 33.3, 21.9, 60.8, 35.7, 51.6, 49.0]
    national = frame[frame["organisation"] == "SSNAP"].sort_values("period")
    assert national["value"].tolist() == [53.0, 55.9, 58.4]
    assert national["denominator"].tolist() == [8495, 9242, 9109]
    assert national["numerator"].isna().all()
