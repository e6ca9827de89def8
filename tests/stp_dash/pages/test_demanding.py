"""States that are hard on a page: ties, all equal, nothing, one, two hundred, the longest names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from db.domain import ENGLAND
from db.settings import Settings
from db.store import Store
from stp_dash.charts.static.plane import ticks
from stp_dash.frame.request import Site, Width
from tests.support.seed import store_for_a_module
from tests.support.site.charts import charts, label_faults
from tests.support.site.demanding import LONGEST_NAMED, OF_ENGLAND_ALONE, STATES, demanding_rows
from tests.support.site.page_parts import nodes, plain, title, words
from tests.support.site.pages import page_at

SCREENS: dict[int, Width] = {1440: "desktop", 768: "tablet", 390: "phone", 320: "phone"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "demanding", demanding_rows())


@pytest.fixture(scope="module")
def site(store: Store) -> Site:
    return Site(store, Settings(), today=lambda: date(2026, 11, 20))


def shown(site: Site, path: str, search: str, width: Width = "desktop") -> Any:
    return plain(page_at(site, path, search, width))


def variation(site: Site, state: str, width: Width = "desktop") -> Any:
    by = "former-ccg" if state == "areas nearly level" else "trust"
    return shown(site, "/variation", f"?indicator={STATES[state]}&by={by}", width)


@pytest.mark.parametrize("state", STATES)
def test_labels_stand_where_they_may_and_axes_tell_their_marks_apart(site: Site, state: str) -> None:
    of = LONGEST_NAMED[0] if state == "longest names" else "RVV"
    trend = f"?indicator={STATES[state]}&organisation={of}"
    pages = {
        width: (variation(site, state, width), shown(site, "/trend", trend, width))
        for width in set(SCREENS.values())
    }
    for screen, width in SCREENS.items():
        drawn = [chart for page in pages[width] for chart in charts(page)]
        assert bool(drawn) is (state not in {"all missing", "no patients"})
        for chart in drawn:
            assert label_faults(chart, screen) == [], f"{state} at {screen}"
            for name in ("xaxis", "yaxis"):
                axis = chart.figure["layout"][name]
                named = name == "xaxis" and ("tickvals" in axis or not axis.get("showticklabels", True))
                marks = [] if named else ticks(axis)
                said = [text for _, text in marks]
                assert len(set(said)) == len(said), f"{state} at {screen}: {said}"


@pytest.mark.parametrize("state", ["all missing", "no patients"])
def test_a_page_without_a_figure_leads_to_none_that_has_none_either(site: Site, state: str) -> None:
    found = variation(site, state)
    assert "no figures by trust in" in title(found)
    assert "None of ours has one in any other period" in words(found)
    trend = shown(site, "/trend", f"?indicator={STATES[state]}&organisation=RVV")
    assert "The rows of 36 months hold none: not published." in words(trend)
    for page in (found, trend):
        card = nodes(page, "Ul")[-1]
        assert [words(item) for item in nodes(card, "Link")] in (
            ["All indicators"],
            ["All organisations for this indicator"],
        )


def test_a_hole_leads_to_the_nearest_figures(site: Site) -> None:
    hole = shown(site, "/variation", f"?indicator={STATES['holes']}&by=trust&period=2023-07")
    assert title(hole) == "31-day first treatment: no figures by trust in July 2023"
    assert [words(item) for item in nodes(nodes(hole, "Ul")[-1], "Link")] == [
        "June 2023",
        "August 2023",
        "May 2023",
        "All indicators",
    ]


def test_sentences_of_equals_of_one_and_of_few_are_plain(site: Site) -> None:
    said = {state: words(variation(site, state)) for state in STATES}
    assert "1 trust, with 20 patients or more" in said["one organisation"]
    assert "Other trusts" not in said["one organisation"]
    assert "34 trusts; all with fewer than 20 patients" in said["a handful of patients"]
    both = "Dartford and Gravesham, and Maidstone and Tunbridge Wells"
    assert both in said["nobody or everybody in time"]
    assert (
        "have the lowest figure, 0.0%, and are the most short, by 57 patients each."
        in (said["nobody or everybody in time"])
    )
    assert "All 34 trusts lie outside the outer limits of chance" in said["nobody or everybody in time"]
    assert "There are too few values to say for any of the eight." in said["areas nearly level"]
    assert "Mean" not in words(shown(site, "/trend", f"?indicator={STATES['one period']}&organisation=RVV"))


def test_what_only_england_has_is_said_and_is_nobody_s_first_page(site: Site) -> None:
    assert next(iter(site.store.catalogue.indicators)) == OF_ENGLAND_ALONE
    for path in ("/trend", "/variation"):
        assert "28-day faster diagnosis" in title(shown(site, path, "")), path
    compared = shown(site, "/variation", f"?indicator={OF_ENGLAND_ALONE}")
    trend = shown(site, "/trend", f"?indicator={OF_ENGLAND_ALONE}")
    assert "The store holds figures of England alone." in words(compared)
    for page in (compared, trend):
        links = {words(link): link["props"]["href"] for link in nodes(nodes(page, "Ul")[-1], "Link")}
        address = links["England over time"]
        assert f"indicator={OF_ENGLAND_ALONE}" in address
        assert f"organisation={ENGLAND}" in address
    over = shown(site, "/trend", f"?indicator={OF_ENGLAND_ALONE}&organisation={ENGLAND}")
    assert "no figure" not in title(over)
