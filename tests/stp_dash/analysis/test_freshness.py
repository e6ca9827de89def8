"""When each source's next figures are expected, and what is overdue."""

from __future__ import annotations

from datetime import date

import pytest

from db.catalogue import load_catalogue
from db.domain import OrganisationType, Period
from db.domain.holdings import LatestPeriod
from stp_dash.analysis.freshness import freshness_chips

KNOWN = load_catalogue().indicators
CANCER, STAFF, STROKE = "cancer_waiting_times", "general_practice_workforce", "ssnap"
TYPES = {OrganisationType.ICB: "ICBs", OrganisationType.TRUST: "trusts"}


def held(trusts: Period, icbs: Period) -> list[LatestPeriod]:
    code = "cancer-62-day-combined"
    return [
        LatestPeriod(code, OrganisationType.TRUST, trusts),
        LatestPeriod(code, OrganisationType.ICB, icbs),
        LatestPeriod(code, OrganisationType.PRACTICE, Period.month(2030, 1)),
        LatestPeriod(code, OrganisationType.TRUST, Period.quarter(2030, 1)),
    ]


@pytest.mark.parametrize(
    ("today", "words", "state"),
    [
        (date(2026, 10, 20), "next 12 November", "fresh"),
        (date(2026, 11, 9), "next in 3 days, 12 November", "soon"),
        (date(2026, 11, 11), "next tomorrow, 12 November", "soon"),
        (date(2026, 11, 12), "next today, 12 November", "soon"),
        (date(2026, 11, 13), "1 day overdue", "late"),
        (date(2026, 11, 18), "6 days overdue", "late"),
    ],
)
def test_a_chip_says_what_is_next_or_overdue(today: date, words: str, state: str) -> None:
    month = Period.month(2026, 8)
    chip = freshness_chips(KNOWN, held(month, month), TYPES, today, {CANCER: "provisional"})[0]
    assert (chip.source, chip.period) == ("Cancer", "August 2026, provisional")
    assert (chip.next, chip.state) == (words, state)
    assert (chip.overdue > 0) is (state == "late")


def test_types_at_different_periods_are_each_named_without_a_status() -> None:
    latest = held(Period.month(2025, 9), Period.month(2025, 6))
    chip = freshness_chips(KNOWN, latest, TYPES, date(2025, 10, 1), {CANCER: "final"})[0]
    assert chip.period == "ICBs to June 2025, trusts to September 2025"


def test_a_chip_is_as_late_as_its_worst_level_which_stands_first() -> None:
    latest = held(Period.month(2025, 9), Period.month(2025, 6))
    chip = freshness_chips(KNOWN, latest, TYPES, date(2026, 11, 29), {})[0]
    assert (chip.state, chip.overdue, chip.expected) == ("late", 444, "11 September 2025")
    assert (chip.next, chip.late) == ("ICBs 444 days overdue, trusts 353 days", "ICBs and trusts")
    chip = freshness_chips(KNOWN, latest, TYPES, date(2025, 10, 1), {})[0]
    assert (chip.next, chip.late) == ("ICBs 20 days overdue", "ICBs")


def test_a_source_without_anything_has_no_chip() -> None:
    assert freshness_chips(KNOWN, [], TYPES, date(2026, 1, 1), {}) == ()
