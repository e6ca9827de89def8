"""Held files: one for the same bytes, settled once, and every decision of a person in the audit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text as sql

from db.domain.file import HeldKind, HeldState, RefusedFile
from db.service.held_files import (
    HeldFileError,
    decide,
    held_file_by_id,
    held_files,
    hold,
    settle,
    with_bytes,
)
from db.store import Store
from db.store.audit import audit_entries

FILE = RefusedFile(
    source="cancer_waiting_times",
    name="May.csv",
    url="https://www.england.nhs.uk/May.csv",
    sha256="a" * 64,
    size=12,
    path="raw/aa/a.csv",
    hints="maturity=final",
    kind=HeldKind.LAYOUT,
    reason="row 1: wanted a column 'Within', found 'Inside'",
)


def held(store: Store, file: RefusedFile = FILE) -> int:
    with store.writing() as connection:
        return hold(connection, file, load_run_id=None)


def test_a_refused_file_is_held_with_all_that_is_known_of_it(store: Store) -> None:
    number = held(store)
    with store.reading() as connection:
        found = held_file_by_id(connection, number)
        assert (found.state, found.kind, found.reason) == (HeldState.HELD, HeldKind.LAYOUT, FILE.reason)
        assert (found.name, found.url, found.hints, found.size) == (FILE.name, FILE.url, FILE.hints, 12)
        assert found.held_at.tzinfo is not None
        assert (found.decided_at, found.decided_by, found.decision) == (None, "", "")
        assert with_bytes(connection, FILE.sha256) == found
        assert with_bytes(connection, "b" * 64) is None


def test_the_same_bytes_are_held_once_with_the_newest_reason(store: Store) -> None:
    number = held(store)
    again = replace(FILE, reason="another reason", kind=HeldKind.PLAUSIBILITY, hints="")
    assert held(store, again) == number
    with store.reading() as connection:
        (found,) = held_files(connection)
    assert (found.reason, found.kind, found.hints) == ("another reason", HeldKind.PLAUSIBILITY, "")


def test_held_files_come_newest_first_and_by_state(store: Store) -> None:
    first, second = held(store), held(store, replace(FILE, sha256="b" * 64, name="June.csv"))
    with store.writing() as connection:
        decide(connection, first, HeldState.REJECTED, by="Operator", decision="withdrawn by the publisher")
    with store.reading() as connection:
        assert [item.id for item in held_files(connection)] == [second, first]
        assert [item.id for item in held_files(connection, HeldState.HELD)] == [second]
        assert [item.id for item in held_files(connection, HeldState.REJECTED)] == [first]


def test_a_decision_is_in_the_row_and_in_the_audit(store: Store) -> None:
    number = held(store)
    with store.writing() as connection:
        decide(connection, number, HeldState.REJECTED, by="Operator", decision="a test file")
    with store.reading() as connection:
        found = held_file_by_id(connection, number)
        (entry,) = audit_entries(connection)
    assert (found.state, found.decided_by, found.decision) == (HeldState.REJECTED, "Operator", "a test file")
    assert found.decided_at is not None
    assert (entry.actor, entry.action, entry.subject, entry.detail) == (
        "Operator",
        "held file rejected",
        f"held file {number}: May.csv",
        "a test file",
    )


def test_what_was_rejected_stays_so_when_it_comes_again(store: Store) -> None:
    number = held(store)
    with store.writing() as connection:
        decide(connection, number, HeldState.REJECTED, by="Operator", decision="a test file")
    assert held(store) == number
    with store.reading() as connection:
        assert held_file_by_id(connection, number).state is HeldState.REJECTED


def test_a_later_load_settles_what_was_held_and_a_later_refusal_holds_it_again(store: Store) -> None:
    number = held(store)
    with store.writing() as connection:
        settle(connection, FILE.sha256, "loaded by run 7")
    with store.reading() as connection:
        found = held_file_by_id(connection, number)
        assert (found.state, found.decided_by, found.decision) == (HeldState.LOADED, "", "loaded by run 7")
        assert audit_entries(connection) == []
    assert held(store) == number
    with store.reading() as connection:
        found = held_file_by_id(connection, number)
    assert (found.state, found.decided_at, found.decision) == (HeldState.HELD, None, "")


def test_a_rejection_is_not_undone_by_a_load_of_the_same_bytes(store: Store) -> None:
    number = held(store)
    with store.writing() as connection:
        decide(connection, number, HeldState.REJECTED, by="Operator", decision="a test file")
        settle(connection, FILE.sha256, "loaded by run 7")
        assert held_file_by_id(connection, number).state is HeldState.REJECTED


def test_decisions_that_cannot_be_made(store: Store) -> None:
    number = held(store)
    with store.writing() as connection:
        with pytest.raises(
            HeldFileError, match=r"wanted a reason to reject held file 1 \(May.csv\), found none"
        ):
            decide(connection, number, HeldState.REJECTED, by="Operator", decision="  ")
        with pytest.raises(HeldFileError, match="there is no held file 99"):
            decide(connection, 99, HeldState.REJECTED, by="Operator", decision="why")
        decide(connection, number, HeldState.LOADED, by="Operator", decision="tried again")
        with pytest.raises(HeldFileError, match="is loaded already"):
            decide(connection, number, HeldState.REJECTED, by="Operator", decision="why")


def test_a_decision_that_is_undone_leaves_no_audit(store: Store) -> None:
    number = held(store)
    with pytest.raises(ZeroDivisionError), store.writing() as connection:
        decide(connection, number, HeldState.REJECTED, by="Operator", decision="why")
        connection.execute(sql("SELECT 1"))
        raise ZeroDivisionError
    with store.reading() as connection:
        assert held_file_by_id(connection, number).state is HeldState.HELD
        assert audit_entries(connection) == []


def test_only_plausibility_may_be_accepted() -> None:
    assert [kind for kind in HeldKind if kind.acceptable] == [HeldKind.PLAUSIBILITY]
