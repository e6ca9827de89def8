"""The source against the publisher's own field list and real rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from db.domain import OrganisationType
from db.reading.spreadsheets import read_workbook, text_of
from etl.source import Hints, LayoutError, RawFile
from etl.sources.general_practice_workforce import SOURCE
from etl.sources.general_practice_workforce import vocabulary as words

pytestmark = pytest.mark.real_data


def only(path: Path, **wanted: str) -> bytes:
    """A copy's rows of one month, in memory: the copier joined several months."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    kept = [
        row for row in rows[1:] if all(row[rows[0].index(name)] == value for name, value in wanted.items())
    ]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([rows[0], *kept])
    return buffer.getvalue().encode()


def test_every_column_that_is_read_stands_in_the_publishers_field_list(shared_data: Path) -> None:
    (path,) = (shared_data / "workforce/layout").glob("0 *Overall Definitions.xlsx")
    (sheet,) = read_workbook(RawFile(path.name, path.read_bytes())).values()
    fields = {text_of(row[1]) for row in sheet.rows[1:]}
    assert len(fields) == 805
    used = {words.PRACTICE, words.NAME, words.PATIENTS, words.GP_SOURCE, words.NURSE_SOURCE}
    used |= {*words.GP_TOTALS, words.NURSE_TOTAL, *words.NURSE_ROLES}
    used |= {name for spellings in words.PLACES.values() for name in spellings[0]}
    assert used <= fields
    roles = {name for name in fields if name.startswith("TOTAL_N_") and name.endswith("_FTE")}
    assert roles == set(words.NURSE_ROLES), "no role of nurses is left out"


def test_real_rows_of_july_2025_are_read_whatever_the_case_of_the_header(shared_data: Path) -> None:
    content = only(shared_data / "workforce/layout/practice_detailed_cols.csv", year="2025", month="07")
    raw = RawFile("1 General Practice – July 2025 Practice Level - Detailed.csv", content)
    assert SOURCE.recognise(raw)
    parsed = SOURCE.parse(raw, Hints())
    frame = parsed.frame.set_index(["indicator", "breakdown", "organisation"]).sort_index()
    assert frame.loc[("gp-fully-qualified-fte-rate", "all", "A81002"), "numerator"] == 6.546666667
    assert frame.loc[("gp-all-fte-rate", "all", "A81002"), "denominator"] == 18_732
    assert frame.loc[("gp-nurse-fte-rate", "all", "A81001"), "missing_reason"] == "no valid return (NA)"
    covered = frame.loc[[("general-practice-workforce-coverage", "staff group: Nurses", "A81001")]]
    assert covered[["numerator", "denominator"]].to_numpy().tolist() == [[0, 3_849]]
    nurses = parsed.frame[parsed.frame["indicator"] == "gp-nurse-fte-rate"]
    whole, roles = (
        part.groupby("organisation", observed=True)["numerator"].sum(min_count=1)
        for part in (nurses[nurses["breakdown"] == "all"], nurses[nurses["breakdown"] != "all"])
    )
    assert len(whole) == (nurses["breakdown"] == "all").sum()
    assert roles.to_numpy() == pytest.approx(whole.to_numpy(), nan_ok=True)
    (own,) = [item for item in parsed.organisations if item.code == "A81001"]
    assert [parent.code for parent in own.parents] == ["16C", "QHM", "Y63", "00K"]


def test_the_real_copy_of_two_months_is_refused_since_practices_stand_twice(shared_data: Path) -> None:
    content = only(shared_data / "workforce/layout/practice_detailed_cols.csv", year="2025")
    with pytest.raises(LayoutError, match="wanted each practice once, found 'A81001' a second time"):
        SOURCE.parse(RawFile("General Practice – July 2025 Practice Level - Detailed.csv", content), Hints())


def test_the_real_high_level_rows_have_no_staff_that_is_wanted(shared_data: Path) -> None:
    path = shared_data / "workforce/layout/practice_high_cols.csv"
    raw = RawFile("3 General Practice – August 2024 Practice Level - High level.csv", path.read_bytes())
    assert SOURCE.recognise(raw)
    with pytest.raises(LayoutError, match="found 'Direct Patient Care' without it"):
        SOURCE.parse(raw, Hints())


def test_a_real_cut_without_places_has_its_practices_in_kent_and_medway(shared_data: Path) -> None:
    (path,) = (shared_data / "workforce/detailed_cut").glob("*December 2025*(cut).csv")
    parsed = SOURCE.parse(RawFile(path.name, path.read_bytes()), Hints())
    practices = [item for item in parsed.organisations if item.type is OrganisationType.PRACTICE]
    assert len(practices) == 8
    assert all([parent.code for parent in item.parents][:3] == ["91Q", "QKS", "Y59"] for item in practices)
    frame = parsed.frame.set_index(["indicator", "breakdown", "organisation"]).sort_index()
    assert frame.loc[("gp-fully-qualified-fte-rate", "all", "G82634"), "numerator"] == 3.1301333333
    assert any("8 of its 8 practices are placed" in item.message for item in parsed.findings)


@pytest.mark.parametrize(
    "place",
    [
        "workforce/layout/individual_cols.csv",
        "workforce/pcn/*.csv",
        "workforce/pcn/*.zip",
        "workforce/layout/*.xlsx",
        "workforce/patients-registered/*/*",
        "workforce/payments/*.csv",
        "reference/epraccur/*/*",
        "workforce/derived/*.csv",
    ],
)
def test_other_real_files_are_not_claimed(shared_data: Path, place: str) -> None:
    paths = sorted(shared_data.glob(place))
    assert paths
    for path in paths:
        assert not SOURCE.recognise(RawFile(path.name, path.read_bytes())), path.name
