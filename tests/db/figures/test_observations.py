"""Observations as readings, on both databases, against a slow and plain reading of the documented view."""

from __future__ import annotations

from datetime import date
from math import isnan
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from db.domain import ALL, ENGLAND, Basis, Frequency, Maturity, OrganisationType, Period
from db.domain.columns import Columns
from db.domain.holdings import CodeLists
from db.domain.reading import AsOf, Reading, Selection, Slice
from db.figures.code_lists import read_code_lists
from db.figures.holdings import (
    breakdowns_with,
    organisations_with,
    periods_by_type,
    periods_with,
)
from db.figures.observations import readings, slice_figures
from db.loading.load import load_frame
from db.store import Store
from tests.support.frames import NOVEMBER, OCTOBER, SIXTY_TWO, file, frame, row
from tests.support.read_back import readings_between, rows_of_all_kinds, slice_readings
from tests.support.seed import (
    FDS,
    TREATED_62,
    WITHIN_60,
    Row,
    seeded_store,
    stroke_rows,
    write_rows,
)

AUGUST = Period.month(2026, 8)


BREAST = "tumour group: Breast"


DAY = Period.snapshot(date(2026, 8, 31))


TRUSTS = ("RVV", "RWF", "RPA", "RN7")


def the_view(store: Store) -> list[dict[str, Any]]:
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


def ordered(found: tuple[Reading, ...]) -> list[Reading]:
    return sorted(found, key=lambda r: (r.indicator, r.organisation, r.breakdown, r.period))


def plain(store: Store, code: str, trusts: tuple[str, ...], cut: str) -> tuple[Reading, ...]:
    with store.reading() as connection:
        return readings_between(
            connection, indicators=[code], organisations=trusts, frequencies=[Frequency.MONTH],
            since=date(2026, 1, 1), until=date(2026, 12, 31), breakdown_key=cut,
        )  # fmt: skip


def test_readings_are_those_of_the_view(seeded: Store) -> None:
    with seeded.reading() as connection:
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
        for row in the_view(seeded)
        if row["indicator"] in (FDS, TREATED_62)
        and row["organisation_code"] in ("QKS", "RVV", ENGLAND)
        and row["breakdown"] == "all"
        and "2025-01-01" <= str(row["period_start"]) <= "2026-08-31"
        and str(row["period_end"])[:7] == str(row["period_start"])[:7]
    ]
    assert len(found) == 2 * 3 * 20
    assert sorted(map(comparable, found)) == sorted(wanted)


def test_readings_come_with_status_basis_and_file(seeded: Store) -> None:
    with seeded.reading() as connection:
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


def test_a_missing_value_keeps_its_reason(seeded: Store) -> None:
    with seeded.reading() as connection:
        (found,) = readings_between(
            connection, indicators=[FDS], organisations=["RVV"], frequencies=[Frequency.MONTH],
            since=date(2023, 3, 1), until=date(2023, 3, 31),
        )  # fmt: skip
    assert found.value is None
    assert found.missing_reason == "No figure submitted"


def test_readings_of_one_frequency_leave_others_out(seeded: Store) -> None:
    with seeded.reading() as connection:
        found = readings_between(
            connection, indicators=[TREATED_62], organisations=["RVV"], frequencies=[Frequency.QUARTER],
            since=date(2020, 1, 1), until=date(2026, 12, 31),
        )  # fmt: skip
    assert [item.period for item in found] == [Period.quarter(2026, 4)]


def test_nothing_is_asked_for_nothing(seeded: Store) -> None:
    with seeded.reading() as connection:
        assert readings_between(
            connection, indicators=[], organisations=["QKS"], frequencies=[Frequency.MONTH],
            since=date.min, until=date.max,
        ) == ()  # fmt: skip


def test_slice_is_every_organisation_of_the_type(seeded: Store) -> None:
    with seeded.reading() as connection:
        found = slice_readings(
            connection, indicator_code=TREATED_62, at=AUGUST, types=[OrganisationType.TRUST]
        )
    wanted = [
        from_view(row)
        for row in the_view(seeded)
        if row["indicator"] == TREATED_62
        and row["organisation_type"] == "trust"
        and row["breakdown"] == "all"
        and str(row["period_start"]) == "2026-08-01"
        and str(row["period_end"]) == "2026-08-31"
    ]
    assert len(found) == 34
    assert sorted(map(comparable, found)) == sorted(wanted)


def test_no_query_walks_the_observations(tmp_path: Path) -> None:
    store = seeded_store(tmp_path / "plans.sqlite", rows_of_all_kinds())
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
    assert len(touched) == 7
    assert all(plan.startswith("SEARCH observation") for plan in touched)
    by_series = "USING COVERING INDEX ix_observation_organisation (organisation_id=? AND indicator_id=?)"
    assert [plan for plan in touched if "breakdown_id=?" not in plan and by_series not in plan] == []
    store.close()


def test_quarters_and_four_month_periods_are_read_together(seeded: Store) -> None:
    write_rows(seeded, stroke_rows())
    four = Period.of_months(2016, 4, Frequency.FOUR_MONTHS)
    write_rows(seeded, [Row(WITHIN_60, "RVV", four, 9, 12, basis=Basis.TEAM)], demonstration=True)
    with seeded.reading() as connection:
        found = readings_between(
            connection, indicators=[WITHIN_60], organisations=["RVV"],
            frequencies=[Frequency.QUARTER, Frequency.FOUR_MONTHS], since=date.min, until=date.max,
        )  # fmt: skip
    assert found[0].period == four
    assert len(found) == 10
    assert found[-1].period == Period.quarter(2026, 4)


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
        lists = read_code_lists(connection)
        found = slice_figures(connection, lists, [july, august, nothing], ["ENG"])
        for cut in (july, august):
            whole = slice_readings(
                connection, indicator_code=cut.indicator, at=cut.period, types=list(OrganisationType),
                breakdown_key=cut.breakdown,
            )  # fmt: skip
            every, named = found[cut]
            assert {*every.periods.tolist()} == {cut.period.key}
            assert denominators_and_values(lists, every) == {
                r.organisation: (r.denominator, r.value) for r in whole
            }
            assert named == tuple(r for r in whole if r.organisation == "ENG")
            kind = OrganisationType.TRUST
            few, same = slice_figures(connection, lists, [cut], ["ENG"], kinds=[kind])[cut]
            assert denominators_and_values(lists, few) == {
                r.organisation: (r.denominator, r.value)
                for r in whole
                if r.organisation_type is kind or r.organisation == "ENG"
            }
            assert same == named
            everyone = slice_figures(connection, lists, [cut], [], kinds=[kind, OrganisationType.PRACTICE])
            assert denominators_and_values(lists, everyone[cut][0]) == denominators_and_values(lists, every)
            assert everyone[cut][1] == ()
    assert (len(found[nothing][0].values), found[nothing][1]) == (0, ())
    assert len(found[july][0].values) == 5
    assert len(found[august][0].values) == 4


def denominators_and_values(lists: CodeLists, every: Columns) -> dict[str, tuple[float | None, float | None]]:
    """What columns say of each organisation, which they have once."""
    codes = [lists.organisations[key].code for key in every.organisations.tolist()]
    assert len({*codes}) == len(codes)
    pairs = zip(every.denominators.tolist(), every.values.tolist(), strict=True)
    given = [(None if isnan(total) else total, None if isnan(value) else value) for total, value in pairs]
    return dict(zip(codes, given, strict=True))


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
            assert every.values.tolist() == [r.value for r in expected if r.period == october]
    values = {r.numerator for r in found}
    assert values == {62.0, 50.0}
