"""Which landing page of a source is used, and what is said of those that are not."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from db.domain import Severity
from etl.pipeline.recognise import offered_files
from etl.registry import SOURCES
from etl.source import DiscoveryError, PageGoneError, SourceError

OLD, NEW, NEWEST = (f"https://www.strokeaudit.org/{name}.aspx" for name in ("old", "new", "newest"))
SSNAP = replace(SOURCES["ssnap"], landing_url=NEWEST, older_landing_urls=(NEW, OLD))
LINK = '<a href="/Documents/JulSep2026/JulSep2026-SummaryReport.aspx">Summary report</a>'
TODAY = date(2026, 11, 29)


def read(url: str) -> str:
    if url == NEWEST:
        raise PageGoneError(f"{url}: wanted a web page, found the answer 404 (Not Found)")
    return {NEW: "<p>We have moved</p>", OLD: LINK}[url]


def test_landing_pages_are_tried_in_order_and_those_that_fail_are_said() -> None:
    found = offered_files(SSNAP, read, TODAY)
    assert [file.name for file in found.files] == ["JulSep2026-SummaryReport.aspx"]
    assert [finding.severity for finding in found.findings] == [Severity.WARNING, Severity.WARNING]
    assert f"{NEWEST} could not be read: wanted a web page, found the answer 404" in found.findings[0].message
    assert f"{NEW} could not be read: wanted links to summary reports" in found.findings[1].message


def test_a_landing_page_that_is_out_of_order_is_an_error_although_an_older_one_answers() -> None:
    def failing(url: str) -> str:
        if url == NEWEST:
            raise SourceError(f"{url}: wanted a web page, found the answer 503 (Service Unavailable)")
        return read(url)

    assert offered_files(SSNAP, failing, TODAY).findings[0].severity is Severity.ERROR


def test_landing_pages_that_all_fail_are_all_named() -> None:
    with pytest.raises(DiscoveryError, match=r"none of the pages .*newest\.aspx.*new\.aspx.*"):
        offered_files(replace(SSNAP, older_landing_urls=(NEW,)), read, TODAY)
