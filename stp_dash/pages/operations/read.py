"""What the operations page reads, in one go: every part of the page speaks of the same moment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from db.domain import RunState
from db.domain.file import HeldFile, HeldState
from db.domain.holdings import DataVersion
from db.domain.people.role import Person
from db.domain.refresh import Leader, OverdueSlot, SourceFacts, StoredSchedule
from db.domain.run import FAILED, Run, Shown
from db.domain.timing import next_times
from db.service.agreement.check import StatedComparison, stated_differences, verdict_counts
from db.service.agreement.compare import AgreementVerdict
from db.service.health import oldest_overdue
from db.service.held_files import held_files
from db.service.lease import leader
from db.service.operators import people
from db.service.overview import last_lines, last_refreshes, last_upload, listed_runs, run_counts, source_facts
from db.service.queue import places
from db.service.runs import last_finds, queue, runs_by_state
from db.service.schedules import read_schedules
from db.version import code_version
from stp_dash.analysis.freshness import FreshnessChip, freshness_chips
from stp_dash.analysis.wording import listing
from stp_dash.elements import Content
from stp_dash.frame.area import types_shown
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest
from stp_dash.pages.operations.schedule_words import schedule_words
from stp_dash.pages.operations.words import (
    FreshRow,
    fresh_row,
    now_utc,
    source_name,
)
from stp_dash.web.access import configured, csrf_token, current_operator, current_person

SHOWN_RUNS = {"phone": 4, "tablet": 8, "desktop": 8}
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Actor:
    """Who looks: `name` is an operator's, else None; `person` whoever is signed in; `possible` says that anybody could
    sign in."""

    name: str | None
    token: str
    possible: bool
    person: Person | None = None


@dataclass(frozen=True)
class Service:
    """The refresh service at one moment."""

    now: datetime
    code_version: str
    actor: Actor
    leader: Leader | None
    queue: tuple[Run, ...]
    slot: OverdueSlot | None
    names: dict[str, str]
    rows: tuple[FreshRow, ...]
    schedules: dict[str, StoredSchedule]
    failing: tuple[Run, ...]
    week: dict[RunState, int]
    newest_failure: Run | None
    counts: dict[Shown, int]
    runs: tuple[Run, ...]
    lines: dict[int, str]
    held: tuple[HeldFile, ...]
    upload: Run | None
    differences: tuple[StatedComparison, ...]
    verdicts: Mapping[AgreementVerdict, int]

    @property
    def places(self) -> dict[int, tuple[int, int]]:
        """Of each run that waits, its place in the queue and how many wait with it."""
        return places(self.queue)

    @property
    def busy(self) -> bool:
        """Whether anything waits or is at work: what the page then says will soon be otherwise."""
        return bool(self.queue)


def actor_of(request: PageRequest, connection: Connection) -> Actor:
    """Who looks at the page."""
    person = current_person()
    token = csrf_token() if person else ""
    possible = person is not None or configured(connection, request.site.settings)
    return Actor(current_operator(), token, possible, person)


def names_hidden(connection: Connection, found: Content) -> Content:
    """What is told of runs and files, as readers who are not signed in see it: an operator in place of a name.

    `found` is text, an element or any list or table of both. For whoever is signed in it is as it was.
    """
    if current_operator() is not None:
        return found
    names = sorted(people(connection), key=len, reverse=True)
    if not names:
        return found
    pattern = re.compile(rf"\bby (?:{'|'.join(map(re.escape, names))})(?![\w@-])")
    return _without_names(found, pattern)


def _without_names(found: Content, names: re.Pattern[str]) -> Content:
    if isinstance(found, str):
        return names.sub("by an operator", found)
    if isinstance(found, dict):
        return {name: _without_names(value, names) for name, value in found.items()}
    if isinstance(found, list | tuple):
        return [_without_names(item, names) for item in found]
    return found


def service(request: PageRequest, connection: Connection, version: DataVersion, shown: Shown) -> Service:
    """Everything that the page shows, but for what is unfolded in it."""
    now, waiting = now_utc(), tuple(queue(connection))
    names = source_names(request)
    known = {item.source: item for item in read_schedules(connection)}
    names |= {source: source_name(source, names) for source in known}
    refreshes = last_refreshes(connection)
    runs = tuple(listed_runs(connection, shown, SHOWN_RUNS[request.width]))
    verdicts = verdict_counts(connection)
    return Service(
        now=now,
        code_version=code_version(),
        actor=actor_of(request, connection),
        leader=leader(connection),
        queue=waiting,
        slot=oldest_overdue(connection, now=now),
        names=names,
        rows=_fresh_rows(
            request,
            connection,
            version,
            names=names,
            known=known,
            refreshes=refreshes,
            waiting=waiting,
            now=now,
        ),
        schedules=known,
        failing=tuple(run for run in refreshes.values() if run.state in FAILED),
        week=runs_by_state(connection, now - _WEEK),
        newest_failure=next(iter(listed_runs(connection, Shown.FAILED, 1)), None),
        counts=run_counts(connection),
        runs=runs,
        lines=progress_of(connection, runs),
        held=tuple(held_files(connection, HeldState.HELD)),
        upload=last_upload(connection),
        differences=stated_differences(connection) if verdicts.get(AgreementVerdict.DIFFERS) else (),
        verdicts=verdicts,
    )


def progress_of(connection: Connection, runs: tuple[Run, ...]) -> dict[int, str]:
    """What each run that is at work said last."""
    at_work = [run.id for run in runs if run.state is RunState.RUNNING]
    return {run_id: line.message for run_id, line in last_lines(connection, at_work).items()}


def source_names(request: PageRequest) -> dict[str, str]:
    """The sources by the topics that their figures are shown under, and those that the settings schedule."""
    topics: dict[str, list[str]] = {}
    for item in request.site.store.catalogue.indicators.values():
        found = topics.setdefault(item.source_id, [])
        if item.topic not in found:
            found.append(item.topic)
    names = {source: listing(found) for source, found in topics.items()}
    return {**{source: source_name(source, names) for source in request.site.settings.schedules}, **names}


def next_look(stored: StoredSchedule | None, now: datetime, found_at: datetime | None) -> datetime | None:
    """When a source is looked for next, which last had something new at `found_at`; None where no schedule runs."""
    if stored is None or stored.definition is None or not stored.enabled:
        return None
    return next_times(stored.definition, 1, now, found_at=found_at)[0]


def _fresh_rows(
    request: PageRequest,
    connection: Connection,
    version: DataVersion,
    *,
    names: dict[str, str],
    known: dict[str, StoredSchedule],
    refreshes: dict[str, Run],
    waiting: tuple[Run, ...],
    now: datetime,
) -> tuple[FreshRow, ...]:
    chips, facts = _chips(request, connection, version), source_facts(connection)
    finds = last_finds(connection)
    return tuple(
        fresh_row(
            source,
            name,
            facts.get(source, SourceFacts()),
            chip=chips.get(source),
            ran=refreshes.get(source),
            schedule=(_schedule(known.get(source)), next_look(known.get(source), now, finds.get(source))),
            now=now,
            waiting=any(run.source == source for run in waiting),
        )
        for source, name in names.items()
    )


def _schedule(stored: StoredSchedule | None) -> str:
    if stored is None:
        return "no schedule"
    if stored.definition is None:
        return stored.words
    return ("" if stored.enabled else "Paused. ") + schedule_words(stored.definition)


def _chips(request: PageRequest, connection: Connection, version: DataVersion) -> dict[str, FreshnessChip]:
    """How fresh each source is by the overview's arithmetic; sources of which nothing is held are left out."""
    reader = StoreReader(request, connection, version)
    latest, coming = reader.latest, reader.coming
    catalogue, types = request.site.store.catalogue.indicators, types_shown(request)
    found = {}
    for source in {item.source_id for item in catalogue.values()}:
        own = {code: item for code, item in catalogue.items() if item.source_id == source}
        for chip in freshness_chips(own, latest, types, request.site.today(), {}, coming=coming):
            found[source] = chip
    return found
