"""The queries of pages, against a slow and plain reading of the documented view."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from db.domain import ENGLAND, Basis, Frequency, Maturity, OrganisationType, Period
from db.domain.reading import Reading
from db.figures.code_lists import members_of, read_code_lists
from db.figures.data_version import data_version
from db.figures.holdings import (
    breakdowns_with,
    latest_periods,
    organisations_with,
    periods_by_type,
    periods_with,
)
from db.store import Store
from tests.support.read_back import readings_between, slice_readings
from tests.support.seed import (
    FDS,
    OURS,
    TREATED_62,
    WITHIN_60,
    Row,
    ordinary_rows,
    other_trusts,
    seeded_store,
    staffing_rows,
    stroke_rows,
    write_rows,
)

AUGUST = Period.month(2026, 8)
BREAST = "tumour group: Breast"


def rows() -> list[Row]:
    return [
        *ordinary_rows(),
        *other_trusts(30, AUGUST),
        Row(TREATED_62, "RVV", AUGUST, 4, 5, breakdown=BREAST),
        Row(TREATED_62, "RVV", Period.quarter(2026, 4), 30, 50),
        Row(FDS, "RVV", Period.month(2023, 3), None, None, missing_reason="No figure submitted"),
    ]


@pytest.fixture
def store(store: Store) -> Store:
    """A store of each database with known rows."""
    write_rows(store, rows())
    return store


def plain(store: Store) -> list[dict[str, Any]]:
    """Every row of the view for people and tools."""
    with store.reading() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM current_observation")).mappings()]


def comparable(item: Reading) -> tuple[Any, ...]:
    return (
        item.indicator,
        item.organisation,
        item.period.start.isoformat(),
        item.breakdown,
        item.numerator,
        item.denominator,
        item.value,
        item.files[0].name,
    )


def from_view(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["indicator"],
        row["organisation_code"],
        str(row["period_start"]),
        row["breakdown"],
        row["numerator"],
        row["denominator"],
        row["value"],
        row["source_file"],
    )


def test_readings_are_those_of_the_view(store: Store) -> None:
    with store.reading() as connection:
        found = readings_between(
            connection,
            indicators=[FDS, TREATED_62],
            organisations=["QKS", "RVV", ENGLAND],
            frequencies=[Frequency.MONTH],
            since=date(2025, 1, 1),
            until=date(2026, 8, 31),
        )
    wanted = [
        from_view(row)
        for row in plain(store)
        if row["indicator"] in (FDS, TREATED_62)
        and row["organisation_code"] in ("QKS", "RVV", ENGLAND)
        and row["breakdown"] == "all"
        and "2025-01-01" <= str(row["period_start"]) <= "2026-08-31"
        and str(row["period_end"])[:7] == str(row["period_start"])[:7]
    ]
    assert len(found) == 2 * 3 * 20
    assert sorted(map(comparable, found)) == sorted(wanted)


def test_readings_come_with_status_basis_and_file(store: Store) -> None:
    with store.reading() as connection:
        (found,) = readings_between(
            connection, indicators=[FDS], organisations=["QKS"], frequencies=[Frequency.MONTH],
            since=AUGUST.start, until=AUGUST.end,
        )  # fmt: skip
    assert (found.numerator, found.denominator) == (6541, 9224)
    assert found.value == pytest.approx(70.9128, abs=1e-4)
    assert found.basis is Basis.COMMISSIONER
    assert found.maturity is Maturity.PROVISIONAL
    assert found.files[0].published_on == date(2026, 10, 8)
    assert found.demonstration is False


def test_a_missing_value_keeps_its_reason(store: Store) -> None:
    with store.reading() as connection:
        (found,) = readings_between(
            connection, indicators=[FDS], organisations=["RVV"], frequencies=[Frequency.MONTH],
            since=date(2023, 3, 1), until=date(2023, 3, 31),
        )  # fmt: skip
    assert found.value is None
    assert found.missing_reason == "No figure submitted"


def test_readings_of_one_frequency_leave_others_out(store: Store) -> None:
    with store.reading() as connection:
        found = readings_between(
            connection, indicators=[TREATED_62], organisations=["RVV"], frequencies=[Frequency.QUARTER],
            since=date(2020, 1, 1), until=date(2026, 12, 31),
        )  # fmt: skip
    assert [item.period for item in found] == [Period.quarter(2026, 4)]


def test_nothing_is_asked_for_nothing(store: Store) -> None:
    with store.reading() as connection:
        assert readings_between(
            connection, indicators=[], organisations=["QKS"], frequencies=[Frequency.MONTH],
            since=date.min, until=date.max,
        ) == ()  # fmt: skip


def test_slice_is_every_organisation_of_the_type(store: Store) -> None:
    with store.reading() as connection:
        found = slice_readings(
            connection, indicator_code=TREATED_62, at=AUGUST, types=[OrganisationType.TRUST]
        )
    wanted = [
        from_view(row)
        for row in plain(store)
        if row["indicator"] == TREATED_62
        and row["organisation_type"] == "trust"
        and row["breakdown"] == "all"
        and str(row["period_start"]) == "2026-08-01"
        and str(row["period_end"]) == "2026-08-31"
    ]
    assert len(found) == 34
    assert sorted(map(comparable, found)) == sorted(wanted)


def test_periods_are_newest_first_and_of_the_organisations_asked(store: Store) -> None:
    with store.reading() as connection:
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


def test_breakdowns_and_organisations_with_figures(store: Store) -> None:
    with store.reading() as connection:
        assert breakdowns_with(connection, indicator_code=TREATED_62, at=AUGUST) == ("all", BREAST)
        assert breakdowns_with(connection, indicator_code=TREATED_62, organisation_code="RPA") == ("all",)
        assert breakdowns_with(connection, indicator_code=TREATED_62) == ("all", BREAST)
        found = organisations_with(connection, indicator_code=FDS, types=[OrganisationType.TRUST])
    assert {item.code for item in found} == set(OURS)


def test_latest_periods_and_version(store: Store) -> None:
    with store.reading() as connection:
        latest = {
            (item.indicator, item.organisation_type): item.period
            for item in latest_periods(connection)
            if item.period.frequency is Frequency.MONTH
        }
        version = data_version(connection)
    assert latest[FDS, OrganisationType.ICB] == AUGUST
    assert latest[TREATED_62, OrganisationType.TRUST] == AUGUST
    assert (version.number, version.loaded_on, version.demonstration) == (1, date(2026, 10, 8), False)


def test_an_empty_store_has_no_version(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "empty.sqlite", [])
    with store.reading() as connection:
        assert data_version(connection).number == 0
    store.close()


def test_no_query_walks_the_observations(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "plans.sqlite", rows())
    asked: list[tuple[str, Any]] = []
    event.listen(
        store.engine,
        "before_cursor_execute",
        lambda _c, _k, statement, parameters, _x, _m: asked.append((statement, parameters)),
    )
    with store.reading() as connection:
        readings_between(
            connection, indicators=[FDS], organisations=["QKS"], frequencies=[Frequency.MONTH],
            since=date(2025, 1, 1), until=AUGUST.end,
        )  # fmt: skip
        slice_readings(connection, indicator_code=FDS, at=AUGUST, types=[OrganisationType.TRUST])
        periods_with(connection, indicators=[FDS], organisations=["QKS"])
        periods_by_type(connection, indicator_code=FDS, types=[OrganisationType.TRUST])
        breakdowns_with(connection, indicator_code=FDS, organisation_code="QKS")
        breakdowns_with(connection, indicator_code=FDS, at=AUGUST)
        breakdowns_with(connection, indicator_code=FDS)
        organisations_with(connection, indicator_code=FDS, types=[OrganisationType.TRUST])
        plans = [
            row[3]
            for statement, parameters in [item for item in asked if "observation" in item[0]]
            for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + statement, parameters)
        ]
    touched = [plan for plan in plans if "observation" in plan]
    assert len(touched) == 9
    assert all(plan.startswith("SEARCH observation") for plan in touched)
    by_series = "USING COVERING INDEX ix_observation_organisation (organisation_id=? AND indicator_id=?)"
    assert [plan for plan in touched if "breakdown_id=?" not in plan and by_series not in plan] == []
    store.close()


def test_quarters_and_four_month_periods_are_read_together(store: Store) -> None:
    write_rows(store, stroke_rows())
    four = Period.of_months(2016, 4, Frequency.FOUR_MONTHS)
    write_rows(store, [Row(WITHIN_60, "RVV", four, 9, 12, basis=Basis.TEAM)], demonstration=True)
    with store.reading() as connection:
        found = readings_between(
            connection, indicators=[WITHIN_60], organisations=["RVV"],
            frequencies=[Frequency.QUARTER, Frequency.FOUR_MONTHS], since=date.min, until=date.max,
        )  # fmt: skip
    assert found[0].period == four
    assert len(found) == 10
    assert found[-1].period == Period.quarter(2026, 4)


def test_members_are_what_belongs_to_the_areas_organisations(store: Store) -> None:
    write_rows(store, [*stroke_rows(), *staffing_rows()])
    with store.reading() as connection:
        known = read_code_lists(connection)
        teams = members_of(connection, known, parents=OURS, types=[OrganisationType.STROKE_TEAM])
        practices = members_of(connection, known, parents=["QKS", "91Q"], types=[OrganisationType.PRACTICE])
        none = members_of(connection, known, parents=["RVV"], types=[OrganisationType.PRACTICE])
    assert [item.code for item in teams] == ["S148", "SPMEKQ", "S196"]
    assert [item.code for item in practices] == ["G82001"]
    assert none == ()


def test_organisations_are_named_by_code(store: Store) -> None:
    write_rows(store, stroke_rows())
    with store.reading() as connection:
        known = read_code_lists(connection)
    assert known.organisation("nowhere") is None
    found = known.organisation("S148")
    assert found is not None
    assert found.name == "Darent Valley Hospital"
    assert found.type is OrganisationType.STROKE_TEAM


def test_a_store_knows_whether_only_some_numbers_are_invented(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "mixed.sqlite", stroke_rows(), demonstration=True)
    with store.reading() as connection:
        before = data_version(connection)
    write_rows(store, ordinary_rows())
    with store.reading() as connection:
        after = data_version(connection)
    assert (before.demonstration, before.mixed) == (True, False)
    assert (after.demonstration, after.mixed) == (True, True)
    store.close()
