"""Submissions: added, corrected, replaced, withdrawn and put back; killed in the middle; and two people at once."""

from __future__ import annotations

import os
import signal
from datetime import date

import pytest
from sqlalchemy import Connection, event, func, select

from db.domain.own.figures import SubmissionMode
from db.own.definitions import DefinitionChange, define_measure, erase_measure, own_measures
from db.own.errors import OwnMeasureError
from db.own.handing_in import HandedIn, hand_in
from db.own.submissions import (
    AddedSubmission,
    add_submission,
    count_of,
    own_state,
    own_submissions,
    standing_figures,
    standing_targets,
    turn_submission,
)
from db.reading.files import RawFile
from db.store import Store, open_store
from db.store.audit import audit_entries
from db.store.schema import metadata, own_figure, own_submission
from tests.support.own.measures import HEAD, TODAY, falls, lines, month, workbook

ID = "local-zebra-falls"
FIRST = lines(*(month("zebra-a", f"2026-{number:02}", number, 700) for number in range(1, 7)))
SECOND = lines(month("zebra-a", "2026-06", 9, 700), month("zebra-a", "2026-07", 7, 700))


def looked_at(store: Store, content: bytes, mode: SubmissionMode = SubmissionMode.ADD) -> HandedIn:
    name = "list.xlsx" if content.startswith(b"PK") else "list.csv"
    with store.reading() as connection:
        return hand_in(connection, store.catalogue, RawFile(name, content), today=TODAY, mode=mode)


def added(
    store: Store, content: bytes, mode: SubmissionMode = SubmissionMode.ADD, found: HandedIn | None = None
) -> AddedSubmission:
    found = found or looked_at(store, content, mode)
    return add_submission(
        store, found.checked, found.measures, by="anna", role="editor", mode=mode, seen=found.state
    )


def counts(store: Store) -> dict[int, float | None]:
    """The numerators that stand, by month."""
    with store.reading() as connection:
        standing = standing_figures(connection, ID)
    return {key.period.start.month: item.numerator for key, item in standing.items()}


def test_a_later_file_corrects_and_can_be_taken_back_again(store: Store) -> None:
    define_measure(store, falls(), "anna")
    assert added(store, FIRST).number == 1
    before = counts(store)
    assert before == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}
    again = added(store, FIRST)
    assert again.number is None
    assert count_of(again.changes[ID]).same == 6
    second = added(store, SECOND)
    assert [count_of(second.changes[ID]).__dict__[name] for name in ("new", "changed", "withdrawn")] == [
        1,
        1,
        0,
    ]
    assert counts(store) == before | {6: 9, 7: 7}
    turn_submission(store, 2, "ben", "The wrong month", puts_back=False)
    assert counts(store) == before
    with pytest.raises(OwnMeasureError, match="withdrawn already"):
        turn_submission(store, 2, "ben", "", puts_back=False)
    turn_submission(store, 2, "ben", "", puts_back=True)
    assert counts(store) == before | {6: 9, 7: 7}
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(own_figure)).scalar() == 8
        assert [item.number for item in own_submissions(connection, ID)] == [2, 1]
        assert {item.actor for item in audit_entries(connection)} == {"anna", "ben"}


def test_a_file_may_replace_its_measure(store: Store) -> None:
    define_measure(store, falls(), "anna")
    added(store, FIRST)
    found = looked_at(store, SECOND, SubmissionMode.REPLACE)
    assert [item.key.period.start.month for item in found.changes[ID].withdrawn] == [1, 2, 3, 4, 5]
    assert added(store, SECOND, SubmissionMode.REPLACE).number == 2
    assert counts(store) == {6: 9, 7: 7}
    turn_submission(store, 2, "ben", "", puts_back=False)
    assert counts(store) == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6}


def test_a_provisional_figure_becomes_final_without_a_finding(store: Store) -> None:
    define_measure(store, falls(), "anna")
    added(store, lines(month("zebra-a", "2026-06", 6, 700, "", "provisional", "", "")))
    found = looked_at(store, lines(month("zebra-a", "2026-06", 7, 701)))
    assert found.checked.findings.told() == []
    assert count_of(found.changes[ID]).changed == 1


def test_targets_handed_in_come_before_those_of_the_definition(store: Store) -> None:
    standards = [{"comparator": "<=", "value": 6, "effective_from": date(2026, 4, 1)}]
    define_measure(store, falls(standards=standards), "anna")
    head = ["measure", "organisation", "unit", "comparator", "value", "from"]
    rows = [[ID, "RVV", "", "<=", 5, date(2026, 4, 1)], [ID, "RVV", "zebra-a", "<=", 4, date(2026, 6, 1)]]
    content = workbook(data=[HEAD.split(",")], targets=[head, *rows])
    assert count_of(added(store, content).changes[ID]).targets == 2
    assert added(store, content).number is None
    with store.reading() as connection:
        measure = own_measures(connection)[ID]
        assert [item.value for item in standing_targets(connection, measure)] == [6, 5, 4]
    turn_submission(store, 1, "ben", "", puts_back=False)
    with store.reading() as connection:
        assert [item.value for item in standing_targets(connection, measure)] == [6]


def test_the_second_of_two_people_is_told(store: Store) -> None:
    define_measure(store, falls(), "anna")
    mine, theirs = looked_at(store, FIRST), looked_at(store, SECOND)
    assert added(store, SECOND, found=theirs).number == 1
    with pytest.raises(OwnMeasureError, match=r"anna added submission 1 while list\.csv was being looked at"):
        added(store, FIRST, found=mine)
    assert counts(store) == {6: 9, 7: 7}


def test_a_refused_file_stores_nothing(store: Store) -> None:
    define_measure(store, falls(), "anna")
    with store.reading() as connection:
        state = own_state(connection)
    with pytest.raises(OwnMeasureError, match="1 errors"):
        added(store, lines(month("zebra-a", "2026-06", "x", 700)))
    with store.reading() as connection:
        assert own_state(connection) == state


@pytest.mark.parametrize("statement", [3, 7, 9])
def test_killed_in_the_middle_the_old_figures_stand(sqlite_url: str, statement: int) -> None:
    store = open_store(sqlite_url)
    define_measure(store, falls(), "anna")
    added(store, FIRST)
    before, found = counts(store), looked_at(store, SECOND)
    store.close()
    child = os.fork()
    if not child:
        killed_at(sqlite_url, statement, found)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGKILL
    store = open_store(sqlite_url)
    assert counts(store) == before
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(own_submission)).scalar() == 1
    assert added(store, SECOND).number is not None
    assert counts(store) == before | {6: 9, 7: 7}
    store.close()


def killed_at(url: str, statement: int, found: HandedIn) -> None:
    """Add a file in this process, which a signal ends after so many statements."""
    store, done = open_store(url), [0]

    def count(connection: Connection, *_rest: object) -> None:
        done[0] += connection.in_transaction()
        if done[0] == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store.engine, "after_cursor_execute", count)
    add_submission(store, found.checked, found.measures, by="anna", role="editor", seen=found.state)
    os._exit(0)


def test_a_change_of_meaning_needs_a_break(store: Store) -> None:
    assert define_measure(store, falls(), "anna") == 1
    assert define_measure(store, falls(), "anna") is None
    assert define_measure(store, falls(name="Zebra falls, all"), "anna") == 2
    with pytest.raises(OwnMeasureError, match="a change of meaning, not of wording"):
        define_measure(store, falls(multiplier=100), "anna")
    with pytest.raises(OwnMeasureError, match="needs a break"):
        define_measure(store, falls(multiplier=100), "anna", DefinitionChange.MEANING)
    with pytest.raises(OwnMeasureError, match="an id of its own"):
        define_measure(store, falls(frequency="week"), "anna", DefinitionChange.MEANING)
    breaks = [{"on": date(2026, 4, 1), "reason": "Counted per 100 days."}]
    assert define_measure(store, falls(multiplier=100, breaks=breaks), "anna", DefinitionChange.MEANING) == 3


def test_erasing_leaves_a_line_of_the_audit_and_nothing_else(store: Store) -> None:
    define_measure(store, falls(), "anna")
    added(store, FIRST)
    turn_submission(store, 1, "ben", "", puts_back=False)
    assert erase_measure(store, ID, "cara") == 6
    with store.reading() as connection:
        left = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar()
            for table in metadata.sorted_tables
            if table.name.startswith("own_")
        }
        assert set(left.values()) == {0}
        assert audit_entries(connection)[0].action == "own measure erased"
    with pytest.raises(OwnMeasureError, match="found 'local-zebra-falls'"):
        erase_measure(store, ID, "cara")
