"""One step of all that comes to readers: news are told, digests noted, and what waits is sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from db.service.follow.subscribers import erase_unconfirmed, subscribers
from stp_dash.follow.mail.asking import postbox_of
from stp_dash.follow.mail.channels import tell_teams
from stp_dash.follow.mail.digest import note_digests
from stp_dash.follow.mail.sending import send_waiting
from stp_dash.follow.telling import tell_area
from stp_dash.frame.request import Site


@dataclass(frozen=True)
class FollowStep:
    """What one step came to."""

    news: int
    noted: int = 0
    sent: int = 0
    messages: int = 0

    @property
    def words(self) -> str:
        sent = f"{self.sent} e-mails and {self.messages} messages to teams sent"
        return f"{self.news} news, {self.noted} digests noted, {sent}."


def take_step(site: Site, now: datetime | None = None) -> FollowStep:
    """Tell, note and send. Raises DBAPIError where the store is away, OSError where there is no key."""
    moment = now or datetime.now(UTC)
    box = postbox_of(site.settings)
    areas = {site.settings.area.asked: None}
    with site.store.writing() as connection:
        erase_unconfirmed(connection, moment)
        if box is not None:
            areas |= dict.fromkeys(who.wishes.area for who in subscribers(connection))
    told = sum(tell_area(site, code, moment) for code in areas if site.settings.area_called(code) is not None)
    messages = tell_teams(site, moment)
    if box is None:
        return FollowStep(told, messages=messages)
    noted = note_digests(site, box, moment)
    sent = send_waiting(site.store, site.settings.mail, box, moment)
    return FollowStep(told, noted, sent, messages)
