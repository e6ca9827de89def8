"""Sums written at load time conserve counts and never hide a missing member."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.domain import ENGLAND, Basis, Maturity, Organisation, OrganisationType, Parent
from etl.pipeline.members import PartlyHeld
from etl.pipeline.roll_up import NOBODY_COUNTED, roll_up, without_partial_sums
from etl.source import RollUp
from tests.support.frames import NOVEMBER, OCTOBER, frame, row

BOARD, REGION, TRUST = OrganisationType.ICB, OrganisationType.REGION, OrganisationType.TRUST
ORGANISATIONS = {
    item.code: item
    for item in (
        Organisation("ENG", "England", OrganisationType.COUNTRY),
        Organisation("Y59", "South East", REGION),
        Organisation("Y56", "London", REGION),
        Organisation("QKS", "Kent and Medway", BOARD, parents=(Parent("Y59"),)),
        Organisation(
            "QNX",
            "Sussex",
            BOARD,
            parents=(Parent("Y59", None, date(2023, 10, 31)), Parent("Y56", date(2023, 11, 1))),
        ),
        Organisation("RVV", "East Kent", TRUST),
    )
}
TO_REGION = RollUp(Basis.COMMISSIONER, BOARD, REGION)
TO_ENGLAND = RollUp(Basis.COMMISSIONER, None, OrganisationType.COUNTRY)


def board(
    code: str,
    numerator: float | None,
    denominator: float | None,
    *,
    period: int = OCTOBER,
    maturity: Maturity = Maturity.FINAL,
    missing_reason: str = "",
) -> dict[str, object]:
    return row(
        code,
        numerator,
        denominator,
        basis="commissioner",
        period=period,
        maturity=maturity,
        missing_reason=missing_reason,
    )


def sums(table: pd.DataFrame, *wanted: RollUp) -> dict[tuple[str, int], tuple[float, float]]:
    whole = roll_up(table, wanted, ORGANISATIONS)
    added = whole[whole["derived"].astype(bool)]
    places = zip(added["organisation"], added["period"], strict=True)
    return dict(zip(places, zip(added["numerator"], added["denominator"], strict=True), strict=True))


def test_a_member_counts_for_its_parent_on_the_day() -> None:
    table = frame(
        board("QKS", 7, 10),
        board("QNX", 2, 5),
        board("QKS", 1, 2, period=NOVEMBER),
        board("QNX", 3, 4, period=NOVEMBER),
    )
    assert sums(table, TO_REGION) == {
        ("Y59", OCTOBER): (9, 15),
        ("Y59", NOVEMBER): (1, 2),
        ("Y56", NOVEMBER): (3, 4),
    }


def test_england_is_summed_only_where_the_file_has_none() -> None:
    table = frame(
        board("QKS", 7, 10),
        row(ENGLAND, 8, 11, basis="national"),
        board("QKS", 1, 2, period=NOVEMBER),
    )
    assert sums(table, TO_ENGLAND) == {(ENGLAND, NOVEMBER): (1, 2)}


def test_a_missing_member_leaves_its_parent_without_a_total() -> None:
    table = frame(board("QKS", 7, 10), board("QNX", None, None, missing_reason="not submitted"))
    assert sums(table, TO_REGION) == {}
    skipping = RollUp(Basis.COMMISSIONER, BOARD, REGION, skip_missing=True)
    assert sums(table, skipping) == {("Y59", OCTOBER): (7, 10)}


def test_a_total_of_nobody_is_missing_with_its_reason() -> None:
    whole = roll_up(frame(board("QKS", 0, 0, missing_reason="none")), [TO_REGION], ORGANISATIONS)
    assert whole.iloc[-1]["missing_reason"] == NOBODY_COUNTED


def test_a_sum_is_as_settled_as_its_least_settled_member() -> None:
    table = frame(board("QKS", 7, 10), board("QNX", 2, 5, maturity=Maturity.PROVISIONAL))
    whole = roll_up(table, [TO_REGION], ORGANISATIONS)
    assert whole.iloc[-1]["maturity"] == Maturity.PROVISIONAL


def test_other_bases_and_unknown_codes_are_left_alone() -> None:
    table = frame(row("RVV", 4, 6), board("ZZZ", 1, 1))
    assert sums(table, TO_REGION) == {}
    assert sums(table, TO_ENGLAND) == {(ENGLAND, OCTOBER): (1, 1)}


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), min_size=1, max_size=8))
def test_counts_are_conserved(counts: list[tuple[int, int]]) -> None:
    table = frame(
        *(board(f"X{n}", part, part + rest, missing_reason="none") for n, (part, rest) in enumerate(counts))
    )
    total = sums(table, TO_ENGLAND)[ENGLAND, OCTOBER]
    assert total == pytest.approx(
        (sum(part for part, _ in counts), sum(part + rest for part, rest in counts))
    )


def test_a_sources_own_sums_stand_only_where_it_holds_the_members() -> None:
    table = frame(
        board("QKS", 8, 10), board("QNX", 1, 10), board("Y59", 9, 20), board("Y59", 9, 20, period=NOVEMBER)
    )
    summed = table.assign(derived=table["organisation"] == "Y59")
    by_source = replace(TO_REGION, by_source=True)
    assert len(roll_up(summed, [by_source], ORGANISATIONS)) == len(summed)
    short = [PartlyHeld(Basis.COMMISSIONER, "Y59", OCTOBER, 2, 6)]
    kept = without_partial_sums(summed, short)
    assert kept[["organisation", "period"]].to_numpy().tolist() == [
        ["QKS", OCTOBER],
        ["QNX", OCTOBER],
        ["Y59", NOVEMBER],
    ]
    assert len(without_partial_sums(summed, [])) == 4
    assert len(without_partial_sums(table, short)) == 4
