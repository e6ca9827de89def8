"""The provider workbook: what bites first in it, and what contradicts itself."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime

import numpy as np
import pandas as pd
import pytest

from db.domain import ALL, ENGLAND, Basis, Maturity, OrganisationType, Period
from etl.pipeline.recognise import source_of
from etl.source import Hints, ParsedFile, RawFile, SourceError
from etl.sources.diagnostics import SOURCE
from tests.support.publications.diagnostics_files import (
    GASTROSCOPY,
    MRI,
    NAME,
    ULTRASOUND,
    Sheets,
    Waiting,
    raw_workbook,
    sheets,
)

OVER_6, OVER_13 = "diagnostics-over-6-weeks", "diagnostics-over-13-weeks"
LIST, ACTIVITY = "diagnostics-waiting-list", "diagnostics-activity"
ROWS = (
    Waiting("RVV", MRI, {0: 60, 5: 20, 6: 10, 13: 10}, (5, 20, 100)),
    Waiting("RVV", GASTROSCOPY, {1: 30, 12: 20}, (4, 0, 30)),
    Waiting("RWF", ULTRASOUND, {0: 40}, (0, 7, 50)),
    Waiting("NTPAA", MRI, {2: 8, 7: 2}, (0, 0, 9)),
    Waiting("G82020", ULTRASOUND, {3: 3}, (0, 0, 2), region="Y56"),
)
HEADER, ENGLAND_ROW, FIRST = 13, 14, 16


def book(**changed: object) -> Sheets:
    return sheets(ROWS, **changed)  # type: ignore[arg-type]


def parsed(of: Sheets | None = None, name: str = NAME, hints: Hints = Hints()) -> ParsedFile:
    return SOURCE.parse(raw_workbook(of or book(), name), hints)


def found(frame: pd.DataFrame, indicator: str, code: str, breakdown: str = ALL) -> tuple[float, float, float]:
    row = frame[
        (frame["indicator"] == indicator)
        & (frame["organisation"] == code)
        & (frame["breakdown"] == breakdown)
    ]
    (figures,) = row[["numerator", "denominator", "value"]].to_numpy(dtype=float).tolist()
    return tuple(figures)


def test_what_waits_too_long_is_counted_from_six_weeks_on() -> None:
    assert source_of(raw_workbook(book())) is SOURCE
    frame = parsed().frame
    numerator, denominator, value = found(frame, OVER_6, "RVV")
    assert (numerator, denominator) == (40, 150)
    assert value == pytest.approx(100 * 40 / 150)
    assert found(frame, OVER_13, "RVV")[:2] == (10, 150)
    assert found(frame, LIST, "RVV")[2] == 150
    assert set(frame["period"]) == {Period.month(2025, 4).key}


def test_all_tests_are_never_added_to_the_tests() -> None:
    frame = parsed().frame
    assert found(frame, OVER_6, "RVV", "test: MRI")[:2] == (20, 100)
    assert found(frame, OVER_6, "RVV", "test: Gastroscopy")[:2] == (20, 50)
    assert found(frame, OVER_6, "RVV", "test group: Imaging")[:2] == (20, 100)
    assert found(frame, OVER_6, ENGLAND, "test: MRI")[:2] == (22, 110)
    assert not any("Total" in key for key in frame["breakdown"].unique())
    one = frame[(frame["organisation"] == "RVV") & (frame["indicator"] == LIST)]
    assert one[one["breakdown"] == ALL]["value"].item() == one[one["breakdown"] != ALL]["value"].sum()


def test_tests_done_are_the_sum_of_three_kinds() -> None:
    frame = parsed().frame
    assert found(frame, ACTIVITY, "RVV")[2] == 159
    kinds = {kind: found(frame, ACTIVITY, "RVV", f"kind: {kind}")[2] for kind in ("Planned", "Unscheduled")}
    assert kinds == {"Planned": 9, "Unscheduled": 20}
    assert found(frame, ACTIVITY, "RVV", "kind: Waiting list")[2] == 130


def test_england_is_printed_and_regions_are_sums_of_all_providers() -> None:
    frame = parsed().frame
    assert found(frame, OVER_6, ENGLAND)[:2] == (42, 203)
    assert found(frame, OVER_6, "Y59")[:2] == (42, 200)
    assert found(frame, LIST, "Y56")[2] == 3
    rows = frame[(frame["breakdown"] == ALL) & (frame["indicator"] == OVER_6)].set_index("organisation")
    assert (rows.loc[ENGLAND, "basis"], rows.loc["Y59", "basis"]) == (Basis.NATIONAL, Basis.PROVIDER)
    assert rows["derived"].to_dict()["Y59"]
    assert not rows["derived"].to_dict()[ENGLAND]


def test_an_empty_list_is_no_share_and_a_test_without_a_row_is_none() -> None:
    parsed_file = parsed(book(empty=["RPA"]))
    frame = parsed_file.frame
    row = frame[(frame["organisation"] == "RPA") & (frame["indicator"] == OVER_6)]
    assert row[["numerator", "denominator", "missing_reason"]].to_numpy().tolist() == [
        [0, 0, "nobody is on the list"]
    ]
    assert np.isnan(row["value"].item())
    assert found(frame, LIST, "RPA")[2] == 0
    assert "test: CT" not in set(frame[frame["organisation"] == "RVV"]["breakdown"])


def test_who_did_not_submit_is_named_and_has_no_figure() -> None:
    parsed_file = parsed(book(absent=[("RP5", "DONCASTER AND BASSETLAW")]))
    rows = parsed_file.frame[parsed_file.frame["organisation"] == "RP5"]
    assert set(rows["missing_reason"]) == {"not submitted"}
    assert set(rows["indicator"]) == {OVER_6, OVER_13, LIST, ACTIVITY}
    assert rows[["numerator", "denominator", "value"]].isna().all(axis=None)
    (finding,) = parsed_file.findings
    assert "RP5 DONCASTER AND BASSETLAW" in finding.message
    with pytest.raises(SourceError, match=r"sheet 'Notes', row 7: .* found 'RVV', which has figures"):
        parsed(book(absent=[("RVV", "EAST KENT")]))


def test_providers_that_are_no_trusts_are_told_apart() -> None:
    kinds = {item.code: item.type for item in parsed().organisations}
    assert kinds == {
        "NTPAA": OrganisationType.INDEPENDENT_PROVIDER,
        "G82020": OrganisationType.PRACTICE,
    }


@pytest.mark.parametrize(
    ("revised", "day", "maturity"),
    [
        ("", date(2025, 6, 12), Maturity.PROVISIONAL),
        ("10th July 2025", date(2025, 7, 10), Maturity.REVISED),
        (datetime(2025, 7, 10), date(2025, 7, 10), Maturity.REVISED),
    ],
)
def test_the_label_block_says_whether_it_is_revised(revised: object, day: date, maturity: Maturity) -> None:
    name = "Monthly-Diagnostics-Web-File-Provider-April-2025.xlsx"
    parsed_file = parsed(book(revised=revised), name)
    assert parsed_file.published_on == day
    assert set(parsed_file.frame["maturity"]) == {maturity}


def test_a_month_may_be_a_date_and_is_the_one_of_the_name() -> None:
    assert set(parsed(book(period=datetime(2025, 4, 1))).frame["period"]) == {Period.month(2025, 4).key}
    with pytest.raises(SourceError, match="says April 2025, but the file name says May 2025"):
        parsed(name=NAME.replace("April", "May"))
    with pytest.raises(SourceError, match=r"sheet 'Provider': wanted 'Period:' with a month on top"):
        parsed(book(period="2025"))


def test_a_commissioners_workbook_is_refused_in_plain_words() -> None:
    raw = raw_workbook(book(basis="Commissioner"), NAME.replace("Provider", "Commissioner"))
    assert source_of(raw) is SOURCE
    with pytest.raises(
        SourceError, match=r"wanted 'Basis:' Provider \(commissioners' figures are read from the full extract"
    ):
        SOURCE.parse(raw, Hints())


Change = Callable[[Sheets], object]


def cell(sheet: str, row: int, column: int, value: object) -> Change:
    return lambda of: of[sheet][row].__setitem__(column, value)


def swapped(row: int, first: int, second: int) -> Change:
    def change(of: Sheets) -> None:
        for name, columns in (("Provider", (first, second)), ("Provider by Test", (first + 2, second + 2))):
            cells = of[name][row]
            cells[columns[0]], cells[columns[1]] = cells[columns[1]], cells[columns[0]]

    return change


def without(sheet: str, row: int) -> Change:
    return lambda of: of[sheet].pop(row)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda of: of.pop("Provider by Test"),
            r"wanted sheets 'Provider' and 'Provider by Test', found only",
        ),
        (without("Provider", ENGLAND_ROW), r"sheet 'Provider', row 16: wanted England's row 'Total' first"),
        (
            without("Provider by Test", ENGLAND_ROW),
            r"'Provider by Test', row 16: wanted England's row 'Total'",
        ),
        (without("Provider", FIRST + 1), r"'Provider', row 15 \(Total\): wanted 'Total Waiting List' of 163"),
        (
            without("Provider by Test", FIRST),
            r"'Provider', row 17 \(RVV\): wanted 'Total Waiting List' of 50",
        ),
        (without("Provider by Test", FIRST + 2), r"row 15 \(Total\): wanted 'Total Waiting List' of 53"),
        (without("Provider", HEADER), r"sheet 'Provider': wanted a header row with 'Provider Code'"),
        (swapped(HEADER, 24, 25), r"wanted a column 'Planned tests / procedures' after '13\+ weeks'"),
        (swapped(HEADER, 6, 7), r"wanted a column 'Number waiting 6\+ Weeks' after 'Total Waiting List'"),
        (cell("Provider", HEADER, 8, "Percent"), r"row 14: wanted a column 'Percentage waiting 6\+ weeks'"),
        (cell("Provider", HEADER, 10, ""), r"row 14: wanted a column '01 <02 weeks' after '00 <01 weeks'"),
        (cell("Provider", HEADER, 27, "More"), r"as the last column, found 'More' after it"),
        (cell("Provider", FIRST, 8, "0,2667"), r"'Provider', row 17: wanted a number, found '0,2667'"),
        (cell("Provider", FIRST, 5, "15,0"), r"'Provider', row 17: wanted a number, found '15,0'"),
        (cell("Provider", FIRST, 8, 0.26), r"\(RVV\): wanted 'Percentage waiting 6\+ weeks' of 0.266667"),
        (cell("Provider", FIRST, 5, 151), r"\(RVV\): wanted 'Total Waiting List' of 150, as the bands"),
        (cell("Provider", FIRST, 6, 41), r"\(RVV\): wanted 'Number waiting 6\+ Weeks' of 40"),
        (cell("Provider", FIRST, 7, 9), r"\(RVV\): wanted 'Number waiting 13\+ Weeks' of 10"),
        (
            cell("Provider", FIRST, 5, "-"),
            r"\(RVV\): wanted a whole number in 'Total Waiting List'.*found none",
        ),
        (
            cell("Provider", FIRST, 24, -9),
            r"wanted a whole number in 'Planned tests / procedures', 0 or more",
        ),
        (cell("Provider", FIRST, 25, 21), r"row 15 \(Total\): wanted 'Unscheduled tests / procedures' of 28"),
        (cell("Provider", FIRST, 3, "R V V"), r"row 17: wanted an organisation's code, found 'R V V'"),
        (cell("Provider", FIRST, 3, "RVX"), r"'Provider by Test', row 17 \(RVV, MRI\): wanted RVV in sheet"),
        (cell("Provider", FIRST, 1, "RVV"), r"row 17: wanted a region's code, such as Y59, found 'RVV'"),
        (cell("Provider", FIRST, 1, "Y58"), r"row 17 \(RVV, MRI\): wanted Y58 and 'Trust RVV', as in sheet"),
        (
            cell("Provider by Test", FIRST, 5, 2.0),
            r"wanted a test's number with its own name, found '2' with",
        ),
        (cell("Provider by Test", FIRST, 5, 17.0), r"wanted a test's number with its own name, found '17'"),
        (
            cell("Provider by Test", 4, 2, "March 2025"),
            "says April 2025, but sheet 'Provider by Test' says March",
        ),
        (
            cell("Provider", 8, 2, "later"),
            r"wanted a day in 'Revised:', such as 12th June 2025, found 'later'",
        ),
    ],
)
def test_a_workbook_that_contradicts_itself_is_refused(change: Change, message: str) -> None:
    spoilt = deepcopy(book())
    change(spoilt)
    with pytest.raises(SourceError, match=f"^{NAME}.*{message}"):
        parsed(spoilt)


def test_rows_that_stand_twice_are_refused() -> None:
    spoilt = book()
    spoilt["Provider by Test"].append(spoilt["Provider by Test"][FIRST])
    with pytest.raises(
        SourceError, match=r"row 26 \(RVV, MRI\): wanted RVV once, also in row 17|found also in"
    ):
        parsed(spoilt)


def test_a_workbook_without_notes_says_that_nobody_knows_who_is_missing() -> None:
    spoilt = book()
    del spoilt["Notes"]
    (finding,) = parsed(spoilt).findings
    assert "wanted a sheet 'Notes' with a list of those that did not submit" in finding.message


def test_another_publications_workbook_is_none_of_ours() -> None:
    other = book()
    for name in ("Provider", "Provider by Test"):
        other[name][1][2] = "Cancelled operations"
    assert not SOURCE.recognise(raw_workbook(other))
    assert not SOURCE.recognise(RawFile(NAME, b"PK\x03\x04 no workbook"))
