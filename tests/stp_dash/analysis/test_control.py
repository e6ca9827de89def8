"""Series under control limits: what they rest on, what they are measured by, and that every page gets the same."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import isnan, nan

import numpy as np
import pytest

from db.domain import ENGLAND, Break, Frequency, Period
from db.domain.reading import Reading
from stp_dash.analysis import signals
from stp_dash.analysis.claims import change_words
from stp_dash.analysis.control import WINDOW, SeriesInput, controlled, controlled_many
from stp_dash.analysis.series import with_missing_snapshots
from stp_dash.analysis.standing.assurance import Assurance, assurance_of
from stp_dash.analysis.wording import full_text
from stp_dash.statistics.profiles import PROFILES
from stp_dash.statistics.rebasing import RebaseDecision
from tests.support.plain_spc import plain_analyse
from tests.support.site.monthly import (
    FDS,
    GPS,
    LEVEL,
    NEEDLE,
    OLD,
    WITHIN,
    monthly,
    months,
    noise,
    reading,
    series,
)


@pytest.mark.parametrize("profile", ["national", "nhs-r"])
def test_one_series_alone_or_among_others_gives_the_same_icons_limits_and_reasons(profile: str) -> None:
    rng = random.Random(7)
    given = []
    for seed in range(60):
        count = rng.randrange(1, 75)
        values: list[float | None] = list(noise(count, seed, (80.0, 93.0, 104.0)[seed % 3]))
        for place in range(count):
            if rng.random() < 0.06:
                values[place] = None
            elif seed % 5 < 2 and place > count // 2:
                values[place] = (values[place] or 0.0) + (4, -4)[seed % 5]
        decisions = (RebaseDecision(date(2022, 6, 1), "New clinic", "Head"),) if seed % 4 == 0 else ()
        given.append(monthly(values, decisions=decisions))
    given.append(SeriesInput(OLD, (), "nowhere"))
    together = controlled_many(given, profile=profile)
    kinds = set()
    for item, among in zip(given, together, strict=True):
        alone = controlled(item, profile=profile)
        kinds.add((alone.analysed.variation, alone.analysed.assurance))
        assert (alone.analysed.variation, alone.analysed.assurance) == (
            among.analysed.variation, among.analysed.assurance
        )  # fmt: skip
        assert change_words.change_word(alone) == change_words.change_word(among)
        assert assurance_of(alone).words == assurance_of(among).words
        assert (alone.periods, alone.rebases) == (among.periods, among.rebases)
        assert alone.analysed.rules == among.analysed.rules
        assert alone.analysed.upper_process_limit == pytest.approx(
            among.analysed.upper_process_limit, nan_ok=True
        )
        places = range(len(alone.periods))
        assert [signals.reason(alone, i) for i in places] == [signals.reason(among, i) for i in places]
    assert len(kinds) > 5


def test_limits_are_those_of_the_rules_written_out_slowly() -> None:
    """Over the last 60 months, with a gap and a recorded decision; the standard is 93%."""
    values: list[float | None] = [*noise(50, 3, 70.0), *noise(40, 4, 92.0), *noise(20, 5, 84.0)]
    values[100] = None
    found = controlled(monthly(values, decisions=(RebaseDecision(date(2022, 1, 1), "Moved", "Head"),)))
    recent = [nan if v is None else v for v in values[-60:]]
    assert found.periods[0] == Period.month(2018, 9)
    assert found.periods[-1] == Period.month(2023, 8)
    start = found.periods.index(Period.month(2022, 1))
    points, types, variation, assurance = plain_analyse(recent, "increase", 93.0, [start])
    assert list(found.analysed.mean) == pytest.approx([point[1] for point in points])
    assert list(found.analysed.lower_process_limit) == pytest.approx([point[2] for point in points])
    assert list(found.analysed.upper_process_limit) == pytest.approx([point[3] for point in points])
    assert list(found.analysed.point_types) == types
    assert (found.analysed.variation, found.analysed.assurance) == (variation, assurance)


def test_limits_rest_on_the_last_sixty_periods_however_many_were_read() -> None:
    values = [*noise(40, 1, 60.0), *noise(60, 2, 95.0)]
    everything, recent = controlled(monthly(values)), controlled(monthly(values[-WINDOW:]))
    assert len(everything.periods) == WINDOW
    assert everything.analysed.mean[0] == recent.analysed.mean[0] == pytest.approx(np.mean(values[-60:]))
    assert change_words.change_word(everything) == change_words.change_word(recent)


def test_a_series_whose_first_reading_is_missing_still_counts_sixty_periods() -> None:
    values: list[float | None] = [*noise(80)]
    values[-60] = None
    found = controlled(monthly(values))
    assert len(found.periods) == WINDOW
    assert found.readings[0] is not None
    assert found.readings[0].value is None


def test_a_missing_month_stays_a_gap() -> None:
    given = monthly(noise(20))
    held = [item for i, item in enumerate(given.readings) if i != 9]
    found = controlled(replace(given, readings=held))
    assert len(found.periods) == 20
    assert found.readings[9] is None
    assert isnan(found.analysed.values[9])
    assert found.analysed.phases[0].values == 19


def test_the_target_is_the_standard_in_force_in_the_latest_period_with_a_value() -> None:
    """75% to March 2026, 80% from April 2026: limits of 74 to 79 pass the one and fail neither."""
    flat = [76.0, 77.0] * 10
    march = SeriesInput(FDS, series(FDS, months(2024, 8, 20), flat), "Kent")
    april = SeriesInput(FDS, series(FDS, months(2024, 9, 20), flat), "Kent")
    empty = SeriesInput(FDS, [*march.readings, reading(FDS, Period.month(2026, 4), None)], "Kent")
    before, after, unfilled = controlled_many([march, april, empty])
    assert (before.analysed.target, after.analysed.target, unfilled.analysed.target) == (75.0, 80.0, 75.0)
    assert (assurance_of(before).words, assurance_of(after).words) == ("Hit or miss", "Fails")


def test_a_breakdown_has_no_standard() -> None:
    given = monthly(noise(20))
    cut = [replace(item, breakdown="tumour group: Breast") for item in given.readings]
    assert controlled(given).analysed.target == 93.0
    assert controlled(replace(given, readings=cut)).analysed.target is None
    assert assurance_of(controlled(replace(given, readings=cut))).words == "No standard"


def monthly_snapshots(year: int, month: int, count: int) -> list[Period]:
    return [Period.snapshot(period.end) for period in months(year, month, count)]


def rates(average: Reading | None) -> SeriesInput:
    days = monthly_snapshots(2025, 1, 20)
    values = [3.8, 3.82] * 10
    return SeriesInput(GPS, series(GPS, days, values), "Kent and Medway", average)


def test_a_rate_lies_beside_the_average_of_the_same_snapshot_without_a_verdict() -> None:
    last = Period.snapshot(date(2026, 8, 31))
    against = controlled(rates(reading(GPS, last, 4.48, ENGLAND)))
    assert (against.analysed.target, against.analysed.assurance) == (None, None)
    assert assurance_of(against) == Assurance("below", "Below ENG")
    earlier = reading(GPS, Period.snapshot(date(2026, 7, 31)), 4.48, ENGLAND)
    assert assurance_of(controlled(rates(earlier))).icon == "no_standard"
    assert assurance_of(controlled(rates(None))).icon == "no_standard"


def test_nobody_is_measured_by_themselves() -> None:
    assert controlled(rates(reading(GPS, Period.snapshot(date(2026, 8, 31)), 4.48))).analysed.target is None


def test_a_share_without_a_standard_has_none_whatever_the_average_is() -> None:
    quarters = [Period.of_months(2021 + i // 4, 1 + 3 * (i % 4), Frequency.QUARTER) for i in range(15)]
    average = reading(WITHIN, quarters[-1], 63.0, "SSNAP")
    given = SeriesInput(WITHIN, series(WITHIN, quarters, noise(15)), "Kent", average)
    assert controlled(given).analysed.target is None


def test_four_month_periods_among_quarters_are_one_step_each() -> None:
    before = [Period.quarter(2015, 7), Period.quarter(2015, 10), Period.quarter(2016, 1)]
    fours = [
        Period.of_months(y, m, Frequency.FOUR_MONTHS)
        for y, m in ((2016, 4), (2016, 8), (2016, 12), (2017, 4), (2017, 8), (2017, 12))
    ]
    after = [Period.quarter(2018, 4), Period.quarter(2018, 7)]
    values = [60.0, 62.0, 61.0, 63.0, 60.0, 61.0, 62.0, 60.0, 63.0, 61.0, 62.0]
    found = controlled(SeriesInput(WITHIN, series(WITHIN, [*before, *fours, *after], values), "Kent"))
    assert found.periods == (*before, *fours, *after)
    steps = [abs(b - a) for a, b in pairwise(values)]
    assert found.analysed.upper_process_limit[0] == pytest.approx(np.mean(values) + 2.66 * np.mean(steps))


def test_quarters_that_the_audit_did_not_report_are_a_gap_and_limits_restart_after_it() -> None:
    """No team results are held for January 2020 to March 2021, fifteen months."""
    held = [*quarters(2018, 2, 7), *quarters(2021, 2, 7)]
    values = [60.0, 61.0] * 3 + [60.0] + [62.0, 63.0] * 3 + [62.0]
    found = controlled(SeriesInput(WITHIN, series(WITHIN, held, values), "Kent"))
    assert len(found.periods) == 19
    assert [item is None for item in found.readings] == [False] * 7 + [True] * 5 + [False] * 7
    assert [(item.position, item.hole) for item in found.rebases] == [(12, 15)]
    assert found.analysed.upper_process_limit[0] == pytest.approx(60 + 3 / 7 + 2.66)
    assert found.analysed.upper_process_limit[-1] == pytest.approx(62 + 3 / 7 + 2.66)


def test_a_hole_of_a_year_leaves_limits_as_they_are() -> None:
    held = [*quarters(2019, 3, 2), *quarters(2021, 1, 5)]
    values = [60.0, 61.0, 62.0, 63.0, 62.0, 63.0, 62.0]
    found = controlled(SeriesInput(WITHIN, series(WITHIN, held, values), "Kent"))
    assert found.rebases == ()
    assert found.analysed.upper_process_limit[0] == pytest.approx(sum(values) / 7 + 2.66)


@pytest.mark.parametrize("profile", PROFILES)
def test_fewer_than_seven_values_are_a_plain_line(profile: str) -> None:
    """Of six years one lies far from the others: nothing is said of it, in the first stretch of a chart neither."""
    yearly = replace(WITHIN, frequency=Frequency.YEAR)
    six = [Period.financial_year(year) for year in range(2010, 2016)]
    wild = [50.0, 51.0, 50.0, 51.0, 50.0, 99.0]
    found = controlled(SeriesInput(yearly, series(yearly, six, wild), "Kent"), profile=profile)
    assert found.charted
    assert np.isnan([found.analysed.mean, found.analysed.lower_process_limit]).all()
    assert (found.analysed.variation, found.analysed.signals_found) == (None, ())
    assert (
        change_words.change_claim(found).text
        == "Six years are too few to say whether it is changing: 13 are needed."
    )
    assert signals.limits_basis(found) == "no limits are drawn from 6 values: 7 are needed"
    assert "Trial" not in signals.rules_line(found)

    later = [Period.financial_year(year) for year in range(2018, 2025)]
    both = series(yearly, [*six, *later], [*wild, *[50.0, 51.0] * 3, 50.0])
    first, last = controlled(SeriesInput(yearly, both, "Kent"), profile=profile).analysed.phases
    assert (isnan(first.mean), isnan(first.upper_process_limit)) == (True, True)
    assert last.upper_process_limit == pytest.approx(50 + 3 / 7 + 2.66)


def quarters(year: int, number: int, count: int) -> list[Period]:
    """Some quarters in a row from a year's first to fourth on."""
    places = range(number - 1, number - 1 + count)
    return [Period.quarter(year + place // 4, 1 + 3 * (place % 4)) for place in places]


def test_limits_restart_at_a_declared_break_and_at_a_recorded_decision() -> None:
    days = months(2022, 6, 40)
    decision = RebaseDecision(date(2024, 11, 1), "One-stop clinics", "Head of cancer services")
    found = controlled(SeriesInput(FDS, series(FDS, days, noise(40)), "Kent", decisions=(decision,)))
    assert [days[item.position] for item in found.rebases] == [Period.month(2023, 10), Period.month(2024, 11)]
    assert [item.role for item in found.rebases] == ["", "Head of cancer services"]
    assert [phase.values for phase in found.analysed.phases] == [16, 13, 11]
    assert change_words.change_word(found) == "Too few values to say"
    assert "Trial limits" in signals.rules_line(found)


def test_a_decision_before_the_first_period_changes_nothing() -> None:
    given = monthly(noise(30))
    old = replace(given, decisions=(RebaseDecision(date(2000, 1, 1), "Long ago", "Head"),))
    assert controlled(old).rebases == ()
    assert list(controlled(old).analysed.mean) == list(controlled(given).analysed.mean)


def test_levels_are_an_order_and_get_no_limits() -> None:
    quarters = [Period.of_months(2021 + i // 4, 1 + 3 * (i % 4), Frequency.QUARTER) for i in range(15)]
    found = controlled(SeriesInput(LEVEL, series(LEVEL, quarters, [5.0] * 7 + [1.0] * 8), "Team"))
    assert np.isnan(found.analysed.upper_process_limit).all()
    assert set(found.analysed.point_types) == {"common_cause"}
    assert (change_words.change_word(found), assurance_of(found).words) == (
        "No limits: levels",
        "No standard",
    )
    assert found.latest is not None
    assert found.latest.value == 1.0
    assert found.proposal is None


def test_units_are_written_as_their_kind_asks() -> None:
    shown = [full_text(indicator, 4.0) for indicator in (FDS, GPS, NEEDLE, LEVEL)]
    assert shown == ["4.0%", "4.00 per 10,000 patients", "4 minutes", "B"]


def test_an_empty_series_is_empty() -> None:
    found = controlled(SeriesInput(FDS, (), "nowhere"))
    assert (found.periods, found.latest, change_words.change_word(found), found.proposal) == (
        (),
        None,
        "No figures",
        None,
    )
    assert controlled_many([]) == ()


def test_a_lasting_shift_is_proposed_and_never_made() -> None:
    found = controlled(monthly([*noise(20, 1), *noise(15, 2, 80.0)]))
    assert found.rebases == ()
    assert found.proposal is not None
    assert found.periods[found.proposal.first] == Period.month(2022, 6)


# Snapshots: six-monthly and quarterly to June 2021, monthly from July 2021 (workforce.md, section 2).


def snapshots(*days: str) -> list[Period]:
    return [Period.snapshot(date.fromisoformat(day)) for day in days]


def test_a_missing_snapshot_is_put_on_the_last_day_of_its_month() -> None:
    held = snapshots("2026-03-31", "2026-04-30", "2026-06-30", "2026-07-31")
    assert with_missing_snapshots(held) == (*held[:2], *snapshots("2026-05-31"), *held[2:])


def test_quarterly_snapshots_miss_none_between_them() -> None:
    held = snapshots("2019-09-30", "2019-12-31", "2020-03-31", "2020-09-30")
    assert with_missing_snapshots(held) == (*held[:3], *snapshots("2020-06-30"), held[3])


def test_extra_snapshots_among_quarterly_ones_are_kept_as_they_come() -> None:
    held = snapshots("2022-03-31", "2022-06-30", "2022-07-31", "2022-09-30", "2022-12-31")
    assert with_missing_snapshots(held) == tuple(held)


def test_the_step_is_found_anew_after_a_restart() -> None:
    held = snapshots(
        "2020-12-31", "2021-03-31", "2021-06-30", "2021-07-31", "2021-08-31", "2021-10-31", "2021-11-30"
    )
    july = date(2021, 7, 1)
    assert with_missing_snapshots(held, [july]) == (*held[:5], *snapshots("2021-09-30"), *held[5:])


@pytest.mark.parametrize(
    "days", [(), ("2026-08-31",), ("2026-08-01", "2026-08-31"), ("2017-03-31", "2026-09-30")]
)
def test_few_snapshots_are_given_back(days: tuple[str, ...]) -> None:
    assert with_missing_snapshots(snapshots(*days)) == tuple(snapshots(*days))


def test_workforce_limits_restart_where_snapshots_become_monthly() -> None:
    """A month's movement is smaller than a quarter's: the two must not share limits."""
    assert date(2021, 7, 1) in [item.on for item in GPS.breaks]
    quarterly = [Period.snapshot(period.end) for period in quarters(2019, 3, 8)]
    days = [*quarterly, *monthly_snapshots(2021, 7, 14)]
    values = [4.0, 4.3] * 4 + [4.10, 4.12] * 7
    found = controlled(SeriesInput(GPS, series(GPS, days, values), "Kent"))
    assert [days[item.position] for item in found.rebases] == [Period.snapshot(date(2021, 7, 31))]
    first, last = found.analysed.phases
    assert first.upper_process_limit == pytest.approx(4.15 + 2.66 * 0.3)
    assert last.upper_process_limit == pytest.approx(4.11 + 2.66 * 0.02)
    assert found.uneven is None


def test_uneven_snapshots_are_told() -> None:
    days = snapshots("2025-09-30", "2025-12-31", "2026-03-31", "2026-06-30", "2026-07-31")
    found = controlled(SeriesInput(GPS, series(GPS, days, [4.0, 4.1, 4.0, 4.1, 4.0]), "Kent"))
    assert found.uneven == (1, 3)


def test_a_break_of_the_indicator_is_kept_when_every_step_is_long() -> None:
    yearly = replace(GPS, breaks=(Break(date(2023, 1, 1), "New count"),))
    days = snapshots("2021-09-30", "2022-09-30", "2023-09-30", "2024-09-30")
    found = controlled(SeriesInput(yearly, series(GPS, days, [4.0, 4.1, 4.2, 4.3]), "Kent"))
    assert len(found.periods) == 4
    assert [item.position for item in found.rebases] == [2]


def test_pooled_years_that_overlap_have_no_limits_and_say_so() -> None:
    years = [Period.of_years(date(year, 1, 1), 3) for year in range(2001, 2017)]
    pooled = controlled(SeriesInput(NEEDLE, series(NEEDLE, years, noise(16)), "Kent"))
    assert not pooled.charted
    assert all(isnan(limit) for limit in pooled.analysed.lower_process_limit)
    assert pooled.analysed.variation is None
    assert change_words.change_word(pooled) == "No limits: periods overlap"
    assert "share years" in change_words.change_claim(pooled).text
    apart = controlled(SeriesInput(NEEDLE, series(NEEDLE, years[::3], noise(6)), "Kent"))
    assert apart.charted
