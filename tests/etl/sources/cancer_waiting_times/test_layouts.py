"""Cancer waiting times: layouts that we have only by description, and files that must be refused.

All figures here are invented; the headers are the publisher's.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence

import numpy as np
import openpyxl
import pandas as pd
import pytest

from db.domain import Maturity, Period, Severity
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError, UnreadableFileError
from etl.sources.cancer_waiting_times import SOURCE
from etl.sources.cancer_waiting_times.dating import DatingError
from tests.etl.sources.test_spoilt_files import MONTHLY, as_csv
from tests.support.publications.workbooks import workbook

FDS, DAYS_31, DAYS_62 = "cancer-28-day-faster-diagnosis", "cancer-31-day-combined", "cancer-62-day-combined"
Rows = list[list[object]]
Sheets = dict[str, Rows]
NAME = "OCTOBER-2023-CWT-CRS-PROVIDER-WORKBOOK-FINAL.xlsx"
FDS_TITLE = "FOUR WEEK (28 DAYS) WAIT FROM URGENT REFERRAL TO PATIENT TOLD THEY HAVE CANCER: ALL ROUTES"
TITLE_31 = (
    "ONE MONTH (31-DAY) WAIT FROM A DECISION TO TREAT/EARLIEST CLINICALLY APPROPRIATE DATE TO TREATMENT"
)
TITLE_62 = (
    "TWO MONTH (62-DAY) WAIT FROM AN URGENT SUSPECTED CANCER OR BREAST SYMPTOMATIC REFERRAL TO TREATMENT"
)


def table(title: str, labels: list[str], blocks: Sequence[Sequence[tuple[object, ...]]], days: int) -> Rows:
    """A monthly table of one trust, whose figures are England's too; a row is members, total and within."""
    rows: Rows = [[title], ["Oct-23"], ["BASIS: PROVIDER BASED"], ["DEFINITIONS"], [], []]
    for block in blocks:
        rows += [["PART A: ALL"], ["", "", "", "NUMBER OF PEOPLE"]]
        rows += [["", "ODS CODE (1)", "ACCOUNTABLE PROVIDER", *labels, "TOTAL", f"WITHIN {days} DAYS"]]
        rows[-1] += [f"AFTER {days} DAYS", f"TREATED WITHIN {days} DAYS", " ", f"WITHIN {days} DAYS "]
        for code, name in (("RVV", "EAST KENT"), ("", "ALL ENGLISH PROVIDERS")):
            rows += [["", code, name, *members, *figures(total, within)] for *members, total, within in block]
            rows += [[]]
    return rows


def figures(total: object, within: object) -> list[object]:
    assert isinstance(total, float | int)
    assert isinstance(within, float | int)
    return [total, within, total - within, within / total, "", within]


def monthly_sheets() -> Sheets:
    """A monthly workbook of October 2023: 10 told, 8 in time; 6 treated in 31 days; 4.5 treated in 62 days."""
    stage, route, cancer, modality = (
        "TREATMENT STAGE",
        "REFERRAL ROUTE",
        "CANCER TYPE (3)",
        "TREATMENT MODALITY",
    )
    told = [
        ("URGENT SUSPECTED CANCER", "Suspected lung cancer", 7, 6),
        ("NATIONAL SCREENING PROGRAMME", "Missing or Invalid", 3, 2),
    ]
    first, upgrade = "First Treatment", "Consultant Upgrade"
    prostate, other = "Urological - Prostate", "Urological - Other (a)"
    return {
        "Frontpage": [[], ["Status: Final Official Statistics"], ["October 2023"]],
        "28-DAY FDS (ALL ROUTES)": table(FDS_TITLE, [route], [[("ALL ROUTES", 10, 8)]], 28),
        "28-DAY FDS (BY ROUTE)": table(
            FDS_TITLE, [route, "SUSPECTED CANCER OR BREAST SYMPTOMATIC (2)"], [told], 28
        ),
        "31-DAY (ALL CANCER)": table(
            TITLE_31,
            [stage, "CANCER TYPE"],
            [[("ALL STAGES", "ALL CANCERS", 6, 5)], [(first, "ALL CANCERS", 6, 5)]],
            31,
        ),
        "31-DAY (BY CANCER)": table(
            TITLE_31, [stage, cancer], [[("ALL STAGES", "Lung", 6, 5)], [(first, "Lung", 6, 5)]], 31
        ),
        "31-DAY (BY TREATMENT MODALITY)": table(
            TITLE_31, [stage, modality], [[("ALL STAGES", "Surgery", 6, 5)], [(first, "Surgery", 6, 5)]], 31
        ),
        "62-DAY (ALL CANCER)": table(
            TITLE_62,
            [route, "CANCER TYPE"],
            [[("ALL ROUTES", "ALL CANCERS", 4.5, 3)], [(upgrade, "ALL CANCERS", 4.5, 3)]],
            62,
        ),
        "62-DAY (BY CANCER)": table(
            TITLE_62,
            [route, cancer],
            [
                [("ALL ROUTES", prostate, 2.5, 2), ("ALL ROUTES", other, 2, 1)],
                [(upgrade, prostate, 2.5, 2), (upgrade, other, 2, 1)],
            ],
            62,
        ),
        "62-DAY (BY TREATMENT MODALITY)": table(
            TITLE_62,
            [route, modality],
            [[("ALL ROUTES", "Surgery", 4.5, 3)], [(upgrade, "Surgery", 4.5, 3)]],
            62,
        ),
    }


def parse(
    name: str, content: bytes, period: Period | None = None, maturity: Maturity | None = None
) -> ParsedFile:
    return SOURCE.parse(RawFile(name, content), Hints(period=period, maturity=maturity))


def counts(frame: pd.DataFrame, indicator: str, organisation: str, breakdown: str) -> tuple[float, float]:
    found = frame[
        (frame["indicator"] == indicator)
        & (frame["organisation"] == organisation)
        & (frame["breakdown"] == breakdown)
    ]
    assert len(found) == 1
    return float(found["numerator"].iloc[0]), float(found["denominator"].iloc[0])


def test_the_monthly_workbook_with_its_sums() -> None:
    frame = parse(NAME, workbook(monthly_sheets())).frame
    assert counts(frame, FDS, "RVV", "all") == (8, 10)
    assert counts(frame, FDS, "RVV", "route: National screening programme") == (2, 3)
    assert counts(frame, FDS, "ENG", "tumour group: Suspected lung cancer") == (6, 7)
    assert counts(frame, DAYS_31, "RVV", "modality: Surgery; stage: First treatment") == (5, 6)
    assert counts(frame, DAYS_62, "RVV", "tumour group (ten): Urological") == (3, 4.5)
    assert counts(
        frame, DAYS_62, "RVV", "route: Consultant upgrade; tumour group: Urological - Prostate"
    ) == (2, 2.5)
    assert set(frame["maturity"]) == {Maturity.FINAL}
    assert set(frame["period"]) == {Period.month(2023, 10).key}
    derived = frame.loc[frame["derived"], "breakdown"]
    assert set(derived.str.split(": ").str[0]) == {"route", "tumour group", "tumour group (ten)"}


def replaced(sheet: str, row: int, column: int, value: object) -> Callable[[Sheets], None]:
    def change(sheets: Sheets) -> None:
        sheets[sheet][row - 1][column - 1] = value

    return change


def without(sheet: str) -> Callable[[Sheets], None]:
    def change(sheets: Sheets) -> None:
        del sheets[sheet]

    return change


def repeated(sheet: str, row: int) -> Callable[[Sheets], None]:
    def change(sheets: Sheets) -> None:
        sheets[sheet].insert(row - 1, list(sheets[sheet][row - 1]))

    return change


ALL_62 = "62-DAY (ALL CANCER)"
SPOILT: list[tuple[Callable[[Sheets], None], str]] = [
    (without("31-DAY (BY CANCER)"), "wanted the sheets '31-DAY (BY CANCER)'"),
    (replaced(ALL_62, 9, 6, "TOTALS"), f"sheet '{ALL_62}', row 9: wanted a column 'TOTAL', found 'TOTALS'"),
    (
        replaced(ALL_62, 9, 7, "WITHIN 63 DAYS"),
        f"sheet '{ALL_62}', row 9: wanted TOTAL, WITHIN 62 DAYS and AFTER 62 DAYS side by side",
    ),
    (replaced(ALL_62, 9, 4, "PATHWAY"), "row 9: wanted one of the columns"),
    (
        replaced(ALL_62, 9, 9, "MEDIAN"),
        "row 9: wanted the percentage to the right of the counts, found 'median'",
    ),
    (replaced(ALL_62, 1, 1, "WAIT FOR A BUS"), f"sheet '{ALL_62}', row 1: wanted the title"),
    (replaced(ALL_62, 2, 1, "Nov-23"), "wanted one month"),
    (replaced(ALL_62, 2, 1, "sometime"), f"sheet '{ALL_62}', row 2: wanted the month"),
    (replaced(ALL_62, 3, 1, "BASIS: OTHER"), "row 3: wanted 'BASIS: PROVIDER BASED'"),
    (replaced(ALL_62, 3, 1, "BASIS: COMMISSIONER BASED"), "wanted one basis in all sheets"),
    (replaced(ALL_62, 10, 2, "east kent"), "row 10: wanted an organisation's code, found 'east kent'"),
    (replaced(ALL_62, 10, 6, 2.5), f"sheet '{ALL_62}', row 10 (RVV): wanted a total not below its part"),
    (replaced(ALL_62, 10, 6, 5), "row 10 (RVV): wanted within and after to add up to the total"),
    (replaced(ALL_62, 10, 6, "many"), "row 10: wanted a number, found 'many'"),
    (replaced(ALL_62, 10, 6, ""), "row 10 (RVV): wanted a count in 'total', found total blank"),
    (replaced(ALL_62, 10, 7, -3), "row 10 (RVV): wanted whole or half patients in 'within'"),
    (replaced(ALL_62, 10, 7, 3.1), "row 10 (RVV): wanted whole or half patients in 'within'"),
    (replaced(ALL_62, 10, 9, 0.7), "row 10 (RVV): wanted a percentage that agrees with its counts"),
    (replaced(ALL_62, 12, 3, "SOMEBODY"), "wanted an organisation's code"),
    (repeated(ALL_62, 10), f"row 11: wanted each organisation once for {DAYS_62}, found also at"),
    (replaced("62-DAY (BY CANCER)", 11, 4, "Screening"), "wanted breakdowns that add up to their headline"),
    (
        replaced("Frontpage", 2, 1, "Status: Provisional Official Statistics"),
        "says provisional, but the file name says final",
    ),
]


@pytest.mark.parametrize(("spoil", "said"), SPOILT, ids=[said for _, said in SPOILT])
def test_a_changed_workbook_is_refused_naming_the_place(spoil: Callable[[Sheets], None], said: str) -> None:
    sheets = monthly_sheets()
    spoil(sheets)
    raw = RawFile(NAME, workbook(sheets))
    assert SOURCE.recognise(raw)
    with pytest.raises(SourceError) as caught:
        SOURCE.parse(raw, Hints())
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"<html><body>Not found</body></html>", "is a web page"),
        (workbook({"A": [["x"]]})[:2000], "cut short"),
    ],
)
def test_what_is_no_data_file_is_refused(content: bytes, said: str) -> None:
    assert not SOURCE.recognise(RawFile(NAME, content))
    with pytest.raises(UnreadableFileError, match=said):
        parse(NAME, content)


def test_another_publication_is_refused() -> None:
    with pytest.raises(LayoutError, match="wanted a known layout of the cancer waiting times statistics"):
        parse(NAME, workbook({"Sheet1": [["Area", "Value"], ["Kent", 1]]}))


def test_name_and_hints_must_not_contradict_the_file() -> None:
    content = workbook(monthly_sheets())
    with pytest.raises(DatingError, match="holds October 2023, but its name says November 2023"):
        parse(NAME.replace("OCTOBER", "NOVEMBER"), content)
    with pytest.raises(DatingError, match="September 2023 was asked for or announced"):
        parse(NAME, content, period=Period.month(2023, 9))
    with pytest.raises(DatingError, match="says final, but the request"):
        parse(NAME, content, maturity=Maturity.PROVISIONAL)


def test_an_unknown_label_is_kept_and_said() -> None:
    sheets = monthly_sheets()
    for row in (10, 12, 17, 19):
        sheets["31-DAY (BY CANCER)"][row - 1][4] = "Thyroid; other (b)"
    parsed = parse(NAME, workbook(sheets))
    assert counts(parsed.frame, DAYS_31, "RVV", "tumour group: Thyroid, other") == (5, 6)
    assert [(finding.severity, finding.count) for finding in parsed.findings] == [(Severity.WARNING, 1)]


def csv_of(rows: Rows) -> bytes:
    width = max(map(len, rows))
    text = io.StringIO()
    frame = pd.DataFrame([[*row, *[""] * (width - len(row))] for row in rows])
    frame.to_csv(text, header=False, index=False, lineterminator="\r\n")
    return text.getvalue().encode()


def test_a_numbered_csv_of_2024() -> None:
    rows = table(TITLE_62, ["REFERRAL ROUTE", "CANCER TYPE"], [[("ALL ROUTES", "ALL CANCERS", 4.5, 3)]], 62)
    name = "7.-62-Day-Combined-All-Cancers-Provider-Data.csv"
    frame = parse(name, csv_of(rows), maturity=Maturity.FINAL, period=Period.month(2023, 10)).frame
    assert counts(frame, DAYS_62, "RVV", "all") == (3, 4.5)
    assert frame["value"].tolist() == pytest.approx([200 / 3, 200 / 3])
    with pytest.raises(DatingError, match="nothing says whether its figures are provisional or final"):
        parse(name, csv_of(rows))
    short = csv_of(rows).rsplit(b",ALL ENGLISH", 1)[0].rsplit(b"\r\n", 1)[0]
    with pytest.raises(LayoutError, match="wanted England's row at the end of the table"):
        parse(name, short, maturity=Maturity.FINAL)


OLD_62 = "62-DAY (URGENT GP REFERRAL TO TREATMENT) WAIT FOR FIRST TREATMENT: ALL CANCERS"


def old_csv(period: str) -> bytes:
    labels = ["", "ODS CODE (1)", "ACCOUNTABLE PROVIDER (4) (5)", "CARE SETTING (2)", "CANCER TYPE", "TOTAL"]
    labels += ["WITHIN 62 DAYS", "AFTER 62 DAYS", "TREATED WITHIN 62 DAYS"]
    rows: Rows = [[OLD_62], [period], ["BASIS: PROVIDER BASED"], [], [], [], []]
    for setting, total, within in (("ADMITTED", 4, 3), ("NON-ADMITTED", 2.5, 2), ("ALL CARE", 6.5, 5)):
        rows += [[f"PART: {setting}"], ["", "", "", "", "", "NUMBER", "", "", "PERCENTAGE"], [*labels]]
        tail = [setting, "ALL CANCERS", total, within, total - within, f"{100 * within / total:.2f}%"]
        rows += [["", "RVV", "EAST KENT", *tail], [], ["", "", "ALL ENGLISH PROVIDERS", *tail], []]
    return csv_of(rows)


@pytest.mark.parametrize("period", ["PERIOD: February 2017", "Feb-17", "42767", ""])
def test_an_old_csv_is_dated_by_its_second_line_or_its_name(period: str) -> None:
    frame = parse("201702-11.-62-Day-Wait-Provider-Data.csv", old_csv(period)).frame
    assert frame["period"].unique().tolist() == [Period.month(2017, 2).key]
    assert counts(frame, "cancer-62-day-urgent-referral", "RVV", "all") == (5, 6.5)
    assert len(frame) == 2
    assert frame["value"].tolist() == [76.92, 76.92]
    assert set(frame["maturity"]) == {Maturity.PROVISIONAL}


def test_an_undatable_file_is_refused() -> None:
    with pytest.raises(DatingError, match="cannot be dated"):
        parse("11.-62-Day-Wait-Provider-Data.csv", old_csv(""))


OLD_TABLES = {
    "TWO WEEK WAIT-ALL CANCER": (
        "ALL CANCERS TWO WEEK WAIT",
        14,
        "SUSPECTED TYPE OF CANCER",
        "ALL SUSPECTED CANCER",
    ),
    "TWO WEEK WAIT-BREAST SYMPTOMS": (
        "TWO WEEK WAIT-EXHIBITED BREAST SYMPTOMS (X)",
        14,
        "SUSPECTED TYPE OF CANCER",
        "Exhibited (non-cancer) breast symptoms - cancer not initially suspected",
    ),
    "62-DAY (ALL CANCER)": (OLD_62, 62, "CANCER TYPE", "ALL CANCERS"),
    "62-DAY (CONSULTANT UPGRADE)": (
        "62-DAY WAIT FOR FIRST TREATMENT FROM CONSULTANT UPGRADE: ALL CANCERS",
        62,
        "CANCER TYPE",
        "ALL CANCERS",
    ),
    "62-DAY (SCREENING)": (
        "62-DAY WAIT FOR FIRST TREATMENT FROM SCREENING SERVICE REFERRAL: ALL CANCERS",
        62,
        "CANCER TYPE",
        "ALL CANCERS",
    ),
    "31-DAY FIRST TREAT (ALL CANCER)": (
        "31-DAY (DIAGNOSIS TO TREATMENT) WAIT FOR FIRST TREATMENT: ALL CANCERS",
        31,
        "CANCER TYPE",
        "ALL CANCERS",
    ),
    "31-DAY SUB TREAT (SURGERY)": (
        "31-DAY WAIT FOR SECOND OR SUBSEQUENT TREATMENT: SURGERY",
        31,
        "TREATMENT TYPE",
        "SURGERY",
    ),
    "31-DAY SUB TREAT (DRUGS)": (
        "31-DAY WAIT FOR SECOND OR SUBSEQUENT TREATMENT: ANTI CANCER DRUG TREATMENTS",
        31,
        "TREATMENT TYPE",
        "DRUGS",
    ),
    "31-DAY SUB TREAT (RADIOTHERAPY)": (
        "31-DAY WAIT FOR SECOND OR SUBSEQUENT TREATMENT: RADIOTHERAPY TREATMENTS",
        31,
        "TREATMENT TYPE",
        "RADIOTHERAPY",
    ),
}
"""An old workbook's sheets: each table's title, days, column of members and the member that is all of them."""


def old_provider_workbook() -> Sheets:
    """A provider workbook of December 2019 as described: other header rows, three blocks by care setting, bands."""
    sheets: Sheets = {"Frontpage": [["Status: Final Official Statistics"]]}
    for number, (name, (title, days, column, member)) in enumerate(OLD_TABLES.items()):
        rows: Rows = [
            [title],
            ["PERIOD: DEC 2019/20"],
            ["BASIS: PROVIDER BASED"],
            *[[] for _ in range(3 + number % 3)],
        ]
        settings = ["ADMITTED", "ALL CARE"] if days > 14 else [None]
        for setting in settings:
            care = ["CARE SETTING (2)"] if setting else []
            rows += [
                [
                    "",
                    "ODS CODE (1)",
                    "ACCOUNTABLE PROVIDER (4) (5) ",
                    *care,
                    column,
                    "TOTAL",
                    f"WITHIN {days} DAYS",
                ]
            ]
            rows[-1] += [f"AFTER {days} DAYS", f"SEEN WITHIN {days} DAYS", "", f"WITHIN {days} DAYS"]
            kept = [setting] if setting else []
            rows += [["", "RVV", "EAST KENT", *kept, member, *figures(10 + number, 9)], []]
        sheets[name] = rows
    return sheets


def test_an_old_provider_workbook_is_read_by_its_header_wherever_it_stands() -> None:
    name = "DECEMBER-2019-CANCER-WAITING-TIMES-PROVIDER-WORKBOOK-FINAL.xlsx"
    parsed = parse(name, workbook(old_provider_workbook()))
    frame = parsed.frame
    assert parsed.layout == "monthly-workbook-old-standards"
    assert len(frame) == 9
    assert set(frame["breakdown"]) == {"all"}
    assert set(frame["period"]) == {Period.month(2019, 12).key}
    assert counts(frame, "cancer-31-day-subsequent-drugs", "RVV", "all") == (9, 17)
    assert set(frame["basis"]) == {"provider"}


def test_a_treatment_type_on_the_wrong_sheet_is_refused() -> None:
    sheets = old_provider_workbook()
    for row in sheets["31-DAY SUB TREAT (DRUGS)"]:
        row[:] = ["SURGERY" if cell == "DRUGS" else cell for cell in row]
    with pytest.raises(LayoutError, match="wanted the treatment type 'drugs', found 'surgery'"):
        parse("DECEMBER-2019-PROVIDER-WORKBOOK-FINAL.xlsx", workbook(sheets))


EXTRACT = [
    "PERIOD",
    "YEAR",
    "MONTH",
    "STANDARD",
    "ORG CODE",
    "STAGE/ROUTE",
    "TREATMENT MODALITY",
    "CANCER TYPE",
]
EXTRACT += ["TOTAL TREATED", "WITHIN STANDARD", "BREACHES"]


def extract_rows() -> Rows:
    month = ["2024-04-01", "2024/25", "APR"]
    treated = [*month, "62-day Combined", "RVV"]
    return [
        list(EXTRACT),
        [*month, "28-day FDS", "RVV", "URGENT SUSPECTED CANCER", "", "Suspected lung cancer", 7, 6, 1],
        [*treated, "Screening", "ALL MODALITIES", "Breast", 2.5, 2, 0.5],
        [*treated, "Consultant Upgrade", "ALL MODALITIES", "Breast", 1, 1, 0],
        [*treated, "Screening", "Surgery", "ALL CANCERS", 2.5, 2, 0.5],
        [*treated, "Consultant Upgrade", "Surgery", "ALL CANCERS", 1, 1, 0],
    ]


def provider_extract(rows: Rows) -> bytes:
    return workbook({"CWT CRS Provider Extract": rows})


def test_an_extract_counts_each_patient_once() -> None:
    frame = parse("CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx", provider_extract(extract_rows())).frame
    assert counts(frame, DAYS_62, "RVV", "all") == (3, 3.5)
    assert counts(frame, DAYS_62, "RVV", "modality: Surgery") == (3, 3.5)
    assert counts(frame, DAYS_62, "RVV", "tumour group (ten): Breast") == (3, 3.5)
    assert counts(frame, FDS, "RVV", "all") == (6, 7)
    assert frame["value"].isna().all()
    assert set(frame["maturity"]) == {Maturity.PROVISIONAL}


@pytest.mark.parametrize(
    ("row", "column", "value", "said"),
    [
        (1, 9, "TOTAL PEOPLE", "row 1: wanted one of the columns 'TOTAL TREATED', 'TOTAL'"),
        (1, 11, "LATE", "row 1: wanted a column 'BREACHES', found"),
        (2, 1, "soon", "row 2: wanted a month in 'PERIOD', found 'soon'"),
        (2, 3, "MAY", "row 2: wanted the month April 2024, found 'MAY'"),
        (2, 4, "14-day", "row 2: wanted one of '28-day fds'"),
        (3, 5, "", "row 3: wanted an organisation's code"),
        (3, 8, "ALL CANCERS", "row 3: wanted a cancer type over all modalities"),
        (5, 7, "ALL MODALITIES", "row 5: wanted each organisation once"),
        (5, 9, 3.5, "row 5 (RVV): wanted within and after to add up"),
    ],
)
def test_a_changed_extract_is_refused(row: int, column: int, value: object, said: str) -> None:
    rows = extract_rows()
    rows[row - 1][column - 1] = value
    if said.endswith("once"):
        rows[row - 1] = list(rows[3 - 1])
    with pytest.raises(LayoutError) as caught:
        parse("CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx", provider_extract(rows))
    assert said in str(caught.value)


def test_an_extract_is_read_wherever_it_stands_and_from_one_sheet_alone() -> None:
    name, rows = "CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx", extract_rows()
    expected = parse(name, provider_extract(rows)).frame
    moved: Sheets = {"Notes": [["Read me"]], "Data": [["Cancer waiting times"], [], *rows]}
    pd.testing.assert_frame_equal(parse(name, workbook(moved)).frame, expected)
    with pytest.raises(LayoutError, match="wanted rows of figures in one sheet, found 'April', 'May'"):
        parse(name, workbook({"April": rows, "May": rows}))


def test_months_of_a_name_that_the_file_lacks_are_told() -> None:
    rows = provider_extract(extract_rows())
    assert parse("CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx", rows).findings == ()
    (finding,) = parse("CWT-CRS-Apr-2024-to-Jun-2024-Data-Extract-Provider.xlsx", rows).findings
    assert (finding.severity, finding.count) == (Severity.WARNING, 2)
    assert finding.message.startswith("wanted the 3 months April 2024 to June 2024")


def test_an_extract_whose_modalities_do_not_add_up_is_refused() -> None:
    rows = extract_rows()[:-1]
    with pytest.raises(LayoutError, match="breakdowns that add up to their headline"):
        parse("CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx", provider_extract(rows))


def test_an_old_extract_is_summed_over_care_settings() -> None:
    header = [
        "PERIOD",
        "STANDARD",
        "ORG CODE",
        "CARE SETTING",
        "CANCER TYPE",
        "TOTAL TREATED",
        "WITHIN STANDARD",
        "BREACHES",
    ]
    exhibited = "Exhibited (non-cancer) breast symptoms - cancer not initially suspected"
    rows: Rows = [
        [*header],
        ["2020-04-01", "62 Days", "RVV", "ADMITTED", "Breast", 3, 2, 1],
        ["2020-04-01", "62 Days", "RVV", "NON-ADMITTED", "Breast", 1.5, 1, 0.5],
        ["2020-04-01", "62 Days", "RVV", "ADMITTED", "Lung", 2, 2, 0],
        ["2020-04-01", "2WW", "RVV", "", "Suspected lung cancer", 5, 4, 1],
        ["2020-04-01", "2WW", "RVV", "", exhibited, 6, 3, 3],
    ]
    name = "Cancer-Waiting-Times-2020-21-Data-Extract-Provider-Final.xlsx"
    parsed = parse(name, workbook({"Extract": rows}))
    frame = parsed.frame
    assert parsed.layout == "extract-old-standards"
    assert counts(frame, "cancer-62-day-urgent-referral", "RVV", "tumour group: Breast") == (3, 4.5)
    assert counts(frame, "cancer-62-day-urgent-referral", "RVV", "all") == (5, 6.5)
    assert counts(frame, "cancer-two-week-wait", "RVV", "all") == (4, 5)
    assert counts(frame, "cancer-two-week-wait-breast-symptoms", "RVV", "all") == (3, 6)
    with pytest.raises(LayoutError, match="row 7: wanted each organisation and cancer type once"):
        parse(name, workbook({"Extract": [*rows, rows[1]]}))


COMBINED = [
    "Period", "Basis", "Org_Code", "Parent_Org", "Org_Name", "Standard_or_Item", "Cancer_Type",
    "Referral_Route_or_Stage", "Treatment_Modality", "Total", "Within", "After", "Performance", "Within_14_days",
]  # fmt: skip


def combined_rows(period: str) -> Rows:
    rows: Rows = [list(COMBINED)]
    for basis, code, name in (
        ("Provider", "RVV", "East Kent"),
        ("Provider", "Total", "England"),
        ("Commissioner", "QKS", "Kent and Medway"),
        ("Commissioner", "UNKNOWN", "Unknown"),
        ("Commissioner", "Total", "England"),
    ):
        head = [period, basis, code, "South East", name]
        rows += [
            [*head, "FDS", "ALL CANCERS", "ALL ROUTES", "", 10, 8, 2, 0.8, 1],
            [*head, "FDS", "ALL CANCERS", "URGENT SUSPECTED CANCER", "", 10, 8, 2, 0.8, 1],
            [*head, "31D", "ALL CANCERS", "ALL STAGES", "ALL MODALITIES", 6, 5, 1, 5 / 6, ""],
            [*head, "31D", "ALL CANCERS", "Subsequent", "ALL MODALITIES", 6, 5, 1, 5 / 6, ""],
            [
                *head,
                "62D",
                "Haematological - Other (a)",
                "ALL ROUTES",
                "ALL MODALITIES",
                1.5,
                1,
                0.5,
                2 / 3,
                "",
            ],
            [*head, "62D", "ALL CANCERS", "ALL ROUTES", "ALL MODALITIES", 1.5, 1, 0.5, 2 / 3, ""],
            [*head, "Urgent Suspected Cancer referral", "ALL CANCERS", "", "", 9, "", "", "", 2],
        ]
    return rows


@pytest.mark.parametrize("period", ["2024-11-01", "01/11/2024"])
def test_the_combined_csv(period: str) -> None:
    name = "2024-25-Nov-Monthly-Combined-CSV-Final.csv"
    parsed = parse(name, csv_of(combined_rows(period)))
    frame = parsed.frame
    assert parsed.findings == ()
    assert set(frame["period"]) == {Period.month(2024, 11).key}
    assert counts(frame, DAYS_31, "QKS", "stage: Subsequent treatment") == (5, 6)
    assert counts(frame, DAYS_62, "RVV", "tumour group (ten): Haematological") == (1, 1.5)
    assert counts(frame, FDS, "ENG", "all") == (8, 10)
    bases = dict(zip(frame["organisation"], frame["basis"], strict=True))
    assert bases == {"RVV": "provider", "ENG": "national", "QKS": "commissioner", "UNK": "commissioner"}
    assert frame.loc[~frame["derived"], "value"].tolist() == pytest.approx(
        (100 * frame["numerator"] / frame["denominator"])[~frame["derived"]].tolist()
    )


def test_a_combined_csv_of_one_month_is_dated_by_its_name_or_by_hand() -> None:
    rows = [row[1:] for row in combined_rows("")]
    name = "APRIL-2026-Monthly-Combined-CSV-Provisional-New-ICB-Structure.csv"
    assert set(parse(name, csv_of(rows)).frame["period"]) == {Period.month(2026, 4).key}
    with pytest.raises(DatingError, match="cannot be dated"):
        parse("Monthly-Combined-CSV-Provisional.csv", csv_of(rows))
    by_hand = parse("Monthly-Combined-CSV-Final.csv", csv_of(rows), period=Period.month(2026, 5)).frame
    assert set(by_hand["period"]) == {Period.month(2026, 5).key}


def test_the_combined_workbook_is_the_csv_in_other_spelling() -> None:
    spelling = {"Referral_Route_or_Stage": "Referral Route/Stage", "Standard_or_Item": "Standard or Item"}
    rows = combined_rows("2024-11-01")
    rows[0] = [spelling.get(str(label), str(label).replace("_", " ")) for label in rows[0]]
    notes: Rows = [["note"]] * 14
    sheets: Sheets = {"Cover": [["About"]], "System Level Performance": [*notes, *rows]}
    parsed = parse("November-2024-Monthly-Combined-Workbook-Final.xlsx", workbook(sheets))
    assert parsed.layout == "combined-workbook"
    original = parse(
        "November-2024-Monthly-Combined-CSV-Final.csv", csv_of(combined_rows("2024-11-01"))
    ).frame
    key = ["indicator", "organisation", "breakdown"]
    frames = [frame.astype(dict.fromkeys(key, str)).sort_values(key) for frame in (parsed.frame, original)]
    for column in (*key, "basis", "period", "maturity"):
        assert frames[0][column].tolist() == frames[1][column].tolist()
    assert np.array_equal(frames[0]["numerator"], frames[1]["numerator"])


def test_two_england_rows_that_differ_are_said_and_the_provider_one_kept() -> None:
    rows = combined_rows("2024-11-01")
    rows[-2][9:13] = [2.5, 2, 0.5, 0.8]
    parsed = parse("November-2024-Monthly-Combined-CSV-Final.csv", csv_of(rows))
    assert counts(parsed.frame, DAYS_62, "ENG", "all") == (1, 1.5)
    assert [(finding.severity, finding.count) for finding in parsed.findings] == [(Severity.WARNING, 1)]


@pytest.mark.parametrize(
    ("row", "column", "value", "said"),
    [
        (1, 10, "Totals", "row 1: wanted a column 'Total', found 'Totals'"),
        (2, 1, "spring", "row 2: wanted a month in 'Period'"),
        (2, 1, "", "row 2: wanted a month in 'Period', found a blank"),
        (2, 2, "Region", "row 2: wanted a known 'Basis', found 'Region'"),
        (2, 3, "", "row 2: wanted a known 'Org_Code'"),
        (3, 6, "2WW", "row 3 (RVV): wanted 'Standard_or_Item' one of"),
        (3, 6, "2WW", "found '2ww'"),
        (3, 6, "", "row 3 (RVV): wanted 'Standard_or_Item' one of"),
        (2, 10, 7, "row 2 (RVV): wanted a total not below its part"),
        (2, 10, "ten", "row 2, column Total: wanted a number, found 'ten'"),
        (2, 13, 0.9, "row 2 (RVV): wanted a percentage that agrees with its counts"),
        (3, 8, "ALL ROUTES", "row 3: wanted each organisation once"),
    ],
)
def test_a_changed_combined_csv_is_refused(row: int, column: int, value: object, said: str) -> None:
    rows = combined_rows("2024-11-01")
    rows[row - 1][column - 1] = value
    raw = RawFile("November-2024-Monthly-Combined-CSV-Final.csv", csv_of(rows))
    assert SOURCE.recognise(raw)
    with pytest.raises(LayoutError) as caught:
        SOURCE.parse(raw, Hints())
    assert said in str(caught.value)


def test_a_time_series_by_organisation_is_recognised_and_refused() -> None:
    raw = RawFile(
        "CWT-CRS-Provider-Time-Series-Apr-2021-Mar-2025-with-Revisions.xlsx",
        workbook({"28-DAY FDS": [["x"]], "31-Day": [["x"]], "62-Day": [["x"]]}),
    )
    assert SOURCE.recognise(raw)
    with pytest.raises(SourceError, match="this layout is not supported"):
        SOURCE.parse(raw, Hints())


def series_sheet(first: str, *rows: tuple[str, float, float]) -> Rows:
    title = "Two Week Wait From GP Urgent Referral to First Consultant Appointment"
    labels = ["Total", "Within Standard", "Outside Standard", "Performance (%)"]
    body = [["", period, total, within, total - within, within / total] for period, total, within in rows]
    return [[], ["", "", title], ["", "", "Operational Standard = 93%"], ["", first, *labels], *body]


MONTHS = [f"{Period.month(2018 + place // 12, place % 12 + 1).start:%b-%y}" for place in range(64)]
QUARTERS = [f"{place // 4 + 17}/{place // 4 + 18} Q{place % 4 + 1}" for place in range(3, 24)]
YEARS = [f"{year}/{year - 1999:02}" for year in range(2018, 2023)]


def series(
    months: Sequence[str] = MONTHS, quarters: Sequence[str] = QUARTERS, years: Sequence[str] = YEARS
) -> Sheets:
    """From January 2018 to April 2023, ten patients a month, nine of them within the standard."""
    early = "For data to March 2018, monthly cancer waiting times data was classed as provisional"
    cover: Rows = [
        ["", "Cancer Waiting Times"],
        ["", "", f"{early} and quarterly data classed as final"],
        ["", "", "This workbook contains final data for the periods"],
        ["", "", "Apr-18", "to", "Mar-23"],
        ["", "", "and"],
        ["", "", "Q1 2018/19", "to", "Q4 2022/23"],
        ["", "", "This workbook contains provisional data for the periods"],
        ["", "", "Apr-23", "to", "Apr-23"],
    ]
    return {
        "Cover": cover,
        "Monthly Data": series_sheet("Monthly", *((month, 10, 9) for month in months)),
        "Quarterly Data": series_sheet("Quarterly", *((quarter, 30, 27) for quarter in quarters)),
        "Annual Data": series_sheet("Year", *((year, 120, 108) for year in years), ("2023/24 YTD", 10, 9)),
    }


def test_the_cover_says_what_is_final() -> None:
    frame = parse("National-Time-Series-Oct-2009-Apr-2023.xlsx", workbook(series())).frame
    settled = {
        Period.from_key(key).label: Maturity(maturity).label
        for key, maturity in zip(frame["period"], frame["maturity"], strict=True)
    }
    assert len(settled) == 64 + 21 + 5
    assert settled["January 2018"] == "provisional"
    assert settled["January to March 2018"] == "final"
    assert settled["March 2023"] == "final"
    assert settled["January to March 2023"] == "final"
    assert settled["April 2023"] == "provisional"
    assert settled["April 2022 to March 2023"] == "final"


def test_a_series_is_held_to_its_name_and_cover() -> None:
    with pytest.raises(DatingError, match="ends with May 2023, but its last month is April 2023"):
        parse("National-Time-Series-Oct-2009-May-2023.xlsx", workbook(series()))
    with pytest.raises(LayoutError, match="wanted whether May 2023 is final, found no word of it"):
        parse("National-Time-Series-Oct-2009-May-2023.xlsx", workbook(series([*MONTHS, "May-23"])))
    sheets = series()
    sheets["Cover"] = sheets["Cover"][:2]
    with pytest.raises(LayoutError, match="sheet 'Cover': wanted which months and quarters are final"):
        parse("National-Time-Series.xlsx", workbook(sheets))


@pytest.mark.parametrize(
    ("sheet", "label", "total", "within", "said"),
    [
        ("Monthly Data", "Feb-23", 10, 7, "its months to add up to 27 of 30, found 3 months with 25 of 30"),
        (
            "Quarterly Data",
            "18/19 Q2",
            40,
            20,
            "its months to add up to 20 of 40, found 3 months with 27 of 30",
        ),
        (
            "Annual Data",
            "2019/20",
            120,
            99,
            "its months to add up to 99 of 120, found 12 months with 108 of 120",
        ),
    ],
)
def test_parts_that_do_not_add_up_to_their_whole_are_refused(
    sheet: str, label: str, total: int, within: int, said: str
) -> None:
    sheets = series()
    (row,) = (row for row in sheets[sheet] if label in row)
    row[2:] = [total, within, total - within, within / total]
    with pytest.raises(LayoutError, match=said):
        parse("National-Time-Series-Oct-2009-Apr-2023.xlsx", workbook(sheets))


@pytest.mark.parametrize(
    ("sheet", "label", "said"),
    [
        (
            "Monthly Data",
            "Mar-20",
            "sheet 'Monthly Data', row 31: wanted cancer-two-week-wait: every month between January 2018 and "
            "April 2023, found April 2020 straight after February 2020",
        ),
        (
            "Monthly Data",
            "Jan-18",
            "wanted cancer-two-week-wait: the 3 months of January to March 2018, found",
        ),
        (
            "Monthly Data",
            "Apr-23",
            "sheet 'Cover': wanted months to April 2023, as it says, found March 2023",
        ),
        ("Quarterly Data", "19/20 Q4", "every quarter between"),
        (
            "Quarterly Data",
            "22/23 Q4",
            "January to March 2023, whose 3 months are there, found no row of that quarter",
        ),
        ("Quarterly Data", "17/18 Q4", "January to March 2018, whose 3 months are there"),
        ("Annual Data", "2020/21", "every year between"),
        (
            "Annual Data",
            "2022/23",
            "April 2022 to March 2023, whose 12 months are there, found no row of that year",
        ),
    ],
)
def test_a_period_that_the_rest_of_a_series_needs_is_missed(sheet: str, label: str, said: str) -> None:
    sheets = series()
    sheets[sheet] = [row for row in sheets[sheet] if label not in row]
    with pytest.raises(LayoutError, match=re.escape(said)):
        parse("National-Time-Series.xlsx", workbook(sheets))


def test_a_row_of_a_series_without_its_total_never_vanishes() -> None:
    sheets = series()
    (row,) = (row for row in sheets["Monthly Data"] if "Apr-23" in row)
    row[2] = ""
    with pytest.raises(
        LayoutError, match="wanted a total of cancer-two-week-wait, for the row has other figures"
    ):
        parse("National-Time-Series.xlsx", workbook(sheets))


def test_a_standard_of_a_series_that_lost_its_headings_never_vanishes() -> None:
    sheets = series()
    title = "Two Month (62-days) Wait from an Urgent Suspected Cancer or Breast Symptomatic Referral"
    sheets["Monthly Data"][1] += ["", "", "", "", title]
    sheets["Monthly Data"][3] += ["Monthly", "", "Within Standard", "Outside Standard", "Performance (%)"]
    with pytest.raises(
        LayoutError, match=r"wanted the headings Total, Within Standard, \.\.\. below 'Two Month"
    ):
        parse("National-Time-Series.xlsx", workbook(sheets))


def test_labels_that_stand_in_each_others_columns_are_refused() -> None:
    sheets = monthly_sheets()
    for row in sheets["28-DAY FDS (BY ROUTE)"]:
        if len(row) > 5 and row[2] != "ACCOUNTABLE PROVIDER":
            row[3], row[4] = row[4], row[3]
    with pytest.raises(
        LayoutError, match=r"\(RVV\): wanted the route in its own column, found 'Suspected lung"
    ):
        parse(NAME, workbook(sheets))


def test_a_table_of_referrals_seen_is_refused_as_such() -> None:
    title = "WAIT FROM URGENT SUSPECTED CANCER REFERRAL TO BEING SEEN AT A FIRST OUTPATIENT ATTENDANCE"
    rows: Rows = [
        [title],
        ["Oct-23"],
        ["BASIS: PROVIDER BASED"],
        ["", "ODS CODE (1)", "TOTAL", "WITHIN 14 DAYS"],
    ]
    with pytest.raises(SourceError, match="counts referrals seen, which have no standard"):
        parse("9.-USC-Provider-Data-Final.csv", csv_of(rows))


def test_a_revised_file_may_call_itself_final() -> None:
    frame = parse(NAME.replace("FINAL", "REVISED"), workbook(monthly_sheets())).frame
    assert set(frame["maturity"]) == {Maturity.REVISED}


@pytest.mark.parametrize(
    ("column", "label", "said"),
    [
        (
            3,
            "",
            "row 7 (RVV): wanted 'all care', 'admitted', 'non-admitted', 'non admitted' in 'CARE SETTING (2)'",
        ),
        (3, "ALL CAER", "in 'CARE SETTING (2)', found 'ALL CAER'"),
        (4, "", "row 7 (RVV): wanted a label in 'CANCER TYPE', found ''"),
        (4, "ALL CANCRES", "row 7 (RVV): wanted a row over all patients of cancer-62-day-urgent-referral"),
    ],
)
def test_a_row_without_a_known_label_never_vanishes(column: int, label: str, said: str) -> None:
    rows = [list(row) for row in MONTHLY]
    rows[6][column] = label
    raw = as_csv("201601-11.-62-Day-Provider-Data.csv", rows)
    with pytest.raises(LayoutError, match=re.escape(said)):
        SOURCE.parse(raw, Hints())


@pytest.mark.parametrize(("column", "label"), [(5, "STAGE/ROUTE"), (7, "CANCER TYPE")])
def test_a_row_of_an_extract_without_a_label_never_vanishes(column: int, label: str) -> None:
    rows = extract_rows()
    rows[2][column] = ""
    with pytest.raises(LayoutError, match=f"row 3: wanted a label in '{label}', found a blank"):
        parse("CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx", provider_extract(rows))


def test_labels_of_merged_cells_are_those_of_every_row() -> None:
    rows = extract_rows()
    expected = parse("CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx", provider_extract(rows)).frame
    book = openpyxl.load_workbook(io.BytesIO(provider_extract(rows)))
    sheet = book.worksheets[0]
    for columns in ("A2:A6", "C2:C6", "D3:D6", "E2:E6"):
        sheet.merge_cells(columns)
    output = io.BytesIO()
    book.save(output)
    found = parse("CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx", output.getvalue()).frame
    pd.testing.assert_frame_equal(found, expected)


def test_a_merged_count_is_not_repeated() -> None:
    book = openpyxl.load_workbook(io.BytesIO(provider_extract(extract_rows())))
    book.worksheets[0].merge_cells("I3:I4")
    output = io.BytesIO()
    book.save(output)
    with pytest.raises(LayoutError, match=r"row 4.*a count in 'total'"):
        parse("CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx", output.getvalue())


def test_a_sheet_without_an_organisation_of_the_others_is_refused() -> None:
    sheets = monthly_sheets()
    two = {
        name: [copy for row in rows for copy in (row, other(row)) if copy is not None]
        for name, rows in sheets.items()
    }
    parse(NAME, workbook(two))
    halved = two | {"62-DAY (BY CANCER)": [row for row in two["62-DAY (BY CANCER)"] if "RWF" not in row]}
    with pytest.raises(LayoutError, match="broken down as others' are, found 1 without it: 'RWF'"):
        parse(NAME, workbook(halved))


def other(row: list[object]) -> list[object] | None:
    """A second trust's row beside the first's, with as many patients, in a table in which England is both's."""
    return ["RWF" if cell == "RVV" else cell for cell in row] if "RVV" in row else None


def test_a_table_by_cancer_is_read_as_parts() -> None:
    rows = [list(row) for row in MONTHLY]
    rows[0][0] = rows[0][0].replace("ALL CANCERS", "BY CANCER")
    for row in rows[6:]:
        row[4] = "Breast"
    frame = SOURCE.parse(as_csv("201601-12.-62-Day-By-Cancer-Provider-Data.csv", rows), Hints()).frame
    assert set(frame["breakdown"]) == {"tumour group: Breast"}
    assert counts(frame, "cancer-62-day-urgent-referral", "RVV", "tumour group: Breast") == (8, 10)
