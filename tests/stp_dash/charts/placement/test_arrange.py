"""Names are placed where they cover nothing and belong to one mark alone; words of a column do not touch."""

from __future__ import annotations

import pytest

from stp_dash.charts.placement.arrange import MarkName, arrange, column
from stp_dash.charts.placement.ground import Ground
from stp_dash.charts.placement.spots import NamedMark, along_line, extent


def mark(share: float, y: float) -> NamedMark:
    return NamedMark(share, y, 7, y - 7, y + 7)


def test_a_name_alone_stands_beside_its_mark_and_at_an_edge_on_the_inner_side() -> None:
    for share, beside in ((0.5, 0.0), (0.99, 1.0)):
        ground = Ground(300, 600, 200)
        ground.marks(share, 100.0, 7, 0)
        found = arrange(ground, [MarkName((extent(("East Kent",)),), mark(share, 100.0), 0)])
        assert (found.wrong, found.spots[0].beside, found.spots[0].led) == (0, beside, False)


def test_a_name_hemmed_in_by_dots_is_led_to_its_mark() -> None:
    ground = Ground(300, 300, 200)
    ground.marks(0.5, 100.0, 7, 0)
    for around in ((-20, 0), (20, 0), (0, -18), (0, 18), (-16, -14), (16, -14), (-16, 14), (16, 14)):
        ground.marks(0.5 + around[0] / 300, 100.0 + around[1], 3)
    found = arrange(ground, [MarkName((extent(("East Kent",)),), mark(0.5, 100.0), 0)])
    assert found.wrong == 0
    assert found.spots[0].led


def test_a_long_name_folds_where_one_line_has_no_room() -> None:
    ground = Ground(120, 120, 200)
    ground.marks(0.5, 100.0, 7, 0)
    forms = (extent(("Maidstone and Tunbridge Wells",)), extent(("Maidstone and", "Tunbridge Wells")))
    found = arrange(ground, [MarkName(forms, mark(0.5, 100.0), 0)])
    assert (found.wrong, found.forms) == (0, (1,))


def test_a_name_that_fits_nowhere_is_said_to_be_wrong() -> None:
    ground = Ground(60, 60, 40)
    ground.marks(0.5, 20.0, 7, 0)
    found = arrange(ground, [MarkName((extent(("Maidstone and Tunbridge Wells",)),), mark(0.5, 20.0), 0)])
    assert found.wrong == 1


def test_words_of_a_line_stand_over_it_unless_marks_are_there() -> None:
    ground = Ground(300, 300, 200)
    ground.line((0, 1), (100, 100))
    size = extent(("England 73.1%",))
    spots = along_line(100.0)
    assert ground.best(spots, size)[1][:2] == (0.0, 100.0)
    ground.marks([0.05, 0.1, 0.2], [92.0, 92.0, 108.0], 4)
    assert ground.best(spots, size)[1].share == 1.0


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ([], []),
        ([5.0], [5.0]),
        ([1.0, 9.0], [1.0, 9.0]),
        ([5.0, 5.0], [4.5, 5.5]),
        ([5.0, 5.2, 5.4], [4.2, 5.2, 6.2]),
        ([9.8, 10.0], [9.0, 10.0]),
        ([0.0, 0.1], [0.0, 1.0]),
    ],
)
def test_words_of_a_column_move_as_little_as_can_be(wanted: list[float], found: list[float]) -> None:
    assert column(wanted, 1.0, 0.0, 10.0) == pytest.approx(found)
