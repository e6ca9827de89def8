"""What became of an organisation, by the dates of the organisation and of its successions."""

from __future__ import annotations

from datetime import date

from db.catalogue import load_catalogue
from stp_dash.pages.organisation.status import status_of

CATALOGUE = load_catalogue()


def told(code: str, day: date = date(2026, 11, 29)) -> tuple[str, ...]:
    return status_of(
        CATALOGUE, code, CATALOGUE.organisations.get(code), {"QKS": "Kent and Medway"}, day
    ).sentences


def test_a_location_that_is_still_open_did_not_carry_on_as_its_icb() -> None:
    assert told("91Q") == (
        "Since 1 July 2022 Kent and Medway (QKS) commissions in its place; "
        "it is still open, as a location within that ICB.",
    )
    assert told("91Q", date(2021, 1, 1)) == ()


def test_what_closed_merged_into_what_came_after_it() -> None:
    closed, merged = told("09C")[:2]
    assert closed.startswith("Closed on ")
    assert merged == "On 1 April 2020 it merged into 91Q (91Q)."


def test_no_open_organisation_is_said_to_have_merged_or_carried_on() -> None:
    open_ones = [code for code, item in CATALOGUE.organisations.items() if item.closed_on is None]
    said = [sentence for code in open_ones for sentence in told(code)]
    assert said
    assert not [item for item in said if " it merged into " in item or " it carried on as " in item]
