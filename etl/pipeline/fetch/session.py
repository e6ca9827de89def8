"""One publisher's pages and files, read politely, patiently, and never further than its own hosts."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
from bs4.dammit import UnicodeDammit

from db.loading.loaded_files import CacheValidators
from db.settings import FetchSettings
from etl.pipeline.fetch.answer import (
    Answer,
    FetchedFile,
    check_stand_in,
    check_status,
    file_name,
    is_web_page,
    not_data,
)
from etl.pipeline.fetch.client_errors import in_plain_words
from etl.pipeline.fetch.errors import FetchError, RefusedFetchError, TransientFetchError
from etl.pipeline.fetch.hosts import MOST_REDIRECTS, Politeness, check_host, next_hop
from etl.pipeline.fetch.limits import Deadline
from etl.pipeline.fetch.resume import PartialBody, begin_body
from etl.pipeline.fetch.retry import retrying
from etl.pipeline.fetch.robots import RobotsFiles
from etl.pipeline.progress import Progress, Silent, SiteRequest
from etl.source import SourceError

USER_AGENT = "performance-standards-monitor/0.1"
_LOOPBACK_PATTERNS = ("all://127.0.0.1", "all://[::1]", "all://localhost")
_MEGABYTE = 1_000_000
_DATA_FILE = "a data file"


def _decoded(answer: Answer) -> str | None:
    """An answer's text, as its header, its own declaration or its bytes say; None where it is none."""
    charset = httpx.Response(200, headers=answer.headers).charset_encoding
    known = [charset] if charset else []
    return UnicodeDammit(answer.content, known_definite_encodings=known, is_html=True).unicode_markup


@contextmanager
def _known_proxies() -> Iterator[None]:
    """Raise SourceError for a proxy of the environment that is of a kind which the client does not know."""
    try:
        yield
    except (ValueError, ImportError, httpx.InvalidURL):
        raise SourceError(
            "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY: wanted a proxy's address, http://HOST:PORT, found another kind"
        ) from None


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    wanted: str
    headers: dict[str, str]


class Fetcher:
    """Reads pages and files of the hosts allowed, one request at a time. A context manager.

    `sleep` is what waits between requests and before repeats; a test gives its own. `progress` is told what is asked.
    """

    def __init__(
        self,
        settings: FetchSettings,
        allowed_hosts: tuple[str, ...],
        *,
        sleep: Callable[[float], None] = time.sleep,
        progress: Progress | None = None,
    ) -> None:
        self._progress = progress or Silent()
        self._settings, self._hosts, self._sleep = settings, frozenset(allowed_hosts), sleep
        self._turn = threading.Lock()
        self._politeness = Politeness(settings.interval_seconds, sleep)
        agent = settings.user_agent or USER_AGENT
        self._robots = RobotsFiles(agent, self._robots_file)
        with _known_proxies():
            self._client = httpx.Client(
                timeout=httpx.Timeout(
                    settings.timeout_seconds, connect=min(settings.connect_seconds, settings.timeout_seconds)
                ),
                # Who asks, and how a publisher can reach us where the settings say so.
                headers={"User-Agent": f"{agent} ({settings.contact})" if settings.contact else agent},
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
        if answer.media_type and not answer.media_type.startswith("text/") and not is_web_page(answer):
            raise FetchError(url, wanted, f"a file of type '{answer.media_type}'")
        text = _decoded(answer)
        if not text or not text.strip():
            raise FetchError(
                url, wanted, "an empty answer" if text is not None else "bytes that are not text"
            )
        check_stand_in(answer, wanted, text)
        return text

    def document(self, url: str) -> str:
        """The text of a JSON document. Raises FetchError: refused, absent, too large, empty, or a web page."""
        wanted = "a JSON document"
        answer = self._read(url, wanted, {})
        if answer.content and is_web_page(answer):
            check_stand_in(answer, wanted, _decoded(answer) or "")
            raise FetchError(url, wanted, "a web page")
        try:
            text = answer.content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise FetchError(url, wanted, "bytes that are not text") from None
        if not text.strip():
            raise FetchError(url, wanted, "an empty answer")
        return text

    def file(self, url: str, *, validators: CacheValidators | None = None) -> FetchedFile:
        """A data file's bytes, or the word that those with these validators are still current.

        Raises FetchError: refused, absent, too large, cut short, empty, or a web page in a file's place.
        """
        wanted = _DATA_FILE
        conditions = (
            {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
            if validators
            else {}
        )
        answer = self._read(url, wanted, {header: value for header, value in conditions.items() if value})
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
        if answer.content and is_web_page(answer):
            check_stand_in(answer, wanted, _decoded(answer) or "")
        if problem := not_data(answer, name):
            raise FetchError(url, wanted, problem)
        return FetchedFile(name, answer.content, answer.url, etag, last_modified)

    def size(self, url: str) -> int | None:
        """How many bytes a file has, by its publisher's word; None where it does not say. Raises FetchError."""
        answer = self._read(url, "a file's size", {}, method="HEAD")
        announced = answer.headers.get("content-length", "")
        encoded = answer.headers.get("content-encoding", "identity") != "identity"
        return int(announced) if announced.isdigit() and not encoded else None

    def _read(self, url: str, wanted: str, headers: dict[str, str], method: str = "GET") -> Answer:
        attempts = retrying(self._settings, self._sleep)
        with self._turn:
            try:
                return attempts(self._follow, _Request(method, url, wanted, headers), PartialBody())
            finally:
                self._progress.answered()

    def _follow(self, request: _Request, body: PartialBody) -> Answer:
        address = request.url
        body.attempt += 1
        for _ in range(MOST_REDIRECTS + 1):
            self._tell(request, address, body)
            check_host(request.url, address, request.wanted, self._hosts)
            self._check_robots(request, address)
            self._politeness.keep_distance(urlsplit(address).netloc)
            answer = self._send(request, address, body)
            if not 300 <= answer.status < 400 or answer.status == HTTPStatus.NOT_MODIFIED:
                check_status(answer, request.wanted)
                return answer
            address = next_hop(answer, request.wanted)
        raise FetchError(request.url, request.wanted, f"more than {MOST_REDIRECTS} redirections")

    def _tell(self, request: _Request, address: str, body: PartialBody) -> None:
        page = request.wanted != _DATA_FILE
        received = (len(body.content), body.size)
        self._progress.asking(
            SiteRequest(address, body.attempt, self._settings.attempts, *received, page=page)
        )

    def _check_robots(self, request: _Request, address: str) -> None:
        """Raise RefusedFetchError where the site's robots.txt keeps programs out, and keep the distance it asks for."""
        rules = self._robots.of(address)
        self._politeness.ask_for(urlsplit(address).netloc, rules.delay)
        if not rules.allow(address):
            raise RefusedFetchError(address, request.wanted, "that the site's robots.txt leaves it out")

    def _robots_file(self, address: str) -> str:
        """A robots.txt, "" where there is none or it cannot be had. Raises FetchError for a site out of order."""
        request = _Request("GET", address, "the site's robots.txt", {})
        for _ in range(MOST_REDIRECTS + 1):
            try:
                check_host(address, request.url, request.wanted, self._hosts)
                answer = self._send(request, request.url, PartialBody())
                if 300 <= answer.status < 400:
                    request = replace(request, url=next_hop(answer, request.wanted))
                    continue
            except FetchError:
                return ""
            if answer.status >= 500:
                check_status(answer, request.wanted)
            return (_decoded(answer) or "") if answer.status == HTTPStatus.OK else ""
        return ""

    def _send(self, request: _Request, address: str, body: PartialBody) -> Answer:
        longest = self._settings.longest_download_seconds
        too_long = TransientFetchError(
            address, f"{request.wanted} within {longest:g} seconds", "no end of it by then"
        )
        headers = request.headers | body.request_headers(address)
        with Deadline(longest) as watch, in_plain_words(address, request.wanted, watch, too_long):
            with self._client.stream(
                request.method, address, headers=headers, extensions={"trace": watch.trace}
            ) as response:
                content = self._content(request, address, response, body, too_long)
            if watch.ended:
                raise too_long
        if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and "Range" in headers:
            body.restart()
            raise TransientFetchError(address, request.wanted, "no such rest of it")
        # The rest of a file completes it: what follows need not know that it came in parts.
        complete = response.status_code == HTTPStatus.PARTIAL_CONTENT
        status = int(HTTPStatus.OK) if complete else response.status_code
        return Answer(address, status, response.headers, content)

    def _content(
        self,
        request: _Request,
        address: str,
        response: httpx.Response,
        body: PartialBody,
        too_long: TransientFetchError,
    ) -> bytes:
        if request.method == "HEAD" or response.status_code not in {
            HTTPStatus.OK,
            HTTPStatus.PARTIAL_CONTENT,
        }:
            return b""
        begin_body(body, address, request.wanted, response)
        largest = self._settings.largest_file_megabytes * _MEGABYTE
        limit = f"{request.wanted} of at most {self._settings.largest_file_megabytes} MB"
        if body.size is not None and body.size > largest:
            raise FetchError(address, limit, f"{body.size / _MEGABYTE:,.0f} MB announced")
        ends = time.monotonic() + self._settings.longest_download_seconds
        for chunk in response.iter_bytes():
            body.content += chunk
            self._tell(request, address, body)
            if len(body.content) > largest:
                raise FetchError(address, limit, "more than that")
            if time.monotonic() > ends:
                raise too_long
        if response.status_code == HTTPStatus.PARTIAL_CONTENT and len(body.content) != body.size:
            found = f"{len(body.content):,} of {body.size or 0:,} bytes"
            raise TransientFetchError(address, request.wanted, found)
        return bytes(body.content)
