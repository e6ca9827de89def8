"""Commissioners that one table of a file lacks and its other tables have: a row that was lost, not absent patients.

Every commissioner has patients of every kind, so one that has its share of those in a file's other tables and no row in
one has lost it. In the real files (nine commissioner workbooks and an extract of seven months) three are told of: two
in July 2021, with 33 and 13 patients expected, and a commissioning hub in October 2023; of all others fewer than four
were.
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from db.domain import ALL, Finding, Period, Severity
from etl.pipeline.validate.knowledge import Knowledge
from etl.pipeline.validate.periods import SAME_EVERYWHERE

ABSENT = "organisations stand in every table"
LEAST_EXPECTED = 4.0
"""Patients that a commissioner of its size would have in a table: with so many, none at all is hardly chance."""
_FEWEST_TABLES = 3
_EXAMPLES = 5


def absent_members(frame: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    """A warning for each basis and period, with the tables and the organisations that they lack."""
    rows = frame[(frame["breakdown"] == ALL) & frame["basis"].isin(SAME_EVERYWHERE)]
    rows = rows[~rows["derived"].astype(bool) | rows["denominator"].notna()]
    for (basis, key), own in rows.groupby(["basis", "period"], observed=True):
        table = own.pivot_table(
            index="organisation", columns="indicator", values="denominator", aggfunc="first", observed=True
        )
        if len(table.columns) < _FEWEST_TABLES:
            continue
        sizes = table.div(table.sum()).median(axis=1)
        lacking = [
            (str(indicator), str(code))
            for indicator, total in table.sum().items()
            for code in table.index[table[indicator].isna() & (sizes * total >= LEAST_EXPECTED)]
        ]
        if lacking:
            shown = "; ".join(f"{name} lacks {_named(code, knowledge)}" for name, code in lacking[:_EXAMPLES])
            more = f"; and {len(lacking) - _EXAMPLES} more" if len(lacking) > _EXAMPLES else ""
            period = Period.from_key(int(str(key))).short_label
            yield Finding(Severity.WARNING, ABSENT, f"{basis}, {period}: {shown}{more}", len(lacking))


def _named(code: str, knowledge: Knowledge) -> str:
    known = knowledge.organisations.get(code)
    return f"{code} {known.name}" if known else code
