"""Schedules' times on fixed clocks: cron lines and usual days, both clock changes, and what is due after downtime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest

from db.domain.timing import (
    CatchUp,
    CronDefinition,
    ScheduleDefinition,
    ScheduleError,
    UsualDayDefinition,
    definition_from_json,
    due_slots,
    next_times,
    read_definition,
)

SECOND_THURSDAY = UsualDayDefinition(week=2, weekday="Thursday", time="09:30")


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def next_slots(cron: str, count: int, now: datetime) -> list[datetime]:
    return next_times(CronDefinition(cron=cron), count, now)


# Cron lines


def test_a_time_follows_londons_clocks_in_summer_and_winter() -> None:
    assert next_slots("45 9 * * *", 2, utc(2026, 7, 1, 12)) == [
        utc(2026, 7, 2, 8, 45),
        utc(2026, 7, 3, 8, 45),
    ]
    assert next_slots("45 9 * * *", 1, utc(2026, 12, 1, 12)) == [utc(2026, 12, 2, 9, 45)]


def test_the_next_slot_is_later_than_now_to_the_second() -> None:
    assert next_slots("45 9 * * *", 1, utc(2026, 7, 1, 8, 44, 59)) == [utc(2026, 7, 1, 8, 45)]
    assert next_slots("45 9 * * *", 1, utc(2026, 7, 1, 8, 45)) == [utc(2026, 7, 2, 8, 45)]


def test_in_march_a_time_that_does_not_exist_comes_at_the_change_and_once() -> None:
    # 29 March 2026: at 01:00 UTC the clocks go from 01:00 to 02:00.
    assert next_slots("30 1 * * *", 3, utc(2026, 3, 27, 12)) == [
        utc(2026, 3, 28, 1, 30),
        utc(2026, 3, 29, 1),
        utc(2026, 3, 30, 0, 30),
    ]


def test_in_march_two_wall_times_that_are_one_moment_give_one_slot() -> None:
    assert next_slots("0,30 1,2 * * *", 3, utc(2026, 3, 29)) == [
        utc(2026, 3, 29, 1),
        utc(2026, 3, 29, 1, 30),
        utc(2026, 3, 30, 0),
    ]


def test_in_october_a_time_that_comes_twice_is_taken_once() -> None:
    # 25 October 2026: 01:30 on the wall is 00:30 UTC in summer time and 01:30 UTC in winter time.
    assert next_slots("30 1 * * *", 3, utc(2026, 10, 24, 12)) == [
        utc(2026, 10, 25, 0, 30),
        utc(2026, 10, 26, 1, 30),
        utc(2026, 10, 27, 1, 30),
    ]
    for minutes in range(30, 121, 5):
        later = utc(2026, 10, 25) + timedelta(minutes=minutes)
        assert next_slots("30 1 * * *", 1, later) == [utc(2026, 10, 26, 1, 30)]


@pytest.mark.parametrize("day", [(2026, 3, 29), (2026, 10, 25)], ids=["March", "October"])
@pytest.mark.parametrize("minutes", [1, 15, 60])
def test_a_line_for_every_hour_fires_evenly_at_both_changes(day: tuple[int, int, int], minutes: int) -> None:
    line = {1: "* * * * *", 15: "*/15 * * * *", 60: "0 * * * *"}[minutes]
    step = timedelta(minutes=minutes)
    assert next_slots(line, 300 // minutes, utc(*day)) == [
        utc(*day) + n * step for n in range(1, 300 // minutes + 1)
    ]


@pytest.mark.parametrize("change", [utc(2026, 3, 29, 1), utc(2026, 10, 25, 1)], ids=["March", "October"])
def test_the_morning_slot_is_one_a_day_across_the_changes(change: datetime) -> None:
    found = next_slots("45 9 * * *", 7, change - timedelta(days=3))
    assert len({slot.date() for slot in found}) == 7
    gaps = {(later - earlier) for earlier, later in pairwise(found)}
    assert timedelta(hours=24) in gaps
    assert len(gaps - {timedelta(hours=24)}) == 1


def test_six_fields_begin_with_seconds() -> None:
    assert next_slots("*/20 * * * * *", 3, utc(2026, 7, 1, 0, 0, 5)) == [
        utc(2026, 7, 1, 0, 0, 20),
        utc(2026, 7, 1, 0, 0, 40),
        utc(2026, 7, 1, 0, 1),
    ]


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", {"Sunday"}),
        ("7", {"Sunday"}),
        ("1", {"Monday"}),
        ("sun", {"Sunday"}),
        ("MON-WED", {"Monday", "Tuesday", "Wednesday"}),
        ("5-7", {"Friday", "Saturday", "Sunday"}),
        ("sat,sun,mon", {"Saturday", "Sunday", "Monday"}),
        ("1-5/2", {"Monday", "Wednesday", "Friday"}),
        ("*/3", {"Sunday", "Wednesday", "Saturday"}),
        ("4,2", {"Tuesday", "Thursday"}),
    ],
)
def test_weekdays_are_numbered_as_cron_numbers_them(field: str, days: set[str]) -> None:
    found = next_slots(f"0 12 * * {field}", 8, utc(2026, 7, 1))
    assert {f"{slot:%A}" for slot in found} == days


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("45 9 * *", "wanted five fields, or six with seconds first, found 4"),
        ("45 25 * * *", "Bad hour"),
        ("x 9 * * *", "Bad minute"),
        ("45 9 * * 8", "Bad day-of-week"),
        ("45 9 * * foo", "Bad day-of-week"),
        ("45 9 * * sat-mon", "Bad day-of-week"),
        ("45 9 13 * 5", "found both"),
        ("45 9 * * */0", "schedule"),
        ("45 9 30 2 *", "Bad day-of-month"),
    ],
)
def test_a_line_that_cron_would_not_take_is_refused(cron: str, words: str) -> None:
    with pytest.raises(ScheduleError) as caught:
        read_definition({"cron": cron})
    assert words in str(caught.value)
    assert repr(cron) in str(caught.value)


# Usual days


def test_the_usual_day_is_the_publishers_and_the_next_five_are_one_a_publication() -> None:
    assert next_times(SECOND_THURSDAY, 5, utc(2026, 10, 20)) == [
        utc(2026, 11, 12, 9, 30),
        utc(2026, 12, 10, 9, 30),
        utc(2027, 1, 14, 9, 30),
        utc(2027, 2, 11, 9, 30),
        utc(2027, 3, 11, 9, 30),
    ]


@pytest.mark.parametrize(
    ("week", "weekday", "day"),
    [(1, "Thursday", 1), (2, "Thursday", 8), (4, "Thursday", 22), (5, "Thursday", 29), (5, "Sunday", 25)],
)
def test_weeks_of_the_month_count_the_weekdays_and_five_is_the_last(
    week: int, weekday: str, day: int
) -> None:
    definition = read_definition({"kind": "usual day", "week": week, "weekday": weekday, "time": "12:00"})
    (found,) = next_times(definition, 1, utc(2026, 9, 30, 12), found_at=utc(2026, 9, 30))
    assert (found.month, found.day) == (10, day)


def test_after_the_usual_time_it_looks_again_every_n_hours_for_some_days() -> None:
    definition = SECOND_THURSDAY.model_copy(update={"then_every_hours": 6.0, "until_found_days": 1.0})
    looks = [look.at for look in islice(definition.looks_after(utc(2026, 11, 12)), 6)]
    assert looks == [
        utc(2026, 11, 12, 9, 30),
        utc(2026, 11, 12, 15, 30),
        utc(2026, 11, 12, 21, 30),
        utc(2026, 11, 13, 3, 30),
        utc(2026, 11, 13, 9, 30),
        utc(2026, 12, 10, 9, 30),
    ]


def test_looks_of_a_window_that_began_last_month_are_not_forgotten() -> None:
    definition = UsualDayDefinition(week=5, weekday="Saturday", time="23:00", then_every_hours=12)
    assert next(definition.looks_after(utc(2026, 11, 1, 12))).at == utc(2026, 11, 1, 23)


@pytest.mark.parametrize(
    ("weekday", "month", "expected"),
    [("Sunday", 3, utc(2026, 3, 29, 1, 30)), ("Sunday", 10, utc(2026, 10, 25, 0, 30))],
    ids=["March", "October"],
)
def test_a_usual_time_on_the_day_of_a_clock_change_comes_once(
    weekday: str, month: int, expected: datetime
) -> None:
    definition = read_definition({"kind": "usual day", "week": 5, "weekday": weekday, "time": "01:30"})
    before = utc(2026, month, 20)
    assert next_times(definition, 1, before) == [expected]
    assert due_slots(definition, before, expected) == [expected]


def test_the_next_times_of_a_publication_that_is_being_looked_for() -> None:
    now = utc(2026, 11, 12, 10)
    assert next_times(SECOND_THURSDAY, 2, now) == [utc(2026, 11, 12, 11, 30), utc(2026, 12, 10, 9, 30)]
    found_at = utc(2026, 11, 12, 9, 41)
    assert next_times(SECOND_THURSDAY, 1, now, found_at=found_at) == [utc(2026, 12, 10, 9, 30)]


# What is due

DAILY = CronDefinition(cron="45 9 * * *", grace_hours=12)


@pytest.mark.parametrize(
    ("after", "now", "slots"),
    [
        (utc(2026, 6, 1, 8, 45), utc(2026, 7, 3, 10), [utc(2026, 7, 3, 8, 45)]),
        (utc(2026, 7, 3, 8, 45), utc(2026, 7, 3, 10), []),
        (utc(2026, 7, 2, 8, 45), utc(2026, 7, 3, 8, 44, 59), []),
        (utc(2026, 7, 2, 8, 45), utc(2026, 7, 3, 8, 45), [utc(2026, 7, 3, 8, 45)]),
        (utc(2026, 7, 2, 8, 45), utc(2026, 7, 3, 20, 45), [utc(2026, 7, 3, 8, 45)]),
        (utc(2026, 7, 2, 8, 45), utc(2026, 7, 3, 20, 45, 1), []),
    ],
    ids=["newest of many", "run already", "too early", "on the second", "end of the grace", "beyond it"],
)
def test_the_newest_slot_inside_the_grace_is_due(
    after: datetime, now: datetime, slots: list[datetime]
) -> None:
    assert due_slots(DAILY, after, now) == slots


@pytest.mark.parametrize(
    ("policy", "late", "expected"),
    [
        (CatchUp.LATEST, timedelta(minutes=29), [8]),
        (CatchUp.ALL, timedelta(minutes=29), [5, 6, 7, 8]),
        (CatchUp.NONE, timedelta(minutes=29), []),
        (CatchUp.NONE, timedelta(seconds=30), [8]),
    ],
)
def test_after_downtime_each_policy_catches_up_its_way(
    policy: CatchUp, late: timedelta, expected: list[int]
) -> None:
    hourly = CronDefinition(cron="30 * * * *", grace_hours=4, catch_up=policy)
    now = utc(2026, 7, 3, 8, 30) + late
    assert due_slots(hourly, utc(2026, 7, 3, 2, 30), now) == [utc(2026, 7, 3, hour, 30) for hour in expected]


def test_all_missed_slots_are_caught_up_no_further_back_than_the_grace() -> None:
    hourly = CronDefinition(cron="30 * * * *", grace_hours=2, catch_up=CatchUp.ALL)
    found = due_slots(hourly, utc(2026, 7, 1), utc(2026, 7, 3, 8, 30))
    assert found == [utc(2026, 7, 3, hour, 30) for hour in (6, 7, 8)]


@pytest.mark.parametrize(
    ("day", "hours"),
    [((2026, 3, 29), [0, 1, 2, 3]), ((2026, 10, 25), [0, 1, 2, 3])],
    ids=["March", "October"],
)
def test_catching_up_over_a_clock_change_misses_and_repeats_nothing(
    day: tuple[int, int, int], hours: list[int]
) -> None:
    hourly = CronDefinition(cron="30 * * * *", grace_hours=24, catch_up=CatchUp.ALL)
    assert due_slots(hourly, utc(*day), utc(*day, 4)) == [utc(*day, hour, 30) for hour in hours]


def test_once_found_the_repeats_are_not_due_and_the_next_month_is() -> None:
    found_at = utc(2026, 11, 12, 11, 34)
    after, now = utc(2026, 11, 12, 11, 30), utc(2026, 11, 12, 13, 30)
    assert due_slots(SECOND_THURSDAY, after, now) == [now]
    assert due_slots(SECOND_THURSDAY, after, now, found_at=found_at) == []
    following = utc(2026, 12, 10, 9, 30)
    assert due_slots(SECOND_THURSDAY, after, following, found_at=found_at) == [following]


def test_what_was_found_before_the_usual_day_does_not_stop_the_looking() -> None:
    now = utc(2026, 11, 12, 11, 30)
    found_at = utc(2026, 11, 11, 9)
    assert due_slots(SECOND_THURSDAY, utc(2026, 11, 12, 9, 30), now, found_at=found_at) == [now]


# Definitions


@pytest.mark.parametrize("definition", [DAILY, SECOND_THURSDAY], ids=["cron", "usual day"])
def test_a_definition_survives_its_json(definition: ScheduleDefinition) -> None:
    assert definition_from_json(definition.model_dump_json()) == definition


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "weekly"}, "kind: wanted one of cron, usual day, found 'weekly'"),
        ({"cron": "0 9 * * *", "misfire_grace_hours": 3}, "misfire_grace_hours"),
        ({"cron": "0 9 * * *", "attempts": 0}, "attempts"),
        ({"cron": "0 9 * * *", "grace_hours": -1}, "grace_hours"),
        ({"cron": "0 9 * * *", "catch_up": "some"}, "catch_up"),
        ({"kind": "usual day", "week": 6, "weekday": "Thursday", "time": "09:30"}, "week"),
        ({"kind": "usual day", "week": 2, "weekday": "Thurs", "time": "09:30"}, "weekday"),
        ({"kind": "usual day", "week": 2, "weekday": "Thursday", "time": "9:30"}, "time"),
        ({"kind": "usual day", "week": 2, "weekday": "Thursday"}, "time: Field required"),
    ],
)
def test_a_wrong_definition_is_refused_by_field(fields: dict[str, object], words: str) -> None:
    with pytest.raises(ScheduleError, match=words):
        read_definition(fields)


@pytest.mark.parametrize("text", ["", "{", "[]", '"cron"'])
def test_a_definition_that_is_no_json_object_is_refused(text: str) -> None:
    with pytest.raises(ScheduleError, match="wanted a schedule as"):
        definition_from_json(text)


def test_definitions_are_said_in_words() -> None:
    assert SECOND_THURSDAY.words == "2nd Thursday, 09:30, then every 2 hours until found, for up to 5 days"
    assert DAILY.words == "cron 45 9 * * *"
