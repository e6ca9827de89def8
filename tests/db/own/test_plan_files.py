"""A plan's file: both layouts, and every error by its line and column."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from openpyxl import Workbook

from db.catalogue import load_catalogue
from db.domain.decision import PlannedValue
from db.own.plan_files import CheckedPlan, check_plan_file
from db.reading.files import RawFile, UnreadableFileError
from tests.support.frames import FDS

CATALOGUE = load_catalogue()
HEAD = "measure,organisation,from,value,note\n"


def checked(text: str) -> CheckedPlan:
    return check_plan_file(RawFile("plan.csv", text.encode()), CATALOGUE)


def test_a_month_a_line_and_a_column_a_month_are_the_same_plan() -> None:
    long = checked(f"{HEAD}{FDS},rvv,2026-04,74,\n{FDS},RVV,May-26,74.5%,Agreed\n")
    wide = checked(f"indicator;organisation;2026-04;01/05/2026\n{FDS};RVV;74;74.5\n")
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "targets"
    for row in (["Measure", "Organisation", "Period", "Value", "kind"], [FDS, "RVV", date(2026, 4, 1), 74, "plan"],
                [FDS, "RVV", date(2026, 5, 1), 74.5, "plan"]):  # fmt: skip
        sheet.append(row)
    out = BytesIO()
    book.save(out)
    workbook = check_plan_file(RawFile("plan.xlsx", out.getvalue()), CATALOGUE)
    wanted = (
        PlannedValue(FDS, "RVV", date(2026, 4, 1), 74.0),
        PlannedValue(FDS, "RVV", date(2026, 5, 1), 74.5),
    )
    for found in (long, wide, workbook):
        assert found.accepted, found.findings.told()
        assert found.values == wanted


@pytest.mark.parametrize(
    ("line", "column", "said"),
    [
        ("cancer-28-day-faster,RVV,2026-04,74,", "measure", f"is not known. Near: {FDS}"),
        (f"{FDS},RVV9,2026-04,74,", "organisation", "RVV9 is not known. Near: RVV."),
        (f"{FDS},,2026-04,74,", "organisation", "There is no organisation"),
        (f"{FDS},RVV,2026-13,74,", "from", "2026-13 is no month"),
        (f"{FDS},RVV,04/13/2026,74,", "from", "no date with the day first"),
        (f"{FDS},RVV,2026-04,seventy,", "value", "seventy is not a figure."),
        (f"{FDS},RVV,2026-04,,", "value", "There is no value"),
        (f'{FDS},RVV,2026-04,"74,5",', "value", "decimal comma"),
        (f"{FDS},RVV,2026-04,0.74,", "value", "looks like a share. Write it as per cent: 74."),
        (f"{FDS},RVV,2026-04,740,", "value", "more than 100%"),
        (f"{FDS},RVV,2026-04,-1,", "value", "below 0"),
        (f"{FDS},RVV,2026-04,74,=1+1", "note", "cannot begin with ="),
        (f"{FDS},RVV,2026-04,74,\u202eevil", "note", "turns the direction of text"),
        ("gp-fully-qualified-fte-rate,RVV,2026-04,4,", "measure", "is not counted by month"),
        (f"{FDS},RVV,2026-03,70,", "from", "stands in line 2 too"),
    ],
)
def test_an_error_names_its_line_and_column_and_refuses_the_whole_file(
    line: str, column: str, said: str
) -> None:
    found = checked(f"{HEAD}{FDS},RVV,2026-03,70,\n{line}\n")
    assert not found.accepted
    errors = [item for item in found.findings.told() if item.level == "error"]
    assert [(item.line, item.column) for item in errors] == [(3, column)]
    assert said in errors[0].message


def test_what_is_no_plan_is_refused() -> None:
    assert "The headings are not found" in checked("a,b\n1,2\n").findings.told()[0].message
    assert "The file has no figure" in checked(HEAD).findings.told()[0].message
    forbidden = check_plan_file(
        RawFile("plan.csv", f"{HEAD}{FDS},RVV,2026-04,74,\n".encode()), CATALOGUE, lambda code: code == "RWF"
    )
    assert "You may not write about RVV" in forbidden.findings.told()[0].message
    with pytest.raises(UnreadableFileError, match="wanted text in UTF-8"):
        check_plan_file(RawFile("plan.csv", HEAD.encode() + b"\xff\xfe,"), CATALOGUE)
