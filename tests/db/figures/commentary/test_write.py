"""Commentary as rows: what readers see, what two writers at once come to, and what becomes of hostile text."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from db.domain import Period
from db.domain.people.commentary import (
    ActionState,
    Commentary,
    CommentaryAbout,
    CommentaryStep,
    PlannedAction,
    Remarks,
)
from db.domain.people.role import Person, Role
from db.figures.commentary.read import commentaries, commentary_of, history_of_commentary, last_role_of
from db.figures.commentary.write import (
    CommentaryError,
    WrittenCommentary,
    plain_remarks,
    problems_of_remarks,
    write_commentary,
)
from db.figures.data_version import data_version
from db.store import Store, audit
from db.store.data_state import data_state
from tests.support.seed import ordinary_rows, write_rows

AUGUST = Period.month(2026, 8)
ABOUT = CommentaryAbout("cancer-28-day-faster-diagnosis", "RVV", AUGUST)
ADA = Person("ada", Role.EDITOR)
SAID = Remarks(
    "Two rooms are closed.",
    (PlannedAction("Reopen them", "Cancer lead", "2026-11-16"),),
    "Nothing yet",
    "Planned care lead",
)


def write(
    store: Store, words: Remarks, step: CommentaryStep, base: int, by: Person = ADA, reason: str = ""
) -> WrittenCommentary:
    return write_commentary(store, ABOUT, words, step, base=base, by=by, reason=reason)


def shown(store: Store) -> Commentary | None:
    with store.reading() as connection:
        return commentary_of(connection, ABOUT)


def states(store: Store) -> tuple[int, int, int]:
    """The count of changes, and those after which cancer's and stroke's pages are as they are."""
    with store.reading() as connection:
        version = data_version(connection)
        return (
            data_state(connection),
            version.last_change(["cancer_waiting_times"]),
            version.last_change(["ssnap"]),
        )


def test_drafts_are_nobodys_business_what_is_shown_is_and_withdrawing_keeps_every_row(store: Store) -> None:
    write_rows(store, ordinary_rows())
    before = states(store)
    assert write(store, SAID, CommentaryStep.DRAFT, 0).number == 1
    assert write(store, SAID, CommentaryStep.DRAFT, 1).number == 1
    assert shown(store) is None
    assert states(store) == before
    assert write(store, SAID, CommentaryStep.SHOWN, 1).number == 2
    found = shown(store)
    assert found is not None
    assert (found.remarks, found.number) == (SAID, 2)
    after = states(store)
    assert after[0] == before[0] + 1
    assert after[1] == after[0]
    with pytest.raises(CommentaryError, match="reason: wanted why it is withdrawn, found nothing"):
        write(store, SAID, CommentaryStep.WITHDRAWN, 2)
    write(store, SAID, CommentaryStep.WITHDRAWN, 2, reason="The rooms were open.")
    assert shown(store) is None
    with store.reading() as connection:
        history = history_of_commentary(connection, ABOUT)
        entries = [item for item in audit.audit_entries(connection) if item.action.startswith("commentary")]
        earlier = commentaries(connection, until=history[1].at + timedelta(microseconds=1))
        assert last_role_of(connection, "ada") == "Planned care lead"
    assert [item.step.value for item in history] == ["draft", "shown", "withdrawn"]
    assert history[-1].reason == "The rooms were open."
    assert [item.number for item in earlier] == [2]
    assert [(item.actor, item.action, item.detail) for item in reversed(entries)] == [
        ("ada", "commentary draft kept", "revision 1, Planned care lead"),
        ("ada", "commentary shown", "revision 2, Planned care lead"),
        ("ada", "commentary withdrawn", "The rooms were open."),
    ]


def test_of_two_who_write_at_once_the_second_is_told_and_both_texts_stay(store: Store) -> None:
    def press(name: str) -> WrittenCommentary:
        words = Remarks(f"{name}'s words", (), "Nothing yet", name)
        return write(store, words, CommentaryStep.SHOWN, 0, Person(name, Role.EDITOR))

    names = ["ada", "bob", "cyd", "dee"]
    with ThreadPoolExecutor(4) as pool:
        found = dict(zip(names, pool.map(press, names), strict=True))
    first = [name for name, item in found.items() if not item.others]
    assert len(first) == 1
    with store.reading() as connection:
        history = history_of_commentary(connection, ABOUT)
    assert [item.number for item in history] == [1, 2, 3, 4]
    assert [item.step.value for item in history] == ["shown", "draft", "draft", "draft"]
    assert {item.remarks.happened for item in history} == {f"{name}'s words" for name in names}
    standing = shown(store)
    assert standing is not None
    assert standing.remarks.role == first[0]
    late = write(store, SAID, CommentaryStep.WITHDRAWN, 1, reason="Too late")
    assert (late.number, len(late.others)) == (None, 3)


def test_somebody_for_other_organisations_or_without_the_role_writes_nothing(store: Store) -> None:
    for person in (
        Person("eve", Role.VIEWER),
        Person("eve", Role.EDITOR, frozenset({"RWF"})),
        Person("eve", Role.OPERATOR, frozenset({"QKS"})),
    ):
        with pytest.raises(CommentaryError, match="wanted somebody who may write about RVV, found eve"):
            write(store, SAID, CommentaryStep.SHOWN, 0, person)
    assert shown(store) is None
    write(store, SAID, CommentaryStep.SHOWN, 0, Person("eve", Role.EDITOR, frozenset({"RVV"})))
    assert shown(store) is not None


HOSTILE = (
    "<script>alert(1)</script>\x00\u202egnirts\u2066 \u200bx\r\n\r\n\r\n\r\n=1+1\u0301\u0301\u0301\u0301"
)


def test_text_is_kept_as_plain_lines_and_a_day_however_it_is_typed() -> None:
    typed = Remarks(
        HOSTILE,
        (
            PlannedAction("  Do\tit \n now", "Lead", "16 Nov 2026", ActionState.DONE),
            PlannedAction(" ", "\u200b", ""),
            PlannedAction("Next", "Lead", "1/9/2026"),
            PlannedAction("Last", "Lead", "soon"),
        ),
        "",
        "Lead\u202e",
    )
    kept = plain_remarks(typed)
    assert kept.happened == "<script>alert(1)</script>gnirts x\n\n=1+1\u0301\u0301"
    assert [(item.what, item.by) for item in kept.actions] == [
        ("Do it now", "2026-11-16"),
        ("Next", "2026-09-01"),
        ("Last", "soon"),
    ]
    assert kept.role == "Lead"
    assert problems_of_remarks(kept) == {
        "assurance": "Write what you rely on, or “Nothing yet”.",
        "by-2": "Choose a day.",
    }


def test_limits_are_told_by_field_and_a_draft_has_one_too() -> None:
    long = Remarks(
        "x" * 601, (PlannedAction("y" * 121, "a@b.nhs.uk", "2026-11-16"),) * 9, "z" * 600, "r" * 61
    )
    found = problems_of_remarks(long)
    assert found["happened"] == "Cut it to 600 characters: these are 601."
    assert found["actions"] == "Keep at most 8 actions: these are 9."
    assert {"role", "what-0", "owner-8"} <= found.keys()
    assert "assurance" not in found
    with pytest.raises(CommentaryError, match="at most 10,000 characters in a field, found one of 10,001"):
        plain_remarks(Remarks("x" * 10_001))


def test_newer_figures_make_it_stale() -> None:
    said = Commentary(ABOUT, 1, SAID, datetime.now(UTC), datetime.now(UTC))
    assert said.is_stale(Period.month(2026, 9))
    assert not said.is_stale(AUGUST)
