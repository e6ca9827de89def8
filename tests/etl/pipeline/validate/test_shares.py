"""Columns of patients within and after a standard in each other's places: held; a standard that few meet is told."""

from __future__ import annotations

from db.catalogue import load_catalogue
from db.domain import Finding, Severity
from etl.pipeline.validate import check, is_acceptable
from etl.pipeline.validate.knowledge import Knowledge
from etl.pipeline.validate.shares import MOST_WITHIN
from etl.source import ParsedFile
from tests.support.frames import FDS, SIXTY_TWO, frame, row


def said(*shares: tuple[str, float], patients: int = 2_000) -> list[Finding]:
    """What is said of tables of so many patients at one trust, each with its share within the standard."""
    catalogue = load_catalogue()
    knowledge = Knowledge(catalogue.indicators, catalogue.organisations, lambda *_: None)
    rows = frame(*(row("RVV", share * patients, patients, indicator=code) for code, share in shares))
    return [item for item in check(ParsedFile(rows, "test", "test"), knowledge) if item.check == MOST_WITHIN]


def test_a_file_all_of_whose_standards_are_met_by_few_is_held() -> None:
    (finding,) = said((FDS, 0.3), (SIXTY_TWO, 0.4))
    assert (finding.severity, finding.count) == (Severity.ERROR, 2)
    assert is_acceptable([finding])
    assert "cancer-28-day-faster-diagnosis, provider, Oct 2023: 600 of 2,000" in finding.message


def test_one_standard_that_few_meet_is_told() -> None:
    (finding,) = said((FDS, 0.7), (SIXTY_TWO, 0.4))
    assert (finding.severity, finding.count) == (Severity.WARNING, 1)
    assert said((FDS, 0.3))[0].severity is Severity.WARNING


def test_most_patients_or_few_at_all_say_nothing() -> None:
    assert said((FDS, 0.7), (SIXTY_TWO, 0.6)) == []
    assert said((FDS, 0.3), (SIXTY_TWO, 0.4), patients=900) == []
