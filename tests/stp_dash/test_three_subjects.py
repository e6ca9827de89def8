"""Cancer waits, stroke and staffing on one site: the same pages for every unit, frequency and kind of organisation."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.settings import load_settings
from db.store import Store
from stp_dash.application import Site, page_at
from tests.stp_dash.seed import (
    ELIGIBLE,
    FDS,
    GPS,
    LEVEL,
    NEEDLE,
    NURSES,
    WITHIN_60,
    ordinary_rows,
    seeded_store,
    staffing_rows,
    stroke_rows,
    three_subjects,
    write_rows,
)
from tests.stp_dash.test_pages import _plain, nodes, title, words

PageAt = Callable[..., dict[str, Any]]
SSNAP = "Sentinel Stroke National Audit Programme (SSNAP), King's College London"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = seeded_store(
        tmp_path_factory.mktemp("three") / "store.sqlite", three_subjects(), demonstration=True
    )
    yield store
    store.close()


@pytest.fixture
def page(store: Store) -> PageAt:
    def at(path: str, search: str = "", width: Any = "desktop") -> dict[str, Any]:
        return _plain(page_at(Site(store, load_settings()), path, search, width))

    return at


def line(shown: dict[str, Any], name: str) -> str:
    return next(text for item in nodes(shown, "Tr") if (text := words(item)).startswith(name))


def test_the_title_has_a_sentence_for_each_subject_the_worst_first(page: PageAt) -> None:
    assert title(page("/")) == (
        "Two of three cancer standards are missed. Fully qualified GPs: 121 posts short of England. "
        "Thrombolysis within 60 minutes: 9 patients above SSNAP national."
    )


def test_subjects_stand_in_the_catalogues_order_each_at_its_own_period(page: PageAt) -> None:
    shown = page("/")
    heads = [words(item) for item in nodes(shown, "Th") if item["props"].get("scope") == "rowgroup"]
    assert heads == [
        "Stroke · demonstration data",
        "Cancer · demonstration data",
        "GP and nurse staffing · demonstration data",
    ]
    lede = words(nodes(nodes(shown, "Main"), "P")[0])
    assert "seven indicators, three need attention" in lede
    for told in (
        "Stroke: April to June 2026, final",
        "Cancer: August 2026",
        "staffing: 31 August 2026, final",
    ):
        assert told in lede


def test_largest_shortfall_leads_whatever_it_counts(page: PageAt) -> None:
    items = [words(item) for item in nodes(nodes(page("/"), "Ol"), "Li")]
    assert [item.split(" ")[0] for item in items] == ["839", "121", "86"]
    assert items[1].startswith("121 posts short Fully qualified GPs: short of England's rate")
    assert "3.89 per 10,000 patients against 4.48 for England on 31 August 2026, final." in items[1]
    assert "Fully qualified GPs (FTE): 793.8 for 2,041,741 registered patients." in items[1]


def test_a_stroke_line_is_the_sum_of_trusts_with_n_interval_and_comparator(page: PageAt) -> None:
    row = line(page("/"), "Thrombolysis within 60 minutes")
    for part in (
        "75.6% 59 of 78 Apr to Jun 2026, final 95% interval 65.1% to 83.8% Sum of three trusts, team-centred",
        "No standard SSNAP national 63.4% aspiration 100%",
        "19 later than 60 minutes 9 patients above SSNAP national",
        "A year before: 70.3%, similar to SSNAP national.",
        "Medway No figure",
        "3 of 3 trusts reach SSNAP national.",
    ):
        assert part in row
    assert "East Kent (RVV), Maidstone and Tunbridge Wells (RWF) and Dartford and Gravesham (RN7)" in row


def test_a_staffing_line_has_rate_average_and_posts_by_former_ccg(page: PageAt) -> None:
    shown = page("/")
    row = line(shown, "Fully qualified GPs")
    for part in (
        "3.89 per 10,000 patients 793.8 for 2,041,741 registered patients 31 Aug 2026, final",
        "No standard England average 4.48",
        "121 posts short of England",
        "A year before: 3.92, 115 posts short of England.",
        "0 of 8 former CCG areas reach England.",
    ):
        assert part in row
    assert "15 posts above England" in line(shown, "GP nurses")


def test_supporting_figures_are_small_and_at_the_end(page: PageAt) -> None:
    shown = page("/")
    minor = [item for item in nodes(shown, "Tr") if item["props"].get("className") == "minor"]
    told = [" ".join(words(item).split()) for item in minor]
    assert len(told) == 3
    assert told[0].startswith("Door to needle, median Darent Valley Hospital 49 minutes")
    assert told[0].endswith("SSNAP national 50 minutes, Apr to Jun 2026, final")
    assert "Darent Valley Hospital C Invicta Ward Kent and Canterbury Hospital B" in told[1]
    assert "GPs 98.6% Nurses 98.1% 31 Aug 2026, final" in told[2]


def test_a_chip_for_each_source(page: PageAt) -> None:
    chips = [" ".join(words(item).split()) for item in nodes(nodes(page("/"), "Ul")[0], "Li")]
    assert chips == [
        "Cancer August 2026 · last file published 8 October 2026",
        "GP and nurse staffing 31 August 2026 · last file published 8 October 2026",
        "Stroke April to June 2026 · last file published 8 October 2026",
    ]


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
    assert feet[0].endswith(f"{owner} · Demonstration data")
    assert (f"Source: {SSNAP}." in words(nodes(shown, "Footer"))) is (owner == SSNAP)


def test_the_overview_attributes_the_audit(page: PageAt) -> None:
    assert f"Source: {SSNAP}." in words(nodes(page("/"), "Footer"))


def test_a_past_month_shows_each_subject_as_it_was_by_then(page: PageAt) -> None:
    shown = page("/", "?period=2025-08")
    assert "3.92" in line(shown, "Fully qualified GPs")
    assert "Apr to Jun 2025" in line(shown, "Thrombolysis within 60 minutes")
    assert "Aug 2025" in line(shown, "28-day faster diagnosis")


def test_a_subject_without_data_is_one_sentence(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "two.sqlite", [*ordinary_rows(), *staffing_rows()])
    text = words(_plain(page_at(Site(store, load_settings()), "/", "")))
    assert "No figure for Kent and Medway is loaded yet for stroke." in text
    assert "Thrombolysis" not in text
    assert SSNAP not in text
    store.close()


def test_stroke_alone_is_a_whole_overview(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "stroke.sqlite", stroke_rows())
    shown = _plain(page_at(Site(store, load_settings()), "/", ""))
    assert title(shown) == (
        "Thrombolysis within 60 minutes: 9 patients above SSNAP national in Kent and Medway"
    )
    assert "loaded yet for cancer." in words(shown)
    first = _plain(page_at(Site(store, load_settings()), "/trend", ""))
    assert title(first).startswith("Thrombolysis within 60 minutes, Kent and Medway: 75.6%")
    store.close()


def test_levels_of_teams_alone_are_shown_and_the_rest_is_said_to_be_missing(tmp_path: Path) -> None:
    rows = [row for row in stroke_rows() if row.indicator == LEVEL]
    store = seeded_store(tmp_path / "levels.sqlite", rows)
    shown = _plain(page_at(Site(store, load_settings()), "/", ""))
    assert title(shown) == "Kent and Medway: supporting figures only are loaded"
    assert "Maidstone District General Hospital   A" in words(shown)
    assert "is loaded yet of stroke: Thrombolysis within 60 minutes; Eligible patients" in words(shown)
    store.close()


def test_real_and_invented_subjects_are_told_apart(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "mixed.sqlite", stroke_rows(), demonstration=True)
    write_rows(store, ordinary_rows())
    shown = _plain(page_at(Site(store, load_settings()), "/", ""))
    heads = [words(item) for item in nodes(shown, "Th") if item["props"].get("scope") == "rowgroup"]
    assert heads == ["Stroke · demonstration data", "Cancer"]
    banner = words(nodes(shown, "Aside"))
    assert "Numbers marked as demonstration data are invented" in banner
    assert "Every number" not in banner
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
    assert set(offered(page("/variation", f"?indicator={WITHIN_60}"))) == {"Trust", "Team", "ICB"}
    assert offered(page("/variation", f"?indicator={LEVEL}")) == ["Team"]


def test_former_ccg_areas_are_ours_against_england(page: PageAt) -> None:
    shown = page("/variation", f"?indicator={GPS}&by=former-ccg&view=table")
    assert title(shown) == "Fully qualified GPs: Ashford 3.11 to West Kent 3.39"
    text = words(shown)
    assert "8 CCG areas of March 2020. England: 4.48 per 10,000 patients" in text
    assert "None of our eight reach England." in text
    heads = [words(item) for item in nodes(nodes(shown, "Thead"), "Th")]
    assert "95% interval" not in heads
    assert heads[2:6] == [
        "Per 10,000 patients",
        "Fully qualified GPs (FTE)",
        "Registered patients",
        "Against England",
    ]
    assert "Ashford  (09C) 3.11 79.4 255,000 35 posts short final" in text


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
    assert "11 of 15 · interval 48.0% to 89.1%" in words(shown)


def test_levels_are_letters_on_the_axis(page: PageAt) -> None:
    for path, search in (("/variation", f"?indicator={LEVEL}"), ("/trend", f"?indicator={LEVEL}")):
        figure = nodes(page(path, search), "Graph")[0]["props"]["figure"]
        assert figure["layout"]["yaxis"]["ticktext"] == ["E", "D", "C", "B", "A"]
        assert figure["layout"]["yaxis"]["tickvals"] == [1, 2, 3, 4, 5]


def test_an_indicator_of_teams_opens_at_one_of_ours(page: PageAt) -> None:
    shown = page("/trend", f"?indicator={LEVEL}")
    assert title(shown) == "SSNAP level, Darent Valley Hospital: C in April to June 2026"
    heads = [words(item) for item in nodes(nodes(shown, "Thead"), "Th")]
    assert heads == ["Period", "Value", "Status", "File"]


def test_trend_of_quarters_has_the_eligible_and_four_quarters_beside(page: PageAt) -> None:
    shown = page("/trend", f"?indicator={WITHIN_60}")
    rail = next(item for item in nodes(shown, "Div") if "rail" in item["props"].get("className", ""))
    told = words(rail)
    assert (
        "Last four quarters 73.5% 228 of 310 95% interval 68.4% to 78.1% July 2025 to June 2026, final"
        in told
    )
    assert "Eligible patients thrombolysed 88.0% 73 of 83 95% interval 79.2% to 93.3%" in told
    figure = nodes(shown, "Graph")[0]["props"]["figure"]
    names = [item["name"] for item in figure["data"]]
    assert "Rolling" in names
    ticks = figure["layout"]["xaxis"]["ticktext"]
    assert any(text.startswith("Apr–Jun") for text in ticks)
    assert any("Series restarts" in mark["text"] for mark in figure["layout"]["annotations"])
    assert "there is no commissioner's figure" in told


def test_trend_table_of_quarters_has_n_interval_and_rolling(page: PageAt) -> None:
    shown = page("/trend", f"?indicator={WITHIN_60}&view=table")
    rows = [words(item) for item in nodes(nodes(shown, "Table"), "Tr")]
    assert rows[1].startswith(
        "Apr to Jun 2026 75.6% final 59 78 65.1% to 83.8% 9 patients above 63.4% 73.5% (228 of 310)"
    )
    assert len(rows) == 10
    assert "of 310)" not in rows[5]


def test_the_rolling_line_is_only_where_it_is_asked_for(page: PageAt) -> None:
    figure = nodes(page("/trend", f"?indicator={FDS}"), "Graph")[0]["props"]["figure"]
    assert "Rolling" not in [item["name"] for item in figure["data"]]


def test_trend_of_snapshots_says_days_posts_and_unit(page: PageAt) -> None:
    shown = page("/trend", f"?indicator={GPS}")
    assert title(shown) == (
        "Fully qualified GPs, Kent and Medway: 3.89 per 10,000 patients on 31 August 2026, "
        "121 posts short of England"
    )
    figures = words(nodes(shown, "Dl")[0])
    assert (
        "31 August 2026, final 3.89 per 10,000 patients · 793.8 for 2,041,741 registered patients" in figures
    )
    assert "England, same period 4.48" in figures
    figure = nodes(shown, "Graph")[0]["props"]["figure"]
    places = next(item for item in figure["data"] if item["name"] == "Final")["x"]
    assert places[1] - places[0] == pytest.approx(11, abs=0.1)
    assert any(mark["text"] == "per 10,000 patients" for mark in figure["layout"]["annotations"])


def test_a_practice_has_a_page_but_is_not_in_the_list(page: PageAt) -> None:
    shown = page("/trend", f"?indicator={GPS}&organisation=G82001")
    assert title(shown).startswith("Fully qualified GPs, Example practice: 3.44 per 10,000 patients")
    other = page("/trend", f"?indicator={GPS}")
    assert "G82001" not in words(nodes(other, "Select"))
    ranked = page("/variation", f"?indicator={NURSES}&by=practice&view=table")
    assert "2 practices" in words(ranked)


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
