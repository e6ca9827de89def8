"""A Scoring Summary against itself: made-up files of five domains, whose teams, levels and tallies agree or not."""

from __future__ import annotations

import pytest

from db.domain import Finding, Severity
from etl.pipeline.validate import is_acceptable
from etl.source import FEW_ROWS, Hints
from etl.sources.ssnap import parse
from tests.support.publications.stroke_files import ROUTINE, Cell, Rows, csv_file

NAMES = ("Darent Valley Hospital", "Maidstone District General Hospital", "William Harvey Hospital")
DOMAINS = ("Scanning", "Stroke unit", "Thrombolysis", "Specialist Assessments", "MDT working")
LEVELS = {
    "Scanning": "ABC",
    "Stroke unit": "ABD",
    "Thrombolysis": "CBC",
    "Specialist Assessments": "BAD",
    "MDT working": "ABE",
}
SCORES = (88.0, 84.0, 44.0)
"""The means of the levels above, by team."""
ROWS = {
    "level": "SSNAP level",
    "score": "SSNAP score",
    "patient": "Patient-centred KI level Patient-centred Total KI score",
    "team": "Team-centred KI level Team-centred Total KI score",
    "thrombolysis": "Team-centred Domain levels: 3) Thrombolysis",
    "half": "Team-centred SSNAP level Team-centred SSNAP score",
}


def rows() -> Rows:
    def domains(centred: str) -> Rows:
        return [
            [f"{centred}-centred Domain levels: {place}) {name}", *LEVELS[name]]
            for place, name in enumerate(DOMAINS, 1)
        ]

    return [
        ["SSNAP Scoring Summary:", *(f"{ROUTINE}.{place}" for place in range(3))],
        ["Trust", "One", "Another", "A third"],
        ["Team", *NAMES],
        ["SSNAP level", "A", "A", "D"],
        ["SSNAP score", *SCORES],
        *domains("Patient"),
        ["Patient-centred KI level Patient-centred Total KI score", *SCORES],
        ["Patient-centred SSNAP level Patient-centred SSNAP score", *SCORES],
        *domains("Team"),
        ["Team-centred KI level Team-centred Total KI score", *SCORES],
        ["Team-centred SSNAP level Team-centred SSNAP score", *SCORES],
        ["SSNAP levels: Combined Total Key Indicator levels:", "", "", ""],
        ["A - 2 teams (67%) A - no teams", "", "", ""],
        ["D - 1 teams (33%) D - 3 teams", "", "", ""],
        ["Case ascertainment bands: Audit compliance bands:", "", "", ""],
        ["A - 9 teams (89%) A - 140 teams (65%)", "", "", ""],
    ]


def told(name: str = "JulSep2024.csv", **changed: tuple[int, Cell]) -> list[Finding]:
    """What is said of the file with the cell of a team changed in some rows."""
    sheet = rows()
    for row, (team, cell) in changed.items():
        (own,) = (own for own in sheet if own[0] == ROWS[row])
        own[team + 1] = cell
    return list(parse(csv_file(name, sheet), Hints()).findings)


def test_a_sheet_that_agrees_says_nothing() -> None:
    assert told() == []


def test_a_domain_level_that_its_score_denies_is_held_for_a_person() -> None:
    (finding,) = told(thrombolysis=(1, "A"))
    assert (finding.severity, finding.check) == (Severity.ERROR, FEW_ROWS)
    assert finding.message == (
        "row 18, column C, Maidstone District General Hospital: wanted 88, the mean of its 5 team-centred domain "
        "levels B B A A B, found 84"
    )
    assert is_acceptable([finding])


def test_a_score_that_its_halves_deny_is_held_for_a_person() -> None:
    (finding,) = told(score=(0, 80.4))
    assert finding.check == FEW_ROWS
    assert (
        "wanted a score of 88, the mean of 88 patient-centred and 88 team-centred, found 80.4"
        in finding.message
    )
    assert told(score=(0, 88.1)) == []


def test_many_teams_that_contradict_are_never_accepted() -> None:
    findings = [*told(team=(0, 12)), *told(half=(0, 12))]
    assert is_acceptable(findings)
    sheet = rows()
    for own in sheet:
        if own[0] == ROWS["thrombolysis"]:
            own[1:] = ["E", "E", "A"]
    assert not is_acceptable(parse(csv_file("JulSep2024.csv", sheet), Hints()).findings)


def test_with_a_level_missing_or_domains_of_today_it_is_a_warning() -> None:
    (finding,) = told(thrombolysis=(1, ""))
    assert (finding.severity, finding.check) == (Severity.WARNING, "levels and scores agree")
    assert "the mean of its 4 team-centred domain levels B B (blank) A B, found 84" in finding.message
    (finding,) = told("OctDec2025.csv", thrombolysis=(1, "A"))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(("cell", "shown"), [("B", "A 1 and not 2"), ("", "A 1 and not 2")])
def test_levels_that_the_foot_counts_otherwise_are_a_warning(cell: str, shown: str) -> None:
    findings = [item for item in told(level=(0, cell)) if item.check == "tallies of levels"]
    (finding,) = findings
    assert finding.severity is Severity.WARNING
    assert (
        finding.message
        == f"row 4: the teams' levels are not those that the foot of the sheet counts: {shown}"
    )


def test_words_in_rows_that_are_not_loaded_do_not_matter() -> None:
    assert told(team=(0, "see note"), half=(1, "Insufficient records")) == []
