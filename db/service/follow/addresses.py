"""Readers' addresses: kept under a key, and found again by a keyed hash. Without the key nobody reads either."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken

from db.settings import Settings
from db.store.private import private_key

KEY_NAME = "addresses.key"
LONGEST_ADDRESS = 254
_ADDRESS = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]"
)


class SealError(Exception):
    """What was kept under a key cannot be read with the one that is there."""


@dataclass(frozen=True)
class AddressKey:
    """What addresses are kept and found by."""

    secret: str

    def seal(self, text: str) -> str:
        """A text under the key."""
        return self._cipher.encrypt(text.encode()).decode()

    def opened(self, sealed: str) -> str:
        """The text again. Raises SealError where the key is another."""
        try:
            return self._cipher.decrypt(sealed).decode()
        except InvalidToken as error:
            raise SealError(f"{KEY_NAME} is not the key that addresses were kept under") from error

    def find_by(self, text: str) -> str:
        """What a text is found again by: an address in any writing of capitals."""
        return hmac.new(self._derived("find"), text.lower().encode(), hashlib.sha256).hexdigest()

    @property
    def signing(self) -> str:
        """The key that links in mails are signed with."""
        return self._derived("sign").hex()

    @property
    def _cipher(self) -> Fernet:
        return Fernet(urlsafe_b64encode(self._derived("seal")))

    def _derived(self, use: str) -> bytes:
        return hmac.new(self.secret.encode(), use.encode(), hashlib.sha256).digest()


def address_key(settings: Settings) -> AddressKey:
    """The key of the settings, or that of the file beside the raw folder. Raises OSError."""
    given = settings.mail.secret_key
    if given is not None:
        return AddressKey(given.get_secret_value())
    return AddressKey(private_key(settings.store.raw_folder.parent / KEY_NAME))


def plain_address(typed: str) -> str | None:
    """An e-mail address as it was typed, without spaces around it; None for what is none. Only letters, digits and the
    signs that addresses have pass: nothing of it can end a line of a mail's head."""
    found = typed.strip()
    return found if len(found) <= LONGEST_ADDRESS and _ADDRESS.fullmatch(found) else None
