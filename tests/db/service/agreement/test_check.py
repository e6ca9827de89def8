"""The check of stated figures: what is found, said once, and gone again, on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd

from db.domain import Finding, Period
from db.domain.reading import StatedFigure
from db.loading.load import load_frame
from db.service.agreement.check import (
    StatedComparison,
    check_stated_figures,
    stated_differences,
    verdict_counts,
)
from db.service.agreement.compare import AgreementVerdict
from db.service.incidents import IncidentKind, incidents, update_incidents
from db.store import Store
from tests.support.frames import SIXTY_TWO, file, frame, row

QUARTER = Period.quarter(2025, 4)
MONTHS = [Period.month(2025, month) for month in (4, 5, 6)]
FIRST = datetime(2026, 6, 20, 9, tzinfo=UTC)
Counts = dict[str, tuple[float, float]]


def ours(counts: Counts, month: Period) -> pd.DataFrame:
    """A month's counts of some trusts, as a provider's extract has them."""
    return frame(*(
        row(code, within, total, indicator=SIXTY_TWO, period=month.key) for code, (within, total) in counts.items()
    ))  # fmt: skip


def load(
    store: Store,
    table: pd.DataFrame,
    name: str,
    *,
    demonstration: bool = False,
    stated: dict[str, float] | None = None,
) -> None:
    """A file of figures, or of what is stated of trusts' quarter."""
    told = [StatedFigure(SIXTY_TWO, code, QUARTER, value) for code, value in (stated or {}).items()]
    source = file(name, demonstration=demonstration, latest_period_end=date(2025, 6, 30))
    with store.writing() as connection:
        load_frame(connection, table, source, catalogue=store.catalogue, withdraws_absent=False, stated=told)


def quarter(store: Store, **counts: tuple[float, float]) -> None:
    """The same counts in each month of the quarter."""
    for month in MONTHS:
        load(store, ours(counts, month), f"extract-{month.short_label}.xlsx")


def league(store: Store, name: str = "acute-trust-data.csv", **stated: float) -> None:
    """A publication that states a quarter's figures of some trusts beside one of its own."""
    own = row("RVV", None, None, indicator="oversight-average-score", period=QUARTER.key, value=2.0)
    load(store, frame(own), name, stated=stated)


def checked(store: Store, now: datetime = FIRST) -> tuple[Finding, ...]:
    with store.writing() as connection:
        found = check_stated_figures(connection, store.catalogue, now)
        update_incidents(connection, now)
    return found


def standing(store: Store) -> tuple[tuple[StatedComparison, ...], dict[AgreementVerdict, int]]:
    with store.reading() as connection:
        return stated_differences(connection), verdict_counts(connection)


def test_a_difference_is_said_once_with_both_values_and_both_files(store: Store) -> None:
    quarter(store, RVV=(3.0, 4.0), RWF=(9.0, 10.0))
    league(store, RVV=75.0, RWF=89.0, RPA=60.0)
    (finding,) = checked(store)
    assert finding.message == (
        "cancer-62-day-combined, RWF, April to June 2025: ours 90.00 (extract-Apr 2025.xlsx, extract-May 2025.xlsx, "
        "extract-Jun 2025.xlsx), stated 89.00 (acute-trust-data.csv)"
    )
    assert checked(store, FIRST + timedelta(hours=1)) == ()
    (difference,), counts = standing(store)
    assert (difference.organisation, difference.since) == ("RWF", FIRST), "RPA has no figure of ours"
    assert counts == {AgreementVerdict.AGREES: 1, AgreementVerdict.DIFFERS: 1}


def test_it_is_gone_when_either_side_is_put_right(store: Store) -> None:
    quarter(store, RVV=(3.0, 4.0))
    league(store, RVV=74.0)
    assert len(checked(store)) == 1
    league(store, "acute-trust-data-v2.csv", RVV=75.0)
    assert checked(store, FIRST + timedelta(days=1)) == ()
    assert standing(store) == ((), {AgreementVerdict.AGREES: 1})
    with store.reading() as connection:
        (told,) = [item for item in incidents(connection) if item.kind is IncidentKind.DIFFERENCE]
    assert (told.opened_at, told.closed_at) == (FIRST, FIRST + timedelta(days=1))
    assert told.message == (
        "Our figures of cancer-62-day-combined, April to June 2025, differ from those that cancer_waiting_times "
        "states: see the operations page."
    )


def test_a_month_that_was_revised_since_explains_it(store: Store) -> None:
    quarter(store, RVV=(3.0, 4.0))
    league(store, RVV=75.0)
    load(store, ours({"RVV": (4.0, 4.0)}, MONTHS[1]), "revised.xlsx")
    assert checked(store) == ()
    assert standing(store) == ((), {AgreementVerdict.REVISED: 1})


def test_a_quarter_that_lacks_a_month_is_not_compared(store: Store) -> None:
    for month in MONTHS[:2]:
        load(store, ours({"RVV": (3.0, 4.0)}, month), f"extract-{month.short_label}.xlsx")
    league(store, RVV=10.0)
    assert checked(store) == ()
    assert standing(store) == ((), {})


def test_nothing_is_compared_where_nothing_is_stated(store: Store) -> None:
    quarter(store, RVV=(3.0, 4.0))
    assert checked(store) == ()
