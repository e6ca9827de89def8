"""What people record beside the figures, on both databases, and the commands that record it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text
from typer.testing import CliRunner, Result

from db.domain.decision import RULE_PROFILES, EventWords, Recorded, RecordedEvent
from db.figures.decisions.events import change_event, record_event, withdraw_event
from db.figures.decisions.rebases import record_rebase, withdraw_rebase
from db.figures.decisions.recorded import recorded_for
from db.figures.decisions.rules import record_rules, standing_rules, withdraw_rules
from db.figures.decisions.words import DecisionError, LostChangeError
from db.store import Store
from db.store.audit import audit_entries
from etl.__main__ import application
from stp_dash.statistics.profiles import PROFILES
from tests.support.frames import FDS, SIXTY_TWO

MARCH = date(2024, 3, 1)
ROLE = "Head of cancer services"
WHY = "A one-stop clinic opened"


def decide(connection: Connection, **other: Any) -> int:
    asked = {"indicator_code": FDS, "organisation_code": "RVV", "on": MARCH, "reason": WHY, "role": ROLE}
    return record_rebase(connection, **{**asked, **other})


def words(text: str, **other: Any) -> EventWords:
    return EventWords(**{"on": MARCH, "text": text, "role": ROLE, **other})


def note(connection: Connection, text: str, **other: Any) -> int:
    return record_event(connection, words(text, **other))


def state(connection: Connection) -> int:
    value = connection.execute(text("SELECT value FROM store_meta WHERE name = 'data_version'")).scalar()
    return int(value or 0)


def test_a_decision_is_read_with_its_reason_role_and_date(store: Store) -> None:
    with store.writing() as connection:
        decide(connection, reason="  A one-stop \n clinic opened ")
        decide(connection, organisation_code="RWF", on=date(2023, 6, 1))
        decide(connection, indicator_code=SIXTY_TWO)
    with store.reading() as connection:
        (found,) = recorded_for(connection, indicators=[FDS], organisations=["RVV", "RPA"]).decisions
        both = recorded_for(connection, indicators=[FDS], organisations=["RVV", "RWF"]).decisions
    assert (found.indicator, found.organisation, found.on) == (FDS, "RVV", MARCH)
    assert (found.reason, found.role) == (WHY, ROLE)
    assert abs(datetime.now(UTC) - found.recorded_at) < timedelta(minutes=5)
    assert [item.organisation for item in both] == ["RWF", "RVV"]


def test_recording_and_withdrawing_make_pages_read_again(store: Store) -> None:
    with store.writing() as connection:
        before = state(connection)
        decide(connection)
        number = note(connection, "Strike")
        assert state(connection) == before + 2
        withdraw_rebase(
            connection, indicator_code=FDS, organisation_code="RVV", on=MARCH, reason="Not so", role=ROLE
        )
        withdraw_event(connection, number, role=ROLE)
        assert state(connection) == before + 4


def test_what_is_withdrawn_stands_no_longer_and_is_kept(store: Store) -> None:
    with store.writing() as connection:
        decide(connection)
        withdraw_rebase(
            connection, indicator_code=FDS, organisation_code="RVV", on=MARCH, reason="Not so", role=ROLE
        )
        again = decide(connection)
    with store.reading() as connection:
        (standing,) = recorded_for(connection).decisions
        every = recorded_for(connection, withdrawn=True).decisions
        trail = [(item.action, item.detail, item.actor) for item in audit_entries(connection)]
    assert standing.id == again
    assert [item.withdrawn_at is None for item in every] == [False, True]
    assert trail == [
        ("rebase recorded", WHY, ROLE),
        ("rebase withdrawn", "Not so", ROLE),
        ("rebase recorded", WHY, ROLE),
    ]


def test_events_of_all_stand_on_every_chart(store: Store) -> None:
    with store.writing() as connection:
        note(connection, "First lockdown", on=date(2020, 3, 23))
        note(connection, "Clinic", indicator=FDS, organisation="RVV")
        note(connection, "Scanner", organisation="RWF")
        note(connection, "Pathway", indicator=SIXTY_TWO)
    with store.reading() as connection:
        ours = recorded_for(connection, indicators=[FDS], organisations=["RVV"]).events
        other = recorded_for(connection, indicators=[FDS], organisations=["RWF"]).events
        none = recorded_for(connection, indicators=[], organisations=[]).events
    assert [item.text for item in ours] == ["First lockdown", "Clinic"]
    assert (ours[0].indicator, ours[0].organisation) == (None, None)
    assert (ours[1].indicator, ours[1].organisation) == (FDS, "RVV")
    assert [item.text for item in other] == ["First lockdown", "Scanner"]
    assert [item.text for item in none] == ["First lockdown"]


def test_an_event_of_an_area_stands_on_the_charts_of_all_that_belong_to_it(store: Store) -> None:
    with store.writing() as connection:
        note(connection, "A new pathway", organisation="QKS", of_area=True)
        note(connection, "The board moves", organisation="QKS")
    with store.reading() as connection:
        inside = recorded_for(connection, indicators=[FDS], organisations=["RVV"], areas=["QKS"]).events
        outside = recorded_for(connection, indicators=[FDS], organisations=["RVV"]).events
        board = recorded_for(connection, indicators=[FDS], organisations=["QKS"]).events
    assert [item.text for item in inside] == ["A new pathway"]
    assert outside == ()
    assert [item.text for item in board] == ["A new pathway", "The board moves"]


def test_every_version_of_an_event_is_kept_and_the_second_of_two_editors_is_told(store: Store) -> None:
    with store.writing() as connection:
        first = note(connection, "Clinic opens", link="https://example.org/clinic")
        second = change_event(connection, first, words("Clinic open", until=date(2024, 3, 9)), by="anna")
    with pytest.raises(LostChangeError, match="changed or withdrawn it since"), store.writing() as connection:
        change_event(connection, first, words("Clinic shut"), by="ben")
    with pytest.raises(LostChangeError), store.writing() as connection:
        withdraw_event(connection, first, role=ROLE, by="ben")
    with store.reading() as connection:
        (standing,) = recorded_for(connection).events
        versions = recorded_for(connection, withdrawn=True).events
        trail = [(item.actor, item.action) for item in audit_entries(connection)]
    assert (standing.id, standing.replaces, standing.text) == (second, first, "Clinic open")
    assert (standing.on, standing.until, standing.link) == (MARCH, date(2024, 3, 9), "")
    assert [(item.text, item.link) for item in versions if item.withdrawn_at] == [
        ("Clinic opens", "https://example.org/clinic")
    ]
    assert trail == [("anna", f"event {first} changed"), (ROLE, "event recorded")]


def test_what_is_typed_is_kept_as_plain_words_on_one_line(store: Store) -> None:
    typed = "=1+1 <b>Clinic</b>\u202e\n\topens\x00\u2066 \u200bat Z\u0301\u0301\u0301\u0301 site\ud800"
    with store.writing() as connection:
        note(connection, typed)
    with store.reading() as connection:
        (found,) = recorded_for(connection).events
    assert isinstance(found, RecordedEvent)
    assert found.text == "=1+1 <b>Clinic</b> opens at \u0179\u0301\u0301 site"


def test_decisions_and_events_are_one_query(store: Store) -> None:
    with store.writing() as connection:
        decide(connection)
        note(connection, "Clinic", indicator=FDS)
    asked: list[str] = []
    event.listen(
        store.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, _p, _x, _m: asked.append(statement),
    )
    with store.reading() as connection:
        found = recorded_for(connection, indicators=[FDS], organisations=["RVV"])
    assert len([statement for statement in asked if "FROM" in statement]) == 1
    assert (len(found.decisions), len(found.events)) == (1, 1)
    assert found.events[0].on == MARCH


Act = Callable[[Connection], object]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (
            lambda c: decide(c, indicator_code="cancer-28-day-faster"),
            f"wanted an indicator .* nearest are {FDS}",
        ),
        (
            lambda c: decide(c, organisation_code="R??"),
            "wanted an organisation that the store knows, found 'R",
        ),
        (lambda c: decide(c, reason="  "), "reason: wanted some words, found none"),
        (lambda c: decide(c, role=""), "role: wanted some words, found none"),
        (lambda c: decide(c, role="a.person@example.org"), "found an address"),
        (lambda c: decide(c, reason="x" * 501), "at most 500 characters, found 501"),
        (lambda c: (decide(c), decide(c)), "already start again for RVV on 2024-03-01"),
        (
            lambda c: withdraw_rebase(
                c, indicator_code=FDS, organisation_code="RVV", on=MARCH, reason=WHY, role=ROLE
            ),
            "on 2024-03-01, found none",
        ),
        (lambda c: note(c, ""), "text: wanted some words"),
        (lambda c: note(c, "x" * 161), "at most 160 characters, found 161"),
        (lambda c: note(c, "\u202e\u200b\x07"), "text: wanted some words"),
        (lambda c: note(c, "Clinic", until=date(2024, 2, 1)), "wanted a day after 2024-03-01"),
        (lambda c: note(c, "Clinic", link="http://example.org/"), "begins with https://"),
        (lambda c: note(c, "Clinic", link="javascript:alert(1)"), "begins with https://"),
        (lambda c: note(c, "Clinic", link="https://a:b@example.org/"), "begins with https://"),
        (lambda c: note(c, "Clinic", link="https://example.org/ x"), "begins with https://"),
        (lambda c: note(c, "Clinic", of_area=True), "wanted an area, found none"),
        (lambda c: change_event(c, 7, words("Clinic")), "none with the number 7"),
        (lambda c: withdraw_event(c, 7, role=ROLE), "none with the number 7"),
    ],
)
def test_what_cannot_be_recorded_is_refused_and_leaves_nothing(store: Store, act: Act, said: str) -> None:
    with pytest.raises(DecisionError, match=said), store.writing() as connection:
        act(connection)
    with store.reading() as connection:
        assert recorded_for(connection, withdrawn=True) == Recorded()
        assert audit_entries(connection) == []


@pytest.fixture
def run(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *arguments: CliRunner().invoke(application, list(arguments))


def test_the_commands_record_list_and_withdraw(run: Callable[..., Result]) -> None:
    asked = ("rebase", FDS, "RVV", "2024-03", "--reason", WHY, "--role", ROLE)
    told = run(*asked).stdout
    assert "start again for RVV in March 2024" in told
    assert "this takes effect with the first figure from March 2024" in told
    noted = run("event", "2024-03-15", "Scanner replaced", "--role", ROLE, "--organisation", "RVV")
    assert noted.stdout == "Event 1 is recorded.\n"
    listed = run("decisions").stdout
    for words in (FDS, "2024-03-01", "2024-03-15", "Scanner replaced", "every one"):
        assert words in listed
    assert "no longer start again" in run(*asked, "--withdraw").stdout
    assert run("withdraw-event", "1", "--role", ROLE).exit_code == 0
    assert run("decisions").stdout == "Nothing is recorded.\n"
    assert run("decisions", "--all").stdout.count("withdrawn") >= 2


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (("rebase", FDS, "RVV", "March", "--reason", WHY, "--role", ROLE), 2, "wanted a month as 2024-03"),
        (("rebase", "nothing", "RVV", "2024-03", "--reason", WHY, "--role", ROLE), 1, "found 'nothing'"),
        (("rebase", FDS, "RVV", "2024-03", "--reason", WHY), 2, "--role"),
        (("withdraw-event", "9", "--role", ROLE), 1, "none with the number 9"),
    ],
)
def test_the_commands_say_what_is_wrong(
    run: Callable[..., Result], arguments: tuple[str, ...], status: int, said: str
) -> None:
    finished = run(*arguments)
    assert finished.exit_code == status
    assert said in finished.output


def test_a_later_choice_of_rules_stands_in_place_of_the_one_before_and_both_are_kept(store: Store) -> None:
    about: dict[str, Any] = {"indicator_code": FDS, "organisation_code": "RVV", "reason": WHY, "role": ROLE}
    with store.writing() as connection:
        first = record_rules(connection, profile="nhs-r", seen=0, **about)
    with (
        store.writing() as connection,
        pytest.raises(LostChangeError, match="somebody else has chosen rules"),
    ):
        record_rules(connection, profile="national", seen=0, **about)
    with (
        store.writing() as connection,
        pytest.raises(DecisionError, match="by the nhs-r rules for RVV already"),
    ):
        record_rules(connection, profile="nhs-r", seen=first, **about)
    with store.writing() as connection:
        second = record_rules(connection, profile="national", seen=first, **about)
    with store.reading() as connection:
        assert [(item.id, item.profile) for item in standing_rules(connection)] == [(second, "national")]
    with store.writing() as connection:
        withdraw_rules(connection, seen=second, **about)
    with store.reading() as connection:
        every = standing_rules(connection, withdrawn=True)
    assert [item.profile for item in every if item.withdrawn_at] == ["nhs-r", "national"]
    with store.writing() as connection, pytest.raises(DecisionError, match="found none"):
        withdraw_rules(connection, **about)


def test_the_rules_that_may_be_chosen_are_those_of_the_statistics() -> None:
    assert tuple(PROFILES) == RULE_PROFILES
