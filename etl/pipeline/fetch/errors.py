"""Why an address could not be read, and whether asking again may help."""

from __future__ import annotations

from db.store import DBAPIError
from db.store.transient import is_transient_error
from etl.source import PageGoneError, SiteRefusesError, SourceError


class FetchError(SourceError):
    """An address could not be read: which one, what was wanted and what was found. Asking again will not help.

    `transient` and `retry_after` are those of TransientFetchError; here False and None.
    """

    transient = False

    def __init__(self, url: str, wanted: str, found: str) -> None:
        self.url, self.wanted, self.found = url, wanted, found
        self.retry_after: float | None = None
        super().__init__(f"{url}: wanted {wanted}, found {found}")


class GoneFetchError(FetchError, PageGoneError):
    """The publisher's site has nothing at an address: by its status, or by a page that says so."""


class RefusedFetchError(FetchError, SiteRefusesError):
    """The publisher's site does not let a program read an address; a person with a browser may."""

    def __init__(self, url: str, wanted: str, found: str) -> None:
        super().__init__(
            url,
            wanted,
            f"{found}: the publisher's site does not answer programs at the moment: download by hand from {url}, then "
            "load (python -m etl load FILE)",
        )


class TransientFetchError(FetchError):
    """An address could not be read now, but the same request may succeed later.

    `retry_after` is how long the publisher asked us to wait, in seconds, where it did.
    """

    transient = True

    def __init__(self, url: str, wanted: str, found: str, *, retry_after: float | None = None) -> None:
        super().__init__(url, wanted, found)
        self.retry_after = retry_after


def is_transient(error: BaseException) -> bool:
    """Whether the same work may succeed later: the network, a publisher's 5xx or 429, a locked or absent database.

    A refused layout, a failed check, a full disk and everything else are not: they need a person.
    """
    if isinstance(error, DBAPIError):
        return is_transient_error(error)
    return isinstance(error, TransientFetchError)
