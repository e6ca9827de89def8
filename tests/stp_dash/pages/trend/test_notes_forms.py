"""The forms for a trend's notes: what each changes in the store and the audit, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import update

from db.domain import Period
from db.domain.decision import Recorded
from db.figures.decisions.plans import standing_plans
from db.figures.decisions.recorded import recorded_for
from db.figures.decisions.rules import standing_rules
from db.settings import Settings
from db.store import Store
from db.store.audit import audit_entries
from db.store.schema import operator as account
from tests.support.seed import TREATED_31, Row, months, seeded_store
from tests.support.site.operators import NAME, Operator, seed_operator
from tests.support.site.page_parts import nodes, words
from tests.support.site.pages import page_shown, rows_downloaded

OWN = {"indicator": TREATED_31, "organisation": "RVV", "area": ""}
RESTART = {"restart_month": "2025-06", "restart_role": "Head of cancer"}
HOSTILE = '=HYPERLINK("x")<script>alert(1)</script>\u202e\x00 Clinic'
CHOICE = {
    "rules_choice": "nhs-r",
    "rules_reason": "Few \u202emonths\x07 <b>stand out</b>",
    "rules_role": "Analyst",
}
EVENT = {
    **{"note_on": "2026-01-09", "note_until": "", "note_link": "", "note_scope": "series"},
    **{"note_role": "Cancer lead", "number": "0"},
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    span = months(Period.month(2024, 10), 24)
    rows = [
        Row(TREATED_31, code, period, 900 if period.start.month % 2 else 910, 1_000)
        for code in ("RVV", "RWF")
        for period in span
    ]
    opened = seeded_store(tmp_path_factory.mktemp("notes") / "notes.sqlite", rows)
    seed_operator(opened)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def editor(store: Store) -> Operator:
    """One who is signed in as an editor: what an editor may do, all above may."""
    with store.writing() as connection:
        connection.execute(update(account).where(account.c.name == NAME).values(role="editor"))
    return Operator(store, Settings())


def send(editor: Operator, action: str, **form: str) -> tuple[str, str]:
    """What the page says came of a form, and the address that it is shown at."""
    answer = editor.browser.post(f"/notes/{action}", data={"csrf_token": editor.token(), **OWN, **form})
    return editor.told(), answer.headers.get("Location", str(answer.status_code))


def main(store: Store, path: str, organisation: str) -> str:
    """The words of a page."""
    shown = page_shown(store, path, f"?indicator={TREATED_31}&organisation={organisation}")
    return " ".join(words(nodes(shown, "Main")).split())


def recorded(store: Store, **asked: Any) -> Recorded:
    with store.reading() as connection:
        return recorded_for(connection, **asked)


def test_an_event_is_recorded_changed_and_withdrawn_and_the_second_editor_is_told(
    store: Store, editor: Operator
) -> None:
    told, _ = send(editor, "event", note_text=HOSTILE, **EVENT)
    (found,) = recorded(store).events
    assert told == f"Event {found.id} is recorded, and stands on its charts."
    assert (found.indicator, found.organisation, found.role) == (TREATED_31, "RVV", "Cancer lead")
    assert found.text == '=HYPERLINK("x")<script>alert(1)</script> Clinic'
    shown = main(store, "/trend", "RVV")
    assert '1 January 2026. =HYPERLINK("x")<script>alert(1)</script> Clinic Cancer lead' in shown
    rows = rows_downloaded(store, "/trend", f"?indicator={TREATED_31}&organisation=RVV&sheet=trend")
    (cell,) = [row["events"] for row in rows if row["period_start"] == "2026-01-01"]
    assert cell == f"9 January 2026: {found.text}"
    number = str(found.id)
    span = {**EVENT, "number": number, "note_until": "2026-02-06", "note_scope": "area", "note_text": "Refit"}
    told, _ = send(editor, "event", **span)
    assert told.startswith(f"Event {number} is changed.")
    told, _ = send(editor, "event", **{**span, "note_text": "Mine"})
    assert told.startswith(f"Nothing was changed. Event {number}: somebody has changed or withdrawn it since")
    (standing,) = recorded(store).events
    assert (standing.text, standing.of_area, standing.organisation) == ("Refit", True, "QKS")
    assert f"{standing.until}" == "2026-02-06"
    beside = "January to February 2026. Refit (9 January to 6 February 2026)"
    assert beside in main(store, "/trend", "RWF")
    told, _ = send(editor, "withdraw-event", number=str(standing.id), note_role="Cancer lead")
    assert "is withdrawn" in told
    assert recorded(store).events == ()
    assert [item.text for item in recorded(store, withdrawn=True).events] == [found.text, "Refit"]
    with store.reading() as connection:
        trail = [(item.actor, item.action) for item in audit_entries(connection)][:3]
    assert trail == [(NAME, "event withdrawn"), (NAME, f"event {number} changed"), (NAME, "event recorded")]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"note_on": "2026-02-30"}, "first day: wanted a day as 2026-01-31, found '2026-02-30'"),
        ({"note_until": "2025-01-01"}, "until: wanted a day after 2026-01-09, found 2025-01-01"),
        ({"note_text": "x" * 161}, "text: wanted at most 160 characters, found 161"),
        ({"note_link": "javascript:alert(1)"}, "link: wanted an address that begins with https://"),
        ({"note_scope": "world"}, "where it stands: wanted one of series, everyone, organisation, area"),
        ({"note_role": ""}, "role: wanted some words, found none"),
        ({"organisation": "X??"}, "wanted an organisation that the store knows, found 'X??'"),
        ({"number": "one"}, "number: wanted a number, found 'one'"),
    ],
)
def test_what_is_typed_wrong_comes_back_with_what_was_wanted(
    store: Store, editor: Operator, wrong: dict[str, str], told: str
) -> None:
    said, address = send(editor, "event", **{"note_text": "Clinic", **EVENT, **wrong})
    assert said.startswith("Nothing was changed: ")
    assert told in said
    assert parse_qs(urlsplit(address).query)["note_role" if "note_role" not in wrong else "note_text"]
    assert recorded(store).events == ()


def test_a_restart_is_recorded_with_its_reason_and_withdrawn(store: Store, editor: Operator) -> None:
    told, _ = send(
        editor,
        "restart",
        restart_month="2025-06",
        restart_reason="A second scanner",
        restart_role="Head of cancer",
    )
    assert told == "Limits start again in June 2025."
    (found,) = recorded(store).decisions
    assert (f"{found.on}", found.reason, found.role) == ("2025-06-01", "A second scanner", "Head of cancer")
    told, _ = send(editor, "restart", restart_reason="Again", **RESTART)
    assert "already start again" in told
    told, _ = send(editor, "withdraw-restart", restart_reason="", **RESTART)
    assert "reason: wanted some words, found none" in told
    told, _ = send(
        editor,
        "withdraw-restart",
        restart_month="2025-06",
        restart_reason="Not so",
        restart_role="Head of cancer",
    )
    assert told.startswith("Limits no longer start again in June 2025.")
    assert recorded(store).decisions == ()


def test_a_choice_of_rules_is_recorded_used_everywhere_and_withdrawn(store: Store, editor: Operator) -> None:
    address = f"?indicator={TREATED_31}&organisation=RVV"
    pages = dict.fromkeys(("/trend", "/organisation", "/", "/variation", "/data"), address)
    before = {path: words(nodes(page_shown(store, path, asked), "Main")) for path, asked in pages.items()}
    told, _ = send(editor, "rules", rules_seen="0", **{**CHOICE, "rules_choice": "lax"})
    assert told == "Nothing was changed: rules: wanted one of national, nhs-r, found 'lax'."
    told, _ = send(editor, "rules", rules_seen="0", **CHOICE)
    assert told.startswith("This series is judged by the NHS-R rules from now on")
    told, _ = send(editor, "rules", rules_seen="0", **{**CHOICE, "rules_choice": "national"})
    assert told.startswith("Nothing was changed. Somebody else has chosen rules for this series meanwhile")
    with store.reading() as connection:
        (found,) = standing_rules(connection)
    assert (found.profile, found.reason, found.role) == ("nhs-r", "Few months <b>stand out</b>", "Analyst")
    shown = {path: words(nodes(page_shown(store, path, asked), "Main")) for path, asked in pages.items()}
    assert "XmR chart. NHS-R rules: outlying" in " ".join(shown["/trend"].split())
    assert "Few months <b>stand out</b>. Decided by: Analyst." in shown["/trend"]
    assert shown["/"] == before["/"]
    asked = main(store, "/trend", "RVV&rules=national")
    assert "XmR chart. National Making Data Count rules:" in asked
    assert "Shown here are the National Making Data Count rules, as asked." in asked
    assert "NHS-R rules, as recorded, for " in shown["/variation"]
    told, _ = send(
        editor, "withdraw-rules", rules_seen=str(found.id), rules_reason="No", rules_role="Analyst"
    )
    assert told.startswith("This series is judged by the National Making Data Count rules again.")
    for path, asked_of in pages.items():
        assert words(nodes(page_shown(store, path, asked_of), "Main")) == before[path]
    with store.reading() as connection:
        trail = [(item.actor, item.action, item.detail) for item in audit_entries(connection)][:2]
    assert trail == [
        (NAME, "rules withdrawn", "No"),
        (NAME, "rules recorded", "Few months <b>stand out</b>"),
    ]


def test_who_may_write_about_some_organisations_writes_about_no_other(store: Store, editor: Operator) -> None:
    with store.writing() as connection:
        connection.execute(update(account).where(account.c.name == NAME).values(organisations="RWF"))
    try:
        for scope in ("series", "organisation", "area", "everyone"):
            told, _ = send(editor, "event", note_text="Clinic", **{**EVENT, "note_scope": scope})
            assert "wanted a note on the charts of RWF, about which you may write" in told
        told, _ = send(
            editor,
            "restart",
            restart_month="2025-06",
            restart_reason="A scanner",
            restart_role="Head of cancer",
        )
        assert "about which you may write" in told
        told, _ = send(editor, "rules", rules_seen="0", **CHOICE)
        assert "about which you may write" in told
    finally:
        with store.writing() as connection:
            connection.execute(update(account).where(account.c.name == NAME).values(organisations=""))
    assert recorded(store) == Recorded()


def test_a_plan_is_checked_added_drawn_and_withdrawn_and_the_second_is_told(
    store: Store, editor: Operator
) -> None:
    about = {**OWN, "plan_name": "Plan <b>A</b>", "plan_role": "Planning lead"}

    def post(action: str, **form: str) -> Any:
        return editor.browser.post(f"/notes/{action}", data={"csrf_token": editor.token(), **about, **form})

    wrong = post("check-plan", **{"plan_2026-08": "ninety", "plan_2026-09": "95"})
    assert wrong.status_code == 400
    assert "line 2, value: ninety is not a figure." in wrong.get_data(as_text=True)
    checked = post("check-plan", **{"plan_2026-09": "95", "plan_2026-10": "96.5"}).get_data(as_text=True)
    assert "2 months new, 0 changed, 0 as they stand" in checked
    assert plans(store) == {}
    (text,) = re.findall(r'name="plan" value="([^"]+)"', checked)
    assert "Location" in post("add-plan", plan=unescape(text), seen="0").headers
    assert "The plan is added: 2 months." in editor.told()
    post("add-plan", plan=unescape(text), seen="0")
    assert "somebody else has handed in a plan meanwhile" in editor.told()
    assert plans(store)[TREATED_31, "RVV"].values == {date(2026, 9, 1): 95.0, date(2026, 10, 1): 96.5}
    shown = main(store, "/trend", "RVV")
    assert "Gap to plan 50 patients plan for September 2026 95.0%" in shown
    assert "Against the plan Against the plan, the newest month first Month Plan Actual Gap Sep 2026" in shown
    assert "Plan <b>A</b>, Planning lead, entered" in shown
    rows = rows_downloaded(store, "/trend", f"?indicator={TREATED_31}&organisation=RVV&sheet=trend")
    assert [(row["plan"], row["short_of_plan"]) for row in rows[:2]] == [("95.0", "50.0"), ("", "")]
    post("withdraw-plan", number="1")
    assert "The plan is withdrawn" in editor.told()
    assert plans(store)[TREATED_31, "RVV"].values == {}
    assert "Gap to plan" not in main(store, "/trend", "RVV")


def plans(store: Store) -> Any:
    with store.reading() as connection:
        return standing_plans(connection)


def test_readers_see_what_is_noted_and_change_nothing(store: Store, editor: Operator) -> None:
    reader = editor.browser.application.test_client()
    shown = page_shown(store, "/notes", f"?indicator={TREATED_31}&organisation=RVV")
    assert nodes(shown, "Form") == []
    assert "Whoever may change something signs in first." in words(nodes(shown, "Main"))
    for action in ("event", "withdraw-event", "restart", "withdraw-restart", "rules"):
        assert (
            reader.post(f"/notes/{action}", data={**OWN, **EVENT, "note_text": "Clinic"}).status_code == 400
        )
    assert recorded(store) == Recorded()
