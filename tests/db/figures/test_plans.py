"""Plans on both databases: the newest stands month by month, none is lost, and the second of two is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from db.domain.decision import PlannedValue
from db.figures.decisions.plans import (
    add_plan,
    newest_plan,
    organisations_planned,
    plan_changes,
    standing_plans,
    withdraw_plan,
)
from db.figures.decisions.words import DecisionError, LostChangeError
from db.store import Store
from db.store.audit import audit_entries
from tests.support.frames import FDS

APRIL, MAY, JUNE = date(2026, 4, 1), date(2026, 5, 1), date(2026, 6, 1)
ABOUT: dict[str, Any] = {"role": "Planning lead", "by": "anna"}


def planned(*values: tuple[date, float], organisation: str = "RVV") -> list[PlannedValue]:
    return [PlannedValue(FDS, organisation, month, value) for month, value in values]


def test_the_newest_plan_stands_for_each_month_and_a_withdrawn_one_gives_way(store: Store) -> None:
    with store.writing() as connection:
        first = add_plan(connection, planned((APRIL, 74.0), (MAY, 75.0)), name="First", **ABOUT)
        second = add_plan(connection, planned((MAY, 76.0), (JUNE, 77.0)), name="Second", **ABOUT)
        add_plan(connection, planned((MAY, 60.0), organisation="RWF"), name="Other", **ABOUT)
    with store.reading() as connection:
        found = standing_plans(connection, indicators=[FDS], organisations=["RVV"])
        assert organisations_planned(connection, second) == {"RVV"}
    assert found[FDS, "RVV"].values == {APRIL: 74.0, MAY: 76.0, JUNE: 77.0}
    assert [item.name for item in found[FDS, "RVV"].plans] == ["Second", "First"]
    with store.writing() as connection:
        withdraw_plan(connection, second, **ABOUT)
    with store.reading() as connection:
        (after,) = standing_plans(connection, organisations=["RVV"]).values()
        trail = [(item.actor, item.action, item.subject) for item in audit_entries(connection)]
    assert after.values == {APRIL: 74.0, MAY: 75.0}
    assert [item.withdrawn_at is None for item in after.plans] == [False, True]
    assert trail[0] == ("anna", "plan withdrawn", f"plan {second}")
    assert trail[-1] == ("anna", "plan recorded", f"plan {first}")


def test_a_dry_run_says_what_is_new_changed_and_the_same_and_stores_nothing(store: Store) -> None:
    with store.writing() as connection:
        number = add_plan(connection, planned((APRIL, 74.0), (MAY, 75.0)), name="First", **ABOUT)
    with store.reading() as connection:
        changes = plan_changes(connection, planned((APRIL, 74.0), (MAY, 75.5), (JUNE, 76.0)))
        assert newest_plan(connection) == number
    assert (changes.new, changes.changed) == (
        tuple(planned((JUNE, 76.0))),
        ((75.0, planned((MAY, 75.5))[0]),),
    )
    assert changes.words == "1 month new, 1 changed, 1 as they stand"
    assert changes.seen == number


def test_the_second_of_two_who_hand_in_a_plan_is_told(store: Store) -> None:
    with store.reading() as connection:
        seen = plan_changes(connection, planned((APRIL, 74.0))).seen
    with store.writing() as connection:
        add_plan(connection, planned((APRIL, 75.0)), name="Mine", seen=seen, **ABOUT)
    with (
        pytest.raises(LostChangeError, match="somebody else has handed in a plan"),
        store.writing() as connection,
    ):
        add_plan(connection, planned((APRIL, 74.0)), name="Theirs", seen=seen, **ABOUT)
    with store.reading() as connection:
        assert standing_plans(connection)[FDS, "RVV"].values == {APRIL: 75.0}


def test_a_plan_that_cannot_be_recorded_leaves_nothing(store: Store) -> None:
    for values, name, said in (
        ([], "Plan", "wanted at least one month"),
        (planned((APRIL, 74.0)), " ", "name: wanted some words"),
        (planned((APRIL, 74.0), organisation="X??"), "Plan", "wanted an organisation that the store knows"),
    ):
        with pytest.raises(DecisionError, match=said), store.writing() as connection:
            add_plan(connection, values, name=name, **ABOUT)
    with pytest.raises(DecisionError, match="found none with the number 4"), store.writing() as connection:
        withdraw_plan(connection, 4, **ABOUT)
    with store.reading() as connection:
        assert standing_plans(connection) == {}
        assert audit_entries(connection) == []
