"""Mid-year estimates: the dataset's page, whose addresses have the file's name in a question."""

from __future__ import annotations

from datetime import date

import pytest

from etl.source import DiscoveryError, PageGoneError
from etl.sources.population import SOURCE

DATASET = "/file?uri=/peoplepopulationandcommunity/datasets/populationestimates"
NAMES = (
    "mid2023/mye23tablesew.xlsx",
    "mid2020/ukpopestimatesmid2020on2021geography.xls",
    "mid2019april2020/ukmidyearestimates20192020ladcodes.xls",
    "mid2019april2019/ukmidyearestimates20192019ladcodes.xls",
    "mid2018/somethingelse.xls",
)


PROJECTIONS = (
    "2022snpppopulationsyoa5yr.zip",
    "2018snpppopulation.zip",
    "2018snppbirths.zip",
    "2014snpppopulation.zip",
    "2014 SNPP Population males.csv",
)


def pages(url: str) -> str:
    """The dataset's page, and that of projections, whose addresses are relative to the same site."""
    names, text = (
        (PROJECTIONS, "zip") if url.endswith("localauthoritiesinenglandz1") else (NAMES, "xls (2.5 MB)")
    )
    return "".join(f'<h2>Edition</h2><a href="{DATASET}/{name}">{text}</a>' for name in names)


def test_each_edition_is_found_once_with_its_newest_boundaries_and_the_principal_projections() -> None:
    found = SOURCE.discover(pages, SOURCE.landing_url, date(2026, 11, 30))
    assert [item.name for item in found.files] == [
        *(name.rsplit("/", 1)[1] for name in (NAMES[2], NAMES[1], NAMES[0])),
        *("2014snpppopulation.zip", "2018snpppopulation.zip"),
    ]
    assert found.files[0].url == f"https://www.ons.gov.uk{DATASET}/{NAMES[2]}"
    assert [item.last for item in found.files] == [
        date(year, 6, 30) for year in (2019, 2020, 2023, 2039, 2043)
    ]
    edition, variant = (item.message for item in found.findings)
    assert edition.startswith("somethingelse.xls: not fetched")
    assert variant.startswith("2022snpppopulationsyoa5yr.zip: not fetched, wanted the principal projection")


def test_without_the_page_of_projections_the_editions_are_found_and_the_page_is_told() -> None:
    def read(url: str) -> str:
        if url.endswith("localauthoritiesinenglandz1"):
            raise PageGoneError(f"{url}: there is no such page")
        return pages(url)

    found = SOURCE.discover(read, SOURCE.landing_url, date(2026, 11, 30))
    assert len(found.files) == 3
    assert (
        "localauthoritiesinenglandz1 could not be read: there is no such page" in found.findings[-1].message
    )


def test_a_page_without_workbooks_is_an_error() -> None:
    with pytest.raises(DiscoveryError, match="wanted workbooks of mid-year estimates"):
        SOURCE.discover(lambda url: "<p>Moved</p>", SOURCE.landing_url, date(2026, 11, 30))
