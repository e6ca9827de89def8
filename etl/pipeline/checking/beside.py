"""Files of one upload beside each other: figures of the same period that two of them give differently."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from db.domain import ALL, Finding, Indicator, Period, Severity
from db.domain.run import CheckStep

_KEY = ["indicator", "organisation", "basis", "period", "breakdown"]
_NUMBERS = ["numerator", "denominator", "value"]
_WORDS = ["indicator", "organisation", "breakdown"]
_SHOWN = 3
_ROUNDING = 1e-3
"""Of a figure without counts, which two files may print with other decimals."""


@dataclass(frozen=True)
class _Printed:
    """What a file prints: a hash of each row's key, and the row."""

    name: str
    keys: np.ndarray[tuple[int], np.dtype[np.uint64]]
    rows: pd.DataFrame


class FilesBeside:
    """The files of one upload as they are read, some 60 bytes for each of their rows."""

    def __init__(self, indicators: Mapping[str, Indicator]) -> None:
        self._indicators = indicators
        self._files: list[_Printed] = []

    def add(self, name: str, frame: pd.DataFrame) -> None:
        """Take in what a file prints, as the canonical frame."""
        keys = np.asarray(pd.util.hash_pandas_object(frame[_KEY], index=False), np.uint64)
        rows = frame[[*_WORDS, "period", *_NUMBERS]].astype(dict.fromkeys(_WORDS, "category"))
        self._files.append(_Printed(name, keys, rows.reset_index(drop=True)))

    def findings(self, own: Collection[str]) -> Iterator[tuple[str, Finding]]:
        """Each file's name with what another of the files denies of it; `own` organisations are named first."""
        for one, other in combinations(self._files, 2):
            _, here, there = np.intersect1d(one.keys, other.keys, return_indices=True)
            mine = one.rows.iloc[here].reset_index(drop=True)
            theirs = other.rows.iloc[there].reset_index(drop=True)
            differ = _differ(mine, theirs)
            if differ.any():
                yield one.name, self._finding(other.name, mine[differ], theirs[differ], own)
                yield other.name, self._finding(one.name, theirs[differ], mine[differ], own)

    def _finding(self, other: str, mine: pd.DataFrame, theirs: pd.DataFrame, own: Collection[str]) -> Finding:
        order = pd.DataFrame(
            {
                "part": mine["breakdown"].astype(str) != ALL,
                "elsewhere": ~mine["organisation"].astype(str).isin(list(own)),
                "newest": -mine["period"],
                "code": mine["organisation"].astype(str),
                "indicator": mine["indicator"].astype(str),
            }
        ).sort_values(["part", "elsewhere", "newest", "code", "indicator"], kind="stable")
        examples = [self._example(mine.loc[place], theirs.loc[place]) for place in order.index[:_SHOWN]]
        count = len(mine)
        words = "One figure is" if count == 1 else f"{count:,} figures are"
        message = (
            f"{words} otherwise in {other} of the same upload: {'; '.join(examples)}. Where both are loaded the more "
            "settled figure stands, then the later published, then that of the later file"
        )
        return Finding(Severity.WARNING, CheckStep.BESIDE.value, message, count)

    def _example(self, mine: pd.Series[float], theirs: pd.Series[float]) -> str:
        code = str(mine["indicator"])
        name = self._indicators[code].short_name if code in self._indicators else code
        breakdown = str(mine["breakdown"])
        part = "" if breakdown == ALL else f", {breakdown}"
        where = f"{Period.from_key(int(mine['period'])).label}, {mine['organisation']}, {name}{part}"
        return f"{where}: {_figure(mine)} here, {_figure(theirs)} there"


def _differ(mine: pd.DataFrame, theirs: pd.DataFrame) -> pd.Series[bool]:
    """Whether counts differ, or values where either file has no counts; or only one of them has a figure."""
    without = [rows[_NUMBERS].isna().all(axis=1) for rows in (mine, theirs)]
    counts = pd.Series(False, index=mine.index)
    for name in ("numerator", "denominator"):
        counts |= (mine[name] != theirs[name]) & mine[name].notna() & theirs[name].notna()
    either = mine["denominator"].isna() | theirs["denominator"].isna()
    values = mine["value"].notna() & theirs["value"].notna() & either
    apart = ~np.isclose(mine["value"], theirs["value"], rtol=_ROUNDING)
    return counts | (values & apart) | (without[0] != without[1])


def _figure(row: pd.Series[float]) -> str:
    if pd.notna(row["denominator"]):
        return f"{row['numerator']:,.10g} of {row['denominator']:,.10g}"
    shown = row["value"] if pd.notna(row["value"]) else row["numerator"]
    return "none" if pd.isna(shown) else f"{shown:,.10g}"
