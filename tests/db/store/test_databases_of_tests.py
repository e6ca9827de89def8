"""Databases that tests hand on to each other: nothing of a test is left, and one that cannot be made so is dropped."""

from __future__ import annotations

import psycopg
import pytest

from tests.support.built.postgresql_stores import PreparedDatabases

pytestmark = pytest.mark.postgresql

WRITTEN = (
    "INSERT INTO organisation (code, name, type) VALUES ('ZZ9', 'A Clinic', 'unknown')",
    "INSERT INTO organisation_parent (organisation_id, parent_id) "
    "SELECT child.id, parent.id FROM organisation child, organisation parent "
    "WHERE child.code = 'ZZ9' AND parent.code = 'RVV'",
    "INSERT INTO breakdown (key, dimensions) VALUES ('route: Screening', 'route')",
    "UPDATE store_meta SET value = value || ' changed'",
)
NOT_TAKEN_BACK = (
    "UPDATE organisation SET name = 'Another' WHERE code = 'RVV'",
    "ALTER TABLE finding RENAME COLUMN count TO counts",
    "CREATE INDEX one_more ON finding (count)",
    "GRANT SELECT ON observation TO public",
)


@pytest.fixture(scope="module")
def databases(postgresql_server: str, postgresql_template: str) -> PreparedDatabases:
    return PreparedDatabases(postgresql_server, postgresql_template, prefix="handed_on")


def used(databases: PreparedDatabases, server: str, *statements: str) -> str:
    """The name of a database that was taken, written into and given back."""
    name = databases.take()
    with psycopg.connect(f"{server}/{name}", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)
    databases.give_back(name)
    return name


def test_rows_and_counters_of_a_test_are_gone(databases: PreparedDatabases, postgresql_server: str) -> None:
    name = used(databases, postgresql_server, *WRITTEN)
    assert databases.take() == name
    with psycopg.connect(f"{postgresql_server}/{name}", autocommit=True) as connection:
        (counts,) = connection.execute(
            "SELECT (SELECT count(*) FROM organisation WHERE code = 'ZZ9'), (SELECT count(*) FROM breakdown), "
            "(SELECT count(*) FROM store_meta WHERE value LIKE '%changed'), nextval('breakdown_id_seq'), "
            "nextval('organisation_id_seq') - (SELECT max(id) FROM organisation)"
        ).fetchall()
    assert counts == (0, 0, 0, 1, 1)
    databases.give_back(name)


@pytest.mark.parametrize("statement", NOT_TAKEN_BACK)
def test_another_catalogue_or_shape_is_not_handed_on(
    databases: PreparedDatabases, postgresql_server: str, statement: str
) -> None:
    name = used(databases, postgresql_server, statement)
    other = databases.take()
    databases.give_back(other)
    assert other != name
