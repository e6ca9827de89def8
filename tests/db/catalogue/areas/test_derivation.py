"""An area is made of what belongs to its code in the catalogue: boards of today and closed, regions, England, lists."""

from __future__ import annotations

from datetime import date

import pytest

from db.catalogue import load_catalogue
from db.catalogue.areas import AREA_TYPES, area_of_members, derive_area
from db.domain import Area, OrganisationType
from db.domain.organisation import AreaKind

CATALOGUE = load_catalogue()
EVERY = [code for code, item in CATALOGUE.organisations.items() if item.type in AREA_TYPES]


def area(code: str) -> Area:
    found = derive_area(CATALOGUE, code)
    assert found is not None
    return found


def test_kent_and_medway_is_what_its_settings_listed() -> None:
    assert area("QKS") == Area(
        code="QKS",
        name="Kent and Medway",
        commissioner="QKS",
        trusts=("RVV", "RWF", "RPA", "RN7"),
        other_trusts=("RXY", "RYY", "RYD"),
        sub_icb_locations=("91Q",),
        ccgs=("09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J"),
        upper_tier_authorities=("E10000016", "E06000035"),
        kind=AreaKind.BOARD,
        boards=("QKS",),
    )


def test_a_closed_board_has_what_was_its_own_on_its_last_day() -> None:
    sussex, merged = area("QNX"), area("S9B9J")
    assert (sussex.name, sussex.closed_on) == ("Sussex", date(2026, 3, 31))
    assert sussex.trusts == ("RYR", "RXC", "RPC")
    assert sussex.other_trusts == ("RDR", "RX2", "RYD")
    assert sussex.sub_icb_locations == ("09D", "70F", "97R")
    assert sussex.ccgs == ("09D", "09F", "09G", "09H", "09P", "09X", "99K")
    assert merged.closed_on is None
    assert {*sussex.trusts, *area("QXU").trusts} <= {*merged.trusts}
    assert {*merged.ccgs} >= {*sussex.ccgs}


def test_a_board_whose_councils_are_shared_has_none() -> None:
    assert area("QF7").upper_tier_authorities == ("E08000016", "E08000017", "E08000018", "E08000019")
    assert area("QWO").upper_tier_authorities == ()


@pytest.mark.parametrize("code", EVERY)
def test_every_area_has_trusts_places_and_boards_of_their_kinds(code: str) -> None:
    found, known = area(code), CATALOGUE.organisations
    assert found.trusts
    assert found.other_trusts
    assert found.boards
    assert not {*found.trusts} & {*found.other_trusts}
    for codes, kind in (
        ((*found.trusts, *found.other_trusts), OrganisationType.TRUST),
        (found.sub_icb_locations, OrganisationType.SUB_ICB_LOCATION),
        (found.upper_tier_authorities, OrganisationType.UPPER_TIER_AUTHORITY),
        (found.boards, OrganisationType.ICB),
    ):
        assert {known[item].type for item in codes} <= {kind}
        assert len(set(codes)) == len(codes)
    day = found.closed_on or date.max
    assert all((known[item].closed_on or date.max) >= day for item in found.trusts)


def test_boards_of_a_day_share_no_place_and_no_acute_trust_and_make_up_england() -> None:
    england = area("ENG")
    assert len(england.boards) == 36
    for day, count in ((date.max, 36), (date(2026, 3, 31), 42)):
        boards = [
            area(code)
            for code in EVERY
            if area(code).kind is AreaKind.BOARD
            and (CATALOGUE.organisations[code].opened_on or date.min) <= day
            and (area(code).closed_on or date.max) >= day
        ]
        assert len(boards) == count
        for parts in ([item.sub_icb_locations for item in boards], [item.trusts for item in boards]):
            every = [code for codes in parts for code in codes]
            assert len(every) == len(set(every))
    regions = [area(code) for code in EVERY if area(code).kind is AreaKind.REGION]
    assert {code for item in regions for code in item.trusts} == set(england.trusts)


def test_former_ccgs_are_those_of_march_2020_and_of_one_board_of_a_time() -> None:
    """Each was a CCG on the day before the mergers of April 2020, under its own code or the one it has still."""
    known, holders = CATALOGUE.organisations, dict[tuple[str, date], list[str]]()
    for found in map(area, EVERY):
        for item in (known[ccg] for ccg in found.ccgs):
            assert item.type is OrganisationType.CCG or item.code in found.sub_icb_locations
            assert item.opened_on is None or item.opened_on <= date(2020, 3, 31)
            assert item.closed_on is None or item.closed_on >= date(2020, 3, 31)
            if found.kind is AreaKind.BOARD:
                holders.setdefault((item.code, found.closed_on or date.max), []).append(found.code)
    assert {len(boards) for boards in holders.values()} == {1}


def test_a_divided_place_gives_its_ccgs_to_the_part_that_has_them_whole() -> None:
    assert [("15D" in area(code).ccgs, "10C" in area(code).ccgs, "99M" in area(code).ccgs)
            for code in ("QNQ", "S0E4D", "S9B9J", "QRL", "QXU")] == [
        (True, True, True), (True, False, False), (False, True, False), (False, False, False), (False, False, False)
    ]  # fmt: skip
    assert area("QHL").ccgs == () != area("QUA").ccgs


def test_a_list_has_its_trusts_by_kind_and_what_belongs_to_its_boards() -> None:
    found = area_of_members(CATALOGUE, "two", "Two trusts and Sussex", ["RXY", "RN7", "RVV", "QNX"])
    assert (found.code, found.commissioner, found.kind) == ("two", "two", AreaKind.LIST)
    assert {*found.trusts} == {"RVV", "RYR", "RXC", "RPC", "RN7"}
    assert found.other_trusts == ("RDR", "RX2", "RXY", "RYD")
    assert found.ccgs == area("QNX").ccgs


def test_the_figures_of_a_list_of_one_are_its_own() -> None:
    for member in ("RVV", "99J", "QKS"):
        found = area_of_members(CATALOGUE, "one", "One alone", [member, "X9", member])
        assert (found.code, found.commissioner) == ("one", member)


def test_what_is_no_area_has_none() -> None:
    assert [derive_area(CATALOGUE, code) for code in ("RVV", "91Q", "qks", "", "XYZ")] == [None] * 5
