"""The full CSV data file: what bites first in it, and what is no such file."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from db.domain import ALL, ENGLAND, Basis, Maturity, OrganisationType, Period, Severity
from etl.pipeline.recognise import parsed_file, source_of
from etl.source import Hints, RawFile, SourceError
from etl.sources.referral_to_treatment import SOURCE
from etl.sources.referral_to_treatment.vocabulary import FUNCTIONS
from etl.sources.referral_to_treatment.waits import not_exceeded_by
from tests.support.publications.waiting_times import NAME, OTHER, ZIP, Row, packed, table

WITHIN, OVER_52, LIST = "rtt-within-18-weeks", "rtt-over-52-weeks", "rtt-waiting-list"
MEDIAN, PERCENTILE = "rtt-median-wait", "rtt-92nd-percentile-wait"
KENT = Row({0: 10, 17: 10, 18: 5, 52: 3, 65: 2, 104: 1})


def frame(*rows: Row, longest: int = 104) -> pd.DataFrame:
    return SOURCE.parse(RawFile(NAME, table(rows, longest=longest)), Hints()).frame


def figure(found: pd.DataFrame, indicator: str, organisation: str = "RVV", breakdown: str = ALL) -> pd.Series:
    own = found[
        (found["indicator"] == indicator)
        & (found["organisation"] == organisation)
        & (found["breakdown"] == breakdown)
    ]
    assert len(own) == 1, (indicator, organisation, len(own))
    return own.iloc[0]


def counts(found: pd.DataFrame, indicator: str, organisation: str = "RVV") -> tuple[float, float]:
    row = figure(found, indicator, organisation)
    return float(row["numerator"]), float(row["denominator"])


def written(content: bytes, way: str) -> bytes:
    """The same table, as spreadsheets and programs write it."""
    head, *body = list(csv.reader(io.StringIO(content.decode(), newline="")))
    if way == "weeks before names":
        head, *body = [[*line[13:], *line[:13]] for line in (head, *body)]
    if way == "a column more":
        head, *body = [[*head[:5], "Cluster", *head[5:]], *([*line[:5], "a, b", *line[5:]] for line in body)]
    if way == "noughts and spaces":
        head = [f" {label.upper()} " for label in head]
        body = [
            [cell or ("0" if label.startswith(" GT") else "") for label, cell in zip(head, line, strict=True)]
            for line in body
        ]
    output = io.StringIO(newline="")
    quoting: Literal[0, 1] = csv.QUOTE_ALL if way == "quoted with a mark" else csv.QUOTE_MINIMAL
    csv.writer(output, lineterminator="\n", quoting=quoting).writerows([head, *body])
    return output.getvalue().encode("utf-8-sig" if way == "quoted with a mark" else "utf-8")


@pytest.mark.parametrize(
    "way", ["quoted with a mark", "weeks before names", "a column more", "noughts and spaces"]
)
def test_the_figures_are_the_same_however_the_table_is_written(way: str) -> None:
    rows = (
        KENT,
        Row({0: 10}, "Part_2A"),
        Row({4: 5, 20: 1}, "Part_1A", unknown=2),
        Row({3: 7}, function=OTHER),
    )
    raw = RawFile(NAME, written(table(rows), way))
    assert SOURCE.recognise(raw)
    pd.testing.assert_frame_equal(SOURCE.parse(raw, Hints()).frame, frame(*rows))


def test_commissioners_outside_england_count_for_nobody() -> None:
    found = frame(KENT, Row({3: 7}, commissioner="NONC", parent=""))
    assert counts(found, WITHIN) == (20, 31)
    assert counts(found, WITHIN, ENGLAND) == (20, 31)
    assert "NONC" not in set(found["organisation"])


def test_a_total_row_is_not_added_to_its_functions() -> None:
    found = frame(KENT, Row({1: 4}, function=OTHER))
    assert figure(found, LIST)["value"] == 35
    assert figure(found, LIST, breakdown="treatment function: Urology")["value"] == 31
    assert figure(found, LIST, breakdown="treatment function: Other - Surgical")["value"] == 4


def test_those_with_a_decision_to_admit_are_a_part_of_those_who_wait() -> None:
    found = frame(KENT, Row({0: 10}, "Part_2A"), Row({}, "Part_3", unknown=40))
    assert figure(found, LIST)["value"] == 31
    assert figure(found, "rtt-new-periods")["value"] == 40


def test_exactly_18_weeks_is_within_and_the_last_week_has_no_end() -> None:
    found = frame(KENT)
    assert counts(found, WITHIN) == (20, 31)
    assert counts(found, OVER_52) == (6, 31)
    assert [figure(found, f"rtt-over-{weeks}-weeks")["value"] for weeks in (65, 78)] == [3, 1]


def test_completed_pathways_are_shares_of_those_whose_start_is_known() -> None:
    found = frame(
        Row({0: 6, 30: 2}, "Part_1A", unknown=3), Row({}, "Part_1B", unknown=2), Row({4: 1}, "Part_1B", OTHER)
    )
    assert counts(found, "rtt-admitted-within-18-weeks") == (6, 8)
    assert counts(found, "rtt-non-admitted-within-18-weeks") == (1, 1)
    unknown = figure(frame(Row({}, "Part_1A", unknown=3)), "rtt-admitted-within-18-weeks")
    assert (unknown["denominator"], unknown["missing_reason"]) == (0, "no pathways whose start is known")


def test_before_april_2021_there_are_53_weeks_and_another_other() -> None:
    old = Row({0: 20, 52: 5}, function="X01", month="RTT-March-2021")
    raw = RawFile("20210331-RTT-March-2021-full-extract.csv", table([old], longest=52))
    found = SOURCE.parse(raw, Hints()).frame
    assert counts(found, OVER_52) == (5, 25)
    assert not {"rtt-over-65-weeks", "rtt-over-78-weeks"} & set(found["indicator"])
    assert set(found["breakdown"]) == {ALL, "treatment function: Other, to March 2021"}
    beyond = figure(found, PERCENTILE)
    assert np.isnan(beyond["value"])
    assert beyond["missing_reason"] == "longer than 52 weeks"


def test_an_old_file_has_its_header_in_the_fourth_line() -> None:
    above = ["Consultant-led Referral to Treatment", "England", "Provisional"]
    raw = RawFile(NAME, table([KENT], above=above))
    pd.testing.assert_frame_equal(SOURCE.parse(raw, Hints()).frame, frame(KENT))
    spoilt = table([KENT, Row({1: 2}, function="C_999x")], above=above, totals=False)
    with pytest.raises(SourceError, match=r"full-extract.csv, row 6: wanted one of 'C_100'"):
        SOURCE.parse(RawFile(NAME, spoilt), Hints())


def test_a_trust_that_sent_in_nothing_is_absent_not_nought() -> None:
    assert set(frame(KENT)["organisation"]) == {"RVV", "91Q", "QKS", "Y59", ENGLAND}


def test_trusts_and_commissioners_stand_on_two_bases_and_england_on_neither() -> None:
    found = frame(
        KENT, Row({1: 9}, provider="RWF"), Row({2: 5}, provider="RWF", commissioner="92A", parent="QXU")
    )
    basis = dict(zip(found["organisation"], found["basis"], strict=True))
    assert basis["RVV"] == Basis.PROVIDER
    assert {basis[code] for code in ("91Q", "92A", "QKS", "QXU", "Y59")} == {Basis.SUB_ICB_LOCATION}
    assert basis[ENGLAND] == Basis.NATIONAL
    assert [figure(found, LIST, code)["value"] for code in ("RVV", "RWF", "91Q", "92A", ENGLAND)] == [
        31,
        14,
        40,
        5,
        45,
    ]
    assert set(found.loc[found["derived"], "organisation"]) == {"QKS", "QXU", "Y59", ENGLAND}


def test_a_region_that_commissions_itself_is_not_the_region() -> None:
    found = frame(
        KENT, Row({2: 100}, commissioner="Y59", parent=""), Row({2: 50}, commissioner="13R", parent="")
    )
    assert figure(found, LIST, "Y59")["value"] == 31
    assert "13R" not in set(found["organisation"])
    assert [figure(found, LIST, code)["value"] for code in ("RVV", ENGLAND)] == [181, 181]


def test_codes_of_independent_sites_are_codes_and_small_letters_capitals() -> None:
    raw = RawFile(NAME, table([KENT, Row({1: 2}, provider="NTPAE"), Row({1: 3}, provider="nt312")]))
    parsed = SOURCE.parse(raw, Hints())
    assert {item.code: item.type for item in parsed.organisations} == dict.fromkeys(
        ("NTPAE", "NT312"), OrganisationType.INDEPENDENT_PROVIDER
    )
    assert {"NTPAE", "NT312"} <= set(parsed.frame["organisation"])


def test_an_areas_median_is_made_of_all_its_pathways_never_of_medians() -> None:
    quick, slow = Row({2: 90}), Row({40: 30}, provider="RWF", commissioner="92A")
    found = frame(quick, slow)
    assert [figure(found, MEDIAN, code)["value"] for code in ("RVV", "RWF")] == [2.5, 40.5]
    assert figure(found, MEDIAN, "QKS")["value"] == pytest.approx(2 + 60 / 90)
    assert figure(found, PERCENTILE, ENGLAND)["value"] == pytest.approx(40 + (0.92 * 120 - 90) / 30)


@pytest.mark.parametrize(
    ("weeks", "percent", "expected"),
    [
        ({0: 19}, 50, None),
        ({0: 20}, 50, 0.5),
        ({0: 10, 30: 10}, 50, 1.0),
        ({0: 46, 50: 4}, 92, 1.0),
        ({0: 10, 104: 10}, 92, None),
        ({103: 25}, 92, 103.92),
    ],
)
def test_waits_lie_evenly_within_their_week(
    weeks: Mapping[int, int], percent: int, expected: float | None
) -> None:
    row = np.zeros((1, 105))
    for week, count in weeks.items():
        row[0, week] = count
    (found,) = not_exceeded_by(percent, row).tolist()
    assert np.isnan(found) if expected is None else found == pytest.approx(expected, rel=1e-12)


def test_few_pathways_have_no_median_and_say_why() -> None:
    row = figure(frame(Row({0: 19})), MEDIAN)
    assert np.isnan(row["value"])
    assert row["missing_reason"] == "fewer than 20 pathways"


def test_every_function_of_the_publisher_has_a_name() -> None:
    rows = [Row({1: 2}, function=code) for code in FUNCTIONS if code != "C_999"]
    names = set(frame(*rows)["breakdown"]) - {ALL}
    assert len(names) == len(rows) == 24


@pytest.mark.parametrize(
    ("name", "expected"),
    [(ZIP, Maturity.PROVISIONAL), (ZIP.replace("-ZIP", "-revised-ZIP"), Maturity.REVISED)],
)
def test_a_zip_is_provisional_until_it_is_revised(name: str, expected: Maturity) -> None:
    raw = packed(table([KENT]), name)
    assert source_of(raw) is SOURCE
    parsed = parsed_file(SOURCE, raw, Hints())
    assert set(parsed.frame["maturity"]) == {expected}
    assert not parsed.complete


def test_a_file_packed_by_gzip_is_the_same() -> None:
    raw = RawFile(f"{NAME}.gz", gzip.compress(table([KENT])))
    assert source_of(raw) is SOURCE
    pd.testing.assert_frame_equal(SOURCE.parse(raw, Hints()).frame, frame(KENT))
    with pytest.raises(SourceError, match=r"csv\.gz is cut short or damaged"):
        SOURCE.parse(RawFile(raw.name, raw.content[:-40]), Hints())


WEEK_3 = "Gt 03 To 04 Weeks SUM 1"
SPOILT = {
    "a week changed": (
        Row({0: 9}, changed={WEEK_3: 1}),
        r"row 3: wanted weeks that add up to 'Total All', found",
    ),
    "a negative week": (
        Row({0: 9}, changed={WEEK_3: -1}),
        r"row 3: wanted a whole number of pathways, 0 or more",
    ),
    "half a pathway": (Row({0: 9}, changed={WEEK_3: 0.5}), r"row 3: .*found Gt 03 To 04 Weeks SUM 1 0.5"),
    "a word": (
        Row({0: 9}, changed={WEEK_3: "many"}),
        r"row 3, column Gt 03 To 04 Weeks SUM 1: wanted a number",
    ),
    "no total": (Row({0: 9}, changed={"Total All": ""}), r"row 3: .*found Total All blank"),
    "completed": (
        Row({0: 9}, "Part_1A", changed={"Total": 8}),
        r"row 3: wanted weeks that add up to 'Total'",
    ),
    "unknown start": (Row({0: 9}, "Part_1A", changed={"Total All": 10}), r"row 3: wanted 'Total' and those"),
    "weeks of new": (Row({}, "Part_3", unknown=9, changed={WEEK_3: 1}), r"row 3: wanted no weeks of waiting"),
    "no part": (Row({0: 9}, "Part_4"), r"row 3: wanted one of 'Part_1A'.*found RTT Part Type 'Part_4'"),
    "no function": (Row({0: 9}, function="C_998"), r"row 3: wanted one of 'C_100'"),
    "no code": (
        Row({0: 9}, provider="East Kent"),
        r"row 3, column Provider Org Code: wanted an organisation's code.*'East Kent'",
    ),
    "another month": (
        Row({0: 9}, function=OTHER, month="RTT-May-2026"),
        r"row 3: wanted January 2026.*May 2026",
    ),
    "no month": (Row({0: 9}, function=OTHER, month="RTT-2026"), r"row 3: wanted a month in 'Period'"),
    "twice": (KENT, r"row 3: wanted RVV for 91Q, Part_2, C_101 once, found also in row 2"),
    "two boards": (Row({0: 9}, function=OTHER, parent="QXU"), r"row 3: wanted 91Q under QKS"),
}


@pytest.mark.parametrize("case", SPOILT)
def test_what_contradicts_itself_is_refused_and_named(case: str) -> None:
    row, message = SPOILT[case]
    raw = packed(table([KENT, row]))
    with pytest.raises(SourceError, match=f"^{ZIP}, '{NAME}', {message}"):
        SOURCE.parse(raw, Hints())


def test_more_with_a_decision_than_wait_are_refused() -> None:
    raw = RawFile(NAME, table([KENT, Row({0: 99}, "Part_2A")]))
    with pytest.raises(
        SourceError, match="wanted at most the 62 of Part_2 with a decision to admit, found 198"
    ):
        SOURCE.parse(raw, Hints())


def test_a_part_that_the_file_lacks_is_told() -> None:
    (finding,) = SOURCE.parse(RawFile(NAME, table([KENT])), Hints()).findings
    assert (finding.severity, finding.count) == (Severity.WARNING, 3)
    assert "found none of 'Part_1A', 'Part_1B', 'Part_3'" in finding.message
    with pytest.raises(
        SourceError, match="rows of pathways below the header, found none of a part with a figure"
    ):
        SOURCE.parse(RawFile(NAME, table([Row({0: 9}, "Part_2A")])), Hints())


def test_a_month_since_april_2021_has_105_columns_of_weeks() -> None:
    with pytest.raises(SourceError, match=r"row 1: wanted 105 columns of weeks in January 2026, .* found 53"):
        SOURCE.parse(RawFile(NAME, table([Row({0: 9})], longest=52)), Hints())


def test_a_total_that_its_functions_do_not_make_is_refused() -> None:
    total = Row({0: 12}, function="C_999")
    with pytest.raises(
        SourceError, match=r"row 3: wanted a Total \(C_999\) of RVV for 91Q, Part_2.* of 31, .*found 12"
    ):
        SOURCE.parse(RawFile(NAME, table([KENT, total], totals=False)), Hints())
    with pytest.raises(SourceError, match=r"row 2: wanted a Total .* found no such row"):
        SOURCE.parse(RawFile(NAME, table([KENT], totals=False)), Hints())


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (b"Gt 07 To 08", b"Gt 07 To 09", r"row 1: wanted a week from 7 to 8"),
        (b"Gt 07 To 08", b"Gt 06 To 07", r"row 1: wanted each week once"),
        (b"Gt 07 To 08 Weeks SUM 1", b"Weeks", r"row 1: wanted a column for each week .*none from week '7'"),
        (b"Gt 104 Weeks SUM 1", b"Gt 105 Weeks SUM 1", r"row 1: wanted one column of waits of more than 104"),
        (
            b"Gt 17 To 18 Weeks SUM 1,Gt 18 To 19 Weeks",
            b"Gt 18 To 19 Weeks SUM 1,Gt 17 To 18 Weeks",
            r"row 1: wanted the weeks in their order, found",
        ),
        (b"Total All", b"Everyone", r"row 1: wanted a column 'Total All'"),
    ],
)
def test_a_changed_header_is_refused_by_what_it_lacks(before: bytes, after: bytes, message: str) -> None:
    raw = RawFile(NAME, table([KENT]).replace(before, after))
    assert SOURCE.recognise(raw)
    with pytest.raises(SourceError, match=f"^{NAME}, {message}"):
        SOURCE.parse(raw, Hints())


def test_file_name_and_request_must_name_its_month() -> None:
    with pytest.raises(SourceError, match="says January 2026, but the file name says February 2026"):
        SOURCE.parse(packed(table([KENT]), ZIP.replace("Jan26", "Feb26")), Hints())
    with pytest.raises(SourceError, match="January 2026, but the request or the page that links to it says"):
        SOURCE.parse(packed(table([KENT])), Hints(period=Period.month(2025, 1)))


def test_a_zip_of_other_things_is_refused_by_what_is_in_it() -> None:
    other = packed(b"a,b\n1,2\n")
    assert not SOURCE.recognise(other)
    with pytest.raises(SourceError, match="wanted one full CSV data file inside, found '20260131"):
        SOURCE.parse(other, Hints())
