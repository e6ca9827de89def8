"""Mid-year estimates: the dataset's page, whose addresses have the file's name in a question."""

from __future__ import annotations

from datetime import date

import pytest

from etl.source import DiscoveryError
from etl.sources.population import SOURCE

DATASET = "/file?uri=/peoplepopulationandcommunity/datasets/populationestimates"
NAMES = (
    "mid2023/mye23tablesew.xlsx",
    "mid2020/ukpopestimatesmid2020on2021geography.xls",
    "mid2019april2020/ukmidyearestimates20192020ladcodes.xls",
    "mid2019april2019/ukmidyearestimates20192019ladcodes.xls",
    "mid2018/somethingelse.xls",
)


def test_each_edition_is_found_once_with_its_newest_boundaries() -> None:
    page = "".join(f'<h2>Edition</h2><a href="{DATASET}/{name}">xls (2.5 MB)</a>' for name in NAMES)
    found = SOURCE.discover(lambda url: page, SOURCE.landing_url, date(2026, 11, 30))
    assert [item.name for item in found.files] == [
        name.rsplit("/", 1)[1] for name in (NAMES[2], NAMES[1], NAMES[0])
    ]
    assert found.files[0].url == f"https://www.ons.gov.uk{DATASET}/{NAMES[2]}"
    assert [item.last for item in found.files] == [date(year, 6, 30) for year in (2019, 2020, 2023)]
    (told,) = found.findings
    assert told.message.startswith("somethingelse.xls: not fetched")


def test_a_page_without_workbooks_is_an_error() -> None:
    with pytest.raises(DiscoveryError, match="wanted workbooks of mid-year estimates"):
        SOURCE.discover(lambda url: "<p>Moved</p>", SOURCE.landing_url, date(2026, 11, 30))
