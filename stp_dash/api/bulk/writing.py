"""The tables written as Parquet and CSV by DuckDB, a batch of rows at a time, within bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from db.domain import DETAIL_COLUMNS
from db.domain.holdings import CodeLists, DataVersion
from db.domain.observation import DETAIL_WORDS
from db.figures.observations import (
    DETAIL_FIELDS,
    FIELDS,
    REPLACED_FIELDS,
    detail_batches,
    replaced_batches,
    standing_batches,
)
from db.store import Connection
from stp_dash.analysis.download_columns import column_definition
from stp_dash.api.bulk.tables import (
    FIGURE_KEYS,
    FIGURES,
    REPLACED,
    REPLACED_KEYS,
    SMALL,
    SQL_TYPES,
    TABLES,
    BulkTable,
    name_tables,
)
from stp_dash.api.resources import RESOURCES
from stp_dash.elements.links import API_V1
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, Site

_MEMORY = "128MB"
_WORDS = frozenset({"missing_reason", *DETAIL_WORDS})
_FLOATS = {"numerator", "denominator", "value", *DETAIL_COLUMNS} - _WORDS
_COLUMNS = {
    "indicator": "i.code",
    "organisation_code": "o.code",
    "organisation_name": "o.name",
    "organisation_type": "o.type",
    "breakdown": "b.key",
    "unit": "i.unit",
    "period": "p.label",
    "period_start": "CAST(p.start AS DATE)",
    "period_end": 'CAST(p."end" AS DATE)',
    "value": "r.value",
    "numerator": "r.numerator",
    "denominator": "r.denominator",
    "lower_95": "d.lower_95",
    "upper_95": "d.upper_95",
    "lower_998": "d.lower_998",
    "upper_998": "d.upper_998",
    "published_count": 'd."count"',
    "published_population": "d.population",
    "value_note": "d.note",
    "missing_reason": "r.missing_reason",
    "status": "m.words",
    "basis": "c.words",
    "made_by": "CASE r.derived WHEN 1 THEN 'this site' ELSE 'the publisher' END",
    "file": "f.name",
    "file_published_on": "CAST(f.published_on AS DATE)",
    "status_of_data": "f.mark",
    "replaced_by": "g.name",
}
"""Where the columns of figures come from: rows (r), what is published beside them (d), and what their numbers mean."""
_MEANT = """
  JOIN indicator i ON i.id = r.indicator_id
  JOIN organisation o ON o.id = r.organisation_id
  JOIN breakdown b ON b.id = r.breakdown_id
  JOIN period p ON p.id = r.period_id
  JOIN file f ON f.id = r.source_file_id
  JOIN maturity m ON m.id = r.maturity
  JOIN basis c ON c.id = r.basis
  LEFT JOIN details d ON d.indicator_id = r.indicator_id AND d.period_id = r.period_id
    AND d.breakdown_id = r.breakdown_id AND d.organisation_id = r.organisation_id
    AND d.source_file_id = r.source_file_id"""


def _selected(keys: Iterable[str], rows: str) -> str:
    columns = ", ".join(f'{_COLUMNS[key]} AS "{key}"' for key in keys)
    return " ".join(("SELECT", columns, "FROM", rows))


_SELECTED = {
    FIGURES: _selected(FIGURE_KEYS, f"standing r {_MEANT}"),
    REPLACED: _selected(REPLACED_KEYS, f"former r {_MEANT} JOIN file g ON g.id = r.superseded_by_file_id"),
}


def write_tables(site: Site, connection: Connection, version: DataVersion, folder: Path) -> dict[str, int]:
    """Every table of `TABLES` as NAME.parquet and NAME.csv.gz in a folder; how many rows each has.

    The same data gives the same bytes. Raises OSError and duckdb.Error where they cannot be written.
    """
    request = PageRequest(site, API_V1)
    lists = StoreReader(request, connection, version).code_lists
    spilled = folder / ".work"
    config: dict[str, Any] = {"threads": 1, "memory_limit": _MEMORY, "temp_directory": str(spilled)}
    work = duckdb.connect(str(folder / ".work.duckdb"), config=config)
    try:
        for name in SMALL:
            table = RESOURCES[name].read(request, connection, version)
            kinds = {key: SQL_TYPES[column_definition(key).type] for key in table.keys}
            _gather(work, name, kinds, [table.rows])
        _gather(work, "details", _kinds(DETAIL_FIELDS), detail_batches(connection))
        _gather(work, "standing", _kinds(FIELDS), standing_batches(connection))
        _gather(work, "former", _kinds(REPLACED_FIELDS), replaced_batches(connection))
        _name_numbers(work, site, lists)
        return {table.name: _write(work, table, folder) for table in TABLES}
    finally:
        work.close()
        (folder / ".work.duckdb").unlink(missing_ok=True)


def _kinds(fields: Sequence[str]) -> dict[str, str]:
    return {key: "VARCHAR" if key in _WORDS else "DOUBLE" if key in _FLOATS else "BIGINT" for key in fields}


def _name_numbers(work: duckdb.DuckDBPyConnection, site: Site, lists: CodeLists) -> None:
    """Tables of what the numbers of the rows stand for."""
    found = work.execute(
        "SELECT period_id FROM standing UNION SELECT period_id FROM former ORDER BY 1"
    ).fetchall()
    units = {key: item.unit for key, item in site.store.catalogue.indicators.items()}
    for name, columns, rows in name_tables(lists, units, [row[0] for row in found]):
        _gather(work, name, {"id": "BIGINT", **dict.fromkeys(columns, "VARCHAR")}, [list(rows)])


def _gather(
    work: duckdb.DuckDBPyConnection,
    name: str,
    kinds: Mapping[str, str],
    batches: Iterable[Sequence[Sequence[object]]],
) -> None:
    """A table of DuckDB with some rows."""
    columns = ", ".join(f'"{key}" {kind}' for key, kind in kinds.items())
    work.execute(f"CREATE TABLE {name} ({columns})")
    for rows in filter(None, batches):
        cells = zip(kinds.items(), zip(*rows, strict=True), strict=True)
        work.register("batch", {key: _array(kind, column) for (key, kind), column in cells})
        work.table("batch").insert_into(name)
        work.unregister("batch")


def _array(kind: str, cells: Sequence[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    """A column's cells: numbers as such, NaN where one is missing; all else, and whole numbers with gaps, as text."""
    if kind == "DOUBLE":
        return np.array(cells, dtype=np.float64)
    if kind == "BIGINT" and None not in cells:
        return np.array(cells, dtype=np.int64)
    return np.array([None if cell in {None, ""} else str(cell) for cell in cells], dtype=object)


def _write(work: duckdb.DuckDBPyConnection, table: BulkTable, folder: Path) -> int:
    """A table as a file of each format; how many rows it has."""
    found = work.sql(_SELECTED[table.name]) if table.name in _SELECTED else work.table(table.name)
    parquet = str(folder / f"{table.name}.parquet")
    found.write_parquet(parquet, compression="zstd")
    written = work.read_parquet(parquet)
    written.write_csv(str(folder / f"{table.name}.csv.gz"), header=True, compression="gzip")
    ((rows,),) = written.count("*").fetchall()
    return int(rows)
