"""How much years would have told of each area: `python -m tests.bench.telling.replay STORE.sqlite YEARS [CODES...]`.

The store's series are of five years at most. Each is preceded by its mirror images, which have the same levels, swings
and changes, so that ten years of months stand: what they tell, release after release, is counted by month and area.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import process_time

from db.domain import Frequency, Period
from db.figures.data_version import data_version
from db.service.follow.news import News, NewsKind
from db.settings import load_settings
from db.store import Connection, open_store
from stp_dash.follow.following import Following
from stp_dash.follow.read import SeriesFigures, followed, followed_series, with_sides
from stp_dash.follow.replay import replayed_series
from stp_dash.follow.words import Telling
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, Site

YEARS = 10
_HELD = 5
"""Years that a series of the store has at most."""


def unfolded(series: SeriesFigures) -> SeriesFigures:
    """A monthly series with its mirror images before it, up to ten years of months; others as they are."""
    if series.indicator.frequency is not Frequency.MONTH or len(series.readings) < 2:
        return series
    own = series.readings[-YEARS * 12 :]
    first, before, sides = own[0].period, [], dict(series.sides)
    for months in range(1, YEARS * 12 - len(own) + 1):
        turn, place = divmod(months, len(own) - 1)
        item = own[place if turn % 2 == 0 else len(own) - 1 - place]
        period = _months_before(first, months)
        before.append(replace(item, period=period))
        if item.period.key in series.sides:
            sides[period.key] = series.sides[item.period.key]
    return replace(series, readings=(*reversed(before), *own), sides=sides)


def _months_before(period: Period, months: int) -> Period:
    year, month = divmod(period.start.year * 12 + period.start.month - 1 - months, 12)
    return Period.month(year, month + 1)


def told_of(site: Site, connection: Connection, code: str, years: int = YEARS) -> list[News]:
    """What so many years of an area would have told, as its feed has it."""
    request = PageRequest(site, "/", {"area": code})
    version = data_version(connection)
    reader = StoreReader(request, connection, version)
    codes = followed(request.area)
    found = with_sides(reader, followed_series(reader, codes, further_back=60), 60)
    telling = Telling(reader.names, code, version.number, datetime.now(UTC))
    told = replayed_series(
        reader, [unfolded(item) if years > _HELD else item for item in found], telling, years * 12
    )[0]
    following = Following("", "", "", codes)
    return [item for item in told if following.takes(item)]


def _by_month(found: Sequence[News]) -> Counter[str]:
    return Counter(f"{item.told_at:%Y-%m}" for item in found)


def main(store: str, years: int, codes: Sequence[str]) -> None:
    """Print a line for each area, and the most of all."""
    site = Site(open_store(f"sqlite:///{store}"), load_settings())
    boards = [item.code for item in site.store.catalogue.organisations.values() if item.type.value == "ICB"]
    worst: list[tuple[int, int]] = []
    for code in codes or boards:
        begun = process_time()
        with site.store.reading() as connection:
            told = told_of(site, connection, code, years)
        changes = _by_month([item for item in told if item.kind is not NewsKind.NEW_DATA])
        entries = _by_month(told)
        if not changes:
            continue
        worst.append((max(changes.values()), max(entries.values())))
        often = ", ".join(f"{month} {count}" for month, count in changes.most_common(4))
        kinds = Counter(
            item.kind.value for item in told if f"{item.told_at:%Y-%m}" == changes.most_common(1)[0][0]
        )
        print(
            f"{code}: most changes {often}; mean {sum(changes.values()) / len(entries):.1f}; most entries "
            f"{worst[-1][1]}; {len(entries)} months; {process_time() - begun:.0f} s; {dict(kinds)}",
            flush=True,
        )
    print(
        f"{len(worst)} areas: at most {max(item[0] for item in worst)} changes and {max(item[1] for item in worst)}"
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
