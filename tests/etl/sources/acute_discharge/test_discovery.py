"""The publisher's page: names that follow no pattern, CSV twins, other series, and the newest time series."""

from __future__ import annotations

from datetime import date

import pytest

from db.domain import Severity
from etl.source import DiscoveryError
from etl.sources.acute_discharge.discovery import discover

LANDING = "https://www.england.nhs.uk/statistics/statistical-work-areas/discharge-delays/acute-discharge-situation-report/"
UPLOADS = "https://www.england.nhs.uk/statistics/wp-content/uploads/sites/2"
NAMES = (
    ("2023/12/Daily-discharge-sitrep-monthly-data-webfile-April2022-revised.xlsx", "April 2022"),
    ("2026/02/Daily-discharge-sitrep-monthly-data-webfile-January-2026.xlsx", "January 2026"),
    ("2026/05/Daily-discharge-sitrep-monthly-data-webfile-01-April2026-v1.xlsx", "April 2026"),
    ("2026/05/Daily-discharge-sitrep-monthly-data-webfile-1-CSV-apr24.csv", "CSV April 2024"),
    (
        "2026/05/Daily-discharge-sitrep-timeseries-data-webfile-April2021-April2026.xlsx",
        "Series April 2021 to April 2026",
    ),
    (
        "2026/02/Daily-discharge-sitrep-timeseries-data-webfile-April2021-January2026.xlsx",
        "Series April 2021 to January 2026",
    ),
    ("2026/05/Community-discharge-sitrep-monthly-April-2026.xlsx", "Community April 2026"),
    ("2026/05/Discharge-Ready-Date-monthly-data-webfile-April-2026.xlsx", "Discharge Ready Date"),
    ("2026/05/Something-April-2026.xlsx", "Something"),
)


def page(names: tuple[tuple[str, str], ...] = NAMES) -> dict[str, str]:
    return {LANDING: "".join(f'<a href="{UPLOADS}/{name}">{text}</a>' for name, text in names)}


def test_the_newest_series_and_a_workbook_of_each_month() -> None:
    found = discover(page().__getitem__, LANDING, date(2026, 5, 20))
    assert [item.name for item in found.files] == [
        "Daily-discharge-sitrep-timeseries-data-webfile-April2021-April2026.xlsx",
        "Daily-discharge-sitrep-monthly-data-webfile-April2022-revised.xlsx",
        "Daily-discharge-sitrep-monthly-data-webfile-January-2026.xlsx",
        "Daily-discharge-sitrep-monthly-data-webfile-01-April2026-v1.xlsx",
    ]
    assert [item.last for item in found.files[:2]] == [date(2026, 4, 30), date(2022, 4, 30)]
    assert [(item.severity, "Something-April-2026.xlsx" in item.message) for item in found.findings] == [
        (Severity.WARNING, True)
    ]


def test_a_page_without_workbooks_is_an_error() -> None:
    with pytest.raises(DiscoveryError, match="wanted links to acute discharge workbooks"):
        discover(page(NAMES[3:4]).__getitem__, LANDING, date(2026, 5, 20))
