"""The ONS's codes of areas: each is one organisation, and every area that is drawn has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.catalogue import CatalogueError, load_catalogue
from db.catalogue.places.ons_codes import ONS_CODES, codes_by_ons_code, read_ons_codes
from db.catalogue.places.tiles import tile_layouts


def test_areas_of_layouts_have_codes_at_the_ons() -> None:
    known = set(codes_by_ons_code().values())
    for layout in tile_layouts().values():
        assert set(layout) - known <= {"U2G6B"}  # made in April 2026; no file with its area is in hand
    assert codes_by_ons_code()["E54000032"] == "QKS"
    assert codes_by_ons_code()["E38000237"] == "91Q"
    assert codes_by_ons_code()["E38000184"] == "10E"


def test_boards_codes_and_areas_codes_are_not_mixed_up() -> None:
    types = {code: item.type.value for code, item in load_catalogue().organisations.items()}
    for ons_code, code in codes_by_ons_code().items():
        assert (ons_code[:3] == "E54") == (types[code] == "ICB")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("E38000237,91Q\nE38000237,91Q", "line 3, ons_code: wanted"),
        ("91Q,91Q", "line 2, ons_code: wanted"),
        ("E38000237,ZZZ", "line 2, code: wanted"),
    ],
)
def test_a_wrong_row_is_refused_by_file_and_line(tmp_path: Path, rows: str, message: str) -> None:
    (tmp_path / ONS_CODES).write_text(f"ons_code,code\n{rows}\n")
    with pytest.raises(CatalogueError, match=f"^ons_codes.csv, {message}"):
        read_ons_codes(tmp_path)
