"""The events of a chart: what people noted and what the catalogue knows, gathered in numbered rings. No SQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import chain

from db.catalogue.national_events import EventDay, NationalEvent
from db.domain import Frequency, Organisation, Period
from db.domain.decision import RecordedEvent
from stp_dash.analysis.series import place_of
from stp_dash.analysis.wording import date_text
from stp_dash.charts.interactive.trend.points import TrendEvent
from stp_dash.charts.theme import words_only

_RING = 26.0
"""What a ring takes across, with room beside it, in pixels."""
_LEAST_PLOT = {False: 380.0, True: 280.0}
"""The least width of a plot, on a telephone and else, in pixels."""


@dataclass(frozen=True)
class ChartEvent:
    """Something that people want noted on a chart, or that the catalogue knows: a day or a span, and what happened.

    role: who says it, "" for the catalogue. number: by which it is changed, 0 for the catalogue's. days: the days of a
    span one by one, each with its sources.
    """

    on: date
    text: str
    until: date | None = None
    link: str = ""
    role: str = ""
    noted_on: date | None = None
    number: int = 0
    expected: bool = False
    days: tuple[EventDay, ...] = ()

    @property
    def last(self) -> date:
        return self.until or self.on

    @property
    def when(self) -> str:
        """The month, or the months of a span, and whether it is still to come."""
        months = f"{self.on:%B %Y}"
        if (self.on.year, self.on.month) != (self.last.year, self.last.month):
            year = "" if self.on.year == self.last.year else f" {self.on.year}"
            months = f"{self.on:%B}{year} to {self.last:%B %Y}"
        return f"{months}, expected" if self.expected else months


@dataclass(frozen=True)
class EventRing:
    """A numbered ring of a chart, and the events that it stands for: those too near each other share one."""

    number: int
    events: tuple[ChartEvent, ...]


def chart_events(
    recorded: Iterable[RecordedEvent], national: Iterable[NationalEvent], source: str, today: date
) -> tuple[ChartEvent, ...]:
    """The events of a series, the earliest first: those recorded for it, and the catalogue's of its source."""
    noted = (
        ChartEvent(
            on=item.on,
            text=item.text,
            until=item.until,
            link=item.link,
            role=item.role,
            noted_on=item.recorded_at.date(),
            number=item.id,
            expected=item.on > today,
        )
        for item in recorded
    )
    known = (_of_catalogue(item) for item in national if item.concerns(source))
    return tuple(sorted(chain(noted, known), key=lambda item: (item.on, item.number)))


def standing_on(
    recorded: Iterable[RecordedEvent], indicator: str, organisation: str, areas: Collection[str]
) -> tuple[RecordedEvent, ...]:
    """Those of all recorded events that stand on a series' chart; `areas` is what its organisation belongs to."""
    return tuple(
        item
        for item in recorded
        if item.indicator in {None, indicator}
        and (item.organisation in {None, organisation} or (item.of_area and item.organisation in areas))
    )


def _of_catalogue(event: NationalEvent) -> ChartEvent:
    first, last = event.first, event.last
    return ChartEvent(first, event.text, last if last > first else None, days=event.days)


def gathered(events: Sequence[ChartEvent], span: tuple[date, date], *, phone: bool) -> tuple[EventRing, ...]:
    """The events of a drawn span in rings, numbered from its start; whose rings would touch share one."""
    first, last = span
    shown = [item for item in events if item.on <= last and item.last >= first]
    months = place_of(last, Frequency.MONTH) - place_of(first, Frequency.MONTH) or 1.0
    apart = _RING * months / _LEAST_PLOT[phone]
    groups: list[list[ChartEvent]] = []
    at = 0.0
    for event in shown:
        here = place_of(max(event.on, first), Frequency.MONTH)
        if groups and here - at < apart and groups[-1][0].expected == event.expected:
            groups[-1].append(event)
            continue
        at = max(here, at + apart) if groups else here
        groups.append([event])
    return tuple(EventRing(number, tuple(group)) for number, group in enumerate(groups, 1))


def drawn_rings(
    rings: Sequence[EventRing], span: tuple[date, date], frequency: Frequency
) -> tuple[TrendEvent, ...]:
    """The rings as the chart draws them, each with the places of its events' first and last days."""
    found = []
    for ring in rings:
        days = sorted({day for item in ring.events for day in (item.on, item.last)})
        drawn = tuple(place_of(day, frequency) for day in days if span[0] <= day <= span[1])
        first, last = max(days[0], span[0]), min(days[-1], span[1])
        words = "<br>".join(words_only(f"{item.when}: {item.text}") for item in ring.events)
        found.append(
            TrendEvent(
                number=ring.number,
                at=place_of(first, frequency),
                words=words,
                stems=drawn,
                last=place_of(last, frequency),
                expected=ring.events[0].expected,
            )
        )
    return tuple(found)


def events_within(events: Iterable[ChartEvent], period: Period) -> tuple[str, ...]:
    """What happened in a period, in words with its days; of a span made of days, those days alone."""
    found = []
    for event in events:
        told = [
            f"{day.who}, {days_text(day.on, day.until)}"
            for day in event.days
            if day.on <= period.end and day.last >= period.start
        ]
        if told and event.until is not None:
            found.append(f"{event.text.rstrip('.')}: {'; '.join(told)}.")
        elif event.on <= period.end and event.last >= period.start and (told or not event.days):
            found.append(f"{days_text(event.on, event.until)}: {event.text}")
    return tuple(found)


def days_text(on: date, until: date | None) -> str:
    """`3 to 8 January 2024`."""
    if until is None or until == on:
        return date_text(on)
    if (on.year, on.month) == (until.year, until.month):
        return f"{on.day} to {date_text(until)}"
    year = "" if on.year == until.year else f" {on.year}"
    return f"{on.day} {on:%B}{year} to {date_text(until)}"


def areas_above(known: Mapping[str, Organisation], code: str) -> frozenset[str]:
    """The codes of all that an organisation belongs or belonged to, by the catalogue."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        item = known.get(waiting.pop())
        above = [parent.code for parent in item.parents if parent.code not in found] if item else []
        found.update(above)
        waiting += above
    return frozenset(found)
