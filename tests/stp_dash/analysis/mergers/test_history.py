"""An indicator as of an organisation whose boundary moved."""

from __future__ import annotations

from datetime import date

from db.catalogue import boundary_moves, load_catalogue
from db.catalogue.places.short_names import short_names
from stp_dash.analysis.mergers.history import AreaHistory, moved_words, of_providers_only, with_boundary_moves

CATALOGUE = load_catalogue()
INDICATOR = CATALOGUE.indicators["gp-all-fte-rate"]


def history(code: str) -> AreaHistory:
    return AreaHistory(moves=boundary_moves(CATALOGUE, code), names=short_names())


def test_figures_part_on_the_day_on_which_a_part_came() -> None:
    breaks = with_boundary_moves(INDICATOR, history("QRL")).breaks
    assert [item.on for item in breaks] == sorted([*(item.on for item in INDICATOR.breaks), date(2026, 4, 1)])
    assert breaks[-1].reason == "A part of Frimley went to Hampshire and Isle of Wight."


def test_sums_of_providers_do_not_ask_where_patients_live() -> None:
    known = CATALOGUE.indicators
    assert of_providers_only(known["discharge-remaining-daily-average"])
    assert of_providers_only(known["stroke-thrombolysed"])
    for indicator in (
        "cancer-62-day-combined",
        "rtt-waiting-list",
        "gp-all-fte-rate",
        "smoking-prevalence-adults",
    ):
        assert not of_providers_only(known[indicator])


def test_nothing_parts_where_only_codes_changed() -> None:
    assert with_boundary_moves(INDICATOR, history("QKS")) is INDICATOR


def test_a_division_names_all_who_took_a_part() -> None:
    parts = [
        item
        for item in CATALOGUE.successions
        if item.predecessor == "QNQ" and item.effective_on == date(2026, 4, 1)
    ]
    assert moved_words(history("QNQ"), parts) == (
        "Frimley was divided among Hampshire and Isle of Wight, Thames Valley, and Surrey and Sussex"
    )
