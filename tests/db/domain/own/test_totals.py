"""Totals of units, figures as others see them, and the target in force."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from db.catalogue import load_catalogue
from db.domain.own.figures import FigureKey, OwnFigure
from db.domain.own.measures import LocalTarget, target_on
from db.domain.own.totals import for_others, with_totals
from db.domain.period import Period
from db.own.written import read_written
from tests.support.own.measures import checked, falls, lines, month, unit

SEPTEMBER = Period.month(2026, 9)


def of(figures: Iterable[OwnFigure]) -> dict[FigureKey, OwnFigure]:
    return {item.key: item for item in figures}


def whole(unit_code: str = "") -> FigureKey:
    return FigureKey("local-zebra-falls", "RVV", unit_code, SEPTEMBER)


def test_an_organisation_is_the_sum_of_its_units_counts() -> None:
    rows = [month("zebra-a", "2026-09", 3, 700), month("zebra-b", "2026-09", 6, 1100)]
    total = with_totals(falls().measure, of(checked(lines(*rows)).figures))[whole()]
    assert (total.numerator, total.denominator) == (9, 1800)
    assert total.value == pytest.approx(5)


def test_a_unit_without_a_figure_leaves_the_whole_without_one_unless_it_does_not_apply() -> None:
    measure, first = falls().measure, month("zebra-a", "2026-09", 3, 700)
    assert (
        with_totals(measure, of(checked(lines(first)).figures))[whole()].missing_reason
        == "no figure of zebra-b"
    )
    for reason, value in (("lost", None), ("not applicable", pytest.approx(3000 / 700))):
        rows = [first, month("zebra-b", "2026-09", "", "", "", "", reason, "")]
        assert with_totals(measure, of(checked(lines(*rows)).figures))[whole()].value == value
    closed = falls(units=[unit("zebra-a"), unit("zebra-b", closed_on=date(2026, 8, 31))]).measure
    assert with_totals(closed, of(checked(lines(first)).figures))[whole()].value == pytest.approx(3000 / 700)
    given = falls(total="given").measure
    assert whole() not in with_totals(given, of(checked(lines(first)).figures))


def test_units_of_units_add_up_from_below() -> None:
    units = [unit("site", type="site"), unit("zebra-a", part_of="site"), unit("zebra-b", part_of="site")]
    measure = falls(units=units).measure
    rows = [month("zebra-a", "2026-09", 3, 700), month("zebra-b", "2026-09", 6, 1100)]
    found = with_totals(measure, of(checked(lines(*rows), measure).figures))
    assert [found[key].numerator for key in (whole("site"), whole())] == [9, 9]


@pytest.mark.parametrize(
    ("counts", "seen"),
    [
        ((0, 700), (0, 700, 0)),
        ((7, 700), (None, None, None)),
        ((8, 700), (10, 700, 14)),
        ((12, 7), (None, None, None)),
        ((13, 1712), (15, 1710, 9)),
    ],
)
def test_others_see_no_small_count_and_every_other_rounded(
    counts: tuple[int, int], seen: tuple[float | None, ...]
) -> None:
    figure = OwnFigure(whole("zebra-a"), *counts, 1.0, False, "", "a note", 2)
    (shown,) = for_others(falls().measure, [figure])
    assert (shown.numerator, shown.denominator, shown.value) == seen
    assert shown.note == ""
    assert (shown.missing_reason == "fewer than 8") == (seen[0] is None)


def test_a_score_is_shown_to_others_only_with_answers_enough() -> None:
    measure = falls(kind="score", total="given", unit="out of 10").measure
    for answers, value in ((None, None), (7, None), (8, 6.5)):
        figure = OwnFigure(whole("zebra-a"), None, answers, 6.5, False, "", "", 2)
        assert for_others(measure, [figure])[0].value == value


def test_the_target_in_force_is_the_nearest_and_the_newest() -> None:
    def target(value: float, first: date, unit_code: str = "", last: date | None = None) -> LocalTarget:
        return LocalTarget(">=", value, first, last, unit=unit_code)

    targets = [
        target(80, date(2026, 4, 1), last=date(2026, 8, 31)),
        target(85, date(2026, 9, 1)),
        target(78, date(2026, 4, 1), "site-2"),
    ]
    found = [target_on(targets, "RVV", "site-1", Period.week(date(2026, 8, 31)).start)]
    found += [target_on(targets, "RVV", "site-1", Period.week(date(2026, 9, 7)).start)]
    found += [target_on(targets, "RVV", "site-2", date(2026, 9, 7))]
    assert [item.value if item else None for item in found] == [80, 85, 78]
    assert target_on(targets, "RVV", "site-1", date(2026, 3, 31)) is None


@pytest.mark.real_data
def test_the_examples_totals_and_public_view_are_as_wanted(shared_data: Path) -> None:
    folder = shared_data / "own_measures"
    wanted = json.loads((folder / "expected.json").read_text())["files"]["good-1-ward-falls.csv"]
    measure = read_written(folder / "definitions" / "local-inpatient-falls.toml", load_catalogue()).measure
    content = (folder / "good-1-ward-falls.csv").read_bytes()
    figures = with_totals(measure, of(checked(content, measure).figures))
    public = of(for_others(measure, figures.values()))
    (total,) = wanted["organisation_total"]
    key = FigureKey(measure.id, "RVV", "", Period.month(2026, 10))
    assert [figures[key].numerator, figures[key].denominator] == [total["numerator"], total["denominator"]]
    assert round(figures[key].value or 0, 4) == total["value"]
    withheld, shown = wanted["public_view"]
    hidden = public[FigureKey(measure.id, "RVV", withheld["unit"], Period.month(2025, 5))]
    assert (hidden.numerator, hidden.value) == (None, None)
    assert [public[key].numerator, public[key].denominator, public[key].value] == [
        shown["numerator"],
        shown["denominator"],
        shown["value"],
    ]
