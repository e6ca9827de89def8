"""Every page of every area over ten years of England: none fails, none takes long, and memory stays as it was."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

from db.catalogue import load_catalogue
from db.catalogue.areas import AREA_TYPES
from db.store import open_store
from stp_dash.elements.links import COMPARE, PACK
from stp_dash.pages import PAGES
from tests.bench.measuring import memory_megabytes, note
from tests.bench.test_pages import Reader

PART = "areas, ten years of England"
PATHS = [*(page.path for page in PAGES if page.needs_data and page.in_navigation), COMPARE, PACK]
AREAS = [code for code, item in load_catalogue().organisations.items() if item.type in AREA_TYPES]
TIMES, GROWTH_MB = 5, 60
"""An overview takes at most so many times that of Kent and Medway; a second walk through all leaves at most so much."""


@pytest.fixture(scope="module")
def reader(national: Path) -> Reader:
    return Reader(open_store(f"sqlite:///{national}"))


def test_all_pages_of_all_areas_are_made_and_leave_nothing_behind(reader: Reader) -> None:
    sizes = []
    for _ in range(3):
        for code in AREAS:
            for path in PATHS:
                reader.make(f"{path}?area={code}")
        gc.collect()
        sizes.append(memory_megabytes())
    pages = len(AREAS) * len(PATHS)
    note(PART, f"memory after {pages:,} pages", sizes[0], "MB")
    more = note(PART, f"more after {2 * pages:,} others", sizes[2] - sizes[0], "MB", most=GROWTH_MB)
    assert more.met


def test_the_overview_of_each_area_is_made_about_as_fast_as_our_own(reader: Reader) -> None:
    def quickest(code: str) -> float:
        return min(reader.make(f"/?area={code}")[0] for _ in range(3))

    own = quickest("QKS")
    slowest = max(AREAS, key=quickest)
    note(PART, "overview of Kent and Medway", own, "ms")
    assert note(PART, f"the slowest overview ({slowest}) beside it", quickest(slowest) / own, most=TIMES).met
