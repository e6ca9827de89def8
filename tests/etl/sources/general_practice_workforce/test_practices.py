"""One practice-level table: names of columns, missing staff, definitions of GPs, places, and what is refused."""

from __future__ import annotations

import math
from datetime import date

import pytest

from db.domain import Maturity, OrganisationType, Period, Severity
from etl.source import Hints, LayoutError, ParsedFile, RawFile, UnreadableFileError
from etl.sources.general_practice_workforce import SOURCE
from tests.support.publications.workforce_files import APRIL, DETAILED, HIGH_LEVEL, KENT, OLD, practice, table

ALL_GPS, QUALIFIED = "gp-all-fte-rate", "gp-fully-qualified-fte-rate"
PERMANENT, NURSES = "gp-qualified-permanent-fte-rate", "gp-nurse-fte-rate"
COVERAGE = "general-practice-workforce-coverage"
JANUARY_2023 = "General Practice – January 2023 Practice Level.csv"
FEBRUARY_2023 = "1 General Practice – February 2023 Practice Level - Detailed.csv"


def parse(content: bytes, name: str = APRIL, hints: Hints | None = None) -> ParsedFile:
    raw = RawFile(name, content)
    assert SOURCE.recognise(raw)
    return SOURCE.parse(raw, hints or Hints())


def counts(
    parsed: ParsedFile, indicator: str, code: str, breakdown: str = "all"
) -> tuple[float | None, float | None, str]:
    """Numerator, denominator and reason of one row, None for a missing number."""
    frame = parsed.frame
    row = frame[
        (frame["indicator"] == indicator)
        & (frame["organisation"] == code)
        & (frame["breakdown"] == breakdown)
    ]
    assert len(row) == 1
    numbers = [row[name].iloc[0] for name in ("numerator", "denominator")]
    first, second = (None if math.isnan(number) else number for number in numbers)
    return first, second, row["missing_reason"].iloc[0]


def test_each_definition_of_gps_and_each_role_of_nurses_is_read_by_its_name() -> None:
    row = practice(
        "G82007", 10_000, ("6.546666667", "5.2", 4), 3, TOTAL_N_PRAC_NURSE_FTE=2, TOTAL_N_ADV_NURSE_PRAC_FTE=1
    )
    parsed = parse(table(row, columns=[*reversed(DETAILED)]))
    assert counts(parsed, ALL_GPS, "G82007") == (6.546666667, 10_000, "")
    assert counts(parsed, QUALIFIED, "G82007") == (5.2, 10_000, "")
    assert counts(parsed, PERMANENT, "G82007") == (4, 10_000, "")
    assert counts(parsed, NURSES, "G82007") == (3, 10_000, "")
    assert counts(parsed, NURSES, "G82007", "staff role: Practice nurse") == (2, 10_000, "")
    assert counts(parsed, NURSES, "G82007", "staff role: Advanced nurse practitioner") == (1, 10_000, "")
    assert counts(parsed, NURSES, "G82007", "staff role: Other nurse") == (0, 10_000, "")
    assert set(parsed.frame["period"]) == {Period.snapshot(date(2025, 4, 30)).key}
    assert set(parsed.frame["basis"]) == {"practice"}
    assert set(parsed.frame["maturity"]) == {Maturity.FINAL.value}
    assert not parsed.frame["derived"].any()
    assert 99 not in set(parsed.frame["numerator"]), "headcounts are not read"


@pytest.mark.parametrize("code", ["NA", "ND", "EST", "NS", ".", "", "nd"])
def test_a_code_for_no_return_drops_the_practices_patients_too_and_is_counted_as_not_covered(
    code: str,
) -> None:
    missing = practice("G82002", 7_000, (code, code, code), 2)
    parsed = parse(table(practice("G82007"), missing))
    reason = f"no valid return ({code.upper() or 'blank'})"
    for indicator in (ALL_GPS, QUALIFIED, PERMANENT):
        assert counts(parsed, indicator, "G82002") == (None, None, reason)
    assert counts(parsed, NURSES, "G82002") == (2, 7_000, "")
    assert counts(parsed, COVERAGE, "G82002", "staff group: GPs") == (0, 7_000, "")
    assert counts(parsed, COVERAGE, "G82002", "staff group: Nurses") == (7_000, 7_000, "")
    assert counts(parsed, COVERAGE, "G82007", "staff group: GPs") == (10_000, 10_000, "")


def test_a_zero_before_february_2023_is_no_return_unless_the_file_says_that_records_were_provided() -> None:
    said_nothing = practice("G82007", gps=(0, 0, 0), nurses=0, GP_SOURCE="", NURSE_SOURCE="")
    provided = practice("G82002", gps=(0, 0, 0), nurses=0)
    content = table(said_nothing, provided)
    reason = "no valid return (0, which before February 2023 means no records)"
    before, since = parse(content, JANUARY_2023), parse(content, FEBRUARY_2023)
    for indicator in (ALL_GPS, QUALIFIED, PERMANENT, NURSES):
        assert counts(before, indicator, "G82007") == (None, None, reason)
        assert counts(before, indicator, "G82002") == (0, 10_000, "")
        assert counts(since, indicator, "G82007") == (0, 10_000, "")


def test_locums_alone_leave_a_real_zero_of_permanent_gps_before_february_2023() -> None:
    parsed = parse(table(practice("G82007", gps=(2, 2, 0), GP_SOURCE="")), JANUARY_2023)
    assert counts(parsed, PERMANENT, "G82007") == (0, 10_000, "")


def test_trainees_known_from_the_training_system_are_no_return_of_the_practice() -> None:
    only_trainees = practice("G82007", gps=(2, 0, 0), GP_SOURCE="Fully Estimated - no data provided")
    also_unsaid = practice("G82002", gps=(2, 0, 0), GP_SOURCE="")
    parsed = parse(table(only_trainees, also_unsaid), JANUARY_2023)
    assert counts(parsed, ALL_GPS, "G82007") == (None, None, "no valid return (fully estimated for the area)")
    assert counts(parsed, ALL_GPS, "G82002")[:2] == (None, None)


@pytest.mark.parametrize("said", ["Includes FTE Estimates", "FULLY PROVIDED", "fully provided "])
def test_partly_estimated_hours_are_a_valid_return(said: str) -> None:
    parsed = parse(table(practice("G82007", GP_SOURCE=said)))
    assert counts(parsed, ALL_GPS, "G82007") == (6, 10_000, "")
    assert parsed.findings == ()


def test_a_description_of_a_return_that_is_not_known_is_reported_and_not_relied_upon() -> None:
    parsed = parse(table(practice("G82007", GP_SOURCE="Modelled")))
    (finding,) = parsed.findings
    assert "GP_SOURCE" in finding.message and "'Modelled'" in finding.message
    assert counts(parsed, ALL_GPS, "G82007") == (6, 10_000, "")


def test_patients_that_are_missing_or_none_leave_no_rate_and_say_so() -> None:
    parsed = parse(table(practice("G82007", "NA"), practice("G82002", 0)))
    assert counts(parsed, ALL_GPS, "G82007") == (None, None, "registered patients not given")
    assert counts(parsed, COVERAGE, "G82007", "staff group: GPs")[2] == "registered patients not given"
    assert counts(parsed, ALL_GPS, "G82002") == (6, 0, "no registered patients")
    assert counts(parsed, COVERAGE, "G82002", "staff group: GPs") == (0, 0, "no registered patients")


def test_a_role_without_a_number_is_said_to_be_missing_while_the_total_stands() -> None:
    parsed = parse(table(practice("G82007", TOTAL_N_ENH_PRAC_NURSE_FTE="NA")))
    assert counts(parsed, NURSES, "G82007") == (3, 10_000, "")
    place = (NURSES, "G82007", "staff role: Enhanced practice nurse")
    assert counts(parsed, *place) == (None, None, "not given in the file")


def old_row(code: str = "G82007", **cells: object) -> dict[str, object]:
    """All 10 GPs: 2 registrars, 0.5 foundation doctors, 0.3 retainers, 1 locum, 6.2 others."""
    return {
        **{"PRAC_CODE": code, "PRAC_NAME": "SURGERY", "CCG_CODE": "09C", "CCG_NAME": "NHS Ashford CCG"},
        **{"REGION_CODE": "Y57", "REGION_NAME": "South of England", "TOTAL_PATIENTS": "10,000"},
        **{"TOTAL_GP_FTE": 10, "TOTAL_GP_EXR_FTE": 8, "TOTAL_GP_EXRL_FTE": 7, "TOTAL_GP_EXRRL_FTE": 6.7},
        **{"TOTAL_GP_REG_ST3_4_FTE": 2, "TOTAL_GP_REG_F1_2_FTE": 0.5, "TOTAL_GP_RET_FTE": 0.3},
        **{"TOTAL_GP_LOCUM_VAC_FTE": 0.6, "TOTAL_GP_LOCUM_ABS_FTE": 0.4, "TOTAL_GP_LOCUM_OTH_FTE": 0},
        **{"TOTAL_NURSES_FTE": 3, "TOTAL_N_PRAC_NURSE_FTE": 3, **cells},
    }


def test_the_old_vintage_gives_the_same_definitions_from_its_own_names() -> None:
    parsed = parse(table(old_row(), columns=OLD), "General Practice September 2016 Practice Level.csv")
    assert counts(parsed, ALL_GPS, "G82007") == (10, 10_000, "")
    assert counts(parsed, QUALIFIED, "G82007") == (7.5, 10_000, ""), "not EXR, which keeps foundation doctors"
    assert counts(parsed, PERMANENT, "G82007") == (6.5, 10_000, ""), "not EXRRL, which leaves out retainers"
    assert set(parsed.frame["period"]) == {Period.snapshot(date(2016, 9, 30)).key}
    later = table(old_row(TOTAL_GP_REG_ST1_4_FTE=2), columns=[*OLD, "TOTAL_GP_REG_ST1_4_FTE"])
    twice = parse(later, "General Practice June 2018 Practice Level.csv")
    assert counts(twice, QUALIFIED, "G82007")[0] == pytest.approx(5.5)


def test_rounding_never_leaves_less_than_no_gp() -> None:
    row = old_row(TOTAL_GP_FTE="2.499999999", TOTAL_GP_LOCUM_VAC_FTE=0, TOTAL_GP_LOCUM_ABS_FTE=0)
    row["GP_SOURCE"] = "Fully provided"
    parsed = parse(table(row, columns=OLD), "General Practice September 2016 Practice Level.csv")
    assert counts(parsed, QUALIFIED, "G82007") == (0, 10_000, "")


def test_the_two_censuses_of_gps_alone_have_no_nurses_and_say_that_no_patient_is_covered() -> None:
    parsed = parse(table(old_row(), columns=OLD), "General Practice December 2016 Practice Level.csv")
    assert NURSES not in set(parsed.frame["indicator"])
    assert counts(parsed, COVERAGE, "G82007", "staff group: Nurses") == (0, 10_000, "")
    without = [name for name in OLD if "NURSE" not in name and "_N_" not in name]
    assert len(
        parse(table(old_row(), columns=without), "General Practice June 2017 Practice Level.csv").frame
    )
    with pytest.raises(LayoutError, match="TOTAL_NURSES_FTE"):
        parse(table(old_row(), columns=without), "General Practice September 2017 Practice Level.csv")


def test_practices_come_with_what_they_belong_to_and_their_ccg_at_31_march_2020() -> None:
    parsed = parse(table(practice("G82007"), practice("Y99999")))
    known = {item.code: item for item in parsed.organisations}
    assert known["G82007"].type is OrganisationType.PRACTICE
    assert [parent.code for parent in known["G82007"].parents] == ["91Q", "QKS", "Y59", "10A"]
    assert all(parent.effective_from is parent.effective_to is None for parent in known["G82007"].parents)
    assert [parent.code for parent in known["Y99999"].parents] == ["91Q", "QKS", "Y59"]
    assert not {"91Q", "QKS", "Y59", "10A"} & set(known), "the catalogue knows what these are"
    (finding,) = parsed.findings
    assert "1 practice with 10,000 patients that cannot be placed" in finding.message
    assert "Y99999" in finding.message


def test_a_place_that_the_catalogue_lacks_is_vouched_for_as_what_it_was_on_the_day() -> None:
    place = {**KENT, "SUB_ICB_CODE": "0Z0", "ICB_CODE": "Q0Z", "REGION_CODE": "Y00"}
    content = table(practice("G82007", place=place))
    kinds = {
        name: {item.code: item.type for item in parse(content, name).organisations}
        for name in ("General Practice – June 2022 Practice Level.csv", APRIL)
    }
    before, since = kinds.values()
    assert (before["0Z0"], since["0Z0"]) == (OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION)
    assert (since["Q0Z"], since["Y00"]) == (OrganisationType.ICB, OrganisationType.REGION)


def test_codes_keep_their_zeros_and_a_code_for_nothing_is_no_place() -> None:
    northumberland = {**KENT, "SUB_ICB_CODE": "00L", "ICB_CODE": "NA", "REGION_CODE": "Y63"}
    parsed = parse(table(practice("A84002", place=northumberland), practice("G82007")))
    known = {item.code: item for item in parsed.organisations}
    assert [parent.code for parent in known["A84002"].parents] == ["00L", "Y63"]
    assert [finding.message for finding in parsed.findings] == [
        "30 April 2025: 1 practice with 10,000 patients whose ICB is not given: "
        "left out of its totals (A84002)"
    ]


def test_before_april_2020_a_practice_is_in_the_ccg_of_the_file_and_in_no_other() -> None:
    parsed = parse(table(old_row(), columns=OLD), "General Practice September 2016 Practice Level.csv")
    (own,) = [item for item in parsed.organisations if item.code == "G82007"]
    assert [parent.code for parent in own.parents][:2] == ["09C", "Y57"]


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("General Practice September 2015 Practice Level.csv", date(2015, 9, 30)),
        ("General Practice – June 2022 Practice Level.csv", date(2022, 6, 30)),
        ("General Practice â€“ June 2022 Practice level.csv", date(2022, 6, 30)),
        ("20. General Practice – December 2020 Practice Level.csv", date(2020, 12, 31)),
        ("1 General Practice – February 2024 Practice Level - Detailed.csv", date(2024, 2, 29)),
        ("General Practice Mar 2018 Practice Level.csv", date(2018, 3, 31)),
    ],
)
def test_the_snapshot_is_the_last_day_of_the_month_in_the_name(name: str, day: date) -> None:
    assert set(parse(table(practice("G82007")), name).frame["period"]) == {Period.snapshot(day).key}


def test_a_name_without_a_date_is_refused_unless_somebody_gives_it() -> None:
    content = table(practice("G82007"))
    with pytest.raises(LayoutError, match=r"^workforce\.csv: wanted a month and year in the file name"):
        parse(content, "workforce.csv")
    for period in (Period.month(2025, 4), Period.snapshot(date(2025, 4, 30))):
        dated = parse(content, "workforce.csv", Hints(period=period))
        assert set(dated.frame["period"]) == {Period.snapshot(date(2025, 4, 30)).key}


@pytest.mark.parametrize(
    ("name", "period", "words"),
    [
        (APRIL, Period.month(2025, 5), "wanted figures of 31 May 2025"),
        ("workforce.csv", Period.snapshot(date(2025, 4, 15)), "wanted a month or its last day"),
        ("April 2025 and May 2025 practice level.csv", None, "found 30 April 2025 and 31 May 2025"),
        (
            "General Practice September 2014 Practice Level.csv",
            None,
            "wanted a snapshot from 30 September 2015",
        ),
    ],
)
def test_dates_that_contradict_or_cannot_be_are_refused(name: str, period: Period | None, words: str) -> None:
    with pytest.raises(LayoutError, match=words):
        parse(table(practice("G82007")), name, Hints(period=period))


PLACE_COLUMNS = ("SUB_ICB_CODE", "SUB_ICB_NAME", "ICB_CODE", "ICB_NAME", "REGION_CODE", "REGION_NAME")


@pytest.mark.parametrize("absent", [PLACE_COLUMNS, PLACE_COLUMNS[:2]])
def test_practices_of_a_file_without_commissioners_are_placed_by_their_own(absent: tuple[str, ...]) -> None:
    rows = (practice("G82007"), practice("G82634"), practice("Y99999"))
    whole = parse(table(*rows))
    parsed = parse(table(*rows, columns=[name for name in DETAILED if name not in absent]))

    def parents(parsed: ParsedFile) -> dict[str, list[str]]:
        return {item.code: [parent.code for parent in item.parents] for item in parsed.organisations}

    own = parents(parsed)
    assert own["G82007"] == parents(whole)["G82007"] == ["91Q", "QKS", "Y59", "10A"]
    assert own["G82634"] == parents(whole)["G82634"]
    assert "91Q" not in own["Y99999"]
    said = [item for item in parsed.findings if item.severity is Severity.WARNING]
    assert len(said) == 1
    assert "2 of its 3 practices are placed by their CCG of 31 March 2020" in said[0].message
    assert any("1 practice with 10,000 patients whose CCG" in item.message for item in parsed.findings)


def test_practices_of_an_old_file_without_commissioners_belong_to_the_ccg_of_the_time() -> None:
    name = "General Practice September 2017 Practice Level.csv"
    parsed = parse(table(practice("G82007"), columns=[n for n in DETAILED if n not in PLACE_COLUMNS]), name)
    (own,) = [item for item in parsed.organisations if item.code == "G82007"]
    assert [parent.code for parent in own.parents] == ["10A", "Y59"]


def changed(column: str, to: str) -> list[str]:
    return [to if name == column else name for name in DETAILED]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            table(practice("G82007"), columns=changed("TOTAL_GP_EXTGL_FTE", "TOTAL_GP_PERM_FTE")),
            "TOTAL_GP_EXTGL_FTE",
        ),
        (table(practice("G82007"), columns=changed("TOTAL_PATIENTS", "LIST")), "wanted the columns"),
        (table(practice("G82007"), columns=changed("TOTAL_NURSES_FTE", "NURSES")), "TOTAL_NURSES_FTE"),
        (table(practice("G82007"), practice("G82002", gps=("x", 1, 1))), "row 3, column TOTAL_GP_FTE"),
        (table(practice("G82007", gps=(-1, 1, 1))), "row 2, column TOTAL_GP_FTE.*found '-1'"),
        (table(practice("G82007", "inf")), "row 2, column TOTAL_PATIENTS"),
        (table(practice("surgery")), "row 2, column PRAC_CODE: wanted a practice code, found 'surgery'"),
        (table(practice("G82007"), practice("G82007")), "row 3, column PRAC_CODE: wanted each practice once"),
        (table(practice("G82007", place={**KENT, "ICB_CODE": "Kent"})), "row 2, column ICB_CODE"),
        (table(), "wanted a row for each practice, found none"),
    ],
)
def test_a_wrong_table_is_refused_with_its_place(content: bytes, words: str) -> None:
    with pytest.raises(LayoutError, match=words) as error:
        parse(content)
    assert str(error.value).startswith(APRIL)


def test_a_file_cut_in_mid_row_is_refused() -> None:
    content = table(practice("G82007"), practice("G82002"))
    with pytest.raises(LayoutError, match="fields"):
        parse(content[:-30])


def test_windows_1252_and_a_byte_order_mark_are_read() -> None:
    row = practice("G82007", PRAC_NAME="CAFÉ – SURGERY")
    for encoding in ("cp1252", "utf-8-sig", "utf-8"):
        parsed = parse(table(row, encoding=encoding, end="\r\n"))
        assert set(parsed.frame["organisation_name"]) == {"CAFÉ – SURGERY"}


@pytest.mark.parametrize(
    "content", [b"", b"<!DOCTYPE html><html><body>Not found</body></html>", b"\x00\x01\x02"]
)
def test_bytes_that_are_no_table_are_known_by_their_name_alone_and_refused_by_why(content: bytes) -> None:
    raw = RawFile(APRIL, content)
    assert SOURCE.recognise(raw)
    assert not SOURCE.recognise(RawFile("file.csv", content))
    with pytest.raises(UnreadableFileError, match="April 2025"):
        SOURCE.parse(raw, Hints())


def test_other_publications_are_not_claimed() -> None:
    for header in ("Period,Basis,Org_Code", "UNIQUE_IDENTIFIER,STAFF_GROUP,FTE", "PRAC_CODE,LIST_SIZE"):
        assert not SOURCE.recognise(RawFile("file.csv", f"{header}\n1,2,3\n".encode()))


def high_level(*rows: tuple[object, ...]) -> bytes:
    return table(*(dict(zip(HIGH_LEVEL, row, strict=True)) for row in rows), columns=HIGH_LEVEL)


HIGH_NAME = "3 General Practice – April 2025 Practice Level - High level.csv"


def test_a_high_level_total_of_0_beside_roles_is_no_figure() -> None:
    parsed = parse(
        high_level(
            ("G82007", "A", "GP", "Total", "FTE", "0"),
            ("G82007", "A", "GP", "Salaried GPs", "FTE", "2"),
            ("G82007", "A", "Nurses", "Total", "FTE", "0"),
            ("G82007", "A", "Nurses", "Practice Nurse", "FTE", "0"),
            ("G82007", "A", "Nurses", "Practice Nurse", "Headcount", "1"),
            ("G82002", "B", "GP", "Total", "FTE", "2"),
            ("G82002", "B", "GP", "Salaried GPs", "FTE", "2"),
        ),
        HIGH_NAME,
    )
    assert counts(parsed, ALL_GPS, "G82007") == (
        None,
        None,
        "the file gives a total of 0 beside roles above 0",
    )
    assert counts(parsed, NURSES, "G82007")[0] == 0
    assert counts(parsed, ALL_GPS, "G82002")[0] == 2
    (finding,) = [item for item in parsed.findings if item.check == "totals"]
    assert (finding.severity, finding.count) == (Severity.WARNING, 1)
    assert "G82007 (GP)" in finding.message


def test_the_high_level_table_gives_staff_without_rates_and_yields_to_the_detailed_one() -> None:
    parsed = parse(
        high_level(
            ("G82007", "A", "GP", "Total", "FTE", "6.5"),
            ("G82007", "A", "GP", "Total", "Headcount", "8"),
            ("G82007", "A", "GP", "Salaried GPs", "FTE", "2"),
            ("G82007", "A", "Nurses", "Total", "FTE", "NA"),
            ("G82007", "A", "Nurses", "Practice Nurse", "FTE", "3"),
            ("G82007", "A", "Nurses", "Nursing Partner", "FTE", "1"),
        ),
        HIGH_NAME,
    )
    reason = "the high-level file gives no registered patients"
    assert counts(parsed, ALL_GPS, "G82007") == (6.5, None, reason)
    assert counts(parsed, NURSES, "G82007") == (None, None, "no valid return (NA)")
    assert counts(parsed, NURSES, "G82007", "staff role: Practice nurse") == (3, None, reason)
    assert len(parsed.frame) == 3
    assert set(parsed.frame["maturity"]) == {Maturity.PROVISIONAL.value}
    assert any("'Nursing Partner'" in finding.message for finding in parsed.findings)


def test_a_high_level_table_without_totals_is_refused() -> None:
    with pytest.raises(LayoutError, match="found 'Direct Patient Care' without it"):
        parse(high_level(("G82007", "A", "Direct Patient Care", "Podiatrist", "FTE", "0.0")), HIGH_NAME)
