"""The characteristics by which organisations are likened name indicators that there are."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.catalogue import load_catalogue
from db.catalogue.alike.characteristics import CHARACTERISTICS_FILE, characteristics_of, read_characteristics
from db.catalogue.errors import CatalogueError
from db.domain import OrganisationType

FOLDER = Path(__file__).resolve().parents[4] / "db" / "catalogue" / "alike"


def test_every_characteristic_is_of_indicators_of_its_kind() -> None:
    indicators = load_catalogue().indicators
    for item in read_characteristics(FOLDER, indicators):
        for code in (*item.indicators, *item.share_of):
            assert item.kind in indicators[code].organisation_types, (item.id, code)


def test_what_no_publication_of_ours_has_is_named() -> None:
    lacking = [item.id for item in characteristics_of(OrganisationType.ICB) if not item.indicators]
    assert lacking == ["deprivation"]


@pytest.mark.parametrize(
    ("found", "put", "told"),
    [
        ('id = "deprivation"', 'id = "registered-patients"', "wanted each id once, found it twice"),
        ("gp-fully-qualified-fte-rate", "gp-nothing", "wanted indicators of the catalogue, found gp-nothing"),
        ('kind = "ICB"', 'kind = "planet"', r"characteristics\.0\.kind"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(tmp_path: Path, found: str, put: str, told: str) -> None:
    written = (FOLDER / CHARACTERISTICS_FILE).read_text("utf-8").replace(found, put, 1)
    (tmp_path / CHARACTERISTICS_FILE).write_text(written, "utf-8")
    with pytest.raises(CatalogueError, match=told):
        read_characteristics(tmp_path, load_catalogue().indicators)
