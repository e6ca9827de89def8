"""The catalogue written into the store's tables. Ids once given stay: rows are matched by code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from db.domain import Catalogue, Indicator, Organisation
from db.store.periods_held import note_periods_held
from db.store.schema import indicator, organisation, organisation_parent, standard, succession


def synchronise_catalogue(connection: Connection, catalogue: Catalogue) -> None:
    """Make the store's indicators, standards, organisations, parents and successions those of the catalogue.

    Organisations that the catalogue does not know (found in files) stay as they are, with their parents.
    """
    _upsert_by_code(connection, indicator, map(_indicator_row, catalogue.indicators.values()))
    types = _types(connection)
    _upsert_by_code(connection, organisation, map(_organisation_row, catalogue.organisations.values()))
    if types.items() - _types(connection).items():
        note_periods_held(connection, ids_by_code(connection, indicator).values())
    _replace(connection, standard, _standard_rows(catalogue, ids_by_code(connection, indicator)))
    organisation_ids = ids_by_code(connection, organisation)
    members = [organisation_ids[code] for code in catalogue.organisations]
    connection.execute(delete(organisation_parent).where(organisation_parent.c.organisation_id.in_(members)))
    connection.execute(insert(organisation_parent), _parent_rows(catalogue, organisation_ids))
    _replace(connection, succession, _succession_rows(catalogue, organisation_ids))


def ids_by_code(connection: Connection, table: Table) -> dict[str, int]:
    """The ids of a table's rows by their code."""
    return {row.code: row.id for row in connection.execute(select(table.c.code, table.c.id))}


def _types(connection: Connection) -> dict[str, str]:
    return {
        row.code: row.type for row in connection.execute(select(organisation.c.code, organisation.c.type))
    }


def _upsert_by_code(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    known = ids_by_code(connection, table)
    new: list[dict[str, Any]] = []
    old: list[dict[str, Any]] = []
    for row in rows:
        (old if row["code"] in known else new).append(row)
    if new:
        connection.execute(insert(table), new)
    if old:
        columns: dict[str, Any] = {name: bindparam(f"new_{name}") for name in old[0] if name != "code"}
        statement = update(table).where(table.c.code == bindparam("new_code")).values(columns)
        connection.execute(statement, [{f"new_{name}": value for name, value in row.items()} for row in old])


def _replace(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(delete(table))
    if rows:
        connection.execute(insert(table), rows)


def _indicator_row(item: Indicator) -> dict[str, Any]:
    return {
        "code": item.id,
        "name": item.name,
        "topic": item.topic,
        "source": item.source_id,
        "unit": item.unit,
        "multiplier": item.multiplier,
        "improvement_direction": item.improvement_direction.value,
        "definition": item.definition,
        "owner": item.owner,
        "reviewed_on": item.reviewed_on,
        "review_due_on": item.review_due_on,
    }


def _organisation_row(item: Organisation) -> dict[str, Any]:
    return {
        "code": item.code,
        "name": item.name,
        "type": item.type.value,
        "opened_on": item.opened_on,
        "closed_on": item.closed_on,
    }


def _standard_rows(catalogue: Catalogue, ids: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "indicator_id": ids[item.id],
            "kind": level.kind.value,
            "comparator": level.comparator,
            "value": level.value,
            "computed_from": level.computed_from,
            "label": level.label,
            "effective_from": level.effective_from,
            "effective_to": level.effective_to,
            "reference_url": level.reference_url,
        }
        for item in catalogue.indicators.values()
        for level in item.standards
    ]


def _parent_rows(catalogue: Catalogue, ids: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "organisation_id": ids[item.code],
            "parent_id": ids[parent.code],
            "effective_from": parent.effective_from,
            "effective_to": parent.effective_to,
        }
        for item in catalogue.organisations.values()
        for parent in item.parents
    ]


def _succession_rows(catalogue: Catalogue, ids: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "predecessor_id": ids[item.predecessor],
            "successor_id": ids[item.successor],
            "effective_on": item.effective_on,
            "kind": item.kind.value,
        }
        for item in catalogue.successions
    ]
