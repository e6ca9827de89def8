"""Code lists, and who belongs to whom."""

from __future__ import annotations

from datetime import date

from db.domain import OrganisationType, Period
from db.domain.reading import Selection
from db.figures.code_lists import members_of, parents_of, read_code_lists
from db.figures.observations import readings
from db.store import Store
from tests.support.seed import (
    GPS,
    OURS,
    staffing_rows,
    stroke_rows,
    write_rows,
)

AUGUST = Period.month(2026, 8)


BREAST = "tumour group: Breast"


DAY = Period.snapshot(date(2026, 8, 31))


TRUSTS = ("RVV", "RWF", "RPA", "RN7")


def test_members_are_what_belongs_to_the_areas_organisations(seeded: Store) -> None:
    write_rows(seeded, [*stroke_rows(), *staffing_rows()])
    with seeded.reading() as connection:
        known = read_code_lists(connection)
        teams = members_of(connection, known, parents=OURS, types=[OrganisationType.STROKE_TEAM])
        practices = members_of(connection, known, parents=["QKS", "91Q"], types=[OrganisationType.PRACTICE])
        none = members_of(connection, known, parents=["RVV"], types=[OrganisationType.PRACTICE])
    assert [item.code for item in teams] == ["S148", "SPMEKQ", "S196"]
    assert [item.code for item in practices] == ["G82001"]
    assert none == ()


def test_organisations_are_named_by_code(seeded: Store) -> None:
    write_rows(seeded, stroke_rows())
    with seeded.reading() as connection:
        known = read_code_lists(connection)
    assert known.organisation("nowhere") is None
    found = known.organisation("S148")
    assert found is not None
    assert found.name == "Darent Valley Hospital"
    assert found.type is OrganisationType.STROKE_TEAM


def test_an_areas_practices_are_its_members(filled: Store) -> None:
    with filled.reading() as connection:
        known = read_code_lists(connection)
        practices = members_of(connection, known, parents=["91Q"], types=[OrganisationType.PRACTICE])
        found = readings(
            connection, known, [Selection((GPS,), tuple(item.code for item in practices), (DAY,))]
        )
        assert [item.code for item in practices] == ["G82001"]
        assert [item.code for item in parents_of(connection, known, ["G82001"])["G82001"]] == ["91Q"]
    assert [(item.organisation, item.numerator, item.denominator) for item in found] == [
        ("G82001", 3.1, 9000.0)
    ]
