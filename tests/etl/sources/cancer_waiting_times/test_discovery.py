"""Discovery: which of the links on the publisher's pages are fetched, and what is said of the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from db.domain import Maturity, Period, Severity
from etl.source import Discovery, DiscoveryError, PageGoneError, SourceError
from etl.sources.cancer_waiting_times import SOURCE

LANDING = SOURCE.landing_url
INDEX = LANDING + "monthly-data-and-summaries/"
YEAR_26 = INDEX + "2026-27-monthly-cancer-waiting-times-statistics/"
YEAR_25 = INDEX + "2025-26-monthly-cancer-waiting-times-statistics/"
YEAR_24 = INDEX + "2024-25-monthly-cancer-waiting-times-statistics/"
PERIOD_PAGE = YEAR_25 + "cancer-waiting-times-for-may-2025-26-provisional/"
TODAY = date(2026, 9, 15)


def upload(name: str, month: str = "2026/09") -> str:
    return f"https://www.england.nhs.uk/statistics/wp-content/uploads/sites/2/{month}/{name}"


def page(*links: tuple[str, str], heading: str = "") -> str:
    items = "".join(f'<li><a href="{url}">{text}</a></li>' for url, text in links)
    return f"<html><body><h2>{heading}</h2><ul>{items}</ul></body></html>"


def files(*names: str, heading: str = "") -> str:
    return page(*((upload(name), name.replace("-", " ")) for name in names), heading=heading)


def reader(pages: dict[str, str]) -> Callable[[str], str]:
    def read(url: str) -> str:
        if url not in pages:
            raise SourceError(f"{url}: not found (404)")
        return pages[url]

    return read


def discover(pages: dict[str, str], today: date = TODAY) -> Discovery:
    return SOURCE.discover(reader(pages), LANDING, today)


def names(found: Discovery) -> list[str]:
    return [file.name for file in found.files]


def test_year_pages_are_found_through_the_index_and_older_years_left_alone() -> None:
    july = "2026-27-Apr-Jul-Monthly-Combined-CSV-Provisional.csv"
    final = "2025-26-Apr-Sep-Cumulative-Monthly-Combined-CSV-Final.csv"
    found = discover(
        {
            LANDING: page((INDEX, "Monthly data and summaries")),
            INDEX: page((YEAR_26, "2026-27"), (YEAR_25, "2025-26"), (YEAR_24, "2024-25")),
            YEAR_26: files(july),
            YEAR_25: files(final),
        }
    )
    assert names(found) == [final, july]
    assert found.findings == ()
    assert found.files[1].url == upload(july)
    assert found.files[1].hints.text() == ""


def test_final_then_cumulative_then_newest_structure_wins() -> None:
    pages = {
        LANDING: page((YEAR_26, "2026-27")),
        YEAR_26: files(
            "April-2026-Monthly-Combined-CSV-Provisional.csv",
            "APRIL-2026-Monthly-Combined-CSV-Provisional-New-ICB-Structure.csv",
            "May-2026-Monthly-Combined-CSV-Provisional.csv",
            "2026-27-May-Jun-Monthly-Combined-CSV-Provisional.csv",
            "June-2026-Monthly-Combined-CSV-Final.csv",
            "July-2026-Monthly-Combined-Workbook-Provisional.xlsx",
            "July-2026-Monthly-Combined-CSV-Provisional.csv",
        ),
    }
    assert names(discover(pages)) == [
        "APRIL-2026-Monthly-Combined-CSV-Provisional-New-ICB-Structure.csv",
        "2026-27-May-Jun-Monthly-Combined-CSV-Provisional.csv",
        "June-2026-Monthly-Combined-CSV-Final.csv",
        "July-2026-Monthly-Combined-CSV-Provisional.csv",
    ]


def test_bases_are_kept_apart_and_later_uploads_win() -> None:
    workbook = "JULY-2026-CWT-CRS-PROVIDER-WORKBOOK-FINAL.xlsx"
    commissioner = "JULY-2026-CWT-CRS-COMMISSIONER-WORKBOOK-PROVISIONAL.xlsx"
    pages = {
        LANDING: page(
            (upload(workbook, "2026/08"), "old"),
            (upload(workbook, "2026/09"), "new"),
            (upload(commissioner), "c"),
            (upload("CWT-CRS-Apr-2026-to-Jul-2026-Data-Extract-Provider-Provisional.xlsx"), "e"),
            (upload("CWT-CRS-Jul-2026-Data-Extract-ICB-Sub-Location.xlsx"), "s"),
            (YEAR_26, "2026-27"),
        ),
        YEAR_26: page(),
    }
    found = discover(pages)
    assert names(found) == [
        "CWT-CRS-Apr-2026-to-Jul-2026-Data-Extract-Provider-Provisional.xlsx",
        "CWT-CRS-Jul-2026-Data-Extract-ICB-Sub-Location.xlsx",
        commissioner,
        workbook,
    ]
    assert found.files[-1].url == upload(workbook, "2026/09")


def test_the_newest_series_of_each_kind_is_taken() -> None:
    old = "Cancer-Waiting-Times-National-Time-Series-Oct-2009-Sep-2023-with-Revisions.xlsx"
    new = "CWT-CRS-National-Time-Series-Oct-2009-Jul-2026-with-Revisions.xlsx"
    earlier = "CWT-CRS-National-Time-Series-Oct-2009-Jun-2026-with-Revisions.xlsx"
    by_provider = "CWT-CRS-Provider-Time-Series-Apr-2021-Mar-2025-with-Revisions.xlsx"
    technical = "Technical-note-on-tumour-classifications.xlsx"
    pages = {LANDING: files(earlier, new, old, by_provider, technical) + page((YEAR_26, "y")), YEAR_26: ""}
    found = discover(pages)
    assert names(found) == [old, new]
    assert [(f.severity, f.check) for f in found.findings] == [(Severity.INFORMATION, "files left out")]
    assert by_provider in found.findings[0].message


def test_numbered_files_take_month_and_status_from_their_page() -> None:
    numbered = "7.-62-Day-Combined-All-Cancers-Provider-Data.csv"
    pages = {
        LANDING: page((YEAR_25, "2025-26")),
        YEAR_25: page((PERIOD_PAGE, "May 2025-26 provisional"))
        + files("June-2025-CWT-CRS-PROVIDER-WORKBOOK-FINAL.xlsx"),
        PERIOD_PAGE: files(numbered),
    }
    found = discover(pages, date(2025, 9, 1))
    assert names(found) == [numbered, "June-2025-CWT-CRS-PROVIDER-WORKBOOK-FINAL.xlsx"]
    assert found.files[0].hints.period == Period.month(2025, 5)
    assert found.files[0].hints.maturity is Maturity.PROVISIONAL


def test_a_numbered_file_gives_way_to_a_workbook_of_its_month() -> None:
    pages = {
        LANDING: page((YEAR_25, "2025-26")),
        YEAR_25: page((PERIOD_PAGE, "May")),
        PERIOD_PAGE: files(
            "7.-62-Day-Combined-All-Cancers-Provider-Data.csv",
            "MAY-2025-CWT-CRS-PROVIDER-WORKBOOK-PROVISIONAL.xlsx",
        ),
    }
    assert names(discover(pages, date(2025, 7, 20))) == [
        "MAY-2025-CWT-CRS-PROVIDER-WORKBOOK-PROVISIONAL.xlsx"
    ]


@pytest.mark.parametrize(
    ("name", "severity"),
    [
        ("Monthly-Combined-CSV-Spring-Provisional.csv", Severity.ERROR),
        ("Cancer-Waits-Everything-July-2026.xlsx", Severity.WARNING),
        ("Combined-CSV-Skeleton.csv", Severity.WARNING),
        ("Skeleton-July-2026-Monthly-Combined-CSV-Provisional.csv", Severity.WARNING),
        ("2026-27-Monthly-Combined-Workbook-Data-Dictionary.xlsx", Severity.WARNING),
        ("CWT-Tumour-Group-Mapping.xlsx", Severity.WARNING),
    ],
)
def test_a_file_that_is_not_understood_is_left_and_named_and_only_figures_are_an_error(
    name: str, severity: Severity
) -> None:
    good = "2026-27-Apr-Jul-Monthly-Combined-CSV-Provisional.csv"
    found = discover({LANDING: page((YEAR_26, "2026-27")), YEAR_26: files(good, name)})
    assert names(found) == [good]
    (finding,) = found.findings
    assert finding.severity is severity
    assert all(part in finding.message for part in (YEAR_26, name, upload(name)))


def test_numbered_files_of_2017_18_carry_sizes_and_counters_and_the_last_upload_stands() -> None:
    year = INDEX + "2017-18-monthly-cancer-waiting-times-statistics/"
    period = year + "cancer-waiting-times-for-may-2017-18-provisional/"
    two_week = "3.-Two-Week-Wait-By-Suspected-Cancer-Provider-Data-CSV-182KB.csv"
    first = "11.-62-Day-Wait-For-First-Treatment-All-Cancers-Provider-Data-CSV-180KB.csv"
    again = "11.-62-Day-Wait-For-First-Treatment-All-Cancers-Provider-Data-CSV-181KB-1.csv"
    other = "5.-31-Day-Wait-For-First-Treatment-All-Cancers-Commissioner-Data-2.csv"
    pages = {
        LANDING: page((year, "2017-18")),
        year: page((period, "May 2017-18 provisional")),
        period: files(again, first, two_week, other),
    }
    found = discover(pages, date(2017, 7, 20))
    assert found.findings == ()
    assert sorted(names(found)) == sorted([two_week, again, other])
    assert {file.hints.period for file in found.files} == {Period.month(2017, 5)}


def test_nothing_found_is_an_error() -> None:
    with pytest.raises(DiscoveryError, match="wanted links to cancer waiting times files"):
        discover({LANDING: page(("/about/", "About")), YEAR_26: ""})


def test_a_stale_page_is_warned_of() -> None:
    pages = {
        LANDING: files("July-2026-Monthly-Combined-CSV-Provisional.csv") + page((YEAR_26, "y")),
        YEAR_26: "",
    }
    assert discover(pages, date(2026, 10, 31)).findings == ()
    (finding,) = discover(pages, date(2026, 11, 1)).findings
    assert (finding.severity, finding.check) == (Severity.WARNING, "newest month")
    assert "July 2026, 4 months before November 2026" in finding.message


def test_missing_year_pages_are_said() -> None:
    csv = "July-2026-Monthly-Combined-CSV-Provisional.csv"
    none_linked = discover({LANDING: files(csv)})
    assert [f.check for f in none_linked.findings] == ["year pages"]
    unreadable = discover({LANDING: files(csv) + page((YEAR_26, "y"))})
    assert names(unreadable) == [csv]
    assert "not found (404)" in unreadable.findings[0].message
    assert unreadable.findings[0].severity is Severity.ERROR


def test_a_year_page_that_is_gone_is_an_error_and_the_others_are_read() -> None:
    csv = "July-2026-Monthly-Combined-CSV-Provisional.csv"

    def read(url: str) -> str:
        if url == YEAR_25:
            raise PageGoneError(f"{url}: wanted a web page, found the answer 404 (Not Found)")
        return {LANDING: page((YEAR_26, "y"), (YEAR_25, "x")), YEAR_26: files(csv)}[url]

    found = SOURCE.discover(read, LANDING, TODAY)
    assert names(found) == [csv]
    (finding,) = found.findings
    assert finding.severity is Severity.ERROR
    assert (
        finding.message == f"{YEAR_25} could not be read: wanted a web page, found the answer 404 (Not Found)"
    )


def test_pages_on_other_hosts_are_not_followed() -> None:
    elsewhere = "https://www.example.org/2026-27-monthly-cancer-waiting-times-statistics/"
    csv = "July-2026-Monthly-Combined-CSV-Provisional.csv"
    found = discover({LANDING: files(csv) + page((elsewhere, "copy"))})
    assert [f.check for f in found.findings] == ["year pages"]


def test_old_and_combined_standards_of_one_month_do_not_push_each_other_out() -> None:
    old = "Cancer-Waiting-Times-2022-23-Data-Extract-Provider-Final.xlsx"
    new = "CWT-CRS-2022-23-Data-Extract-Provider-Final.xlsx"
    pages = {LANDING: files(old, new) + page((YEAR_26, "y")), YEAR_26: ""}
    assert names(discover(pages, date(2023, 5, 1))) == [new, old]


def test_a_fresh_national_series_does_not_hide_stale_monthly_files() -> None:
    series = "CWT-CRS-National-Time-Series-Oct-2009-Jul-2026-with-Revisions.xlsx"
    old = "March-2026-Monthly-Combined-CSV-Provisional.csv"
    pages = {LANDING: files(series, old) + page((YEAR_26, "y")), YEAR_26: ""}
    (finding,) = discover(pages).findings
    assert "newest month on the pages is March 2026, 6 months before" in finding.message


def test_a_heading_dates_a_file_that_nothing_else_dates() -> None:
    numbered = "5.-31-Day-Combined-All-Cancers-Commissioner-Data.csv"
    link = (upload(numbered), "31-Day Combined (CSV, 30KB) Final")
    pages = {LANDING: page((YEAR_25, "y")), YEAR_25: page(link, heading="August 2025")}
    (file,) = discover(pages, date(2025, 10, 20)).files
    assert (file.hints.period, file.hints.maturity) == (Period.month(2025, 8), Maturity.FINAL)
