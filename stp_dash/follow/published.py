"""What is published when: what came, what is due and what is overdue, by the publishers' calendars."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from icalendar import Calendar, Event

from db.catalogue.levels import LevelFreshness, level_freshness
from db.catalogue.publication import WeekdayOfMonth, due_for
from db.catalogue.source_files import publications
from db.domain import Frequency, Period, frequency_code
from db.domain.holdings import PublicationDay
from db.reading.characters import plain_text
from stp_dash.analysis.wording import listing
from stp_dash.elements.links import DATA
from stp_dash.follow.replay import topics_of
from stp_dash.frame.area import types_shown
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.shell import SITE_TITLE

AHEAD = 400
"""Days that publications are told of beforehand."""
_DAY = timedelta(days=1)


class PublicationState(StrEnum):
    """What became of a publication."""

    CAME = "published and loaded"
    LOADED = "loaded, its day of publication not known"
    DUE = "due"
    OVERDUE = "overdue"


@dataclass(frozen=True)
class PublicationDate:
    """One publication on its day: that on which it came, or should. `period` is "" where it is not known; `about` says
    that its publisher names no day. `name` is the same before it comes and after."""

    source: str
    words: str
    on: date
    state: PublicationState
    period: str = ""
    about: bool = False
    overdue: int = 0

    @property
    def name(self) -> str:
        return f"{self.source}/{self.period or self.on.isoformat()}"


def publication_dates(reader: StoreReader, since: date) -> tuple[PublicationDate, ...]:
    """What came since a day, and what is due in the year to come, in order."""
    request, topics = reader.request, topics_of(reader)
    today, levels = request.site.today(), {words: (kind,) for kind, words in types_shown(request).items()}
    known = request.site.store.catalogue.indicators.values()
    found: list[PublicationDate] = []
    for source, about in topics.items():
        own = [item for item in known if item.source_id == source]
        held = level_freshness(own, reader.latest, today, levels, coming=reader.coming)
        if held:
            newest = max(held, key=lambda item: item.period.end)
            words = listing(about)
            found += [
                _came(words, newest.period, item)
                for item in reader.publication_days
                if item.source == source and since <= item.on <= today
            ]
            found += _to_come(source, words, held, newest.period, today)
    return tuple(sorted(found, key=lambda item: (item.on, item.words)))


def _came(words: str, newest: Period, day: PublicationDay) -> PublicationDate:
    """A publication that came on a day, with the period that its calendar gives to that day; none where only the day
    of loading is known."""
    calendar, period = publications()[day.source].calendar, ""
    if calendar is not None and day.published:
        due = [(abs((due_for(calendar, end).on - day.on).days), end) for end in _ends(newest)]
        period = _label(newest, min(due)[1])
    state = PublicationState.CAME if day.published else PublicationState.LOADED
    return PublicationDate(day.source, words, day.on, state, period)


def _ends(newest: Period) -> list[date]:
    """The last days of the periods up to the newest, of five years, and of the one after it."""
    return [_shifted(newest, steps) for steps in range(-60, 2)]


def _shifted(period: Period, steps: int) -> date:
    months = max(1, frequency_code(period.frequency)) * steps
    year, month = divmod(period.end.year * 12 + period.end.month + months, 12)
    return date(year, month + 1, 1) - _DAY


def _label(newest: Period, end: date) -> str:
    """How the period is written that ends on a day, as long as the newest; a snapshot as its month."""
    if newest.frequency in {Frequency.SNAPSHOT, Frequency.MONTH}:
        return f"{end:%B %Y}"
    year, month = divmod(end.year * 12 + end.month - frequency_code(newest.frequency), 12)
    return Period.of_months(year, month + 1, newest.frequency).label


def _to_come(
    source: str, words: str, held: Iterable[LevelFreshness], newest: Period, today: date
) -> list[PublicationDate]:
    """The publications after the newest, as far as the calendar gives them; the first may be overdue."""
    calendar = publications()[source].calendar
    if calendar is None or (
        newest.frequency is Frequency.SNAPSHOT and not isinstance(calendar, WeekdayOfMonth)
    ):
        return []
    late = max((item.overdue for item in held if item.period == newest), default=0)
    found = []
    for steps in range(1, 14):
        expected = due_for(calendar, _shifted(newest, steps))
        period = _label(newest, _shifted(newest, steps))
        if expected.on < today and steps == 1 and late:
            found.append(
                PublicationDate(
                    source, words, expected.on, PublicationState.OVERDUE, period, expected.about, late
                )
            )
        elif today <= expected.on <= today + AHEAD * _DAY:
            found.append(
                PublicationDate(source, words, expected.on, PublicationState.DUE, period, expected.about)
            )
    return found


def publication_calendar(
    dates: Iterable[PublicationDate], name: str, *, site: str, authority: str, stamp: date, mark: str
) -> bytes:
    """The publications as a calendar (RFC 5545) to be followed. `stamp` is the day of the data, `mark` "" or what says
    that numbers are invented."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{SITE_TITLE}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", plain_text(f"{mark}{name}"))
    made = datetime(stamp.year, stamp.month, stamp.day, tzinfo=UTC)
    for item in dates:
        event = Event()
        event.add("uid", f"{item.name.replace(' ', '-')}@{authority}")
        event.add("dtstamp", made)
        event.add("dtstart", item.on)
        event.add("dtend", item.on + _DAY)
        event.add("summary", plain_text(f"{mark}{item.words}: {_summary(item)}"))
        event.add("status", "TENTATIVE" if item.about else "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        event.add("url", f"{site}{DATA}")
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def _summary(item: PublicationDate) -> str:
    """`August 2026, due about this day`."""
    period = f"{item.period} " if item.period else ""
    match item.state:
        case PublicationState.CAME:
            return f"{period}published"
        case PublicationState.LOADED:
            return "loaded"
        case PublicationState.OVERDUE:
            return f"{period}overdue by {item.overdue} {'day' if item.overdue == 1 else 'days'}"
        case _:
            return f"{period}due{' about this day' if item.about else ''}"
