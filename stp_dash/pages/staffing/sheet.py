"""The numbers of the staffing page's charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from db.catalogue.policy_dates import FORMER_CCGS_END
from stp_dash.analysis.sheet import Column, Sheet
from stp_dash.analysis.standing.verdict import rate_gap_text
from stp_dash.analysis.wording import (
    count_text,
    date_text,
)
from stp_dash.elements.links import TREND, href
from stp_dash.pages.staffing.shortfalls import StaffingShortfalls


def map_sheet(view: StaffingShortfalls) -> Sheet:
    """The map's numbers: those of the areas, under the map's own name."""
    return replace(parts_sheet(view), name="map", title="Where the posts are missing")


def over_time_sheet(view: StaffingShortfalls) -> Sheet:
    """The shortfall of each day by the chosen definition, the newest first."""
    rows = list(reversed(view.shortfalls[view.given.chosen.id]))
    england = {item.period: item for item in view.given.national.get(view.given.chosen.id, ())}
    return Sheet(
        "over-time",
        "Shortfall in posts over time",
        f"{view.given.chosen.short_name}, {view.given.area_name}: posts against England's rate",
        (
            _column(
                "Day",
                "snapshot_date",
                [(r.period.short_label, r.period.start) for r, _ in rows],
                numeric=False,
            ),
            _column("Gap", "posts_short", [(rate_gap_text(s.count), s.count) for _, s in rows]),
            _column("Posts here", "fte", [(count_text(_one(r.numerator)), r.numerator) for r, _ in rows]),
            _column(
                "At England's rate",
                "fte_at_england_rate",
                [(f"{s.expected:,.1f}", s.expected) for _, s in rows],
            ),
            _column("Patients", "patients", [(count_text(r.denominator), r.denominator) for r, _ in rows]),
            _column("Rate here", "rate_per_10000", [_rate(s.local_rate) for _, s in rows]),
            _column("England", "england_rate_per_10000", [_rate(s.england_rate) for _, s in rows]),
            Column("", (), "file", [r.files[0].name for r, _ in rows]),
            Column("", (), "england_file", [england[r.period].files[0].name for r, _ in rows]),
        ),
        view.given.chosen.owner,
        note="Posts short = England's rate x local registered patients - local posts, all full-time equivalents.",
        demonstration=any(r.demonstration for r, _ in rows),
    )


def parts_sheet(view: StaffingShortfalls) -> Sheet:
    """The shortfall of each part of the area, as a sheet to download."""
    rows = view.parts
    return Sheet(
        "areas",
        f"Shortfall by {_singular(view.given.parts_words)}",
        f"{view.given.chosen.short_name} by {_singular(view.given.parts_words)}, {view.given.period.label}",
        (
            Column(
                "Area",
                [row.name for row in rows],
                "name",
                [row.name for row in rows],
                links=[href(TREND, indicator=view.given.chosen.id, organisation=row.code) for row in rows],
            ),
            Column("", (), "code", [row.code for row in rows]),
            _column("Gap", "posts_short", [(row.gap, row.found.count) for row in rows]),
            _column(
                "Posts here",
                "fte",
                [(count_text(_one(r.reading.numerator)), r.reading.numerator) for r in rows],
            ),
            _column(
                "At England's rate",
                "fte_at_england_rate",
                [(f"{r.found.expected:,.1f}", r.found.expected) for r in rows],
            ),
            _column(
                "Patients",
                "patients",
                [(count_text(r.reading.denominator), r.reading.denominator) for r in rows],
            ),
            _column("Rate", "rate_per_10000", [_rate(row.found.local_rate) for row in rows]),
            _column(
                "Patients covered", "share_of_patients_covered", [_covered(row.coverage) for row in rows]
            ),
        ),
        view.given.chosen.owner,
        note=f"Practices stand in the CCG that they belonged to on {date_text(FORMER_CCGS_END)}.",
        demonstration=any(row.reading.demonstration for row in rows),
    )


def definitions_sheet(view: StaffingShortfalls, addresses: Mapping[str, str]) -> Sheet:
    """Each definition on the page's day. `addresses` are those of the page with each definition."""
    rows = view.rows
    return Sheet(
        "definitions",
        "It depends on who is counted",
        f"Each definition, {view.given.area_name}, {view.given.period.label}",
        (
            Column(
                "Definition",
                [row.indicator.short_name for row in rows],
                "definition",
                [row.indicator.name for row in rows],
                links=[addresses[row.indicator.id] for row in rows],
            ),
            _column("Per 10,000 here", "rate_per_10000", [_rate(row.found.local_rate) for row in rows]),
            _column("England", "england_rate_per_10000", [_rate(row.found.england_rate) for row in rows]),
            _column(
                "Posts here",
                "fte",
                [(count_text(_one(r.reading.numerator)), r.reading.numerator) for r in rows],
            ),
            _column(
                "At England's rate",
                "fte_at_england_rate",
                [(f"{r.found.expected:,.1f}", r.found.expected) for r in rows],
            ),
            _column("Gap", "posts_short", [(row.gap, row.found.count) for row in rows]),
            _column(
                "Patients covered", "share_of_patients_covered", [_covered(row.coverage) for row in rows]
            ),
            Column(
                "Who is counted",
                [" ".join(row.indicator.definition.split()) for row in rows],
            ),
        ),
        view.given.chosen.owner,
        demonstration=any(row.reading.demonstration for row in rows),
    )


def _column(
    heading: str, key: str, cells: Sequence[tuple[str, float | date | None]], *, numeric: bool = True
) -> Column:
    return Column(heading, [words for words, _ in cells], key, [raw for _, raw in cells], numeric=numeric)


def _rate(rate: float) -> tuple[str, float]:
    return f"{rate * 10_000:.2f}", rate * 10_000


def _covered(share: float | None) -> tuple[str, float | None]:
    return ("not known" if share is None else f"{100 * share:.1f}%"), share


def _one(count: float | None) -> float | None:
    return None if count is None else round(count, 1)


def _singular(words: str) -> str:
    return words.removesuffix("s")
