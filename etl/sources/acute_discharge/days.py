"""Figures of days as means of a month, and the canonical frame that they make.

The three counts of a day are of those who no longer meet the criteria to reside, of these who were discharged, and of
those who remained. They agree in every row seen: the first less the second is the third.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.domain import ALL, DETAIL_COLUMNS, OBSERVATION_COLUMNS, Basis, Maturity, Period

REMAINING, NOT_DISCHARGED = "discharge-remaining-daily-average", "discharge-not-discharged-share"
LABELS = (
    "Number of patients who no longer meet the criteria to reside",
    "Number of patients discharged",
    "Number of patients remaining in hospital who no longer meet the criteria to reside",
)
FEWEST_DAYS = 20
"""A month's mean of fewer days is withheld: Medway sent in one day of October 2023."""

Days = NDArray[np.float64]
"""Three counts a day, NaN on days that were not sent in: an array of days by three."""


@dataclass(frozen=True, eq=False)
class DailyRow:
    """An organisation's counts of a month's days; `note` says whose days an area's figures are without."""

    code: str
    name: str
    basis: Basis
    days: Days
    note: str = ""

    @property
    def sent(self) -> int:
        """The days that were sent in."""
        return int(np.isfinite(self.days[:, 0]).sum())


def as_sent(days: Days) -> Days:
    """The counts without days of nought: nobody who is ready to leave is no figure of an acute trust's or an area's."""
    found: Days = np.where(days[:, :1] > 0, days, np.nan)
    return found


def contradicting_day(days: Days) -> int | None:
    """The first day whose three counts do not agree or are no whole numbers of 0 or more; None where all do."""
    known = np.isfinite(days)
    partly = known.any(axis=1) & ~known.all(axis=1)
    counts = np.where(known, days, 0.0)
    wrong = partly | (counts[:, 0] - counts[:, 1] != counts[:, 2])
    wrong |= ((counts < 0) | (counts != np.floor(counts))).any(axis=1)
    return int(wrong.argmax()) if wrong.any() else None


def months_frame(months: Mapping[Period, Iterable[DailyRow]], maturity: Maturity) -> pd.DataFrame:
    """The canonical frame of some months' rows: remaining a day, and the share of those ready who remained."""
    records = [
        record
        for month, rows in months.items()
        for row in rows
        for record in _records(row, month, int(maturity))
    ]
    frame = pd.DataFrame.from_records(records, columns=[*OBSERVATION_COLUMNS, "note"])
    return frame.assign(**{name: np.nan for name in DETAIL_COLUMNS if name != "note"})


def _records(row: DailyRow, month: Period, maturity: int) -> Iterator[tuple[object, ...]]:
    length, sent = (month.end - month.start).days + 1, row.sent
    note = "; ".join(filter(None, [f"days sent in: {sent} of {length}" if sent < length else "", row.note]))
    if sent < FEWEST_DAYS:
        reason = f"figures of {sent} of {length} days only" if sent else "no figures sent in"
        values = {REMAINING: np.nan, NOT_DISCHARGED: np.nan}
    else:
        reason = ""
        ready, _, remaining = np.nansum(row.days, axis=0)
        values = {REMAINING: remaining / sent, NOT_DISCHARGED: 100 * remaining / ready}
    for indicator, value in values.items():
        yield (
            *(indicator, row.code, row.name, row.basis.value, month.key, ALL),
            *(np.nan, np.nan, value, reason, maturity, False, note),
        )
