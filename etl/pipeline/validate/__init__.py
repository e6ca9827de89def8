"""Checks before a load. An error refuses the whole file; a warning is kept, shown, and loads.

Here is what a file says against itself, and all the checks in their order; `periods` holds it beside earlier periods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pandas as pd

from db.domain import ALL, ENGLAND, Basis, Finding, Period, Severity
from db.loading.coverage import SUMMED_TYPES
from etl.pipeline.validate.absent_members import absent_members
from etl.pipeline.validate.knowledge import Knowledge
from etl.pipeline.validate.own_history import OWN_HISTORY, compared_with_own_history
from etl.pipeline.validate.periods import (
    COVERAGE,
    MAGNITUDE,
    MEMBERS,
    compared_with_last_period,
    compared_with_other_tables,
)
from etl.pipeline.validate.repeats import REPEATED, repeated_figures
from etl.pipeline.validate.shares import MOST_WITHIN, most_within
from etl.source import FEW_ROWS, ParsedFile

EXAMPLES = 5
# England equals the sum exactly in every file seen (2,760 tables of 77 files).
ENGLAND_TOLERANCE, ENGLAND_ROUNDING = 0.001, 0.01
PART_ROWS = 150_000

ACCEPTABLE = frozenset({COVERAGE, MAGNITUDE, MEMBERS, REPEATED, OWN_HISTORY, FEW_ROWS, MOST_WITHIN})
"""The checks whose errors a person may accept: a file that only surprises beside earlier periods, or of whose many
rows a few named ones contradict themselves.

What a file says against itself (a part above its whole, a rate that its counts contradict, an England that is not
the sum) no event explains: such a file is never accepted.
"""


def check(parsed: ParsedFile, knowledge: Knowledge) -> list[Finding]:
    """All that the checks have to say of a parsed file."""
    frame = parsed.frame
    if frame.empty:
        return [Finding(Severity.ERROR, "content", "wanted figures of a known indicator, found none")]
    findings = [
        *_unknown_indicators(frame, knowledge),
        *_periods_to_come(frame, knowledge),
        *_duplicate_keys(frame),
        *_impossible_counts(frame, knowledge),
        *_contradicting_values(frame, knowledge, parsed.percentage_tolerance),
        *_missing_without_reason(frame),
    ]
    if any(finding.severity is Severity.ERROR for finding in findings):
        return findings
    own = _without_sums(frame, knowledge)
    return [
        *findings,
        *_unknown_organisations(frame, parsed, knowledge),
        *_england_differs(own),
        *([] if parsed.areas_vary else compared_with_last_period(own, knowledge)),
        *([] if parsed.areas_vary else compared_with_other_tables(own)),
        *([] if parsed.areas_vary else absent_members(frame, knowledge)),
        *most_within(frame, knowledge),
        *repeated_figures(frame, knowledge),
        *compared_with_own_history(frame, knowledge),
    ]


def _without_sums(frame: pd.DataFrame, knowledge: Knowledge) -> pd.DataFrame:
    """The frame without sums of areas that its source has made: as the store's own are told apart."""
    if not frame["derived"].any():
        return frame
    types = frame["organisation"].map(
        {code: item.type.value for code, item in knowledge.organisations.items()}
    )
    above = np.zeros(len(frame), dtype=bool)
    for basis, summed in SUMMED_TYPES.items():
        above |= (frame["basis"] == basis.value).to_numpy() & types.isin(
            [item.value for item in summed]
        ).to_numpy()
    kept: pd.DataFrame = frame[~(above & frame["derived"].to_numpy(dtype=bool))]
    return kept


def refusal(findings: Sequence[Finding]) -> str:
    """The errors among findings as one text; "" where there are none."""
    return " | ".join(f"{item.check}: {item.message}" for item in findings if item.severity is Severity.ERROR)


def is_acceptable(findings: Sequence[Finding]) -> bool:
    """Whether every error among findings is one that a person may accept."""
    return all(item.check in ACCEPTABLE for item in findings if item.severity is Severity.ERROR)


def accepted(findings: Sequence[Finding], by: str, reason: str) -> list[Finding]:
    """The findings with their errors as warnings that say who accepted them and why.

    Raises ValueError where an error is none that may be accepted.
    """
    if not is_acceptable(findings):
        raise ValueError(f"wanted errors of {', '.join(sorted(ACCEPTABLE))} only, found {refusal(findings)}")
    return [
        replace(item, severity=Severity.WARNING, message=f"{item.message} (accepted by {by}: {reason})")
        if item.severity is Severity.ERROR
        else item
        for item in findings
    ]


def _describe(row: pd.Series[Any], figures: str) -> str:
    period = Period.from_key(int(str(row["period"]))).short_label
    breakdown = "" if row["breakdown"] == ALL else f", {row['breakdown']}"
    return f"{row['indicator']}, {row['organisation']}, {period}{breakdown}: {figures}"


def _examples(
    rows: pd.DataFrame, name: str, severity: Severity, text: Callable[[pd.Series[Any]], str]
) -> Iterator[Finding]:
    """One finding for all the rows, with the first few described."""
    if rows.empty:
        return
    shown = "; ".join(_describe(row, text(row)) for _, row in rows.head(EXAMPLES).iterrows())
    more = f"; and {len(rows) - EXAMPLES} more" if len(rows) > EXAMPLES else ""
    yield Finding(severity, name, shown + more, len(rows))


def _unknown_indicators(frame: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    for name in frame["indicator"].unique():
        if name not in knowledge.indicators:
            yield Finding(
                Severity.ERROR, "indicator", f"wanted an indicator of the catalogue, found {name!r}"
            )


def _periods_to_come(frame: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    """Nobody has counted what is still to happen: such a file has a wrong year in its name or its cells.

    A plan is of a period that has begun; a projection is of years to come.
    """
    today = datetime.now(UTC).date()
    plans = [name for name, item in knowledge.indicators.items() if item.is_plan]
    planned = frame["indicator"].isin(plans)
    projected = frame["indicator"].isin(
        [name for name, item in knowledge.indicators.items() if item.projects]
    )
    to_come = [
        period.label
        for begun, keys in ((True, frame["period"][planned]), (False, frame["period"][~planned & ~projected]))
        for period in sorted(map(Period.from_key, keys.unique().tolist()))
        if (period.start if begun else period.end) > today
    ]
    if to_come:
        more = f" to {to_come[-1]}" if len(to_come) > 1 else ""
        message = f"wanted periods that ended by {today:%d %B %Y}, found {to_come[0]}{more}"
        yield Finding(Severity.ERROR, "periods have ended", message, len(to_come))


def _duplicate_keys(frame: pd.DataFrame) -> Iterator[Finding]:
    key = ["indicator", "organisation", "period", "breakdown"]
    repeated = np.zeros(len(frame), dtype=bool)
    for places in _by_periods(frame["period"]):
        repeated[places] = frame[key].iloc[places].duplicated().to_numpy()
    twice = frame[repeated]
    yield from _examples(twice, "unique keys", Severity.ERROR, lambda _: "wanted one row, found two")


def _by_periods(periods: pd.Series[int]) -> Iterator[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The places of the rows of whole periods, a bounded number at a time: a file may have millions."""
    sizes = periods.value_counts().sort_index()
    shares = (sizes.cumsum() - 1) // PART_ROWS
    for _, own in sizes.groupby(shares):
        yield np.flatnonzero(periods.isin(own.index))


def _impossible_counts(frame: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    numerator, denominator = frame["numerator"], frame["denominator"]
    negative = (numerator < 0) | (denominator < 0)
    yield from _examples(
        frame[negative],
        "counts",
        Severity.ERROR,
        lambda row: f"wanted counts of 0 or more, found {row['numerator']} and {row['denominator']}",
    )
    proportions = {name for name, item in knowledge.indicators.items() if item.unit == "%"}
    above = frame["indicator"].isin(proportions) & (numerator > denominator)
    yield from _examples(
        frame[above],
        "part within whole",
        Severity.ERROR,
        lambda row: f"wanted no more than the total {row['denominator']:g}, found {row['numerator']:g}",
    )


def _contradicting_values(frame: pd.DataFrame, knowledge: Knowledge, tolerance: float) -> Iterator[Finding]:
    printed = frame[frame["value"].notna().to_numpy()]
    multiplier = printed["indicator"].map(
        {name: item.multiplier for name, item in knowledge.indicators.items()}
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        computed = printed["numerator"] / printed["denominator"] * multiplier.astype(float)
    wrong = (computed - printed["value"]).abs() > tolerance
    yield from _examples(
        printed.assign(computed=computed)[wrong],
        "value agrees with counts",
        Severity.ERROR,
        lambda row: f"wanted {row['computed']:.4g} from its counts, found {row['value']:.4g}",
    )


def _missing_without_reason(frame: pd.DataFrame) -> Iterator[Finding]:
    computable = frame["numerator"].notna() & (frame["denominator"] > 0)
    bare = frame["value"].isna() & ~computable & (frame["missing_reason"].astype(str) == "")
    yield from _examples(
        frame[bare], "missing values", Severity.ERROR, lambda _: "wanted a value or a reason, found neither"
    )


def _unknown_organisations(
    frame: pd.DataFrame, parsed: ParsedFile, knowledge: Knowledge
) -> Iterator[Finding]:
    vouched = {item.code for item in parsed.organisations}
    pairs = frame[["organisation", "organisation_name"]].drop_duplicates("organisation")
    unknown = [
        f"{code} {name}".strip()
        for code, name in pairs.itertuples(index=False)
        if code not in knowledge.organisations and code not in vouched
    ]
    if unknown:
        more = f" and {len(unknown) - EXAMPLES} more" if len(unknown) > EXAMPLES else ""
        yield Finding(
            Severity.WARNING,
            "known organisations",
            f"not in the catalogue, loaded under the code published: {', '.join(unknown[:EXAMPLES])}{more}",
            len(unknown),
        )


def _england_differs(frame: pd.DataFrame) -> Iterator[Finding]:
    """England as printed against the sum of the organisations printed with it, per basis."""
    key = ["indicator", "period", "breakdown"]
    printed = frame[(frame["organisation"] == ENGLAND) & ~frame["derived"].astype(bool)]
    if printed.empty:
        return
    for basis in (Basis.PROVIDER, Basis.COMMISSIONER):
        rows = frame[frame["basis"] == basis.value]
        if rows.empty:
            continue
        sums = rows.groupby(key, observed=True)[["numerator", "denominator"]].sum().reset_index()
        both = printed.merge(sums, on=key, suffixes=("", "_sum"))
        gaps = both[["numerator", "denominator"]] - both[["numerator_sum", "denominator_sum"]].to_numpy()
        gap = gaps.abs().max(axis=1)
        allowed = np.maximum(1.0, both["denominator"] * ENGLAND_TOLERANCE)
        yield from _examples(
            both[gap > allowed],
            "England reconciles with the sum",
            Severity.ERROR,
            lambda row: (
                f"wanted about {row['numerator']:g} of {row['denominator']:g} as printed for England, "
                f"found {row['numerator_sum']:g} of {row['denominator_sum']:g} added up"
            ),
        )
        yield from _examples(
            both[(gap > ENGLAND_ROUNDING) & (gap <= allowed)],
            "England reconciles with the sum",
            Severity.WARNING,
            lambda row: (
                f"printed {row['numerator']:g} of {row['denominator']:g}, "
                f"added up {row['numerator_sum']:g} of {row['denominator_sum']:g}"
            ),
        )
