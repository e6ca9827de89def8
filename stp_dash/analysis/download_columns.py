"""What each column of the downloads means: one key, one meaning, one unit and one type on every page."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

DICTIONARY = Path(__file__).with_name("download_columns.toml")
OF_EACH_INDICATOR = "__"
"""What joins an indicator to a key where a table has a column for each of several indicators."""


class CellType(StrEnum):
    """What the cells of a column are; an empty cell of any type means missing."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole"
    DATE = "date"
    MOMENT = "moment"
    CODE = "code"


@dataclass(frozen=True)
class ColumnDefinition:
    """A column's meaning. `values` are those that a code may have; `least` and `most` bound its numbers.

    percent: its numbers lie from 0 to 100 wherever the unit of the indicator is %. identifier: text that spreadsheets
    would take for a number now and then (00126, 5E1).
    """

    key: str
    type: CellType
    meaning: str
    unit: str = ""
    values: tuple[str, ...] = ()
    percent: bool = False
    identifier: bool = False
    least: float | None = None
    most: float | None = None

    @property
    def type_words(self) -> str:
        """The type, with the values of a code."""
        return f"{self.type}: {', '.join(self.values)}" if self.values else str(self.type)


@cache
def column_definitions() -> Mapping[str, ColumnDefinition]:
    """The dictionary, by key, in its order."""
    entries = tomllib.loads(DICTIONARY.read_text("utf-8"))
    return {key: _definition(key, entry) for key, entry in entries.items()}


def _definition(key: str, entry: Mapping[str, Any]) -> ColumnDefinition:
    more = {"type": CellType(entry["type"]), "values": tuple(entry.get("values", ()))}
    return ColumnDefinition(key, **{**entry, **more})


def column_definition(key: str) -> ColumnDefinition:
    """A column's definition; of `INDICATOR__KEY` that of the key. Raises KeyError for a column without any."""
    return column_definitions()[key.rpartition(OF_EACH_INDICATOR)[2]]
