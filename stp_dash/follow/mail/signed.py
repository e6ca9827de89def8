"""Links in mails: signed, so that nobody can make one, and those that confirm good for two days alone."""

from __future__ import annotations

from datetime import timedelta

from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from db.service.follow.addresses import AddressKey
from db.service.follow.subscribers import UNCONFIRMED_DAYS, HowOften, Subscriber, Wishes

_CONFIRM, _STOP = "confirm", "stop"


def confirm_token(key: AddressKey, who: Subscriber, wishes: Wishes) -> str:
    """What a link carries that confirms what somebody asked for."""
    found = [who.address_hash, wishes.area, wishes.how_often.value, wishes.topics, wishes.organisations]
    return str(URLSafeTimedSerializer(key.signing, salt=_CONFIRM).dumps(found))


def confirmed(key: AddressKey, token: str) -> tuple[str, Wishes] | None:
    """Whose address is confirmed, by its keyed hash, and what they asked for; None for a link that holds no more."""
    longest = timedelta(days=UNCONFIRMED_DAYS).total_seconds()
    try:
        found = URLSafeTimedSerializer(key.signing, salt=_CONFIRM).loads(token, max_age=int(longest))
        address_hash, area, how_often, topics, organisations = found
        wishes = Wishes(str(area), HowOften(how_often), tuple(topics), tuple(organisations))
    except (BadSignature, ValueError, TypeError):
        return None
    return str(address_hash), wishes


def stop_token(key: AddressKey, address_hash: str) -> str:
    """What a link carries that ends a subscription, however old the mail is."""
    return str(URLSafeSerializer(key.signing, salt=_STOP).dumps(address_hash))


def stopped(key: AddressKey, token: str) -> str | None:
    """Whose subscription a link ends, by the keyed hash of the address; None for a link that nobody signed."""
    try:
        return str(URLSafeSerializer(key.signing, salt=_STOP).loads(token))
    except BadSignature:
        return None
