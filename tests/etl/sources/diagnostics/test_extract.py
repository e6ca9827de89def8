"""The full extract, known by description alone: what it says is checked, and what is not known is left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from db.domain import ALL, ENGLAND, Basis, Maturity, OrganisationType, Period
from etl.pipeline.recognise import source_of
from etl.source import Hints, RawFile, SourceError
from etl.sources.diagnostics import SOURCE
from tests.support.publications.diagnostics_files import (
    EXTRACT_COLUMNS,
    MEMBER,
    MRI,
    ULTRASOUND,
    ZIP,
    Waiting,
    extract,
    packed_extract,
    raw_workbook,
    sheets,
)

ROWS = (
    Waiting("RVV", MRI, {0: 60, 6: 10, 13: 5}, (5, 20, 100)),
    Waiting("RVV", ULTRASOUND, {1: 30}, (0, 1, 2)),
    Waiting("RVV", MRI, {2: 7}, (0, 0, 3), commissioner="72Q", parent="QKK"),
    Waiting("NT312", MRI, {4: 8, 7: 2}, (0, 0, 9)),
)
FOREIGN = Waiting("RVV", MRI, {1: 1}, commissioner="NONC", parent="")
OVER_6, LIST, ACTIVITY = "diagnostics-over-6-weeks", "diagnostics-waiting-list", "diagnostics-activity"


def figures(content: bytes, indicator: str = OVER_6) -> dict[tuple[str, str], tuple[float, float]]:
    frame = SOURCE.parse(packed_extract(content), Hints()).frame
    rows = frame[frame["indicator"] == indicator]
    keys = zip(rows["organisation"], rows["breakdown"], strict=True)
    return dict(zip(keys, zip(rows["numerator"], rows["denominator"], strict=True), strict=True))


@pytest.mark.parametrize("totals", [True, False])
def test_commissioners_are_sums_over_providers_and_boards_over_commissioners(totals: bool) -> None:
    raw = packed_extract(extract(ROWS, totals=totals))
    assert source_of(raw) is SOURCE
    found = figures(extract(ROWS, totals=totals))
    assert found["91Q", ALL] == found["QKS", ALL] == (17, 115)
    assert found["91Q", "test: MRI"] == (17, 85)
    assert found["72Q", ALL] == (0, 7)
    assert found["RVV", ALL] == (15, 112)
    assert found[ENGLAND, ALL] == (17, 122)


def test_it_agrees_with_the_workbook_of_the_same_month() -> None:
    name = "Monthly-Diagnostics-Web-File-Provider-May-2026.xlsx"
    rows = [row for row in ROWS if row.commissioner == "91Q"]
    book = SOURCE.parse(raw_workbook(sheets(rows, period="May 2026"), name), Hints()).frame
    both = book.merge(
        SOURCE.parse(packed_extract(extract(rows)), Hints()).frame,
        on=["indicator", "organisation", "breakdown"],
        suffixes=("", "_extract"),
    )
    assert set(both["organisation"]) == {"RVV", "NT312", ENGLAND}
    for count in ("numerator", "denominator"):
        assert both[count].equals(both[f"{count}_extract"])
    counted = both[both["indicator"].isin([LIST, ACTIVITY])]
    assert counted["value"].equals(counted["value_extract"])
    assert len(counted) > 12


def test_rows_say_whose_they_are_and_which_are_sums_of_ours() -> None:
    parsed = SOURCE.parse(packed_extract(extract(ROWS)), Hints())
    rows = parsed.frame[(parsed.frame["breakdown"] == ALL) & (parsed.frame["indicator"] == OVER_6)]
    kinds = {row.organisation: (row.basis, row.derived) for row in rows.itertuples()}
    assert kinds["91Q"] == (Basis.SUB_ICB_LOCATION, False)
    assert kinds["QKS"] == (Basis.SUB_ICB_LOCATION, True)
    assert kinds["RVV"] == (Basis.PROVIDER, True)
    assert kinds[ENGLAND] == (Basis.NATIONAL, True)
    assert set(rows["maturity"]) == {Maturity.PROVISIONAL}
    assert set(rows["period"]) == {Period.month(2026, 5).key}
    assert [(item.code, item.type) for item in parsed.organisations] == [
        ("NT312", OrganisationType.INDEPENDENT_PROVIDER)
    ]


def test_whoever_has_patients_of_commissioners_outside_england_has_no_figure_of_a_provider_from_here() -> (
    None
):
    parsed = SOURCE.parse(packed_extract(extract([*ROWS, FOREIGN])), Hints())
    held = set(parsed.frame["organisation"])
    assert held == {"91Q", "72Q", "QKS", "QKK", "NT312"}
    (finding,) = parsed.findings
    assert "1 providers have patients of commissioners outside England (NONC)" in finding.message


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({(0, "Total WL"): 76}, r"row 2: wanted 'Total WL' as the sum of the weeks, found Total WL '76'"),
        ({(0, "Total Activity"): 126}, r"row 2: wanted 'Total Activity' as the sum of the three kinds"),
        ({(1, "13+ Weeks"): "0,5"}, r"row 3, column 13\+ Weeks: wanted a number, found '0,5'"),
        ({(1, "13+ Weeks"): ""}, r"row 3: wanted a whole number in '13\+ Weeks', 0 or more"),
        ({(1, "00 < 01 Week"): -1}, r"row 3: wanted a whole number in '00 < 01 Week', 0 or more"),
        ({(0, "Diagnostic Tests"): "CT"}, r"row 2: wanted a test's number with its own name"),
        ({(0, "Diagnostic Tests Sort Order"): 2}, r"row 2: wanted a test's number with its own name"),
        (
            {(1, "Diagnostic Tests"): "MRI", (1, "Diagnostic Tests Sort Order"): 1},
            r"row 3: wanted each test once",
        ),
        ({(4, "Diagnostic Tests"): "PET_CT"}, r"row 6: wanted a test's number with its own name"),
        (
            {(0, "Provider Org Code"): "R V V"},
            r"row 2, column Provider Org Code: wanted .* code, found 'R V V'",
        ),
        ({(1, "Provider Org Code"): "RWF"}, r"row 3: wanted a row TOTAL that is the sum of the tests"),
        ({(1, "Commissioner Parent Org Code"): "QKK"}, r"row 3: wanted each commissioner under one parent"),
        ({(1, "Period"): "DM01-APRIL-2026"}, r"row 3: wanted May 2026, as in the first row"),
        ({(0, "Period"): "2026"}, r"row 2: wanted a month in 'Period', such as DM01-MAY-2026, found '2026'"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(
    changed: Mapping[tuple[int, str], Any], message: str
) -> None:
    with pytest.raises(SourceError, match=f"^{ZIP}, '{MEMBER}'.*{message}"):
        SOURCE.parse(packed_extract(extract(ROWS, changed=changed)), Hints())


def test_headings_that_have_changed_places_are_refused() -> None:
    columns = list(EXTRACT_COLUMNS)
    columns[-3], columns[-2] = columns[-2], columns[-3]
    with pytest.raises(SourceError, match="wanted a column 'Planned Activity' after 'Waiting List Activity'"):
        SOURCE.parse(packed_extract(extract(ROWS, columns=columns)), Hints())


def test_a_row_total_that_is_lost_is_refused() -> None:
    lines = extract(ROWS).splitlines(keepends=True)
    with pytest.raises(SourceError, match=r"wanted a row TOTAL that is the sum of the tests"):
        SOURCE.parse(packed_extract(b"".join(lines[:-1])), Hints())
    with pytest.raises(SourceError, match=r"wanted rows below the header, found none"):
        SOURCE.parse(packed_extract(lines[0]), Hints())


def test_the_zip_its_member_and_the_rows_are_of_one_month() -> None:
    content = extract(ROWS)
    for raw in (
        packed_extract(content, name=ZIP.replace("MAY", "JUNE")),
        packed_extract(content, member=MEMBER.replace("MAY", "JUNE")),
    ):
        with pytest.raises(SourceError, match="says May 2026, but the file name says June 2026"):
            SOURCE.parse(raw, Hints())
    parsed = SOURCE.parse(RawFile(MEMBER, content), Hints())
    assert len(parsed.frame)
