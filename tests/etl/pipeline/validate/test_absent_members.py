"""A commissioner whose row one table of a file has lost is named; one that had hardly any patients there is not."""

from __future__ import annotations

import pandas as pd
import pytest

from db.catalogue import load_catalogue
from db.domain import Finding, Severity
from etl.pipeline.validate import check
from etl.pipeline.validate.absent_members import ABSENT
from etl.pipeline.validate.knowledge import Knowledge
from etl.source import ParsedFile
from tests.support.frames import frame, row

TABLES = {"cancer-two-week-wait": 10.0, "cancer-62-day-urgent-referral": 1.0, "cancer-62-day-screening": 0.2}
BOARDS = {"QKS": 100, "QNX": 80, "QOP": 120, "13Q": 3}


def table(without: set[tuple[str, str]], basis: str = "commissioner") -> pd.DataFrame:
    """Three tables of four commissioners, but for some rows."""
    return frame(
        *(
            row(code, size * share / 2, size * share, indicator=indicator, basis=basis)
            for indicator, share in TABLES.items()
            for code, size in BOARDS.items()
            if (indicator, code) not in without
        )
    )


def said(rows: pd.DataFrame) -> list[Finding]:
    catalogue = load_catalogue()
    knowledge = Knowledge(catalogue.indicators, catalogue.organisations, lambda *_: None)
    return [item for item in check(ParsedFile(rows, "test", "test"), knowledge) if item.check == ABSENT]


def test_a_lost_row_is_named_with_its_table() -> None:
    (finding,) = said(table({("cancer-62-day-urgent-referral", "QKS"), ("cancer-two-week-wait", "QNX")}))
    assert (finding.severity, finding.count) == (Severity.WARNING, 2)
    assert "cancer-62-day-urgent-referral lacks QKS NHS Kent and Medway" in finding.message
    assert "cancer-two-week-wait lacks QNX" in finding.message


@pytest.mark.parametrize(
    "without", [set(), {("cancer-62-day-screening", "13Q")}, {("cancer-62-day-urgent-referral", "13Q")}]
)
def test_whoever_has_few_patients_may_lack_a_row(without: set[tuple[str, str]]) -> None:
    assert said(table(without)) == []


def test_trusts_need_not_do_everything() -> None:
    assert said(table({("cancer-62-day-urgent-referral", "QKS")}, basis="provider")) == []
