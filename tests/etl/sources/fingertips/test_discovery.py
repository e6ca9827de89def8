"""One address a listed number, below the address of the site."""

from __future__ import annotations

from datetime import date

from etl.sources.fingertips import SOURCE
from etl.sources.fingertips.listed import listed_indicators


def test_each_number_is_asked_for_once_with_all_kinds_of_area() -> None:
    offered = SOURCE.discover(lambda url: "", "https://www.example.org/profiles/", date(2026, 8, 13))
    urls = [file.url for file in offered.files]
    start = "https://www.example.org/profiles/api/all_data/csv/by_indicator_id?indicator_ids="
    assert urls == [f"{start}{number}" for number in dict.fromkeys(i.id for i in listed_indicators())]
    assert f"{start}93721" in urls
    assert offered.findings == ()
