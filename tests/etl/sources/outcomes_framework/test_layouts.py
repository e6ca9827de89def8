"""Tables of the framework: what is read, what is left, and what is refused by which place."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import Workbook

from db.domain import Basis, Period
from etl.source import Hints, LayoutError, ParsedFile, RawFile
from etl.sources.outcomes_framework import SOURCE
from etl.sources.outcomes_framework.figures import SUPPRESSED
from tests.etl.sources.outcomes_framework.made_up import (
    ASHFORD,
    COLUMNS,
    ENGLAND,
    ENGLAND_2021,
    KENT,
    LOWER,
    MEDWAY,
    MEDWAY_FIGURES,
    SOUTH_EAST,
    UPPER,
    Row,
    row,
    table,
)

CHRONIC, ACUTE = "emergency-admissions-chronic-acsc", "emergency-admissions-acute-avoidable"
YEAR = Period.financial_year(2023).key


def parsed(*rows: Row, name: str = "NHSOF_2.3.i_I00708_D.csv") -> ParsedFile:
    return SOURCE.parse(table(*rows, name=name), Hints())


def by_place(found: ParsedFile, year: int = 2023) -> dict[str, dict[str, Any]]:
    own = found.frame[found.frame["period"] == Period.financial_year(year).key]
    rows = [dict(zip(own.columns, values, strict=True)) for values in own.itertuples(index=False)]
    return {item["organisation"]: item for item in rows}


def test_a_value_is_observed_over_expected_with_its_published_interval() -> None:
    found = parsed(ENGLAND, ENGLAND_2021, SOUTH_EAST, KENT, MEDWAY)
    assert set(found.frame["indicator"]) == {CHRONIC}
    places = by_place(found)
    assert set(places) == {"ENG", "E12000008", "E10000016", "E06000035"}
    england, medway = places["ENG"], places["E06000035"]
    assert (england["value"], england["numerator"], england["denominator"]) == (841.8, 521065, 507865.9)
    assert (medway["lower_95"], medway["value"], medway["upper_95"]) == (860.1, 893.9, 928.6)
    assert (england["basis"], medway["basis"]) == (Basis.NATIONAL, Basis.RESIDENCE)
    assert by_place(found, 2021)["ENG"]["value"] == 808.9
    assert found.title == "NHS Outcomes Framework 2.3.i, years to March 2024"
    assert (found.findings, found.organisations, SOURCE.roll_ups) == ((), (), ())


def test_of_stacked_breakdowns_tiers_and_quarters_each_place_has_one_row_a_year() -> None:
    quarter = {"Quarter": "1", "Period_of_coverage": "1/4/2023 to 30/6/2023"}
    last = {"Quarter": "4", "Period_of_coverage": "1/1/2024 to 31/3/2024"}
    found = parsed(
        row("England", "England", "England", "210.0 208.9 211.2 102.4 130000 126966.5", **quarter),
        row("England", "England", "England", "210.0 208.9 211.2 102.4 130000 126966.5", **last),
        ENGLAND,
        MEDWAY,
        row(LOWER, "E06000035", "Medway", MEDWAY_FIGURES),
        ASHFORD,
        row("Age", "0 to 4", "0 to 4", "235.8 230.3 241.3 52.3 7225 13804.2"),
        row("Gender", "Female", "Female", "1 1 1 1 1 1"),
        row("Condition", "Asthma", "Asthma", "1 1 1 1 1 1"),
        row("2015 Deprivation decile", "1", "1", "1 1 1 1 1 1"),
        row("2019 Deprivation decile", "1", "1", "2 2 2 2 2 2"),
    )
    assert sorted(by_place(found)) == ["E06000035", "E07000105", "ENG"]
    assert len(found.frame) == 3
    assert by_place(found)["E07000105"]["numerator"] == 1000
    assert set(found.frame["period"]) == {YEAR}


def test_what_is_suppressed_is_not_worked_out_from_what_is_left() -> None:
    found = parsed(
        ENGLAND,
        row(UPPER, "E06000035", "Medway", "* * * * 2612 2397.4"),
        row(UPPER, "E10000016", "Kent", "800.1 787.0 813.3 97.5 14320 *"),
    )
    places = by_place(found)
    medway, kent = places["E06000035"], places["E10000016"]
    assert medway["missing_reason"] == SUPPRESSED
    assert medway["value"] != medway["value"]
    assert medway["numerator"] != medway["numerator"]
    assert medway["count"] == 2612
    assert (kent["value"], kent["missing_reason"], kent["count"]) == (800.1, "", 14320)
    assert kent["denominator"] != kent["denominator"]


def test_places_are_known_by_code_or_by_name() -> None:
    hull = "Kingston upon Hull, City of"
    found = parsed(
        ENGLAND,
        row(UPPER, "", "Medway", MEDWAY_FIGURES),
        row(UPPER, hull, hull, MEDWAY_FIGURES),
        row(UPPER, "", "Herefordshire, County of", MEDWAY_FIGURES),
        row(UPPER, "", "North Yorkshire", MEDWAY_FIGURES),
        row(UPPER, "E06000099", "New Unitary", MEDWAY_FIGURES),
        row(UPPER, "Middlesex", "Middlesex", MEDWAY_FIGURES),
        row(LOWER, "Folkestone and Hythe", "Folkestone and Hythe", MEDWAY_FIGURES),
        row(LOWER, "", "Herefordshire, County of", MEDWAY_FIGURES),
        row(LOWER, "E07000999", "New District", MEDWAY_FIGURES),
    )
    assert sorted(by_place(found)) == [
        "E06000010", "E06000019", "E06000035", "E06000065", "E06000099", "E07000112",
        "E07000999", "ENG",
    ]  # fmt: skip
    assert [(item.code, item.name, item.type) for item in found.organisations] == [
        ("E06000099", "New Unitary", "upper-tier authority"),
        ("E07000999", "New District", "district"),
    ]
    (told,) = found.findings
    assert "no organisation of this name, left out: 'Middlesex'" in told.message


def test_an_indicator_whose_constant_is_not_known_stands_without_counts() -> None:
    # 1,140.2 is invented.
    england = row("England", "England", "England", "1169.8 1166.6 1173.0 102.6 521065 507865.9")
    medway = row(UPPER, "E06000035", "Medway", "1242.3 1195.1 1290.9 109.0 2612 2397.4")
    found = parsed(england, medway, name="NHSOF_3a_I00999_D.csv")
    assert set(found.frame["indicator"]) == {ACUTE}
    item = by_place(found)["E06000035"]
    assert (item["value"], item["count"], item["population"]) == (1242.3, 2612, 2397.4)
    assert item["numerator"] != item["numerator"]


def test_a_year_keeps_its_number_under_notes_and_a_renamed_file_is_known_by_its_constant() -> None:
    noted = ENGLAND | {"Year": "2023/24 [1][2]"}
    assert set(by_place(parsed(noted, name="download.csv"))) == {"ENG"}
    shouted = table(ENGLAND)
    first, rest = shouted.content.split(b"\r\n", 1)
    shouted = replace(shouted, content=first.upper() + b"\r\n" + rest)
    assert set(by_place(SOURCE.parse(shouted, Hints()))) == {"ENG"}


def test_the_workbook_has_notes_above_its_header() -> None:
    book = Workbook()
    book.worksheets[0].title = "Title page"
    sheet = book.create_sheet("Indicator data")
    sheet["A1"] = "NHS Outcomes Framework Indicators"
    for place, texts in enumerate(
        [COLUMNS, *([item.get(label, "") for label in COLUMNS] for item in (ENGLAND, KENT))], 15
    ):
        for column, text in enumerate(texts, 1):
            number = column > 6 and place > 15 and text
            sheet.cell(place, column, float(text) if number else text or None)
    output = io.BytesIO()
    book.save(output)
    raw = RawFile("NHSOF_2.3.i_I00708_D.xlsx", output.getvalue())
    assert SOURCE.recognise(raw)
    assert by_place(SOURCE.parse(raw, Hints()))["E10000016"]["numerator"] == 14320


def test_the_table_of_commissioners_is_none_of_these() -> None:
    columns = ["Reporting period", *COLUMNS[3:]]
    assert not SOURCE.recognise(table(KENT, columns=columns, name="CCG_3.1_I00759_D.csv"))
    assert SOURCE.recognise(table(KENT, name="renamed.csv"))
    assert not SOURCE.recognise(RawFile("x.csv", b""))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([ENGLAND, MEDWAY | {"Indicator value": "900.7"}], r"row 3 \(Medway.*wanted 'Indicator value' 893\.9"),
        ([ENGLAND, MEDWAY | {"Standardised ratio": "901.0"}], "wanted 'Standardised ratio' 109.0"),
        ([ENGLAND | {"Indicator value": "903.2", "Upper CI": "905"}], "x 880.32: another reference year"),
        ([ENGLAND, ENGLAND_2021 | {"Indicator value": "790.0", "Lower CI": "780"}], "constant of the other years"),
        ([ENGLAND, MEDWAY | {"Lower CI": "895.0"}], "wanted an interval around 893.9, found 895 to 928.6"),
        ([ENGLAND, MEDWAY | {"Observed": "2612.5"}], "a whole number in 'Observed'"),
        ([ENGLAND, MEDWAY | {"Expected": "x"}], r"row 3 \(Medway\), Expected: wanted a number, found 'x'"),
        ([ENGLAND, MEDWAY | {"Observed": "-5"}], r"Observed: wanted a number of 0 or more, or '\*', found '-5'"),
        ([ENGLAND, MEDWAY | {"Level": "Kent"}], "'Level' a code such as E10000016, or 'Medway', found 'Kent'"),
        ([ENGLAND, MEDWAY | {"Level": "E10000016"}], "wanted 'Kent' beside E10000016, found 'Medway'"),
        ([ENGLAND, MEDWAY | {"Level": "E07000105"}], "a code of upper tier local authority"),
        ([ENGLAND, MEDWAY | {"Level": "00LC"}], "found '00LC'"),
        ([ENGLAND, MEDWAY, MEDWAY], r"row 4: wanted one row of Medway for 2023/24 in this breakdown, found a second"),
        ([ENGLAND, ASHFORD | {"Level": "E10000016"}], r"a code of lower tier local authority \(with E07 or E06"),
        (
            [ENGLAND, MEDWAY, row(LOWER, "E06000035", "Medway", "893.8 860.1 928.6 109.0 2612 2397.4")],
            "row 4: wanted the figures of Medway for 2023/24 as in row 3, found others",
        ),
        ([ENGLAND, MEDWAY | {"Breakdown": "ICB"}], "row 3: wanted a known 'Breakdown'.*found 'ICB'"),
        ([ENGLAND, MEDWAY | {"Quarter": "5"}], "wanted 'Annual', 1, 2, 3 or 4 in 'Quarter'"),
        ([ENGLAND, MEDWAY | {"Year": "2023/25"}], "row 3: wanted a financial year in 'Year', such as 2023/24"),
        ([ENGLAND, MEDWAY | {"Year": "2022/23"}], "'1/4/2022 to 31/3/2023' in 'Period of coverage' for these"),
        ([ENGLAND_2021, MEDWAY], "an England row .* for each year, found none for 2023/24"),
        ([ENGLAND | {"Quarter": "1", "Period of coverage": "1/4/2023 to 30/6/2023"}], "an England row"),
        ([ENGLAND | {"Observed": "*"}], "England.*wanted a value with its observed and expected admissions"),
    ],
)  # fmt: skip
def test_what_denies_the_description_is_refused_by_its_place(rows: list[Row], words: str) -> None:
    with pytest.raises(LayoutError, match=words):
        parsed(*rows)


def test_a_file_is_of_the_indicator_that_both_its_name_and_its_figures_say() -> None:
    with pytest.raises(LayoutError, match=r"wanted a file of 2\.3\.i or 3a, by its name, found 2\.1"):
        parsed(ENGLAND, name="NHSOF_2.1_I00706_D.csv")
    with pytest.raises(LayoutError, match=r"of 3a .* its own constant, found x 820\.\d\d: that of 2\.3\.i"):
        parsed(ENGLAND, name="NHSOF_3a_I00999_D.csv")
    other = ENGLAND | {"Indicator value": "1169.8", "Lower CI": "1166", "Upper CI": "1173"}
    with pytest.raises(LayoutError, match=r"a name such as NHSOF_2\.3\.i or NHSOF_3a.*found 'table\.csv'"):
        parsed(other, name="table.csv")
    cut = replace(table(ENGLAND), content=table(ENGLAND).content.rsplit(b",", 4)[0])
    with pytest.raises(LayoutError, match="row 2: wanted 16 fields as in the header, found 12"):
        SOURCE.parse(cut, Hints())
    with pytest.raises(LayoutError, match="a column 'Expected'"):
        SOURCE.parse(table(ENGLAND, columns=[item for item in COLUMNS if item != "Expected"]), Hints())
