"""Organisations that an earlier period had and a file has no more: the area's hold the file, others are named."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from db.domain import FileState, Finding, Severity
from db.settings import Settings
from db.store import Store
from etl.pipeline.run import check_files, load_files
from etl.pipeline.validate import is_acceptable
from tests.support.publications.combined_csv import line, month, text

Write = Callable[[str, bytes], Path]
NOVEMBER = "November-2024-Monthly-Combined-CSV-Final.csv"
DECEMBER = "December-2024-Monthly-Combined-CSV-Final.csv"
CHECK = "organisations did not vanish"


def loaded_then_checked(
    store: Store, settings: Settings, first: Path, second: Path
) -> tuple[FileState, list[Finding]]:
    assert not load_files(store, [first], settings, requested_by="a test").failed
    (result,) = check_files(store, [second], area=settings.own_area.codes).results
    return result.state, [item for item in result.findings if item.check == CHECK]


def test_a_member_of_the_area_under_another_code_holds_the_file(
    store: Store, settings: Settings, write: Write
) -> None:
    renamed = [row | {"Org_Code": "K3N"} if row["Org_Code"] == "QKS" else row for row in month("2024-12-01")]
    state, findings = loaded_then_checked(
        store, settings, write(NOVEMBER, text(month())), write(DECEMBER, text(renamed))
    )
    assert state is FileState.REFUSED
    (finding,) = findings
    assert finding.severity is Severity.ERROR
    assert "cancer-28-day-faster-diagnosis, cancer-62-day-combined, commissioner" in finding.message
    assert "in Nov 2024 and no longer in Dec 2024: QKS NHS Kent and Medway" in finding.message


@pytest.mark.parametrize(("patients", "severity"), [(60, Severity.WARNING), (2, Severity.INFORMATION)])
def test_another_organisation_is_named_and_the_file_loads(
    store: Store, settings: Settings, write: Write, patients: int, severity: Severity
) -> None:
    more = [
        *[row for row in month() if row["Org_Code"] != "Total"],
        line("Provider", "RTX", (1, patients)),
    ]
    state, findings = loaded_then_checked(
        store, settings, write(NOVEMBER, text(more)), write(DECEMBER, text(month("2024-12-01")))
    )
    assert state is FileState.UNCHANGED
    assert [(item.severity, "RTX University Hospitals" in item.message) for item in findings] == [
        (severity, True)
    ]


@pytest.mark.parametrize("year", ["2204", "2097"])
def test_a_month_that_has_not_ended_refuses_the_file(
    store: Store, settings: Settings, write: Write, year: str
) -> None:
    path = write("Monthly-Combined-CSV-Final.csv", text(month(f"{year}-11-01")))
    (result,) = check_files(store, [path], area=settings.own_area.codes).results
    assert result.state is FileState.REFUSED
    (finding,) = [item for item in result.findings if item.severity is Severity.ERROR]
    assert finding.message.endswith(f", found November {year}")
    assert not is_acceptable([finding])


def test_a_closed_commissioner_has_not_vanished(store: Store, settings: Settings, write: Write) -> None:
    # Thanet CCG closed on 31 March 2020.
    before = [line("Commissioner", code, (50, 70), period="2020-03-01") for code in ("10E", "QNX")]
    after = [line("Commissioner", "QNX", (50, 70), period="2020-04-01")]
    _, findings = loaded_then_checked(
        store,
        settings,
        write("March-2020-Monthly-Combined-CSV-Final.csv", text(before)),
        write("April-2020-Monthly-Combined-CSV-Final.csv", text(after)),
    )
    assert findings == []


@pytest.mark.real_data
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_published_workbook_with_kent_under_another_code(
    store: Store, settings: Settings, write: Write, shared_data: Path
) -> None:
    june = "JUNE-2025-CWT-CRS-COMMISSIONER-WORKBOOK-FINAL.xlsx"
    book = openpyxl.load_workbook(shared_data / "cancer" / june, read_only=True)
    renamed = openpyxl.Workbook(write_only=True)
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        copy = renamed.create_sheet(sheet.title)
        for row in sheet.iter_rows(values_only=True):
            copy.append(["K3N7M" if cell == "QKS" else cell for cell in row])
    output = io.BytesIO()
    renamed.save(output)
    march = shared_data / "cancer" / "MARCH-2025-CWT-CRS-COMMISSIONER-WORKBOOK-FINAL.xlsx"
    state, findings = loaded_then_checked(store, settings, march, write(june, output.getvalue()))
    assert state is FileState.REFUSED
    (error,) = [item for item in findings if item.severity is Severity.ERROR]
    assert error.count == 1
    assert "QKS NHS Kent and Medway" in error.message
    (unchanged,) = check_files(store, [shared_data / "cancer" / june], area=settings.own_area.codes).results
    assert unchanged.state is FileState.UNCHANGED
