"""The Scoring Summary: made-up files of its layout, whole and broken."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from db.domain import Frequency, Maturity, Period, Severity
from etl.source import Hints, LayoutError, RawFile, SourceError, UnreadableFileError
from etl.sources.ssnap import parse, recognise
from etl.sources.ssnap import vocabulary as words
from tests.support.publications.stroke_files import (
    SUMMARY_MEASURES,
    SUMMARY_TEAMS,
    Rows,
    as_workbook_sheet,
    csv_file,
    scoring_summary,
    with_measure,
    workbook,
)


def value(
    frame: pd.DataFrame, organisation: str, indicator: str, breakdown: str = "all"
) -> tuple[float, str]:
    rows = frame[
        (frame["organisation"] == organisation)
        & (frame["indicator"] == indicator)
        & (frame["breakdown"] == breakdown)
    ]
    ((number, reason),) = rows[["value", "missing_reason"]].itertuples(index=False)
    return number, reason


def test_levels_scores_and_their_reasons() -> None:
    frame = parse(scoring_summary(), Hints()).frame
    assert value(frame, "S148", words.LEVEL) == (4, "")
    assert value(frame, "S148", words.SCORE) == (70.0, "")
    assert value(frame, "S148", words.DOMAIN_LEVEL) == (2, "")
    assert value(frame, "S148", words.DOMAIN_LEVEL, "attribution: patient-centred") == (3, "")
    assert value(frame, "SPMEKQ", words.SCORE) == (81.5, "")
    assert value(frame, "S178", words.LEVEL)[1] == words.TOO_FEW
    assert value(frame, "S178", words.DOMAIN_LEVEL)[1] == words.LEFT_EMPTY
    wrexham = frame[frame["organisation_name"] == "Maelor Hospital"]["organisation"].iloc[0]
    assert value(frame, wrexham, words.LEVEL)[1] == words.NO_LEVEL
    assert value(frame, wrexham, words.DOMAIN_LEVEL)[1] == words.NOT_APPLICABLE
    assert len(frame) == 4 * 4
    assert frame["numerator"].isna().all()
    assert frame["denominator"].isna().all()


def test_a_name_is_tidied_and_two_teams_share_a_site() -> None:
    content = parse(scoring_summary(), Hints())
    names = dict(content.frame[["organisation", "organisation_name"]].drop_duplicates().to_numpy())
    assert names["S148"] == "Darent Valley Hospital"
    teams = {item.code: item for item in content.organisations}
    assert [parent.code for parent in teams["SPMEKQ"].parents] == ["RVV"]
    assert teams["S178"].parents == ()


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("Too few to report", words.TOO_FEW),
        ("TFP", words.TOO_FEW),
        ("Insufficient records", words.INSUFFICIENT_RECORDS),
        ("X", words.NO_LEVEL),
        ("None entered", words.NONE_ENTERED),
        ("No records", words.NO_RECORDS),
        ("None completed", words.NONE_COMPLETED),
        ("Not included in scoring", words.NOT_SCORED),
        ("Reported separately", words.REPORTED_SEPARATELY),
        ("S", words.SUPPRESSED),
        (".", words.NOT_APPLICABLE),
        ("", words.LEFT_EMPTY),
    ],
)
def test_every_word_of_the_publisher_is_a_reason_and_never_a_number(word: str, reason: str) -> None:
    number, found = words.level(word, "row 1")
    assert math.isnan(number)
    assert found == reason
    assert words.figure(word, "row 1")[1] == reason


@pytest.mark.parametrize(
    ("name", "period"),
    [
        ("JulSep2024.csv", Period.quarter(2024, 7)),
        ("JanMar2014-SummaryReport.aspx", Period.quarter(2014, 1)),
        ("AprJul2017-PublicReport.csv", Period.of_months(2017, 4, Frequency.FOUR_MONTHS)),
        ("Dec2017Mar2018-SummaryReport.csv", Period.of_months(2017, 12, Frequency.FOUR_MONTHS)),
        ("DecMar2018.csv", Period.of_months(2017, 12, Frequency.FOUR_MONTHS)),
        ("ssnap_Apr2022Mar2023.csv", Period.financial_year(2022)),
        ("SSNAP October - December 2025.csv", Period.quarter(2025, 10)),
    ],
)
def test_the_period_is_the_dates_of_the_name(name: str, period: Period) -> None:
    frame = parse(scoring_summary(name), Hints()).frame
    assert set(frame["period"]) == {period.key}


def test_a_name_without_a_date_needs_a_hint() -> None:
    with pytest.raises(SourceError, match=r"summary\.csv cannot be dated.*--period"):
        parse(scoring_summary("summary.csv"), Hints())
    hints = Hints(period=Period.quarter(2024, 7), maturity=Maturity.REVISED)
    frame = parse(scoring_summary("summary.csv"), hints).frame
    assert set(frame["period"]) == {Period.quarter(2024, 7).key}
    assert set(frame["maturity"]) == {Maturity.REVISED}


def test_a_name_and_a_hint_that_disagree_are_refused() -> None:
    with pytest.raises(SourceError, match=r"April to June 2024 was asked for.*July to September 2024"):
        parse(scoring_summary(), Hints(period=Period.quarter(2024, 4)))


@pytest.mark.parametrize("name", ["JulAug2024.csv", "FebApr2024.csv", "JulSep2024-AprJun2024.csv"])
def test_months_that_are_no_period_of_the_audit_are_refused(name: str) -> None:
    with pytest.raises(LayoutError):
        parse(scoring_summary(name), Hints())


def test_windows_1252_is_read() -> None:
    teams = [list(row) for row in SUMMARY_TEAMS]
    teams[3][4] = "Ysbyty Gwynedd – Bangor"
    raw = csv_file("JulSep2024.csv", [*teams, *SUMMARY_MEASURES], encoding="cp1252")
    assert "Ysbyty Gwynedd – Bangor" in set(parse(raw, Hints()).frame["organisation_name"])


def test_a_team_that_our_table_lacks_is_loaded_and_said() -> None:
    teams = [list(row) for row in SUMMARY_TEAMS]
    teams[3][1] = "Made Up Stroke Unit"
    content = parse(csv_file("JulSep2024.csv", [*teams, *SUMMARY_MEASURES]), Hints())
    (finding,) = content.findings
    assert finding.severity is Severity.WARNING
    assert "Made Up Stroke Unit (S" in finding.message
    code = content.frame.loc[
        content.frame["organisation_name"] == "Made Up Stroke Unit", "organisation"
    ].iloc[0]
    assert len(code) == 6
    assert code.isalpha()


def test_a_level_outside_a_to_e_is_refused_with_its_place() -> None:
    raw = scoring_summary(measures=with_measure("SSNAP level", "B", "F", "TFP", "X"))
    with pytest.raises(LayoutError, match=r"row 5, column C: wanted a level A to E .*, found 'F'"):
        parse(raw, Hints())


@pytest.mark.parametrize("score", ["101", "-1", "good", "nan", "inf"])
def test_a_score_that_is_none_is_refused(score: str) -> None:
    raw = scoring_summary(measures=with_measure("SSNAP score", "70", score, "", ""))
    with pytest.raises(LayoutError, match=r"row 5, column C: wanted a number"):
        parse(raw, Hints())


@pytest.mark.parametrize(
    ("label", "wanted"),
    [
        ("SSNAP level", "a row 'SSNAP level'"),
        ("SSNAP score", "a row 'SSNAP score'"),
        ("Team-centred Domain levels: 3) Thrombolysis", "a row 'Team-centred Domain levels: Thrombolysis'"),
        ("Patient-centred Domain levels: 3) Thrombolysis", "a row 'Patient-centred Domain levels: Thromb"),
    ],
)
def test_a_missing_row_is_refused_by_name(label: str, wanted: str) -> None:
    raw = scoring_summary(measures=[row for row in SUMMARY_MEASURES if row[0] != label])
    with pytest.raises(LayoutError, match="wanted " + wanted.replace("(", r"\(")):
        parse(raw, Hints())


def test_a_row_that_stands_twice_is_refused() -> None:
    raw = scoring_summary(measures=[SUMMARY_MEASURES[0], *SUMMARY_MEASURES])
    with pytest.raises(LayoutError, match="row 6: wanted 'SSNAP level' once"):
        parse(raw, Hints())


def test_a_team_that_stands_twice_is_refused() -> None:
    teams = [list(row) for row in SUMMARY_TEAMS]
    teams[3][2] = "darent valley hospital"
    with pytest.raises(LayoutError, match="wanted darent valley hospital once in July to September 2024"):
        parse(csv_file("JulSep2024.csv", [*teams, *SUMMARY_MEASURES]), Hints())


def test_a_column_without_a_team_is_refused() -> None:
    teams = [list(row) for row in SUMMARY_TEAMS]
    teams[3][2] = " "
    with pytest.raises(LayoutError, match="row 4, column C: wanted the name of a team, found nothing"):
        parse(csv_file("JulSep2024.csv", [*teams, *SUMMARY_MEASURES]), Hints())


def test_the_domain_is_found_whatever_its_number() -> None:
    measures = [
        [str(row[0]).replace("3) Thrombolysis", "2) Thrombolysis"), *row[1:]] for row in SUMMARY_MEASURES
    ]
    frame = parse(scoring_summary(measures=measures), Hints()).frame
    assert value(frame, "S148", words.DOMAIN_LEVEL) == (2, "")


def test_a_region_in_the_first_row_leaves_the_type_open() -> None:
    """July to September 2013 has the region where later files have the type of team."""
    teams: Rows = [["SSNAP Scoring Summary:", "South East Coast SCN", "x", "y", "z"], *SUMMARY_TEAMS[1:]]
    content = parse(csv_file("JulSep2013.csv", [*teams, *SUMMARY_MEASURES]), Hints())
    teams_found = {item.code: item for item in content.organisations}
    assert [parent.code for parent in teams_found["S178"].parents] == ["RVV"]


def test_a_level_that_its_score_does_not_give_is_a_warning() -> None:
    raw = scoring_summary(measures=with_measure("SSNAP level", "A", "A", "TFP", "X"))
    finding, tallies = parse(raw, Hints()).findings
    assert (finding.check, tallies.check) == ("level agrees with score", "tallies of levels")
    assert "A with a score of 70" in finding.message


def test_a_level_beside_a_blank_score_is_a_warning() -> None:
    raw = scoring_summary(
        measures=with_measure("SSNAP score", "", 81.5, "Too few to report", "Insufficient records")
    )
    (finding,) = parse(raw, Hints()).findings
    assert (finding.check, finding.count) == ("level agrees with score", 1)
    assert finding.message.endswith(": a level without a score")


@pytest.mark.parametrize(
    ("score", "letter"),
    [
        (80.1, "A"),
        (80, "B"),
        (70, "B"),
        (69.9, "C"),
        (60, "C"),
        (59.9, "D"),
        (40, "D"),
        (39.9, "E"),
        (0, "E"),
    ],
)
def test_the_level_of_a_score(score: float, letter: str) -> None:
    assert words.level_of_score(score) == letter


def test_the_workbook_sheet_and_the_csv_are_one() -> None:
    sheet = as_workbook_sheet([*SUMMARY_TEAMS, *SUMMARY_MEASURES])
    book = workbook("JulSep2024-SummaryReport.aspx", {"Cover": [["SSNAP"]], "Scoring Summary": sheet})
    assert recognise(book)
    content = parse(book, Hints())
    pd.testing.assert_frame_equal(content.frame, parse(scoring_summary(), Hints()).frame)
    (finding,) = content.findings
    assert finding.check == "thrombolysis tab"


def test_a_title_that_contradicts_the_name_is_refused() -> None:
    sheet = as_workbook_sheet([*SUMMARY_TEAMS, *SUMMARY_MEASURES])
    book = workbook(
        "JulSep2024-SummaryReport.aspx",
        {"Cover": [["Results for April - June 2024"]], "Scoring Summary": sheet},
    )
    with pytest.raises(SourceError, match=r"its name says July to September 2024.*April to June 2024"):
        parse(book, Hints())


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "is a web page"),
        (b"PK\x03\x04 cut short", "is cut short or damaged"),
        (b"\x00\x01\x02\x03", "is neither a workbook nor text"),
    ],
)
def test_bytes_that_are_no_file_of_figures_are_refused(content: bytes, found: str) -> None:
    raw = RawFile("JulSep2024-SummaryReport.aspx", content)
    assert not recognise(raw)
    with pytest.raises(UnreadableFileError, match=found):
        parse(raw, Hints())


def test_another_file_is_not_recognised() -> None:
    raw = csv_file("JulSep2024.csv", [["ODS code", "Total"], ["RVV", "12"]])
    assert not recognise(raw)
    with pytest.raises(
        LayoutError, match="wanted a Scoring Summary, a summary report or a results portfolio"
    ):
        parse(raw, Hints())
