"""An organisation beside its own last periods: tenfold lists hold a file, what shrinks is told, noise is silent."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import sqrt
from pathlib import Path
from random import Random

import pytest

from db.catalogue import load_catalogue
from db.domain import FileState, Finding, Period, Severity
from db.settings import Settings
from db.store import Store
from etl.pipeline.hold import retry
from etl.pipeline.run import check_files, load_files
from etl.pipeline.validate import check, is_acceptable
from etl.pipeline.validate.knowledge import Knowledge
from etl.pipeline.validate.own_history import OWN_HISTORY
from etl.source import ParsedFile
from tests.support.frames import frame, row
from tests.support.publications.combined_csv import TRUSTS, month, text

MONTHS = [Period.month(2025, number) for number in range(1, 9)]
PATIENTS = "gp-all-fte-rate"
Past = list[tuple[str, int, float | None, float | None]]


def findings(now: dict[str, float], past: dict[str, list[float]], indicator: str = PATIENTS) -> list[Finding]:
    """What is said of a month beside earlier ones, by organisation."""
    catalogue = load_catalogue()
    history: Past = [
        (code, MONTHS[place].key, 1.0, patients)
        for code, own in past.items()
        for place, patients in enumerate(own)
    ]
    rows = [
        row(code, 1.0, patients, indicator=indicator, basis="practice", period=MONTHS[-1].key)
        for code, patients in now.items()
    ]
    knowledge = Knowledge(
        catalogue.indicators,
        catalogue.organisations,
        lambda *_: None,
        figures_before=lambda *_: history,
    )
    said = check(ParsedFile(frame(*rows), "test", "test"), knowledge)
    return [item for item in said if item.check == OWN_HISTORY]


def test_a_list_ten_times_as_long_holds_the_file_for_a_person_to_accept() -> None:
    (finding,) = findings(
        {"G82001": 91_000.0, "G82002": 8_050.0}, {"G82001": [9_000, 9_050, 9_100], "G82002": [8_000.0] * 3}
    )
    assert (finding.severity, finding.count) == (Severity.ERROR, 1)
    assert "G82001, Aug 2025: wanted near 9,050, found 91,000" in finding.message
    assert is_acceptable([finding])


def test_a_list_that_is_nearly_gone_is_told_and_loads() -> None:
    (finding,) = findings({"G82001": 12.0}, {"G82001": [9_000.0] * 6})
    assert (finding.severity, finding.count) == (Severity.WARNING, 1)


@pytest.mark.parametrize(
    ("now", "past"),
    [
        (9.0, [1.0, 2.0, 1.0]),
        (30.0, [8.0, 11.0, 7.0, 9.0]),
        (250.0, [100.0] * 6),
        (5_000.0, [300.0, 4_000.0, 20.0, 2_500.0]),
        (0.0, [3.0, 2.0]),
        (90_000.0, []),
    ],
)
def test_small_units_and_those_that_always_jumped_are_silent(now: float, past: list[float]) -> None:
    assert findings({"G82001": now}, {"G82001": past}) == []


def test_ordinary_noise_of_six_thousand_units_is_nearly_silent() -> None:
    chance = Random(11)
    usual = {f"G{number:05}": chance.lognormvariate(4, 2) for number in range(6_000)}

    def counted() -> dict[str, float]:
        return {code: max(0.0, round(chance.gauss(size, sqrt(size)))) for code, size in usual.items()}

    past = [counted() for _ in range(6)]
    said = findings(counted(), {code: [own[code] for own in past] for code in usual})
    assert sum(item.count for item in said) <= 6
    assert all(item.severity is Severity.WARNING for item in said)


def test_the_months_of_one_file_are_each_others_history() -> None:
    rows = [
        row("RVV", 50.0, 9_000.0 if month is MONTHS[-1] else 300.0 + place, period=month.key)
        for place, month in enumerate(MONTHS)
    ]
    catalogue = load_catalogue()
    knowledge = Knowledge(catalogue.indicators, catalogue.organisations, lambda *_: None)
    said = check(ParsedFile(frame(*rows), "test", "test"), knowledge)
    (finding,) = [item for item in said if item.check == OWN_HISTORY]
    assert "wanted near 303.5, found 9,000" in finding.message
    assert all(one.end < other.start for one, other in pairwise(MONTHS))


def tenfold() -> list[dict[str, object]]:
    """December with ten times East Kent's patients, and as many more in its board's and England's rows."""
    rows = month("2024-12-01")
    for item in rows:
        if item["Org_Code"] in {"RVV", "QKS", "Total"}:
            more = 9 * TRUSTS["RVV"][1] / (1 if item["Standard_or_Item"] == "FDS" else 2)
            within, total = float(str(item["Within"])), float(str(item["Total"])) + more
            item |= {"Total": total, "After": total - within, "Performance": within / total}
    return rows


def test_the_store_is_the_history_of_a_file_which_a_person_may_accept(
    store: Store, settings: Settings, write: Callable[[str, bytes], Path]
) -> None:
    first = write("November-2024-Monthly-Combined-CSV-Final.csv", text(month()))
    second = write("December-2024-Monthly-Combined-CSV-Final.csv", text(tenfold()))
    assert not load_files(store, [first], settings, requested_by="a test").failed
    (again,) = check_files(store, [first]).results
    assert not [item for item in again.findings if item.check == OWN_HISTORY]
    (held,) = load_files(store, [second], settings, requested_by="a test").results
    assert (held.state, held.message.count(OWN_HISTORY)) == (FileState.REFUSED, 1)
    assert (
        "RVV East Kent Hospitals University NHS Foundation Trust, Dec 2024: wanted near 4,326" in held.message
    )
    assert held.held_file_id is not None
    accepted = retry(
        store, settings, held.held_file_id, by="an operator", accept=True, reason="two trusts have become one"
    )
    assert accepted.state is FileState.LOADED
