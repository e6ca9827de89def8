"""The tables written as Parquet and CSV by DuckDB, a batch of rows at a time, within bounded memory."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np

from db.domain import DETAIL_COLUMNS
from db.domain.holdings import DataVersion
from db.domain.observation import DETAIL_WORDS
from db.figures.whole import REPLACED, STANDING, number_batches
from db.store import Connection
from stp_dash.analysis.download_columns import column_definition
from stp_dash.api.bulk.tables import (
    FIGURE_KEYS,
    FIGURES,
    REPLACED_FIGURES,
    REPLACED_KEYS,
    SQL_TYPES,
    BulkTable,
    name_tables,
)
from stp_dash.api.table import Row
from stp_dash.elements.links import API_V1
from stp_dash.frame.download import csv_lines
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, Site

_MEMORY, _ROWS_IN_A_GROUP = "88MB", 40_960
"""So many rows of Parquet fit into that memory while they are written: with more, writing takes four times as long."""
_BATCHES_AT_ONCE = 3
"""Batches in a transaction: each costs time, and what is not committed costs memory."""
_FLOATS = {"numerator", "denominator", "value", *DETAIL_COLUMNS} - DETAIL_WORDS
_GATHERED = {"standing": STANDING, "former": REPLACED}
"""The tables of figures as they are gathered."""
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
    "lower_95": "r.lower_95",
    "upper_95": "r.upper_95",
    "lower_998": "r.lower_998",
    "upper_998": "r.upper_998",
    "published_count": 'r."count"',
    "published_population": "r.population",
    "value_note": "n.words",
    "missing_reason": "w.words",
    "status": "m.status",
    "basis": "m.basis",
    "made_by": "m.made_by",
    "file": "m.file",
    "file_published_on": "CAST(m.published_on AS DATE)",
    "status_of_data": "m.mark",
    "replaced_by": "g.name",
}
"""Where the columns of figures come from: rows (r), what their numbers mean, and their words (w) and notes (n)."""
_MEANT = """
  JOIN indicator i ON i.id = r.indicator_id
  JOIN organisation o ON o.id = r.organisation_id
  JOIN breakdown b ON b.id = r.breakdown_id
  JOIN period p ON p.id = r.period_id
  JOIN made m ON m.id = r.made
  LEFT JOIN words w ON w.id = r.missing_reason
  LEFT JOIN words n ON n.id = r.note"""


def _selected(keys: Iterable[str], rows: str) -> str:
    columns = ", ".join(f'{_COLUMNS[key]} AS "{key}"' for key in keys)
    return " ".join(("SELECT", columns, "FROM", rows))


_SELECTED = {
    FIGURES: _selected(FIGURE_KEYS, f"standing r {_MEANT}"),
    REPLACED_FIGURES: _selected(
        REPLACED_KEYS, f"former r {_MEANT} JOIN file g ON g.id = r.superseded_by_file_id"
    ),
}


def write_tables(
    site: Site, connection: Connection, version: DataVersion, folder: Path, tables: Sequence[BulkTable]
) -> dict[str, int]:
    """Some tables as NAME.parquet, and then as NAME.csv.gz, in a folder; how many rows each has.

    The same data gives the same bytes. Raises OSError and duckdb.Error where they cannot be written.
    """
    request, counts = PageRequest(site, API_V1), dict[str, int]()
    streamed = [table.name for table in tables if table.read is None]
    with _workshop(folder) as work:
        for table in tables:
            if table.read is not None:
                rows = table.read(request, connection, version).rows
                counts[table.name] = _write_whole(work, folder, table, rows)
        if streamed:
            _gather_figures(work, request, connection, version)
        for name in streamed:
            _write_parquet(work.sql(_SELECTED[name]), folder, name)
        for name in streamed:
            counts[name] = _write_csv(work, folder, name)
    return counts


def _write_whole(work: duckdb.DuckDBPyConnection, folder: Path, table: BulkTable, rows: Sequence[Row]) -> int:
    """A table of the API in both formats, as CSV in the words that the API has for it; how many rows it has."""
    kinds = {key: SQL_TYPES[column_definition(key).type] for key in table.keys}
    _gather(work, table.name, kinds, [rows])
    _write_parquet(work.table(table.name), folder, table.name)
    lines = gzip.compress(csv_lines(table.keys, rows).encode(), mtime=0)
    (folder / f"{table.name}.csv.gz").write_bytes(lines)
    return len(rows)


def _write_parquet(found: duckdb.DuckDBPyRelation, folder: Path, name: str) -> None:
    found.write_parquet(str(folder / f"{name}.parquet"), compression="zstd", row_group_size=_ROWS_IN_A_GROUP)


@contextmanager
def _workshop(folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    spilled, file = folder / ".work", folder / ".work.duckdb"
    config: dict[str, Any] = {"threads": 1, "memory_limit": _MEMORY, "temp_directory": str(spilled)}
    work = duckdb.connect(str(file), config=config)
    try:
        yield work
    finally:
        work.close()
        file.unlink(missing_ok=True)


def _gather_figures(
    work: duckdb.DuckDBPyConnection, request: PageRequest, connection: Connection, version: DataVersion
) -> None:
    """The rows of figures as they are stored, and tables of what their numbers stand for."""
    lists = StoreReader(request, connection, version).code_lists
    units = {key: item.unit for key, item in request.site.store.catalogue.indicators.items()}
    words: dict[str, int] = {}
    for name, rows in _GATHERED.items():
        kinds = {key: "DOUBLE" if key in _FLOATS else "INTEGER" for key in rows.columns}
        _create(work, name, kinds)
        work.begin()
        batches = number_batches(connection, rows, sorted(lists.indicators), lists.detailed, words)
        for place, columns in enumerate(batches, 1):
            whole = {
                key: own if kinds[key] == "DOUBLE" else own.astype(np.int32) for key, own in columns.items()
            }
            _insert(work, name, whole)
            if place % _BATCHES_AT_ONCE == 0:
                work.commit()
                work.begin()
        work.commit()
    for name, texts, named in name_tables(
        lists, units, _distinct(work, "period_id"), _distinct(work, "made")
    ):
        _gather(work, name, {"id": "INTEGER", **dict.fromkeys(texts, "VARCHAR")}, [list(named)])
    numbered = [(number, text) for text, number in words.items()]
    _gather(work, "words", {"id": "INTEGER", "words": "VARCHAR"}, [numbered])


def _distinct(work: duckdb.DuckDBPyConnection, column: str) -> list[int]:
    """The numbers of a column of figures, each once."""
    asked = " UNION ".join(f"SELECT {column} FROM {name}" for name in _GATHERED)  # noqa: S608 - names of ours
    return sorted(number for (number,) in work.execute(asked).fetchall())


def _create(work: duckdb.DuckDBPyConnection, name: str, kinds: Mapping[str, str]) -> None:
    columns = ", ".join(f'"{key}" {kind}' for key, kind in kinds.items())
    work.execute(f"CREATE TABLE {name} ({columns})")


def _insert(
    work: duckdb.DuckDBPyConnection, name: str, batch: Mapping[str, np.ndarray[Any, np.dtype[Any]]]
) -> None:
    """Rows of which some columns are given; the others are empty."""
    columns = ", ".join(f'"{key}"' for key in batch)
    work.register("batch", batch)
    work.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM batch")  # noqa: S608 - names of ours
    work.unregister("batch")


def _gather(
    work: duckdb.DuckDBPyConnection,
    name: str,
    kinds: Mapping[str, str],
    batches: Iterable[Sequence[Sequence[object]]],
) -> None:
    """A table of DuckDB with some rows."""
    _create(work, name, kinds)
    for rows in filter(None, batches):
        cells = zip(kinds.items(), zip(*rows, strict=True), strict=True)
        _insert(work, name, {key: _array(kind, column) for (key, kind), column in cells})


def _array(kind: str, cells: Sequence[Any]) -> np.ndarray[Any, np.dtype[Any]]:
    """A column's cells: numbers as such, NaN where one is missing; all else, and whole numbers with gaps, as text."""
    if kind == "DOUBLE":
        return np.array(cells, dtype=np.float64)
    if kind in {"INTEGER", "BIGINT"} and None not in cells:
        return np.array(cells, dtype=np.int64)
    return np.array([None if cell in {None, ""} else str(cell) for cell in cells], dtype=object)


def _write_csv(work: duckdb.DuckDBPyConnection, folder: Path, name: str) -> int:
    """A table of figures as CSV, from its Parquet; how many rows it has."""
    written = work.read_parquet(str(folder / f"{name}.parquet"))
    written.write_csv(str(folder / f"{name}.csv.gz"), header=True, compression="gzip")
    ((rows,),) = written.count("*").fetchall()
    return int(rows)
