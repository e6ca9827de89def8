"""What people added beside the figures, as news: commentary, events, plans, and how limits and rules were decided.

Their own words stand in none: what is withdrawn would stand in feeds for good.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from db.domain import Indicator, Period
from db.domain.decision import RecordedEvent, StandingPlan
from db.domain.timing import TIME_ZONE
from db.figures.commentary.read import commentaries
from db.figures.decisions.plans import standing_plans
from db.service.follow.news import News, NewsKind, Tone
from stp_dash.analysis.noted.events import days_text
from stp_dash.analysis.noted.plans import plan_end
from stp_dash.analysis.wording import counted, date_text
from stp_dash.elements.links import NOTES, OVERVIEW, TREND, href
from stp_dash.follow.words import Telling
from stp_dash.frame.reader import StoreReader
from stp_dash.statistics.profiles import PROFILES


@dataclass(frozen=True)
class _Added:
    """One thing that people added: whose and of what, and how it is told."""

    key: str
    kind: NewsKind
    organisation: str
    heading: str
    words: str
    path: str
    indicator: str = ""
    period: Period | None = None


def news_by_people(
    reader: StoreReader, organisations: Collection[str], since: date, telling: Telling
) -> list[News]:
    """What people added for some organisations since a day, that day included; what was told before has its old key.

    What stands no longer is not told.
    """
    known = reader.request.site.store.catalogue.indicators
    found = [
        *_commentaries(reader, organisations, since, telling),
        *_plans(reader, organisations, since, telling),
        *_events(reader, organisations, since, telling),
        *_decisions(reader, organisations, since, telling),
    ]
    return [
        News(
            key=item.key,
            kind=item.kind,
            tone=Tone.CHANGED,
            source=known[item.indicator].source_id if item.indicator else "",
            indicator=item.indicator,
            organisation=item.organisation,
            period_key=item.period.key if item.period else None,
            heading=item.heading,
            words=item.words,
            path=item.path,
            demonstration=reader.version.demonstration and not reader.version.mixed,
            data_version=telling.data_version,
            told_at=telling.at,
        )
        for item in found
        if not item.indicator or item.indicator in known
    ]


def _came(at: datetime, since: date) -> bool:
    return at.astimezone(TIME_ZONE).date() >= since


def _lead(reader: StoreReader, telling: Telling, indicator: str, organisation: str) -> str:
    """`28-day faster diagnosis, East Kent`."""
    known: Indicator | None = reader.request.site.store.catalogue.indicators.get(indicator)
    where = telling.named(organisation)
    return f"{known.short_name}, {where}" if known else where


def _commentaries(
    reader: StoreReader, organisations: Collection[str], since: date, telling: Telling
) -> Iterator[_Added]:
    for item in commentaries(reader.connection, places=organisations):
        about = item.about
        if not _came(item.shown_at, since):
            continue
        lead = _lead(reader, telling, about.indicator, about.place)
        path = href(TREND, indicator=about.indicator, organisation=about.place, area=telling.area)
        yield _Added(
            f"commentary|{about.indicator}|{about.place}|{about.period.key}",
            NewsKind.COMMENTARY,
            about.place,
            f"{lead}: commentary on {about.period.label}",
            f"Those responsible have written what happened and what is done ({item.remarks.role}).",
            f"{path}#card-commentary",
            about.indicator,
            about.period,
        )


def _plans(
    reader: StoreReader, organisations: Collection[str], since: date, telling: Telling
) -> Iterator[_Added]:
    for (code, organisation), found in standing_plans(reader.connection, organisations=organisations).items():
        newest = next((item for item in found.plans if item.withdrawn_at is None), None)
        if newest is None or not _came(newest.recorded_at, since):
            continue
        replaced = any(item.id < newest.id for item in found.plans)
        lead = _lead(reader, telling, code, organisation)
        yield _Added(
            f"plan|{code}|{organisation}|{newest.id}",
            NewsKind.PLAN,
            organisation,
            f"{lead}: {'another plan' if replaced else 'a plan'}",
            _plan_words(reader, code, found, newest.id, newest.role),
            href(TREND, indicator=code, organisation=organisation, area=telling.area),
            code,
        )


def _plan_words(reader: StoreReader, code: str, found: StandingPlan, number: int, role: str) -> str:
    """`Plan 80.0% by March 2027: 12 months, entered by the role Planning lead.`"""
    own = sorted((month, value) for month, value in found.values.items() if found.origin[month].id == number)
    indicator = reader.request.site.store.catalogue.indicators.get(code)
    end = plan_end(indicator, *own[-1]) if indicator is not None else "Plan"
    return f"{end}: {counted(len(own), 'months')} planned ({role})."


def _events(
    reader: StoreReader, organisations: Collection[str], since: date, telling: Telling
) -> Iterator[_Added]:
    area = reader.request.area.commissioner
    for item in reader.everything_recorded.events:
        whose = item.organisation or area
        if whose in organisations and item.replaces is None and _came(item.recorded_at, since):
            yield _event(reader, telling, item, whose)


def _event(reader: StoreReader, telling: Telling, item: RecordedEvent, whose: str) -> _Added:
    lead = _lead(reader, telling, item.indicator or "", whose)
    path = href(OVERVIEW, area=telling.area)
    if item.indicator:
        path = href(NOTES, indicator=item.indicator, organisation=whose, area=telling.area)
    return _Added(
        f"event|{item.id}|{whose}",
        NewsKind.NOTED,
        whose,
        f"{lead}: an event of {days_text(item.on, item.until)} is noted",
        f"It stands on charts, as a numbered ring ({item.role}).",
        path,
        item.indicator or "",
    )


def _decisions(
    reader: StoreReader, organisations: Collection[str], since: date, telling: Telling
) -> Iterator[_Added]:
    for item in reader.decisions:
        if item.organisation in organisations and _came(item.recorded_at, since):
            yield _decided(
                reader,
                telling,
                (f"restart|{item.id}", item.indicator, item.organisation),
                f"limits start again {date_text(item.on)}",
                item.role,
            )
    for rules in reader.recorded_rules.values():
        if rules.organisation in organisations and _came(rules.recorded_at, since):
            yield _decided(
                reader,
                telling,
                (f"rules|{rules.id}", rules.indicator, rules.organisation),
                f"judged by the {PROFILES[rules.profile].title}",
                rules.role,
            )


def _decided(reader: StoreReader, telling: Telling, of: tuple[str, str, str], what: str, role: str) -> _Added:
    key, indicator, organisation = of
    return _Added(
        key,
        NewsKind.DECISION,
        organisation,
        f"{_lead(reader, telling, indicator, organisation)}: {what}",
        f"So it was decided, with a reason that stands beside the limits ({role}).",
        href(TREND, indicator=indicator, organisation=organisation, area=telling.area),
        indicator,
    )
