"""The files to fetch: one table of values for each listed id, by its address, with all kinds of area in it.

There is no page of links: an address is made of the site's own and an id. With all kinds of area in one file nothing
has to be asked for again where a kind of area (councils, of boundaries that change with the years) has no figures.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from urllib.parse import urljoin

from etl.source import Discovery, ReadPage, RemoteFile
from etl.sources.fingertips.listed import listed_indicators

ADDRESS: Final = "api/all_data/csv/by_indicator_id?indicator_ids="


def discover(read_page: ReadPage, landing_url: str, today: date) -> Discovery:
    """The table of each listed id, below the address of the site."""
    numbers = dict.fromkeys(item.id for item in listed_indicators())
    return Discovery(
        tuple(
            RemoteFile(urljoin(landing_url, f"{ADDRESS}{number}"), f"{number}.csv", f"Indicator {number}")
            for number in numbers
        )
    )
