"""Every board of the day has figures in the demonstration of England, before and after the mergers of April 2026."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest

from db.catalogue import load_catalogue
from db.domain import OrganisationType, Period
from etl.demo.diagnostics.lists import DiagnosticLists
from etl.demo.diagnostics.publisher import diagnostics_extract
from etl.demo.general_practice_workforce.staff import Surgeries
from etl.demo.pairs import pair_on, provider_pairs
from etl.demo.publication import SEED
from etl.demo.referral_to_treatment.pathways import WaitingLists
from etl.demo.referral_to_treatment.publisher import full_extract
from etl.demo.trusts import is_open

CATALOGUE = load_catalogue()
MONTHS = [Period.month(2025, 9), Period.month(2026, 3), Period.month(2026, 4), Period.month(2026, 9)]


def open_on(day: date, kind: OrganisationType) -> set[str]:
    every = CATALOGUE.organisations.values()
    return {item.code for item in every if item.type is kind and is_open(item, day)}


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_returns_of_providers_are_under_the_boards_and_locations_of_their_month(month: Period) -> None:
    now = list(provider_pairs(CATALOGUE.organisations, MONTHS[-1].start, None))
    then = [pair_on(CATALOGUE.organisations, pair, month.start) for pair in now]
    boards = open_on(month.start, OrganisationType.ICB)
    assert len(boards) == (42 if month < MONTHS[2] else 36)
    assert {pair.commissioner_parent for pair in then} - {""} == boards
    assert {pair.provider_parent for pair in then} == boards
    locations = open_on(month.start, OrganisationType.SUB_ICB_LOCATION)
    assert locations <= {pair.commissioner for pair in then}
    assert [pair.share for pair in then] == [pair.share for pair in now]
    if month == MONTHS[-1]:
        assert then == now


def test_an_extract_names_the_boards_of_its_month() -> None:
    boards_now = frozenset({"QKS", "S9B9J", "S0E4D"})
    tests = DiagnosticLists(CATALOGUE.organisations, MONTHS[-1], SEED, boards_now)
    waiting = WaitingLists(CATALOGUE.organisations, MONTHS[-1], SEED, boards_now)
    for month, boards in (
        (MONTHS[1], {"QKS", "QNQ", "QNX", "QXU", "QU9"}),
        (MONTHS[2], {"QKS", "S9B9J", "S0E4D"}),
    ):
        for extract, none in (
            (diagnostics_extract(tests, month), set()),
            (full_extract(waiting, month), {""}),
        ):
            rows = csv.reader(io.StringIO(extract, newline=""))
            heading = next(rows)
            place = [label.casefold() for label in heading].index("commissioner parent org code")
            assert {row[place] for row in rows} == boards | none


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_practices_are_placed_in_every_location_of_their_day(month: Period) -> None:
    places = Surgeries(CATALOGUE, MONTHS[-1], SEED).snapshot(month).places
    assert {item.commissioner for item in places} == open_on(month.end, OrganisationType.SUB_ICB_LOCATION)
    assert {item.board for item in places} == open_on(month.end, OrganisationType.ICB)
    assert all(item.region for item in places)
