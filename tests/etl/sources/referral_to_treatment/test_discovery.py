"""The publisher's pages: made-up pages with the links, names and repeats that public descriptions give."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest

from db.domain import Maturity, Period, Severity
from etl.source import DiscoveryError
from etl.sources.referral_to_treatment.discovery import discover

LANDING = "https://www.england.nhs.uk/statistics/statistical-work-areas/rtt-waiting-times/"
YEAR, LAST_YEAR = f"{LANDING}rtt-data-2025-26/", f"{LANDING}rtt-data-2024-25/"
UPLOADS = "https://www.england.nhs.uk/statistics/wp-content/uploads/sites/2"
FRONT = f"""
<a href="{YEAR}">RTT Data 2025-26</a> <a href="{LAST_YEAR}">RTT Data 2024-25</a>
<a href="{LANDING}rtt-data-2011-12/">RTT Data 2011-12</a>
<a href="https://elsewhere.example/rtt-data-2025-26/">A copy</a>
"""


def data(name: str, text: str, month: str = "2025/09") -> str:
    return f'<a href="{UPLOADS}/{month}/{name}">{text}</a>'


THIS = "".join(
    (
        data(
            "RTT-Overview-Timeseries-Including-Estimates-for-Missing-Trusts-Jul25-XLSX-111K-1.xlsx",
            "RTT Overview Timeseries (XLSX)",
        ),
        "<h3>July 2025</h3>",
        data("Full-CSV-data-file-Jul25-ZIP-4M-92707.zip", "Full CSV data file Jul25 (ZIP, 4M)"),
        data("Full-CSV-data-file-Jul25-ZIP-4M-92707.zip", "Full CSV data file Jul25 (ZIP, 4M) "),
        data("Incomplete-Provider-Jul25-XLSX-9M-92707.xlsx", "Incomplete Provider Jul25 (XLSX, 9M)"),
        "<h3>June 2025</h3>",
        data("Full-CSV-data-file-Jun25-ZIP-4M-11111.zip", "Full CSV data file Jun25 (ZIP, 4M)", "2025/08"),
        data("Full-CSV-data-file-Jun25-revised-ZIP-4M-2.zip", "Full CSV data file Jun25 revised", "2026/02"),
        "<h3>May 2025</h3>",
        data("Incomplete-Commissioner-May25-XLSX-5M.xlsx", "Incomplete Commissioner May25 (XLSX, 5M)"),
        data("Admitted-Provider-May25-XLSX-5M.xlsx", "Admitted Provider May25 (XLSX, 5M)"),
        data("NonAdmitted-Provider-May25-XLSX-5M.xlsx", "Non-Admitted Provider May25 (XLSX, 5M)"),
        data("Incomplete-Provider-with-DTA-May25.xlsx", "Incomplete Provider with DTA May25"),
        data("20250717-RTT-statistical-press-notice.xlsx", "Statistical press notice"),
        data("Something-else-May25.xlsx", "Something else"),
    )
)
BEFORE = data("New-Periods-Provider-Mar25-XLSX-352K.xlsx", "New Periods Provider Mar25", "2025/05")


def found(
    changed: Mapping[str, str] | None = None, today: date = date(2025, 9, 12)
) -> tuple[list[str], list[tuple[Severity, str]]]:
    pages = {LANDING: FRONT, YEAR: THIS, LAST_YEAR: BEFORE, **(changed or {})}
    result = discover(pages.__getitem__, LANDING, today)
    return [item.name for item in result.files], [(item.severity, item.message) for item in result.findings]


def test_one_file_a_month_and_kind_revised_over_first_release() -> None:
    names, findings = found()
    assert names == [
        "New-Periods-Provider-Mar25-XLSX-352K.xlsx",
        "Admitted-Provider-May25-XLSX-5M.xlsx",
        "Incomplete-Commissioner-May25-XLSX-5M.xlsx",
        "NonAdmitted-Provider-May25-XLSX-5M.xlsx",
        "Full-CSV-data-file-Jun25-revised-ZIP-4M-2.zip",
        "RTT-Overview-Timeseries-Including-Estimates-for-Missing-Trusts-Jul25-XLSX-111K-1.xlsx",
        "Full-CSV-data-file-Jul25-ZIP-4M-92707.zip",
    ]
    assert [severity for severity, _ in findings] == [Severity.WARNING]
    assert "Something-else-May25.xlsx" in findings[0][1]


def test_a_files_months_and_status_are_told_to_its_reader() -> None:
    page = "<h3>August 2025</h3>" + data("Full-CSV-data-file-ZIP.zip", "Full CSV data file, revised")
    pages = {LANDING: FRONT, YEAR: page, LAST_YEAR: BEFORE}
    (_, file) = discover(pages.__getitem__, LANDING, date(2025, 10, 10)).files
    assert (file.hints.period, file.hints.maturity) == (Period.month(2025, 8), Maturity.REVISED)
    assert (file.first, file.last) == (date(2025, 8, 1), date(2025, 8, 31))


def test_a_page_without_news_is_told() -> None:
    _, findings = found(today=date(2026, 2, 1))
    assert any("the newest month on the pages is July 2025, 7 months before" in text for _, text in findings)


def test_pages_without_a_file_of_ours_are_an_error_that_says_what_there_was() -> None:
    empty = data("Guidance.xlsx", "Guidance") + data("Unknown.zip", "Unknown")
    with pytest.raises(DiscoveryError, match=r"wanted links to referral to treatment files.*'Unknown\.zip'"):
        found({YEAR: empty, LAST_YEAR: ""})


def test_a_name_without_a_month_is_an_error_that_names_the_link() -> None:
    page = THIS + "<h2>Downloads</h2>" + data("Full-CSV-data-file-latest.zip", "Full CSV data file")
    _, findings = found({YEAR: page})
    (error,) = [text for severity, text in findings if severity is Severity.ERROR]
    assert "Full-CSV-data-file-latest.zip" in error
    assert "does not say the month that it holds" in error
