"""What the store holds, by keys alone, on both databases."""

from __future__ import annotations

from datetime import date

from db.domain import ALL, Frequency, OrganisationType, Period
from db.figures.code_lists import read_code_lists
from db.figures.data_version import data_version
from db.figures.holdings import (
    breakdowns_with,
    holdings,
    latest_periods,
    newest_by_breakdown,
    organisations_with,
    periods_by_type,
    periods_with,
)
from db.store import Store
from tests.support.frames import SIXTY_TWO
from tests.support.seed import (
    FDS,
    OURS,
    TREATED_62,
)

AUGUST = Period.month(2026, 8)


BREAST = "tumour group: Breast"


DAY = Period.snapshot(date(2026, 8, 31))


TRUSTS = ("RVV", "RWF", "RPA", "RN7")


def test_periods_are_newest_first_and_of_the_organisations_asked(seeded: Store) -> None:
    with seeded.reading() as connection:
        medway = periods_with(connection, indicators=[TREATED_62], organisations=["RPA"])
        types = periods_by_type(
            connection, indicator_code=TREATED_62, types=[OrganisationType.TRUST, OrganisationType.CCG]
        )
    assert medway[0] == AUGUST
    assert len(medway) == 40
    assert Period.month(2025, 6) not in medway
    assert list(types) == [OrganisationType.TRUST]
    assert types[OrganisationType.TRUST][0] == AUGUST
    assert len(types[OrganisationType.TRUST]) == 42


def test_breakdowns_and_organisations_with_figures(seeded: Store) -> None:
    with seeded.reading() as connection:
        assert breakdowns_with(connection, indicator_code=TREATED_62, at=AUGUST) == ("all", BREAST)
        assert breakdowns_with(connection, indicator_code=TREATED_62, organisation_code="RPA") == ("all",)
        assert breakdowns_with(connection, indicator_code=TREATED_62) == ("all", BREAST)
        found = organisations_with(connection, indicator_code=FDS, types=[OrganisationType.TRUST])
    assert {item.code for item in found} == set(OURS)


def test_latest_periods_and_version(seeded: Store) -> None:
    with seeded.reading() as connection:
        latest = {
            (item.indicator, item.organisation_type): item.period
            for item in latest_periods(connection)
            if item.period.frequency is Frequency.MONTH
        }
        version = data_version(connection)
    assert latest[FDS, OrganisationType.ICB] == AUGUST
    assert latest[TREATED_62, OrganisationType.TRUST] == AUGUST
    assert (version.number, version.loaded_on, version.demonstration) == (1, date(2026, 10, 8), False)


def test_what_is_held_is_what_other_pages_find(filled: Store) -> None:
    with filled.reading() as connection:
        held = holdings(connection, read_code_lists(connection), ["RPA"])
        expected = periods_with(connection, indicators=[FDS], organisations=["RPA"])
        cuts = newest_by_breakdown(connection, read_code_lists(connection), ["RPA"])
        nothing = holdings(connection, read_code_lists(connection), ["RXY"])
    assert held.periods[FDS] == expected == (Period.month(2026, 7),)
    assert cuts[SIXTY_TWO] == {ALL: Period.month(2026, 7), BREAST: Period.month(2026, 7)}
    assert nothing.periods == {}
