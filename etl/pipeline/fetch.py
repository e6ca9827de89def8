"""Reading a publisher's pages and files: politely, patiently, and never further than its own hosts."""

from __future__ import annotations

import re
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import PurePosixPath
from random import SystemRandom
from socket import SHUT_RDWR
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote, urljoin, urlsplit

import httpx
from bs4.dammit import UnicodeDammit
from sqlalchemy.exc import DBAPIError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from db.settings import FetchSettings
from db.store.transient import is_passing
from etl.source import SourceError

USER_AGENT = "performance-standards-monitor/0.1"
MOST_REDIRECTS = 5
LONGEST_NAME = 180
_LOOPBACK_PATTERNS = ("all://127.0.0.1", "all://[::1]", "all://localhost")
_MEGABYTE = 1_000_000
_CHANCE = SystemRandom()
_OTHER_TRANSIENT = frozenset({408, 425, 429})
_LASTING = frozenset({501, 505, 511})
_WEB_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_NO_DATA_TYPES = ("image/", "audio/", "video/", "application/json", "application/pdf")
_NO_DATA_STARTS = ((b"%PDF", "a PDF document"), (b"{", "JSON text"), (b"\x89PNG", "a picture"))
_WORKBOOK_ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".zip"})
_WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')
_PART = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


class FetchError(SourceError):
    """An address could not be read: which one, what was wanted and what was found. Asking again will not help.

    `transient` and `retry_after` are those of TransientFetchError; here False and None.
    """

    transient = False

    def __init__(self, url: str, wanted: str, found: str) -> None:
        self.url, self.wanted, self.found = url, wanted, found
        self.retry_after: float | None = None
        super().__init__(f"{url}: wanted {wanted}, found {found}")


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
        return is_passing(error)
    return isinstance(error, TransientFetchError)


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


@dataclass
class _Body:
    """What has come of a file's bytes so far, and by what the rest may be asked for after a cut.

    `validator` is "" where the publisher gave nothing by which a rest could be known for the same file's
    (RFC 9110, sections 8.8 and 13.1.5): then the next attempt starts from the beginning.
    """

    content: bytearray = field(default_factory=bytearray)
    url: str = ""
    validator: str = ""
    size: int | None = None

    def request_headers(self, url: str) -> dict[str, str]:
        if not self.content or not self.validator or url != self.url:
            return {}
        return {
            "Range": f"bytes={len(self.content)}-",
            "If-Range": self.validator,
            "Accept-Encoding": "identity",
        }

    def restart(self, url: str = "", validator: str = "", size: int | None = None) -> None:
        self.content.clear()
        self.url, self.validator, self.size = url, validator, size


class _Watch:
    """Ends a request that is not done in time, however slowly it drips, by shutting its connection.

    The client's own time-outs begin again with every byte, also in the midst of an answer's headers.
    """

    def __init__(self, seconds: float) -> None:
        self._stream: Any = None
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self.ended = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Told by the client what it does: the newest connection is the one to shut."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            self._stream = info["return_value"]

    def _end(self) -> None:
        self.ended = True
        connection = self._stream.get_extra_info("socket") if self._stream is not None else None
        if connection is not None:
            with suppress(OSError):
                connection.shutdown(SHUT_RDWR)


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
        self._earliest: dict[str, float] = {}
        self._client = httpx.Client(
            timeout=httpx.Timeout(
                settings.timeout_seconds, connect=min(settings.connect_seconds, settings.timeout_seconds)
            ),
            headers={"User-Agent": _user_agent(settings)},
            # A connection of its own for each request: the watch must know which one to shut.
            limits=httpx.Limits(max_keepalive_connections=0),
            # A proxy cannot reach this machine's own loopback, so its settings count only for other hosts.
            mounts=dict.fromkeys(_LOOPBACK_PATTERNS),
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
        if problem := _not_data(answer, name):
            raise FetchError(url, wanted, problem)
        return FetchedFile(name, answer.content, answer.url, etag, last_modified)

    def size(self, url: str) -> int | None:
        """How many bytes a file has, by its publisher's word; None where it does not say. Raises FetchError."""
        answer = self._read(url, "a file's size", {}, method="HEAD")
        announced = answer.headers.get("content-length", "")
        encoded = answer.headers.get("content-encoding", "identity") != "identity"
        return int(announced) if announced.isdigit() and not encoded else None

    def _read(self, url: str, wanted: str, headers: dict[str, str], method: str = "GET") -> _Answer:
        attempts = Retrying(
            stop=stop_after_attempt(self._settings.attempts),
            retry=retry_if_exception(self._worth_repeating),
            wait=self._wait,
            sleep=self._sleep,
            reraise=True,
        )
        with self._turn:
            return attempts(self._follow, _Request(method, url, wanted, headers), _Body())

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

    def _follow(self, request: _Request, body: _Body) -> _Answer:
        address = request.url
        for _ in range(MOST_REDIRECTS + 1):
            self._check_host(request.url, address, request.wanted)
            answer = self._send(request, address, body)
            if not 300 <= answer.status < 400 or answer.status == HTTPStatus.NOT_MODIFIED:
                self._check_status(answer, request.wanted)
                return answer
            address = self._next_hop(answer, request.wanted)
        raise FetchError(request.url, request.wanted, f"more than {MOST_REDIRECTS} redirections")

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
        found = f"the answer {answer.status} ({phrase})"
        if answer.status in _LASTING or (answer.status < 500 and answer.status not in _OTHER_TRANSIENT):
            raise FetchError(answer.url, wanted, found)
        asked = _retry_after(answer.headers) if answer.status in {429, 503} else None
        raise TransientFetchError(answer.url, wanted, found, retry_after=asked)

    def _send(self, request: _Request, address: str, body: _Body) -> _Answer:
        self._keep_distance(urlsplit(address).netloc)
        longest = self._settings.longest_download_seconds
        too_long = TransientFetchError(
            address, f"{request.wanted} within {longest:g} seconds", "no end of it by then"
        )
        headers = request.headers | body.request_headers(address)
        with _Watch(longest) as watch, _in_plain_words(address, request.wanted, watch, too_long):
            with self._client.stream(
                request.method, address, headers=headers, extensions={"trace": watch.trace}
            ) as response:
                content = self._content(request, address, response, body, too_long)
            if watch.ended:
                raise too_long
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and "Range" in headers:
            body.restart()
            raise TransientFetchError(address, request.wanted, "no such rest of it")
        return _Answer(address, _plain_status(response.status_code), response.headers, content)

    def _content(
        self,
        request: _Request,
        address: str,
        response: httpx.Response,
        body: _Body,
        too_long: TransientFetchError,
    ) -> bytes:
        if request.method == "HEAD" or not _brings_bytes(response):
            return b""
        _begin(body, address, request.wanted, response)
        largest = self._settings.largest_file_megabytes * _MEGABYTE
        limit = f"{request.wanted} of at most {self._settings.largest_file_megabytes} MB"
        if body.size is not None and body.size > largest:
            raise FetchError(address, limit, f"{body.size / _MEGABYTE:,.0f} MB announced")
        ends = time.monotonic() + self._settings.longest_download_seconds
        for chunk in response.iter_bytes():
            body.content += chunk
            if len(body.content) > largest:
                raise FetchError(address, limit, "more than that")
            if time.monotonic() > ends:
                raise too_long
        if response.status_code == HTTPStatus.PARTIAL_CONTENT and len(body.content) != body.size:
            found = f"{len(body.content):,} of {body.size or 0:,} bytes"
            raise TransientFetchError(address, request.wanted, found)
        return bytes(body.content)

    def _keep_distance(self, host: str) -> None:
        interval = self._settings.interval_seconds
        due = self._earliest.get(host, 0.0) - time.monotonic()
        if interval and due > 0:
            self._sleep(due)
        self._earliest[host] = time.monotonic() + interval


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    wanted: str
    headers: dict[str, str]


def _user_agent(settings: FetchSettings) -> str:
    """Who asks, and how a publisher can reach us where the settings say so."""
    return f"{USER_AGENT} ({settings.contact})" if settings.contact else USER_AGENT


def _brings_bytes(response: httpx.Response) -> bool:
    return response.status_code in {HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT}


def _plain_status(status: int) -> int:
    """The rest of a file completes it: what follows need not know that it came in parts."""
    return int(HTTPStatus.OK) if status == HTTPStatus.PARTIAL_CONTENT else status


def _begin(body: _Body, address: str, wanted: str, response: httpx.Response) -> None:
    """Make ready for an answer's bytes: a rest goes on where the last attempt was cut, all else starts anew.

    Raises TransientFetchError for a rest that is not surely the same file's.
    """
    if response.status_code == HTTPStatus.OK:
        announced = response.headers.get("content-length", "")
        size = int(announced) if announced.isdigit() else None
        body.restart(address, _resumable_by(response.headers), size)
        return
    said, had = response.headers.get("content-range", ""), len(body.content)
    part = _PART.fullmatch(said)
    if part is None or int(part[1]) != had or not _same_file(body, response.headers, int(part[3])):
        body.restart()
        found = f"a part of another file, or another part ({said or 'unnamed'})"
        raise TransientFetchError(address, f"the rest of {wanted} from byte {had}", found)
    body.size = int(part[3])


def _same_file(body: _Body, headers: httpx.Headers, size: int) -> bool:
    """Whether what a rest says of its file is what the beginning said."""
    named = {headers.get("etag"), headers.get("last-modified")} - {None}
    return (
        body.size in {None, size}
        and headers.get("content-encoding", "identity") == "identity"
        and (not named or not body.validator or body.validator in named)
    )


def _resumable_by(headers: httpx.Headers) -> str:
    """The validator by which a cut body may be completed; "" where there is none that is strong.

    Not for a packed body, whose bytes are not the file's. A date is strong when the answer is at least a minute
    younger (RFC 9110, section 8.8.2.2).
    """
    if headers.get("content-encoding", "identity") != "identity":
        return ""
    etag = str(headers.get("etag", ""))
    if etag:
        return etag if etag.startswith('"') else ""
    changed, now = _moment(headers.get("last-modified", "")), _moment(headers.get("date", ""))
    strong = changed is not None and now is not None and (now - changed).total_seconds() >= 60
    return str(headers["last-modified"]) if strong else ""


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


def _not_data(answer: _Answer, name: str) -> str:
    """What an answer is, where it is plainly no data file, by its bytes, its type and its name; "" otherwise."""
    if not answer.content:
        return "an empty answer"
    if _is_web_page(answer):
        return "a web page"
    start = answer.content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = next((kind for sign, kind in _NO_DATA_STARTS if start.startswith(sign)), "")
    if kind or answer.content.startswith(_WORKBOOK_STARTS):
        return kind
    ending = PurePosixPath(name).suffix.lower()
    if ending in _WORKBOOK_ENDINGS:
        return f"bytes that are no {ending.removeprefix('.')} file"
    return f"a file of type '{answer.media_type}'" if answer.media_type.startswith(_NO_DATA_TYPES) else ""


def _retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait, from a number of seconds or a date (RFC 9110, section 10.2.3); None if neither."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    moment = _moment(text)
    return None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _moment(text: str) -> datetime | None:
    """A header's date, None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@contextmanager
def _in_plain_words(url: str, wanted: str, watch: _Watch, too_long: TransientFetchError) -> Iterator[None]:
    """Turn the client's faults into a FetchError that says what happened."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise (too_long if watch.ended else _explained(url, wanted, error)) from error


_FAULTS: tuple[tuple[type[Exception], type[FetchError], str], ...] = (
    (httpx.ConnectTimeout, TransientFetchError, "no connection in time"),
    (httpx.TimeoutException, TransientFetchError, "no answer in time"),
    (httpx.ConnectError, TransientFetchError, "no connection ({})"),
    (httpx.RemoteProtocolError, TransientFetchError, "an answer that was cut short ({})"),
    (httpx.NetworkError, TransientFetchError, "a connection that broke ({})"),
    (httpx.DecodingError, FetchError, "an answer that cannot be unpacked ({})"),
    (Exception, FetchError, "a request that cannot be made ({})"),
)
"""The client's faults, the first that fits: whether they pass, and what they are in plain words."""


def _explained(url: str, wanted: str, error: Exception) -> FetchError:
    if _is_certificate_fault(error):
        return FetchError(url, wanted, f"a host whose certificate is not trusted ({error})")
    kind, words = next((kind, words) for fault, kind, words in _FAULTS if isinstance(error, fault))
    return kind(url, wanted, words.format(error))


def _is_certificate_fault(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
