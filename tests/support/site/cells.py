"""Every cell of every download held against the dictionary of columns."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from math import isfinite
from typing import Any

from stp_dash.analysis.download_columns import (
    OF_EACH_INDICATOR,
    CellType,
    ColumnDefinition,
    column_definition,
    column_definitions,
)

PER_CENT = "%"


def faults(heads: list[str], rows: list[dict[str, str]], units: dict[str, str]) -> Iterator[str]:
    """What is wrong with the text cells of a CSV. `units` are the indicators' units by their part of a wide key."""
    for key in heads:
        indicator, joined, column = key.rpartition(OF_EACH_INDICATOR)
        if column not in column_definitions() or (joined and indicator not in units):
            yield f"{key}: not in the dictionary"
            continue
        known = column_definition(key)
        for row in rows:
            unit = units[indicator] if joined else row.get("unit", "")
            if row[key] != "" and (told := _fault(known, row[key], unit)):
                yield f"{key}: {row[key]!r} {told}"


def _fault(known: ColumnDefinition, cell: str, unit: str) -> str:
    if known.type in {CellType.NUMBER, CellType.WHOLE}:
        return _number_fault(known, cell, unit)
    if known.type is CellType.DATE:
        return "" if _is(date.fromisoformat, cell) and len(cell) == 10 else "is no date"
    if known.type is CellType.MOMENT:
        return "" if _is(datetime.fromisoformat, cell) and cell[-6:] == "+00:00" else "is no moment"
    if known.type is CellType.CODE:
        return "" if cell in known.values else "is no value of the code"
    return "is a number as text" if cell[:1] == "'" and _is(float, cell[1:]) else ""


def _number_fault(known: ColumnDefinition, cell: str, unit: str) -> str:
    if not _is(float, cell) or not isfinite(float(cell)):
        return "is no number"
    number = float(cell)
    if known.type is CellType.WHOLE and not _is(int, cell):
        return "is not whole"
    if cell.startswith("-") and number == 0:
        return "is a negative zero"
    least = 0.0 if known.percent and unit == PER_CENT else known.least
    most = 100.0 if known.percent and unit == PER_CENT else known.most
    if (least is not None and number < least) or (most is not None and number > most + 1e-9):
        return f"lies outside {least} to {most}"
    return "" if unit or not known.unit.startswith("of the indicator") else "has no unit beside it"


def _is(kind: Any, cell: str) -> bool:
    try:
        kind(cell)
    except ValueError:
        return False
    return True
