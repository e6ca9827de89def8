"""What the trend page reads of commentary: what stands, and for whoever writes it its drafts and history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import ClassVar

from db.domain import ALL, Period
from db.domain.people.commentary import (
    Commentary,
    CommentaryAbout,
    CommentaryRevision,
    CommentaryStep,
    Remarks,
)
from db.domain.people.role import Person
from db.domain.timing import TIME_ZONE
from db.figures.commentary.read import (
    commentaries,
    commentary_of,
    history_of_commentary,
    last_role_of,
)
from stp_dash.frame.cache import CacheKey
from stp_dash.pages.trend.state import TrendState

WRITE, REVISION, WRITING, ROWS, AGAINST = "write", "revision", "writing", "rows", "against"
"""The parameters of an editor's page: the key of the period that is written about, the revision whose words stand in
the form, how it is shown (`preview`, `check`), how many rows for actions it has, and the revision that it is compared
with."""
WRITING_PARAMETERS = (WRITE, REVISION, WRITING, ROWS, AGAINST)
MOST_PERIODS = 13


@dataclass(frozen=True)
class CommentariesKey(CacheKey[tuple[Commentary, ...]]):
    """What is said of an indicator and a place, at the end of a day if one is asked for."""

    indicator: str
    place: str
    until: datetime | None
    most: ClassVar[int] = 200


@dataclass(frozen=True)
class Writing:
    """What the form is filled with. `base` is the number of the newest revision, `loaded` the one whose words stand
    in it; `against` the one that it is compared with."""

    about: CommentaryAbout
    person: Person
    history: tuple[CommentaryRevision, ...]
    remarks: Remarks
    shown: Commentary | None
    loaded: CommentaryRevision | None
    against: CommentaryRevision | None
    checked: bool
    previewed: bool
    rows: int

    @property
    def base(self) -> int:
        return self.history[-1].number if self.history else 0


def commentary_read(state: TrendState) -> tuple[Commentary, ...]:
    """What is shown of the series, up to the period that is looked back from; nothing for a part of it, and nothing
    as of a data version, which words have none of."""
    as_of = state.request.as_of()
    if state.breakdown != ALL or as_of.version is not None:
        return ()
    day = as_of.published_by
    until = None if day is None else datetime.combine(day, time(23, 59, 59), TIME_ZONE)
    key = CommentariesKey(state.indicator.id, state.organisation, until)
    found = state.reader.cached(
        key,
        lambda: commentaries(
            state.reader.connection, indicators=[key.indicator], places=[key.place], until=until
        ),
    )
    last = state.period_of("to", state.until)
    return tuple(item for item in found if last is None or item.about.period.start <= last.start)


def periods_to_write_of(state: TrendState) -> tuple[Period, ...]:
    """The periods that may be written about, newest first."""
    return tuple(item for item in state.held if item.frequency is state.held[0].frequency)[:MOST_PERIODS]


def writing_read(state: TrendState) -> Writing | None:
    """What the form holds for who looks; None for readers, and where no period, or none of these, is asked for."""
    person, asked = state.request.person, state.request.parameters
    period = next((item for item in periods_to_write_of(state) if str(item.key) == asked.get(WRITE)), None)
    if person is None or period is None or not person.writes_about(state.organisation):
        return None
    connection = state.reader.connection
    about = CommentaryAbout(state.indicator.id, state.organisation, period)
    history = history_of_commentary(connection, about)
    shown = commentary_of(connection, about)
    by_number = {str(item.number): item for item in history}
    loaded = by_number.get(asked.get(REVISION, ""))
    if loaded is None and history and history[-1].step is CommentaryStep.DRAFT:
        loaded = history[-1]
    if loaded is None and shown is not None:
        loaded = by_number[str(shown.number)]
    remarks = loaded.remarks if loaded else Remarks(role=last_role_of(connection, person.name))
    rows = asked.get(ROWS, "")
    return Writing(
        about,
        person,
        history,
        remarks,
        shown,
        loaded,
        by_number.get(asked.get(AGAINST, "")),
        asked.get(WRITING) == "check",
        asked.get(WRITING) == "preview",
        int(rows) if rows.isascii() and rows.isdigit() and len(rows) < 3 else 0,
    )
