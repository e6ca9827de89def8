"""Sending what the outbox holds by the mail server of the settings, one after another."""

from __future__ import annotations

import logging
import smtplib
import ssl
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from db.redaction import without_secrets
from db.service.follow.addresses import SealError
from db.service.follow.outbox import Letter, letters_waiting, note_answer, note_sent
from db.service.follow.subscribers import pause_address
from db.settings import MailSettings
from db.store import Store
from stp_dash.elements.links import FOLLOW, href
from stp_dash.follow.mail.digest import Postbox
from stp_dash.follow.mail.signed import stop_token
from stp_dash.frame.shell import SITE_TITLE

_PERMANENT = 500
_LOG = logging.getLogger(__name__)


def send_waiting(store: Store, settings: MailSettings, box: Postbox, now: datetime) -> int:
    """Send what waits; how many letters a server took. What cannot be sent now is tried again later."""
    with store.reading() as connection:
        waiting = letters_waiting(connection, now)
    if not waiting:
        return 0
    sent, left = 0, list(waiting)
    try:
        with _server(settings) as server:
            while left:
                sent += _send(store, server, left[0], box, now)
                del left[0]
    except (OSError, smtplib.SMTPException) as error:
        answer = without_secrets(str(error))
        _LOG.error("the mail server %s cannot be used: %s", settings.host, answer)
        for item in left:
            _note_refusal(store, item, answer, now, refused=False)
    return sent


def _server(settings: MailSettings) -> smtplib.SMTP:
    """The server, greeted and signed in to. Raises OSError and SMTPException."""
    context = ssl.create_default_context()
    if settings.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            settings.host, settings.port, timeout=settings.seconds, context=context
        )
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=settings.seconds)
        if settings.security == "starttls":
            server.starttls(context=context)
    if settings.user and settings.password is not None:
        server.login(settings.user, settings.password.get_secret_value())
    return server


def _send(store: Store, server: smtplib.SMTP, item: Letter, box: Postbox, now: datetime) -> bool:
    """Send one letter and note what came of it: sent before noted, so that nothing is noted that no server took."""
    try:
        receiver = box.key.opened(item.address_sealed)
        server.sendmail(box.sender, [receiver], message_of(item, receiver, box).as_bytes())
    except SealError as error:
        _note_refusal(store, item, str(error), now, refused=True)
        return False
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        told = f"{code} {answer.decode('utf-8', 'replace')}"
        _note_refusal(store, item, told, now, refused=code >= _PERMANENT)
        return False
    except smtplib.SMTPResponseException as error:
        words = error.smtp_error
        told = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
        of_reader = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= _PERMANENT
        _note_refusal(store, item, f"{error.smtp_code} {told}", now, refused=of_reader)
        return False
    with store.writing() as connection:
        note_sent(connection, item, "250", datetime.now(UTC))
    return True


def _note_refusal(store: Store, item: Letter, answer: str, now: datetime, *, refused: bool) -> None:
    """Note an answer; one for good pauses the address, whoever refused it."""
    with store.writing() as connection:
        note_answer(connection, item, answer, now, refused=refused)
        if refused:
            pause_address(connection, item.subscriber_id, answer)


def message_of(item: Letter, receiver: str, box: Postbox) -> EmailMessage:
    """A letter as it is sent, with the two heads by which a mail program ends a subscription at one click."""
    found = EmailMessage(policy=SMTP)
    found["From"] = Address(SITE_TITLE, addr_spec=box.sender)
    found["To"] = Address(addr_spec=receiver)
    found["Subject"] = item.subject
    found["Date"] = format_datetime(datetime.now(UTC))
    found["Message-ID"] = item.message_id
    stop = box.site + href(f"{FOLLOW}/stop", t=stop_token(box.key, item.address_hash))
    found["List-Unsubscribe"] = f"<{stop}>"
    found["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    found["Auto-Submitted"] = "auto-generated"
    # No server takes a line of more than 998 letters.
    found.set_content(item.text, cte="quoted-printable")
    found.add_alternative(item.html, subtype="html", cte="quoted-printable")
    return found
