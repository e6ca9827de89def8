"""News: each thing that was told of the figures, once, and how things stood when they were last told of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection, delete, func, insert, select, update

from db.store.schema import news, news_mark, news_state

MOST_READ = 200
"""No more news than these are read at once: a feed is bounded."""

StateKey = tuple[str, str, str]
"""Whose, of what (an indicator or a source), and which aspect of it."""


class NewsKind(StrEnum):
    """What can be told."""

    NEW_DATA = "new data"
    BEGAN = "special cause began"
    ENDED = "special cause ended"
    MET = "standard met"
    MISSED = "standard missed"
    BEYOND = "beyond funnel limits"
    WITHIN = "within funnel limits again"
    REVISED = "revised"
    OVERDUE = "overdue"
    CORRECTION = "correction"
    COMMENTARY = "commentary"
    NOTED = "event noted"
    PLAN = "plan"
    DECISION = "limits or rules decided"


BY_PEOPLE = frozenset({NewsKind.COMMENTARY, NewsKind.NOTED, NewsKind.PLAN, NewsKind.DECISION})
"""The kinds that say what people added beside the figures."""
RULE_BROKEN = frozenset(NewsKind) - BY_PEOPLE - {NewsKind.NEW_DATA, NewsKind.REVISED, NewsKind.CORRECTION}
"""The kinds that say that something breaks a rule, or breaks it no longer."""


class Tone(StrEnum):
    """Which way a piece of news points."""

    WORSE = "worse"
    BETTER = "better"
    NEITHER = "neither"
    CHANGED = "changed"


@dataclass(frozen=True)
class News:
    """One thing told. `key` is made of what happened, so that it is the same however often it is worked out.

    indicator: "" where it is of a whole source. period_key: `Period.key` of the period in which it showed, None without
    one. path: the page that shows it. on: the day that it is news of. earlier: worked out for the time before the
    organisation was followed; nobody is written to of it.
    """

    key: str
    kind: NewsKind
    tone: Tone
    source: str
    indicator: str
    organisation: str
    period_key: int | None
    heading: str
    words: str
    path: str
    demonstration: bool
    data_version: int
    told_at: datetime
    earlier: bool = False
    id: int = 0


@dataclass(frozen=True)
class NewsMark:
    """Up to which state of the data, and which day, an organisation's news are told."""

    data_version: int
    data_state: int
    told_on: date


def marks_of(connection: Connection, organisations: Collection[str]) -> dict[str, NewsMark]:
    """How far each of some organisations is told; those that were never told of are left out."""
    found = connection.execute(select(news_mark).where(news_mark.c.organisation.in_(organisations)))
    return {row.organisation: NewsMark(row.data_version, row.data_state, row.told_on) for row in found}


def states_of(connection: Connection, organisations: Collection[str]) -> dict[StateKey, str]:
    """How things stood when they were last told of."""
    rows = connection.execute(select(news_state).where(news_state.c.organisation.in_(organisations)))
    return {(row.organisation, row.subject, row.aspect): row.state for row in rows}


def record_news(
    connection: Connection,
    found: Sequence[News],
    states: Mapping[StateKey, str],
    marks: Mapping[str, NewsMark],
    expected: Mapping[str, NewsMark],
) -> int | None:
    """Tell, and note that it is told, in the caller's one transaction; how many of the news were new.

    `expected` are the marks that the news were worked out beside. None, and nothing is written, where another process
    has told meanwhile.
    """
    present = marks_of(connection, list(marks))
    if present != {code: mark for code, mark in expected.items() if code in marks}:
        return None
    keys = [item.key for item in found]
    known = set(connection.scalars(select(news.c.key).where(news.c.key.in_(keys))))
    rows = [_row(item) for item in found if item.key not in known]
    if rows:
        connection.execute(insert(news), rows)
    _put_states(connection, states)
    for code, mark in marks.items():
        values = {"data_version": mark.data_version, "data_state": mark.data_state, "told_on": mark.told_on}
        done = connection.execute(update(news_mark).where(news_mark.c.organisation == code).values(**values))
        if not done.rowcount:
            connection.execute(insert(news_mark).values(organisation=code, **values))
    return len(rows)


def _put_states(connection: Connection, states: Mapping[StateKey, str]) -> None:
    for organisation, subject, aspect in states:
        connection.execute(
            delete(news_state).where(
                news_state.c.organisation == organisation,
                news_state.c.subject == subject,
                news_state.c.aspect == aspect,
            )
        )
    rows = [
        {"organisation": organisation, "subject": subject, "aspect": aspect, "state": state}
        for (organisation, subject, aspect), state in states.items()
    ]
    if rows:
        connection.execute(insert(news_state), rows)


def _row(item: News) -> dict[str, object]:
    plain = {name: getattr(item, name) for name in News.__dataclass_fields__ if name != "id"}
    return {**plain, "kind": item.kind.value, "tone": item.tone.value}


def read_news(
    connection: Connection, organisations: Collection[str], *, after: int = 0, most: int = MOST_READ
) -> list[News]:
    """The newest news of some organisations, the newest first, of those after a number."""
    statement = (
        select(news)
        .where(news.c.organisation.in_(organisations), news.c.id > after)
        .order_by(news.c.told_at.desc(), news.c.id.desc())
        .limit(most)
    )
    return [_news(row) for row in connection.execute(statement)]


def newest_news(connection: Connection) -> int:
    """The number of the newest piece of news, 0 without any."""
    return int(connection.scalar(select(func.max(news.c.id))) or 0)


def _news(row: object) -> News:
    found = {name: getattr(row, name) for name in News.__dataclass_fields__}
    return News(**{**found, "kind": NewsKind(found["kind"]), "tone": Tone(found["tone"])})
