"""What the overview says of known series: icons, sentences, gaps, who holds the shortfall, and in which order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from db.domain import Basis, Maturity, Period, Standard, StandardKind
from stp_dash.analysis.freshness import FreshnessChip
from stp_dash.analysis.standing.verdict import gap_of
from stp_dash.pages.overview.attention import attention
from stp_dash.pages.overview.figures import IndicatorFigures
from stp_dash.pages.overview.matrix import matrix
from stp_dash.pages.overview.row import IndicatorRow
from stp_dash.pages.overview.sentences import since_sentence
from stp_dash.pages.overview.sheet import places_sheet, scorecard_sheet
from stp_dash.pages.overview.words import Overview
from stp_dash.statistics.rebasing import RebaseDecision
from tests.support.site.overview_readings import (
    AREA,
    ELIGIBLE,
    FDS,
    GPS,
    TREATED_31,
    TREATED_62,
    falling,
    given,
    months,
    reading,
    shares,
    staffing,
    steady,
    trusts,
    view_of,
)

LATE = FreshnessChip("Stroke", "January to March 2026", "6 days overdue", "late", 6, "14 October 2026")


def row(view: Overview, code: str) -> IndicatorRow:
    return next(item for item in view.rows if item.id == code)


def test_getting_worse_and_failing_says_the_run_and_who_is_short() -> None:
    counts = ((640, 1000), (800, 1000), (700, 900), (790, 900))
    view = view_of([*shares(FDS, falling(72)), *trusts(FDS, counts)])
    found = row(view, FDS.id)
    assert (found.variation, found.assurance.icon) == ("concern_low", "fail")
    assert (found.variation_words, found.assurance.words) == ("Worse since January 2026", "Fails")
    assert found.sentence == (
        "It has been below its mean of 70.2% since January 2026: 65.3% on average since then, 72.1% in the 21 months "
        "before. By trust: East Kent is 160 short, one more is short; two meet it."
    )
    assert found.verdict.headline == "155 patients"
    assert found.reached == "2 of 4 meet it"
    assert [end.name for end in found.ends] == ["East Kent", "Dartford and Gravesham"]
    assert [end.value for end in found.ends] == ["64.0%", "87.8%"]


def test_improving_says_why_in_the_direction_of_its_icon() -> None:
    rising = [2 * 72 - value for value in falling(72)]
    found = row(view_of(shares(FDS, rising)), FDS.id)
    assert found.variation == "improvement_high"
    assert found.sentence.startswith(
        "It has been above its mean of 73.8% since January 2026: 78.8% on average since then, 71.9% in the 21 months"
    )


def test_one_month_beyond_the_limits_is_unusual_and_not_a_decline() -> None:
    found = row(view_of(shares(FDS, [*steady(90), 70])), FDS.id)
    assert found.variation_words == "Unusually low"
    assert found.sentence == "August 2026, 70.0%, lies below the lower limit of 84.1%."


@pytest.mark.parametrize(
    ("level", "assurance", "words"),
    [
        (
            60,
            "fail",
            "Steady: no month marked. Even the best month within its limits, 63.7%, is below the standard.",
        ),
        (
            99,
            "pass",
            "Steady: no month marked. Even the worst month within its limits, 95.2%, is above the standard.",
        ),
        (
            85,
            "hit_or_miss",
            "Steady: no month marked. The standard was met in 14 of the last 24 months.",
        ),
    ],
)
def test_a_steady_series_says_how_it_is_to_its_standard(level: float, assurance: str, words: str) -> None:
    values = steady(level) if level < 99 else [97 + value / 2 for value in steady(0)]
    found = row(view_of(shares(TREATED_62, values)), TREATED_62.id)
    assert (found.variation, found.assurance.icon) == ("common_cause", assurance)
    assert found.sentence == words


def test_met_months_are_counted_one_by_one() -> None:
    values = steady(85)
    met = sum(round(value * 10) >= 850 for value in values[-24:])
    found = row(view_of(shares(TREATED_62, values)), TREATED_62.id)
    assert f"The standard was met in {met} of the last 24 months." in found.sentence


def test_too_few_values_have_no_icon_and_no_claim() -> None:
    found = row(view_of(shares(TREATED_62, steady(70, 12))), TREATED_62.id)
    assert (found.variation, found.assurance.icon) == (None, "not_said")
    assert found.variation_words == "Too few values to say"
    assert found.assurance.words == "Cannot be said yet"
    assert found.sentence.startswith(
        "Too few figures to say whether it is changing. The standard was missed in all 12 months"
    )


def test_a_decision_starts_the_limits_again() -> None:
    values = [*steady(60, 15), *steady(80, 14)]
    decided = RebaseDecision(months(29)[15].start, "a new pathway", "programme lead")
    plain = row(view_of(shares(FDS, values)), FDS.id)
    rebased = row(view_of(shares(FDS, values), decisions={FDS.id: [decided]}), FDS.id)
    assert plain.variation == "improvement_high"
    assert rebased.variation == "common_cause"
    assert [point.restarts for point in rebased.sparkline.points].count(True) == 1


def test_a_rate_lies_beside_the_average_and_gets_no_verdict_of_a_standard() -> None:
    parts = (3.0, 3.2, 3.4, 3.6, 3.8, 4.0, 4.1, 4.2)
    found = row(view_of(staffing([3.9 + v / 50 for v in steady(0)], 4.48, parts)), GPS.id)
    assert (found.standard.level, found.standard.notes) == ("No standard", ("England average 4.48",))
    assert (found.assurance.icon, found.assurance.words) == ("below", "Below England")
    assert (found.short, found.failing) == (True, False)
    assert found.reached == "0 of 8 former CCG areas reach England"
    assert {point.standard for point in found.sparkline.points} == {None}
    assert found.strip is not None
    assert found.strip.standard is None
    assert found.strip.comparator == pytest.approx(4.48)


def test_parts_on_the_areas_own_basis_hold_shares_of_its_shortfall() -> None:
    parts = (2.0, 3.0, 4.2, 4.2, 4.2, 4.2, 4.2, 4.2)
    found = row(view_of(staffing([3.9 + v / 50 for v in steady(0)], 4.48, parts)), GPS.id)
    short = [25 * (4.48 - value) for value in parts]
    assert sum(short[:2]) * 2 > sum(short) > short[0] * 2
    assert found.sentence.endswith("Ashford (62) and Canterbury (37) hold half of the 141.")


def test_parts_that_are_not_all_short_are_no_shares() -> None:
    parts = (2.0, 3.0, 4.9, 4.2, 4.2, 4.2, 4.2, 4.2)
    found = row(view_of(staffing([3.9 + v / 50 for v in steady(0)], 4.48, parts)), GPS.id)
    assert found.sentence.endswith("Ashford is 62 short, six more are short; one meets it.")


def test_an_average_of_a_share_gives_no_verdict() -> None:
    quarter = Period.quarter(2026, 4)
    rows = [
        reading(ELIGIBLE, "QKS", quarter, (40, 83), Basis.TEAM),
        reading(ELIGIBLE, "SSNAP", quarter, (2162, 2511), Basis.NATIONAL, organisation_name="SSNAP national"),
    ]
    found = row(view_of(rows), ELIGIBLE.id)
    assert (found.assurance.icon, found.assurance.words) == ("below", "Below SSNAP national")
    assert not found.short
    assert attention([found], ()) == ()


def test_the_largest_count_short_leads_and_overdue_data_ends() -> None:
    rows = [
        *shares(FDS, falling(78), 1_000),
        *shares(TREATED_31, steady(80), 5_000),
        *shares(TREATED_62, steady(60), 9_000),
    ]
    found = attention(view_of(rows).rows, [LATE])
    assert [item.heading for item in found] == [
        "62-day treatment missed its standard in each of the last 24 months",
        "31-day treatment missed its standard in each of the last 24 months",
        "28-day faster diagnosis: lower since January 2026, 71.3% against 78.1% before",
        "Stroke: new figures are overdue",
    ]
    assert [item.count for item in found[:3]] == ["2,349", "855", "95"]
    assert [item.unit for item in found] == ["patients short"] * 3 + ["days overdue"]
    assert found[2].sentence == (
        "70.5% against 80% in August 2026, final. Last met in December 2025. It has been below its mean of 76.2% since "
        "January 2026: 71.3% on average since then, 78.1% in the 21 months before."
    )
    assert found[3].sentence == "Expected 14 October 2026. The page still shows January to March 2026."


def test_since_when_is_told_by_the_standard_alone() -> None:
    """The standard came in June 2026: a month before it, above England's, met nothing."""
    standard = Standard(
        StandardKind.OPERATIONAL_STANDARD, ">=", "75%", effective_from=date(2026, 6, 1), value=75.0
    )
    new = replace(FDS, standards=(standard,))
    periods = [Period.month(2026, month) for month in (4, 5, 6, 7, 8)]
    rows = [reading(new, "QKS", item, (700, 1000), Basis.COMMISSIONER) for item in periods]
    rows += [reading(new, "ENG", item, (600, 1000), Basis.NATIONAL) for item in periods]
    told = since_sentence(IndicatorFigures(given(rows), new))
    assert told == "Missed in each of 3 months with a figure since June 2026."


def test_what_improves_and_is_still_short_says_both() -> None:
    rising = [2 * 72 - value for value in falling(72)]
    found = attention(view_of([*shares(FDS, rising)]).rows, ())
    assert [item.heading for item in found] == [
        "28-day faster diagnosis: higher since January 2026, 78.8% against 71.9% before; still short of 80%"
    ]


def test_a_month_that_misses_by_chance_is_listed_as_it_is_counted() -> None:
    view = view_of([*shares(TREATED_62, [*steady(85), 84.0])])
    found = attention(view.rows, ())
    assert row(view, TREATED_62.id).assurance.icon == "hit_or_miss"
    assert [item.heading for item in found] == ["62-day treatment misses its 85% standard"]
    assert "Last met in" in found[0].sentence
    assert "The standard was met in" in found[0].sentence


def test_title_list_and_counts_come_from_one_ranking() -> None:
    rows = [
        *shares(FDS, falling(78)),
        *shares(TREATED_31, steady(97.5)),
        *shares(TREATED_62, steady(60)),
        *staffing([3.9 + v / 50 for v in steady(0)], 4.48),
    ]
    view = view_of(rows)
    listed = attention(view.rows, ())
    assert "Two of three" in view.title
    assert f"{len(listed)} need attention".replace("3", "Three") in view.lede
    fails = {entry.name for line in matrix(view.rows).rows for entry in line.cells[2].entries}
    assert fails <= {item.row.name for item in listed if item.row is not None}


def test_a_decline_that_does_not_pass_stands_after_what_is_short() -> None:
    rows = [*shares(FDS, falling(83)), *shares(TREATED_62, steady(60))]
    view = view_of(rows)
    assert row(view, FDS.id).assurance.icon == "hit_or_miss"
    found = attention(view.rows, ())
    assert [item.heading.split(" ")[0] for item in found] == ["62-day", "28-day"]
    passing = view_of([*shares(FDS, falling(97))])
    assert (row(passing, FDS.id).assurance.icon, attention(passing.rows, ())) == ("pass", ())


def test_the_title_is_the_finding_worst_first() -> None:
    rows = [
        *shares(FDS, falling(78)),
        *shares(TREATED_31, steady(97.5)),
        *shares(TREATED_62, steady(60)),
        *staffing([3.9 + v / 50 for v in steady(0)], 4.48),
    ]
    view = view_of(rows)
    assert (
        view.title
        == "Two of three cancer standards are missed. Fully qualified GPs are 120 posts short of England."
    )
    assert view.lede == (
        "Kent and Medway on Tuesday 20 October 2026: four indicators. Three need attention: two miss their standard, "
        "one is short of England."
    )


def test_a_missing_month_is_said_and_has_no_icons() -> None:
    rows = [*shares(FDS, steady(72)), *shares(TREATED_62, steady(60))]
    gone = [item for item in rows if (item.indicator, item.period) != (FDS.id, Period.month(2025, 6))]
    asked = Period.month(2025, 6)
    found = row(view_of(gone, requested=asked, until=asked.end), FDS.id)
    assert found.value == "No figure"
    assert found.sentence == "No figure for Kent and Medway in this period; the nearest is May 2025."
    assert (found.variation, found.variation_words) == (None, "No figure")
    assert not found.short


def test_standards_without_a_figure_are_counted_and_trusts_are_used() -> None:
    asked = Period.month(2026, 5)
    rows = [
        *shares(FDS, steady(72)),
        *(
            reading(TREATED_62, code, asked, (good, 100))
            for code, good in zip(AREA.trusts, (90, 60), strict=False)
        ),
    ]
    view = view_of(rows, requested=asked, until=asked.end)
    assert (
        view.title == "Of three cancer standards in force one can be judged: it is missed in Kent and Medway"
    )
    assert view.lede.startswith("Kent and Medway as at May 2026: two indicators, one with a figure. ")
    assert view.lede.endswith(" One of the two trusts with a figure met 62-day treatment.")


def test_a_past_month_is_judged_by_what_was_known_to_it() -> None:
    rows = shares(FDS, falling(72, 36, 8))
    asked = Period.month(2025, 12)
    then, now = view_of(rows, requested=asked, until=asked.end), view_of(rows)
    assert row(then, FDS.id).variation == "common_cause"
    assert row(now, FDS.id).variation == "concern_low"
    assert row(then, FDS.id).period == "Dec 2025"


def test_marks_of_the_sparkline_are_the_last_run_only() -> None:
    found = row(view_of(shares(FDS, falling(72))), FDS.id)
    marks = [point.mark for point in found.sparkline.points]
    assert marks == [""] * 16 + ["concern"] * 8
    quiet = row(view_of(shares(FDS, steady(72))), FDS.id)
    assert [point.mark for point in quiet.sparkline.points] == [""] * 23 + ["common_cause"]


def test_provisional_points_are_hollow_whatever_their_shape() -> None:
    readings = shares(FDS, falling(72))
    readings[-1] = reading(FDS, "QKS", Period.month(2026, 8), (660, 1000), maturity=Maturity.PROVISIONAL)
    points = row(view_of(readings), FDS.id).sparkline.points
    assert [point.provisional for point in points[-2:]] == [False, True]


def test_matrix_has_every_indicator_once_in_its_cell() -> None:
    rows = [*shares(FDS, falling(72)), *shares(TREATED_31, steady(97.5)), *shares(TREATED_62, steady(85))]
    found = matrix(view_of(rows).rows)
    cells = {
        (line.words, words): [entry.name for entry in cell.entries]
        for line in found.rows
        for (_, words), cell in zip(found.columns, line.cells, strict=True)
        if cell.entries
    }
    assert cells == {
        ("Concern signal", "Fails"): ["28-day faster diagnosis"],
        ("Common cause", "Hit or miss"): ["31-day treatment", "62-day treatment"],
    }
    assert [line.words for line in found.rows] == ["Improvement signal", "Common cause", "Concern signal"]
    worst = next(line for line in found.rows if line.words == "Concern signal")
    assert [cell.tone for cell in worst.cells] == ["warm", "warm", "hot", "warm"]


def test_matrix_adds_a_row_and_a_column_for_what_cannot_be_said() -> None:
    found = matrix(view_of(shares(TREATED_62, steady(70, 12))).rows)
    assert found.columns[-1][1] == "Cannot be said yet"
    assert found.rows[-1].words == "Too few values to say"
    assert [entry.name for entry in found.rows[-1].cells[-1].entries] == ["62-day treatment"]


def test_matrix_notes_a_single_unusual_month() -> None:
    found = matrix(view_of(shares(FDS, [*steady(90), 70])).rows)
    worst = next(line for line in found.rows if line.words == "Concern signal")
    assert [entry.note for cell in worst.cells for entry in cell.entries] == ["unusually low"]


def test_trusts_or_areas_as_asked_and_never_both() -> None:
    last = Period.month(2026, 8)
    rows = [*shares(FDS, steady(72)), *trusts(FDS, ((700, 1000),) * 4)]
    rows.append(reading(FDS, "91Q", last, (710, 1000), Basis.SUB_ICB_LOCATION))
    by_trust, by_ccg = row(view_of(rows), FDS.id), row(view_of(rows, by="ccg"), FDS.id)
    assert by_trust.parts_words == "trusts"
    assert by_trust.strip is not None
    assert len(by_trust.strip.values) == 4
    assert by_ccg.parts_words == "sub-ICB locations"
    assert by_ccg.strip is not None
    assert by_ccg.strip.values == (71.0,)
    assert "by=sub-icb" in by_ccg.variation_href


def test_without_areas_trusts_are_shown_whatever_is_asked() -> None:
    view = view_of([*shares(FDS, steady(72)), *trusts(FDS, ((700, 1000),) * 4)], by="ccg")
    assert row(view, FDS.id).parts_words == "trusts"


def test_the_sheet_has_the_scorecards_numbers_unrounded_with_limits() -> None:
    view = view_of(
        [*shares(FDS, falling(72)), *trusts(FDS, ((640, 1000), (800, 1000), (700, 900), (790, 900)))]
    )
    sheet = scorecard_sheet(view, AREA.name)
    raw = {column.key: column.raw[0] for column in sheet.download}
    number = {key: cell for key, cell in raw.items() if isinstance(cell, int | float)}
    assert raw["indicator"] == FDS.id
    assert number["value"] == pytest.approx(100 * number["numerator"] / number["denominator"])
    assert raw["short_of_standard"] == 155
    assert number["lower_process_limit"] < number["mean"] < number["upper_process_limit"]
    assert "shift" in str(raw["signals"])
    assert (raw["variation"], raw["assurance"]) == ("concern_low", "fail")
    shown = {column.heading: column.shown[0] for column in sheet.table}
    assert shown["Latest"] == row(view, FDS.id).value
    assert "Sum of the four trusts, provider-based: 77.1% (2,930 of 3,800)" in shown["Each trust or area"]


def test_the_places_sheet_has_one_row_for_each_dot() -> None:
    view = view_of(
        [*shares(FDS, steady(72)), *trusts(FDS, ((640, 1000), (800, 1000), (700, 900), (790, 900)))]
    )
    sheet = places_sheet(view, AREA.name)
    raw = {column.key: list(column.raw) for column in sheet.download}
    assert raw["organisation_code"] == list(AREA.trusts)
    assert raw["value"] == pytest.approx([64, 80, 100 * 7 / 9, 100 * 79 / 90])
    assert set(raw["basis"]) == {"provider"}


def test_no_sum_of_trusts_when_one_is_missing() -> None:
    view = view_of([*shares(FDS, steady(72)), *trusts(FDS, ((640, 1000), (800, 1000), (700, 900)))])
    found = row(view, FDS.id)
    assert found.absent_parts == "Dartford and Gravesham: no figure"
    shown = {column.heading: column.shown[0] for column in scorecard_sheet(view, AREA.name).table}
    assert "no total, Dartford and Gravesham missing" in shown["Each trust or area"]


def test_nothing_at_all_is_said() -> None:
    view = view_of([])
    assert view.title == "No figures for Kent and Medway in the periods loaded"
    assert view.rows == ()
    assert view.absent


def test_a_demonstration_topic_is_named_only_beside_real_ones() -> None:
    assert not view_of(shares(FDS, steady(72))).mixed


def test_the_day_of_the_page_is_in_its_lede() -> None:
    view = view_of(shares(FDS, steady(72)), requested=Period.month(2026, 3), until=date(2026, 3, 31))
    assert view.lede.startswith("Kent and Medway as at March 2026: one indicator")


@pytest.mark.parametrize("total", [20, 40, 67.5, 189])
def test_months_met_are_what_the_exact_distance_says(total: float) -> None:
    counts = [(total - step / 2, total) for step in range(int(total))]
    readings = [
        reading(TREATED_62, "QKS", month, pair) for month, pair in zip(months(24), counts[:24], strict=False)
    ]
    line = IndicatorFigures(given(readings), TREATED_62)
    exact = [found.met for item in line.series if (found := gap_of(TREATED_62, item)) is not None]
    assert list(line.judged) == exact
    assert len(set(exact)) == (2 if total < 100 else 1)


def test_the_scorecards_sentence_counts_its_icons() -> None:
    rows = [*shares(FDS, falling(72)), *shares(TREATED_31, steady(80)), *shares(TREATED_62, steady(85))]
    assert (
        view_of(rows).summary
        == "Of three indicators two fail, one hits or misses and one shows a concern signal."
    )
    few = view_of(shares(TREATED_62, steady(70, 12))).summary
    assert few == "Of one indicator none has figures enough to say whether it passes or changes."
