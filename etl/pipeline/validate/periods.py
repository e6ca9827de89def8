"""Each period of a file beside the one before it: how many organisations, which ones, and figures of what size."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

import pandas as pd

from db.domain import ALL, Basis, Finding, Indicator, Period, Severity
from db.loading.coverage import Coverage
from etl.pipeline.validate.knowledge import Knowledge

COVERAGE, MAGNITUDE, MEMBERS = (
    "coverage did not shrink",
    "magnitude plausible",
    "organisations did not vanish",
)
# Real figures jump: in 2020 England's 62-day screening total fell to a fifth of March's within three months, and its
# rate from 81% to 13% (national time series to September 2023). Only a factor that no event explains refuses a file.
NOTABLE_PERCENTAGE_JUMP = 10.0
NOTABLE_RATIO = 3.0
LARGEST_RATIO = 20.0
SMALLEST_COVERAGE = 0.6
EXPECTED_COVERAGE = 0.9
FARTHEST_COMPARED = timedelta(days=100)
# An organisation without patients in a period has no row in it; with ten in the period before, that is no chance.
NOTABLE_DENOMINATOR = 10.0
NAMES_SHOWN = 5
# Commissioners have patients of nearly every standard: in the files seen the emptiest table has 86% of the fullest.
SAME_EVERYWHERE = (Basis.COMMISSIONER.value, Basis.SUB_ICB_LOCATION.value)
SMALLEST_TABLE_COMPARED = 20
EXPECTED_OF_FULLEST = 0.8


def compared_with_last_period(frame: pd.DataFrame, knowledge: Knowledge) -> Iterator[Finding]:
    """Coverage, members and magnitude of each period against the one before it, in the file or else in the store."""
    headline = frame[frame["breakdown"] == ALL]
    vanished = _Vanished(knowledge)
    for (name, basis, _), rows in headline.groupby(
        ["indicator", "basis", headline["period"] % 100], observed=True
    ):
        before: Coverage | None = None
        for place, (key, own) in enumerate(rows.groupby("period")):
            now = _coverage(int(str(key)), own)
            if not place:
                before = knowledge.coverage_before(str(name), str(basis), now.period_key)
            if before is not None and _near(before, now):
                yield from _compare(knowledge.indicators[str(name)], str(basis), before, now)
                vanished.note(str(name), str(basis), before, now)
            before = now
    yield from vanished.findings()


def compared_with_other_tables(frame: pd.DataFrame) -> Iterator[Finding]:
    """Each table of commissioners against the fullest of the same file and period."""
    headline = frame[(frame["breakdown"] == ALL) & frame["basis"].isin(SAME_EVERYWHERE)]
    sizes = headline.groupby(["basis", "period", "indicator"], observed=True).size()
    for (basis, key), tables in sizes.groupby(["basis", "period"], observed=True):
        own = tables.droplevel(["basis", "period"])
        fullest, most = str(own.idxmax()), int(own.max())
        for name, size in own.items():
            if most >= SMALLEST_TABLE_COMPARED and size < EXPECTED_OF_FULLEST * most:
                severity = Severity.ERROR if size < SMALLEST_COVERAGE * most else Severity.WARNING
                period = Period.from_key(int(str(key))).short_label
                wanted = f"wanted about {most} organisations, as {fullest} has, found {size}"
                yield Finding(severity, COVERAGE, f"{name}, {basis}, {period}: {wanted}", most - int(size))


def _coverage(key: int, rows: pd.DataFrame) -> Coverage:
    members = dict(zip(rows["organisation"].tolist(), rows["denominator"].tolist(), strict=True))
    return Coverage(key, members, rows["numerator"].sum(), rows["denominator"].sum())


def _near(before: Coverage, now: Coverage) -> bool:
    """Periods far apart may differ for good reasons: only neighbours are compared."""
    gap = Period.from_key(now.period_key).start - Period.from_key(before.period_key).end
    return gap <= FARTHEST_COMPARED


class _Vanished:
    """Organisations that the period before had and this one lacks, by what they have vanished from.

    Those that closed have ended in good order. The area's own hold the file, where they had figures of some size.
    """

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._indicators: dict[tuple[str, int, int, tuple[str, ...], Severity], list[str]] = defaultdict(list)

    def note(self, indicator: str, basis: str, before: Coverage, now: Coverage) -> None:
        start = Period.from_key(now.period_key).start
        gone = [
            (code, denominator)
            for code, denominator in before.members.items()
            if code not in now.members and not self._closed_before(code, start)
        ]
        ours = {code for code, size in gone if code in self._knowledge.area and _is_notable(size)}
        others = {code: size for code, size in gone if code not in ours}
        larger_first = sorted(others, key=lambda code: (-_size(others[code]), code))
        notable = any(map(_is_notable, others.values()))
        for codes, severity in (
            (sorted(ours), Severity.ERROR),
            (larger_first, Severity.WARNING if notable else Severity.INFORMATION),
        ):
            if codes:
                key = (basis, before.period_key, now.period_key, tuple(codes), severity)
                self._indicators[key].append(indicator)

    def _closed_before(self, code: str, start: object) -> bool:
        known = self._knowledge.organisations.get(code)
        return known is not None and known.closed_on is not None and str(known.closed_on) < str(start)

    def findings(self) -> Iterator[Finding]:
        for (basis, earlier, later, codes, severity), indicators in self._indicators.items():
            shown = "; ".join(self._named(code) for code in codes[:NAMES_SHOWN])
            more = f"; and {len(codes) - NAMES_SHOWN} more" if len(codes) > NAMES_SHOWN else ""
            ours = "of the area that the site is for, " if severity is Severity.ERROR else ""
            then, now = (Period.from_key(key).short_label for key in (earlier, later))
            yield Finding(
                severity,
                MEMBERS,
                f"{', '.join(indicators)}, {basis}: {ours}in {then} and no longer in {now}: {shown}{more}",
                len(codes),
            )

    def _named(self, code: str) -> str:
        known = self._knowledge.organisations.get(code)
        return f"{code} {known.name}" if known else code


def _size(denominator: float) -> float:
    """The patients of an organisation, without end where it has a figure without counts."""
    return math.inf if math.isnan(denominator) else denominator


def _is_notable(denominator: float) -> bool:
    return _size(denominator) >= NOTABLE_DENOMINATOR


def _compare(indicator: Indicator, basis: str, before: Coverage, now: Coverage) -> Iterator[Finding]:
    earlier, later = (Period.from_key(item.period_key).short_label for item in (before, now))
    what = f"{indicator.id}, {basis}, {later} against {earlier}"
    share = len(now.members) / len(before.members)
    if share < EXPECTED_COVERAGE:
        severity = Severity.ERROR if share < SMALLEST_COVERAGE else Severity.WARNING
        yield Finding(
            severity,
            COVERAGE,
            f"{what}: wanted about {len(before.members)} organisations, found {len(now.members)}",
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
