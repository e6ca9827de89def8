"""A file's page, and its undo from the page: looked at first, done by a run, put back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.domain import RunState
from db.domain.run import RunKind
from db.figures.files import file_by_id
from db.settings import Settings
from db.store import Store
from etl.pipeline.run import load_files
from stp_dash.application import create_app
from tests.support.kept_store import worked
from tests.support.publications.combined_csv import month, text
from tests.support.site.operators import NAME, Operator, seed_operator

FIRST, SECOND = "2024-25-Monthly-Combined-CSV-Provisional.csv", "2024-25-Monthly-Combined-CSV-Final.csv"


@pytest.fixture
def loaded(store: Store, settings: Settings, tmp_path: Path) -> Iterator[Store]:
    """October, then October revised and November: on both databases."""
    (tmp_path / FIRST).write_bytes(text(month("2024-10-01")))
    (tmp_path / SECOND).write_bytes(text([*month("2024-10-01", change=7), *month("2024-11-01")]))
    for name in (FIRST, SECOND):
        load_files(store, [tmp_path / name], settings, requested_by="a test")
    seed_operator(store)
    yield store


def page(operator: Operator, address: str) -> str:
    return str(operator.browser.get(address).get_data(as_text=True))


def test_an_undo_is_looked_at_then_done_and_put_back(loaded: Store, settings: Settings) -> None:
    operator = Operator(loaded, settings)
    said = page(operator, "/operations?file=2")
    assert SECOND in said
    assert "revised by this file" in said
    assert "See what would change" in said
    operator.does("undo-plan", file="2")
    plan = worked(loaded, settings)
    assert (plan.kind, plan.state) == (RunKind.UNDO, RunState.UNCHANGED)
    looked = page(operator, f"/operations?file=2&plan={plan.id}")
    assert "Without any figure: " in looked
    assert "-&gt; none" in looked
    operator.does("undo", file="2", plan=str(plan.id), reason=" ")
    assert "wanted a reason" in operator.told()
    operator.does("undo", file="2", plan=str(plan.id), reason="The publisher withdrew it")
    done = worked(loaded, settings)
    assert (done.state, done.requested_by) == (RunState.SUCCEEDED, NAME)
    with loaded.reading() as connection:
        file = file_by_id(connection, 2)
    assert file is not None
    assert file.undone_by == 3
    assert "The publisher withdrew it" in page(operator, "/operations?file=2")
    assert "undone" in page(operator, "/operations?view=files")
    operator.does("undo", file="2", plan=str(plan.id), reason="again")
    stale = worked(loaded, settings)
    assert stale.state is RunState.FAILED
    assert "look again" in stale.message
    operator.does("undo-plan", file="2")
    plan = worked(loaded, settings)
    operator.does("undo", file="2", plan=str(plan.id), reason="It was right")
    assert worked(loaded, settings).state is RunState.SUCCEEDED
    with loaded.reading() as connection:
        file = file_by_id(connection, 2)
    assert file is not None
    assert file.undone_by is None


def test_all_files_of_a_load_are_undone_together(store: Store, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / FIRST).write_bytes(text(month("2024-10-01")))
    (tmp_path / SECOND).write_bytes(text([*month("2024-10-01", change=7), *month("2024-11-01")]))
    load_files(store, [tmp_path / FIRST, tmp_path / SECOND], settings, requested_by="a test")
    seed_operator(store)
    operator = Operator(store, settings)
    assert "See it for all 2 files of this load" in page(operator, "/operations?file=1")
    operator.does("undo-plan", file="1", whole="1")
    plan = worked(store, settings)
    assert plan.request["files"] == [1, 2]
    assert "Undo these 2 files" in page(operator, f"/operations?file=1&plan={plan.id}")
    operator.does("undo", file="1", plan=str(plan.id), reason="The wrong folder")
    assert worked(store, settings).state is RunState.SUCCEEDED
    with store.reading() as connection:
        found = [file_by_id(connection, number) for number in (1, 2)]
    assert [item.undone_by for item in found if item is not None] == [3, 3]
    assert "See it for all 2 files of this load" in page(operator, "/operations?file=2")


def test_readers_see_the_page_and_change_nothing(loaded: Store, settings: Settings) -> None:
    browser = create_app(loaded, settings).server.test_client()
    said = browser.get("/operations?file=2").get_data(as_text=True)
    assert SECOND in said
    assert "See what would change" not in said
    assert browser.post("/operations/undo-plan", data={"file": "2"}).status_code == 400
    assert browser.get("/operations?file=77").status_code == 404
    assert browser.get("/operations?file=x").status_code == 400
