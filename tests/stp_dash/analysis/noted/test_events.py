"""Events in rings: which share one, where stems stand, and what is said of each period."""

from __future__ import annotations

from datetime import UTC, date, datetime

from db.catalogue.national_events import national_events
from db.domain import Frequency, Period
from db.domain.decision import RecordedEvent
from stp_dash.analysis.noted.events import ChartEvent, chart_events, drawn_rings, events_within, gathered

TODAY = date(2026, 10, 20)
SPAN = (date(2023, 10, 1), date(2026, 8, 31))


def noted(number: int, on: date, text: str) -> RecordedEvent:
    return RecordedEvent(number, None, None, on, text, "Cancer lead", datetime(2026, 10, 1, tzinfo=UTC))


def test_what_is_to_come_is_expected_and_the_catalogue_tells_only_what_concerns_a_source() -> None:
    recorded = [noted(1, date(2026, 11, 16), "Rooms reopen"), noted(2, date(2026, 10, 20), "Today")]
    found = chart_events(recorded, national_events(), "general_practice_workforce", TODAY)
    assert [(item.on.year, item.expected, item.number) for item in found] == [
        (2020, False, 0), (2020, False, 0), (2026, False, 2), (2026, True, 1)
    ]  # fmt: skip
    assert found[-1].when == "November 2026, expected"
    cancer = chart_events([], national_events(), "cancer_waiting_times", TODAY)
    assert cancer[-1].when == "December 2022 to July 2024"


def test_rings_that_would_touch_are_one_and_a_telephone_has_fewer() -> None:
    days = [date(2024, 1, 3), date(2024, 1, 20), date(2024, 5, 1), date(2024, 7, 20), date(2025, 3, 1)]
    events = [ChartEvent(day, f"On {day}") for day in days]
    assert [len(ring.events) for ring in gathered(events, SPAN, phone=False)] == [2, 1, 1, 1]
    assert [len(ring.events) for ring in gathered(events, SPAN, phone=True)] == [2, 2, 1]
    close = gathered([ChartEvent(date(2024, 1, day), "One") for day in range(1, 31)], SPAN, phone=False)
    assert [(ring.number, len(ring.events)) for ring in close] == [(1, 30)]


def test_what_is_expected_shares_no_ring_with_what_happened() -> None:
    events = [ChartEvent(date(2026, 8, 1), "Done"), ChartEvent(date(2026, 8, 9), "To come", expected=True)]
    assert [ring.events[0].expected for ring in gathered(events, SPAN, phone=False)] == [False, True]


def test_a_span_that_began_before_the_chart_has_a_ring_at_its_edge_and_no_stem_there() -> None:
    strikes = chart_events([], national_events(), "cancer_waiting_times", TODAY)
    rings = gathered(strikes, SPAN, phone=False)
    (ring,) = drawn_rings(rings, SPAN, Frequency.MONTH)
    october_2023, july_2024 = 2023 * 12 + 9, 2024 * 12 + 6
    assert ring.at == october_2023 - 0.5
    assert ring.places == (july_2024 - 0.5,)
    assert ring.last == july_2024 - 0.5
    assert gathered(strikes, (date(2024, 8, 1), date(2026, 8, 31)), phone=False) == ()


def test_words_for_a_figure_are_words_only() -> None:
    hostile = ChartEvent(date(2024, 5, 1), '<a href="javascript:alert(1)">Clinic</a><br><b>opens')
    (ring,) = drawn_rings(gathered([hostile], SPAN, phone=False), SPAN, Frequency.MONTH)
    assert ring.words == 'May 2024: ‹a href="javascript:alert(1)"›Clinic‹/a›‹br›‹b›opens'


def test_a_period_is_told_the_days_of_a_span_that_lie_in_it() -> None:
    strikes = chart_events([], national_events(), "cancer_waiting_times", TODAY)
    assert events_within(strikes, Period.month(2023, 7)) == (
        "Industrial action in the NHS in England, on some days, by nurses, ambulance staff, junior doctors and "
        "consultants: Junior doctors, 13 to 17 July 2023; Consultants, 20 to 21 July 2023.",
    )
    assert events_within(strikes, Period.month(2023, 11)) == ()
    span = ChartEvent(date(2024, 1, 30), "Refit.", until=date(2024, 3, 2))
    assert events_within([span], Period.month(2024, 2)) == ("30 January to 2 March 2024: Refit.",)
