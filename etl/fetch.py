"""Reading a publisher's pages and files: politely, patiently, and never further than its own hosts."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from random import SystemRandom
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from bs4.dammit import UnicodeDammit
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from db.settings import FetchSettings
from etl.source import SourceError

USER_AGENT = "performance-standards-monitor/0.1"
MOST_REDIRECTS = 5
LONGEST_NAME = 180
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_MEGABYTE = 1_000_000
_CHANCE = SystemRandom()
_TRANSIENT = frozenset({429, 500, 502, 503, 504})
_WEB_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


class FetchError(SourceError):
    """An address could not be read: which one, what was wanted and what was found.

    `transient` says that the same request may succeed later; `retry_after` is how long the publisher asked us to
    wait, in seconds, where it did.
    """

    def __init__(
        self, url: str, wanted: str, found: str, *, transient: bool = False, retry_after: float | None = None
    ) -> None:
        self.url, self.wanted, self.found = url, wanted, found
        self.transient, self.retry_after = transient, retry_after
        super().__init__(f"{url}: wanted {wanted}, found {found}")


@dataclass(frozen=True)
class Validators:
    """What a publisher said of a file's version when it was last fetched."""

    etag: str = ""
    last_modified: str = ""

    def headers(self) -> dict[str, str]:
        given = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class FetchedFile:
    """A file as the publisher sent it. With `not_modified` there are no bytes: those held are still current."""

    name: str
    content: bytes
    url: str
    etag: str = ""
    last_modified: str = ""
    not_modified: bool = False


@dataclass(frozen=True)
class _Answer:
    url: str
    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def media_type(self) -> str:
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()


class Fetcher:
    """Reads pages and files of the hosts allowed, one request at a time. A context manager.

    `sleep` is what waits between requests and before repeats; a test gives its own.
    """

    def __init__(
        self,
        settings: FetchSettings,
        allowed_hosts: tuple[str, ...],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._settings, self._hosts, self._sleep = settings, frozenset(allowed_hosts), sleep
        self._turn = threading.Lock()
        self._earliest = 0.0
        # A proxy cannot reach this machine's own loopback, so its settings count only for other hosts.
        self._client = httpx.Client(
            timeout=settings.timeout_seconds,
            headers={"User-Agent": USER_AGENT},
            trust_env=not self._hosts <= LOOPBACK,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def page(self, url: str) -> str:
        """A web page's text, decoded as its header, its own declaration or its bytes say. Raises FetchError."""
        wanted = "a web page"
        answer = self._read(url, wanted, {})
        if answer.media_type and not answer.media_type.startswith("text/") and not _is_web_page(answer):
            raise FetchError(url, wanted, f"a file of type '{answer.media_type}'")
        charset = httpx.Response(200, headers=answer.headers).charset_encoding
        text = UnicodeDammit(
            answer.content, known_definite_encodings=[charset] if charset else [], is_html=True
        ).unicode_markup
        if not text or not text.strip():
            raise FetchError(
                url, wanted, "an empty answer" if text is not None else "bytes that are not text"
            )
        return text

    def file(self, url: str, *, validators: Validators | None = None) -> FetchedFile:
        """A data file's bytes, or the word that those with these validators are still current.

        Raises FetchError: refused, absent, too large, cut short, empty, or a web page in a file's place.
        """
        wanted = "a data file"
        answer = self._read(url, wanted, validators.headers() if validators else {})
        name = file_name(answer.url)
        etag, last_modified = answer.headers.get("etag", ""), answer.headers.get("last-modified", "")
        if answer.status == HTTPStatus.NOT_MODIFIED:
            if validators is None:
                raise FetchError(url, wanted, "the answer 'not modified', for which nobody asked")
            return FetchedFile(
                name,
                b"",
                answer.url,
                etag or validators.etag,
                last_modified or validators.last_modified,
                not_modified=True,
            )
        if not answer.content:
            raise FetchError(url, wanted, "an empty answer")
        if _is_web_page(answer):
            raise FetchError(url, wanted, "a web page")
        return FetchedFile(name, answer.content, answer.url, etag, last_modified)

    def _read(self, url: str, wanted: str, headers: dict[str, str]) -> _Answer:
        attempts = Retrying(
            stop=stop_after_attempt(self._settings.attempts),
            retry=retry_if_exception(self._worth_repeating),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        with self._turn:
            return attempts(self._follow, url, wanted, headers)

    def _worth_repeating(self, error: BaseException) -> bool:
        if not isinstance(error, FetchError) or not error.transient:
            return False
        return error.retry_after is None or error.retry_after <= self._settings.longest_wait_seconds

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, FetchError) and error.retry_after is not None:
            return error.retry_after
        doubled: float = self._settings.first_wait_seconds * 2 ** (state.attempt_number - 1)
        longest = min(doubled, self._settings.longest_wait_seconds)
        # Between half and the whole: clients that failed together do not come back together.
        return longest * _CHANCE.uniform(0.5, 1)

    def _follow(self, url: str, wanted: str, headers: dict[str, str]) -> _Answer:
        address = url
        for _ in range(MOST_REDIRECTS + 1):
            self._check_host(url, address, wanted)
            answer = self._request(address, wanted, headers)
            if not 300 <= answer.status < 400 or answer.status == HTTPStatus.NOT_MODIFIED:
                self._check_status(answer, wanted)
                return answer
            address = self._next_hop(answer, wanted)
        raise FetchError(url, wanted, f"more than {MOST_REDIRECTS} redirections")

    def _check_host(self, url: str, address: str, wanted: str) -> None:
        parts = urlsplit(address)
        if parts.scheme in {"http", "https"} and parts.hostname in self._hosts:
            return
        allowed = ", ".join(sorted(self._hosts))
        place = f"the address {address}" if url == address else f"a redirection to {address}"
        raise FetchError(url, f"{wanted} on {allowed}", place)

    @staticmethod
    def _next_hop(answer: _Answer, wanted: str) -> str:
        location = str(answer.headers.get("location", ""))
        if not location:
            raise FetchError(answer.url, wanted, f"a redirection ({answer.status}) to nowhere")
        address = urljoin(answer.url, location)
        if urlsplit(answer.url).scheme == "https" and urlsplit(address).scheme != "https":
            raise FetchError(answer.url, f"{wanted} over https", f"a redirection to {address}")
        return address

    @staticmethod
    def _check_status(answer: _Answer, wanted: str) -> None:
        if answer.status in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
            return
        phrase = next((status.phrase for status in HTTPStatus if status == answer.status), "unknown status")
        raise FetchError(
            answer.url,
            wanted,
            f"the answer {answer.status} ({phrase})",
            transient=answer.status in _TRANSIENT,
            retry_after=_retry_after(answer.headers) if answer.status in {429, 503} else None,
        )

    def _request(self, url: str, wanted: str, headers: dict[str, str]) -> _Answer:
        self._keep_distance()
        with _in_plain_words(url, wanted), self._client.stream("GET", url, headers=headers) as response:
            content = self._content(url, wanted, response) if response.status_code == HTTPStatus.OK else b""
            return _Answer(url, response.status_code, response.headers, content)

    def _content(self, url: str, wanted: str, response: httpx.Response) -> bytes:
        largest = self._settings.largest_file_megabytes * _MEGABYTE
        limit = f"{wanted} of at most {self._settings.largest_file_megabytes} MB"
        announced = response.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > largest:
            raise FetchError(url, limit, f"{int(announced) / _MEGABYTE:,.0f} MB announced")
        content, began = bytearray(), time.monotonic()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > largest:
                raise FetchError(url, limit, "more than that")
            if time.monotonic() - began > self._settings.longest_download_seconds:
                raise FetchError(
                    url,
                    f"{wanted} within {self._settings.longest_download_seconds:g} seconds",
                    f"{len(content):,} bytes by then",
                    transient=True,
                )
        return bytes(content)

    def _keep_distance(self) -> None:
        interval = self._settings.interval_seconds
        due = self._earliest - time.monotonic()
        if interval and due > 0:
            self._sleep(due)
        self._earliest = time.monotonic() + interval


def file_name(url: str) -> str:
    """A file name from an address's last part: decoded, and safe to write into a folder on any system."""
    last = urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1]
    name = _UNSAFE_IN_NAMES.sub("_", unquote(last)).strip(" .") or "unnamed"
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(ending) <= 8:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return name[:LONGEST_NAME]


def _is_web_page(answer: _Answer) -> bool:
    start = answer.content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return answer.media_type in _WEB_PAGES or start.startswith(b"<")


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait, from a number of seconds or a date (RFC 9110, section 10.2.3); None if neither."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


@contextmanager
def _in_plain_words(url: str, wanted: str) -> Iterator[None]:
    """Turn the client's faults into a FetchError that says what happened."""
    try:
        yield
    except httpx.TimeoutException as error:
        raise FetchError(url, wanted, "no answer in time", transient=True) from error
    except httpx.ConnectError as error:
        if _is_certificate_fault(error):
            raise FetchError(url, wanted, f"a host whose certificate is not trusted ({error})") from error
        raise FetchError(url, wanted, f"no connection ({error})", transient=True) from error
    except httpx.RemoteProtocolError as error:
        raise FetchError(url, wanted, f"an answer that was cut short ({error})", transient=True) from error
    except httpx.NetworkError as error:
        raise FetchError(url, wanted, f"a connection that broke ({error})", transient=True) from error
    except httpx.DecodingError as error:
        raise FetchError(url, wanted, f"an answer that cannot be unpacked ({error})") from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise FetchError(url, wanted, f"a request that cannot be made ({error})") from error


def _is_certificate_fault(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
