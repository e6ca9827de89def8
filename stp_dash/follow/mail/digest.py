"""Digests: for whom one is due, what stands in it, and its place in the outbox, in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from db.catalogue.publication import due_for
from db.catalogue.source_files import publications
from db.domain.holdings import DataVersion
from db.domain.timing import TIME_ZONE
from db.figures.data_version import data_version
from db.service.follow.addresses import AddressKey
from db.service.follow.news import BY_PEOPLE, RULE_BROKEN, News, newest_news, read_news
from db.service.follow.outbox import Letter, digest_slot, has_letter, note_letter
from db.service.follow.subscribers import HowOften, Subscriber, subscribers, told_up_to
from db.store import Connection
from stp_dash.analysis.wording import capitalised, date_text, listing, number_word
from stp_dash.elements.links import FOLLOW, OVERVIEW, href
from stp_dash.follow.following import Following
from stp_dash.follow.mail.content import ChangedLine, Mail, WorstLine, mail_html, mail_text
from stp_dash.follow.mail.signed import stop_token
from stp_dash.follow.published import PublicationState, publication_dates
from stp_dash.follow.read import followed
from stp_dash.frame.area import area_codes
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest, Site
from stp_dash.frame.shell import version_words
from stp_dash.pages.overview.attention import Attention, attention
from stp_dash.pages.overview.page import overview_chips
from stp_dash.pages.overview.read import day_of, holdings_of, read_overview
from stp_dash.pages.overview.state import OverviewState
from stp_dash.pages.overview.words import overview

WORST, CHANGED, NEXT = 3, 12, 3
"""So many lines of each part stand in a digest; of the rest it says how many there are."""
_READ = 500
_MONTHLY_AFTER = "cancer_waiting_times"
_MONTHLY = "month "
_OFTEN = {
    HowOften.RELEASE: "with each publication",
    HowOften.MONTHLY: "once a month",
    HowOften.RULES: "when something breaks a rule",
}


@dataclass(frozen=True)
class Postbox:
    """What mails are made with: where their links lead, and what signs them."""

    site: str
    sender: str
    key: AddressKey

    def stop_address(self, who: Subscriber) -> str:
        """Where one click ends a subscription."""
        return self.site + href(f"{FOLLOW}/stop", t=stop_token(self.key, who.address_hash))

    def new_message_id(self) -> str:
        """The name of a new mail, by the sender's domain."""
        return f"<{uuid4().hex}@{self.sender.rpartition('@')[2]}>"


def note_digests(site: Site, box: Postbox, now: datetime) -> int:
    """Put today's digests into the outbox, each with the note up to where it tells; how many there were."""
    with site.store.reading() as connection:
        everyone = subscribers(connection)
    return sum(_noted(site, box, who, now) for who in everyone)


def _noted(site: Site, box: Postbox, who: Subscriber, now: datetime) -> bool:
    asked = {} if who.wishes.area == site.settings.area.asked else {"area": who.wishes.area}
    request, today = PageRequest(site, OVERVIEW, asked), now.astimezone(TIME_ZONE).date()

    def work(connection: Connection) -> tuple[list[News], int, Mail | None]:
        version = data_version(connection)
        newest = newest_news(connection)
        slot = _slot(who, today)
        if slot is None or has_letter(connection, who, slot) or version.filling:
            return [], 0, None
        reader = StoreReader(request, connection, version)
        found = _news_for(reader, who)
        waits = who.wishes.how_often is HowOften.RELEASE and all(item.kind in BY_PEOPLE for item in found)
        if found and waits:
            # What people add waits for the next publication.
            return [], 0, None
        return found, newest, _digest(reader, version, who, found, box) if found else None

    found, newest, mail = site.read(work, current=True)
    slot = _slot(who, today)
    if not newest or slot is None:
        return False
    with site.store.writing() as connection:
        if has_letter(connection, who, slot):
            return False
        told_up_to(connection, who, newest)
        if mail is not None:
            note_letter(connection, letter_of(mail, who, slot, box), now)
    return bool(found)


def letter_of(mail: Mail, who: Subscriber, slot: str, box: Postbox) -> Letter:
    """A mail as the outbox has it."""
    return Letter(who.id, slot, box.new_message_id(), mail.line, mail_text(mail), mail_html(mail))


def _slot(who: Subscriber, today: date) -> str | None:
    """The slot that is open on a day; None where a monthly digest is not due yet."""
    if who.wishes.how_often is not HowOften.MONTHLY:
        return digest_slot(today)
    return f"{_MONTHLY}{today:%Y-%m}" if today >= monthly_day(today) else None


def monthly_day(day: date) -> date:
    """The first working day after the cancer figures of a month."""
    calendar = publications()[_MONTHLY_AFTER].calendar
    month = day.replace(day=1)
    found, end = month + timedelta(days=14), month
    for _ in range(4):
        end = end.replace(day=1) - timedelta(days=1)
        if calendar is not None and due_for(calendar, end).on.replace(day=1) == month:
            found = due_for(calendar, end).on + timedelta(days=1)
    return found + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[found.weekday()])


def _news_for(reader: StoreReader, who: Subscriber) -> list[News]:
    """What somebody is to be told of, the worst first: what was told since, of what they wished."""
    wishes, catalogue = who.wishes, reader.request.site.store.catalogue
    own = followed(reader.request.area)
    organisations = tuple(code for code in own if code in wishes.organisations) or own
    wanted = [item for item in catalogue.indicators.values() if item.topic in wishes.topics]
    following = Following(
        "",
        OVERVIEW,
        "",
        organisations,
        frozenset(item.id for item in wanted),
        frozenset(item.source_id for item in wanted),
    )
    found = read_news(reader.connection, organisations, after=who.news_id, most=_READ)
    told = [item for item in found if not item.earlier and following.takes(item)]
    if wishes.how_often is HowOften.RULES:
        told = [item for item in told if item.kind in RULE_BROKEN]
    order = {"worse": 0, "better": 1, "neither": 2, "changed": 3}
    return sorted(
        told,
        key=lambda item: (
            order[item.tone.value],
            item.kind in BY_PEOPLE,
            item.organisation != own[0],
            item.id,
        ),
    )


def _digest(
    reader: StoreReader, version: DataVersion, who: Subscriber, found: Sequence[News], box: Postbox
) -> Mail:
    request, area = reader.request, reader.request.area
    worst = _worst(reader, who.wishes.topics)
    first = worst[0] if worst else None
    more = len(found) - CHANGED
    loaded = f"Data version {version_words(version)}."
    subject = f"{first.count} {first.unit}: {first.heading}" if first else found[0].heading
    told = found[0].heading
    rest = f" And {number_word(more)} more: the pages have them all." if more > 0 else ""
    things = "one thing" if len(found) == 1 else f"{number_word(len(found))} things"
    chosen = listing(list(who.wishes.topics)) or "every topic"
    return Mail(
        subject=subject,
        area=area.name,
        heading=told,
        lede=f"{capitalised(things)} changed.{rest}",
        worst=tuple(_line(item, box) for item in worst),
        changed=tuple(
            ChangedLine(item.tone, item.heading, item.words, box.site + item.path) for item in found[:CHANGED]
        ),
        following=_next(reader),
        button=("Open the overview", box.site + href(OVERVIEW, area=request.parameters.get("area"))),
        source=f"{loaded} The pages show what has changed since.",
        why=f"You asked for this on {date_text(who.asked_at.astimezone(UTC).date())}: "
        f"{_OFTEN[who.wishes.how_often]}, {chosen}.",
        stop=box.stop_address(who),
        change=box.site + FOLLOW,
        demonstration=version.demonstration,
    )


def _line(item: Attention, box: Postbox) -> WorstLine:
    return WorstLine(item.count, item.unit, item.heading, item.sentence, box.site + item.href)


def _worst(reader: StoreReader, topics: Sequence[str]) -> list[Attention]:
    """The first of what needs attention, of the topics that were asked for: as the overview ranks it."""
    request = reader.request
    held = holdings_of(reader, area_codes(request))
    state = OverviewState(request, held.months, day_of(reader), held.days)
    view = overview(read_overview(reader, area_codes(request), held, state), profile=request.rules())
    ranked = attention(view.rows, overview_chips(view, held, state))
    return [item for item in ranked if item.row is not None and (not topics or item.row.topic in topics)][
        :WORST
    ]


def _next(reader: StoreReader) -> tuple[tuple[str, str], ...]:
    dates = publication_dates(reader, reader.request.site.today())
    due = [item for item in dates if item.state is PublicationState.DUE][:NEXT]
    return tuple(
        (f"{'about ' if item.about else ''}{item.on.day} {item.on:%B}", f"{item.words}, {item.period}")
        for item in due
    )
