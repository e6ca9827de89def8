"""The store opens, migrates and agrees with its own schema on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from db.store import Store, StoreError, open_store
from db.store.opening import schema_revisions
from db.store.schema import metadata


def test_the_migrations_make_the_schema_that_the_code_declares(store: Store) -> None:
    with store.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_catalogue_is_in_the_store(store: Store) -> None:
    with store.reading() as connection:
        rows = connection.execute(
            text(
                "SELECT s.value FROM standard s JOIN indicator i ON i.id = s.indicator_id "
                "WHERE i.code = 'cancer-28-day-faster-diagnosis' AND s.kind = 'operational standard' "
                "ORDER BY s.effective_from"
            )
        ).scalars()
        assert list(rows) == [75.0, 80.0]
        name = connection.execute(text("SELECT name FROM organisation WHERE code = 'RVV'")).scalar()
    assert name == "East Kent Hospitals University NHS Foundation Trust"


def test_opening_again_writes_nothing(store_url: str) -> None:
    store = open_store(store_url)
    with store.reading() as connection:
        before = connection.execute(text("SELECT count(*), max(id) FROM standard")).one()
    store.close()
    again = open_store(store_url)
    with again.reading() as connection:
        assert connection.execute(text("SELECT count(*), max(id) FROM standard")).one() == before
    again.close()


def test_a_changed_catalogue_is_written_and_ids_stay(store_url: str) -> None:
    store = open_store(store_url)
    with store.writing() as connection:
        rvv = connection.execute(text("SELECT id FROM organisation WHERE code = 'RVV'")).scalar()
        connection.execute(text("UPDATE organisation SET name = 'Older name' WHERE code = 'RVV'"))
        connection.execute(text("UPDATE store_meta SET value = 'older' WHERE name = 'catalogue_version'"))
    store.close()
    again = open_store(store_url)
    with again.reading() as connection:
        row = connection.execute(text("SELECT id, name FROM organisation WHERE code = 'RVV'")).one()
    again.close()
    assert row == (rvv, "East Kent Hospitals University NHS Foundation Trust")


def test_the_read_contract_is_a_view_with_the_documented_columns(store: Store) -> None:
    columns = [column["name"] for column in inspect(store.engine).get_columns("current_observation")]
    documented = [
        "indicator",
        "organisation_code",
        "organisation_name",
        "organisation_type",
        "period_start",
        "period_end",
        "breakdown",
        "numerator",
        "denominator",
        "value",
        "missing_reason",
        "maturity",
        "source_file",
        "published_on",
    ]
    assert columns[: len(documented)] == documented


def test_sqlite_keeps_a_write_ahead_log(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/deep/er/store.sqlite")
    with store.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    store.close()


def test_a_store_from_a_newer_program_is_refused(sqlite_url: str) -> None:
    store = open_store(sqlite_url)
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    store.close()
    with pytest.raises(StoreError, match=rf"newer version.*9999.*wanted {schema_revisions()[-1]}"):
        open_store(sqlite_url)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://localhost/x", "wanted sqlite:///FILE or postgresql://"),
        ("nonsense", "a text of another form"),
        ("postgresql://nobody@127.0.0.1:1/none", "cannot be opened"),
    ],
)
def test_a_wrong_address_is_said_plainly(url: str, said: str) -> None:
    with pytest.raises(StoreError, match=said):
        open_store(url)


def test_a_password_is_never_shown() -> None:
    with pytest.raises(StoreError) as caught:
        open_store("postgresql://someone:secret-word@127.0.0.1:1/none")
    assert "secret-word" not in str(caught.value)
