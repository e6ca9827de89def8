"""Workforce files through the pipeline: sums of areas, coverage, former CCG areas, editions and speed of sums."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text as sql

from db.catalogue import load_catalogue
from db.domain import FileState, Maturity
from db.settings import Settings
from db.store import Store
from etl.pipeline.roll_up import roll_up
from etl.pipeline.run import RunSummary, load_files
from etl.source import Hints, RawFile
from etl.sources.general_practice_workforce import SOURCE
from tests.support.publications.workforce_files import (
    APRIL,
    HIGH_LEVEL,
    KENT,
    MAY,
    SUSSEX,
    practice,
    table,
    zipped,
)

Write = Callable[[str, bytes], Path]
ZIP = "GPWPracticeCSV.042025.zip"
ASHFORD, MEDWAY, MEDWAY_TOO, SUSSEX_ONE = "G82049", "G82011", "G82014", "G81007"


def rows(store: Store, where: str) -> dict[tuple[str, str], tuple[float | None, float | None, float | None]]:
    """Organisation and period end to numerator, denominator and value."""
    statement = (
        "SELECT organisation_code, period_end, numerator, denominator, value "
        f"FROM current_observation WHERE {where}"
    )
    with store.reading() as connection:
        found = connection.execute(sql(statement))
        return {(row[0], str(row[1])): (row[2], row[3], row[4]) for row in found}


def load(store: Store, settings: Settings, path: Path, hints: Hints | None = None) -> RunSummary:
    return load_files(store, [path], settings, requested_by="a test", hints=hints)


def april() -> RawFile:
    return zipped(
        ZIP,
        {
            APRIL: table(
                practice(ASHFORD, 10_000, (6, 5, 4), 3),
                practice(MEDWAY, 20_000, (8, 7, 6), "NA"),
                practice(MEDWAY_TOO, 30_000, ("NA", "NA", "NA"), 4),
                practice(SUSSEX_ONE, 40_000, (24, 20, 18), 10, place=SUSSEX),
                practice("Y99999", 1_000, (1, 1, 1), 1),
            )
        },
    )


def test_areas_are_sums_of_counts_over_practices_with_a_return(
    store: Store, settings: Settings, write: Write
) -> None:
    summary = load(store, settings, write(ZIP, april().content))
    assert [result.state for result in summary.results] == [FileState.LOADED], summary.results
    day = "2025-04-30"
    found = rows(store, "indicator = 'gp-fully-qualified-fte-rate' AND breakdown = 'all'")
    assert found["91Q", day][:2] == (13, 31_000)
    assert found["91Q", day][2] == pytest.approx(10_000 * 13 / 31_000)
    assert found["QKS", day][:2] == (13, 31_000)
    assert found["Y59", day][:2] == (33, 71_000)
    assert found["ENG", day][:2] == (33, 71_000)
    assert found["ENG", day][2] == pytest.approx(10_000 * 33 / 71_000)
    assert found["09C", day][:2] == (5, 10_000), "Ashford CCG goes on after April 2020"
    assert found["09W", day][:2] == (7, 20_000), "Medway without the practice that gave no return"
    assert found[MEDWAY_TOO, day] == (None, None, None)
    nurses = rows(store, "indicator = 'gp-nurse-fte-rate' AND breakdown = 'staff role: Practice nurse'")
    assert nurses["ENG", day][:2] == (18, 81_000)
    covered = rows(
        store,
        "indicator = 'general-practice-workforce-coverage' AND breakdown = 'staff group: GPs'",
    )
    assert covered["ENG", day][:2] == (71_000, 101_000)
    assert covered["ENG", day][2] == pytest.approx(100 * 71 / 101)
    assert covered["09W", day][:2] == (20_000, 50_000)
    assert covered["09W", day][2] == pytest.approx(40)
    assert covered["QKS", day][:2] == (31_000, 61_000)


def test_what_cannot_be_placed_is_counted_for_the_reader(
    store: Store, settings: Settings, write: Write
) -> None:
    (result,) = load(store, settings, write(ZIP, april().content)).results
    (message,) = [finding.message for finding in result.findings if finding.check == "practices placed"]
    assert message == (
        "30 April 2025: 1 practice with 1,000 patients that cannot be placed in a CCG of 31 March 2020: "
        "left out of the totals of those areas (Y99999)"
    )


def test_next_month_is_compared_with_practices_and_not_with_the_areas_above_them(
    store: Store, settings: Settings, write: Write
) -> None:
    load(store, settings, write(ZIP, april().content))
    (result,) = load(store, settings, write("may.csv", table(practice(ASHFORD))), Hints(period=None)).results
    assert result.state is FileState.REFUSED, "no date in the name"
    known = [practice(code) for code in (ASHFORD, MEDWAY, MEDWAY_TOO)] + [practice(SUSSEX_ONE, 40_000)]
    content = table(*known, practice("Y99999", 1_000))
    (result,) = load(store, settings, write(MAY, content)).results
    assert result.state is FileState.LOADED, result.message
    assert [finding for finding in result.findings if finding.check != "practices placed"] == []


FIRST = zipped(
    "GPWPracticeCSV.0919.zip",
    {"General Practice September 2019 Practice Level.csv": table(practice(ASHFORD, gps=(6, 5, 4)))},
)
AGAIN = zipped(
    "GPWPracticeCSV.062021.zip",
    {"8. General Practice – September 2019 Practice Level.csv": table(practice(ASHFORD, gps=(6, 5.5, 4)))},
)


@pytest.mark.parametrize(
    ("order", "revision"), [((FIRST, AGAIN), "revised"), ((AGAIN, FIRST), "older release")]
)
def test_the_later_edition_of_a_snapshot_stands_and_the_earlier_stays_as_a_revision(
    store: Store, settings: Settings, write: Write, order: tuple[RawFile, RawFile], revision: str
) -> None:
    for raw in order:
        (result,) = load(store, settings, write(raw.name, raw.content)).results
        assert result.state is FileState.LOADED, result.message
    where = f"organisation_code = '{ASHFORD}' AND indicator = 'gp-fully-qualified-fte-rate'"
    assert rows(store, where)[ASHFORD, "2019-09-30"][0] == 5.5
    with store.reading() as connection:
        kept = connection.execute(
            sql(
                "SELECT DISTINCT r.numerator, r.reason FROM observation_revision r "
                "JOIN indicator i ON i.id = r.indicator_id WHERE i.code = 'gp-fully-qualified-fte-rate'"
            )
        )
        assert [tuple(row) for row in kept] == [(5, revision)]


def test_a_high_level_table_never_displaces_the_detailed_one(
    store: Store, settings: Settings, write: Write
) -> None:
    load(store, settings, write(ZIP, april().content))
    high = table(
        {
            "PRAC_CODE": ASHFORD,
            "STAFF_GROUP": "GP",
            "DETAILED_STAFF_ROLE": "Total",
            "MEASURE": "FTE",
            "VALUE": 99,
        },
        columns=HIGH_LEVEL,
    )
    name = "3 General Practice – April 2025 Practice Level - High level.csv"
    load(store, settings, write(name, high), Hints(published_on=date(2027, 1, 1)))
    found = rows(store, f"organisation_code = '{ASHFORD}' AND indicator = 'gp-all-fte-rate'")
    assert found[ASHFORD, "2025-04-30"][:2] == (6, 10_000)


def test_an_original_before_april_2020_and_its_reissue_give_the_same_ccg_area(
    store: Store, settings: Settings, write: Write
) -> None:
    original = {**KENT, "CCG_CODE": "09C", "CCG_NAME": "NHS Ashford CCG"}
    columns = ("PRAC_CODE", "PRAC_NAME", "CCG_CODE", "CCG_NAME", "TOTAL_PATIENTS", "TOTAL_GP_FTE",
      "TOTAL_GP_EXTG_FTE", "TOTAL_GP_EXTGL_FTE", "TOTAL_NURSES_FTE")  # fmt: skip
    before = SOURCE.parse(
        RawFile(
            "General Practice September 2018 Practice Level.csv",
            table(practice(ASHFORD, place=original), columns=columns),
        ),
        Hints(),
    )
    remapped = SOURCE.parse(
        RawFile("7. General Practice – September 2018 Practice Level.csv", table(practice(ASHFORD))), Hints()
    )
    for parsed in (before, remapped):
        known = {**store.catalogue.organisations, **{item.code: item for item in parsed.organisations}}
        whole = roll_up(parsed.frame, SOURCE.roll_ups, known)
        ashford = whole[(whole["organisation"] == "09C") & (whole["indicator"] == "gp-all-fte-rate")]
        assert ashford["numerator"].tolist() == [6]
        assert ashford["derived"].tolist() == [True]
        assert ashford["organisation_name"].tolist() == ["NHS Ashford CCG"]


@pytest.mark.parametrize("month", ["September 2015", "March 2020", "April 2020", "June 2022", "July 2022"])
def test_kent_and_its_former_ccgs_both_have_totals_whenever_the_file_knows_only_kent(
    store: Store, settings: Settings, write: Write, month: str
) -> None:
    content = table(practice(ASHFORD), practice(MEDWAY))
    name = f"7. General Practice – {month} Practice Level.csv"
    (result,) = load(store, settings, write(name, content)).results
    assert result.state is FileState.LOADED, result.message
    found = rows(store, "indicator = 'gp-all-fte-rate' AND numerator IS NOT NULL")
    totals = {code: numbers[:2] for (code, _), numbers in found.items() if not code.startswith("G8")}
    both, one = (12, 20_000), (6, 10_000)
    assert totals == {"91Q": both, "QKS": both, "Y59": both, "ENG": both, "09C": one, "09W": one}


def test_sums_keep_columns_of_categories() -> None:
    parsed = SOURCE.parse(april(), Hints())
    known = {**load_catalogue().organisations, **{item.code: item for item in parsed.organisations}}
    whole = roll_up(parsed.frame, SOURCE.roll_ups, known)
    for name in ("indicator", "organisation", "basis", "breakdown", "missing_reason"):
        assert isinstance(whole[name].dtype, pd.CategoricalDtype)
    assert set(whole["maturity"]) == {Maturity.FINAL.value}
