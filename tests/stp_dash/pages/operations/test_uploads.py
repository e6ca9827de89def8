"""Files of an operator's own on the page: checked, then loaded, left out, discarded or checked again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.domain import RunState
from db.domain.run import RunKind, paths_of
from db.service.runs import recent_runs
from db.settings import Settings
from db.store import Store
from stp_dash.application import create_app
from tests.support.kept_store import worked
from tests.support.publications.combined_csv import month, text
from tests.support.site.operators import Operator, seed_operator

OCTOBER = "2024-25-Monthly-Combined-CSV-Provisional.csv"
NOVEMBER = "2024-25-Monthly-Combined-CSV-Final.csv"
OTHERWISE = "2024-25-Oct-Monthly-Combined-CSV-Provisional.csv"


@pytest.fixture
def operator(local: Store, settings: Settings) -> Iterator[Operator]:
    seed_operator(local)
    yield Operator(local, settings)


@pytest.fixture
def local(store: Store) -> Store:
    return store


def page(operator: Operator, address: str) -> str:
    return str(operator.browser.get(address).get_data(as_text=True))


def first_view(text_of_page: str) -> str:
    return text_of_page.partition('<script id="given"')[0]


def test_files_are_checked_then_loaded_as_the_check_said(
    local: Store, operator: Operator, settings: Settings
) -> None:
    files = {
        OCTOBER: text(month("2024-10-01")),
        NOVEMBER: text(month("2024-11-01")),
        "letter.csv": b"no figures\n",
        OTHERWISE: text(month("2024-10-01", change=9)),
    }
    answer = operator.gives_all(files)
    assert answer.location == "/operations?check=1"
    assert "is being checked" in page(operator, answer.location) or "are being checked" in page(
        operator, answer.location
    )
    worked(local, settings)
    said = first_view(page(operator, "/operations?check=1"))
    assert "Checked: this would change" in said
    assert "October 2024" in said
    assert "It would be held" in said
    assert f"6 figures are otherwise in {OTHERWISE} of the same upload: October 2024" in said
    assert f"6 figures are otherwise in {OCTOBER} of the same upload: October 2024" in said
    operator.does("load", check="1", leave=["1", "3"])
    done = worked(local, settings)
    assert (done.kind, done.state, done.files_loaded) == (RunKind.LOAD, RunState.SUCCEEDED, 1)
    assert [Path(path).name for path in paths_of(done.request)] == [OCTOBER]
    operator.does("discard", check="1")
    assert f"Discarded: {NOVEMBER}, letter.csv, {OTHERWISE}" in operator.told()
    assert "no longer here" in page(operator, "/operations?check=1")
    operator.does("load", check="1")
    assert "no file is left to load" in operator.told()


def test_files_are_checked_again_with_what_a_person_says_of_them(
    local: Store, operator: Operator, settings: Settings
) -> None:
    operator.gives_all({OCTOBER: text(month("2024-10-01")), f"folder/{OCTOBER}": b"other"})
    assert f"wanted files of different names, found {OCTOBER} more than once" in operator.told()
    operator.gives(OCTOBER, text(month("2024-10-01")))
    worked(local, settings)
    operator.does("check-again", check="1", maturity="final", source="cancer_waiting_times")
    again = worked(local, settings)
    assert again.source == "cancer_waiting_times"
    assert again.request["hints"] == "maturity=final"
    assert len(paths_of(again.request)) == 1
    operator.does("check-again", check=str(again.id), source="nothing")
    assert "wanted one of the sources" in operator.told()


def test_readers_see_nothing_of_files_that_are_not_loaded(
    local: Store, operator: Operator, settings: Settings
) -> None:
    operator.gives(OCTOBER, text(month("2024-10-01")))
    worked(local, settings)
    reader = create_app(local, settings).server.test_client()
    for address in ("/operations?check=1", "/operations?run=1"):
        said = reader.get(address).get_data(as_text=True)
        assert "Operators see what files would change" in said
        assert "28-day" not in said
    assert reader.get("/operations/log?run=1").status_code == 401
    for action in ("load", "discard", "check-again", "upload"):
        assert reader.post(f"/operations/{action}", data={"check": "1"}).status_code in {303, 400, 401}
    with local.reading() as connection:
        assert len(recent_runs(connection)) == 1


def test_the_form_without_scripts_is_for_operators(
    operator: Operator, local: Store, settings: Settings
) -> None:
    said = page(operator, "/operations/upload")
    assert 'enctype="multipart/form-data"' in said
    assert 'type="file" multiple' in said
    reader = create_app(local, settings).server.test_client()
    assert reader.get("/operations/upload", headers={"Accept": "text/html"}).location.startswith("/sign-in")


def test_a_check_that_there_is_not_is_told(local: Store, operator: Operator) -> None:
    assert "run 7" not in first_view(page(operator, "/operations?check=7"))
    operator.does("load", check="7")
    assert "run 7 is no check of files" in operator.told()
