"""Files of own measures, checked: every example of the shared material, and each kind of fault made up here."""

from __future__ import annotations

import json
from datetime import date
from io import BytesIO
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from openpyxl import Workbook

from db.catalogue import load_catalogue
from db.domain.own.figures import FigureKey
from db.domain.period import Period
from db.own.checking.file import CheckedFile, check_own_file
from db.own.checking.keys import Known
from db.own.written import read_written
from db.reading.files import RawFile
from tests.support.own.measures import (
    HEAD,
    TODAY,
    checked,
    falls,
    findings,
    incidents,
    lines,
    month,
    workbook,
)

ERROR, WARNING, NOTE = "error", "warning", "note"


def examples(folder: Path) -> dict[str, tuple[CheckedFile, dict[str, Any]]]:
    catalogue = load_catalogue()
    written = [read_written(path, catalogue) for path in sorted((folder / "definitions").glob("*.toml"))]
    known = Known(catalogue, {item.id: item.measure for item in written}, TODAY)
    wanted = json.loads((folder / "expected.json").read_text())["files"]
    return {
        name: (check_own_file(RawFile(name, (folder / name).read_bytes()), known, lambda _: {}), said)
        for name, said in wanted.items()
    }


@pytest.mark.real_data
def test_every_example_is_judged_as_wanted(shared_data: Path) -> None:
    found = examples(shared_data / "own_measures")
    assert len(found) == 8
    for name, (file, wanted) in found.items():
        assert file.accepted == (wanted["verdict"] == "accept"), name
        told = [(item["row"], item["column"], item["level"]) for item in wanted["findings"]]
        assert findings(file) == sorted(told, key=lambda item: (item[0] or 0, item[1] or "", item[2])), name


@pytest.mark.real_data
def test_the_good_examples_hold_the_figures_wanted(shared_data: Path) -> None:
    for name, (file, wanted) in examples(shared_data / "own_measures").items():
        if wanted["verdict"] == "refuse":
            continue
        assert file.lines == wanted["rows"]
        assert file.missing == wanted.get("missing_with_reason", 0)
        assert len(file.targets) == wanted.get("targets", 0)
        assert list(file.sheets_unread) == wanted.get("sheets_ignored_and_named", [])
        values = {figure.key: figure for figure in file.figures}
        for item in wanted["checks"]:
            if "value" not in item:
                continue
            measure = item.get("measure", "local-inpatient-falls")
            period = {
                "2026-W15": Period.week(date(2026, 4, 6)),
            }.get(item["period"]) or Period.month(*map(int, item["period"].split("-")))
            figure = values[FigureKey(measure, "RVV", item["unit"] or "", period)]
            assert round(figure.value or 0, 4) == item["value"], name
            assert figure.numerator == item.get("numerator")


def test_lists_of_both_layouts_and_every_separator_say_the_same() -> None:
    rows = [month("zebra-a", "2026-09", 3, 700), month("zebra-a", "2026-10", 0, 710)]
    long = checked(lines(*rows)).figures
    assert [(item.numerator, item.denominator) for item in long] == [(3, 700), (0, 710)]
    for separator in ";\t":
        content = "\ufeff" + "\r\n".join((HEAD, *rows)).replace(",", separator)
        assert checked(content.encode()).figures == long
    head = "measure,organisation,unit,part,2026-09,Oct-26"
    wide = lines(
        "local-zebra-falls,RVV,zebra-a,numerator,3,0",
        "local-zebra-falls,RVV,zebra-a,denominator,700,710",
        head=head,
    )
    found = checked(wide)
    assert [item.content for item in found.figures] == [item.content for item in long]
    assert [item.key for item in found.figures] == [item.key for item in long]
    assert findings(found) == [(1, "Oct-26", NOTE)]
    twice = checked(
        lines(
            "local-zebra-falls,RVV,zebra-a,numerator,3,4",
            "local-zebra-falls,RVV,zebra-a,denominator,700,710",
            head="measure,organisation,unit,part,2026-09,Sep-26",
        )
    )
    assert findings(twice) == [(1, "Sep-26", NOTE), (2, "Sep-26", ERROR)]
    assert "as the column 2026-09, with another figure" in str(twice.findings.told())
    book = workbook(data=[HEAD.split(","), *([cell or None for cell in row.split(",")] for row in rows)])
    assert [item.content for item in checked(book, name="list.xlsx").figures] == [
        item.content for item in long
    ]


@pytest.mark.parametrize(
    ("period", "level"),
    [
        ("2026-09", None),
        ("01/09/2026", NOTE),
        ("1.9.2026", NOTE),
        ("September 2026", NOTE),
        ("Sept-26", NOTE),
        ("2026-09-01", NOTE),
        ("09/2026", NOTE),
        ("2026-09-15", ERROR),
        ("09/15/2026", ERROR),
        ("2026-13", ERROR),
        ("31/02/2026", ERROR),
        ("2026-W36", ERROR),
        ("Q2 2026/27", ERROR),
        ("2026", ERROR),
        ("sometime", ERROR),
        ("2026-12", ERROR),
        ("1826-12", ERROR),
        ("", ERROR),
    ],
)
def test_months_are_read_as_people_write_them(period: str, level: str | None) -> None:
    found = checked(lines(month("zebra-a", period, 3, 700)))
    assert findings(found) == ([] if level is None else [(2, "period", level)])
    if level != ERROR:
        assert found.figures[0].key.period == Period.month(2026, 9)


@pytest.mark.parametrize(
    ("frequency", "written", "period"),
    [
        ("week", "2026-W36", Period.week(date(2026, 8, 31))),
        ("week", "31/08/2026", Period.week(date(2026, 8, 31))),
        ("week", "2026-09-01", None),
        ("week", "2026-W54", None),
        ("day", "2026-09-01", Period.day(date(2026, 9, 1))),
        ("day", "01/09/2026", Period.day(date(2026, 9, 1))),
        ("day", "2026-09", None),
        ("quarter", "Q2 2026/27", Period.quarter(2026, 7)),
        ("quarter", "2025/26 Q4", Period.quarter(2026, 1)),
        ("quarter", "Q2 2026", None),
        ("quarter", "Q2 2026/28", None),
        ("year", "2025/26", Period.financial_year(2025)),
        ("year", "2025", Period.of_months(2025, 1, Period.financial_year(2025).frequency)),
        ("year", "2025-09", None),
    ],
)
def test_other_frequencies_have_periods_of_their_own(
    frequency: str, written: str, period: Period | None
) -> None:
    measure = falls(frequency=frequency).measure
    found = checked(lines(month("zebra-a", written, 3, 700)), measure)
    assert [item.key.period for item in found.figures] == ([] if period is None else [period])
    assert (2, "period", ERROR) not in findings(found) or period is None


@pytest.mark.parametrize(
    ("numerator", "denominator", "value", "wanted"),
    [
        ("3", "700", "4.3", []),
        ("3", "700", "4.2", [(2, "value", ERROR)]),
        ("3", "0", "", [(2, "denominator", ERROR)]),
        ("3", "", "", [(2, "denominator", ERROR)]),
        ("", "700", "", [(2, "numerator", ERROR)]),
        ("", "", "4.3", [(2, "value", ERROR)]),
        ("", "", "", [(2, None, ERROR)]),
        ("*", "700", "", [(2, "numerator", ERROR)]),
        ("#N/A", "700", "", [(2, "numerator", ERROR)]),
        ("-3", "700", "", [(2, "numerator", ERROR)]),
        ("\u22123", "700", "", [(2, "numerator", ERROR)]),
        ("2.5", "700", "", [(2, "numerator", ERROR)]),
        ('"1,064"', '"12,300"', "", [(2, "denominator", NOTE)]),
        ('"2,5"', "700", "", [(2, "numerator", ERROR)]),
        ("1e3", "700", "", [(2, "numerator", ERROR)]),
        ("=3+1", "700", "", [(2, "numerator", ERROR)]),
        ("3%", "700", "", [(2, "numerator", ERROR)]),
    ],
)
def test_counts_are_whole_and_agree(
    numerator: str, denominator: str, value: str, wanted: list[tuple[int, str | None, str]]
) -> None:
    found = checked(lines(month("zebra-a", "2026-09", numerator, denominator, value, "final", "", "")))
    assert findings(found) == wanted
    assert found.accepted == all(level != ERROR for _, _, level in wanted)


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (month("ZEBRA-A ", "2026-09", 3, 700), [(2, "unit", NOTE)]),
        (month("zebra-c", "2026-09", 3, 700), [(2, "unit", ERROR)]),
        (month("", "2026-09", 3, 700), [(2, "unit", ERROR)]),
        (month("zebra-a", "2026-09", 3, 700, "", "Draft", "", ""), [(2, "status", ERROR)]),
        (month("zebra-a", "2026-09", "", "", "", "", "because", ""), [(2, "missing_reason", ERROR)]),
        (month("zebra-a", "2026-09", 3, 700, "", "", "lost", ""), [(2, "missing_reason", ERROR)]),
        (month("zebra-a", "2026-09", 3, 700, "", "", "", "@here"), [(2, "note", ERROR)]),
        (month("zebra-a", "2026-09", 3, 700, "", "", "", "x" * 161), [(2, "note", ERROR)]),
        (month("zebra-a", "2026-09", 3, 700, "", "", "", "a\u202eb"), [(2, "note", ERROR)]),
        (month("zebra-a", "2026-09", 3, 700, "", "", "", "a\x07b"), [(2, "note", ERROR)]),
        (month("zebra\u200b-a", "2026-09", 3, 700), [(2, "unit", ERROR)]),
        (month("zebra-a", "2026-09", 3, 700, "", "", "", "a, b", "c"), [(2, None, ERROR)]),
    ],
)
def test_each_fault_is_told_by_line_and_column(line: str, wanted: list[tuple[int, str | None, str]]) -> None:
    found = [item for item in findings(checked(lines(line))) if item[2] != WARNING]
    if wanted[0][1] == "missing_reason" and "because" in line:
        wanted = [(2, None, ERROR), *wanted]
    assert found == wanted


def test_what_shows_only_beside_other_lines_is_told() -> None:
    rows = [month("zebra-a", f"2026-{number:02}", 3, 700) for number in (1, 2, 3, 5, 6)]
    found = checked(lines(*rows, month("zebra-a", "2026-07", 3, 1500), month("zebra-a", "2026-08", 3, 7000)))
    assert findings(found) == [
        (None, "period", WARNING),
        (7, "denominator", WARNING),
        (8, "denominator", WARNING),
    ]
    doubled = checked(lines(rows[0], rows[0].replace(",3,", ",4,")))
    assert findings(doubled) == [(3, None, ERROR)]
    standing = {item.key: item for item in checked(lines(rows[0])).figures}
    assert findings(checked(lines(rows[0].replace(",3,", ",4,")), standing=standing)) == [
        (2, "denominator", WARNING)
    ]
    month_first = lines(month("zebra-a", "01/05/2026", 3, 700), month("zebra-b", "05/31/2026", 3, 700))
    assert findings(checked(month_first)) == [(2, "period", ERROR), (3, "period", ERROR)]


def test_events_are_days_alone_and_counted_by_day() -> None:
    head = "measure,organisation,unit,event_date,note"
    rows = [f"local-zebra-incidents,RVV,zebra-a,{day}," for day in ("2026-09-03", "03/09/2026", "2026-10-01")]
    found = checked(lines(*rows, head=head))
    days = [(item.key.period.start, item.numerator) for item in found.figures]
    assert days == [(date(2026, 9, 3), 2), (date(2026, 10, 1), 1)]
    ahead = checked(lines("local-zebra-incidents,RVV,zebra-a,2026-12-24,", head=head))
    assert findings(ahead) == [(2, "event_date", ERROR)]


def test_targets_have_days_and_do_not_meet() -> None:
    head = ["measure", "organisation", "unit", "kind", "comparator", "value", "from", "to", "set_by", "note"]
    place = ["local-zebra-falls", "RVV", "", "local target"]
    good = [
        [*place, "<=", 5, date(2026, 4, 1), date(2026, 8, 31), "Board", ""],
        [*place, "<=", 4, "2026-09-01"],
    ]
    found = checked(workbook(targets=[head, *good]), name="targets.xlsx")
    assert found.accepted
    assert [(item.target.value, item.target.effective_to) for item in found.targets] == [
        (5, date(2026, 8, 31)),
        (4, None),
    ]
    for changed, column in (
        ([*place, ">=", 5, "2026-04-01"], "comparator"),
        ([*place, "<=", "five", "2026-04-01"], "value"),
        ([*place, "<=", 5, "April"], "from"),
        ([*place, "<=", 5, "2026-04-01", "2026-03-01"], "to"),
        ([*place[:3], "ambition", "<=", 5, "2026-04-01"], "kind"),
    ):
        bad = checked(workbook(targets=[head, changed]), name="targets.xlsx")
        assert findings(bad) == [(2, column, ERROR)]
    assert findings(checked(workbook(targets=[head, good[0], good[0]]), name="t.xlsx")) == [(3, None, ERROR)]
    alone = lines(
        "local-zebra-falls,RVV,zebra-a,<=,5,2026-04-01",
        head="measure,organisation,unit,comparator,value,from",
    )
    assert [item.target.unit for item in checked(alone).targets] == ["zebra-a"]


def test_a_columns_heading_is_told_of_once() -> None:
    rows = [
        f"local-zebra-falls,RVV,{unit},{part},3,700"
        for unit in ("zebra-a", "zebra-b")
        for part in ("numerator", "denominator")
    ]
    head = "measure,organisation,unit,part,Sep-26,Total"
    assert findings(checked(lines(*rows, head=head))) == [(1, "Sep-26", NOTE), (1, "Total", ERROR)]


@pytest.mark.parametrize(
    "content",
    [
        b"NHS No,organisation,period\n1,RVV,2026-09\n",
        b"Forename,organisation,period\nAda,RVV,2026-09\n",
        lines(month("zebra-a", "2026-09", 3, 700, "", "", "", "999 000 0018 fell")),
        lines("9990000018,RVV,zebra-a,2026-09,1,2,,,,"),
        b"\xef\xbb\xbfA title\n\nPatient NHS number;Ward\n1;A\n",
    ],
)
def test_lists_of_patients_are_refused_unread_and_not_echoed(content: bytes) -> None:
    found = checked(content)
    assert found.patients
    assert not found.accepted
    assert not found.sha256
    told = " ".join(str(item) for item in found.findings.told())
    assert not any(secret in told for secret in ("9990000018", "999 000", "Ada", "0018"))


def test_a_hidden_sheet_of_patients_refuses_its_workbook() -> None:
    content = workbook(data=[HEAD.split(",")], other=[["ward", "number"], ["A", 9990000018]])
    assert checked(content, name="list.xlsx").patients


def test_what_a_workbook_says_beside_its_cells_is_told() -> None:
    row = ["local-zebra-falls", "RVV", "zebra-a", "2026-09", 3, 700]
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Data"
    for cells in (HEAD.split(","), row, [*row[:3], "2026-08", "=1+2", 700], [*row[:3], "2026-07", 3, "#N/A"]):
        sheet.append(cells)
    sheet["F4"].data_type = "e"
    sheet.row_dimensions[2].hidden = True
    book.create_sheet("targets 2").sheet_state = "hidden"
    content = BytesIO()
    book.save(content)
    found = checked(content.getvalue(), name="list.xlsx")
    assert findings(found) == [
        (None, None, WARNING),
        (2, None, WARNING),
        (3, "numerator", ERROR),
        (4, "denominator", ERROR),
    ]
    assert found.sheets_unread == ("targets 2",)


def test_what_cannot_be_read_is_told_in_a_sentence() -> None:
    for content, name, said in (
        (b"", "list.csv", "is empty"),
        ("measure,organisation,period\nlocal-é".encode("latin-1"), "list.csv", "wanted text in UTF-8"),
        (b"PK\x03\x04 cut", "list.xlsx", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1old", "list.xls", "save it as a workbook"),
        (b"one\ntwo\n", "list.csv", "No headings"),
        (lines(), "list.csv", "no line with a figure"),
        (lines(head=HEAD.replace("numerator", "numerater")), "list.csv", "Near: numerator"),
    ):
        found = checked(content, name=name)
        assert not found.accepted
        assert any(said in item.message for item in found.findings.told()), (said, found.findings.told())


def test_many_findings_are_counted_and_many_lines_are_quick() -> None:
    rows = [
        month("zebra-a", f"20{year:02}-{number:02}", "x", 700)
        for year in range(1, 26)
        for number in range(1, 13)
    ]
    found = checked(lines(*rows))
    assert len(found.findings.told()) == 200
    assert found.findings.untold == 100
    begun = perf_counter()
    measure = falls(frequency="day").measure
    days = [
        month(unit, f"2026-{m:02}-{d:02}", 3, 700)
        for unit in ("zebra-a", "zebra-b")
        for m in range(1, 10)
        for d in range(1, 28)
    ]
    assert len(checked(lines(*days), measure, incidents().measure).figures) == 486
    assert perf_counter() - begun < 5
