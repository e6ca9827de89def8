"""Messages to whoever looks after the refresh: one for each incident, one when it is over, through apprise."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from apprise import Apprise, NotifyType

from db.catalogue.source_files import publications
from db.service.incidents import Incident, IncidentKind, record_told, to_tell, update_incidents
from db.settings import NotifySettings, Settings, SettingsError
from db.store import DBAPIError, Store

_LOG = logging.getLogger(__name__)
_HEADINGS = {
    IncidentKind.FAILURE: "A refresh failed",
    IncidentKind.OVERDUE: "A publication is overdue",
    IncidentKind.DIFFERENCE: "Figures differ from another publication",
    IncidentKind.NEW_DATA: "New figures",
}
_TYPES = {
    IncidentKind.FAILURE: NotifyType.FAILURE,
    IncidentKind.OVERDUE: NotifyType.WARNING,
    IncidentKind.DIFFERENCE: NotifyType.WARNING,
    IncidentKind.NEW_DATA: NotifyType.INFO,
}


def messenger(settings: NotifySettings) -> Apprise:
    """The receivers of the settings. Raises SettingsError for an address that apprise does not know."""
    found = Apprise()
    for place, address in enumerate(settings.addresses, start=1):
        if not found.add(address.get_secret_value()):
            raise SettingsError(
                f"setting notify.addresses: wanted an address that apprise knows, found another at place {place}"
            )
    return found


def tell_incidents(store: Store, receivers: Apprise, site: str = "") -> int:
    """Bring the incidents up to date, send what is still to be said, and return how many messages were sent.

    What cannot be sent is logged and tried again the next time.
    """
    with store.writing() as connection:
        update_incidents(connection)
        waiting = to_tell(connection)
    told = [item for item in waiting if not receivers or _send(receivers, item, site)]
    if told:
        with store.writing() as connection:
            record_told(connection, told)
    return len(told) if receivers else 0


def _send(receivers: Apprise, item: Incident, site: str) -> bool:
    over = item.told_at is not None
    heading = f"Over: {_HEADINGS[item.kind].lower()}" if over else _HEADINGS[item.kind]
    known = publications().get(item.source)
    name = known.name if known else item.source
    body = f"{item.message}\n{site.rstrip('/')}/operations" if site else item.message
    kind = NotifyType.SUCCESS if over else _TYPES[item.kind]
    sent = bool(receivers.notify(title=f"{heading}: {name}", body=body, notify_type=kind))
    if not sent:
        _LOG.error("a message could not be sent: %s: %s", heading, item.source)
    return sent


def send_test(receivers: Apprise) -> bool:
    """A test message to every receiver; whether all took it."""
    title, body = "Test message", "The performance standards monitor can reach you. Nothing is wrong."
    return bool(receivers.notify(title=title, body=body, notify_type=NotifyType.INFO))


@contextmanager
def notifying(store: Store, settings: Settings) -> Iterator[None]:
    """Tell of incidents from a thread of its own for as long as this process leads."""
    receivers, over = messenger(settings.notify), threading.Event()

    def keep_telling() -> None:
        while not over.wait(settings.notify.every_seconds):
            try:
                tell_incidents(store, receivers, settings.notify.site)
            except DBAPIError as error:
                _LOG.error("incidents cannot be told: the store: %s", error.orig)

    telling = threading.Thread(target=keep_telling, name="notify", daemon=True)
    telling.start()
    try:
        yield
    finally:
        over.set()
        telling.join()
