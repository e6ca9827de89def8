"""Short names: every sub-ICB location by its own place, none twice, none too long, and faults told by line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from db.catalogue import FOLDER, CatalogueError, load_catalogue
from db.catalogue.organisation_files import ORGANISATION_COLUMNS
from db.catalogue.short_names import SHORT_NAMES, read_short_names, short_names
from db.domain import OrganisationType


def test_every_sub_icb_location_of_today_has_a_name_of_its_own() -> None:
    known = load_catalogue().organisations
    today = {
        code
        for code, item in known.items()
        if item.type is OrganisationType.SUB_ICB_LOCATION and item.closed_on is None
    }
    assert len(today) == 106
    assert set(short_names()) == today
    assert len(set(short_names().values())) == 106
    assert max(map(len, short_names().values())) <= 28


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("10Q", "Oxfordshire"),
        ("15A", "Berkshire West"),
        ("14Y", "Buckinghamshire"),
        ("70F", "West Sussex"),
        ("91Q", "Kent and Medway"),
    ],
)
def test_a_location_is_named_by_its_place(code: str, name: str) -> None:
    assert short_names()[code] == name


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("70F,A name of more than twenty-eight letters", "line 108, name: wanted at most 28 letters"),
        ("10R,West Sussex", "line 108, name: wanted each name once"),
        ("ZZZ,Nowhere", "line 108, code: wanted a code of organisations.csv"),
    ],
)
def test_a_wrong_row_is_refused_by_file_and_line(tmp_path: Path, extra: str, message: str) -> None:
    for name in (*ORGANISATION_COLUMNS, SHORT_NAMES):
        shutil.copy(FOLDER / name, tmp_path / name)
    with (tmp_path / SHORT_NAMES).open("a") as file:
        file.write(f"{extra}\n")
    with pytest.raises(CatalogueError, match=f"^short_names.csv, {message}"):
        read_short_names(tmp_path)
