"""States that are hard on a page, each an indicator of one store, so that they can be opened beside each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

from db.catalogue import load_catalogue
from db.domain import ENGLAND, Basis, OrganisationType, Period
from tests.support.seed import CCGS, FDS, GPS, OURS, TREATED_31, TREATED_62, TWO_WEEK, Row, months

LONGEST_NAMED = ("RV7", "RL1", "RRF")
"""The longest names of trusts that the catalogue holds."""
STATES = {
    "two values, many ties": FDS,
    "all equal, at the standard": TREATED_31,
    "all missing": TREATED_62,
    "one organisation": "cancer-31-day-subsequent-surgery",
    "two hundred organisations": TWO_WEEK,
    "a handful of patients": "cancer-31-day-subsequent-drugs",
    "nobody or everybody in time": "cancer-31-day-subsequent-radiotherapy",
    "holes": "cancer-31-day-first-treatment",
    "one period": "cancer-62-day-consultant-upgrade",
    "longest names": "cancer-62-day-screening",
    "no patients": "cancer-two-week-wait-breast-symptoms",
    "areas nearly level": GPS,
}
"""Each state and the indicator that is in it, all with figures to the last month that the indicator has."""
OF_ENGLAND_ALONE = "emergency-admissions-chronic-acsc"
"""The first indicator of the catalogue, of which no other place has a figure."""
WITHOUT = ("all missing", "holes")
"""States with rows that are published without a figure."""
_MONTHS = 36
Shares = Callable[[int, int], tuple[float | None, float | None]]
"""Counts by the place of an organisation in the list and the number of the month."""


def demanding_rows() -> list[Row]:
    """Three years of each state; all numbers are invented."""
    trusts = _trusts()
    few, everybody = (*OURS, *trusts[:30]), (*OURS, *trusts[:196])
    shares: dict[str, tuple[Sequence[str], Shares]] = {
        "two values, many ties": (few, lambda place, _: (300 + 10 * (place % 2), 400)),
        "all equal, at the standard": (few, lambda *_: (96, 100)),
        "all missing": (few, lambda *_: (None, None)),
        "one organisation": (("RVV",), lambda _, month: (30 + month % 5, 40)),
        "two hundred organisations": (everybody, lambda place, month: (80 + (place * 7 + month) % 19, 100)),
        "a handful of patients": (few, lambda place, month: ((place + month) % 3, 2)),
        "nobody or everybody in time": (few, lambda place, _: (0 if place % 2 else 60, 60)),
        "holes": (few, lambda place, month: (80 + place * month % 15, 100 if month % 3 else None)),
        "one period": (few, lambda place, month: (60 + place % 20, 80 if month == _MONTHS - 1 else None)),
        "longest names": ((*OURS, *LONGEST_NAMED), lambda place, month: (70 + 3 * place + month % 2, 100)),
        "no patients": (few, lambda *_: (0, 0)),
    }
    rows = [row for state, (codes, share) in shares.items() for row in _monthly(STATES[state], codes, share)]
    return [*rows, *_areas(), *_national()]


def _trusts() -> list[str]:
    """The other trusts of England that there are or were."""
    held = load_catalogue().organisations
    return sorted(
        code for code, one in held.items() if one.type is OrganisationType.TRUST and code not in OURS
    )


def _monthly(code: str, organisations: Sequence[str], share: Shares) -> list[Row]:
    indicator = load_catalogue().indicators[code]
    end = indicator.valid_to or date(2026, 8, 31)
    last = end.year * 12 + end.month - 1
    first = Period.month((last - _MONTHS + 1) // 12, (last - _MONTHS + 1) % 12 + 1)
    rows = []
    for step, month in enumerate(months(first, _MONTHS)):
        own = [(one, *share(place, step)) for place, one in enumerate(organisations)]
        rows += [
            Row(code, one, month, part, whole)
            for one, part, whole in own
            if whole is not None or _state(code) in WITHOUT
        ]
        whole = sum(item[2] or 0 for item in own)
        if whole or _state(code) in WITHOUT:
            part = sum(item[1] or 0 for item in own if item[2])
            counts = (part, whole) if whole else (None, None)
            rows.append(Row(code, ENGLAND, month, counts[0], counts[1], basis=Basis.NATIONAL))
            rows.append(Row(code, "QKS", month, counts[0], counts[1], basis=Basis.COMMISSIONER))
    return rows


def _state(code: str) -> str:
    return next(state for state, held in STATES.items() if held == code)


def _areas() -> list[Row]:
    """Eight areas between 5.00 and 5.07 doctors for 10,000 patients, at three snapshots."""
    rows = []
    for day in (date(2025, 8, 31), date(2026, 7, 31), date(2026, 8, 31)):
        month = Period.snapshot(day)
        rows += [
            Row(GPS, ccg, month, 125 + place / 4, 250_000, basis=Basis.PRACTICE, derived=True)
            for place, ccg in enumerate(CCGS)
        ]
        rows.append(Row(GPS, "QKS", month, 1007, 2_000_000, basis=Basis.PRACTICE, derived=True))
        rows.append(Row(GPS, ENGLAND, month, 31_400, 62_500_000, basis=Basis.NATIONAL, derived=True))
    return rows


def _national() -> list[Row]:
    years = (Period.financial_year(2022), Period.financial_year(2023))
    return [Row(OF_ENGLAND_ALONE, ENGLAND, year, 900, 1000, basis=Basis.NATIONAL) for year in years]
