"""Practices whose own cells deny each other: refused by row and code, and real rows never."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from db.domain import Finding, Severity
from etl.pipeline.validate import is_acceptable
from etl.reading.archives import open_archive
from etl.source import FEW_ROWS, Hints, LayoutError, RawFile, SourceError
from etl.sources.general_practice_workforce import SOURCE
from tests.support.publications.workforce_files import APRIL, DETAILED, KENT, zipped

APRIL_HIGH_LEVEL = "3 General Practice – April 2025 Practice Level - High level.csv"
GP_ROLES = ("SEN_PTNR", "PTNR_PROV", "SAL_BY_PRAC", "SAL_BY_OTH", "RET")
TRAINEES = tuple(f"TRN_GR_{grade}" for grade in ("ST1", "ST2", "ST3", "ST4", "OTH", "F1_2"))
LOCUMS = ("LOCUM_VAC", "LOCUM_ABS", "LOCUM_OTH")
NURSES = (
    *("PRAC_NURSE", "ADV_NURSE_PRAC", "NURSE_SPEC", "EXT_ROLE_NURSE", "TRAINEE_NURSE"),
    *("NURSE_DISP", "NURSE_PTNR", "NURSE_OTH"),
)
Row = dict[str, str]


def whole_row(code: str, patients: int = 9_000, **changed: str) -> Row:
    """A practice with two partners, a salaried GP, a trainee and a locum, and three nurses, in all columns."""
    people = {
        "PTNR_PROV": (2, 1.8),
        "SAL_BY_PRAC": (1, 0.7466666667),
        "TRN_GR_ST3": (1, 1.0666666667),
        "LOCUM_OTH": (1, 0.2),
    }
    row = {
        "PRAC_CODE": code,
        "PRAC_NAME": f"PRACTICE {code}",
        "SUB_ICB_CODE": "91Q",
        "ICB_CODE": "QKS",
        "REGION_CODE": "Y59",
    }
    row |= {
        "TOTAL_PATIENTS": str(patients),
        "TOTAL_MALE": str(patients // 2),
        "TOTAL_FEMALE": str(patients - patients // 2),
        "TOTAL_UNKNOWN_GENDER": "0.0",
    }
    for place, measure in enumerate(("HC", "FTE")):
        for role in (*GP_ROLES, *TRAINEES, *LOCUMS):
            row[f"TOTAL_GP_{role}_{measure}"] = (
                f"{people.get(role, (0, 0))[place]:g}"
                if not place
                else f"{people.get(role, (0, 0))[place]:.10f}"
            )
        sums = {
            "": people,
            "EXTG_": {r: n for r, n in people.items() if r not in TRAINEES},
            "EXL_": {r: n for r, n in people.items() if r not in LOCUMS},
        }
        sums["EXTGL_"] = {r: n for r, n in sums["EXTG_"].items() if r not in LOCUMS}
        for total, own in sums.items():
            row[f"TOTAL_GP_{total}{measure}"] = f"{sum(n[place] for n in own.values()):.10f}"
        for role in NURSES:
            row[f"TOTAL_N_{role}_{measure}"] = {
                "PRAC_NURSE": ("2", "1.5"),
                "ADV_NURSE_PRAC": ("1", "0.8"),
            }.get(role, ("0", "0"))[place]
        row[f"TOTAL_NURSES_{measure}"] = ("3", "2.3")[place]
    return row | changed


def content(*rows: Row, header: Callable[[list[str]], list[str]] = list) -> bytes:
    kept = io.StringIO()
    writer = csv.writer(kept)
    writer.writerow(header(list(rows[0])))
    writer.writerows(list(row.values()) for row in rows)
    return kept.getvalue().encode()


def said(table: bytes, severity: Severity = Severity.ERROR) -> list[Finding]:
    parsed = SOURCE.parse(RawFile(APRIL, table), Hints())
    return [item for item in parsed.findings if item.severity is severity]


def test_a_row_that_adds_up_says_nothing() -> None:
    table = content(whole_row("G82001"), whole_row("G82002", patients=1))
    assert said(table) == said(table, Severity.WARNING) == []


@pytest.mark.parametrize(
    ("changed", "check", "words"),
    [
        (
            {"TOTAL_GP_FTE": "38.133"},
            "roles against total",
            "row 3, G82002: TOTAL_GP_FTE: wanted what its 14 roles",
        ),
        ({"TOTAL_GP_PTNR_PROV_FTE": "0.8"}, "roles against total", "3.8133333334"),
        (
            {"TOTAL_GP_PTNR_PROV_FTE": ""},
            "roles against total",
            "roles add up to, 2.01333, found 3.8133333334",
        ),
        ({"TOTAL_GP_EXTGL_FTE": "2.6"}, "roles against total", "TOTAL_GP_EXTGL_FTE: wanted what its 5 roles"),
        ({"TOTAL_GP_FTE": "3.8133334134"}, "roles against total", "3.81333, found 3.8133334134"),
        ({"TOTAL_GP_EXTG_FTE": ""}, "roles against total", "TOTAL_GP_EXTG_FTE: wanted what its 8 roles"),
        (
            {"TOTAL_NURSES_FTE": "0"},
            "roles against total",
            "TOTAL_NURSES_FTE: wanted what its 8 roles add up to, 2.3",
        ),
        ({"TOTAL_NURSES_HC": "9"}, "roles against total", "TOTAL_NURSES_HC"),
        ({"TOTAL_GP_HC": "1"}, "roles against total", "TOTAL_GP_HC"),
        ({"TOTAL_PATIENTS": "90000"}, "patients by sex", "found 90000 all, 4500 men and 4500 women"),
        ({"TOTAL_PATIENTS": "1e300"}, "patients", "at most 1,000,000, found 1e300"),
        ({"TOTAL_PATIENTS": "9000.5"}, "patients", "wanted whole patients"),
        (
            {"TOTAL_GP_HC": "5", "TOTAL_GP_FTE": "1e300"},
            "full-time equivalents",
            "wanted at most 2,000, found 1e300",
        ),
        (
            {
                "TOTAL_GP_PTNR_PROV_FTE": "18",
                "TOTAL_GP_FTE": "20.0133333334",
                "TOTAL_GP_EXTG_FTE": "18.9466666667",
                "TOTAL_GP_EXL_FTE": "19.8133333334",
                "TOTAL_GP_EXTGL_FTE": "18.7466666667",
            },
            "full-time equivalents against headcount",
            "wanted at most 3 for each person, found 18 of 2 people",
        ),
    ],
)
def test_a_row_that_denies_itself_is_refused_by_row_and_code(changed: Row, check: str, words: str) -> None:
    errors = said(content(whole_row("G82001"), whole_row("G82002") | changed))
    assert any(item.check == check and words in item.message for item in errors)
    assert all("G82001" not in item.message for item in errors)


def test_a_headcount_below_its_roles_is_right_for_people_with_two_roles() -> None:
    assert said(content(whole_row("G82001", TOTAL_GP_HC="4", TOTAL_GP_EXL_HC="3"))) == []


def test_a_group_without_a_return_is_no_contradiction() -> None:
    coded = {name: "NA" for name in whole_row("G82001") if name.startswith(("TOTAL_N_", "TOTAL_NURSES"))}
    assert said(content(whole_row("G82001") | coded, whole_row("G82002"))) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TOTAL_GP_FTE", "TOTAL_NURSES_FTE"),
        ("TOTAL_GP_EXTG_FTE", "TOTAL_GP_EXTGL_FTE"),
        ("TOTAL_GP_FTE", "TOTAL_GP_HC"),
        ("TOTAL_PATIENTS", "TOTAL_MALE"),
        ("TOTAL_GP_PTNR_PROV_FTE", "TOTAL_GP_LOCUM_OTH_FTE"),
        ("TOTAL_N_PRAC_NURSE_FTE", "TOTAL_GP_PTNR_PROV_FTE"),
    ],
)
def test_headings_that_belong_to_each_other_are_refused(one: str, other: str) -> None:
    swapped = {one: other, other: one}
    table = content(
        *(whole_row(f"G8200{number}") for number in range(5)),
        header=lambda names: [swapped.get(name, name) for name in names],
    )
    (first, *_) = said(table)
    assert first.count == 5


SHORT_ROW = (
    dict.fromkeys(DETAILED, "")
    | KENT
    | {
        "TOTAL_PATIENTS": "8000",
        "TOTAL_GP_HC": "7",
        "TOTAL_GP_EXTG_HC": "6",
        "TOTAL_GP_FTE": "6.1",
        "TOTAL_GP_EXTG_FTE": "5.2",
        "TOTAL_GP_EXTGL_FTE": "4.3",
        "TOTAL_NURSES_FTE": "0",
    }
)


@pytest.mark.parametrize(
    ("swapped", "told"),
    [
        ("TOTAL_GP_EXTG_FTE TOTAL_GP_EXTGL_FTE", "TOTAL_GP_EXTGL_FTE: wanted no more than TOTAL_GP_EXTG_FTE"),
        ("TOTAL_GP_FTE TOTAL_GP_EXTG_FTE", "TOTAL_GP_EXTG_FTE: wanted no more than TOTAL_GP_FTE"),
        (
            "SUB_ICB_CODE ICB_CODE",
            "in the column of the CCG or sub-ICB location, found QKS, which is another level",
        ),
    ],
)
def test_headings_that_changed_places_are_refused_where_no_roles_are_given(swapped: str, told: str) -> None:
    one, other = swapped.split()
    headings = {one: other, other: one}
    rows = [SHORT_ROW | {"PRAC_CODE": f"G8200{number}"} for number in range(5)]
    assert said(content(*rows)) == []
    errors = said(content(*rows, header=lambda names: [headings.get(name, name) for name in names]))
    assert any(told in item.message and item.count == 5 for item in errors)


@pytest.mark.parametrize("nothing", ["", "0", "NA"])
def test_a_column_of_patients_that_was_lost_is_refused(nothing: str) -> None:
    rows = [SHORT_ROW | {"PRAC_CODE": f"G820{number}", "TOTAL_PATIENTS": nothing} for number in range(10, 40)]
    (error,) = said(content(*rows))
    assert (error.check, error.count) == ("patients", 30)
    assert f"wanted registered patients of a practice with GPs, found {nothing or 'nothing'}" in error.message
    assert said(content(*rows[:9], *({**row, "TOTAL_PATIENTS": "9"} for row in rows[9:]))) == []


def test_a_decimal_comma_is_no_comma_of_thousands() -> None:
    assert said(content(SHORT_ROW | {"PRAC_CODE": "G82001", "TOTAL_PATIENTS": "8,000"})) == []
    with pytest.raises(SourceError, match=r"row 2, column TOTAL_GP_FTE: wanted a number .* found '6,1'"):
        said(content(SHORT_ROW | {"PRAC_CODE": "G82001", "TOTAL_GP_FTE": "6,1"}))


def test_examples_are_few_and_all_are_counted() -> None:
    rows = [whole_row(f"G82{number:03}", TOTAL_NURSES_FTE="9") for number in range(12)]
    (finding,) = said(content(*rows))
    assert (finding.count, finding.message.count("row ")) == (12, 5)
    assert finding.message.endswith("; and 7 more")


def test_patients_that_are_blank_beside_men_and_women_are_refused() -> None:
    (finding,) = said(content(whole_row("G82001", TOTAL_PATIENTS=""), whole_row("G82002")))
    assert (
        "row 2, G82001: wanted all patients to be men and women, found nothing all, 4500 men"
        in finding.message
    )


def test_many_decimals_are_held_to_what_they_say() -> None:
    (finding,) = said(content(whole_row("G82001", TOTAL_GP_FTE="3.8133343334")))
    assert "wanted what its 14 roles add up to, 3.81333" in finding.message
    assert said(content(whole_row("G82001", TOTAL_GP_FTE="3.8133333333"))) == []


@pytest.mark.parametrize("column", ["TOTAL_N_NURSE_OTH_FTE", "TOTAL_N_TRAINEE_NURSE_FTE"])
def test_a_blank_where_others_print_a_number_is_no_nought_and_said(column: str) -> None:
    rows = [whole_row(f"G8200{number}") for number in range(5)]
    rows[3][column] = ""
    (finding,) = said(content(*rows), Severity.WARNING)
    assert finding.check == "blank cells"
    assert finding.message.endswith(f"taken as not given and not as 0: row 5, G82003: {column}")
    for row in rows:
        row[column] = ""
    assert said(content(*rows), Severity.WARNING) == []


def test_a_group_without_a_return_may_be_blank() -> None:
    rows = [whole_row(f"G8200{number}") for number in range(5)]
    rows[3] |= {name: "" for name in rows[3] if name.startswith(("TOTAL_N_", "TOTAL_NURSES"))}
    (finding,) = said(content(*rows), Severity.WARNING)
    assert finding.message.endswith("row 5, G82003: TOTAL_NURSES_FTE")


def test_a_column_that_lost_its_heading_is_refused_and_one_renamed_is_said() -> None:
    rows = [whole_row(f"G8200{number}") for number in range(3)]
    place = [*rows[0]].index("TOTAL_N_NURSE_DISP_FTE")

    def renamed(label: str) -> bytes:
        return content(*rows, header=lambda names: [*names[:place], label, *names[place + 1 :]])

    with pytest.raises(
        LayoutError, match=f"row 1, column {place + 1}: wanted a heading, found a blank above '0'"
    ):
        said(renamed(""))
    (finding,) = said(renamed("TOTAL_N_DISP_NURSE_FTE"), Severity.WARNING)
    assert finding.message.endswith("staff roles of nurses not read: 'TOTAL_N_DISP_NURSE_FTE'")


def test_a_practice_code_of_another_form_is_said() -> None:
    rows = [whole_row(code) for code in ("G82001", "G82002", "G820J3")]
    (finding,) = said(content(*rows), Severity.WARNING)
    assert (finding.check, finding.count) == ("practice codes", 1)
    assert "row 4, G820J3" in finding.message


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        (
            {"SUB_ICB_CODE": "91X"},
            "row 5, G82003: 'NHS KENT AND MEDWAY ICB - 91Q' with '91X', elsewhere with '91Q'",
        ),
        ({"ICB_CODE": "QXU"}, "row 5, G82003: '91Q' with 'QXU', elsewhere with 'QKS'"),
        ({"REGION_CODE": "Y58"}, "row 5, G82003: '91Q' with 'Y58', elsewhere with 'Y59'"),
        (
            {"SUB_ICB_NAME": "NHS SUSSEX ICB - 09D"},
            "'91Q' with 'NHS SUSSEX ICB - 09D', elsewhere with 'NHS KENT",
        ),
    ],
)
def test_a_practice_placed_unlike_all_others_of_its_area_is_said(changed: Row, told: str) -> None:
    name = {"SUB_ICB_NAME": "NHS KENT AND MEDWAY ICB - 91Q"}
    rows = [whole_row(f"G8200{number}") | name for number in range(7)]
    assert said(content(*rows), Severity.WARNING) == []
    rows[3] |= changed
    (finding,) = said(content(*rows), Severity.WARNING)
    assert (finding.check, finding.count) == ("places", 1)
    assert told in finding.message


def test_a_practice_twice_is_refused_in_both_layouts() -> None:
    with pytest.raises(LayoutError, match="row 4, column PRAC_CODE: wanted each practice once"):
        said(content(whole_row("G82001"), whole_row("G82002"), whole_row("G82001")))
    table = RawFile(APRIL_HIGH_LEVEL, high_level(("G82001", "GP", "3.8"), ("G82001", "GP", "3.8")))
    with pytest.raises(LayoutError, match="row 3, G82001: wanted each practice, staff group and role once"):
        SOURCE.parse(table, Hints())


def thousands(**changed: str) -> bytes:
    rows = [whole_row(f"G{number:05}") for number in range(1, 1_202)]
    rows[700] |= changed
    return content(*rows)


def test_one_practice_of_thousands_may_be_accepted_by_a_person() -> None:
    (finding,) = said(thousands(TOTAL_NURSES_FTE="9"))
    assert finding.check == FEW_ROWS
    assert finding.message.startswith("roles against total: 30 April 2025, row 702, G00701: TOTAL_NURSES_FTE")
    assert is_acceptable([finding])


@pytest.mark.parametrize(
    "changed", [{"TOTAL_PATIENTS": "1e300"}, {"TOTAL_GP_FTE": "5000", "TOTAL_GP_HC": "3000"}]
)
def test_a_size_beyond_all_reason_is_never_accepted(changed: Row) -> None:
    assert not is_acceptable(said(thousands(**changed)))


def test_two_practices_in_a_thousand_are_not_few() -> None:
    rows = [whole_row(f"G{number:05}") for number in range(1, 1_202)]
    for number in (10, 700):
        rows[number]["TOTAL_NURSES_FTE"] = "9"
    assert not is_acceptable(said(content(*rows)))


def high_level(*values: tuple[str, str, str]) -> bytes:
    lines = ["PRAC_CODE,PRAC_NAME,STAFF_GROUP,DETAILED_STAFF_ROLE,MEASURE,VALUE"]
    lines += [f"{code},PRACTICE {code},{group},Total,FTE,{value}" for code, group, value in values]
    return ("\r\n".join(lines) + "\r\n").encode()


def beside(high: bytes) -> list[Finding]:
    raw = zipped(
        "GPWPracticeCSV.042025.zip",
        {APRIL: content(*(whole_row(f"G8200{n}") for n in range(3))), APRIL_HIGH_LEVEL: high},
    )
    with open_archive(raw) as archive:
        assert len(archive.names) == 2
    findings = SOURCE.parse(raw, Hints()).findings
    return [item for item in findings if item.check == "England against the high-level table"]


def _alike(gps: str = "3.8133333334") -> list[tuple[str, str, str]]:
    return [
        *((f"G8200{n}", "GP", gps if not n else "3.8133333334") for n in range(3)),
        *((f"G8200{n}", "Nurses", "2.3") for n in range(3)),
    ]


def test_the_two_tables_of_a_month_agree() -> None:
    assert beside(high_level(*_alike())) == []


def test_a_high_level_table_that_says_something_else_of_a_practice_is_told() -> None:
    (finding,) = beside(high_level(*_alike("3.7133333334")))
    assert (finding.severity, finding.count) == (Severity.WARNING, 1)
    assert "G82000, GPs: 3.81333 here, 3.71333 there" in finding.message


def test_an_england_that_the_high_level_table_denies_refuses_the_file() -> None:
    (finding, _) = beside(high_level(*_alike("38.133333334")))
    assert finding.severity is Severity.ERROR
    assert "England's GPs: wanted 45.76 as in the high-level table, found 11.44" in finding.message


@pytest.mark.real_data
def test_no_real_row_denies_itself(shared_data: Path) -> None:
    (cut,) = (shared_data / "workforce/detailed_cut").glob("*.csv")
    head, *rest = cut.read_text(encoding="utf-8").splitlines()
    lines = [f"{head},SUB_ICB_CODE", *(f"{line},91Q" for line in rest)]
    parsed = SOURCE.parse(RawFile(APRIL, "\n".join(lines).encode()), Hints())
    with (shared_data / "workforce/layout/practice_detailed_cols.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        rows = list(csv.DictReader(file))
    for month in {row["month"] for row in rows}:
        own = [{name.upper(): cell for name, cell in row.items()} for row in rows if row["month"] == month]
        assert said(content(*own)) == []
    checks = {item.check for item in parsed.findings}
    assert not checks & {
        "roles against total",
        "patients by sex",
        "patients",
        "full-time equivalents against headcount",
    }
