"""A frame's rows in the form of PostgreSQL's binary COPY, made a column at a time.

The form is "Binary Format" in PostgreSQL's description of COPY: for each row the number of its fields, for each field
its length and its bytes, the highest byte first. A missing value has the length -1 and no bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import Column, Float, Integer, SmallInteger, String, Table

START = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"

_NUMBERS = {SmallInteger: ">i2", Integer: ">i4", Float: ">f8"}
_MISSING = -1


@dataclass(frozen=True)
class _Field:
    """One column's cells, all of the same width, and how many bytes of each are its own: -1 for a missing one."""

    cells: np.ndarray[Any, Any]
    lengths: np.ndarray[tuple[int], np.dtype[np.int64]]

    @property
    def width(self) -> int:
        return int(self.cells.dtype.itemsize)


def rows_in_binary(table: Table, frame: pd.DataFrame) -> bytes:
    """The frame's rows; its columns are columns of the table, of whole numbers, double precision or text.

    Raises ValueError for a number that its column cannot hold.
    """
    fields = {name: _field(table.c[name], frame[name]) for name in frame.columns}
    parts: list[tuple[str, str | np.dtype[Any]]] = [("fields", ">i2")]
    for name, field in fields.items():
        parts += [(f"length of {name}", ">i4"), (name, field.cells.dtype)]
    rows = np.empty(len(frame), dtype=parts)
    rows["fields"] = len(fields)
    for name, field in fields.items():
        rows[f"length of {name}"] = field.lengths
        rows[name] = field.cells
    return _without_padding(rows, fields)


def _without_padding(rows: np.ndarray[Any, Any], fields: dict[str, _Field]) -> bytes:
    """The rows' bytes, less those where a cell is missing or shorter than its column is wide."""
    padded = {
        name: field for name, field in fields.items() if field.width and field.lengths.min() < field.width
    }
    if not padded:
        return rows.tobytes()
    whole = rows.view(np.uint8).reshape(len(rows), rows.dtype.itemsize)
    kept = np.ones(whole.shape, dtype=bool)
    places: Any = rows.dtype.fields
    for name, field in padded.items():
        start = places[name][1]
        kept[:, start : start + field.width] = np.arange(field.width) < field.lengths[:, np.newaxis]
    return whole[kept].tobytes()


def _field(column: Column[Any], values: pd.Series[Any]) -> _Field:
    if isinstance(column.type, String):
        return _text(values)
    kind = next(code for known, code in _NUMBERS.items() if isinstance(column.type, known))
    missing = values.isna().to_numpy()
    numbers = np.where(missing, 0, values.to_numpy()) if missing.any() else values.to_numpy()
    cells = numbers.astype(kind)
    if not np.array_equal(cells, numbers):
        raise ValueError(f"{column}: wanted numbers that {column.type!r} can hold, found another")
    return _Field(cells, np.where(missing, _MISSING, cells.dtype.itemsize))


def _text(values: pd.Series[Any]) -> _Field:
    """Each different text is made bytes once. The code of a missing value is -1, which is the last place."""
    codes, different = pd.factorize(values)
    texts = [*(str(text).encode() for text in different), b""]
    lengths = np.array([*map(len, texts[:-1]), _MISSING])
    cells = np.array(texts)[codes] if any(texts) else np.empty(len(codes), "V0")
    return _Field(cells, lengths[codes])
