"""Projections beside the estimates: dashed lines of their own past the last figure, and their own trend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from db.domain import Basis, Period
from db.store import Store
from tests.support.seed import Row, store_for_a_module
from tests.support.site.page_parts import nodes, title, words
from tests.support.site.pages import page_shown, rows_downloaded

ESTIMATED, PROJECTED = "resident-population", "resident-population-projected-2014-based"
COUNCILS = {"E10000016": 1_500_000.0, "E06000035": 270_000.0}


def _rows(indicator: str, first: int, last: int, growth: float) -> list[Row]:
    return [
        Row(
            indicator,
            code,
            Period.snapshot(date(year, 6, 30)),
            None,
            None,
            value=people + growth * (year - 2014),
            basis=Basis.RESIDENCE,
        )
        for code, people in COUNCILS.items()
        for year in range(first, last + 1)
    ]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    rows = [*_rows(ESTIMATED, 2010, 2019, 10_000.0), *_rows(PROJECTED, 2014, 2039, 5_000.0)]
    yield from store_for_a_module(tmp_path_factory, "projected", rows, demonstration=True)


def test_a_projection_is_a_dashed_line_of_its_own_past_the_last_estimate(store: Store) -> None:
    page = page_shown(store, "/trend", f"?indicator={ESTIMATED}")
    assert title(page) == "Residents, 1,870,000 on 30 June 2019"
    figure = nodes(page, "Graph")[0]["props"]["figure"]
    lines = {trace["name"]: trace for trace in figure["data"]}
    dashed, own = lines["Projected, 2014-based"], lines["Kent and Medway"]
    assert "dash" in dashed["line"]
    assert "dash" not in own["line"]
    assert (dashed["y"][0], dashed["y"][-1]) == (1_770_000.0, 2_020_000.0)
    assert [value for value in own["y"] if value is not None][-1] == 1_870_000.0
    assert dashed["x"][-1] - own["x"][-1] == pytest.approx(240)
    assert figure["layout"]["xaxis"]["range"][1] > dashed["x"][-1]
    labels = [item["text"] for item in figure["layout"]["annotations"]]
    assert "Projected, 2014-based 2,020,000" in labels
    said = " ".join(words(page).split())
    assert (
        "Residents projected, 2014-based Dashed: 2,020,000 on 30 June 2039. For 30 June 2019 it has 1,820,000; "
        "1,870,000 were estimated. Its years as a table"
    ) in said
    earlier = page_shown(store, "/trend", f"?indicator={ESTIMATED}&to=2017-06")
    drawn = nodes(earlier, "Graph")[0]["props"]["figure"]["data"]
    assert not [trace for trace in drawn if trace["name"].startswith("Projected")]


def test_its_own_trend_is_dashed_and_called_projected(store: Store) -> None:
    page = page_shown(store, "/trend", f"?indicator={PROJECTED}&organisation=E10000016")
    assert title(page) == "Kent: Projected, 2014-based, 1,625,000 on 30 June 2039"
    figure = nodes(page, "Graph")[0]["props"]["figure"]
    assert "dash" in next(trace for trace in figure["data"] if trace["name"] == "Kent")["line"]
    assert "30 June 2039, projected" in words(page)
    newest = rows_downloaded(store, "/trend", f"?indicator={PROJECTED}&organisation=E10000016&sheet=trend")[0]
    assert (newest["value"], newest["status"], newest["lower_process_limit"]) == (
        "1625000.0",
        "projected",
        "",
    )


def test_years_to_come_are_no_figure_of_the_overview_or_a_profile(store: Store) -> None:
    for path, search in (("/", ""), ("/organisation", "?organisation=E10000016")):
        said = words(page_shown(store, path, search))
        assert "2039" not in said
        assert "Projected, 2014-based" not in said
