"""Delayed days of months, and the canonical frame that they make: people a day, and the share that fell to the NHS."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from db.domain import ALL, OBSERVATION_COLUMNS, Basis, Maturity, Period, breakdown_key
from db.reading.spreadsheets import Header
from etl.source import LayoutError

DAILY, NHS_SHARE = "delayed-transfers-daily-average", "delayed-transfers-nhs-share"
NOT_PUBLISHED = "no figures published"
TOTAL, NHS = "total", "nhs"
CARE = {"acute": "Acute", "non-acute": "Not acute"}
RESPONSIBLE = {NHS: "NHS", "social care": "Social care", "both": "Both"}
REASONS = {
    "a": "Completion of assessment",
    "b": "Public funding",
    "c": "Further NHS care that is not acute",
    "di": "Residential home",
    "dii": "Nursing home",
    "e": "Care package in own home",
    "f": "Equipment and adaptations",
    "g": "Patient or family choice",
    "h": "Disputes",
    "i": "Housing",
    "o": "Other",
}
"""Reasons by the publisher's letter: the words beside it were changed in April 2017, when O was added."""
_LETTER = re.compile(r"(di{1,2}|[a-io])\) ?.*")
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class DelayedDays:
    """An organisation's delayed days of a month: by type of care, by who is responsible, by reason, each with a total.

    A count is NaN where a dash stands, in every part or in none.
    """

    code: str
    name: str
    basis: Basis
    care: Mapping[str, float]
    responsible: Mapping[str, float]
    reasons: Mapping[str, float]
    derived: bool = False

    @property
    def total(self) -> float:
        return self.care[TOTAL]

    @property
    def published(self) -> bool:
        """Whether there are figures: some tiny places have dashes."""
        return not np.isnan(self.total)


def reason_columns(header: Header) -> dict[str, int]:
    """The first column of each reason by its letter. Raises LayoutError where one of A to I is lacking."""
    found: dict[str, int] = {}
    for column, label in enumerate(header.labels):
        match = _LETTER.fullmatch(label)
        if match is not None:
            found.setdefault(match[1], column)
    lacking = [letter for letter in REASONS if letter not in found and letter != "o"]
    if lacking:
        raise LayoutError(
            header.where, f"a column of reason {lacking[0].capitalize()})", f"{len(found)} reasons"
        )
    return found


def check_parts(where: str, parts: Mapping[str, float], total: float) -> None:
    """Raise LayoutError where the parts beside a total do not add up to it."""
    added = sum(count for name, count in parts.items() if name != TOTAL)
    if not np.isnan(total) and added != total:
        raise LayoutError(where, f"parts that add up to {total:.10g} days", f"{added:.10g}")


def check_daily(where: str, days: float, daily: float, month: Period) -> None:
    """Raise LayoutError where a printed number of people a day is not the days by the length of the month."""
    if not np.isnan(daily) and abs(daily - days / month.end.day) > _ROUNDING * max(1.0, daily):
        raise LayoutError(
            where, f"{days / month.end.day:.6g} people a day, as {days:.10g} days make", f"{daily:.6g}"
        )


def months_of_days_frame(months: Mapping[Period, Iterable[DelayedDays]], maturity: Maturity) -> pd.DataFrame:
    """The canonical frame of some months' rows."""
    records = [
        record
        for month, rows in months.items()
        for row in rows
        for record in _records(row, month, int(maturity))
    ]
    return pd.DataFrame.from_records(records, columns=list(OBSERVATION_COLUMNS))


def _records(row: DelayedDays, month: Period, maturity: int) -> Iterator[tuple[object, ...]]:
    length, reason = month.end.day, "" if row.published else NOT_PUBLISHED
    labels = (row.code, row.name, row.basis.value, month.key)
    daily = [(ALL, row.total)]
    if row.published:
        daily += [(breakdown_key({"care": words}), row.care[key]) for key, words in CARE.items()]
        daily += [
            (breakdown_key({"reason": REASONS[key]}), days)
            for key, days in row.reasons.items()
            if key in REASONS
        ]
    for breakdown, days in daily:
        yield (DAILY, *labels, breakdown, np.nan, np.nan, days / length, reason, maturity, row.derived)
    nobody = row.published and row.total == 0
    none = NOT_PUBLISHED if not row.published else "no delayed days in the period" if nobody else ""
    yield (NHS_SHARE, *labels, ALL, row.responsible[NHS], row.total, np.nan, none, maturity, row.derived)
