"""A source is as fresh as each level of organisations that it owes figures of."""

from __future__ import annotations

from datetime import date

from db.catalogue import load_catalogue
from db.catalogue.levels import level_freshness
from db.domain import OrganisationType, Period
from db.domain.holdings import LatestPeriod

CANCER = [item for item in load_catalogue().indicators.values() if item.source_id == "cancer_waiting_times"]
STANDARD, ENDED = "cancer-62-day-combined", "cancer-62-day-urgent-referral"
TODAY = date(2026, 11, 29)


def test_a_national_series_does_not_hide_that_trusts_are_overdue() -> None:
    held = [
        LatestPeriod(STANDARD, OrganisationType.COUNTRY, Period.month(2026, 9)),
        LatestPeriod(STANDARD, OrganisationType.COUNTRY, Period.quarter(2026, 10)),
        LatestPeriod(STANDARD, OrganisationType.TRUST, Period.month(2025, 9)),
        LatestPeriod(STANDARD, OrganisationType.UNKNOWN, Period.month(2020, 1)),
        LatestPeriod("of another source", OrganisationType.TRUST, Period.month(2026, 9)),
    ]
    found = [(item.level, item.period.label, item.overdue) for item in level_freshness(CANCER, held, TODAY)]
    assert found == [("trusts", "September 2025", 353), ("England", "September 2026", 0)]
    filling = level_freshness(CANCER, held, TODAY, coming={"cancer_waiting_times"})
    assert {(item.expected, item.overdue) for item in filling} == {(None, 0)}


def test_figures_of_ccgs_are_followed_by_those_of_what_came_after_them() -> None:
    held = [
        LatestPeriod(STANDARD, OrganisationType.CCG, Period.month(2022, 6)),
        LatestPeriod(STANDARD, OrganisationType.ICB, Period.month(2026, 9)),
    ]
    assert [(item.level, item.overdue) for item in level_freshness(CANCER, held, TODAY)] == [("areas", 0)]


def test_a_level_of_ended_indicators_only_is_held_and_owed_nothing() -> None:
    found = level_freshness(
        CANCER, [LatestPeriod(ENDED, OrganisationType.TRUST, Period.month(2017, 6))], TODAY
    )
    assert [(item.period.label, item.expected, item.overdue) for item in found] == [("June 2017", None, 0)]


def test_what_only_ended_indicators_have_is_not_told_beside_what_is_owed() -> None:
    """The stroke audit's figures by CCG ended: they are no level of the audit's that stopped in 2016."""
    stroke = [item for item in load_catalogue().indicators.values() if item.source_id == "ssnap"]
    ended = "stroke-residents-thrombolysis-within-60-minutes"
    by_ccg = [
        LatestPeriod(ended, OrganisationType.SUB_ICB_LOCATION, Period.financial_year(2015)),
        LatestPeriod(ended, OrganisationType.COUNTRY, Period.financial_year(2015)),
    ]
    level = LatestPeriod("stroke-ssnap-level", OrganisationType.STROKE_TEAM, Period.quarter(2026, 4))
    assert [item.level for item in level_freshness(stroke, [*by_ccg, level], TODAY)] == ["teams"]
    alone = level_freshness(stroke, by_ccg, TODAY)
    assert [(item.level, item.expected, item.overdue) for item in alone] == [
        ("areas", None, 0),
        ("England", None, 0),
    ]
