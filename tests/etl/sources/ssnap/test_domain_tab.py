"""The thrombolysis tab of a summary report. No real tab could be had: these are made up from its description."""

from __future__ import annotations

import pytest

from db.domain import Maturity
from etl.source import Hints, LayoutError, ParsedFile
from etl.sources.ssnap import parse
from etl.sources.ssnap import vocabulary as words
from tests.support.publications.stroke_files import (
    SUMMARY_MEASURES,
    SUMMARY_TEAMS,
    Rows,
    as_workbook_sheet,
    workbook,
)

TEAM = "Team-centred KI results"
ROWS: Rows = [
    ["Patient-centred KI results", "", "3.3A Patients thrombolysed within 1 hour", "", "", 90, 91, 92, 93],
    [TEAM, "", "3.1B Percentage of all stroke patients given thrombolysis", "", "", 8.7, 16.3, ".", 10],
    ["", "", "3.2B Percentage of eligible patients given thrombolysis", "", "", 80, 90.9, ".", 70],
    ["", "", "3.3B Percentage of patients thrombolysed within 1 hour of clock start", "", "", "53.8%", 90.3, ".", 60],
    ["", "", "3.3B score", "", "", 53, 90, ".", 60],
    ["", "", "3.4B Directly admitted to a stroke unit within 4 hours and thrombolysis if needed", "", "", 1, 2, 3, 4],
    ["", "", "3.5B Median time between clock start and thrombolysis (hours:mins)", "", "", "0:55", "0:38", "", "1:10"],
    ["", "", "Domain 3 level (team-centred)", "", "", "D", "A", ".", "C"],
]  # fmt: skip


def report(rows: Rows, title: str = "3) Thrombolysis") -> ParsedFile:
    head = as_workbook_sheet(SUMMARY_TEAMS)
    summary = as_workbook_sheet([*SUMMARY_TEAMS, *SUMMARY_MEASURES])
    return parse(
        workbook("JulSep2024-SummaryReport.aspx", {"Scoring Summary": summary, title: [*head, *rows]}),
        Hints(),
    )


def values(content: ParsedFile, organisation: str) -> dict[str, float]:
    frame = content.frame[content.frame["organisation"] == organisation]
    return dict(frame[frame["breakdown"] == "all"][["indicator", "value"]].to_numpy())


def test_team_centred_key_indicators_are_found_by_their_labels() -> None:
    content = report(ROWS)
    darent_valley = values(content, "S148")
    assert darent_valley[words.WITHIN_60_MINUTES] == 53.8
    assert darent_valley[words.ELIGIBLE_THROMBOLYSED] == 80
    assert darent_valley[words.THROMBOLYSED] == 8.7
    assert darent_valley[words.DOOR_TO_NEEDLE] == 55
    assert darent_valley[words.DOMAIN_LEVEL] == 2
    assert content.findings == ()


def test_their_values_give_way_to_a_portfolio() -> None:
    frame = report(ROWS).frame.set_index("indicator")
    assert set(frame.loc[[words.WITHIN_60_MINUTES], "maturity"]) == {Maturity.PROVISIONAL}
    assert set(frame.loc[[words.LEVEL], "maturity"]) == {Maturity.FINAL}
    assert frame.loc[[words.WITHIN_60_MINUTES], "denominator"].isna().all()


def test_a_word_in_the_tab_is_a_reason() -> None:
    frame = report(ROWS).frame
    kent = frame[(frame["organisation"] == "S178") & (frame["indicator"] == words.WITHIN_60_MINUTES)]
    assert kent["missing_reason"].tolist() == [words.NOT_APPLICABLE]


@pytest.mark.parametrize(
    ("title", "rows", "message"),
    [
        ("4) Specialist Assessments", ROWS, "wanted a sheet of the thrombolysis domain, found nothing"),
        (
            "3) Thrombolysis",
            [row for row in ROWS if "3.3B Perc" not in str(row[2])],
            "'thrombolysed within 1 hour'",
        ),
    ],
)
def test_a_tab_that_is_not_as_expected_is_a_warning_and_the_summary_loads(
    title: str, rows: Rows, message: str
) -> None:
    content = report(rows, title)
    assert values(content, "S148")[words.LEVEL] == 4
    (finding,) = content.findings
    assert message in finding.message
    assert words.WITHIN_60_MINUTES not in values(content, "S148")


def test_a_tab_without_teams_is_a_warning() -> None:
    summary = as_workbook_sheet([*SUMMARY_TEAMS, *SUMMARY_MEASURES])
    book = workbook("JulSep2024-SummaryReport.aspx", {"Scoring Summary": summary, "3) Thrombolysis": [["x"]]})
    (finding,) = parse(book, Hints()).findings
    assert "sheet '3) Thrombolysis': wanted the labels 'Trust' and 'Team' side by side" in finding.message


def test_an_impossible_percentage_refuses_the_file() -> None:
    rows = [[*row[:5], 138, *row[6:]] if "3.3B Perc" in str(row[2]) else row for row in ROWS]
    with pytest.raises(
        LayoutError, match=r"sheet '3\) Thrombolysis', row 8, column F: wanted a number from 0 to 100"
    ):
        report(rows)


def test_parts_of_one_cannot_be_told_from_percentages_and_are_refused() -> None:
    rows = [[*row[:5], 0.538, 0.9, 0.1, 1] if "3.3B Perc" in str(row[2]) else row for row in ROWS]
    with pytest.raises(LayoutError, match="wanted percentages from 0 to 100, found parts of one"):
        report(rows)


def test_two_rows_of_one_key_indicator_are_refused() -> None:
    with pytest.raises(LayoutError, match="wanted 'thrombolysed within 1 hour', team-centred, once"):
        report([*ROWS, [TEAM, *ROWS[3][1:]]])
