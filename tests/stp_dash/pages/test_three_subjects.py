"""Cancer waits, stroke and staffing on one site: the same pages for every unit, frequency and kind of organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.store import Store
from tests.support.seed import (
    ELIGIBLE,
    GPS,
    LEVEL,
    NEEDLE,
    NURSES,
    WITHIN_60,
    seeded_store,
    store_for_a_module,
    stroke_rows,
    three_subjects,
)
from tests.support.site.page_parts import nodes, title, words
from tests.support.site.pages import page_shown

PageAt = Callable[..., dict[str, Any]]
SSNAP = "Sentinel Stroke National Audit Programme (SSNAP), King's College London"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "three", three_subjects(), demonstration=True)


@pytest.fixture
def page(store: Store) -> PageAt:
    def at(path: str, search: str = "", width: Any = "desktop") -> dict[str, Any]:
        return page_shown(store, path, search, width)

    return at


def test_demonstration_files_are_no_links(page: PageAt) -> None:
    for path in ("/", f"/trend?indicator={GPS}", f"/variation?indicator={WITHIN_60}"):
        shown = page(path.split("?")[0], path.partition("?")[2])
        hrefs = [item["props"]["href"] for item in nodes(shown, "A")]
        assert [address for address in hrefs if "seeded-file" in address] == []


@pytest.mark.parametrize(
    ("indicator", "owner"), [(WITHIN_60, SSNAP), (GPS, "NHS England, General Practice Workforce")]
)
@pytest.mark.parametrize("path", ["/trend", "/variation"])
def test_cards_name_the_indicators_own_publisher(page: PageAt, path: str, indicator: str, owner: str) -> None:
    shown = page(path, f"?indicator={indicator}")
    feet = [words(item) for item in nodes(shown, "Div") if item["props"].get("className") == "foot"]
    assert owner in feet[0]
    assert feet[0].endswith("Demonstration data")
    assert (f"Source: {SSNAP}." in words(nodes(shown, "Footer"))) is (owner == SSNAP)


def test_stroke_alone_opens_the_trend_of_its_first_indicator(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "stroke.sqlite", stroke_rows())
    first = page_shown(store, "/trend")
    assert title(first).startswith("Thrombolysis within 60 minutes, 75.6%")
    store.close()


@pytest.mark.parametrize("width", ["desktop", "tablet", "phone"])
@pytest.mark.parametrize(
    ("path", "search", "value"),
    [
        ("/", "", "3.89"),
        ("/", "", "75.6%"),
        ("/trend", f"?indicator={GPS}", "3.89"),
        ("/trend", f"?indicator={LEVEL}&organisation=S196", "A"),
        ("/variation", f"?indicator={NEEDLE}", "49 minutes"),
    ],
)
def test_every_width_says_the_same_number(
    page: PageAt, path: str, search: str, value: str, width: str
) -> None:
    assert value in words(page(path, search, width))


def offered(shown: dict[str, Any]) -> list[str]:
    """The choices of "Compare by", side by side or in a list."""
    menus = [item for item in nodes(shown, "Select") if item["props"].get("id") == "control-by"]
    if menus:
        return [words(item) for item in nodes(menus, "Option")]
    groups = [item for item in nodes(shown, "Div") if item["props"].get("aria-label") == "Compare by"]
    return [words(item) for kind in ("A", "Link") for item in nodes(groups, kind)]


def test_variation_offers_every_kind_that_has_data(page: PageAt) -> None:
    assert set(offered(page("/variation", f"?indicator={GPS}"))) == {"ICB", "Former CCG area", "Practice"}
    assert set(offered(page("/variation", f"?indicator={WITHIN_60}"))) == {
        "Trust",
        "Stroke team (hospital)",
        "ICB",
    }
    assert offered(page("/variation", f"?indicator={LEVEL}")) == ["Stroke team (hospital)"]


def test_former_ccg_areas_are_ours_against_england(page: PageAt) -> None:
    shown = page("/variation", f"?indicator={GPS}&by=former-ccg&table=ranked")
    assert title(shown) == "Fully qualified GPs: none of our eight CCG areas of March 2020 reaches England"
    text = words(shown)
    assert "Our eight CCG areas of March 2020 range from 3.11 to 3.39." in text
    assert "England: 4.48 per 10,000 patients (28,000 for 62,500,000 registered patients)." in text
    heads = [words(item) for item in nodes(nodes(shown, "Thead")[0], "Th")]
    assert heads == [
        "Organisation",
        "Code",
        "Group",
        "Rank",
        "Per 10,000 patients",
        "Fully qualified GPs (FTE)",
        "Registered patients",
        "Against England",
        "Status",
        "File",
    ]
    assert "Ashford 09C ours 1 3.11 79.4 255,000 35 posts short final" in text


def test_the_overview_leads_to_the_parts_it_shows(page: PageAt) -> None:
    addresses = {item["props"]["href"] for item in nodes(page("/", "", "phone"), "Link")}
    assert f"/variation?indicator={GPS}&by=former-ccg&period=2026-08" in addresses
    assert f"/variation?indicator={WITHIN_60}&by=trust&period=2026-04" in addresses
    assert title(page("/variation", f"?indicator={GPS}&by=former-ccg&period=2026-08")).startswith("Fully")


def test_stroke_teams_stand_against_the_audits_national_figure(page: PageAt) -> None:
    shown = page("/variation", f"?indicator={WITHIN_60}&by=team")
    assert title(shown).endswith("Maidstone District General Hospital is higher than SSNAP national")
    figure = nodes(shown, "Graph")[0]["props"]["figure"]
    labels = [mark["text"] for mark in figure["layout"]["annotations"]]
    assert "<b>SSNAP national 63.4%</b>" in labels
    table = words(page("/variation", f"?indicator={WITHIN_60}&by=team&table=ranked"))
    assert "Darent Valley Hospital S148 ours 2 73.3% 11 15 48.0% to 89.1% similar to SSNAP national" in table


def test_levels_are_letters_on_the_axis(page: PageAt) -> None:
    for path, search in (("/variation", f"?indicator={LEVEL}"), ("/trend", f"?indicator={LEVEL}")):
        figure = nodes(page(path, search), "Graph")[0]["props"]["figure"]
        assert figure["layout"]["yaxis"]["ticktext"] == ["E", "D", "C", "B", "A"]
        assert figure["layout"]["yaxis"]["tickvals"] == [1, 2, 3, 4, 5]


def test_a_practice_has_a_page_but_is_not_in_the_list(page: PageAt) -> None:
    shown = page("/trend", f"?indicator={GPS}&organisation=G82001")
    assert title(shown).startswith("Example practice: Fully qualified GPs, 3.44 per 10,000 patients")
    other = page("/trend", f"?indicator={GPS}")
    assert "G82001" not in words(nodes(other, "Select"))
    ranked = page("/variation", f"?indicator={NURSES}&by=practice&table=ranked")
    assert len(nodes(nodes(ranked, "Table")[0], "Tr")) == 3
    assert "2 practices; no intervals: posts are all that there are" in words(ranked)


def test_a_side_indicator_is_left_out_of_breakdowns(page: PageAt) -> None:
    shown = page("/trend", f"?indicator={ELIGIBLE}")
    assert "Last four quarters" in words(shown)
    assert "Thrombolysis within 60 minutes 7" not in words(nodes(shown, "Section"))


HOSTILE = (
    ("/variation", f"?indicator={GPS}&by=trust"),
    ("/variation", f"?indicator={LEVEL}&by=icb"),
    ("/trend", f"?indicator={LEVEL}&organisation=QKS"),
    ("/trend", f"?indicator={GPS}&organisation=RVV"),
)


@pytest.mark.parametrize(("path", "search"), HOSTILE)
def test_a_kind_without_figures_is_said_and_leads_on(page: PageAt, path: str, search: str) -> None:
    shown = page(path, search)
    assert "no figure" in title(shown)
    assert nodes(nodes(shown, "Main"), "Link")
