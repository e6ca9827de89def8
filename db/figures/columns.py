"""Observations of many organisations as arrays: thousands of practices cost no row objects."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, select

from db.domain import ALL, OrganisationType, Period
from db.domain.columns import Columns
from db.domain.holdings import CodeLists
from db.domain.reading import NOW, AsOf
from db.figures.observations import FIELDS, fields_of, observation_rows, raw_rows, slice_conditions
from db.store.schema import observation, organisation, value_details

_VALUES = ("period_id", "organisation_id", "denominator", "value")
_COLUMNS = (*_VALUES, "numerator", "maturity", "basis", "derived", "source_file_id")
"""The fields of `Columns`, in their order."""


def observation_columns(
    connection: Connection,
    code_lists: CodeLists,
    *,
    indicator_code: str,
    at: Collection[Period],
    types: Collection[OrganisationType] = (),
    breakdown_key: str = ALL,
    as_of: AsOf = NOW,
    values_only: bool = False,
    trust_kind: str = "",
) -> Columns:
    """The figures of all organisations of some types, or of any, for one indicator in a few periods: one query.

    With a `trust_kind` only those of trusts that their file placed among that kind. With `values_only` without counts,
    maturity and files.
    """
    number = code_lists.indicator_ids.get(indicator_code)
    cut = code_lists.breakdown_ids.get(breakdown_key)
    if number is None or cut is None:
        return Columns.of([])
    of_types = select(organisation.c.id).where(organisation.c.type.in_([kind.value for kind in types]))
    conditions = slice_conditions(number, at, [cut], of_types if types else None, trust_kind)
    names = _VALUES if values_only else _COLUMNS
    if as_of.now:
        found = raw_rows(connection, select(*fields_of(observation, names)).where(*conditions(observation)))
    else:
        places = [FIELDS.index(name) for name in names]
        rows = observation_rows(connection, [conditions], as_of)
        found = [tuple(row[place] for place in places) for row in rows]
    if values_only or number not in code_lists.detailed:
        return Columns.of(found)
    limits = _published_limits(connection, slice_conditions(number, at, [cut])(value_details))
    return Columns.of([(*row, *limits.get((row[0], row[1], row[8]), (None, None))) for row in found])


def _published_limits(
    connection: Connection, conditions: Sequence[ColumnElement[bool]]
) -> dict[tuple[int, int, int], tuple[float | None, float | None]]:
    """Published 95% limits by the numbers of period, organisation and file."""
    names = ("period_id", "organisation_id", "source_file_id", "lower_95", "upper_95")
    rows = raw_rows(connection, select(*fields_of(value_details, names)).where(*conditions))
    return {(row[0], row[1], row[2]): (row[3], row[4]) for row in rows}
