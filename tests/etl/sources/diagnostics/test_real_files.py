"""Diagnostics: the published files, against figures that people read in them, and files that somebody has spoilt."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from db.domain import ALL, ENGLAND, Maturity, Period
from db.reading.spreadsheets import read_workbook
from etl.source import Hints, ParsedFile, RawFile, SourceError
from etl.sources.diagnostics import SOURCE
from tests.support.publications.mutations import Rows, written

pytestmark = pytest.mark.real_data

FILES = {
    (2024, 9): "diagnostics/Monthly-Diagnostics-Web-File-Provider-September-2024.xls",
    (2024, 12): "diagnostics/Monthly-Diagnostics-Web-File-Provider-December-2024.xls",
    (2025, 1): "diagnostics/Monthly-Diagnostics-Web-File-Provider-January-2025.xls",
    (2025, 3): "diagnostics/Monthly-Diagnostics-Web-File-Provider-March-2025_SW40K.xls",
    (2025, 4): "diagnostics/Monthly-Diagnostics-Web-File-Provider-April-2025_3EY67.xls",
    (2025, 7): "cancer/diagnostics/Monthly-Diagnostics-Web-File-Provider-July-2025_L8FLO.xls",
}
# Read by hand in the files: sources/diagnostics.md, section 6.
ENGLAND_FIGURES = {
    (2024, 9): (1_587_330, 359_933, None),
    (2024, 12): (1_563_343, 355_915, 122_746),
    (2025, 1): (1_621_905, 363_600, 120_772),
    (2025, 3): (1_703_242, 312_744, 103_422),
    (2025, 4): (1_696_688, 360_370, 108_185),
    (2025, 7): (1_730_933, 378_816, 131_140),
}
ACTIVITY = {
    (2024, 12): (239_983, 506_027, 1_500_967, 2_246_977),
    (2025, 3): (278_608, 526_837, 1_690_238, 2_495_683),
    (2025, 4): (254_134, 526_673, 1_618_804, 2_399_611),
}
KENT = {
    "RVV": {(2024, 12): (15_545, 2_945), (2025, 1): (17_384, 2_791), (2025, 4): (17_465, 2_994)},
    "RWF": {(2024, 12): (7_015, 788), (2025, 1): (7_749, 839), (2025, 4): (8_993, 943)},
    "RPA": {(2024, 12): (6_292, 1_365), (2025, 1): (5_961, 916), (2025, 4): (7_208, 884)},
    "RN7": {(2024, 12): (5_211, 80), (2025, 1): (5_753, 72), (2025, 4): (7_950, 145)},
}
KENT_JULY = {"RVV": (21_419, 4_363), "RWF": (9_029, 1_032), "RPA": (7_494, 1_055), "RN7": (7_799, 122)}
DECEMBER_TESTS = {
    "MRI": (300_969, 57_001),
    "CT": (167_262, 16_361),
    "Non-obstetric ultrasound": (542_574, 106_967),
    "Barium enema": (3_117, 466),
    "DEXA scan": (54_991, 11_416),
    "Audiology assessments": (104_210, 47_633),
    "Echocardiography": (145_036, 43_668),
    "Electrophysiology": (327, 72),
    "Peripheral neurophysiology": (35_483, 12_133),
    "Sleep studies": (29_345, 10_397),
    "Urodynamics": (9_535, 4_134),
    "Colonoscopy": (63_717, 17_835),
    "Flexible sigmoidoscopy": (21_482, 5_972),
    "Cystoscopy": (23_047, 6_386),
    "Gastroscopy": (62_248, 15_474),
}
# Echocardiography of RN7 stands under number 7, and no audiology at all.
KENT_TESTS = {
    (2024, 12): {
        ("RVV", "MRI"): (5_800, 874),
        ("RVV", "Non-obstetric ultrasound"): (2_671, 512),
        ("RVV", "Echocardiography"): (919, 411),
        ("RVV", "Sleep studies"): (784, 430),
        ("RVV", "Colonoscopy"): (432, 69),
        ("RPA", "Colonoscopy"): (674, 432),
        ("RPA", "Flexible sigmoidoscopy"): (427, 321),
        ("RPA", "Gastroscopy"): (495, 301),
        ("RWF", "Colonoscopy"): (701, 244),
        ("RN7", "MRI"): (1_373, 2),
        ("RWF", "Gastroscopy"): (813, 312),
        ("RN7", "Echocardiography"): (253, 31),
    },
    (2025, 4): {
        ("RVV", "MRI"): (6_065, 1_204),
        ("RVV", "CT"): (4_500, 741),
        ("RPA", "Colonoscopy"): (362, 114),
        ("RWF", "Colonoscopy"): (841, 319),
        ("RN7", "Non-obstetric ultrasound"): (4_132, 31),
        ("RVV", "Audiology assessments"): (348, 183),
        ("RPA", "Gastroscopy"): (350, 162),
        ("RN7", "Cystoscopy"): (87, 65),
    },
}
OVER_6, OVER_13 = "diagnostics-over-6-weeks", "diagnostics-over-13-weeks"


def raw_file(folder: Path, month: tuple[int, int]) -> RawFile:
    path = folder / FILES[month]
    return RawFile(path.name, path.read_bytes())


@cache
def parsed(folder: Path, month: tuple[int, int]) -> ParsedFile:
    raw = raw_file(folder, month)
    assert SOURCE.recognise(raw)
    return SOURCE.parse(raw, Hints())


@cache
def figures(folder: Path, month: tuple[int, int]) -> dict[tuple[str, str, str], tuple[float, float, float]]:
    frame = parsed(folder, month).frame
    keys = zip(*(frame[name] for name in ("indicator", "organisation", "breakdown")), strict=True)
    counts = zip(*(frame[name] for name in ("numerator", "denominator", "value")), strict=True)
    return dict(zip(keys, counts, strict=True))


@pytest.mark.parametrize("month", FILES)
def test_england_and_the_trusts_of_kent(shared_data: Path, month: tuple[int, int]) -> None:
    found = figures(shared_data, month)
    waiting, over_6, over_13 = ENGLAND_FIGURES[month]
    assert found[OVER_6, ENGLAND, ALL][:2] == (over_6, waiting)
    assert found["diagnostics-waiting-list", ENGLAND, ALL][2] == waiting
    if over_13 is not None:
        assert found[OVER_13, ENGLAND, ALL][0] == over_13
    for code, by_month in KENT.items():
        wanted = KENT_JULY[code] if month == (2025, 7) else by_month.get(month)
        if wanted:
            assert found[OVER_6, code, ALL][1::-1] == wanted
    if month in ACTIVITY:
        *kinds, total = ACTIVITY[month]
        assert found["diagnostics-activity", ENGLAND, ALL][2] == total
        names = ("kind: Planned", "kind: Unscheduled", "kind: Waiting list")
        assert [found["diagnostics-activity", ENGLAND, name][2] for name in names] == kinds
    assert set(parsed(shared_data, month).frame["period"]) == {Period.month(*month).key}


def test_tests_of_england_and_of_kent(shared_data: Path) -> None:
    december = figures(shared_data, (2024, 12))
    for name, (waiting, over_6) in DECEMBER_TESTS.items():
        assert december[OVER_6, ENGLAND, f"test: {name}"][:2] == (over_6, waiting)
    for name, done in (("MRI", 379_242), ("CT", 713_219), ("Non-obstetric ultrasound", 659_044)):
        assert december["diagnostics-activity", ENGLAND, f"test: {name}"][2] == done
    assert (OVER_6, "RN7", "test: Audiology assessments") not in december
    for month, tests in KENT_TESTS.items():
        for (code, name), (waiting, over_6) in tests.items():
            assert figures(shared_data, month)[OVER_6, code, f"test: {name}"][:2] == (over_6, waiting)
    assert figures(shared_data, (2025, 4))[OVER_6, "RYY", ALL][:2] == (203, 723)


def test_the_label_block_says_how_settled_a_month_is(shared_data: Path) -> None:
    said = {
        month: (
            str(parsed(shared_data, month).published_on),
            parsed(shared_data, month).frame["maturity"].max(),
        )
        for month in FILES
    }
    assert said[2024, 12] == said[2025, 1] == said[2024, 9] == ("2025-07-10", Maturity.REVISED)
    assert said[2025, 4] == ("2025-06-12", Maturity.PROVISIONAL)
    assert said[2025, 3] == ("2025-05-15", Maturity.PROVISIONAL)


def test_the_one_that_did_not_submit_is_named(shared_data: Path) -> None:
    (finding,) = parsed(shared_data, (2025, 7)).findings
    assert "RP5 DONCASTER AND BASSETLAW" in finding.message
    frame = parsed(shared_data, (2025, 7)).frame
    assert set(frame[frame["organisation"] == "RP5"]["missing_reason"]) == {"not submitted"}
    assert not parsed(shared_data, (2025, 4)).findings


def shorter(rows: Rows) -> None:
    del rows[200:]


def shifted(rows: Rows) -> None:
    rows[100] = ["", *rows[100][:-1]]


def row_lost(rows: Rows) -> None:
    del rows[61]


def renamed(rows: Rows) -> None:
    rows[13][rows[13].index("Number waiting 6+ Weeks")] = "Number waiting"


def columns_changed(rows: Rows) -> None:
    first = rows[13].index("Planned tests / procedures")
    for row in rows[13:]:
        row[first], row[first + 2] = row[first + 2], row[first]


@pytest.mark.parametrize(
    ("sheet", "spoil"),
    [
        ("Provider", shorter),
        ("Provider by Test", shifted),
        ("Provider by Test", row_lost),
        ("Provider", renamed),
        ("Provider by Test", columns_changed),
    ],
)
def test_a_spoilt_month_is_refused(shared_data: Path, sheet: str, spoil: Callable[[Rows], None]) -> None:
    raw = raw_file(shared_data, (2025, 4))
    sheets = [(name, found.rows) for name, found in _april(raw).items()]
    copy = [list(row) for row in dict(sheets)[sheet]]
    spoil(copy)
    changed = [(name, copy if name == sheet else rows) for name, rows in sheets]
    with pytest.raises(SourceError, match=f"^{raw.name}, sheet 'Provider"):
        SOURCE.parse(written(raw.name, changed, as_workbook=True), Hints())


_april = cache(read_workbook)
