"""The publisher's pages of a publication that has ended: every year, files by authority, and the series last."""

from __future__ import annotations

from datetime import date

import pytest

from etl.source import DiscoveryError
from etl.sources.delayed_transfers.discovery import discover

LANDING = "https://www.england.nhs.uk/statistics/statistical-work-areas/delayed-transfers-of-care/"
UPLOADS = "https://www.england.nhs.uk/statistics/wp-content/uploads/sites/2"
YEARS = {f"{LANDING}delayed-transfers-of-care-data-{year}/": year for year in ("2019-20", "2011-12")}
FRONT = "".join(f'<a href="{url}">{year}</a>' for url, year in YEARS.items()) + (
    f'<a href="{UPLOADS}/2020/09/DTOC-England-Data_Set.xls">Time series</a>'
)
FILES = {
    "2019-20": ("LA-Type-B-December-2019-9tun8.xls", "Trust-Type-B-February-2020-4W5PA.xls"),
    "2011-12": ("LA-Type-B-January-2011-12-revised-October-2012.xls", "LA-Type-A-January-2011-12.xls"),
}


def test_every_year_is_read_and_nothing_is_called_old() -> None:
    pages = {LANDING: FRONT}
    for url, year in YEARS.items():
        pages[url] = "".join(f'<a href="{UPLOADS}/2020/02/{name}">{name}</a>' for name in FILES[year])
    found = discover(pages.__getitem__, LANDING, date(2026, 11, 30))
    assert [item.name for item in found.files] == [
        "LA-Type-B-December-2019-9tun8.xls",
        "LA-Type-B-January-2011-12-revised-October-2012.xls",
        "DTOC-England-Data_Set.xls",
    ]
    assert found.findings == ()
    with pytest.raises(DiscoveryError, match="wanted links to delayed transfers of care"):
        discover({LANDING: ""}.__getitem__, LANDING, date(2026, 11, 30))
