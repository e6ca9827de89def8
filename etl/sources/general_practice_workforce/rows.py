"""Practices as rows of the canonical frame: counts, never rates, and a practice without a return without counts.

The patients of a practice without a valid return are left out of its rate's denominator too; how many of the
patients a rate rests on is an indicator of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from db.domain import OBSERVATION_COLUMNS, Basis, Maturity, breakdown_key
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
    blocks: list[_Block] = []
    keys: list[int] = []
    codes: list[pd.Series[str]] = []
    names: list[pd.Series[str]] = []
    for practices in snapshots:
        own = list(_blocks(practices))
        blocks += own
        keys += [practices.snapshot.key] * len(own)
        codes += [practices.table["code"]] * len(own)
        names += [practices.table["name"]] * len(own)
    lengths = [len(block.numerator) for block in blocks]
    frame = pd.DataFrame(
        {
            "indicator": _repeated([block.indicator for block in blocks], lengths),
            "organisation": _stacked(codes),
            "organisation_name": _stacked(names),
            "basis": _repeated([Basis.PRACTICE.value], [sum(lengths)]),
            "period": np.repeat(keys, lengths),
            "breakdown": _repeated([block.breakdown for block in blocks], lengths),
            "numerator": np.concatenate([block.numerator.to_numpy() for block in blocks]),
            "denominator": np.concatenate([block.denominator.to_numpy() for block in blocks]),
            "value": np.nan,
            "missing_reason": _stacked([block.reason for block in blocks]),
            "maturity": maturity.value,
            "derived": False,
        }
    )
    return frame[list(OBSERVATION_COLUMNS)]


def _repeated(names: Sequence[str], lengths: Sequence[int]) -> pd.Series[str]:
    return pd.Series(names, dtype="category").repeat([*lengths]).reset_index(drop=True)


def _stacked(columns: Sequence[pd.Series[str]]) -> pd.Series[str]:
    """Columns one under another, as categories; a column that comes again is read once."""
    distinct = {id(column): column for column in columns}
    kind = pd.CategoricalDtype(pd.concat([*distinct.values()]).unique().tolist())
    kinds = {key: column.astype(kind) for key, column in distinct.items()}
    return pd.concat([kinds[id(column)] for column in columns], ignore_index=True)


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
