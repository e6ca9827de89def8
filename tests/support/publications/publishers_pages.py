"""The publishers' pages as their sites are built today: rebuilt in our own words, with the parts that are read.

Each function gives pages by path for a day. What a page holds beside (menus, search, cookies) is cut down to a few
links of each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from db.domain import Period
from etl.reading.periods import MONTH_NAMES

CANCER = "/statistics/statistical-work-areas/cancer-waiting-times/"
WORKFORCE = "/data-and-information/publications/statistical/general-and-personal-medical-services"
STROKE = "/Audits/Clinical-audit-information/Results-and-reports.aspx"
GONE = "/Audits/Clinical-audit-information/Earlier-results.aspx"

MENU = "".join(
    f'<li><a href="/{name}/">{name.title()}</a></li>' for name in ("home", "data", "news", "about")
)


def _page(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<script src="/assets/site.js"></script></head><body><header><nav><ul>{MENU}</ul></nav></header>'
        f"<main><h1>{title}</h1>{body}</main><footer><ul>{MENU}</ul></footer></body></html>"
    )


def _month(day: date, before: int) -> Period:
    number = day.year * 12 + day.month - 1 - before
    return Period.month(number // 12, number % 12 + 1)


def _slug(month: Period) -> str:
    return f"{month.end.day}-{MONTH_NAMES[month.end.month - 1]}-{month.end.year}"


def workforce_pages(day: date) -> dict[str, str]:
    """The series page with one latest, four upcoming and the past releases, and each release's own page."""
    newest = 2 if day.day < 25 else 1
    title = "General Practice Workforce"

    def listed(months: list[Period], kind: str) -> str:
        items = "".join(
            f'<li class="nhsd-m-publication"><h3><a class="nhsd-a-link" href="{WORKFORCE}/{_slug(month)}">{title}, '
            f"{month.end:%d %B %Y}</a></h3><p>{month.end + timedelta(days=27):%d %b %Y}</p></li>"
            for month in months
        )
        return f'<ul data-uipath="ps.series.publications-list.{kind}">{items}</ul>'

    upcoming = [_month(day, before) for before in range(newest - 1, newest - 5, -1)]
    out = [_month(day, before) for before in range(newest, newest + 16)]
    pages = {
        WORKFORCE: _page(
            title,
            "".join(
                f'<section id="{name.lower().replace(" ", "-")}"><h2>{name}</h2>{listed(months, kind)}</section>'
                for name, months, kind in (
                    ("Latest statistics", out[:1], "latest"),
                    ("Upcoming publications", upcoming, "upcoming"),
                    ("Past publications", out[1:], "previous"),
                )
            ),
        )
    }
    for month in upcoming:
        text = f"<p>(Upcoming, not yet published)</p><dl><dt>Publication date:</dt><dd>{month.end:%d %b %Y}</dd></dl>"
        pages[f"{WORKFORCE}/{_slug(month)}"] = _page(f"{title}, {month.end:%d %B %Y}", text)
    for number, month in enumerate(out):
        stem = f"/{number:02X}/A1B2C{number:X}"
        cards = "".join(
            f'<li><a class="nhsd-a-box-link" href="{stem}/{kind}.{month.end:%m%Y}.zip">{kind}</a></li>'
            for kind in ("GPWPracticeCSV", "GPWIndividualCSV")
        )
        came_out = f"<dl><dt>Publication date:</dt><dd>{month.end + timedelta(days=27):%d %b %Y}</dd></dl>"
        text = f'{came_out}<div id="resources"><ul>{cards}</ul></div>'
        pages[f"{WORKFORCE}/{_slug(month)}"] = _page(f"{title}, {month.end:%d %B %Y}", text)
    return pages


def cancer_pages(day: date) -> dict[str, str]:
    """The main page, the list of years, and the pages of this and the last financial year."""
    newest = _month(day, 2 if day.day >= 14 else 3)
    year = newest.start.year - (newest.start.month < 4)
    index = f"{CANCER}monthly-data-and-summaries/"

    def address(first: int) -> str:
        return f"{index}{first}-{(first + 1) % 100:02}-monthly-cancer-waiting-times-statistics/"

    def upload(name: str) -> str:
        text = name.rsplit(".", 1)[0].replace("-", " ")
        folder = f"{newest.end.year}/{newest.end.month:02}"
        return f'<p><a href="/statistics/wp-content/uploads/sites/2/{folder}/{name}">{text} (CSV, 27.8MB)</a></p>'

    before, span = f"{year - 1}-{year % 100:02}", f"{year}-{(year + 1) % 100:02}-Apr"
    if newest.start.month != 4:
        span += f"-{newest.start:%b}"
    return {
        CANCER: _page(
            "Cancer Waiting Times",
            f'<p><a href="{index}">Monthly data and summaries</a></p>'
            + upload(f"CWT-CRS-National-Time-Series-Oct-2009-{newest.start:%b-%Y}-Provisional.xlsx")
            + upload(f"CWT-CRS-Provider-Time-Series-Apr-2021-{newest.start:%b-%Y}-with-Revisions.xlsx")
            + upload("Cancer-Waiting-Times-Statistical-Guidance.xlsx")
            + upload("Monthly-Combined-CSV-Skeleton-New-Layout.csv")
            + upload("Tumour-Group-Mapping.xlsx"),
        ),
        index: _page(
            "Monthly data and summaries",
            "".join(f'<p><a href="{address(first)}">{first}</a></p>' for first in range(year, year - 12, -1)),
        ),
        address(year): _page(
            f"{year} Monthly Cancer Waiting Times Statistics",
            f"<h2>{newest.start:%B %Y}</h2>"
            + upload(f"{newest.start:%B-%Y}-Monthly-Combined-CSV-Provisional.csv")
            + upload(f"{newest.start:%B-%Y}-Monthly-Combined-Workbook-Provisional.xlsx")
            + upload(f"{span}-Monthly-Combined-CSV-Provisional.csv"),
        ),
        address(year - 1): _page(
            f"{year - 1} Monthly Cancer Waiting Times Statistics",
            upload(f"{before}-Apr-Sep-Monthly-Combined-CSV-Final.csv")
            + upload(f"{before}-Oct-Mar-Monthly-Combined-CSV-Provisional.csv")
            + upload("Combined-Workbook-Data-Dictionary.xlsx"),
        ),
    }


def stroke_pages(day: date) -> dict[str, str]:
    """The page of results and reports with its sub-pages, of which one is linked to and gone."""
    ended = _month(day, (day.month - 1) % 3 + 1 + 3)
    quarters = [_month(ended.start, before) for before in (0, 3, 6, 9)]

    def stem(last: Period) -> str:
        first = _month(last.start, 2)
        return f"{first.start:%b}{last.start:%b%Y}"

    def upload(name: str, folder: str) -> str:
        return f'<p><a href="/Documents/National/Clinical/{folder}/{name}">{name}</a></p>'

    national = "/Audits/Clinical-audit-information/National-results-and-reports.aspx"
    return {
        STROKE: _page(
            "Results and reports",
            f'<p><a href="{national}">National results</a></p><p><a href="{GONE}?results=1">Earlier results</a></p>'
            f'<p><a href="/results/Clinical-audit.aspx">Results before</a></p>'
            + "".join(upload(f"{stem(last)}-SummaryReport.aspx", stem(last)) for last in quarters),
        ),
        national: _page(
            "National results",
            "".join(upload(f"{stem(last)}-FullResultsPortfolio.xlsx", stem(last)) for last in quarters)
            + upload("Apr2023Mar2024-ThrombectomyReport.xlsx", "Apr2023Mar2024")
            + upload("2021-Portfolio.xlsx", "AcuteOrg/2021"),
        ),
    }


PUBLISHERS: Mapping[str, tuple[str, Callable[[date], dict[str, str]]]] = {
    "cancer_waiting_times": (CANCER, cancer_pages),
    "general_practice_workforce": (WORKFORCE, workforce_pages),
    "ssnap": (STROKE, stroke_pages),
}
"""The path of each source's landing page, and its pages on a day."""
