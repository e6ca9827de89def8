"""What an undo changes of the figures that stand, said before it is done."""

from __future__ import annotations

from collections.abc import Collection, Iterator

import pandas as pd

from db.domain.changes import FigureDifference, IndicatorDifferences
from db.domain.holdings import CodeLists
from db.domain.observation import ALL
from db.domain.period import Period
from db.loading.keys import STORED_KEY

_FIGURE = ("numerator", "denominator", "value", "missing_reason", "source_file_id")


def differences_of(code: str, before: pd.DataFrame, after: pd.DataFrame) -> IndicatorDifferences:
    """What differs of one indicator between the rows that stand and those that would."""
    both = _beside(before, after)
    gone, back = both["_merge"] == "left_only", both["_merge"] == "right_only"
    numbers = _numbers_differ(both) & ~gone & ~back
    moved = (both["source_file_id_before"] != both["source_file_id_after"]) & ~gone & ~back & ~numbers
    emptied = {*before["period_id"]} - {*after["period_id"]}
    return IndicatorDifferences(
        code,
        gone=int(gone.sum()),
        back=int(back.sum()),
        changed=int(numbers.sum()),
        moved=int(moved.sum()),
        emptied=tuple(Period.from_key(int(key)) for key in sorted(emptied)),
    )


def headline_differences(
    code_lists: CodeLists, before: pd.DataFrame, after: pd.DataFrame, organisations: Collection[int]
) -> Iterator[FigureDifference]:
    """The headline figures of a few organisations that differ."""
    parts = []
    for rows in (before, after):
        headline = rows["breakdown_id"] == code_lists.breakdown_ids.get(ALL, 0)
        parts.append(rows[headline & rows["organisation_id"].isin(list(organisations))])
    both = _beside(*parts)
    for row in both[_numbers_differ(both)].to_dict("records"):
        member = code_lists.organisations[row["organisation_id"]]
        yield FigureDifference(
            code_lists.indicators[row["indicator_id"]],
            member.code,
            member.name,
            Period.from_key(row["period_id"]),
            ALL,
            _number(row["value_before"]),
            _number(row["value_after"]),
        )


def _beside(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    columns = [*STORED_KEY, *_FIGURE]
    return before[columns].merge(
        after[columns], on=list(STORED_KEY), how="outer", suffixes=("_before", "_after"), indicator=True
    )


def _numbers_differ(both: pd.DataFrame) -> pd.Series[bool]:
    differ = both["_merge"] != "both"
    for name in ("numerator", "denominator", "value", "missing_reason"):
        mine, other = both[f"{name}_before"], both[f"{name}_after"]
        differ |= (mine != other) & ~(mine.isna() & other.isna())
    return differ


def _number(value: float) -> float | None:
    return None if pd.isna(value) else float(value)
