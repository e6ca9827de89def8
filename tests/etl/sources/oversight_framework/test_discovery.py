"""Links on the publisher's pages: names that follow no rule."""

from __future__ import annotations

from datetime import date

import pytest

from etl.source import DiscoveryError
from etl.sources.oversight_framework import discover

PAGE = "https://www.england.nhs.uk/long-read/nhs-oversight-framework-csv-metadata-file/"
UPLOADS = "https://www.england.nhs.uk/wp-content/uploads"
NAMES = (
    "2026/03/nhs-oversight-framework-acute-trust-data-q3-25-26-v2.csv",
    "2026/06/nhs-oversight-framework-mental-health-and-community-trust-league-table.csv",
    "2026/03/nhs-oversight-framework-acute-trust-data-q3-25-26.csv",
    "2025/09/nhs-oversight-framework-non-acute-hospital-trust-data.csv",
    "2025/09/nhs-oversight-framework-ambulance-trust-league-table.csv",
    "2026/06/something-else.csv",
    "2026/06/a-guide.pdf",
)


def page(names: tuple[str, ...]) -> str:
    return "".join(f'<a href="{UPLOADS}/{name}">a file</a>' for name in names)


def test_files_are_read_in_the_order_of_their_upload_and_corrections_last() -> None:
    found = discover(lambda url: page(NAMES), PAGE, date(2026, 6, 20))
    assert [item.url.removeprefix(f"{UPLOADS}/") for item in found.files] == [
        "2025/09/nhs-oversight-framework-ambulance-trust-league-table.csv",
        "2025/09/nhs-oversight-framework-non-acute-hospital-trust-data.csv",
        "2026/03/nhs-oversight-framework-acute-trust-data-q3-25-26.csv",
        "2026/03/nhs-oversight-framework-acute-trust-data-q3-25-26-v2.csv",
        "2026/06/nhs-oversight-framework-mental-health-and-community-trust-league-table.csv",
    ]
    (other,) = found.findings
    assert "something-else.csv is no file of the framework that is known" in other.message


def test_a_page_without_files_says_what_it_has() -> None:
    with pytest.raises(
        DiscoveryError, match=r"wanted links to files such as .*, found 'something-else\.csv'"
    ):
        discover(lambda url: page(NAMES[5:]), PAGE, date(2026, 6, 20))
