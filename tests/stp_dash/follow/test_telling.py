"""News: each thing told once, whatever is killed when; flicker and few patients not told."""

from __future__ import annotations

import gc
import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random
from shutil import copy
from threading import Event
from typing import Any

import pytest
from sqlalchemy import update

from db.domain import Period
from db.domain.decision import EventWords, PlannedValue
from db.domain.people.commentary import CommentaryAbout, CommentaryStep, Remarks
from db.domain.people.role import Person, Role
from db.figures.commentary.write import write_commentary
from db.figures.decisions.events import record_event
from db.figures.decisions.plans import add_plan
from db.figures.decisions.rules import record_rules
from db.service.follow.news import News, NewsKind, Tone, read_news
from db.settings import Settings
from db.store import open_store
from db.store.schema import news_mark
from stp_dash.follow.read import followed
from stp_dash.follow.telling import tell_area
from stp_dash.frame.request import Site
from tests.support.seed import FDS
from tests.support.site.released import Releases, wobbling

AREA = "QKS"
TRUST = "RVV"


@pytest.fixture
def releases(sqlite_url: str, settings: Settings) -> Iterator[Releases]:
    """Twenty months, steady and short of the standard of 75%, and told of."""
    store = open_store(sqlite_url)
    found = Releases(store, settings)
    found.history({AREA: wobbling(0.70, 20), TRUST: wobbling(0.70, 20), "E92000001": [0.7] * 20})
    tell_area(found.site, AREA)
    yield found
    store.close()


def told(site: Site, *, earlier: bool = False) -> list[News]:
    """The news of the area, oldest first."""
    with site.store.reading() as connection:
        found = read_news(connection, followed(site.settings.own_area))
    return [item for item in reversed(found) if item.earlier is earlier]


def kinds(site: Site) -> Counter[tuple[str, NewsKind]]:
    return Counter((item.organisation, item.kind) for item in told(site))


def test_the_first_look_tells_of_earlier_and_writes_to_nobody(releases: Releases) -> None:
    assert told(releases.site) == []
    before = told(releases.site, earlier=True)
    assert {item.kind for item in before} == {NewsKind.NEW_DATA}
    assert {item.organisation for item in before} == {AREA, TRUST}
    assert all(item.demonstration for item in before)


def test_new_data_is_told_once(releases: Releases) -> None:
    releases.release({AREA: 0.70, TRUST: 0.70})
    assert tell_area(releases.site, AREA) == 2
    assert tell_area(releases.site, AREA) == 0
    assert kinds(releases.site) == {(AREA, NewsKind.NEW_DATA): 1, (TRUST, NewsKind.NEW_DATA): 1}
    assert told(releases.site)[0].heading == "Cancer, Kent and Medway: figures of September 2025"


def test_a_standard_is_crossed_when_it_has_stood_for_three_months(releases: Releases) -> None:
    for share in (0.81, 0.82):
        releases.release({AREA: share, TRUST: 0.70})
        tell_area(releases.site, AREA)
    assert (AREA, NewsKind.MET) not in kinds(releases.site)
    releases.release({AREA: 0.81, TRUST: 0.70})
    tell_area(releases.site, AREA)
    met = [item for item in told(releases.site) if item.kind is NewsKind.MET]
    assert [(item.organisation, item.tone) for item in met] == [(AREA, Tone.BETTER)]
    assert met[0].heading == "28-day faster diagnosis, Kent and Medway: meets its 75% standard"
    assert "81.0% in November 2025, provisional, met by 60" in met[0].words


def test_what_turns_back_within_two_periods_is_never_told(releases: Releases) -> None:
    for share in (0.84, 0.83, 0.70, 0.84, 0.70, 0.71):
        releases.release({AREA: share, TRUST: share})
        tell_area(releases.site, AREA)
    assert {kind for _, kind in kinds(releases.site)} == {NewsKind.NEW_DATA}


def test_of_fewer_than_twenty_patients_nothing_is_told(releases: Releases) -> None:
    releases.patients = 19
    for _ in range(5):
        releases.release({AREA: 1.0, TRUST: 1.0})
        tell_area(releases.site, AREA)
    assert {kind for _, kind in kinds(releases.site)} == {NewsKind.NEW_DATA}


def test_a_special_cause_begins_and_ends_once(releases: Releases) -> None:
    for share in wobbling(0.70, 9):
        releases.release({AREA: 0.60, TRUST: share})
        tell_area(releases.site, AREA)
    begun = [item for item in told(releases.site) if item.kind is NewsKind.BEGAN]
    assert [(item.organisation, item.tone) for item in begun] == [(AREA, Tone.WORSE)]
    assert "28-day faster diagnosis, Kent and Medway: " in begun[0].heading


def test_a_revision_is_told_when_it_shows(releases: Releases) -> None:
    before = releases.month
    releases.release({AREA: 0.70}, revised={before: 0.732, Period.month(2025, 6): 0.711})
    tell_area(releases.site, AREA)
    found = [item for item in told(releases.site) if item.kind is NewsKind.REVISED]
    assert len(found) == 1
    assert "August 2025 revised up, 70.9% to 73.2%" in found[0].heading
    assert "So was one more of its figures." in found[0].words


def test_an_overdue_source_is_told_once(releases: Releases) -> None:
    late = Site(releases.store, releases.settings, today=lambda: releases.month.end.replace(year=2026))
    tell_area(late, AREA)
    tell_area(late, AREA)
    found = [item for item in told(late) if item.kind is NewsKind.OVERDUE]
    assert len({item.key for item in found}) == len(found) > 0
    assert found[0].words.startswith("They were expected ")


def test_what_people_add_is_told_once_without_their_words(releases: Releases) -> None:
    store, ada = releases.store, Person("ada", Role.EDITOR)
    remarks = Remarks("Mrs Smith waits.", (), "Nothing yet", "=Care \u202elead<b>")
    plan = [PlannedValue(FDS, AREA, date(2027, month, 1), 70.0 + month) for month in (1, 2, 3)]
    rules: dict[str, Any] = {
        "indicator_code": FDS,
        "organisation_code": TRUST,
        "profile": "nhs-r",
        "reason": "R",
        "role": "Analyst",
    }
    for about in (releases.month, Period.month(2025, 2)):
        where = CommentaryAbout(FDS, TRUST, about)
        write_commentary(store, where, remarks, CommentaryStep.SHOWN, base=0, by=ada)
    write_commentary(store, where, remarks, CommentaryStep.WITHDRAWN, base=1, by=ada, reason="A name")
    with store.writing() as connection:
        record_event(
            connection, EventWords(date(2025, 3, 4), "A clinic", "Lead", organisation=AREA, of_area=True)
        )
        add_plan(connection, plan, name="Plan", role="Planning lead")
        record_rules(connection, **rules)
    with store.writing() as connection:
        connection.execute(update(news_mark).values(told_on=datetime.now(UTC).date()))
    assert tell_area(releases.site, AREA) == 4
    found = {item.kind: item for item in told(releases.site)}
    assert (
        found[NewsKind.COMMENTARY].heading == "28-day faster diagnosis, East Kent: commentary on August 2025"
    )
    assert found[NewsKind.COMMENTARY].path.endswith("#card-commentary")
    assert (
        "Smith" not in found[NewsKind.COMMENTARY].words and "\u202e" not in found[NewsKind.COMMENTARY].words
    )
    assert found[NewsKind.PLAN].words == "Plan 73.0% by March 2027: 3 months planned (Planning lead)."
    assert found[NewsKind.NOTED].heading == "Kent and Medway: an event of 4 March 2025 is noted"
    assert found[NewsKind.DECISION].heading == "28-day faster diagnosis, East Kent: judged by the NHS-R rules"
    with store.writing() as connection:
        add_plan(connection, plan[:1], name="Replan", role="Planning lead")
    assert tell_area(releases.site, AREA) == 1
    assert told(releases.site)[-1].heading == "28-day faster diagnosis, Kent and Medway: another plan"


def test_other_rules_are_no_news_of_the_figures(releases: Releases) -> None:
    for _ in range(9):
        releases.release({AREA: 0.60, TRUST: 0.70})
        tell_area(releases.site, AREA)
    begun = kinds(releases.site)[AREA, NewsKind.BEGAN]
    rules: dict[str, Any] = {
        "indicator_code": FDS,
        "organisation_code": AREA,
        "reason": "R",
        "role": "Analyst",
    }
    for profile in ("nhs-r", "national"):
        with releases.store.writing() as connection:
            record_rules(connection, profile=profile, **rules)
        tell_area(releases.site, AREA)
    changes = {NewsKind.BEGAN, NewsKind.ENDED}
    assert (
        begun == 1 == sum(item.kind in changes for item in told(releases.site) if item.organisation == AREA)
    )


def test_killed_at_any_moment_it_tells_everything_once(releases: Releases, tmp_path: Path) -> None:
    """A process that tells is killed at 25 moments; a store where nobody was killed says the same."""
    path, chance = tmp_path / "store.sqlite", Random(20)
    releases.store.engine.dispose()
    copy(path, tmp_path / "undisturbed.sqlite")
    undisturbed = replace(releases, store=open_store(f"sqlite:///{tmp_path}/undisturbed.sqlite"))
    for number in range(5):
        for each in (releases, undisturbed):
            each.release({AREA: 0.82, TRUST: 0.60 + number / 100})
        releases.store.engine.dispose()
        for _ in range(5):
            _kill(releases, chance.uniform(0.0, 0.07))
        tell_area(releases.site, AREA)
        tell_area(undisturbed.site, AREA)
    assert [item.key for item in told(releases.site)] == [item.key for item in told(undisturbed.site)]
    found = Counter(item.kind for item in told(releases.site))
    assert (found[NewsKind.NEW_DATA], found[NewsKind.MET]) == (10, 1)
    undisturbed.store.close()


def _kill(releases: Releases, after: float) -> None:
    """Begin telling in a process of its own, which opens its own connections, and kill it after some seconds."""
    child = os.fork()
    if not child:
        gc.disable()  # a look through all that the tests' process holds costs more than telling
        os.close(1)
        os.close(2)
        tell_area(releases.site, AREA)
        os._exit(0)
    Event().wait(after)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
