"""The overview time series and the monthly workbooks: what bites first in them, and what is none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import pytest

from db.domain import ENGLAND, Maturity, OrganisationType, Period
from etl.pipeline.recognise import source_of
from etl.source import Hints, ParsedFile, RawFile, SourceError
from etl.sources.referral_to_treatment import SOURCE
from tests.support.publications.waiting_times import grid, series, weeks_heads
from tests.support.publications.workbooks import workbook

SERIES = "RTT_Overview_Timeseries_Mar24.xlsx"
MONTHS: dict[object, Sequence[object]] = {
    date(2023, 12, 1): (14.1, "52+", 4_000_000, 0.5, 400_000, 0.05, "-", 8_000_000, "-"),
    date(2024, 1, 1): (14.2, 44.5, 4_100_000, 0.5125, 400_000, 0.05, 10_000, 8_000_000, 1_700_000),
    "* Feb-24": (14.3, 44.6, 4_200_000, 0.525, 400_000, 0.05, 9_000, 8_000_000, 1_710_000),
    date(2024, 3, 1): (14.4, 44.7, 4_300_000, 0.5375, 400_000, 0.05, 8_000, 8_000_000, 1_720_000),
}
WAITING = "Monthly Referral to Treatment (RTT) waiting times for incomplete pathways."
HEADS = ["Region Code", "Provider Code", "Provider Name", "Treatment Function Code", "Treatment Function"]
MEASURES = [
    "Total number of incomplete pathways",
    "Total within 18 weeks",
    "% within 18 weeks",
    "Average (median) waiting time (in weeks)",
    "92nd percentile waiting time (in weeks)",
    "Total 52 plus weeks",
    "Total 78 plus weeks",
    "Total 65 plus weeks",
]
PROVIDERS = "Incomplete-Provider-Dec24-XLSX-9M-92707.xlsx"


def parsed_series(months: dict[object, Sequence[object]], name: str = SERIES) -> ParsedFile:
    return SOURCE.parse(RawFile(name, series(months)), Hints())


def values(parsed: ParsedFile, indicator: str) -> dict[int, float]:
    own = parsed.frame[parsed.frame["indicator"] == indicator]
    return dict(zip(own["period"] // 10_000, own["value"], strict=True))


def test_a_month_with_a_footnote_is_a_month() -> None:
    parsed = parsed_series(MONTHS)
    assert source_of(RawFile(SERIES, series(MONTHS))) is SOURCE
    assert list(values(parsed, "rtt-within-18-weeks")) == [202312, 202401, 202402, 202403]
    assert values(parsed, "rtt-median-wait")[202402] == 14.3
    assert set(parsed.frame["organisation"]) == {ENGLAND}


def test_what_is_not_published_is_left_out_and_what_lies_beyond_52_weeks_is_said() -> None:
    parsed = parsed_series(MONTHS)
    assert list(values(parsed, "rtt-new-periods")) == [202401, 202402, 202403]
    assert np.isnan(values(parsed, "rtt-92nd-percentile-wait")[202312])
    row = parsed.frame[parsed.frame["missing_reason"] != ""].iloc[0]
    assert row["missing_reason"] == "longer than 52 weeks"
    assert "rtt-over-65-weeks" not in set(parsed.frame["indicator"])


def test_a_total_in_millions_is_a_plain_count() -> None:
    assert values(parsed_series(MONTHS), "rtt-waiting-list")[202403] == 8_000_000
    spoilt = {**MONTHS, date(2024, 3, 1): (14.4, 44.7, 4.3, 0.5375, 0.4, 0.05, 8_000, 8.0, 1_720_000)}
    with pytest.raises(
        SourceError, match=r"row 12 \(March 2024\): wanted the total waiting as a plain count"
    ):
        parsed_series(spoilt)


def test_a_lost_month_and_a_lost_figure_are_refused() -> None:
    without = {month: figures for month, figures in MONTHS.items() if month != "* Feb-24"}
    with pytest.raises(
        SourceError, match=r"sheet 'Full Time Series', row 11: wanted the month after January 2024"
    ):
        parsed_series(without)
    with pytest.raises(SourceError, match=r"row 11 \(February 2024\): wanted 'within' beside the total"):
        parsed_series({**MONTHS, "* Feb-24": (14.3, 44.6, "-", 0.5, 4, 0.1, 9, 8_000_000, 1)})
    with pytest.raises(SourceError, match=r"row 12: wanted the figures of the month after January 2024"):
        parsed_series({**MONTHS, "* Feb-24": ["-"] * 9})
    with pytest.raises(
        SourceError, match=r"row 11 \(February 2024\), 'Median wait \(weeks\)': wanted a number"
    ):
        parsed_series({**MONTHS, "* Feb-24": ("long", *MONTHS["* Feb-24"][1:])})


def test_the_series_ends_with_the_month_of_its_name() -> None:
    with pytest.raises(SourceError, match="its last row says March 2024, but the file name says April 2024"):
        parsed_series(MONTHS, SERIES.replace("Mar24", "Apr24"))


def row(code: str, weeks: dict[int, int], *printed: object, function: str = "C_999") -> list[object]:
    counts = [weeks.get(week, 0) for week in range(105)]
    total = sum(counts)
    within = sum(counts[:18])
    long = [sum(counts[least:]) for least in (52, 78, 65)]
    share, *waits = printed or (within / total if total else 0, "-", "-")
    return ["Y59", code, f"TRUST {code}", function, "Total", *counts, total, within, share, *waits, *long]


def providers(*rows: list[object], revised: str = "-", name: str = PROVIDERS) -> RawFile:
    heads = [*HEADS, *weeks_heads(), *MEASURES]
    decided = ["Total number of incomplete pathways with a decision to admit for treatment", *MEASURES[1:]]
    book: dict[str, list[list[object]]] = {
        "Provider": grid(heads, rows, summary=WAITING, revised=revised),
        "Provider with DTA": grid([*HEADS, *weeks_heads(), *decided], [row("RVV", {0: 5})], summary=WAITING),
        "IS Provider": grid(heads, [row("NT312", {3: 4})], summary=WAITING),
        "Notes": [[]],
    }
    return RawFile(name, workbook(book))


def test_providers_of_both_sheets_are_read_and_those_with_a_decision_are_not() -> None:
    raw = providers(row("RVV", {0: 50, 20: 50}, 0.5, 18.0, 20.84), row("RWF", {}))
    assert source_of(raw) is SOURCE
    parsed = SOURCE.parse(raw, Hints())
    found = parsed.frame.set_index(["indicator", "organisation"])
    assert set(parsed.frame["organisation"]) == {"RVV", "NT312"}
    assert tuple(found.loc[("rtt-within-18-weeks", "RVV"), ["numerator", "denominator", "value"]]) == (
        50,
        100,
        50,
    )
    assert found.loc[("rtt-median-wait", "RVV"), "value"] == 18.0
    assert found.loc[("rtt-92nd-percentile-wait", "RVV"), "value"] == 20.84
    assert found.loc[("rtt-median-wait", "NT312"), "missing_reason"] == "fewer than 20 pathways"
    assert [(item.code, item.type) for item in parsed.organisations] == [
        ("NT312", OrganisationType.INDEPENDENT_PROVIDER)
    ]
    assert set(parsed.frame["period"]) == {Period.month(2024, 12).key}


@pytest.mark.parametrize(
    ("revised", "day", "maturity"),
    [("-", date(2025, 2, 13), Maturity.PROVISIONAL), ("10th July 2025", date(2025, 7, 10), Maturity.REVISED)],
)
def test_a_sheet_says_when_it_was_published_and_revised(revised: str, day: date, maturity: Maturity) -> None:
    parsed = SOURCE.parse(providers(row("RVV", {0: 30}, 1, 0.5, 0.9), revised=revised), Hints())
    assert parsed.published_on == day
    assert set(parsed.frame["maturity"]) == {maturity}


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [
        (row("RVV", {0: 50, 20: 50}, 0.6, 1, 1), r"row 15 \(RVV\): wanted '% within 18 weeks' of 0.5"),
        (row("R V V", {0: 50}), r"row 15: wanted an organisation's code, found 'R V V'"),
        (row("RVV", {0: 50}, function="C_9"), r"row 15: wanted one of 'C_100'"),
        ([*row("RVV", {60: 5})[:-3], 6, 0, 0], r"row 15 \(RVV\): wanted 'Total 52 plus weeks' of 5"),
        (
            [*row("RVV", {0: 5})[:110], 6, *row("RVV", {0: 5})[111:]],
            r"row 15 \(RVV\): wanted 'Total number of inc",
        ),
    ],
)
def test_a_grid_that_contradicts_itself_is_refused(spoilt: list[object], message: str) -> None:
    with pytest.raises(SourceError, match=f"^{PROVIDERS}, sheet 'Provider', {message}"):
        SOURCE.parse(providers(spoilt), Hints())


def test_a_total_that_its_functions_do_not_make_is_refused() -> None:
    raw = providers(row("RVV", {0: 5}, function="C_101"), row("RVV", {0: 6}))
    with pytest.raises(SourceError, match=r"row 16 \(RVV\): wanted a Total \(C_999\) of 5, .*found 6"):
        SOURCE.parse(raw, Hints())
    twice = providers(row("RVV", {0: 5}), row("RVV", {0: 5}))
    with pytest.raises(SourceError, match=r"row 16 \(RVV\): wanted C_999 once, found a second row"):
        SOURCE.parse(twice, Hints())


def test_new_periods_have_no_weeks() -> None:
    heads = [*HEADS, "Number of new RTT clock starts during the month"]
    rows = [["Y59", "RVV", "A TRUST", code, "", count] for code, count in (("C_101", 70), ("C_999", 70))]
    book = {"Provider": grid(heads, rows, summary="Monthly Referral to Treatment (RTT) new RTT periods.")}
    parsed = SOURCE.parse(RawFile("New-Periods-Provider-Dec24.xlsx", workbook(book)), Hints())
    assert dict(zip(parsed.frame["breakdown"], parsed.frame["value"], strict=True)) == {
        "treatment function: Urology": 70,
        "all": 70,
    }


@pytest.mark.parametrize(("word", "part"), [("admitted", "admitted"), ("non-admitted", "non-admitted")])
def test_admitted_is_a_part_of_the_word_non_admitted(word: str, part: str) -> None:
    heads = [
        *HEADS,
        *weeks_heads(),
        "Patients with unknown clock start date",
        "Total number of completed pathways (all)",
        "Total number of completed pathways (with a known clock start)",
    ]
    rows = [["Y59", "RVV", "A TRUST", "C_999", "Total", 8, *[0] * 29, 2, *[0] * 74, 3, 13, 10]]
    summary = f"Monthly Referral to Treatment (RTT) waiting times for completed {word} pathways."
    raw = RawFile(f"{word}-Provider-Dec24.xlsx", workbook({"Provider": grid(heads, rows, summary=summary)}))
    parsed = SOURCE.parse(raw, Hints())
    assert parsed.frame[["indicator", "numerator", "denominator"]].to_numpy().tolist() == [
        [f"rtt-{part}-within-18-weeks", 8, 10]
    ]
