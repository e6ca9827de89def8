"""What people and their programs do to files, alike in every reader: blank rows, separators, codes that are none."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest

from db.domain import FileState
from db.store import Store
from etl.pipeline.recognise import parsed_file, source_of
from etl.pipeline.run import check_files
from etl.source import Hints, ParsedFile, RawFile, SourceError
from tests.support.publications import diagnostics_files, stroke_files, waiting_times
from tests.support.publications.combined_csv import line, month, text
from tests.support.publications.workbooks import workbook
from tests.support.publications.workforce_files import APRIL, HIGH_LEVEL, practice, table

MONTHLY = [
    ["62-DAY (URGENT GP REFERRAL TO TREATMENT) WAIT FOR FIRST TREATMENT: ALL CANCERS", *[""] * 8],
    ["PERIOD: JANUARY 2016", *[""] * 8],
    ['BASIS: PROVIDER BASED INCLUDING WELSH CROSS-BORDER PATIENTS AND "UNKNOWNS"', *[""] * 8],
    ["", *["" for _ in range(8)]],
    ["", "", "", "NUMBER OF PEOPLE", "", "", "", "PERCENTAGE", ""],
    [
        "",
        "ODS CODE (1)",
        "ACCOUNTABLE PROVIDER",
        "CARE SETTING (2)",
        "CANCER TYPE",
        "TOTAL",
        "WITHIN 62 DAYS",
        "AFTER 62 DAYS",
        "TREATED WITHIN 62 DAYS",
    ],
    ["", "RVV", "EAST KENT", "ALL CARE", "ALL CANCERS", "10", "8", "2", "80.00%"],
    ["", "RWF", "MAIDSTONE", "ALL CARE", "ALL CANCERS", "5", "4", "1", "80.00%"],
    ["", "", "ALL ENGLISH PROVIDERS", "ALL CARE", "ALL CANCERS", "15", "12", "3", "80.00%"],
]
EXTRACT_COLUMNS = [
    *("PERIOD", "YEAR", "MONTH", "STANDARD", "ORG CODE", "STAGE/ROUTE", "TREATMENT MODALITY", "CANCER TYPE"),
    *("TOTAL TREATED", "WITHIN STANDARD", "BREACHES"),
]
EXTRACT = "CWT-CRS-Apr-2024-Data-Extract-Provider.xlsx"


def with_code(code: str) -> dict[str, RawFile]:
    """A file of each reader in which an organisation has this code."""
    monthly = [[code if cell == "RVV" else cell for cell in row] for row in MONTHLY]
    faster = ("28-day FDS", code, "URGENT SUSPECTED CANCER", "", "Suspected lung cancer", 7, 6, 1)
    row = practice("G82007")
    high = {"STAFF_GROUP": "GP", "DETAILED_STAFF_ROLE": "Total", "MEASURE": "FTE", "VALUE": 3}
    return {
        "monthly table": as_csv("201601-11.-62-Day-Provider-Data.csv", monthly),
        "combined CSV": RawFile(
            "November-2024-Monthly-Combined-CSV-Final.csv", text([*month(), line("Provider", code, (1, 2))])
        ),
        "extract": RawFile(
            EXTRACT,
            workbook(
                {
                    "CWT CRS Provider Extract": [
                        EXTRACT_COLUMNS,
                        ["2024-04-01", "2024/25", "APR", *faster],
                    ]
                }
            ),
        ),
        "practices": RawFile(APRIL, table(row | {"PRAC_CODE": code})),
        "commissioner of practices": RawFile(APRIL, table(row | {"SUB_ICB_CODE": code})),
        "high level": RawFile(
            APRIL.replace("Detailed", "High level"),
            table(row | {"PRAC_CODE": code} | high, columns=HIGH_LEVEL),
        ),
        "diagnostics": diagnostics_files.raw_workbook(
            diagnostics_files.sheets([diagnostics_files.Waiting(code, 1, {0: 9})])
        ),
        "full extract": RawFile(
            diagnostics_files.MEMBER,
            diagnostics_files.extract([diagnostics_files.Waiting(code, 1, {0: 9})]),
        ),
        "pathways": RawFile(
            waiting_times.NAME, waiting_times.table([waiting_times.Row({3: 9}, provider=code)])
        ),
    }


def as_csv(name: str, rows: list[list[str]], separator: str = ",", encoding: str = "utf-8") -> RawFile:
    output = io.StringIO(newline="")
    csv.writer(output, delimiter=separator).writerows(rows)
    return RawFile(name, output.getvalue().encode(encoding))


def texts() -> list[RawFile]:
    """A file of every reader of comma-separated text."""
    own = {kind: raw for kind, raw in with_code("RXX").items() if kind not in ("extract", "diagnostics")}
    own["practices"] = RawFile(APRIL, table(practice("G82007"), practice("G82008")))
    return [*own.values(), stroke_files.scoring_summary()]


def parsed(raw: RawFile) -> ParsedFile:
    return parsed_file(source_of(raw), raw, Hints())


def rows_of(raw: RawFile) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.content.decode(), newline="")))


READERS = sorted(with_code("RVV"))


@pytest.mark.parametrize("reader", READERS)
def test_a_code_in_small_letters_is_read_in_capitals(reader: str) -> None:
    result = parsed(with_code("rxx")[reader])
    codes = set(result.frame["organisation"]) | {
        parent.code for item in result.organisations for parent in item.parents
    }
    assert "RXX" in codes
    assert "rxx" not in codes


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("RXX\u200b", "'RXX<U+200B ZERO WIDTH SPACE>'"),
        ("R\u200dXX", "'R<U+200D ZERO WIDTH JOINER>XX'"),
        ("\ufeffRXX", "'<U+FEFF ZERO WIDTH NO-BREAK SPACE>RXX'"),
        ("R\u00a0XX", "'R<U+00A0 NO-BREAK SPACE>XX'|'R XX'"),
        ("R\u0425X", "'R<U+0425 CYRILLIC CAPITAL LETTER HA>X'"),
        ("50", "'50'"),
        ("500", "'500'"),
        ("5.00E+01", "'5.00E+01'"),
        ("East Kent Hospitals", "'East Kent Hospitals'"),
        ("KENT", "'KENT'"),
    ],
)
def test_what_is_no_code_is_refused_and_named(reader: str, code: str, found: str) -> None:
    with pytest.raises(SourceError, match=r"row \d+.*wanted an? (organisation's|practice) code") as caught:
        parsed(with_code(code)[reader])
    assert any(f"found {one}" in str(caught.value) for one in found.split("|"))


def test_spaces_around_a_code_are_none_of_it() -> None:
    for raw in with_code("\u00a0RXX ").values():
        assert "RXX" in set(parsed(raw).frame["organisation"]) | {
            parent.code for item in parsed(raw).organisations for parent in item.parents
        }


@pytest.mark.parametrize("raw", texts(), ids=lambda raw: raw.name)
def test_blank_rows_say_nothing(raw: RawFile) -> None:
    rows, blank = rows_of(raw), [[], [""] * 9, ["  "], ["", ""]]
    width = len(rows[0])
    between = [item for row in rows for item in (row, *blank)]
    spoilt = [[""] * width, [], *between, [""] * width, []]
    expected, found = parsed(raw), parsed(as_csv(raw.name, spoilt))
    pd.testing.assert_frame_equal(found.frame, expected.frame)


@pytest.mark.parametrize("raw", texts(), ids=lambda raw: raw.name)
@pytest.mark.parametrize(
    ("separator", "encoding", "named"),
    [
        (";", "utf-8", "semicolons"),
        ("\t", "utf-16", "tabs"),
        ("\t", "utf-8", "tabs"),
        ("|", "cp1252", "bars"),
    ],
)
def test_another_separator_is_named(raw: RawFile, separator: str, encoding: str, named: str) -> None:
    with pytest.raises(SourceError, match=f"separated by .*{named}, not by commas: save it with commas"):
        parsed(as_csv(raw.name, rows_of(raw), separator, encoding))


@pytest.mark.parametrize("raw", texts(), ids=lambda raw: raw.name)
def test_commas_in_another_encoding_are_read(raw: RawFile) -> None:
    for encoding in ("utf-16", "utf-8-sig"):
        found = parsed(as_csv(raw.name, rows_of(raw), encoding=encoding))
        pd.testing.assert_frame_equal(found.frame, parsed(raw).frame)


def test_a_name_is_loaded_without_what_does_not_show() -> None:
    raw = RawFile(APRIL, table(practice("G82007") | {"PRAC_NAME": "A\x16 SUR\u200bGERY\tOF\u202e KENT"}))
    result = parsed(raw)
    assert set(result.frame["organisation_name"]) == {"A SURGERY OF KENT"}
    assert [item.name for item in result.organisations if item.code == "G82007"] == ["A SURGERY OF KENT"]
    (finding,) = [item for item in result.findings if item.check == "characters of names"]
    assert "A<U+0016> SUR<U+200B ZERO WIDTH SPACE>GERY" in finding.message


def test_a_team_is_known_whatever_hides_in_its_name() -> None:
    rows = rows_of(stroke_files.scoring_summary())
    spoilt = [[cell.replace("Hospital", "Hos\u200bpital") for cell in row] for row in rows]
    expected, found = (parsed(as_csv("JulSep2024.csv", table)) for table in (rows, spoilt))
    pd.testing.assert_frame_equal(found.frame, expected.frame)
    assert any(item.check == "characters of names" for item in found.findings)


@pytest.mark.real_data
def test_the_spoilt_files_beside_the_project(store: Store, shared_cases: Path) -> None:
    def states(case: str) -> dict[str, tuple[FileState, str]]:
        paths = [path for path in sorted((shared_cases / case).iterdir()) if path.suffix != ".md"]
        return {item.name: (item.state, item.message) for item in check_files(store, paths).results}

    for state, message in states("blank-rows").values():
        assert (state, message) == (FileState.UNCHANGED, "")
    codes = states("organisation-code-form")
    assert len(codes) == 7
    for name, (state, message) in codes.items():
        assert (state is FileState.UNCHANGED) == ("lower" in name)
        assert ("ZERO WIDTH SPACE" in message) == ("zwsp" in name)
        assert "lower" in name or "wanted an organisation's code, found" in message
