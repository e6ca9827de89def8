"""Names made to fit their room, and lines counted before they are drawn."""

from __future__ import annotations

import pytest

from stp_dash.charts.lettering import line_count, shortened, text_width


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (200.0, "Dartford, Gravesham and Swanley"),
        (90.0, "Dartford"),
        (30.0, "Da…"),
    ],
)
def test_a_name_too_long_for_its_room_becomes_its_first_place(room: float, shown: str) -> None:
    assert shortened("Dartford, Gravesham and Swanley", room, 12) == shown
    assert text_width(shortened("Maidstone and Tunbridge Wells", room, 12), 12) <= room


def test_lines_are_counted_by_their_width() -> None:
    assert line_count("", 100, 12) == 0
    assert line_count("East Kent", 100, 12) == 1
    assert line_count("East Kent " * 10, 100, 12) == 7
