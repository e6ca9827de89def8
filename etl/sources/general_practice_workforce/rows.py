"""Practices as rows of the canonical frame: counts, never rates, and a practice without a return without counts.

The patients of a practice without a valid return are left out of its rate's denominator too; how many of the
patients a rate rests on is an indicator of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from db.domain import OBSERVATION_COLUMNS, Basis, Maturity, Period, breakdown_key
from etl.sources.general_practice_workforce import vocabulary as words
from etl.sources.general_practice_workforce.practices import Practices


@dataclass(frozen=True)
class _Block:
    """One figure of every practice of a snapshot, in the order of its table."""

    indicator: str
    breakdown: str
    numerator: pd.Series[float]
    denominator: pd.Series[float]
    reason: pd.Series[str]


def canonical_frame(snapshots: Sequence[Practices], maturity: Maturity) -> pd.DataFrame:
    """The rows of all snapshots. Columns of words are categories: a back series has millions of rows."""
    blocks = [(practices, list(_blocks(practices))) for practices in snapshots]
    every = [block for _, own in blocks for block in own]
    names = {
        column: _kind([practices.table[column] for practices in snapshots]) for column in ("code", "name")
    }
    kinds = {
        "indicator": _kind([pd.Series([block.indicator for block in every])]),
        "basis": _kind([pd.Series([Basis.PRACTICE.value])]),
        "breakdown": _kind([pd.Series([block.breakdown for block in every])]),
        "missing_reason": _kind([block.reason for block in every]),
    }
    parts: list[pd.DataFrame] = []
    for practices, own in blocks:
        table = practices.table[["code", "name"]].astype(names)
        parts += (_rows(table, practices.snapshot, block).astype(kinds) for block in own)
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(value=np.nan, maturity=maturity.value, derived=False)[list(OBSERVATION_COLUMNS)]


def _kind(columns: Sequence[pd.Series[str]]) -> pd.CategoricalDtype[str]:
    return pd.CategoricalDtype(pd.concat(columns).unique().tolist())


def _rows(table: pd.DataFrame, snapshot: Period, block: _Block) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "indicator": block.indicator,
            "organisation": table["code"],
            "organisation_name": table["name"],
            "basis": Basis.PRACTICE.value,
            "period": snapshot.key,
            "breakdown": block.breakdown,
            "numerator": block.numerator,
            "denominator": block.denominator,
            "missing_reason": block.reason,
        }
    )


def _blocks(practices: Practices) -> Iterator[_Block]:
    table = practices.table
    for (indicator, role), fte in practices.staff.items():
        breakdown = breakdown_key({words.STAFF_ROLE: role} if role else {})
        reason = table["nurse_reason" if indicator == words.NURSES else "gp_reason"]
        yield _rate(indicator, breakdown, fte, table["patients"], reason)
    for group, reason in ((words.GPS, table["gp_reason"]), (words.NURSE_GROUP, table["nurse_reason"])):
        yield _coverage(group, table["patients"], reason)


def _rate(
    indicator: str,
    breakdown: str,
    fte: pd.Series[float],
    patients: pd.Series[float],
    reason: pd.Series[str],
) -> _Block:
    """Staff and patients; a practice with staff but no patients still counts in the sums above it."""
    known = fte.notna() & patients.notna()
    reason = reason.mask(reason.eq("") & fte.isna(), words.NOT_GIVEN)
    reason = reason.mask(reason.eq("") & patients.isna(), words.PATIENTS_NOT_GIVEN)
    reason = reason.mask(reason.eq("") & patients.eq(0), words.NO_PATIENTS)
    return _Block(indicator, breakdown, fte.where(known), patients.where(known), reason)


def _coverage(group: str, patients: pd.Series[float], reason: pd.Series[str]) -> _Block:
    """Of a practice's patients, those whose staff are known: all of them, or none."""
    covered = patients.mask(reason.ne(""), 0.0).where(patients.notna())
    unknown = pd.Series("", index=patients.index).mask(patients.isna(), words.PATIENTS_NOT_GIVEN)
    unknown = unknown.mask(patients.eq(0), words.NO_PATIENTS)
    breakdown = breakdown_key({words.STAFF_GROUP: group})
    return _Block(words.COVERAGE, breakdown, covered, patients, unknown)
