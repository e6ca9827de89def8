"""The numbers of the staffing page's charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from stp_dash.analysis.sheet import Cell, Column, Sheet, Subject
from stp_dash.analysis.standing.verdict import rate_gap_text
from stp_dash.analysis.wording import count_text, dates
from stp_dash.elements.links import TREND, href
from stp_dash.pages.staffing.shortfalls import StaffingShortfalls
from stp_dash.pages.staffing.words import placed_words


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
                "Day", "period", [(r.period.short_label, r.period.label) for r, _ in rows], numeric=False
            ),
            *_constants(view, view.given.area_code, len(rows)),
            Column("", (), "period_start", [r.period.start for r, _ in rows]),
            Column("", (), "period_end", [r.period.end for r, _ in rows]),
            _column("Gap", "short_of_national", [(rate_gap_text(s.count), s.count) for _, s in rows]),
            _column(
                "Posts here", "numerator", [(count_text(_one(r.numerator)), r.numerator) for r, _ in rows]
            ),
            _column(
                "At England's rate",
                "expected",
                [(f"{s.expected:,.1f}", s.expected) for _, s in rows],
            ),
            _column("Patients", "denominator", [(count_text(r.denominator), r.denominator) for r, _ in rows]),
            _column("Rate here", "value", [_rate(s.local_rate, r.value) for r, s in rows]),
            _column(
                "England", "national_value", [_rate(s.england_rate, england[r.period].value) for r, s in rows]
            ),
            Column("", (), "file", [r.files[0].name for r, _ in rows]),
            Column("", (), "national_file", [england[r.period].files[0].name for r, _ in rows]),
        ),
        view.given.chosen.owner,
        note="Posts short = England's rate x local registered patients - local posts, all full-time equivalents.",
        demonstration=any(r.demonstration for r, _ in rows),
        subject=_subject(view, dates(rows[-1][0].period, rows[0][0].period) if rows else ""),
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
                "organisation_name",
                [row.name for row in rows],
                links=[href(TREND, indicator=view.given.chosen.id, organisation=row.code) for row in rows],
            ),
            Column("", (), "organisation_code", [row.code for row in rows]),
            *_constants(view, "", len(rows)),
            *_day(view, len(rows)),
            _column("Gap", "short_of_national", [(row.gap, row.found.count) for row in rows]),
            _column(
                "Posts here",
                "numerator",
                [(count_text(_one(r.reading.numerator)), r.reading.numerator) for r in rows],
            ),
            _column(
                "At England's rate",
                "expected",
                [(f"{r.found.expected:,.1f}", r.found.expected) for r in rows],
            ),
            _column(
                "Patients",
                "denominator",
                [(count_text(r.reading.denominator), r.reading.denominator) for r in rows],
            ),
            _column("Rate", "value", [_rate(row.found.local_rate, row.reading.value) for row in rows]),
            _column("Patients covered", "patients_covered_percent", [_covered(row.coverage) for row in rows]),
        ),
        view.given.chosen.owner,
        note=f"{placed_words(view)}.",
        demonstration=any(row.reading.demonstration for row in rows),
        subject=_subject(view, view.given.period.label),
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
                "indicator",
                [row.indicator.id for row in rows],
                links=[addresses[row.indicator.id] for row in rows],
            ),
            Column("", (), "indicator_name", [row.indicator.short_name for row in rows]),
            Column("", (), "organisation_code", [view.given.area_code] * len(rows)),
            Column("", (), "unit", [row.indicator.unit for row in rows]),
            Column("", (), "national_name", ["England"] * len(rows)),
            *_day(view, len(rows)),
            _column(
                "Per 10,000 here", "value", [_rate(row.found.local_rate, row.reading.value) for row in rows]
            ),
            _column(
                "England",
                "national_value",
                [_rate(row.found.england_rate, row.national.value) for row in rows],
            ),
            _column(
                "Posts here",
                "numerator",
                [(count_text(_one(r.reading.numerator)), r.reading.numerator) for r in rows],
            ),
            _column(
                "At England's rate",
                "expected",
                [(f"{r.found.expected:,.1f}", r.found.expected) for r in rows],
            ),
            _column("Gap", "short_of_national", [(row.gap, row.found.count) for row in rows]),
            _column("Patients covered", "patients_covered_percent", [_covered(row.coverage) for row in rows]),
            Column(
                "Who is counted",
                [" ".join(row.indicator.definition.split()) for row in rows],
            ),
        ),
        view.given.chosen.owner,
        demonstration=any(row.reading.demonstration for row in rows),
        subject=Subject("Practice staff by each definition", view.given.area_name, view.given.period.label),
    )


def _subject(view: StaffingShortfalls, when: str) -> Subject:
    return Subject(f"{view.given.chosen.short_name}, posts short", view.given.area_name, when)


def _column(heading: str, key: str, cells: Sequence[tuple[str, Cell]], *, numeric: bool = True) -> Column:
    return Column(heading, [words for words, _ in cells], key, [raw for _, raw in cells], numeric=numeric)


def _constants(view: StaffingShortfalls, organisation: str, count: int) -> tuple[Column, ...]:
    """What every row of a sheet says alike, for its download."""
    cells = {
        "indicator": view.given.chosen.id,
        "unit": view.given.chosen.unit,
        "national_name": "England",
        "organisation_code": organisation,
    }
    return tuple(Column("", (), key, [cell] * count) for key, cell in cells.items() if cell)


def _day(view: StaffingShortfalls, count: int) -> tuple[Column, ...]:
    """The page's day in every row of a download."""
    day = view.given.period
    return (
        Column("", (), "period", [day.label] * count),
        Column("", (), "period_start", [day.start] * count),
        Column("", (), "period_end", [day.end] * count),
    )


def _rate(rate: float, value: float | None) -> tuple[str, float | None]:
    """A rate per patient in words for 10,000, and the published or summed value."""
    return f"{rate * 10_000:.2f}", value


def _covered(share: float | None) -> tuple[str, float | None]:
    return ("not known" if share is None else f"{100 * share:.1f}%"), None if share is None else 100 * share


def _one(count: float | None) -> float | None:
    return None if count is None else round(count, 1)


def _singular(words: str) -> str:
    return words.removesuffix("s")
