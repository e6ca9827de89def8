"""Which hosts are read, where a redirection leads, and how far apart requests to one host are kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

from etl.pipeline.fetch.answer import Answer
from etl.pipeline.fetch.errors import FetchError

MOST_REDIRECTS = 5


class Politeness:
    """Keeps requests to one host `interval` seconds apart; `sleep` waits."""

    def __init__(self, interval: float, sleep: Callable[[float], None]) -> None:
        self._interval, self._sleep = interval, sleep
        self._last: dict[str, float] = {}
        self._asked_for: dict[str, float] = {}

    def ask_for(self, host: str, interval: float) -> None:
        """Keep requests to one host this far apart, where it is more than ours."""
        self._asked_for[host] = interval

    def keep_distance(self, host: str) -> None:
        """Wait until the host may be asked again."""
        interval = max(self._interval, self._asked_for.get(host, 0.0))
        last = self._last.get(host)
        due = last + interval - time.monotonic() if last is not None else 0.0
        if interval and due > 0:
            self._sleep(due)
        self._last[host] = time.monotonic()


def check_host(url: str, address: str, wanted: str, allowed: frozenset[str]) -> None:
    """Raise FetchError for an address, asked for or redirected to, outside the hosts allowed."""
    parts = urlsplit(address)
    if parts.scheme in {"http", "https"} and parts.hostname in allowed:
        return
    place = f"the address {address}" if url == address else f"a redirection to {address}"
    raise FetchError(url, f"{wanted} on {', '.join(sorted(allowed))}", place)


def next_hop(answer: Answer, wanted: str) -> str:
    """The address that a redirection leads to. Raises FetchError for none, and for one that leaves https."""
    location = str(answer.headers.get("location", ""))
    if not location:
        raise FetchError(answer.url, wanted, f"a redirection ({answer.status}) to nowhere")
    address = urljoin(answer.url, location)
    if urlsplit(answer.url).scheme == "https" and urlsplit(address).scheme != "https":
        raise FetchError(answer.url, f"{wanted} over https", f"a redirection to {address}")
    return address
