"""The spellings of months, quarters and years that publishers use."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from db.domain import Period
from db.reading.spreadsheets import Cell
from etl.reading.periods import MonthSpan, is_year_to_date, month_of, period_of, span_in_name


@pytest.mark.parametrize(
    ("cell", "year", "month"),
    [
        ("PERIOD: June 2015", 2015, 6),
        ("PERIOD: JANUARY 2016", 2016, 1),
        ("Oct-15", 2015, 10),
        ("Sept-23", 2023, 9),
        ("42917", 2017, 7),
        (42309.0, 2015, 11),
        ("PERIOD: JUL 2021/22", 2021, 7),
        ("PERIOD: JAN 2021/22", 2022, 1),
        ("PERIOD: MAR 2021/22", 2022, 3),
        ("PERIOD: APR 2021/22", 2021, 4),
        ("2024-11-01", 2024, 11),
        ("2024-11-01 00:00:00", 2024, 11),
        ("01/04/2025", 2025, 4),
        (date(2018, 4, 1), 2018, 4),
        (datetime.fromisoformat("2018-04-01"), 2018, 4),
        ("October 2023", 2023, 10),
    ],
)
def test_months(cell: Cell, year: int, month: int) -> None:
    assert month_of(cell) == Period.month(year, month)


@pytest.mark.parametrize(
    ("cell", "period"),
    [
        ("08/09 Q4", Period.quarter(2009, 1)),
        ("21/22 Q1", Period.quarter(2021, 4)),
        ("Q1 2018/19", Period.quarter(2018, 4)),
        ("Q4 2008-09", Period.quarter(2009, 1)),
        ("2009/10", Period.financial_year(2009)),
        ("1999/00", Period.financial_year(1999)),
    ],
)
def test_quarters_and_years(cell: Cell, period: Period) -> None:
    assert period_of(cell) == period
    assert month_of(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "2023/24 YTD",
        "JUL 2021/23",
        "2009/11",
        "13/01/2025",
        "2024-13-01",
        "Octember 2023",
        "17",
        12.0,
        date(2023, 10, 2),
        "2024-11-15",
        "99999",
    ],
)
def test_what_names_no_whole_period(cell: Cell) -> None:
    assert period_of(cell) is None


def test_a_year_to_date_is_known() -> None:
    assert is_year_to_date("2023/24 YTD ")
    assert not is_year_to_date("2023/24")


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("201702-5.-31-Day-Wait-for-first-treatment.csv", (2017, 2), (2017, 2)),
        ("APRIL-2026-Monthly-Combined-CSV-Provisional-New-ICB-Structure.csv", (2026, 4), (2026, 4)),
        ("2026-27-Apr-Monthly-Combined-CSV-Provisional.csv", (2026, 4), (2026, 4)),
        ("2025-26-Jan-Monthly-Combined-CSV-Provisional.csv", (2026, 1), (2026, 1)),
        ("2025-26-Oct-Mar-Cumulative-Monthly-Combined-CSV-Provisional.csv", (2025, 10), (2026, 3)),
        ("2025-26 Oct – Mar Monthly Combined CSV Provisional (CSV, 27.8MB)", (2025, 10), (2026, 3)),
        ("2024-25-Apr-Mar-Monthly-Combined-CSV-Final.csv", (2024, 4), (2025, 3)),
        ("OCTOBER-2023-CWT-CRS-PROVIDER-WORKBOOK-FINAL.xlsx", (2023, 10), (2023, 10)),
        ("CWT-CRS-Apr-2024-to-Sep-2024-Data-Extract-Provider-Final.xlsx", (2024, 4), (2024, 9)),
        ("CWT-CRS-Apr-23-to-Oct-23-Data-Extract-ICB-Sub-Location.xlsx", (2023, 4), (2023, 10)),
        ("Cancer-Waiting-Times-Apr-Dec-2020-Data-Extract-Provider.xlsx", (2020, 4), (2020, 12)),
        ("CWT-CRS-2022-23-Data-Extract-Provider-Final.xlsx", (2022, 4), (2023, 3)),
        ("National-Time-Series-Oct-2009-Apr-2026-with-Revisions.xlsx", (2009, 10), (2026, 4)),
        ("cancer-waiting-times-for-march-2021-22-provisional", (2022, 3), (2022, 3)),
        ("nhs_commissioner_wait_times_jul_2021.xlsx", (2021, 7), (2021, 7)),
    ],
)
def test_the_months_in_a_name(name: str, first: tuple[int, int], last: tuple[int, int]) -> None:
    assert span_in_name(name) == MonthSpan(Period.month(*first), Period.month(*last))


@pytest.mark.parametrize(
    "name",
    [
        "7.-62-Day-Combined-All-Cancers-Provider-Data.csv",
        "Monthly-Combined-CSV.csv",
        "2023-25-Combined.csv",
        "Dec-2024-to-Apr-2024.csv",
    ],
)
def test_a_name_without_months(name: str) -> None:
    assert span_in_name(name) is None


def test_a_span_counts_and_holds_its_months() -> None:
    span = span_in_name("2025-26-Oct-Mar")
    assert span is not None
    assert span.months == 6
    assert span.holds(Period.month(2026, 1))
    assert not span.holds(Period.month(2026, 4))
