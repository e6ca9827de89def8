"""Data files and league tables: what bites first in them, each with figures that are known."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from db.domain import FileState, Period
from db.domain.organisation import TrustKind
from db.domain.reading import StatedFigure
from db.settings import Settings
from db.store import Store
from etl.pipeline.run import load_files
from etl.source import Hints, LayoutError, RawFile
from etl.sources.oversight_framework import SOURCE
from tests.etl.sources.oversight_framework.made_up import (
    ACUTE,
    AMBULANCE,
    COMMUNITY,
    DATA,
    LEAGUE,
    place,
    row,
    summary,
    table,
)

LAST, FIRST = Period.quarter(2026, 1), Period.quarter(2025, 4)
NEXT = {"Quarter": "Q1 2026/27"}
WHOLE = [*summary("RVV", "4.0", "2.97", "2.0"), *summary("RWF", "3.0", "1.72", "1.0", "1.0", "1.0")]


def figures(raw: RawFile) -> dict[tuple[str, str, Period], float]:
    """Values by indicator, trust and period."""
    frame = SOURCE.parse(raw, Hints()).frame
    return {
        (item["indicator"], item["organisation"], Period.from_key(item["period"])): item["value"]
        for item in frame.to_dict("records")
    }


def told(raw: RawFile, column: str = "note") -> dict[tuple[str, str], Any]:
    """What stands beside values, by indicator and trust."""
    frame = SOURCE.parse(raw, Hints()).frame
    return {(item["indicator"], item["organisation"]): item[column] for item in frame.to_dict("records")}


def test_a_segment_comes_with_what_the_override_decided_and_a_place_stands_by_itself() -> None:
    raw = table(WHOLE)
    assert SOURCE.recognise(raw)
    found, notes = figures(raw), told(raw)
    assert found["oversight-segment", "RWF", LAST] == 3
    assert notes["oversight-segment", "RWF"] == "Its scores alone would give segment 1; it is in deficit"
    assert not notes["oversight-segment", "RVV"], "a place without its likely range misleads"
    assert (found["oversight-league-place", "RWF", LAST], notes["oversight-league-place", "RWF"]) == (
        1,
        "of 2 acute trusts",
    )
    assert found["oversight-average-score", "RVV", LAST] == 2.97, "its own rank, by score alone, is no place"


def test_the_two_years_have_ids_and_domains_of_their_own() -> None:
    raw = table([
        *WHOLE,
        row("RVV", "OF4005", "2.5"),
        *summary("RVV", "3.0", "2.4", "1.0", **NEXT),
        row("RVV", "OF4205", "2.33", **NEXT),
        row("RVV", "OF4209", "2.1", **NEXT),
    ])  # fmt: skip
    found, later = figures(raw), Period.quarter(2026, 4)
    assert found["oversight-segment", "RVV", later] == 3
    assert found["oversight-average-score", "RVV", later] == 2.4
    assert found["oversight-domain-effectiveness-experience", "RVV", LAST] == 2.5
    assert found["oversight-domain-experience", "RVV", later] == 2.33
    assert found["oversight-domain-effectiveness", "RVV", later] == 2.1
    with pytest.raises(LayoutError, match="row 2: wanted the ids of April to June 2026, such as OF5200"):
        SOURCE.parse(table([row("RVV", "OF5000", "3.0", "1.0", **NEXT)]), Hints())


def test_meaning_comes_from_the_id_and_never_from_the_unit_or_the_words() -> None:
    wrong = [{**item, "Units": "flag", "Metric_description": "Financial override"} for item in WHOLE]
    assert figures(table(wrong)) == figures(table(WHOLE))
    scores_too = [*WHOLE, row("RVV", "OF0079", "-6.32", "118.0"), row("RVV", "OF1079", "4.0", "118.0")]
    assert (
        figures(table(scores_too))["finance-planned-surplus-deficit", "RVV", Period.financial_year(2025)]
        == -6.32
    )


def test_a_metric_with_two_units_under_one_id_is_left_and_one_that_is_read_twice_is_refused() -> None:
    two = [row("RVV", "OF0088", "12.0", Units="count"), row("RVV", "OF0088", "1.2", Units="rate")]
    assert figures(table([*WHOLE, *two])) == figures(table(WHOLE))
    with pytest.raises(
        LayoutError, match="wanted OF5000 of RVV once in January to March 2026, found a second row"
    ):
        SOURCE.parse(table([*WHOLE, WHOLE[0]]), Hints())


def test_equal_trusts_share_the_better_place() -> None:
    ranks = {"RVV": "1.0", "RWF": "2.0", "RPA": "2.0", "RN7": "4.0"}
    raw = table([item for code, rank in ranks.items() for item in summary(code, "2.0", "2.0", rank)])
    parsed = SOURCE.parse(raw, Hints())
    assert told(raw)["oversight-league-place", "RN7"] == "of 4 acute trusts"
    assert not parsed.findings


def test_of_a_league_that_lacks_rows_it_is_not_said_how_many_there_are() -> None:
    raw = table(summary("RWF", "3.0", "1.72", "35.0"))
    assert told(raw)["oversight-league-place", "RWF"] == "among acute trusts"
    (finding,) = SOURCE.parse(raw, Hints()).findings
    assert finding.message == (
        "January to March 2026, acute trusts: places in the league that nobody has, so rows are missing"
    )


def test_each_league_has_its_own_places_and_trusts_its_kind() -> None:
    raw = table([
        *WHOLE,
        *summary("RYY", "1.0", "1.53", "1.0", Trust_type=COMMUNITY),
        *summary("RYD", "2.0", "2.2", "1.0", Trust_type=AMBULANCE),
        *summary("RXY", "3.0", "2.31", "2.0", Trust_type="Non-acute hospital trust"),
    ])  # fmt: skip
    notes, kinds = told(raw), told(raw, "trust_kind")
    assert notes["oversight-league-place", "RYY"] == "of 2 mental health and community trusts"
    assert notes["oversight-league-place", "RYD"] == "of 1 ambulance trusts"
    assert kinds["oversight-segment", "RXY"] == TrustKind.MENTAL_HEALTH_AND_COMMUNITY, "its name of 2025"
    assert kinds["oversight-average-score", "RVV"] == TrustKind.ACUTE
    with pytest.raises(
        LayoutError, match=r"wanted one of 'Acute trust', .* in 'Trust_type', found 'Hospital'"
    ):
        SOURCE.parse(table(summary("RYY", "1.0", "1.5", "1.0", Trust_type="Hospital")), Hints())


def test_a_plan_is_of_its_year_from_the_first_quarter_on_and_the_newest_stands() -> None:
    plans = [
        row("TAD", "OF0079", "0.0", Quarter="Q1 2025/26"),
        row("TAD", "OF0079", "0.86", Quarter="Q2 2025/26"),
        row("TAD", "OF0079", "-1.5", Quarter="Q1 2026/27"),
    ]
    found = figures(table([*WHOLE, *plans]))
    assert found["finance-planned-surplus-deficit", "TAD", Period.financial_year(2025)] == 0.86
    assert found["finance-planned-surplus-deficit", "TAD", Period.financial_year(2026)] == -1.5
    (organisation,) = SOURCE.parse(table([*WHOLE, *plans]), Hints()).organisations
    assert (organisation.code, organisation.name) == ("TAD", "Trust TAD, of Kent")


def test_variance_is_of_its_quarter() -> None:
    rows = [
        row("RPA", "OF0081", value, "134.0", Quarter=quarter, Reporting_date=label)
        for value, quarter, label in (
            ("-8.76", "Q3 2025/26", "Month 9 2025"),
            ("-9.49", "Q4 2025/26", "Month 12 2025/26"),
        )
    ]
    found = figures(table([*WHOLE, *rows]))
    assert found["finance-variance-to-plan", "RPA", Period.quarter(2025, 10)] == -8.76
    assert found["finance-variance-to-plan", "RPA", LAST] == -9.49


@pytest.mark.parametrize(
    ("metric", "label", "period"),
    [
        ("OF0011", "Q4 2025/26", LAST),
        ("OF0011", "Q4 25/26", LAST),
        ("OF0011", "Q4 2025", LAST),
        ("OF0023", "Mar-26", Period.month(2026, 3)),
        ("OF0023", "M12 25/26", Period.month(2026, 3)),
        ("OF0003", "Month 12 2025/26", Period.month(2026, 3)),
    ],
)
def test_figures_of_other_sources_are_stated_in_their_own_period(
    metric: str, label: str, period: Period
) -> None:
    raw = table([*WHOLE, row("RVV", metric, "74.44", "37.0", Reporting_date=label)])
    (stated,) = SOURCE.parse(raw, Hints()).stated
    assert (stated.organisation, stated.period, stated.value) == ("RVV", period, 74.44)
    assert figures(raw) == figures(table(WHOLE)), "they are no figures of this source"


def test_a_label_of_another_period_is_not_taken_for_the_quarter() -> None:
    rows = [
        row("RVV", "OF0011", "74.44", Reporting_date="Q4 2024-25"),
        row("RVV", "OF0023", "56.48", Reporting_date="Feb-26"),
        row("RVV", "OF0008", "9.28", Reporting_date="Mar-26"),
    ]
    assert SOURCE.parse(table([*WHOLE, *rows]), Hints()).stated == (), "nor is six weeks before 2026/27"
    later = row("RVV", "OF0008", "9.28", Quarter="Q1 2026/27", Reporting_date="Jun-26")
    assert SOURCE.parse(table([*WHOLE, later]), Hints()).stated == (
        StatedFigure("diagnostics-over-6-weeks", "RVV", Period.month(2026, 6), 9.28),
    )


def test_the_first_issue_has_its_quarter_in_its_summary_rows_only() -> None:
    columns = [name for name in DATA if name != "Quarter"]
    rows = [{**item, "Reporting_date": "Q1 2025/26"} for item in WHOLE]
    sickness = row("RVV", "OF0081", "-1.5", Reporting_date="Month 3 2025")
    found = figures(table([*rows, sickness], columns))
    assert found["oversight-segment", "RVV", FIRST] == 4
    assert found["finance-variance-to-plan", "RVV", FIRST] == -1.5
    with pytest.raises(LayoutError, match="a column 'Quarter', or segments of one quarter"):
        SOURCE.parse(table([*rows, {**rows[0], "Reporting_date": "Q2 2025/26"}], columns), Hints())


def test_codes_of_five_characters_and_a_name_that_ends_in_a_hard_space() -> None:
    raw = table(summary("G6V2S", "3.0", "2.5", "1.0", Trust_type=COMMUNITY, Trust_name="North London\u00a0"))
    frame = SOURCE.parse(raw, Hints()).frame
    assert set(frame["organisation"]) == {"G6V2S"}
    assert set(frame["organisation_name"]) == {"North London"}


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (summary("RVV", "5.0", "2.9", "1.0", "4.0"), "row 2: wanted a segment from 1 to 4 in 'Value', found '5.0'"),
        (summary("RVV", "2.5", "2.9", "1.0", "2.0"), "row 2: wanted a whole number in 'Value', found '2.5'"),
        (summary("RVV", "2.0", "", "1.0"), "row 3: wanted a score from 1 to 4 in 'Value', found ''"),
        (summary("RVV", "2.0", "2.9", "1.5"), "row 2: wanted a place in the league in 'Rank', found '1.5'"),
        (summary("RVV", "2.0", "2.9", "1.0", override="2"), "row 5: wanted the financial override from 0 to 1"),
        (summary("RVV", "2.0", "2.9", "1.0", Quarter="June 2025"), "wanted a quarter such as Q1 2025/26"),
        (summary("RVV", "two", "2.9", "1.0", "2.0"), "row 2, column Value: wanted a number, found 'two'"),
        ([row("RVV", "OF9999", "1.0")], "wanted rows of metrics that are known, such as OF5000 or OF5200, found none"),
        ([], "wanted rows below the header, found none"),
    ],
)  # fmt: skip
def test_what_a_file_cannot_hold_is_refused(rows: list[dict[str, str]], message: str) -> None:
    with pytest.raises(LayoutError, match=message.replace("'", ".")):
        SOURCE.parse(table(rows), Hints())


def test_a_league_table_has_likely_ranges() -> None:
    raw = table(
        [place("RYY", "1.53", "1.0", "1.0", "1 to 11"), place("RXY", "2.31", "3.0", "2.0", "1 to 56")],
        LEAGUE,
    )
    assert SOURCE.recognise(raw)
    found, low, high = figures(raw), told(raw, "lower_95"), told(raw, "upper_95")
    assert found["oversight-league-place", "RXY", LAST] == 2
    assert (low["oversight-league-place", "RXY"], high["oversight-league-place", "RXY"]) == (1, 56)
    assert (low["oversight-average-score", "RXY"], high["oversight-average-score", "RXY"]) == (1.2, 3.89)
    assert pd.isna(low["oversight-segment", "RXY"]), "none is published for a segment"
    assert told(raw)["oversight-league-place", "RXY"] == "of 2 mental health and community trusts"


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"Likely_range_of_rank": "4 - 56"}, "wanted a range with 1 in it in 'Likely_range_of_rank', such as 1 to 11"),
        ({"Likely_range_of_rank": "2 to 56"}, "found '2 to 56'"),
        ({"Trust_in_financial_deficit": "maybe"}, "wanted Yes or No in 'Trust_in_financial_deficit', found 'maybe'"),
        ({"Average_score": "0.4"}, "wanted a score from 1 to 4 in 'Average_score', found '0.4'"),
    ],
)  # fmt: skip
def test_a_league_table_that_denies_itself_is_refused(changed: dict[str, str], message: str) -> None:
    with pytest.raises(LayoutError, match=message):
        SOURCE.parse(table([place("RYY", "1.53", "1.0", "1.0", "1 to 11") | changed], LEAGUE), Hints())


def test_a_league_table_is_of_one_league_and_names_each_trust_once() -> None:
    first = place("RYY", "1.53", "1.0", "1.0", "1 to 11")
    with pytest.raises(LayoutError, match="RYY once, found a second row"):
        SOURCE.parse(table([first, first], LEAGUE), Hints())
    with pytest.raises(LayoutError, match="one quarter and one kind of trust"):
        SOURCE.parse(table([first, {**first, "Trust_code": "RVV", "Trust_type": ACUTE}], LEAGUE), Hints())


def test_the_first_league_table_has_its_quarter_under_another_heading() -> None:
    columns = ["Reporting_date", *LEAGUE[1:]]
    first = {**place("RYY", "1.53", "1.0", "1.0", "1 to 11"), "Reporting_date": "Q1 2025/26"}
    assert figures(table([first], columns))["oversight-segment", "RYY", FIRST] == 1


def test_the_plan_of_a_year_that_runs_is_loaded_and_a_quarter_to_come_is_not(
    store: Store, settings: Settings, tmp_path: Path
) -> None:
    first = datetime.now(UTC).year - (datetime.now(UTC).month < 4)
    year = f"{first}/{(first + 1) % 100:02}"
    running = [row("RVV", "OF0079", "-6.32", Quarter=f"Q1 {year}")]
    to_come = [row("RVV", "OF0081", "-3.66", Quarter=f"Q4 {year}")]
    states = []
    for number, rows in enumerate((running, to_come)):
        path = tmp_path / f"{number}.csv"
        path.write_bytes(table(rows).content)
        (result,) = load_files(store, [path], settings, requested_by="a test").results
        states.append((result.state, result.message.split(":")[0]))
    assert states == [(FileState.LOADED, ""), (FileState.REFUSED, "periods have ended")]
