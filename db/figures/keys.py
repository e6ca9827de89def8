"""The integer keys of what pages name by code, as parts of a query."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ScalarSelect, Select, Table, select

from db.store.schema import breakdown


def ids_of(table: Table, codes: Iterable[str]) -> Select[tuple[int]]:
    """The ids of some codes of `indicator` or `organisation`."""
    return select(table.c.id).where(table.c.code.in_(sorted(codes)))


def id_of(table: Table, code: str) -> ScalarSelect[int]:
    """The id of one code of `indicator` or `organisation`."""
    return select(table.c.id).where(table.c.code == code).scalar_subquery()


def breakdown_id(key: str) -> ScalarSelect[int]:
    """The id of a breakdown's key."""
    return select(breakdown.c.id).where(breakdown.c.key == key).scalar_subquery()
