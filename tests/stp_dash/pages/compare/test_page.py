"""Two data versions beside each other: what differs is counted and listed, and what does not is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.domain import Maturity
from db.store import Store, open_store
from tests.support.frames import file, row
from tests.support.releases import put_rows
from tests.support.seed import FDS
from tests.support.site.page_parts import nodes, title, words
from tests.support.site.pages import page_shown, rows_downloaded


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Version 1: 70 of East Kent's 100. 2: 72, and Medway's 50. 3: both final, with the same numbers."""
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('compare')}/store.sqlite")
    provisional, final = Maturity.PROVISIONAL, Maturity.FINAL
    put_rows(store, file("first"), row("RVV", 70, 100, maturity=provisional))
    put_rows(
        store,
        file("second"),
        row("RVV", 72, 100, maturity=provisional),
        row("RPA", 50, 100, maturity=provisional),
    )
    put_rows(store, file("third"), row("RVV", 72, 100, maturity=final), row("RPA", 50, 100, maturity=final))
    yield store
    store.close()


def told(store: Store, search: str) -> str:
    return words(page_shown(store, "/compare", search))


def listed(store: Store, search: str) -> list[tuple[str, str, str, str]]:
    found = rows_downloaded(store, "/compare", f"{search}&sheet=differences")
    return [
        (row["organisation_code"], row["difference"], row["value_before"], row["value_after"])
        for row in found
    ]


def test_the_newest_version_is_beside_the_one_before_it(store: Store) -> None:
    shown = page_shown(store, "/compare", "")
    assert title(shown) == "Data versions 2 and 3: 2 figures differ"
    assert "2 confirmed as final" in words(shown)
    assert "by third." in words(shown)


def test_changed_new_and_unchanged_figures_are_told_apart(store: Store) -> None:
    assert listed(store, "?before=1&after=2") == [
        ("RVV", "changed", "70.0", "72.0"),
        ("RPA", "new", "", "50.0"),
    ]
    assert "Between data versions 1 and 2, 2 figures differ: 1 changed and 1 new." in told(
        store, "?before=1&after=2"
    )


def test_versions_further_apart_are_compared_directly(store: Store) -> None:
    assert listed(store, "?before=1&after=3") == [
        ("RVV", "changed", "70.0", "72.0"),
        ("RPA", "new", "", "50.0"),
    ]


def test_differences_are_counted_by_indicator(store: Store) -> None:
    (counts,) = rows_downloaded(store, "/compare", "?before=1&after=2&sheet=by-indicator")
    assert [counts[f"figures_{kind}"] for kind in ("changed", "gone", "new", "confirmed")] == [
        "1",
        "0",
        "1",
        "0",
    ]


def test_a_menu_shows_the_version_that_is_chosen_however_old_it_is(tmp_path: Path) -> None:
    many = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    for number in range(1, 27):
        put_rows(many, file(f"file {number}"), row("RVV", 50 + number, 100))
    shown = page_shown(many, "/compare", "?before=1&after=26")
    chosen = [item["props"]["children"] for item in nodes(shown, "Option") if item["props"].get("selected")]
    many.close()
    assert "1 changed" in words(shown)
    assert [str(item).partition(",")[0] for item in chosen][:2] == ["1", "26"]


def test_one_organisation_alone(store: Store) -> None:
    assert [item[0] for item in listed(store, "?before=1&after=2&organisation=RPA")] == ["RPA"]


@pytest.mark.parametrize(
    "search", ["?before=9", "?after=0", "?before=3&after=2", "?organisation=QQQ9", "?before=x"]
)
def test_what_there_is_not_is_told(store: Store, search: str) -> None:
    shown = page_shown(store, "/compare", search)
    assert title(shown) == "This address asks for something that there is not"
    assert nodes(shown, "Table") == []


def test_a_store_of_one_version_differs_from_nothing(tmp_path: Path) -> None:
    single = open_store(f"sqlite:///{tmp_path}/store.sqlite")
    put_rows(single, file("first"), row("RVV", 70, 100))
    assert "none of these figures differs" in told(single, "")
    assert FDS in {item.id for item in single.catalogue.indicators.values()}
    single.close()
