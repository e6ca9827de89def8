"""Notes on a chart over time, each true of the series that is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from db.domain import Period
from tests.support.seed import TREATED_31, Row, months, seeded_store
from tests.support.site.page_parts import nodes, words
from tests.support.site.pages import page_shown


def notes(folder: Path, values: Iterable[float | None], first: Period) -> str:
    """The page of a trust with such monthly values of a standard, None where a month is missing."""
    given = list(values)
    rows = [
        Row(TREATED_31, "RVV", period, value * 10, 1_000)
        for period, value in zip(months(first, len(given)), given, strict=True)
        if value is not None
    ]
    store = seeded_store(folder / "notes.sqlite", rows)
    text = words(nodes(page_shown(store, "/trend", f"?indicator={TREATED_31}&organisation=RVV"), "Main"))
    store.close()
    return text


def test_limits_that_restart_after_a_hole_are_told(tmp_path: Path) -> None:
    shown = notes(tmp_path, [90.0, 91.0, *[None] * 13, 92.0, 91.0], Period.month(2024, 1))
    assert (
        "Limits restart 1 April 2025 No figure for 13 months lies before: "
        "limits do not reach across more than a year without one." in shown
    )
    assert "Two months since April 2025 are too few" in shown or "2 values since April 2025" in shown


def test_a_hole_of_a_year_restarts_nothing(tmp_path: Path) -> None:
    assert "Limits restart" not in notes(
        tmp_path, [90.0, 91.0, *[None] * 12, 92.0, 91.0], Period.month(2023, 1)
    )
