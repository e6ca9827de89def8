"""The demonstration publisher of the NHS Oversight Framework: a page, a data file and a league table of each league.

What the framework states of other sources' indicators is left out: their demonstrations are invented apart.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial
from typing import Final

import numpy as np

from db.domain import Organisation, OrganisationType, Period
from db.domain.organisation import TrustKind
from etl.demo.publication import BOARDS, SEED, File, WholePublisher
from etl.demo.trusts import acute_trusts, is_open
from etl.reading.demonstration_mark import FILE_SUFFIX, NAME_SUFFIX

OVERSIGHT_PATH: Final = "/nhs-oversight-framework-csv-metadata-file/"
DATA_COLUMNS: Final = (
    *("Quarter", "Region", "Trust_type", "Trust_subtype", "Trust_code", "Trust_name", "Domain"),
    *("Sub-domain", "Metric_ID", "Metric_description", "Reporting_date", "Units", "Value"),
    *("Median_value", "Lower_quartile", "Upper_quartile", "Rank"),
)
LEAGUE_COLUMNS: Final = (
    *("Quarter", "Region", "Trust_type", "Trust_subtype", "Trust_code", "Trust_name", "Average_score"),
    *("Likely_range_of_average_score", "Segment", "Trust_in_financial_deficit", "Rank"),
    "Likely_range_of_rank",
)
_TO_RELEASE: Final = timedelta(weeks=10)
_NEW_FROM: Final = Period.financial_year(2026).start
_LEVELS: Final = (1.93, 2.32, 2.77)
"""Scores above which segments 2, 3 and 4 begin."""
_OLD_DOMAINS: Final = ("OF4000", "OF4002", "OF4003", "OF4004", "OF4005")
_NEW_DOMAINS: Final = ("OF4200", "OF4202", "OF4203", "OF4204", "OF4205", "OF4209")
_RANGE: Final = 0.35


@dataclass(frozen=True)
class InventedTrust:
    """A trust of a league in a quarter. `alone` is the segment that its score would give."""

    item: Organisation
    score: float
    plan: float
    variance: float
    alone: int
    domains: tuple[float, ...]

    @property
    def deficit(self) -> bool:
        return self.plan < 0

    @property
    def segment(self) -> int:
        return max(self.alone, 3) if self.deficit else self.alone

    @property
    def standing(self) -> tuple[int, float]:
        """What a place in the league goes by."""
        return self.segment, self.score


class OversightPublisher(WholePublisher):
    """Publishes the data files of this and the last financial year and the newest league tables, ten weeks late."""

    source_id = "oversight_framework"
    landing_path = OVERSIGHT_PATH
    title = "NHS Oversight Framework CSV metadata file"

    @cached_property
    def quarters(self) -> list[Period]:
        """The quarters of this and the last financial year that are out, oldest first."""
        out = self.today - _TO_RELEASE
        last = out.year * 4 + (out.month - 1) // 3 - 1
        first = last - (last - 1) % 4 - 4
        return [Period.quarter(number // 4, number % 4 * 3 + 1) for number in range(first, last + 1)]

    def files(self) -> Iterator[File]:
        for kind, trusts in self._trusts.items():
            if not trusts:
                continue
            slug = kind.value.replace(" ", "-")
            for own in filter(None, (self.quarters[:4], self.quarters[4:])):
                yield _file(f"{slug}-data", own[-1], partial(self._data, kind, own))
            newest = self.quarters[-1]
            yield _file(f"{slug}-league-table", newest, partial(self._league_table, kind, newest))

    @cached_property
    def _trusts(self) -> Mapping[TrustKind, Sequence[Organisation]]:
        """The trusts of each league: acute ones, ambulance services, and all others."""
        known, day, boards = self.catalogue.organisations, self.quarters[-1].start, BOARDS[self.size]
        acute = {item.code for item in acute_trusts(known, day)}
        found: dict[TrustKind, list[Organisation]] = {kind: [] for kind in TrustKind}
        for _, item in sorted(known.items()):
            near = boards is None or any(parent.code in boards for parent in item.parents)
            if item.type is OrganisationType.TRUST and len(item.code) == 3 and near and is_open(item, day):
                ambulance = "ambulance" in item.name.casefold()
                kind = TrustKind.AMBULANCE if ambulance else TrustKind.MENTAL_HEALTH_AND_COMMUNITY
                found[TrustKind.ACUTE if item.code in acute else kind].append(item)
        return found

    def _league(self, kind: TrustKind, quarter: Period) -> list[tuple[int, InventedTrust]]:
        """A league's trusts with their places, best first; equals share the better place."""
        every = sorted(
            (_invented(item, quarter) for item in self._trusts[kind]), key=lambda trust: trust.standing
        )
        standings = [trust.standing for trust in every]
        return [(standings.index(trust.standing) + 1, trust) for trust in every]

    def _data(self, kind: TrustKind, quarters: Sequence[Period]) -> bytes:
        rows: list[list[object]] = []
        for quarter in quarters:
            for place, trust in self._league(kind, quarter):
                start = _start(kind, quarter, trust)
                for metric, value, rank in _metrics(quarter, trust, place):
                    words = ("Summary", "Summary", metric, "As published", _said(quarter), "score")
                    rows.append([*start, *words, float(value), "", "", "", float(rank) if rank else ""])
        return _csv(DATA_COLUMNS, sorted(rows, key=lambda row: (str(row[0]), str(row[8]), str(row[4]))))

    def _league_table(self, kind: TrustKind, quarter: Period) -> bytes:
        league = self._league(kind, quarter)
        rows = []
        for place, trust in league:
            low, high = max(1.0, trust.score - _RANGE), min(4.0, trust.score + _RANGE)
            within = [rank for rank, other in league if low <= other.score <= high] + [place]
            rows.append(
                [
                    *_start(kind, quarter, trust),
                    trust.score,
                    f"{low:.2f} to {high:.2f}",
                    float(trust.segment),
                    "Yes" if trust.deficit else "No",
                    float(place),
                    f"{min(within)} to {max(within)}",
                ]
            )
        return _csv(LEAGUE_COLUMNS, rows)


def _file(name: str, last: Period, content: partial[bytes]) -> File:
    folder = (last.end + _TO_RELEASE).strftime("%Y/%m")
    path = f"/wp-content/uploads/{folder}/nhs-oversight-framework-{name}{FILE_SUFFIX}.csv"
    return File(path, f"{name.replace('-', ' ').capitalize()} (CSV)", "Files", last, content)


def _metrics(quarter: Period, trust: InventedTrust, place: int) -> list[tuple[str, float, int]]:
    """Each metric's id, value and rank (0 for none), with the ids of the quarter's year."""
    new = quarter.start >= _NEW_FROM
    summary, domains = ("OF52", _NEW_DOMAINS) if new else ("OF50", _OLD_DOMAINS)
    return [
        ("OF0079", trust.plan, place),
        ("OF0081", trust.variance, place),
        *((metric, value, place) for metric, value in zip(domains, trust.domains, strict=False)),
        (f"{summary}00", trust.segment, place),
        (f"{summary}02", trust.score, place),
        (f"{summary}03", trust.alone, 0),
        (f"{summary}04", trust.deficit, 0),
    ]


def _invented(item: Organisation, quarter: Period) -> InventedTrust:
    """A trust's figures: its plan is of the year, its scores wander around its usual one."""
    code = item.code.encode()
    usual = np.random.default_rng([SEED, *code])
    level, plan = usual.normal(2.35, 0.4), float(usual.choice([0.0, 0.0, 0.4, -2.1, -4.6, -7.3]))
    year = quarter.start.year - (quarter.start.month < 4)
    plan += float(np.random.default_rng([SEED, year, *code]).normal(0, 0.3)) if plan else 0.0
    now = np.random.default_rng([SEED, quarter.key, *code])
    scores = np.clip(level + now.normal(0, [0.1, *[0.5] * len(_NEW_DOMAINS)]), 1.05, 3.9).round(2).tolist()
    alone = 1 + sum(scores[0] > limit for limit in _LEVELS)
    variance = round(float(now.normal(-0.3, 0.8)), 2)
    return InventedTrust(item, scores[0], round(plan, 2), variance, alone, tuple(scores[1:]))


def _start(kind: TrustKind, quarter: Period, trust: InventedTrust) -> list[object]:
    """The columns that both files begin with."""
    name = f"{trust.item.name}{NAME_SUFFIX}"
    return [_said(quarter), "South East", kind.value.capitalize(), "Invented", trust.item.code, name]


def _said(quarter: Period) -> str:
    year = quarter.start.year - (quarter.start.month < 4)
    return f"Q{(quarter.start.month - 4) % 12 // 3 + 1} {year}/{(year + 1) % 100:02}"


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    output = io.StringIO(newline="")
    writer = csv.writer(output, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return output.getvalue().encode("utf-8-sig")
