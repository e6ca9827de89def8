"""Pages as functions of their address."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from db.domain import Period
from db.store import Store
from tests.support.seed import (
    FDS,
    TREATED_62,
    Row,
    ordinary_rows,
    other_trusts,
    seeded_store,
    store_for_a_module,
)
from tests.support.site.page_parts import nodes, title, words
from tests.support.site.pages import page_shown

PageAt = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    rows = [*ordinary_rows(), *other_trusts(60, Period.month(2026, 8))]
    rows += [
        Row(TREATED_62, trust, Period.month(2026, 8), 4, 5, breakdown="tumour group: Breast")
        for trust in ("RVV", "RWF")
    ]
    yield from store_for_a_module(tmp_path_factory, "pages", rows)


@pytest.fixture
def page(store: Store) -> PageAt:
    def at(path: str, search: str = "", width: Any = "desktop") -> dict[str, Any]:
        return page_shown(store, path, search, width)

    return at


def test_a_past_month_shows_the_standard_of_that_month(page: PageAt) -> None:
    row = next(
        words(item) for item in nodes(page("/", "?period=2024-03"), "Tr") if "28-day faster" in words(item)
    )
    assert "Mar 2024, final" in row
    assert "75%" in row
    assert "80%" not in row


def test_overview_asks_for_no_chart_library(page: PageAt) -> None:
    assert nodes(page("/"), "Graph") == []


@pytest.mark.parametrize("width", ["desktop", "tablet", "phone"])
@pytest.mark.parametrize("path", ["/", "/variation", "/trend"])
def test_every_width_says_the_same_number(page: PageAt, path: str, width: str) -> None:
    assert "81.3%" in words(page(path, f"?indicator={FDS}&organisation=RN7", width))


def test_variation_ranks_all_and_marks_ours(page: PageAt) -> None:
    shown = page("/variation", f"?indicator={TREATED_62}&table=ranked")
    first = [words(item) for item in nodes(nodes(shown, "Table")[0], "Tr")][1:]
    later = page("/variation", f"?indicator={TREATED_62}&table=ranked&rows=51")
    rows = first + [words(item) for item in nodes(nodes(later, "Table")[0], "Tr")][1:]
    values = [float(row.split("%")[0].split(" ")[-1]) for row in rows]
    assert (len(first), len(rows)) == (50, 64)
    assert values == sorted(values)
    east_kent = next(row for row in rows if " RVV " in row)
    assert east_kent.startswith("East Kent RVV ours ")
    told = "64.0% 201.5 315 58.5% to 69.1% similar to England 66.5 short provisional seeded-file.xlsx"
    assert told in east_kent


def test_variation_compares_only_by_what_there_is(page: PageAt) -> None:
    bar = words(nodes(page("/variation"), "Div")[3])
    assert "Trust" in words(page("/variation"))
    assert "Sub-ICB location" not in bar
    assert "CCG" not in bar


def test_a_breakdown_has_no_standard_and_no_verdict(page: PageAt) -> None:
    shown = page("/variation", f"?indicator={TREATED_62}&breakdown=tumour+group%3A+Breast&table=ranked")
    assert title(shown) == "62-day treatment, Breast: our two trusts both have 80.0%"
    text = words(nodes(shown, "Main"))
    assert "There is no standard for this figure." in text
    assert "short" not in text
    assert "85%" not in text


HOSTILE = (
    ("/", "?period=2024-13"),
    ("/", "?period=2024-3"),
    ("/", "?period=0000-01"),
    ("/", "?period=%D9%A2%D9%A0%D9%A2%D9%A4-%D9%A0%D9%A3"),
    ("/", "?period=1999-01"),
    ("/variation", "?indicator=%27%3B+drop+table+observation"),
    ("/variation", "?by=everything"),
    ("/variation", "?peers=nobody"),
    ("/variation", "?dispersion=maybe"),
    ("/variation", "?breakdown=nothing%3A+here"),
    ("/variation", "?period=1999-01"),
    ("/trend", "?organisation=%3Cscript%3E"),
    ("/trend", "?indicator=cancer-62-day"),
    ("/trend", "?to=1999-01"),
    ("/trend", "?to=banana"),
)


@pytest.mark.parametrize(("path", "search"), HOSTILE)
def test_a_wrong_address_is_explained_and_shows_no_number(page: PageAt, path: str, search: str) -> None:
    shown = page(path, search)
    assert title(shown) == "This address asks for something that there is not"
    assert "%" not in words(nodes(shown, "Main")).replace(search, "").split("Nearest")[1]
    links = [item["props"]["href"] for item in nodes(nodes(shown, "Main"), "Link")]
    assert links[-1] == path
    nearest = page(path, links[0].partition("?")[2])
    assert title(nearest) != title(shown)


@pytest.mark.parametrize("search", ["?breakdown=nothing%3A+here", "?nonsense=1", "?%00=%00"])
@pytest.mark.parametrize("path", ["/", "/variation", "/trend"])
def test_other_odd_addresses_still_give_a_page(page: PageAt, path: str, search: str) -> None:
    assert title(page(path, search))


def test_an_organisation_without_figures_is_said(page: PageAt) -> None:
    shown = page("/trend", f"?indicator={FDS}&organisation=91Q")
    assert "no figure for" in title(shown)


def test_an_unknown_page_names_the_pages(page: PageAt) -> None:
    assert title(page("/nowhere")) == "There is no page at this address"


def test_an_empty_store_says_how_to_fill_it(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "empty.sqlite", [])
    shown = page_shown(store, "/")
    assert title(shown) == "No data is loaded yet"
    assert "python -m etl demo" in words(shown)
    store.close()


def test_demonstration_data_is_said_on_every_page(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "demo.sqlite", ordinary_rows(), demonstration=True)
    for path in ("/", "/variation", "/trend", "/nowhere"):
        text = words(page_shown(store, path))
        assert "Every number on this page is invented" in text
        assert "Demonstration data" in text.split("Data version")[1]
    store.close()


def test_real_data_has_no_banner(page: PageAt) -> None:
    assert "invented" not in words(page("/"))
