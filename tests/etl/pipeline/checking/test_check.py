"""Files that are checked before they are loaded: what is said is what the load then does, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.domain import RunKind, RunState
from db.domain.run import CheckStep, Run
from db.service.queue import claim, request_run
from db.service.runs import findings_of
from db.settings import Settings
from db.store import Store
from db.store.data_state import data_state
from db.store.schema import held_file, load_run, observation, observation_revision, source_file
from etl.pipeline.run import load_files
from tests.support.kept_store import worked
from tests.support.publications.combined_csv import month, text

FIRST, SECOND = "2024-25-Monthly-Combined-CSV-Provisional.csv", "2024-25-Monthly-Combined-CSV-Final.csv"
BY = "operator.one"


@pytest.fixture
def loaded(store: Store, settings: Settings, tmp_path: Path) -> Store:
    """October: on both databases."""
    (tmp_path / FIRST).write_bytes(text(month("2024-10-01")))
    load_files(store, [tmp_path / FIRST], settings, requested_by="a test")
    return store


def uploaded(settings: Settings, name: str, content: bytes) -> Path:
    path = settings.uploads_folder / name.partition(".")[0] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def asked(store: Store, kind: RunKind, *paths: Path, **rest: object) -> int:
    request = {"paths": [str(path) for path in paths], **rest}
    run_id = request_run(store, None, kind=kind, trigger="upload", by=BY, request=request)
    assert run_id is not None
    return run_id


def said(store: Store, run: Run, file: str) -> dict[str, int]:
    """The count of each thing that a check says of a file."""
    with store.reading() as connection:
        found = findings_of(connection, run.id)
    return {item.finding.check: item.finding.count for item in found if item.file_name == file}


def lines(store: Store, run: Run, step: CheckStep) -> list[str]:
    with store.reading() as connection:
        found = findings_of(connection, run.id)
    return [item.finding.message for item in found if item.finding.check == step]


def rows(store: Store) -> dict[str, int]:
    tables = (source_file, observation, observation_revision, held_file)
    with store.reading() as connection:
        counts = {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in tables
        }
        return {**counts, "state": data_state(connection)}


def test_a_check_says_what_the_load_then_does_and_writes_nothing(loaded: Store, settings: Settings) -> None:
    path = uploaded(settings, SECOND, text([*month("2024-10-01", change=7), *month("2024-11-01")]))
    before = rows(loaded)
    asked(loaded, RunKind.CHECK, path)
    checked = worked(loaded, settings)
    assert (checked.state, checked.message, checked.rows_new) == (RunState.UNCHANGED, "", 0)
    assert rows(loaded) == before
    assert path.is_file()
    assert not list(settings.store.raw_folder.rglob("*Final*")) or path.is_file()
    would = said(loaded, checked, SECOND)
    assert would[CheckStep.REVISED] > 0
    assert would[CheckStep.NEW] > 0
    (version,) = lines(loaded, checked, CheckStep.DATA_VERSION)
    asked(loaded, RunKind.LOAD, path, version=int(version))
    done = worked(loaded, settings)
    assert done.state is RunState.SUCCEEDED
    assert (done.rows_new, done.rows_revised, done.rows_withdrawn) == (
        would[CheckStep.NEW], would[CheckStep.REVISED], would[CheckStep.WITHDRAWN],
    )  # fmt: skip
    assert not path.exists()


def test_a_check_names_the_periods_and_figures_from_and_to(loaded: Store, settings: Settings) -> None:
    path = uploaded(settings, SECOND, text([*month("2024-10-01", change=7), *month("2024-11-01")]))
    asked(loaded, RunKind.CHECK, path)
    checked = worked(loaded, settings)
    (about,) = lines(loaded, checked, CheckStep.RECOGNISED)
    assert "October 2024 to November 2024 (2 periods)" in about
    figures = lines(loaded, checked, CheckStep.FIGURE)
    assert figures[0].startswith("October 2024, ")
    assert all(" -> " in line for line in figures[:12])
    assert "none -> " not in figures[0]
    by_indicator = lines(loaded, checked, CheckStep.INDICATOR)
    assert any("new" in line and "revised" in line for line in by_indicator)


def test_bytes_that_are_loaded_already_change_nothing(loaded: Store, settings: Settings) -> None:
    path = uploaded(settings, FIRST, text(month("2024-10-01")))
    asked(loaded, RunKind.CHECK, path)
    checked = worked(loaded, settings)
    assert CheckStep.LOADED_ALREADY in said(loaded, checked, FIRST)


def test_files_of_one_upload_that_deny_each_other_are_told_each_of_the_other(
    loaded: Store, settings: Settings
) -> None:
    one = uploaded(settings, SECOND, text(month("2024-11-01")))
    other = uploaded(
        settings, "2024-25-Nov-Monthly-Combined-CSV-Final.csv", text(month("2024-11-01", change=9))
    )
    like = uploaded(
        settings, "2024-25-Nov-again-Monthly-Combined-CSV-Final.csv", text(month("2024-11-01")) + b"\n"
    )
    asked(loaded, RunKind.CHECK, one, other, like)
    checked = worked(loaded, settings)
    with loaded.reading() as connection:
        found = [
            (item.file_name, item.finding)
            for item in findings_of(connection, checked.id)
            if item.finding.check == CheckStep.BESIDE
        ]
    assert sorted(name for name, _ in found) == sorted([SECOND, other.name, other.name, like.name])
    mine = next(finding for name, finding in found if name == SECOND)
    # East Kent, Kent and Medway and England, in two standards.
    assert mine.count == 6
    assert f"6 figures are otherwise in {other.name} of the same upload: November 2024, " in mine.message
    assert "QKS, 28-day faster diagnosis: 5,000 of 7,000 here, 5,009 of 7,000 there" in mine.message


def test_what_would_be_held_is_said_and_not_held(loaded: Store, settings: Settings) -> None:
    good = uploaded(settings, SECOND, text(month("2024-11-01")))
    other = uploaded(settings, "letter.csv", b"Dear all,\nno figures here\n")
    before = rows(loaded)
    asked(loaded, RunKind.CHECK, other, good)
    checked = worked(loaded, settings)
    assert checked.state is RunState.UNCHANGED
    assert rows(loaded) == before
    refused = lines(loaded, checked, CheckStep.REFUSED)
    assert len(refused) == 1
    assert refused[0].startswith("It would be held")
    assert CheckStep.REFUSED in said(loaded, checked, "letter.csv")
    assert said(loaded, checked, SECOND)[CheckStep.NEW] > 0


def test_data_that_changed_since_the_check_is_checked_again_and_not_loaded(
    loaded: Store, settings: Settings, tmp_path: Path
) -> None:
    path = uploaded(settings, SECOND, text(month("2024-11-01")))
    asked(loaded, RunKind.CHECK, path)
    (version,) = lines(loaded, worked(loaded, settings), CheckStep.DATA_VERSION)
    between = tmp_path / FIRST
    between.write_bytes(text(month("2024-10-01", change=3)))
    load_files(loaded, [between], settings, requested_by="a test")
    before = rows(loaded)
    asked(loaded, RunKind.LOAD, path, version=int(version))
    refused = worked(loaded, settings)
    assert refused.state is RunState.FAILED
    assert "nothing was loaded" in refused.message
    assert rows(loaded) == before
    again = worked(loaded, settings)
    assert again.kind is RunKind.CHECK
    assert f"run {again.id} checks again" in refused.message
    (now,) = lines(loaded, again, CheckStep.DATA_VERSION)
    assert int(now) > int(version)
    assert path.is_file()


def test_given_files_are_checked_while_a_publisher_is_asked(loaded: Store, settings: Settings) -> None:
    source = "cancer_waiting_times"
    request_run(loaded, source, trigger="page", by=BY)
    with loaded.writing() as connection:
        assert claim(connection, 1) is not None
    path = uploaded(settings, SECOND, text(month("2024-11-01")))
    request = {"paths": [str(path)]}
    request_run(loaded, source, kind=RunKind.CHECK, trigger="upload", by=BY, request=request)
    assert worked(loaded, settings).state is RunState.UNCHANGED
    with loaded.reading() as connection:
        assert connection.execute(select(func.count()).where(load_run.c.state == "running")).scalar() == 1
