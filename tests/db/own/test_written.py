"""Definitions as people write them: what they leave out, and what is refused with the field's name."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from db.catalogue import CatalogueError, load_catalogue
from db.domain import Frequency
from db.own.written import read_written
from tests.support.own.measures import falls, incidents, unit

STANDARD = {"comparator": "<=", "value": 6, "effective_from": date(2026, 4, 1)}


def test_what_follows_from_the_kind_need_not_be_written() -> None:
    assert (incidents().unit, incidents().frequency) == ("days", Frequency.DAY)
    share = falls(kind="proportion", unit="%", multiplier=100).measure
    assert share.worked_out(3, 4) == 75


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": "zebra-falls"}, "id"),
        ({"numerator_label": ""}, "numerator_label"),
        ({"unit": ""}, "unit"),
        ({"kind": "score", "total": "sum"}, "total"),
        ({"frequency": "two years"}, "frequency"),
        ({"review_due_on": date(2025, 1, 1)}, "review_due_on"),
        ({"units": [unit("zebra-a"), unit("zebra-a")]}, "each code once"),
        ({"units": [unit("zebra-a", part_of="zebra-b"), unit("zebra-b", part_of="zebra-a")]}, "part_of"),
        ({"units": [unit("zebra-a", part_of="zebra-c")]}, "part_of"),
        ({"units": [unit("zebra-a", opened_on=date(2026, 1, 1), closed_on=date(2025, 1, 1))]}, "closed_on"),
        ({"standards": [STANDARD | {"comparator": ">="}]}, "standards.0.comparator"),
        ({"standards": [STANDARD | {"unit": "zebra-z"}]}, "standards.0.unit"),
        ({"standards": [STANDARD, STANDARD]}, "one local target on a day"),
        ({"visibility": {"audience": "the press"}}, "audience"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(changed: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        falls(**changed)


def test_events_are_never_public() -> None:
    with pytest.raises(ValidationError, match="days between events, found public"):
        type(incidents()).model_validate(incidents().model_dump() | {"visibility": {"audience": "public"}})


def test_a_file_names_itself_its_field_and_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "local-zebra.toml"
    path.write_text('id = "local-zebra"\n')
    with pytest.raises(CatalogueError, match=r"local-zebra.toml: name: Field required"):
        read_written(path, load_catalogue())
    path.write_text("id = \n")
    with pytest.raises(CatalogueError, match="cannot be read as TOML"):
        read_written(path, load_catalogue())


@pytest.mark.real_data
def test_the_examples_definitions_are_read(shared_data: Path) -> None:
    catalogue = load_catalogue()
    paths = sorted((shared_data / "own_measures" / "definitions").glob("*.toml"))
    assert [read_written(path, catalogue).id for path in paths] == [path.stem for path in paths]
