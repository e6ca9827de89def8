"""A file that is a cut of a publication is not summed to areas whose members it lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text as sql

from db.catalogue import load_catalogue
from db.catalogue.former_ccgs import practice_former_ccgs
from db.domain import ENGLAND, Basis, FileState, Organisation, OrganisationType, Parent, Period
from db.settings import Settings
from db.store import Store
from etl.pipeline.members import PartlyHeld, short_findings, shortfalls
from etl.pipeline.roll_up import roll_up
from etl.pipeline.run import load_files
from etl.source import RollUp
from etl.sources.general_practice_workforce import SOURCE
from tests.support.frames import OCTOBER, frame, row
from tests.support.publications.workforce_files import practice, table

CATALOGUE = load_catalogue()
PLACES = practice_former_ccgs()
KENT_CCGS = {"09C", "09E", "09J", "09W", "10A", "10D", "10E", "99J"}
TO_REGION = RollUp(Basis.COMMISSIONER, OrganisationType.ICB, OrganisationType.REGION)
TO_ENGLAND = RollUp(Basis.COMMISSIONER, None, OrganisationType.COUNTRY)
DAY = Period.snapshot(date(2025, 4, 30)).key


def short_of(codes: Sequence[str]) -> set[str]:
    """Those without a sum of a workforce file of some practices."""
    practices = frame(*(row(code, 1, 10, basis="practice", period=DAY) for code in codes))
    named = CATALOGUE.organisations | {
        code: Organisation(
            code,
            code,
            OrganisationType.PRACTICE,
            parents=tuple(Parent(above) for above in above_of(code)),
        )
        for code in codes
    }
    found = shortfalls(practices, SOURCE.roll_ups, named, CATALOGUE, PLACES)
    return {item.parent for item in found}


def above_of(code: str) -> tuple[str, ...]:
    kent = ("91Q", "QKS", "Y59") if PLACES[code] in KENT_CCGS else ("Y58",)
    return (PLACES[code], *kent)


def test_a_file_of_three_in_four_of_all_known_practices_is_englands() -> None:
    assert short_of([code for number, code in enumerate(sorted(PLACES)) if number % 4]) == set()


def test_every_other_practice_is_no_england_and_no_area() -> None:
    short = short_of([code for number, code in enumerate(sorted(PLACES)) if number % 3 == 0])
    assert {ENGLAND, "QKS", "Y59"} <= short


def test_a_file_without_one_region_is_not_england_yet_has_the_areas_it_holds() -> None:
    short = short_of([code for code in PLACES if PLACES[code] not in KENT_CCGS])
    assert ENGLAND in short
    assert "Y58" not in short


def test_all_of_kent_is_kent_and_nothing_above() -> None:
    short = short_of([code for code in PLACES if PLACES[code] in KENT_CCGS])
    assert short == {ENGLAND, "Y59"}


def boards(codes: Sequence[str]) -> pd.DataFrame:
    return frame(*(row(code, 1, 10, basis="commissioner") for code in codes))


def without_sums(codes: Sequence[str], places: Mapping[str, str] | None = None) -> dict[str, PartlyHeld]:
    wanted = (TO_REGION, TO_ENGLAND)
    found = shortfalls(boards(codes), wanted, CATALOGUE.organisations, CATALOGUE, places or {})
    return {item.parent: item for item in found}


def all_boards() -> list[str]:
    day = Period.from_key(OCTOBER).start
    return [
        item.code
        for item in CATALOGUE.organisations.values()
        if item.type is OrganisationType.ICB
        and (item.opened_on is None or item.opened_on <= day)
        and (item.closed_on is None or item.closed_on >= day)
    ]


def test_one_board_missing_takes_the_sums_of_its_region_and_england_only() -> None:
    assert without_sums(all_boards()) == {}
    codes = [code for code in all_boards() if code != "QKS"]
    short = without_sums(codes)
    assert set(short) == {ENGLAND, "Y59"}
    whole = roll_up(boards(codes), (TO_REGION, TO_ENGLAND), CATALOGUE.organisations, list(short.values()))
    summed = set(whole.loc[whole["derived"].astype(bool), "organisation"])
    assert "Y56" in summed
    assert not {ENGLAND, "Y59"} & summed
    (finding,) = short_findings(short.values(), CATALOGUE.organisations)
    assert "no sum for England: 41 of the 42 members" in finding.message
    assert "no sum for South East" in finding.message


def areas_with_figures(store: Store) -> set[str]:
    query = "SELECT DISTINCT organisation_code FROM current_observation WHERE derived = 1"
    with store.reading() as connection:
        return set(connection.execute(sql(query)).scalars())


NAME = "1 General Practice – April 2025 Practice Level - Detailed.csv"


def test_a_file_with_every_column_of_places_is_summed_as_its_publisher_places_it(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / NAME
    path.write_bytes(table(practice("G82049")))
    (result,) = load_files(store, [path], settings, requested_by="a test").results
    assert result.state is FileState.LOADED, result.message
    assert areas_with_figures(store) == {"09C", "91Q", "QKS", "Y59", "ENG"}


@pytest.mark.real_data
def test_a_published_file_cut_to_eight_practices_gives_no_area_a_figure(
    store: Store, settings: Settings, shared_data: Path
) -> None:
    (path,) = (shared_data / "workforce" / "detailed_cut").glob("*.csv")
    (result,) = load_files(store, [path], settings, requested_by="a test").results
    assert result.state is FileState.LOADED, result.message
    assert areas_with_figures(store) == set()
    told = next(item.message for item in result.findings if item.check == "members for a sum")
    assert "no sum for NHS Kent and Medway" in told
    assert "no sum for England: 8 of" in told
