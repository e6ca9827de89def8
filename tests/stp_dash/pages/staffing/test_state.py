"""What the parts of an area are called on the staffing page."""

from __future__ import annotations

import pytest

from db.catalogue import load_catalogue
from db.catalogue.areas import derive_area
from stp_dash.pages.staffing.state import parts_words


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("QKS", ("CCG area", "CCG areas")),
        ("QHL", ("sub-ICB location", "sub-ICB locations")),
        ("D7T5G", ("sub-ICB location", "sub-ICB locations")),
        ("S9B9J", ("CCG area", "CCG areas")),
    ],
)
def test_an_area_whose_ccgs_go_on_has_sub_icb_locations(code: str, words: tuple[str, str]) -> None:
    area = derive_area(load_catalogue(), code)
    assert area is not None
    assert parts_words(area, "ccg") == words
    assert parts_words(area, "practice") == ("practice", "practices")
