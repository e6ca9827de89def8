"""News of earlier: what would have been told, release after release, worked out from the figures as they are now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from threading import Lock
from typing import ClassVar

from db.catalogue.publication import due_for
from db.catalogue.source_files import publications
from db.domain.reading import Reading
from db.service.follow.news import News, StateKey
from stp_dash.follow.read import SeriesFigures, followed_series, told_indicators, under_limits, with_sides
from stp_dash.follow.standing import STOOD, standing
from stp_dash.follow.words import Telling, at_its_day, new_data_news, series_news
from stp_dash.frame.cache import CacheKey
from stp_dash.frame.reader import StoreReader

EARLIER_PERIODS = 12
"""So many of its last releases an organisation's first news are worked out of."""
_A_YEAR = timedelta(days=365)
_TURN = Lock()


@dataclass(frozen=True)
class EarlierNewsKey(CacheKey[tuple[News, ...]]):
    """The news of organisations that nobody follows, of one source's figures."""

    day: date
    area: str
    organisations: tuple[str, ...]
    source: str
    most: ClassVar[int] = 400

    @property
    def of_source(self) -> str:
        return self.source


def earlier_news(reader: StoreReader, organisations: tuple[str, ...], telling: Telling) -> tuple[News, ...]:
    """The news of some organisations' last releases, oldest first; those of a source are kept until it changes."""
    request, told = reader.request, list[News]()
    for source in sorted({item.source_id for item in told_indicators(reader)}):
        key = EarlierNewsKey(request.site.today(), request.area.code, organisations, source)
        make = partial(_replayed_in_turn, reader, key, telling)
        own: tuple[News, ...] = reader.cached(key, make)
        told += own
    return _in_order(told)


def _replayed_in_turn(reader: StoreReader, key: EarlierNewsKey, telling: Telling) -> tuple[News, ...]:
    """The news of a key, one at a time: many readers may ask for the same at once after a load."""

    def make() -> tuple[News, ...]:
        return replayed(reader, key.organisations, telling, EARLIER_PERIODS, key.source)[0]

    with _TURN:
        # Whoever had the turn before may have made the same.
        found: tuple[News, ...] = reader.cached(key, make)
        return found


def replayed(
    reader: StoreReader, organisations: Sequence[str], telling: Telling, periods: int, source: str = ""
) -> tuple[tuple[News, ...], dict[StateKey, str]]:
    """What the last so many periods of each series would have told, oldest first, and how things stand at their end;
    of a source alone, if one is named.

    Each release is looked at as it came, under limits of what was there by then, with the figures as they stand now.
    """
    found = followed_series(reader, organisations, further_back=periods, source=source)
    return replayed_series(reader, with_sides(reader, found, periods + STOOD), telling, periods)


def replayed_series(
    reader: StoreReader, series: Sequence[SeriesFigures], telling: Telling, periods: int
) -> tuple[tuple[News, ...], dict[StateKey, str]]:
    """The same of series that are given."""
    states: dict[StateKey, str] = {}
    told: list[News] = []
    steps = [(item, last) for item in series for last in _releases(item, periods)]
    for (figures, last), now in zip(steps, under_limits(steps), strict=True):
        for aspect, state in standing(now).items():
            key = (figures.organisation, figures.indicator.id, aspect.value)
            before, states[key] = states.get(key), state
            if before is not None and before != state:
                item = series_news(telling, now, aspect, state)
                told += [] if item is None else [at_its_day(item, came_out(figures, last))]
    told += _releases_told(reader, series, telling, periods)
    return _in_order(told), states


def _in_order(told: Iterable[News]) -> tuple[News, ...]:
    return tuple(sorted(told, key=lambda item: (item.told_at, item.key)))


def _releases(series: SeriesFigures, periods: int) -> list[Reading]:
    """The last so many readings with a value, in order, and one before them, from which the first is told apart."""
    return [item for item in series.readings if item.value is not None][-periods - 1 :]


def _releases_told(
    reader: StoreReader, series: Sequence[SeriesFigures], telling: Telling, periods: int
) -> list[News]:
    """That each source's figures came, once for each period and organisation."""
    first: dict[tuple[str, str, int], tuple[SeriesFigures, Reading]] = {}
    for item in series:
        for last in _releases(item, periods)[1:]:
            first.setdefault((item.organisation, item.indicator.source_id, last.period.key), (item, last))
    topics = topics_of(reader)
    return [
        at_its_day(new_data_news(telling, topics[source], source, last), came_out(figures, last))
        for (_, source, _), (figures, last) in first.items()
    ]


def topics_of(reader: StoreReader) -> dict[str, list[str]]:
    """What each source is about in words."""
    found: dict[str, dict[str, None]] = {}
    for item in reader.request.site.store.catalogue.indicators.values():
        found.setdefault(item.source_id, {})[item.topic] = None
    return {source: list(topics) for source, topics in found.items()}


def came_out(series: SeriesFigures, reading: Reading) -> datetime:
    """When a figure came out: the day of its first file where that lies within a year of its period, else the day that
    its publisher's calendar gives, else the end of its period."""
    end = reading.period.end
    days = [item.published_on for item in reading.files if item.published_on is not None]
    calendar = publications()[series.indicator.source_id].calendar
    day = due_for(calendar, end).on if calendar is not None else end
    if days and end <= min(days) <= end + _A_YEAR:
        day = min(days)
    return datetime.combine(day, time(9, 30), UTC)
