"""What happened to the whole health service: every day with a published source, and nothing that is wrong."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from db.catalogue import load_catalogue
from db.catalogue.errors import CatalogueError
from db.catalogue.national_events import NATIONAL_EVENTS, national_events, read_national_events
from db.domain import StandardKind

FOLDER = Path(__file__).resolve().parents[3] / "db" / "catalogue"


def sources() -> set[str]:
    return {item.source_id for item in load_catalogue().indicators.values()}


def test_the_events_are_of_sources_that_there_are_and_each_day_has_an_address() -> None:
    found = read_national_events(FOLDER, sources())
    assert found == national_events()
    pandemic, lockdown, strikes = found
    assert (pandemic.first, lockdown.first) == (date(2020, 3, 11), date(2020, 3, 23))
    assert (strikes.first, strikes.last) == (date(2022, 12, 15), date(2024, 7, 1))
    days = sum((day.last - day.on).days + 1 for day in strikes.days if day.who == "Junior doctors")
    assert days == 3 + 4 + 3 + 5 + 4 + 3 + 3 + 6 + 5 + 5
    assert strikes.concerns("cancer_waiting_times")
    assert not strikes.concerns("general_practice_workforce")
    assert pandemic.concerns("general_practice_workforce")


def test_no_change_of_a_standard_is_said_twice() -> None:
    known = load_catalogue().indicators.values()
    kept = {StandardKind.OPERATIONAL_STANDARD, StandardKind.INTERIM_AMBITION}
    changes = {level.effective_from for item in known for level in item.standards if level.kind in kept}
    assert not [event.id for event in national_events() if event.first in changes]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('id = "first-lockdown"', 'id = "pandemic-declared"', "pandemic-declared: wanted one of each id"),
        ('"diagnostics"', '"diagnosis"', "sources: wanted a known source, found diagnosis"),
        ("until = 2023-01-19", "until = 2023-01-17", "wanted a day after 2023-01-18"),
        ('"https://covid19', '"http://covid19', r"events\.0\.days\.0\.addresses\.0"),
        ("on = 2020-03-11", 'on = "March"', r"events\.0\.days\.0\.on"),
    ],
)
def test_a_wrong_event_is_refused_by_its_name(tmp_path: Path, old: str, new: str, words: str) -> None:
    text = (FOLDER / NATIONAL_EVENTS).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / NATIONAL_EVENTS).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=words):
        read_national_events(tmp_path, sources())
