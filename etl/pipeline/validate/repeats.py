"""Whether a period's figures are those of another period: the same table under another month's name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from db.domain import ALL, Finding, Period, Severity
from db.loading.coverage import StoredFigure
from etl.pipeline.validate.knowledge import Knowledge

REPEATED = "figures are the period's own"
FEWEST_ORGANISATIONS = 20
"""So many organisations with figures, all of them equal to another period's, are no chance."""
FEWEST_DISTINCT = 10
"""So many different figures among them: levels from A to E may well stand still for a quarter."""
SAME_SHARE = 0.9
"""A table of which some figures were changed is a repeated one still."""
PROBES, PROBES_ALIKE = 12, 8
"""The largest organisations, and how many of them must be alike before all are compared."""

Figures = Mapping[str, StoredFigure]


def repeated_figures(frame: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    """Periods whose headline figures are all, or nearly all, those of another period in the file or the store.

    Scores of what is measured once a year may well stand still.
    """
    still = [name for name, item in knowledge.indicators.items() if item.may_repeat]
    frame = frame[~frame["indicator"].isin(still)]
    headline = frame[(frame["breakdown"] == ALL) & (frame["denominator"].notna() | frame["value"].notna())]
    for (name, basis, _), rows in headline.groupby(
        ["indicator", "basis", headline["period"] % 100], observed=True
    ):
        if rows["organisation"].nunique() >= FEWEST_ORGANISATIONS:
            yield from _repeated(str(name), str(basis), rows, knowledge)


def _repeated(indicator: str, basis: str, rows: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    latest = rows[rows["period"] == rows["period"].max()]
    largest = latest.sort_values("denominator", ascending=False)["organisation"].head(PROBES).tolist()
    probed = rows[rows["organisation"].isin(largest)]
    probes = {int(str(key)): _figures(own) for key, own in probed.groupby("period")}
    inside = _alike_inside(probes)
    for key, own_probes in sorted(probes.items()):
        held = knowledge.figures_like(indicator, basis, key, list(own_probes.values()))
        others = {other: (_figures(rows[rows["period"] == other]), "in this file") for other in inside[key]}
        others |= {other: ({item.organisation: item for item in found}, "") for other, found in held.items()}
        if not others:
            continue
        own = _figures(rows[rows["period"] == key])
        if key in others and _same(own, others[key][0]):
            # What the store already holds of the period says nothing new.
            continue
        for other, (figures, where) in sorted(others.items()):
            if other != key and (same := _same(own, figures)):
                yield _finding(indicator, basis, (key, other), (same, len(own)), where)
                break


def _alike_inside(probes: Mapping[int, Figures]) -> Mapping[int, set[int]]:
    """For each period, the earlier ones of the same file whose largest organisations have the same figures."""
    seen: dict[StoredFigure, list[int]] = defaultdict(list)
    alike: dict[int, set[int]] = defaultdict(set)
    for key, figures in sorted(probes.items()):
        counted = Counter(other for figure in figures.values() for other in seen[figure])
        alike[key] = {other for other, times in counted.items() if times >= PROBES_ALIKE}
        for figure in figures.values():
            seen[figure].append(key)
    return alike


def _figures(rows: pd.DataFrame) -> Figures:
    columns = [rows[name].tolist() for name in ("organisation", "numerator", "denominator", "value")]
    return {str(row[0]): StoredFigure.of(*row) for row in zip(*columns, strict=True)}


def _same(own: Figures, others: Figures) -> int:
    """How many organisations have the same figure in both; 0 where that may be chance."""
    equal = [figure for code, figure in own.items() if others.get(code) == figure]
    distinct = {(item.numerator, item.denominator, item.value) for item in equal}
    enough = len(own) >= FEWEST_ORGANISATIONS and len(distinct) >= FEWEST_DISTINCT
    return len(equal) if enough and len(equal) >= SAME_SHARE * len(own) else 0


def _finding(
    indicator: str, basis: str, periods: Sequence[int], counts: tuple[int, int], where: str
) -> Finding:
    own, other = (Period.from_key(key).label for key in periods)
    same, total = counts
    figures = f"all {total} figures" if same == total else f"{same} of {total} figures"
    place = f" {where}" if where else ""
    message = f"{indicator}, {basis}, {own}: {figures} equal those of {other}{place}"
    return Finding(Severity.ERROR, REPEATED, message, same)
