"""Telling: after each change of the data, and once a day, what is new of the areas that are followed is noted once.

News and how things stand are written in one transaction: whatever ends the process, what was worked out is told whole
or will be worked out again, with the same keys.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial

from db.catalogue.levels import level_freshness
from db.domain.changes import SourceChanges, ValueChange
from db.domain.holdings import DataVersion
from db.domain.reading import Reading
from db.figures.changes import changes_since
from db.figures.data_version import data_version
from db.figures.undone import changes_by_undo
from db.service.follow.news import News, NewsMark, StateKey, marks_of, record_news, states_of
from db.store import Connection, IntegrityError
from stp_dash.analysis.wording import value_text
from stp_dash.follow.added.news import news_by_people
from stp_dash.follow.read import (
    SeriesFigures,
    followed,
    followed_series,
    last_reading,
    newest_by_source,
    told_indicators,
    under_limits,
    with_sides,
)
from stp_dash.follow.replay import EARLIER_PERIODS, replayed, topics_of
from stp_dash.follow.standing import FEWEST, STOOD, Aspect, FollowedSeries, standing
from stp_dash.follow.words import (
    Telling,
    correction_news,
    new_data_news,
    overdue_news,
    revised_news,
    series_news,
)
from stp_dash.frame.area import types_shown
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, Site
from stp_dash.pages.overview.changes import undone_figures
from stp_dash.statistics.profiles import NATIONAL

_LAST_PERIOD, _RULES = "period", "rules"
_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Worked:
    """What one look at an area found: the news, how things stand, and the marks before and after."""

    news: tuple[News, ...]
    states: dict[StateKey, str]
    marks: dict[str, NewsMark]
    expected: dict[str, NewsMark]


def tell_area(site: Site, code: str, now: datetime | None = None) -> int:
    """Tell what is new of an area and its organisations; how many pieces of news there were.

    None of a store that is empty or still filling. Raises DBAPIError where the store cannot be read or written.
    """
    asked = {} if code == site.settings.area.asked else {"area": code}
    request = PageRequest(site, "/", asked)
    moment = now or datetime.now(UTC)

    def work(connection: Connection) -> Worked | None:
        version = data_version(connection)
        if version.filling or not version.number:
            return None
        return _worked(StoreReader(request, connection, version), version, moment)

    found = site.read(work, current=True)
    if found is None or not found.marks:
        return 0
    try:
        with site.store.writing() as connection:
            told = record_news(connection, found.news, found.states, found.marks, found.expected)
    except IntegrityError:
        told = None
    if told is None:
        _LOG.warning("another process has told the news of %s meanwhile", code)
    return told or 0


def _worked(reader: StoreReader, version: DataVersion, moment: datetime) -> Worked:
    request = reader.request
    codes, today = followed(request.area), request.site.today()
    expected = marks_of(reader.connection, codes)
    mark = NewsMark(version.number, version.state, today)
    due = [code for code in codes if expected.get(code) != mark]
    telling = Telling(reader.names, request.parameters.get("area", ""), version.number, moment)
    begun = tuple(code for code in due if code in expected)
    fresh = tuple(code for code in due if code not in expected)
    news, states = _since(reader, begun, telling, expected) if begun else ([], {})
    days = {expected[code].told_on for code in begun}
    for day in days:
        own = [code for code in begun if expected[code].told_on == day]
        news = [*news, *news_by_people(reader, own, day, telling)]
    if fresh:
        told, stood = replayed(reader, fresh, telling, EARLIER_PERIODS)
        news, states = [*news, *told], {**states, **stood, **_periods_now(reader, fresh)}
    if request.area.commissioner in due:
        news = [*news, *_overdue(reader, telling)]
    return Worked(tuple(news), states, dict.fromkeys(due, mark), expected)


def _periods_now(reader: StoreReader, organisations: Sequence[str]) -> dict[StateKey, str]:
    series = followed_series(reader, organisations)
    newest = newest_by_source(series)
    periods = {(code, source, _LAST_PERIOD): str(item.period.key) for (code, source), item in newest.items()}
    return periods | {key: rules for key, rules in _rules_now(series).items() if rules != NATIONAL.name}


def _rules_now(series: Sequence[SeriesFigures]) -> dict[StateKey, str]:
    """The rules that each series is judged by."""
    return {(item.organisation, item.indicator.id, _RULES): item.rules or NATIONAL.name for item in series}


def _since(
    reader: StoreReader, organisations: Sequence[str], telling: Telling, marks: dict[str, NewsMark]
) -> tuple[list[News], dict[StateKey, str]]:
    """What is new of organisations that were told of before."""
    before = states_of(reader.connection, organisations)
    series = with_sides(reader, followed_series(reader, organisations), STOOD)
    states: dict[StateKey, str] = {}
    news: list[News] = []
    now = under_limits([(item, last_reading(item)) for item in series])
    judged = {
        key: rules for key, rules in _rules_now(series).items() if rules != before.get(key, NATIONAL.name)
    }
    states |= {**judged, **{(*key[:2], Aspect.VARIATION.value): "" for key in judged}}
    for item in now:
        for aspect, state in standing(item).items():
            key = (item.organisation, item.indicator.id, aspect.value)
            states[key] = state
            # What other rules than before say is no news of the figures.
            by_others = aspect is Aspect.VARIATION and (*key[:2], _RULES) in judged
            if (before.get(key) or state) != state and not by_others:
                told = series_news(telling, item, aspect, state)
                news += [] if told is None else [told]
    topics = topics_of(reader)
    for (code, source), last in newest_by_source(series).items():
        key = (code, source, _LAST_PERIOD)
        states[key] = str(last.period.key)
        if _is_newer(last, before.get(key)):
            news.append(new_data_news(telling, topics[source], source, last))
    for since in {marks[code].data_version for code in organisations}:
        own = [code for code in organisations if marks[code].data_version == since]
        news += _changed(reader, own, since, now, telling)
    return news, states


def _is_newer(last: Reading, before: str | None) -> bool:
    return before is None or last.period.key > int(before)


def _changed(
    reader: StoreReader,
    organisations: Sequence[str],
    since: int,
    now: Sequence[FollowedSeries],
    telling: Telling,
) -> list[News]:
    """What loads and undos since a data version changed of figures that were there."""
    if since == reader.version.number:
        return []
    connection, known, topics = reader.connection, reader.code_lists, topics_of(reader)
    indicators = [item.id for item in told_indicators(reader)]
    read = partial(changes_since, connection, known, organisations=organisations, indicators=indicators)
    found = read(since_version=since)
    news = _revised(found, {(item.organisation, item.indicator.id): item for item in now}, telling)
    for item in found:
        news += _corrected(topics, item.release.source, item.withdrawn, telling, None)
    if reader.version.last_undo > since:
        releases = [item.release for item in read()]
        for undo in changes_by_undo(connection, known, releases, organisations=organisations):
            changed = [item.reading for item in undone_figures(undo, organisations)]
            own = [item for item in changed if item.indicator in indicators]
            news += _corrected(topics, undo.source, own, telling, undo.on)
    return news


def _revised(
    found: Sequence[SourceChanges], series: Mapping[tuple[str, str], FollowedSeries], telling: Telling
) -> list[News]:
    """One for each organisation and indicator of which figures were revised by more than rounding."""
    groups: dict[tuple[str, str], list[ValueChange]] = {}
    for change in (change for item in found for change in item.revised):
        key = (change.after.organisation, change.after.indicator)
        if key in series and _is_told(series[key], change):
            groups.setdefault(key, []).append(change)
    return [revised_news(telling, series[key], changes) for key, changes in groups.items()]


def _is_told(series: FollowedSeries, change: ValueChange) -> bool:
    """Whether a revision shows in the figure as pages write it, and is not of a few patients."""
    before, after = change.before, change.after
    size = after.denominator if after.denominator is not None else after.numerator
    shown = [value_text(series.indicator, item.value) for item in (before, after)]
    return shown[0] != shown[1] and (size is None or size >= FEWEST)


def _corrected(
    topics: Mapping[str, Sequence[str]],
    source: str,
    found: Sequence[Reading],
    telling: Telling,
    undone_on: date | None,
) -> list[News]:
    """One for each organisation whose figures of a source stand no longer as they did."""
    groups: dict[str, list[Reading]] = {}
    for item in found:
        groups.setdefault(item.organisation, []).append(item)
    return [
        correction_news(telling, source, topics[source], own, undone_on=undone_on) for own in groups.values()
    ]


def _overdue(reader: StoreReader, telling: Telling) -> list[News]:
    """One for each source and level whose figures did not come; those told of before have the same keys."""
    request, topics, today = reader.request, topics_of(reader), reader.request.site.today()
    levels = {words: (kind,) for kind, words in types_shown(request).items()}
    known = request.site.store.catalogue.indicators.values()
    found = []
    for source in topics:
        own = [item for item in known if item.source_id == source]
        for level in level_freshness(own, reader.latest, today, levels, coming=reader.coming):
            if level.overdue and level.expected is not None:
                late = (source, topics[source], request.area.commissioner)
                found.append(overdue_news(telling, late, level, demonstration=reader.version.demonstration))
    return found
