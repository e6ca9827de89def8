"""What an indicator file may say of indicators shown together, and what is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from db.catalogue import INDICATORS, CatalogueError, load_catalogue
from db.catalogue.indicator_files import read_indicators

WITHIN = "stroke-thrombolysis-within-60-minutes.toml"
GPS = "gp-fully-qualified-fte-rate.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path in INDICATORS.glob("*.toml"):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path


def change(folder: Path, name: str, before: str, after: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert before in text
    (folder / name).write_text(text.replace(before, after, 1), encoding="utf-8")


def test_the_shipped_files_say_what_stands_beside_what() -> None:
    known = load_catalogue().indicators
    assert {key: item.shown_beside for key, item in known.items() if item.shown_beside} == {
        "stroke-thrombolysis-within-60-minutes": ("stroke-eligible-thrombolysed",)
    }
    rolling = {key for key, item in known.items() if item.rolling_periods == 4}
    assert rolling == {"stroke-thrombolysis-within-60-minutes", "stroke-eligible-thrombolysed"}
    topics = sorted({(item.topic_order, item.topic) for item in known.values()})
    assert [topic for _, topic in topics] == [
        "Stroke",
        "Planned care",
        "Diagnostics",
        "Leaving hospital",
        "Delayed transfers of care",
        "Cancer",
        "Avoidable admissions",
        "Public health",
        "GP and nurse staffing",
        "NHS oversight",
        "Population",
    ]


@pytest.mark.parametrize("other", ["nothing-of-the-kind", "stroke-thrombolysis-within-60-minutes"])
def test_an_indicator_beside_must_be_another_of_the_catalogue(folder: Path, other: str) -> None:
    change(folder, WITHIN, '["stroke-eligible-thrombolysed"]', f'["{other}"]')
    with pytest.raises(CatalogueError, match=f"{WITHIN}: shown_beside.*{other}"):
        read_indicators(folder)


def test_one_period_is_no_sum(folder: Path) -> None:
    change(folder, WITHIN, "rolling_periods = 4", "rolling_periods = 1")
    with pytest.raises(CatalogueError, match="rolling_periods"):
        read_indicators(folder)


def test_snapshots_are_not_added_up(folder: Path) -> None:
    change(folder, GPS, "valid_from = 2015-09-30", "valid_from = 2015-09-30\nrolling_periods = 4")
    with pytest.raises(CatalogueError, match="rolling_periods: wanted none"):
        read_indicators(folder)


def test_a_topic_has_one_place(folder: Path) -> None:
    change(folder, GPS, "topic_order = 90", "topic_order = 5")
    with pytest.raises(
        CatalogueError, match="topic_order: wanted one number for all of GP and nurse staffing"
    ):
        read_indicators(folder)


@pytest.mark.parametrize(
    "other", ["nothing-of-the-kind", "gp-all-fte-rate", "gp-qualified-permanent-fte-rate"]
)
def test_a_definition_is_of_a_main_one(folder: Path, other: str) -> None:
    """Neither of nothing, nor of itself, nor of one that is itself another's."""
    change(folder, "gp-all-fte-rate.toml", '"gp-fully-qualified-fte-rate"', f'"{other}"')
    with pytest.raises(CatalogueError, match=f"gp-all-fte-rate.toml: definition_of.*{other}"):
        read_indicators(folder)
