"""The publisher's words for tests and kinds of activity, and ours for each."""

from __future__ import annotations

import re
from dataclasses import dataclass

OVER_6, OVER_13 = "diagnostics-over-6-weeks", "diagnostics-over-13-weeks"
WAITING_LIST, ACTIVITY = "diagnostics-waiting-list", "diagnostics-activity"

TEST, GROUP, KIND = "test", "test group", "kind"
"""The dimensions of breakdowns: one test, a group of tests, and what gave rise to the tests done."""

TOTAL = 16
"""The number of the row that adds up all tests."""


@dataclass(frozen=True)
class DiagnosticTest:
    """A test: our name for it, its group, and what its published names have in common, in small letters."""

    name: str
    group: str
    published: re.Pattern[str]


def _test(name: str, group: str, published: str) -> DiagnosticTest:
    return DiagnosticTest(name, group, re.compile(published))


IMAGING, MEASUREMENT, ENDOSCOPY = "Imaging", "Physiological measurement", "Endoscopy"
TESTS = {
    1: _test("MRI", IMAGING, r"magnetic resonance imaging|mri"),
    2: _test("CT", IMAGING, r"computed tomography|ct"),
    3: _test("Non-obstetric ultrasound", IMAGING, r"non obstetric ultrasound"),
    4: _test("Barium enema", IMAGING, r"barium enema"),
    5: _test("DEXA scan", IMAGING, r"dexa( scan)?"),
    6: _test("Audiology assessments", MEASUREMENT, r"(audiology )+assessments?"),
    7: _test("Echocardiography", MEASUREMENT, r"(cardiology )?echocardiography"),
    8: _test("Electrophysiology", MEASUREMENT, r"(cardiology )?electrophysiology"),
    9: _test("Peripheral neurophysiology", MEASUREMENT, r"(neurophysiology )?peripheral neurophys(iology)?"),
    10: _test("Sleep studies", MEASUREMENT, r"(respiratory physiology )?sleep studies"),
    11: _test("Urodynamics", MEASUREMENT, r"urodynamics( pressures( and)? flows)?"),
    12: _test("Colonoscopy", ENDOSCOPY, r"colonoscopy"),
    13: _test("Flexible sigmoidoscopy", ENDOSCOPY, r"flexi(ble)? sigmoidoscopy"),
    14: _test("Cystoscopy", ENDOSCOPY, r"cystoscopy"),
    15: _test("Gastroscopy", ENDOSCOPY, r"gastroscopy"),
}
"""Tests by their number in the return."""

_ALL_TESTS = re.compile(r"total")


def is_test(number: int, name: str) -> bool:
    """Whether a number and a published name are of one test: 6 and "AUDIOLOGY_ASSESSMENTS", 16 and "Total"."""
    words = re.sub(r"[^a-z0-9]+", " ", name.casefold()).strip()
    pattern = _ALL_TESTS if number == TOTAL else TESTS[number].published if number in TESTS else None
    return pattern is not None and pattern.fullmatch(words) is not None
