"""What is published beside a value stays with the release that printed it, on both databases."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import func, select

from db.domain import OrganisationType, Period
from db.domain.organisation import TrustKind
from db.domain.reading import NOW, AsOf, Reading, Slice, ValueDetails
from db.figures.code_lists import read_code_lists
from db.figures.columns import observation_columns
from db.figures.holdings import periods_by_trust_kind
from db.figures.observations import slice_figures
from db.loading.load import load_frame
from db.store import Store
from db.store.schema import value_details
from tests.support.frames import file, frame, row
from tests.support.read_back import slice_readings

NEEDLE = "stroke-door-to-needle-median-minutes"
POOLED = Period.of_years(date(2016, 1, 1), 3)


def release(*values: tuple[str, float, float, float]) -> pd.DataFrame:
    """Values with their 95% limits, and of each a count that it is not made from."""
    rows = [
        row(code, None, None, indicator=NEEDLE, period=POOLED.key, basis="provider", value=value)
        for code, value, _, _ in values
    ]
    table = frame(*rows)
    return table.assign(
        lower_95=[low for *_, low, _ in values],
        upper_95=[high for *_, high in values],
        lower_998=float("nan"),
        upper_998=float("nan"),
        count=464.0,
        population=float("nan"),
        note=["Aggregated" if code == "RVV" else "" for code, *_ in values],
    )


def load(store: Store, table: pd.DataFrame, *, demonstration: bool = False) -> None:
    with store.writing() as connection:
        source = file(latest_period_end=POOLED.end, demonstration=demonstration)
        load_frame(connection, table, source, catalogue=store.catalogue)


def stands(store: Store, as_of: AsOf = NOW) -> dict[str, Reading]:
    with store.reading() as connection:
        found = slice_readings(
            connection, indicator_code=NEEDLE, at=POOLED, types=[OrganisationType.TRUST], as_of=as_of
        )
    return {item.organisation: item for item in found}


def test_intervals_and_notes_come_back_with_the_release_that_printed_them(store: Store) -> None:
    load(store, release(("RVV", 68.6, 62.4, 75.3), ("RWF", 64.7, 62.3, 67.2)))
    load(store, release(("RVV", 68.9, 62.7, 75.6), ("RWF", 64.7, 62.3, 67.2)))
    now, before = stands(store), stands(store, AsOf(version=1))
    assert (now["RVV"].value, now["RVV"].numerator, now["RVV"].period.label) == (68.9, None, "2016 to 2018")
    assert now["RVV"].details == ValueDetails(62.7, 75.6, count=464.0, note="Aggregated")
    assert before["RVV"].details == ValueDetails(62.4, 75.3, count=464.0, note="Aggregated")
    assert now["RWF"].details == ValueDetails(62.3, 67.2, count=464.0)
    assert now["RWF"].details.interval == (62.3, 67.2)
    assert now["RWF"].details.wide_interval is None


def test_columns_have_the_published_limits_of_each_organisation(store: Store) -> None:
    load(store, release(("RVV", 68.6, 62.4, 75.3), ("RWF", 64.7, 62.3, 67.2)))
    with store.reading() as connection:
        lists = read_code_lists(connection)
        found = observation_columns(connection, lists, indicator_code=NEEDLE, at=[POOLED])
        values = observation_columns(connection, lists, indicator_code=NEEDLE, at=[POOLED], values_only=True)
    codes = [lists.organisations[key].code for key in found.organisations.tolist()]
    limits = zip(codes, found.lower.tolist(), found.upper.tolist(), strict=True)
    assert sorted(limits) == [("RVV", 62.4, 75.3), ("RWF", 62.3, 67.2)]
    assert len(values.lower) == 0


def test_a_real_file_removes_what_was_printed_beside_invented_values(store: Store) -> None:
    load(store, release(("RVV", 68.6, 62.4, 75.3)), demonstration=True)
    load(store, release(("RWF", 64.7, 62.3, 67.2)))
    with store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(value_details)).scalar_one() == 1


@pytest.mark.parametrize(
    ("period", "label", "key"),
    [
        (Period.of_years(date(2015, 1, 1), 1), "2015", 2015010112),
        (Period.of_years(date(2016, 1, 1), 3), "2016 to 2018", 2016010136),
        (Period.of_years(date(2016, 4, 1), 3), "April 2016 to March 2019", 2016040136),
        (Period.of_years(date(2014, 1, 1), 5), "2014 to 2018", 2014010160),
    ],
)
def test_years_together_have_a_key_and_a_label(period: Period, label: str, key: int) -> None:
    assert (period.label, period.key) == (label, key)
    assert Period.from_key(key) == period


def test_financial_years_are_short_where_there_is_little_room() -> None:
    assert Period.financial_year(1999).short_label == "1999/00"
    assert Period.of_years(date(2016, 4, 1), 3).short_label == "2016/17 to 2018/19"
    assert Period.quarter(2016, 4).short_label == "Apr to Jun 2016"


def test_four_years_together_are_no_period() -> None:
    with pytest.raises(ValueError, match="wanted 1, 2, 3 or 5 years together, found 4"):
        Period.of_years(date(2016, 1, 1), 4)


@pytest.mark.parametrize("more_first", [True, False])
def test_of_two_files_with_one_value_the_one_that_prints_more_beside_it_stands(
    store: Store, *, more_first: bool
) -> None:
    more, less = release(("RVV", 68.6, 62.4, 75.3)), release(("RVV", 68.6, float("nan"), float("nan")))
    for table in (more, less) if more_first else (less, more):
        load(store, table)
    assert stands(store)["RVV"].details == ValueDetails(62.4, 75.3, count=464.0, note="Aggregated")
    load(store, release(("RVV", 70.0, float("nan"), float("nan"))))
    assert (stands(store)["RVV"].value, stands(store)["RVV"].details) == (
        70.0,
        ValueDetails(count=464.0, note="Aggregated"),
    ), "a range of another value is not shown"


def test_figures_are_read_of_one_kind_of_trust(store: Store) -> None:
    table = release(("RVV", 68.6, 62.4, 75.3), ("RXY", 64.7, 62.3, 67.2))
    load(store, table.assign(trust_kind=[TrustKind.ACUTE.value, TrustKind.MENTAL_HEALTH_AND_COMMUNITY.value]))
    acute, now = TrustKind.ACUTE.value, Slice(NEEDLE, POOLED)
    with store.reading() as connection:
        known = read_code_lists(connection)
        figures, _ = slice_figures(connection, known, [now], [], trust_kind=acute)[now]
        columns = observation_columns(connection, known, indicator_code=NEEDLE, at=[POOLED], trust_kind=acute)
        periods = periods_by_trust_kind(connection, indicator_code=NEEDLE)
    assert [known.organisations[key].code for key in figures.organisations.tolist()] == ["RVV"]
    assert columns.values.tolist() == [68.6]
    assert periods == {TrustKind.ACUTE: (POOLED,), TrustKind.MENTAL_HEALTH_AND_COMMUNITY: (POOLED,)}
