"""Stores with the rows that the tests of what pages read share."""

from __future__ import annotations

from datetime import date

import pytest

from db.domain import ALL, Period
from db.store import Store
from tests.support.frames import SIXTY_TWO
from tests.support.read_back import rows_of_all_kinds
from tests.support.seed import (
    FDS,
    GPS,
    Row,
    write_rows,
)


@pytest.fixture
def seeded(store: Store) -> Store:
    """A store of each database with the rows of `rows_of_all_kinds`."""
    write_rows(store, rows_of_all_kinds())
    return store


DAY = Period.snapshot(date(2026, 8, 31))
TRUSTS = ("RVV", "RWF", "RPA", "RN7")


@pytest.fixture
def filled(store: Store) -> Store:
    """Two months of two indicators of four trusts and England, one by tumour group, and two practices."""
    rows = [
        Row(code, trust, Period.month(2026, month), 10.0 * place + month, 60.0 + month, cut)
        for code, cuts in ((FDS, (ALL,)), (SIXTY_TWO, (ALL, "tumour group: Breast")))
        for cut in cuts
        for month in (7, 8)
        for place, trust in enumerate((*TRUSTS, "ENG"), 1)
        if not (trust == "RPA" and month == 8)
    ]
    rows += [Row(GPS, "G82001", DAY, 3.1, 9000.0), Row(GPS, "A81001", DAY, None, None, missing_reason="NA")]
    write_rows(store, rows)
    return store
