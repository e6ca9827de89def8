"""Every page of any area: boards of today and closed, regions, England and lists, on the demonstration's store."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from db.catalogue import load_catalogue
from db.catalogue.areas import AREA_TYPES, plain_name
from db.settings import AreaListSettings, load_settings
from stp_dash.application import create_app
from stp_dash.frame.request import Site
from stp_dash.pages import PAGES
from stp_dash.web.document import BrowserRequest
from stp_dash.web.router import Router
from tests.support.built.demonstration import TODAY, demonstration_store
from tests.support.site.page_parts import nodes, plain, title, words

ORGANISATIONS = load_catalogue().organisations
AREAS = [code for code, item in ORGANISATIONS.items() if item.type in AREA_TYPES]
WITH_FIGURES = sorted(page.path for page in PAGES if page.needs_data)
PATHS = {item.path for item in PAGES}
LIST = {"coast": AreaListSettings(name="Two of the coast", members=("RVV", "RXC"))}


@pytest.fixture(scope="module")
def router(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Router]:
    settings = load_settings().model_copy(update={"areas": LIST})
    for store in demonstration_store(tmp_path_factory):
        yield Router(Site(store, settings, today=lambda: TODAY), PAGES)


def page_of(router: Router, path: str, search: str) -> tuple[int, dict[str, object]]:
    view = router.page(BrowserRequest(path, search, "desktop", ""))
    return view.status, plain(view.page)


def addresses(page: dict[str, object]) -> list[str]:
    return re.findall(r"'(?:href|value)': '(/[^']*)'", str(page))


def test_the_overview_of_every_area_is_made_and_names_it(router: Router) -> None:
    for code in AREAS:
        status, page = page_of(router, "/", f"?area={code}")
        assert status == 200, code
        assert words(nodes(page, "Summary")[0]) == f"Area {plain_name(ORGANISATIONS[code])}"


@pytest.mark.parametrize("code", ["QNX", "Y59", "coast"])
def test_pages_of_an_area_lead_to_nothing_of_another(router: Router, code: str) -> None:
    for path in WITH_FIGURES:
        status, page = page_of(router, path, f"?area={code}")
        assert status == 200, path
        bare = [address for address in addresses(page) if "area=" not in address]
        assert [item for item in bare if item.partition("?")[0] in PATHS] == [], path


def test_a_page_without_an_area_is_the_settings_own(router: Router) -> None:
    for path in WITH_FIGURES:
        pages = [str(page_of(router, path, search)[1]) for search in ("", "?area=QKS")]
        bare, named = (re.sub(r"[?&](amp;)?(area=QKS(?!\w))?", "", page) for page in pages)
        assert named == bare, path


def test_two_areas_never_share_an_answer(router: Router) -> None:
    for path in ("/", "/trend", "/variation"):
        first, other, again = (page_of(router, path, f"?area={code}")[1] for code in ("QNX", "QKS", "QNX"))
        assert first == again != other


def test_an_unknown_area_is_said_on_every_page(router: Router) -> None:
    for path in PATHS:
        status, page = page_of(router, path, "?area=QZZ")
        assert status == 404, path
        assert title(page) == "This address asks for something that there is not"
        assert "There is no area “QZZ”." in words(page)


def test_an_unknown_area_is_said_in_downloads_feeds_pictures_packs_and_the_api(router: Router) -> None:
    client = create_app(router.site.store, load_settings()).server.test_client()
    for address in (
        "/download/overview.csv?",
        "/download/areas.xlsx?sheet=areas&",
        "/embed/overview?sheet=scorecard&",
        "/feeds/changes.atom?",
        "/feeds/changes.json?",
        "/feeds/publications.ics?",
        "/pack?",
        "/pack/board-pack.pdf?",
        "/follow?",
        "/api/v1/areas?",
    ):
        answer = client.get(f"{address}area=QZZ")
        assert answer.status_code == 404, address
        assert "There is no area “QZZ”." in answer.get_data(as_text=True), address


def test_an_area_without_a_list_of_challenges_says_whose_there_is(router: Router) -> None:
    said = words(page_of(router, "/challenges", "?area=QNX")[1])
    assert "None is listed for Sussex." in said
    assert "The Case for Change of 2017, of the Kent and Medway" in said


def test_an_area_without_councils_says_so_where_figures_are_by_council(router: Router) -> None:
    said = "published by council, and no whole councils are known to make up"
    for code, name in (("QNX", "Sussex"), ("coast", "Two of the coast")):
        page = words(page_of(router, "/", f"?area={code}")[1])
        assert f"Population is {said} {name}." in page
        # Some of public health is published by board: what is not is named, and the topic is not said to be.
        assert f"Life expectancy, men; and Life expectancy, women are {said} {name}." in page
        assert f"Public health is {said}" not in page
    for code in ("QKS", "ENG"):
        assert said not in words(page_of(router, "/", f"?area={code}")[1])


def test_a_page_of_an_area_begins_with_what_can_be_of_it(router: Router) -> None:
    for code in ("QNX", "Y59"):
        assert "no figure for" not in title(page_of(router, "/variation", f"?area={code}")[1])


def test_an_area_that_ended_has_its_last_figures_and_none_of_its_parts_later_ones(router: Router) -> None:
    page = words(page_of(router, "/", "?area=QNX")[1])
    missing = re.findall(r"No figure for Sussex is loaded of GP and nurse staffing: ([^.]*)", page)
    assert [name for found in missing for name in found.split("; ") if "GPs" in name] == []
    scorecard = page[page.index("Scorecard") :]
    assert "Jan to Mar 2026, final" in scorecard and "57 of 84" in scorecard


def test_nearest_areas_are_offered_to_boards_only(router: Router) -> None:
    for code, offered in (("QKS", True), ("Y59", False), ("ENG", False)):
        menus = [words(item) for item in nodes(page_of(router, "/areas", f"?area={code}")[1], "A")]
        links = addresses(page_of(router, "/areas", f"?area={code}")[1])
        assert any("nearest=5" in address for address in links) is offered, (code, menus[:5])


def test_versions_are_compared_under_short_names(router: Router) -> None:
    page = page_of(router, "/compare", "?area=QNX")[1]
    cells = [words(item) for item in nodes(page, "Td")]
    assert "Brighton and Hove" in cells
    assert [cell for cell in cells if cell.startswith("NHS ")] == []


def test_menus_write_short_names(router: Router) -> None:
    found = [words(item) for item in nodes(page_of(router, "/trend", "?area=QNX")[1], "Option")]
    assert "East Kent (RVV)" in found and "Sussex University Hospitals (RYR)" in found
    assert [item for item in found if "NHS Foundation Trust" in item or "NHS Trust" in item] == []
