"""Notes on a chart over time, each true of the series that is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from db.domain import Basis, Period
from tests.support.seed import TREATED_31, Row, months, seeded_store
from tests.support.site.page_parts import nodes, words
from tests.support.site.pages import page_shown


def notes(folder: Path, values: Iterable[float | None], first: Period) -> str:
    """The page of a trust with such monthly values of a standard, None where a month is missing."""
    given = list(values)
    folder.mkdir(exist_ok=True)
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


def test_a_month_that_dips_every_year_is_told_with_its_figures_and_not_as_an_excuse(tmp_path: Path) -> None:
    values = [90.0 + (place * 7) % 5 for place in range(36)]
    for place, dip in ((5, 81.0), (17, 82.0), (29, 80.0)):
        values[place] = dip
    shown = notes(tmp_path, values, Period.month(2023, 10))
    assert (
        "Time of year March was lower than the three months before and after it in 2024 (81.0%), 2025 (82.0%) and "
        "2026 (80.0%). Limits, signals and the standard make no allowance for the time of year." in shown
    )
    values[17] = 93.0
    assert "Time of year March" not in notes(tmp_path / "other", values, Period.month(2023, 10))


def area_notes(folder: Path, area: Iterable[int], trust: Iterable[int]) -> str:
    """The area's page, with its figures and a trust's in some months from April 2025 on, counted from 0."""
    span = months(Period.month(2025, 4), 12)
    rows = [Row(TREATED_31, "QKS", span[place], 900, 1_000, basis=Basis.COMMISSIONER) for place in area]
    rows += [Row(TREATED_31, "RVV", span[place], 400, 500) for place in trust]
    store = seeded_store(folder / "area.sqlite", rows)
    shown = page_shown(store, "/trend", f"?indicator={TREATED_31}&organisation=QKS")
    store.close()
    links = [item["props"]["href"] for item in nodes(shown, "Link") if "Its trusts in" in words(item)]
    return " ".join([words(nodes(shown, "Main")), *links])


def test_an_area_says_in_which_months_only_its_trusts_have_figures(tmp_path: Path) -> None:
    shown = area_notes(tmp_path, (2, 5), range(8))
    assert (
        "Kent and Medway has no figure in four months in which its trusts have one, to November 2025. Trusts count "
        "the patients whom they treat, wherever those live, so their figures are not drawn as the area's."
        in shown
    )
    assert f"/variation?indicator={TREATED_31}&by=trust&period=2025-11" in shown


def test_one_month_between_two_is_said_as_one(tmp_path: Path) -> None:
    shown = area_notes(tmp_path, (2, 4), range(5))
    assert "Kent and Medway has no figure in one month in which its trusts have one. Trusts count" in shown


def test_an_area_with_every_month_of_its_trusts_says_nothing(tmp_path: Path) -> None:
    assert "Its trusts' figures" not in area_notes(tmp_path, range(5), range(5))


def test_lines_through_the_mergers_of_april_2026(tmp_path: Path) -> None:
    """What is joined, what is parted, what begins, what ended and what lacks a part, each with its sentence."""
    before, after = months(Period.month(2024, 4), 24), months(Period.month(2026, 4), 8)
    rows = [
        Row(TREATED_31, code, month, 900 + place % 5, 1_000, basis=Basis.COMMISSIONER)
        for codes, span in (
            (("QMJ", "QRV", "QNX", "QXU", "QNQ", "QRL"), before),
            (("Z9B2Z", "S9B9J", "QRL"), after),
        )
        for code in codes
        for place, month in enumerate(span)
        if (code, month) != ("QMJ", before[-1])
    ]
    store = seeded_store(tmp_path / "mergers.sqlite", rows)
    shown = {
        code: words(
            nodes(page_shown(store, "/trend", f"?indicator={TREATED_31}&organisation={code}"), "Main")
        )
        for code in ("Z9B2Z", "QRL", "S9B9J", "QNX", "QNQ")
    }
    store.close()
    joined = (
        "Figures to February 2026 are for North Central London (QMJ) and North West London (QRV) together."
    )
    assert joined in shown["Z9B2Z"]
    assert "No sum is made for March 2026: North Central London has no figure." in shown["Z9B2Z"]
    assert "Series restarts" not in shown["Z9B2Z"]
    assert "Limits from 31 values" in shown["Z9B2Z"]
    parted = "Series restarts 1 April 2026 A part of Frimley went to Hampshire and Isle of Wight."
    assert parted in shown["QRL"]
    assert "Where figures begin Frimley was divided among" in shown["S9B9J"]
    assert "Sussex is part of Surrey and Sussex since 1 April 2026." in shown["QNX"]
    assert "Frimley was divided among Hampshire and Isle of Wight, Thames Valley, and" in shown["QNQ"]
