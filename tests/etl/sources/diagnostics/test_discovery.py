"""The publisher's pages: made-up pages with the names that were seen and that public descriptions give."""

from __future__ import annotations

from datetime import date

import pytest

from db.domain import Maturity, Severity
from etl.source import DiscoveryError
from etl.sources.diagnostics.discovery import discover

LANDING = (
    "https://www.england.nhs.uk/statistics/statistical-work-areas/diagnostics-waiting-times-and-activity/"
    "monthly-diagnostics-waiting-times-and-activity/"
)
YEAR, LAST_YEAR = f"{LANDING}monthly-diagnostics-data-2025-26/", f"{LANDING}monthly-diagnostics-data-2024-25/"
UPLOADS = "https://www.england.nhs.uk/statistics/wp-content/uploads/sites/2"
FRONT = f"""
<a href="{YEAR}">Monthly Diagnostics Data 2025-26</a> <a href="{LAST_YEAR}">Monthly Diagnostics Data 2024-25</a>
<a href="{LANDING}monthly-diagnostics-data-2008-09/">Monthly Diagnostics Data 2008-09</a>
<a href="{UPLOADS}/2025/09/Monthly-Diagnostics-Timeseries-July-2025.xls">National time series</a>
"""


def data(name: str, text: str, month: str = "2025/09") -> str:
    return f'<a href="{UPLOADS}/{month}/{name}">{text}</a>'


THIS = "".join(
    (
        data(
            "Monthly-Diagnostics-Web-File-Provider-July-2025_L8FLO.xls", "Monthly Diagnostics Provider July"
        ),
        data("Monthly-Diagnostics-Web-File-Commissioner-July-2025_L8FLO.xls", "Commissioner July 2025"),
        data("DM01-JULY-2025-full-extract_42P3N.zip", "Monthly Diagnostics Full Extract July 2025"),
        data("Diagnostics-statistical-press-notice-July-2025.pdf", "Press notice"),
        data("Something-else-July-2025.xls", "Something else"),
        data("Monthly-Diagnostics-Web-File-Provider-April-2025_3EY67.xls", "Provider", "2025/06"),
    )
)
BEFORE = "".join(
    (
        data("Monthly-Diagnostics-Web-File-Provider-January-2025_AB1CD.xls", "Provider January", "2025/03"),
        data("Monthly-Diagnostics-Web-File-Provider-January-2025.xls", "Provider January", "2025/07"),
        data("Monthly-Diagnostics-Web-File-Provider-March-2025-WT36C.xls", "Provider March", "2025/05"),
        data("Monthly-Diagnostics-Revisions-Web-File-Provider-February-2025.xls", "Provider", "2025/06"),
        data("Monthly-Diagnostics-Web-File-Provider-February-2025_FT49R.xls", "Provider", "2025/08"),
        data("Monthly-Diagnostics-Provider-December-2024_X.xls", "Provider, revised", "2025/07"),
    )
)


def found(this: str = THIS, before: str = BEFORE, today: date = date(2025, 9, 12)) -> list[str]:
    pages = {LANDING: FRONT, YEAR: this, LAST_YEAR: before}
    return [item.name for item in discover(pages.__getitem__, LANDING, today).files]


def test_one_workbook_and_one_extract_a_month_revisions_in_the_place_of_first_releases() -> None:
    assert found() == [
        "Monthly-Diagnostics-Provider-December-2024_X.xls",
        "Monthly-Diagnostics-Web-File-Provider-January-2025.xls",
        "Monthly-Diagnostics-Revisions-Web-File-Provider-February-2025.xls",
        "Monthly-Diagnostics-Web-File-Provider-March-2025-WT36C.xls",
        "Monthly-Diagnostics-Web-File-Provider-April-2025_3EY67.xls",
        "DM01-JULY-2025-full-extract_42P3N.zip",
        "Monthly-Diagnostics-Web-File-Provider-July-2025_L8FLO.xls",
    ]


def test_what_is_no_file_of_ours_is_told_and_a_page_may_say_that_a_file_is_revised() -> None:
    pages = {LANDING: FRONT, YEAR: THIS, LAST_YEAR: BEFORE}
    result = discover(pages.__getitem__, LANDING, date(2025, 9, 12))
    assert [(item.severity, "Something-else-July-2025.xls" in item.message) for item in result.findings] == [
        (Severity.WARNING, True)
    ]
    first = result.files[0]
    assert (first.hints.maturity, first.first, first.last) == (
        Maturity.REVISED,
        date(2024, 12, 1),
        date(2024, 12, 31),
    )
    old = discover(pages.__getitem__, LANDING, date(2026, 2, 1))
    assert any(
        "the newest month on the pages is July 2025, 7 months before" in item.message for item in old.findings
    )


def test_pages_without_a_file_of_ours_are_an_error_that_says_what_there_was() -> None:
    with pytest.raises(DiscoveryError, match=r"wanted links to diagnostics files.*'Unknown\.zip'"):
        found(data("Unknown.zip", "Unknown"), "")
