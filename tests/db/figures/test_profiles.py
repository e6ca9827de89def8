"""What a profile reads, on both databases, against the readings that every page has."""

from __future__ import annotations

from datetime import date

import pytest

from db.domain import ALL, Frequency, OrganisationType, Period
from db.domain.reading import AsOf, Reading, Selection, Slice
from db.figures.code_lists import members_of, parents_of, read_code_lists
from db.figures.holdings import holdings, periods_with
from db.figures.observations import readings, slice_figures
from db.loading.load import load_frame
from db.store import Store
from tests.support.frames import FDS, NOVEMBER, OCTOBER, SIXTY_TWO, file, frame, row
from tests.support.read_back import readings_between, slice_readings
from tests.support.seed import GPS, Row, write_rows

DAY = Period.snapshot(date(2026, 8, 31))
BREAST = "tumour group: Breast"
TRUSTS = ("RVV", "RWF", "RPA", "RN7")


@pytest.fixture
def filled(store: Store) -> Store:
    """Two months of two indicators of four trusts and England, one by tumour group, and two practices."""
    rows = [
        Row(code, trust, Period.month(2026, month), 10.0 * place + month, 60.0 + month, cut)
        for code, cuts in ((FDS, (ALL,)), (SIXTY_TWO, (ALL, BREAST)))
        for cut in cuts
        for month in (7, 8)
        for place, trust in enumerate((*TRUSTS, "ENG"), 1)
        if not (trust == "RPA" and month == 8)
    ]
    rows += [Row(GPS, "G82001", DAY, 3.1, 9000.0), Row(GPS, "A81001", DAY, None, None, missing_reason="NA")]
    write_rows(store, rows)
    return store


def ordered(found: tuple[Reading, ...]) -> list[Reading]:
    return sorted(found, key=lambda r: (r.indicator, r.organisation, r.breakdown, r.period))


def plain(store: Store, code: str, trusts: tuple[str, ...], cut: str) -> tuple[Reading, ...]:
    with store.reading() as connection:
        return readings_between(
            connection, indicators=[code], organisations=trusts, frequencies=[Frequency.MONTH],
            since=date(2026, 1, 1), until=date(2026, 12, 31), breakdown_key=cut,
        )  # fmt: skip


def test_several_sets_of_keys_give_the_readings_of_each(filled: Store) -> None:
    months = (Period.month(2026, 8), Period.month(2026, 7), Period.month(2020, 1))
    wanted = [
        Selection((FDS,), ("RVV", "RPA"), months),
        Selection((SIXTY_TWO,), ("RVV",), months, (ALL, BREAST, "tumour group: nothing")),
        Selection(("no-such-indicator",), ("RVV",), months),
        Selection((FDS,), ("???",), months),
        Selection((FDS,), ("RVV",), ()),
    ]
    with filled.reading() as connection:
        found = readings(connection, read_code_lists(connection), wanted)
        assert readings(connection, read_code_lists(connection), wanted[2:]) == ()
    expected = [
        *plain(filled, FDS, ("RVV", "RPA"), ALL),
        *plain(filled, SIXTY_TWO, ("RVV",), ALL),
        *plain(filled, SIXTY_TWO, ("RVV",), BREAST),
    ]
    assert len(found) == 7
    assert ordered(found) == ordered(tuple(expected))


def test_a_slice_is_every_organisation_with_the_nation_named(filled: Store) -> None:
    july = Slice(SIXTY_TWO, Period.month(2026, 7), BREAST)
    august = Slice(FDS, Period.month(2026, 8))
    nothing = Slice(FDS, Period.month(2019, 1))
    with filled.reading() as connection:
        found = slice_figures(connection, read_code_lists(connection), [july, august, nothing], ["ENG"])
        for cut in (july, august):
            whole = slice_readings(
                connection, indicator_code=cut.indicator, at=cut.period, types=list(OrganisationType),
                breakdown_key=cut.breakdown,
            )  # fmt: skip
            every, named = found[cut]
            expected = [
                (r.organisation, r.organisation_type, r.numerator, r.denominator, r.value) for r in whole
            ]
            assert sorted(every) == sorted(expected)
            assert named == tuple(r for r in whole if r.organisation == "ENG")
            kind = OrganisationType.TRUST
            few, same = slice_figures(connection, read_code_lists(connection), [cut], ["ENG"], kinds=[kind])[
                cut
            ]
            assert sorted(few) == [item for item in sorted(every) if item[1] is kind or item[0] == "ENG"]
            assert same == named
            everyone = slice_figures(
                connection, read_code_lists(connection), [cut], [], kinds=[kind, OrganisationType.PRACTICE]
            )
            assert sorted(everyone[cut][0]) == sorted(every)
    assert found[nothing] == ((), ())
    assert len(found[july][0]) == 5
    assert len(found[august][0]) == 4


def test_what_is_held_is_what_other_pages_find(filled: Store) -> None:
    with filled.reading() as connection:
        held = holdings(connection, read_code_lists(connection), ["RPA"])
        expected = periods_with(connection, indicators=[FDS], organisations=["RPA"])
        nothing = holdings(connection, read_code_lists(connection), ["RXY"])
    assert held.periods[FDS] == expected == (Period.month(2026, 7),)
    assert held.breakdowns[SIXTY_TWO] == {ALL: Period.month(2026, 7), BREAST: Period.month(2026, 7)}
    assert (nothing.periods, nothing.breakdowns) == ({}, {})


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


def test_as_of_another_time_is_as_every_page_reads_it(store: Store) -> None:
    releases = (
        (date(2025, 12, 11), [row("RVV", 60, 100, period=OCTOBER), row("RVV", 50, 100, period=NOVEMBER)]),
        (date(2026, 1, 8), [row("RVV", 62, 100, period=OCTOBER), row("RVV", 50, 100, period=NOVEMBER)]),
    )
    for place, (day, rows) in enumerate(releases):
        with store.writing() as connection:
            load_frame(
                connection,
                frame(*rows),
                file(f"release-{place}.csv", published_on=day),
                catalogue=store.catalogue,
            )
    october, november = Period.from_key(OCTOBER), Period.from_key(NOVEMBER)
    wanted = [Selection((FDS,), ("RVV",), (october, november))]
    seen = [
        AsOf(published_by=date(2025, 12, 31)),
        AsOf(published_by=date(2026, 2, 1)),
        AsOf(version=1),
        AsOf(version=2),
    ]
    with store.reading() as connection:
        for then in seen:
            expected = readings_between(
                connection, indicators=[FDS], organisations=["RVV"], frequencies=[Frequency.MONTH],
                since=date(2023, 1, 1), until=date(2026, 12, 31), as_of=then,
            )  # fmt: skip
            found = readings(connection, read_code_lists(connection), wanted, then)
            assert ordered(found) == list(expected)
            every, _ = slice_figures(
                connection, read_code_lists(connection), [Slice(FDS, october)], [], then
            )[Slice(FDS, october)]
            assert [item[2] for item in every] == [r.numerator for r in expected if r.period == october]
    values = {r.numerator for r in found}
    assert values == {62.0, 50.0}
