"""The map of the variation page: which areas, what their fills say, with and without boundaries."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup

from db.catalogue.places.short_names import short_names
from db.catalogue.places.tiles import tile_layouts
from db.domain import Basis, OrganisationType, Period
from db.domain.outline import Outline
from db.figures.boundaries import keep_boundaries
from db.figures.data_version import data_version
from db.settings import load_settings
from db.store import Store
from stp_dash.analysis.kinds import open_on
from stp_dash.analysis.sheet import Sheet
from stp_dash.elements.links import read_search
from stp_dash.frame.area import belonging_to
from stp_dash.frame.request import PageRequest, Site
from stp_dash.frame.shell import Page
from stp_dash.pages.variation.area_map import area_name
from stp_dash.pages.variation.page import build
from tests.support.seed import CCGS, GPS, TREATED_62, TWO_WEEK, Row, seeded_store, three_subjects
from tests.support.site.page_parts import nodes, plain, words

JANUARY, AUGUST = Period.month(2020, 1), Period.month(2026, 8)
REGION = ("09D", "10R", "70F", "97R")
PageOf = Callable[[str], Page]


def rows() -> list[Row]:
    """Two week waits by CCG in January 2020, England at 90%: one low, one high, the rest alike; later by location."""
    within = {"10E": 800, "99J": 970}
    found = [
        Row(TWO_WEEK, code, JANUARY, within.get(code, 900), 1000, basis=Basis.COMMISSIONER) for code in CCGS
    ]
    found.append(Row(TWO_WEEK, "ENG", JANUARY, 180_000, 200_000, basis=Basis.NATIONAL))
    for code, told in {**dict.fromkeys(REGION, 600), "97R": 300, "91Q": 680}.items():
        found.append(Row(TREATED_62, code, AUGUST, told, 1000, basis=Basis.SUB_ICB_LOCATION))
    return found


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    path = tmp_path_factory.mktemp("map") / "store.sqlite"
    store = seeded_store(path, [*three_subjects(), *rows()])
    yield store
    store.close()


def page_of(store: Store, search: str) -> Page:
    with store.reading() as connection:
        request = PageRequest(Site(store, load_settings()), "/variation", read_search(search))
        return build(request, connection, data_version(connection))


@pytest.fixture
def page(store: Store) -> PageOf:
    return lambda search: page_of(store, search)


def map_sheet(page: Page) -> Sheet:
    return next(item for item in page.sheets if item.name == "map")


def card(page: Page) -> dict[str, Any]:
    cards = nodes(plain(list(page.body)), "Div")
    return next(item for item in cards if item["props"].get("id") == "card-map")


def picture(page: Page) -> BeautifulSoup:
    source = nodes(card(page), "Img")[0]["props"]["src"]
    return BeautifulSoup(b64decode(source.split(",")[1]).decode(), "html.parser")


def raw(found: Sheet, key: str) -> list[object]:
    return list(next(column.raw for column in found.columns if column.key == key))


def test_our_ccgs_are_drawn_and_told_apart_by_pattern_and_mark(page: PageOf) -> None:
    shown = page(f"?indicator={TWO_WEEK}&by=ccg")
    assert sorted(str(code) for code in raw(map_sheet(shown), "organisation_code")) == sorted(CCGS)
    text = words(card(shown))
    assert "Thanet is lower than England (90.0%), West Kent is higher." in text
    fills = [str(item["fill"]) for item in picture(shown).find_all("rect") if item.get("rx") == "3"]
    assert sorted(set(fills)) == ["#EEF2F5", "url(#tiles-dots)", "url(#tiles-hatch)"]
    assert len(fills) == 8


def test_without_boundaries_the_card_says_so(page: PageOf) -> None:
    assert "No boundaries are loaded: each area is a tile" in words(
        card(page(f"?indicator={TWO_WEEK}&by=ccg"))
    )


def test_tiles_lie_as_the_settings_say(page: PageOf) -> None:
    tiles = {
        title.text.split(" ")[0]: (float(str(item["x"])), float(str(item["y"])))
        for item in picture(page(f"?indicator={TWO_WEEK}&by=ccg")).find_all("rect")
        if item.get("rx") == "3" and (title := item.find("title")) is not None
    }
    assert tiles["Thanet"][0] > tiles["Swale"][0] > tiles["Medway"][0]
    assert tiles["Thanet"][1] == tiles["Medway"][1] < tiles["Ashford"][1] < tiles["South"][1]


def test_with_boundaries_the_outlines_are_drawn_and_their_edition_named(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "outlined.sqlite", rows())
    outlines = [
        Outline(
            code,
            code,
            OrganisationType.CCG,
            "2018-04",
            (((i * 100.0, 0.0), (i * 100.0 + 90, 0.0), (i * 100.0 + 90, 90.0), (i * 100.0, 90.0)),),
            "ccg.geojson",
        )
        for i, code in enumerate(CCGS)
    ]
    with store.writing() as connection:
        keep_boundaries(connection, outlines)
    shown = page_of(store, f"?indicator={TWO_WEEK}&by=ccg")
    drawn = [item for item in picture(shown).find_all("path") if item.get("fill-rule") == "evenodd"]
    assert len(drawn) == 8
    text = words(card(shown))
    assert "Boundaries of 2018-04. Source: Office for National Statistics" in text
    assert "No boundaries" not in text
    store.close()


def test_outlines_of_boards_are_drawn_once_loaded_by_the_boards_of_the_period(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "boards.sqlite", three_subjects())
    known = store.catalogue.organisations
    boards = [
        code
        for code in sorted(belonging_to(known, frozenset({"Y59"})))
        if known[code].type is OrganisationType.ICB and open_on(known[code], date(2026, 8, 1))
    ]
    square = ((0.0, 0.0), (90.0, 0.0), (90.0, 90.0), (0.0, 90.0))
    outlines = [
        Outline(
            code,
            known[code].name,
            OrganisationType.ICB,
            "2026-04",
            (tuple((x + 100 * place, y) for x, y in square),),
            "icb.geojson",
        )
        for place, code in enumerate(boards)
    ]
    with store.writing() as connection:
        keep_boundaries(connection, outlines)
    shown = page_of(store, f"?indicator={TREATED_62}&by=icb")
    drawn = [item for item in picture(shown).find_all("path") if item.get("fill-rule") == "evenodd"]
    assert len(drawn) == len(boards) == 4
    assert map_sheet(shown).title == "By ICB"
    assert "Boundaries of 2026-04." in words(card(shown))
    assert "Surrey and Sussex" in picture(shown).text
    store.close()


def test_where_one_code_is_the_whole_area_the_regions_locations_stand_beside_it(page: PageOf) -> None:
    shown = page(f"?indicator={TREATED_62}&by=trust")
    text = words(card(shown))
    assert "Kent and Medway is similar to England (67.0%)." in text
    assert "Of the five areas with a figure four are lower and none higher." in text
    values = dict(
        zip(raw(map_sheet(shown), "organisation_code"), raw(map_sheet(shown), "value"), strict=True)
    )
    assert values["97R"] == pytest.approx(30.0)
    titles = [item.text for item in picture(shown).find_all("title")]
    assert "Oxfordshire No figure" in titles
    assert "Kent and Medway 68.0%" in titles


def test_of_england_every_area_is_drawn_none_is_outlined_and_many_are_only_counted(page: PageOf) -> None:
    shown = page(f"?indicator={TREATED_62}&by=sub-icb&area=ENG")
    drawn = [item for item in picture(shown).find_all("rect") if item.get("rx") == "3"]
    assert len(drawn) == 106
    assert {str(item["stroke-width"]) for item in drawn} == {"1"}
    ours = picture(page(f"?indicator={TREATED_62}&by=sub-icb")).find_all("rect", attrs={"stroke-width": "2"})
    assert [item.text for item in ours] == ["Kent and Medway 68.0%"]


@pytest.mark.parametrize(("count", "named"), [(8, True), (9, False)])
def test_more_than_eight_areas_that_differ_are_counted_and_not_named(
    tmp_path: Path, count: int, named: bool
) -> None:
    places = list(tile_layouts()["sub-ICB locations of April 2026"])[:count]
    values = [Row(TREATED_62, code, AUGUST, 300, 1000, basis=Basis.SUB_ICB_LOCATION) for code in places]
    store = seeded_store(tmp_path / "places.sqlite", [*three_subjects(), *values])
    text = words(card(page_of(store, f"?indicator={TREATED_62}&by=sub-icb&area=ENG")))
    store.close()
    assert (short_names()[places[0]] in text.split(" England (")[0]) is named
    assert ("areas with a figure nine are lower and none higher than England" in text) is not named


def test_a_rate_is_told_by_the_funnels_limits(page: PageOf) -> None:
    text = words(card(page(f"?indicator={GPS}&by=former-ccg")))
    assert "are below the limits around England." in text


def test_an_earlier_period_is_named(store: Store, tmp_path: Path) -> None:
    later = [Row(TWO_WEEK, code, Period.month(2020, 3), 90, 100) for code in ("RVV", "RWF")]
    store = seeded_store(tmp_path / "later.sqlite", [*rows(), *later])
    shown = page_of(store, f"?indicator={TWO_WEEK}&by=trust")
    assert "Last published by CCG: January 2020." in words(card(shown))
    store.close()


def test_the_map_is_left_out_where_nothing_is_published_by_area(page: PageOf) -> None:
    shown = page("?indicator=stroke-ssnap-level")
    assert [item.name for item in shown.sheets] == ["ranked", "over-time"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("NHS Kent and Medway ICB - 91Q", "91Q Kent and Medway"),
        ("NHS Thanet CCG", "Thanet"),
        ("Swale", "Swale"),
    ],
)
def test_names_leave_out_what_all_share(name: str, short: str) -> None:
    assert area_name(name) == short
