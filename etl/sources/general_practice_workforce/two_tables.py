"""The detailed table of a month against the high-level table that comes in the same zip: the same staff, told twice."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from db.domain import ALL, Finding, Severity
from etl.sources.general_practice_workforce import vocabulary as words
from etl.sources.general_practice_workforce.high_level import HighLevel
from etl.sources.general_practice_workforce.practices import Practices

TWO_TABLES = "England against the high-level table"
_GROUPS = {words.ALL_GPS: words.GPS, words.NURSES: words.NURSE_GROUP}
_ROUNDING = 0.051
"""Half of the last digit of a table that prints one decimal, as some do."""
_ENGLAND = 0.005
_EXAMPLES = 5


def denied_by_high_level(practices: Practices, high_level: HighLevel) -> Iterator[Finding]:
    """An error where England's staff differ by more than half a per cent, and a warning with practices that differ."""
    differing: list[str] = []
    for indicator, group in _GROUPS.items():
        if (indicator, "") not in practices.staff:
            continue
        here = pd.Series(practices.staff[indicator, ""].to_numpy(), index=practices.table["code"].to_numpy())
        rows = high_level.frame[
            high_level.frame["indicator"].eq(indicator) & high_level.frame["breakdown"].eq(ALL)
        ]
        there = pd.Series(rows["numerator"].to_numpy(), index=rows["organisation"].to_numpy())
        there = there[~there.index.duplicated()]
        both = pd.DataFrame({"here": here, "there": there}).dropna()
        added, printed = both["here"].sum(), both["there"].sum()
        if abs(added - printed) > max(1.0, _ENGLAND * printed):
            yield Finding(
                Severity.ERROR,
                TWO_TABLES,
                f"{practices.snapshot.label}, England's {group}: wanted {printed:,.6g} as in the high-level table, "
                f"found {added:,.6g}",
            )
        apart = both[(both["here"] - both["there"]).abs() > _ROUNDING]
        differing += [
            f"{code}, {group}: {row.here:g} here, {row.there:g} there" for code, row in apart.iterrows()
        ]
    if differing:
        more = f"; and {len(differing) - _EXAMPLES} more" if len(differing) > _EXAMPLES else ""
        shown = "; ".join(differing[:_EXAMPLES])
        yield Finding(
            Severity.WARNING, TWO_TABLES, f"{practices.snapshot.label}: {shown}{more}", len(differing)
        )
