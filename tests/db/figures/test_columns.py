"""Columns of many organisations' figures hold what the readings of the same rows hold."""

from __future__ import annotations

from db.domain import Basis, OrganisationType, Period
from db.domain.observation import basis_of
from db.figures.code_lists import read_code_lists
from db.figures.columns import observation_columns
from db.store import Store
from tests.support.read_back import readings_between, slice_readings
from tests.support.seed import TREATED_62, ordinary_rows, write_rows

AUGUST, JULY = Period.month(2026, 8), Period.month(2026, 7)


def test_a_slice_in_columns_is_the_slice_in_readings(store: Store) -> None:
    write_rows(store, ordinary_rows())
    with store.reading() as connection:
        found = observation_columns(
            connection,
            read_code_lists(connection),
            indicator_code=TREATED_62,
            at=[AUGUST],
        )
        expected = slice_readings(
            connection, indicator_code=TREATED_62, at=AUGUST, types=list(OrganisationType)
        )
        known = read_code_lists(connection)
    organisations, files = known.organisations, known.files
    rows = {
        organisations[key].code: (numerator, denominator, value, maturity, basis_of(basis), files[file])
        for key, numerator, denominator, value, maturity, basis, file in zip(
            found.organisations.tolist(),
            found.numerators.tolist(),
            found.denominators.tolist(),
            found.values.tolist(),
            found.maturities.tolist(),
            found.bases.tolist(),
            found.files.tolist(),
            strict=True,
        )
    }
    assert rows == {
        item.organisation: (
            item.numerator,
            item.denominator,
            item.value,
            int(item.maturity),
            item.basis,
            item.files[0],
        )
        for item in expected
    }
    assert rows["RVV"][4] is Basis.PROVIDER
    assert len(rows) == 6


def test_a_slice_can_be_of_some_types_and_several_periods(store: Store) -> None:
    write_rows(store, ordinary_rows())
    with store.reading() as connection:
        found = observation_columns(
            connection,
            read_code_lists(connection),
            indicator_code=TREATED_62,
            at=[JULY, AUGUST],
            types=[OrganisationType.TRUST],
        )
        organisations = read_code_lists(connection).organisations
    pairs = {
        (organisations[key].code, at)
        for key, at in zip(found.organisations.tolist(), found.periods.tolist(), strict=True)
    }
    assert pairs == {(code, at.key) for code in ("RVV", "RWF", "RPA", "RN7") for at in (JULY, AUGUST)}


def test_history_is_the_values_of_the_same_periods(store: Store) -> None:
    write_rows(store, ordinary_rows())
    with store.reading() as connection:
        found = observation_columns(
            connection,
            read_code_lists(connection),
            indicator_code=TREATED_62,
            types=[OrganisationType.TRUST],
            at=[JULY, AUGUST],
        )
        expected = readings_between(
            connection,
            indicators=[TREATED_62],
            organisations=["RVV", "RWF", "RPA", "RN7"],
            frequencies=[AUGUST.frequency],
            since=JULY.start,
            until=AUGUST.start,
        )
        organisations = read_code_lists(connection).organisations
    rows = {
        (organisations[key].code, at): (value, size)
        for key, at, value, size in zip(
            *(
                column.tolist()
                for column in (found.organisations, found.periods, found.values, found.denominators)
            ),
            strict=True,
        )
    }
    assert rows == {(item.organisation, item.period.key): (item.value, item.denominator) for item in expected}
    assert len(rows) == 8


def test_nothing_held_gives_empty_columns(store: Store) -> None:
    with store.reading() as connection:
        assert (
            observation_columns(
                connection,
                read_code_lists(connection),
                indicator_code=TREATED_62,
                at=[AUGUST],
            ).values.size
            == 0
        )
        nothing = observation_columns(
            connection,
            read_code_lists(connection),
            indicator_code=TREATED_62,
            types=[OrganisationType.TRUST],
            at=[AUGUST],
        )
        assert nothing.organisations.size == 0
        assert nothing.files.size == 0
