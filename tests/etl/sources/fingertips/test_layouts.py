"""What is read of a table of values, what stands beside it, and what is refused in plain words."""

from __future__ import annotations

from math import isnan
from typing import Any

import pytest

from db.catalogue import load_catalogue
from db.domain import ENGLAND, OrganisationType, Period
from etl.source import Hints, LayoutError, RawFile
from etl.sources.fingertips import SOURCE
from etl.sources.fingertips.listed import listed_indicators
from tests.etl.sources.fingertips.made_up import (
    COLUMNS,
    HEADER,
    MEDWAY,
    MEDWAY_RATE,
    MORTALITY,
    SMOKING,
    table,
)

RATE, SMOKERS = "preventable-mortality-under-75", "smoking-prevalence-qof"


def read(raw: RawFile, hints: Hints = Hints()) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Rows by indicator, organisation and period."""
    assert SOURCE.recognise(raw)
    frame = SOURCE.parse(raw, hints).frame
    rows = [dict(zip(frame.columns, values, strict=True)) for values in frame.itertuples(index=False)]
    return {(row["indicator"], row["organisation"], row["period"]): row for row in rows}


def year(first: int, month: int = 1) -> int:
    return Period.of_months(first, month, Period.financial_year(2000).frequency).key


def refused(raw: RawFile, message: str, hints: Hints = Hints()) -> None:
    with pytest.raises(LayoutError, match=message):
        SOURCE.parse(raw, hints)


def test_every_listed_series_is_an_indicator_of_this_source_with_the_same_length() -> None:
    known = load_catalogue().indicators
    for item in listed_indicators():
        indicator = known[item.indicator]
        words = {1: "year", 2: "two years", 3: "three years", 5: "five years"}
        assert (indicator.source_id, indicator.frequency.value) == ("fingertips", words[item.years])
        assert {kind.value for kind in indicator.organisation_types} == {kind.value for kind in item.kinds}
    assert {item.indicator for item in listed_indicators()} == {
        item.id for item in known.values() if item.source_id == "fingertips"
    }


def test_a_standardised_rate_stands_as_published_and_its_deaths_stand_beside_it() -> None:
    found = read(table(MORTALITY, MEDWAY_RATE))
    medway = found[RATE, "E06000035", year(2018)]
    assert (medway["value"], medway["basis"], medway["lower_95"], medway["upper_95"]) == (
        153.2, "residence", 139.0, 168.5,
    )  # fmt: skip
    assert isnan(medway["numerator"]) and isnan(medway["denominator"])
    assert (medway["count"], medway["population"]) == (430, 259022)
    assert found[RATE, ENGLAND, year(2018)]["basis"] == "national"
    parsed = SOURCE.parse(table(MORTALITY, MEDWAY_RATE), Hints())
    assert (parsed.withdraws_absent, parsed.areas_vary, SOURCE.roll_ups) == (False, True, ())


def test_a_share_that_its_counts_give_has_them_and_one_that_they_do_not_give_stands_alone() -> None:
    areas = [
        {**SMOKING, **MEDWAY, "Area Code": f"E0600000{place}", "Area Name": f"Area {place}", "Value": "20",
         "Count": "20", "Denominator": "100", "Lower CI 95.0 limit": "", "Upper CI 95.0 limit": ""}
        for place in range(1, 10)
    ]  # fmt: skip
    coventry = {**areas[0], "Area Code": "E08000026", "Area Name": "Coventry", "Value": "20.3"}
    raw = table(SMOKING, *areas, coventry)
    found = read(raw)
    share = found[SMOKERS, "E06000001", year(2018, 4)]
    assert (share["numerator"], share["denominator"], share["basis"]) == (20, 100, "practice")
    alone = found[SMOKERS, "E08000026", year(2018, 4)]
    assert (alone["value"], alone["count"], alone["population"]) == (20.3, 20, 100)
    assert isnan(alone["numerator"])
    (finding,) = SOURCE.parse(raw, Hints()).findings
    assert "the published value stands" in finding.message
    assert "Coventry, 2018/19: 20.3, from its counts 20" in finding.message
    refused(table(SMOKING, coventry), "values that are their counts divided, as a proportion is")


def test_england_twice_is_one_row_and_parts_sexes_lengths_and_other_areas_are_none() -> None:
    found = read(
        table(
            MORTALITY,
            {**MORTALITY, "Parent Code": "E92000001", "Parent Name": "England"},
            {**MORTALITY, "Category Type": "Deprivation deciles", "Category": "Most deprived", "Value": "250.1",
             "Lower CI 95.0 limit": "", "Upper CI 95.0 limit": ""},
            {**MORTALITY, "Sex": "Male"},
            {**MORTALITY, "Area Code": "E12000008", "Area Name": "South East region", "Area Type": "Region"},
            {**MORTALITY, "Area Code": "Cl_L2_1a", "Area Name": "Rural", "Area Type": "ONS 2011 group"},
            {**MORTALITY, "Area Code": "A81001", "Area Name": "A practice", "Area Type": "GPs"},
            {**MORTALITY, "Time period": "2016 - 18", "Time period Sortable": "20160000", "Time period range": "3y"},
        )
    )  # fmt: skip
    three = "preventable-mortality-under-75-three-years"
    pooled = Period.of_years(Period.month(2016, 1).start, 3).key
    assert set(found) == {
        (RATE, ENGLAND, year(2018)),
        (RATE, "E12000008", year(2018)),
        (three, ENGLAND, pooled),
    }


def test_a_year_published_under_two_ages_is_there_once_and_a_year_may_be_missing() -> None:
    again = {**SMOKING, "Age": "Not applicable"}
    later = {**SMOKING, "Time period": "2020/21", "Time period Sortable": "20200000"}
    assert set(read(table(SMOKING, again, later))) == {
        (SMOKERS, ENGLAND, year(2018, 4)),
        (SMOKERS, ENGLAND, year(2020, 4)),
    }


def test_boards_are_known_by_the_ends_of_their_names_whatever_stands_before_the_code() -> None:
    board = {
        **SMOKING,
        "Area Type": "ICBs",
        "Area Code": "nE54000032",
        "Area Name": "NHS Kent and Medway ICB - QKS",
    }
    place = {
        **SMOKING,
        "Area Type": "ICB sub-locations",
        "Area Code": "nE38000237",
        "Area Name": "Kent and Medway ICB - 91Q ",
    }
    old = {**SMOKING, "Area Type": "CCG", "Area Code": "E38000237", "Area Name": "NHS Kent and Medway CCG"}
    nameless = {
        **SMOKING,
        "Area Type": "CCG",
        "Area Code": "E38000004",
        "Area Name": "NHS Barking And Dagenham CCG",
    }
    raw = table(SMOKING, board, place, old, nameless)
    found = read(raw)
    assert {code for _, code, _ in found} == {ENGLAND, "QKS", "91Q"}
    assert found[SMOKERS, "QKS", year(2018, 4)]["basis"] == "sub-ICB location"
    (finding,) = SOURCE.parse(raw, Hints()).findings
    assert "E38000004 NHS Barking And Dagenham CCG" in finding.message


def test_areas_that_the_catalogue_lacks_are_vouched_for() -> None:
    dorset = {**MEDWAY_RATE, "Area Code": "E10000099", "Area Name": "A county that is gone"}
    district = {
        **MEDWAY_RATE,
        "Area Code": "E07000004",
        "Area Name": "Aylesbury Vale",
        "Area Type": "District",
    }
    parsed = SOURCE.parse(table(dorset, district, MEDWAY_RATE), Hints())
    assert [(item.code, item.name, item.type) for item in parsed.organisations] == [
        ("E07000004", "Aylesbury Vale", OrganisationType.DISTRICT),
        ("E10000099", "A county that is gone", OrganisationType.UPPER_TIER_AUTHORITY),
    ]


@pytest.mark.parametrize(
    ("change", "reason", "note"),
    [
        ({"Value": "", "Count": "", "Value note": "Value suppressed for disclosure control reasons"},
         "Value suppressed for disclosure control reasons", ""),
        ({"Value": "", "Value note": ""}, "Not published, no reason given", ""),
        ({"Value note": "Aggregated from all known lower geography values"}, "",
         "Aggregated from all known lower geography values"),
        ({"Value note": "A note that nobody has seen before"}, "", "A note that nobody has seen before"),
        ({"Value": "0", "Count": "0", "Lower CI 95.0 limit": "0"}, "", ""),
    ],
)  # fmt: skip
def test_a_note_is_the_reason_of_a_missing_value_and_stands_beside_any_other(
    change: dict[str, str], reason: str, note: str
) -> None:
    found = read(table(MORTALITY, {**MEDWAY_RATE, **change}))[RATE, "E06000035", year(2018)]
    assert (found["missing_reason"], found["note"]) == (reason, note)
    assert isnan(found["value"]) is bool(reason)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"Value": "0.0", "Count": "11860"},
            r"row 3 \(Medway\): wanted a value above 0 for a count of 11860, found 0",
        ),
        ({"Value": "-1"}, "a value of 0 or more"),
        ({"Count": "-1"}, "counts of 0 or more"),
        ({"Value": "inf"}, "a number or nothing"),
        ({"Value": "n/k"}, "value: wanted a number"),
        ({"Upper CI 95.0 limit": "140.0"}, "an interval around 153.2, found 139 to 140"),
        ({"Time period": "2018/19"}, "calendar years, such as 2015 or 2016 - 18, found '2018/19'"),
        ({"Time period": "2021/22 Q1"}, "calendar years"),
        ({"Time period Sortable": "20170000"}, "'Time period Sortable' 20180000 for 2018"),
        ({"Time period range": "3y"}, "'Time period range' 1y for 2018, found '3y'"),
        ({"Indicator Name": "Deaths from falls"}, "a name with 'preventable' for indicator 93721"),
    ],
)
def test_what_cannot_be_is_refused_with_its_row(change: dict[str, str], message: str) -> None:
    refused(table(MORTALITY, {**MEDWAY_RATE, **change}), message)


def test_the_same_area_twice_with_other_numbers_is_refused() -> None:
    assert len(read(table(MORTALITY, MEDWAY_RATE, MEDWAY_RATE))) == 2
    other = {**MEDWAY_RATE, "Count": "431"}
    refused(
        table(MORTALITY, MEDWAY_RATE, other),
        "row 4: wanted E06000035 Medway, 2018 once.*count 431.0 here and 430.0",
    )


def test_where_nothing_fits_the_error_says_what_there_is() -> None:
    rows = [{**MORTALITY, "Age": "0-74 yrs"}, {**MORTALITY, "Sex": "Male", "Age": "0-74 yrs"}]
    message = "for indicator 93721 rows of Persons, <75 yrs, 1y, without a category or Persons.*"
    message += "'Male, 0-74 yrs, none, England, 1y'"
    refused(table(*rows), message)


def test_rows_may_lack_the_last_field_of_goals_and_no_other() -> None:
    columns = [name for name in COLUMNS if name != "Time period range"]
    raw = table(MORTALITY, MEDWAY_RATE, columns=columns)
    lines = raw.content.decode().split("\r\n")
    short = "\r\n".join([lines[0], *(line.rsplit(",", 1)[0] for line in lines[1:])])
    assert len(read(RawFile("short.csv", short.encode()))) == 2
    shorter = "\r\n".join([lines[0], *(line.rsplit(",", 2)[0] for line in lines[1:])])
    refused(RawFile("shorter.csv", shorter.encode()), "row 2: wanted 25 or 26 fields, found 24")
    longer = f"{HEADER}\r\n" + table(MORTALITY).content.decode().split("\r\n")[1] + ",more\r\n"
    refused(RawFile("longer.csv", longer.encode()), "row 2: wanted 27 fields, found 28")


def test_a_table_of_before_2019_has_one_interval() -> None:
    old = {
        "Lower CI 95.0 limit": "Lower CI limit",
        "Upper CI 95.0 limit": "Upper CI limit",
        "Compared to goal": "Target data",
    }
    gone = {"Lower CI 99.8 limit", "Upper CI 99.8 limit", "Time period range"}
    columns = [old.get(name, name) for name in COLUMNS if name not in gone]
    row = {old.get(name, name): text for name, text in MEDWAY_RATE.items()}
    found = read(table(row, columns=columns))[RATE, "E06000035", year(2018)]
    assert (found["lower_95"], found["upper_95"]) == (139.0, 168.5)
    assert isnan(found["lower_998"])


def test_the_website_s_export_has_a_mark_quotes_and_line_breaks_in_names() -> None:
    columns = ["AreaName" if name == "Area Name" else name for name in COLUMNS if name != "Time period range"]
    columns[columns.index("Column not used")] = "Compared to parent value or percentiles"
    rows = [
        {**row, "AreaName": row["Area Name"], "Indicator Name": f"{row['Indicator Name']}\n"}
        for row in (MORTALITY, MEDWAY_RATE)
    ]
    content = b"\xef\xbb\xbf" + table(*rows, columns=columns).content
    found = read(RawFile("indicators-CountyUA.data.csv", content))
    assert found[RATE, "E06000035", year(2018)]["value"] == 153.2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (HEADER.encode(), "figures of one of the listed indicators .*found a header without rows"),
        (
            table({**MORTALITY, "Indicator ID": "247", "Indicator Name": "Dementia"}).content,
            "found '247 Dementia'",
        ),
        (
            b"The indicator does not exist, sorry\r\n",
            "'Indicator ID' at its beginning, found 'The indicator does not exist'",
        ),
    ],
)
def test_a_file_with_nothing_to_read_is_refused(content: bytes, message: str) -> None:
    refused(RawFile("by_indicator_id", content), message)


REGISTERS = "PRACTICE_CODE,GROUP_CODE,REGISTER,PATIENT_LIST_TYPE,PRACTICE_LIST_SIZE\r\n"


def registers(*rows: str, name: str = "PREVALENCE_2425.csv") -> RawFile:
    return RawFile(name, (REGISTERS + "\r\n".join(rows)).encode())


def test_registers_of_practices_are_added_up_to_england_and_to_today_s_areas() -> None:
    rows = (
        "G82049,DEP,300.0,18OV,2000",
        "G82049,MH,20.0,TOTAL,2500",
        "A81001,DEP,100.0,18OV,1000",
        "A81001,AF,9.0,TOTAL,1",
    )
    found = read(registers(*rows))
    depression = found["depression-prevalence-qof", ENGLAND, year(2024, 4)]
    assert (depression["numerator"], depression["denominator"], depression["derived"]) == (400, 3000, True)
    assert found["depression-prevalence-qof", "91Q", year(2024, 4)]["numerator"] == 300
    assert found["smi-prevalence-qof", "91Q", year(2024, 4)]["denominator"] == 2500
    assert found["smi-prevalence-qof", "QKS", year(2024, 4)]["denominator"] == 2500
    hinted = read(registers(*rows, name="prevalence.csv"), Hints(period=Period.financial_year(2023)))
    assert ("smi-prevalence-qof", ENGLAND, year(2023, 4)) in hinted


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (
            registers("G82049,DEP,1,18OV,2", "G82049,MH,1,TOTAL,2", name="prevalence.csv"),
            "a year in the file's name",
        ),
        (
            registers("G82049,DEP,3,18OV,2", "G82049,MH,1,TOTAL,2"),
            "row 2: wanted a register of no more than the list's 2",
        ),
        (registers("G82049,DEP,1,TOTAL,2"), "'18OV' in 'PATIENT_LIST_TYPE', found 'TOTAL'"),
        (registers("G82049,DEP,1,18OV,2", "G82049,DEP,1,18OV,2"), "row 3: wanted G82049 once in DEP"),
        (registers("G82049,DEP,1,18OV,2"), "rows of the groups DEP, MH"),
    ],
)
def test_registers_that_contradict_themselves_are_refused(raw: RawFile, message: str) -> None:
    refused(raw, message)
