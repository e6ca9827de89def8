"""Checks before a load. An error refuses the whole file; a warning is kept, shown, and loads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from db.domain import ALL, ENGLAND, Basis, Finding, Indicator, Organisation, Period, Severity
from db.loading.coverage import Coverage
from etl.source import ParsedFile

EXAMPLES = 5
# Real figures jump: in 2020 England's 62-day screening total fell to a fifth of March's within three months, and its
# rate from 81% to 13% (national time series to September 2023). Only a factor that no event explains refuses a file.
NOTABLE_PERCENTAGE_JUMP = 10.0
NOTABLE_RATIO = 3.0
LARGEST_RATIO = 20.0
SMALLEST_COVERAGE = 0.5
EXPECTED_COVERAGE = 0.9
# England equals the sum exactly in every file seen (2,760 tables of 77 files).
ENGLAND_TOLERANCE = 0.001
FARTHEST_COMPARED = timedelta(days=100)
PART_ROWS = 150_000

COVERAGE, MAGNITUDE = "coverage did not shrink", "magnitude plausible"
ACCEPTABLE = frozenset({COVERAGE, MAGNITUDE})
"""The checks whose errors a person may accept: a file that only surprises beside earlier periods.

What a file says against itself (a part above its whole, a rate that its counts contradict, an England that is not
the sum) no event explains: such a file is never accepted.
"""

CoverageBefore = Callable[[str, str, int], Coverage | None]


@dataclass(frozen=True)
class Knowledge:
    """What the checks may know: the catalogue, and what the store holds before a period."""

    indicators: Mapping[str, Indicator]
    organisations: Mapping[str, Organisation]
    coverage_before: CoverageBefore


def check(parsed: ParsedFile, knowledge: Knowledge) -> list[Finding]:
    """All that the checks have to say of a parsed file."""
    frame = parsed.frame
    if frame.empty:
        return [Finding(Severity.ERROR, "content", "wanted figures of a known indicator, found none")]
    findings = [
        *_unknown_indicators(frame, knowledge),
        *_duplicate_keys(frame),
        *_impossible_counts(frame, knowledge),
        *_contradicting_values(frame, knowledge, parsed.percentage_tolerance),
        *_missing_without_reason(frame),
    ]
    if any(finding.severity is Severity.ERROR for finding in findings):
        return findings
    return [
        *findings,
        *_unknown_organisations(frame, parsed, knowledge),
        *_england_differs(frame),
        *_compared_with_last_period(frame, knowledge),
    ]


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
            both[(gap > 1.0) & (gap <= allowed)],
            "England reconciles with the sum",
            Severity.WARNING,
            lambda row: (
                f"printed {row['numerator']:g} of {row['denominator']:g}, "
                f"added up {row['numerator_sum']:g} of {row['denominator_sum']:g}"
            ),
        )


def _compared_with_last_period(frame: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    """Coverage and magnitude of each period against the one before it, in the file or else in the store."""
    headline = frame[frame["breakdown"] == ALL]
    tables = headline.groupby(["indicator", "basis", "period"], observed=True, as_index=False).agg(
        organisations=("organisation", "size"),
        numerator=("numerator", "sum"),
        denominator=("denominator", "sum"),
    )
    tables["frequency"] = tables["period"] % 100
    for (name, basis, _), rows in tables.groupby(["indicator", "basis", "frequency"], observed=True):
        ordered = rows.sort_values("period")
        before = knowledge.coverage_before(str(name), str(basis), int(ordered["period"].iloc[0]))
        columns = ["period", "organisations", "numerator", "denominator"]
        for key, organisations, numerator, denominator in ordered[columns].to_numpy(dtype=float).tolist():
            now = Coverage(int(key), int(organisations), numerator, denominator)
            if before is not None and _near(before, now):
                yield from _compare(knowledge.indicators[str(name)], str(basis), before, now)
            before = now


def _near(before: Coverage, now: Coverage) -> bool:
    """Periods far apart may differ for good reasons: only neighbours are compared."""
    gap = Period.from_key(now.period_key).start - Period.from_key(before.period_key).end
    return gap <= FARTHEST_COMPARED


def _compare(indicator: Indicator, basis: str, before: Coverage, now: Coverage) -> Iterator[Finding]:
    earlier, later = (Period.from_key(item.period_key).short_label for item in (before, now))
    what = f"{indicator.id}, {basis}, {later} against {earlier}"
    share = now.organisations / before.organisations
    if share < EXPECTED_COVERAGE:
        severity = Severity.ERROR if share < SMALLEST_COVERAGE else Severity.WARNING
        yield Finding(
            severity,
            COVERAGE,
            f"{what}: wanted about {before.organisations} organisations, found {now.organisations}",
        )
    if not before.denominator or not now.denominator:
        return
    ratio = now.denominator / before.denominator
    if not 1 / NOTABLE_RATIO <= ratio <= NOTABLE_RATIO:
        possible = 1 / LARGEST_RATIO <= ratio <= LARGEST_RATIO
        yield Finding(
            Severity.WARNING if possible else Severity.ERROR,
            MAGNITUDE,
            f"{what}: wanted a total near {before.denominator:g}, found {now.denominator:g}",
        )
    if indicator.unit == "%":
        yield from _compare_rates(what, before, now)


def _compare_rates(what: str, before: Coverage, now: Coverage) -> Iterator[Finding]:
    rates = (100 * before.numerator / before.denominator, 100 * now.numerator / now.denominator)
    jump = abs(rates[1] - rates[0])
    if jump > NOTABLE_PERCENTAGE_JUMP:
        yield Finding(
            Severity.WARNING,
            MAGNITUDE,
            f"{what}: wanted a rate near {rates[0]:.1f}%, found {rates[1]:.1f}%",
        )
