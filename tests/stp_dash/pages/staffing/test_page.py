"""Staffing against the national average: posts by definition, area and day, beside what others claimed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from db.catalogue.quoted_claims import quoted_claims
from db.domain import ENGLAND, Basis, Period
from db.store import Store
from stp_dash.charts.interactive.shortfall import (
    ClaimMark,
    ShortfallChart,
    ShortfallLine,
    shortfall_figure,
    shortfall_names,
)
from stp_dash.charts.svg.shortfall_bars import Bar, BarChart, bars_svg
from stp_dash.pages.staffing.chart import shortfall_chart, staffing_map
from stp_dash.pages.staffing.shortfalls import StaffingInput, StaffingShortfalls
from tests.support.seed import CCGS, GPS, NURSES, Row, seeded_store, staffing_rows, store_for_a_module
from tests.support.site.overview_readings import GPS as GP_RATE
from tests.support.site.overview_readings import reading
from tests.support.site.page_parts import nodes, title, words
from tests.support.site.pages import page_shown, rows_downloaded


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "staffing", staffing_rows())


def page(store: Store, search: str = "", width: Any = "desktop") -> dict[str, Any]:
    return page_shown(store, "/staffing", search, width)


def numbers(store: Store, search: str) -> list[dict[str, str]]:
    return rows_downloaded(store, "/staffing", search)


def exact_shortfall(gps: str, patients: int, england: int = 28_000) -> float:
    """England's rate times the local patients, less the local posts, in exact fractions."""
    return float(Fraction(england, 62_500_000) * patients - Fraction(gps))


def test_the_title_counts_posts_by_the_first_definition(store: Store) -> None:
    shown = page(store)
    assert title(shown) == "Kent and Medway is 121 fully qualified GPs short of England's rate"
    assert "On 31 August 2026: 3.89 full-time posts per 10,000 registered patients against 4.48" in words(
        shown
    )


def test_england_is_not_held_against_itself(store: Store) -> None:
    shown = page(store, "?area=ENG")
    assert title(shown) == "England has 4.48 fully qualified GPs per 10,000 registered patients"
    assert "against 4.48 in England" not in words(shown)
    assert "In between" not in words(shown)


def test_another_definition_gives_another_answer(store: Store) -> None:
    shown = page(store, f"?definition={NURSES}")
    assert title(shown) == "Kent and Medway is 15 GP nurses above England's rate"
    assert "From 15 above (GP nurses) to 121 short (fully qualified GPs) on 31 August 2026." in words(shown)


def test_the_series_is_exact_and_unrounded(store: Store) -> None:
    rows = numbers(store, "?sheet=over-time")
    assert [row["period_end"] for row in rows] == ["2026-08-31", "2026-07-31", "2025-08-31"]
    for row, gps in zip(rows, ("793.8", "795", "800"), strict=True):
        assert float(row["short_of_national"]) == pytest.approx(exact_shortfall(gps, 2_041_741), abs=1e-9)
        assert row["file"] == "seeded-file.xlsx"


def test_the_shortfall_of_a_part_is_shown_over_time(store: Store) -> None:
    areas = numbers(store, "?sheet=areas")
    for code in (CCGS[0], CCGS[-1]):
        rows = numbers(store, f"?sheet=over-time&organisation={code}")
        own = next(row for row in areas if row["organisation_code"] == code)
        assert {row["organisation_code"] for row in rows} == {code}
        assert float(rows[0]["short_of_national"]) == pytest.approx(float(own["short_of_national"]), abs=1e-9)
    shown = page(store, f"?organisation={CCGS[0]}")
    assert "Shortfall in posts over time: Ashford" in words(shown)
    assert title(shown) == title(page(store)), "the title stays the whole area's"
    offered = [words(item) for item in nodes(shown, "Option")]
    assert {"Kent and Medway", "Ashford"} <= set(offered)


def test_areas_stand_worst_first_each_against_the_same_rate(store: Store) -> None:
    rows = numbers(store, "?sheet=areas")
    assert [row["organisation_code"] for row in rows] == list(CCGS)
    for place, row in enumerate(rows):
        staff = str(Fraction("79.38") + place)
        assert float(row["short_of_national"]) == pytest.approx(exact_shortfall(staff, 255_000), abs=1e-9)
    assert "Every area is below England's rate. Ashford: 35 short;" in words(page(store))


@pytest.mark.parametrize(
    ("short", "sentence"),
    [
        ([], "No area is short of England's rate."),
        ([9], "Only A0 is short of England's rate."),
        ([9, 9, 3], "A0 and A1 are short of more posts than the average short area (7)."),
        (
            [9] * 7 + [2],
            "A0, A1, A2, A3, A4 and two more are short of more posts than the average short area (8.1).",
        ),
    ],
)
def test_the_map_names_few_areas_and_counts_the_others(short: list[float], sentence: str) -> None:
    day = Period.snapshot(date(2026, 8, 31))
    england = reading(GP_RATE, ENGLAND, day, (400.0, 1_000_000), Basis.NATIONAL)
    parts = [
        reading(GP_RATE, f"A{place}", day, (40.0 - posts, 100_000), Basis.PRACTICE)
        for place, posts in enumerate([*short, -5])
    ]
    both, names = {GP_RATE.id: [england]}, {item.organisation: item.organisation for item in parts}
    asked = StaffingInput("E", ENGLAND, (GP_RATE,), GP_RATE, day, both, both, parts, {}, names, ())
    assert staffing_map(StaffingShortfalls(asked), (), {}, 600).sentence == sentence


def test_a_past_day_is_shown_with_its_own_numbers(store: Store) -> None:
    shown = page(store, "?period=2025-08")
    assert title(shown) == "Kent and Medway is 115 fully qualified GPs short of England's rate"
    assert "On 31 August 2025" in words(shown)


def test_a_day_without_a_count_leads_to_the_nearest(store: Store) -> None:
    shown = page(store, "?period=2025-12")
    assert "a month with a staff count" in words(shown)
    assert "31 August 2025" in words(shown)


def test_practices_are_a_table(store: Store) -> None:
    shown = page(store, "?by=practice")
    assert "Example practice" in words(shown)
    assert not [node for node in nodes(shown, "Img") if "Posts short" in node["props"]["alt"]]


def test_claims_are_quoted_word_for_word_and_never_computed(store: Store) -> None:
    shown = words(page(store))
    for claim in quoted_claims():
        assert f"“{claim.quote}”" in shown
    assert (
        shown.count("No figure of that time is held.") + shown.count("No figure to set beside it is held.")
        == 4
    )


def test_a_claim_stands_beside_a_figure_of_its_time(tmp_path: Path) -> None:
    day = Period.snapshot(date(2017, 3, 31))
    rows = [
        *staffing_rows(),
        *(Row(NURSES, code, day, 62.5, 225_000, basis=Basis.PRACTICE, derived=True) for code in CCGS),
        Row(NURSES, ENGLAND, day, 16_000.0, 57_600_000, basis=Basis.NATIONAL, derived=True),
    ]
    store = seeded_store(tmp_path / "store.sqlite", rows)
    shown = words(page(store, f"?definition={NURSES}"))
    store.close()
    assert "GP nurses, 31 March 2017: level." in shown


def test_a_store_without_staff_says_so(tmp_path: Path) -> None:
    rows = [Row(GPS, "G82001", Period.snapshot(date(2026, 8, 31)), 3.1, 9_000, basis=Basis.PRACTICE)]
    store = seeded_store(tmp_path / "store.sqlite", rows)
    shown = page(store)
    assert title(shown) == "Kent and Medway: no staff figures of the whole area are loaded"
    assert "the store holds no such pair" in words(shown)
    store.close()


@pytest.mark.parametrize("search", ["?definition=<script>", "?by=moon", "?period=99", "?published=soon"])
def test_hostile_addresses_are_explained(store: Store, search: str) -> None:
    assert title(page(store, search)) == "This address asks for something that there is not"


def test_the_chosen_line_is_dark_and_lies_on_top() -> None:
    lines = tuple(
        ShortfallLine(name, (2020.0, 2021.0), (10.0, 20.0), ("", ""), "20 short", chosen=name == "B")
        for name in ("A", "B", "C")
    )
    claims = (ClaimMark(2019.5, 245, "“245 GPs”", "quoted"),)
    chart = ShortfallChart(lines, claims)
    figure = shortfall_figure(chart, shortfall_names(chart))
    drawn = [trace for trace in figure["data"] if trace["mode"] == "lines"]
    assert [trace["name"] for trace in drawn] == ["A", "C", "B"]
    assert len({trace["line"]["dash"] for trace in drawn}) == 3
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 0
    assert high > 245
    quoted = next(trace for trace in figure["data"] if trace.get("name") == "Quoted claims")
    assert quoted["marker"]["symbol"].endswith("open-dot")


def test_a_line_stops_at_a_restart() -> None:
    line = ShortfallLine("A", (2020.0, 2021.0, 2022.0), (1.0, 2.0, 3.0), ("", "", ""), "", stops=(2020.5,))
    chart = ShortfallChart((line,))
    figure = shortfall_figure(chart, shortfall_names(chart))
    assert figure["data"][0]["x"] == [2020.0, None, 2021.0, 2022.0]


def test_a_line_is_broken_where_a_month_has_no_figure() -> None:
    """July and September 2026 are missing between months that follow each other: August stands alone."""
    ends = ((4, 30), (5, 31), (6, 30), (8, 31), (10, 31))
    days = [Period.snapshot(date(2026, month, last)) for month, last in ends]
    series = [reading(GP_RATE, "A", day, (39.0, 100_000), Basis.PRACTICE) for day in days]
    england = [reading(GP_RATE, ENGLAND, day, (400.0, 1_000_000), Basis.NATIONAL) for day in days]
    read = {GP_RATE.id: series}, {GP_RATE.id: england}
    asked = StaffingInput("A", "A", (GP_RATE,), GP_RATE, days[-1], *read, series[-1:], {}, {"A": "A"}, ())
    chart = shortfall_chart(StaffingShortfalls(asked))
    drawn, alone, *_ = shortfall_figure(chart, shortfall_names(chart))["data"]
    shown = [None if posts is None else round(posts, 9) for posts in drawn["y"]]
    assert shown == [1.0, 1.0, 1.0, None, 1.0, None, 1.0]
    assert (alone["mode"], len(alone["x"])) == ("markers", 2), (
        "August and October, which a line does not show"
    )


@pytest.mark.parametrize("phone", [False, True])
def test_bars_are_as_long_as_their_posts(phone: bool) -> None:
    chart = BarChart(
        (Bar("A & B", "x", 40, "40 short"), Bar("C", "x", -10, "10 above")), "Posts", phone=phone
    )
    drawn = bars_svg(chart)
    widths = [
        float(part.split('"')[0]) for part in drawn.split("<rect")[1:] for part in [part.split('width="')[1]]
    ]
    assert widths[0] == pytest.approx(4 * widths[1], abs=0.3)
    assert "A &amp; B" in drawn
    starts = [float(part.split('x="')[1].split('"')[0]) for part in drawn.split("<rect")[1:]]
    assert starts[1] + widths[1] == pytest.approx(starts[0], abs=0.2)
