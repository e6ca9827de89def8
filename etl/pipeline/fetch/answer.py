"""What a publisher sends: the answer to one request, the file that it carries, and the file's name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

import httpx

from etl.pipeline.fetch.errors import (
    FetchError,
    GoneFetchError,
    RefusedFetchError,
    TransientFetchError,
)
from etl.pipeline.fetch.retry import retry_after
from etl.reading.stand_ins import StandIn, stand_in

LONGEST_NAME = 180
_OTHER_TRANSIENT = frozenset({408, 425, 429})
_LASTING = frozenset({501, 505, 511})
_WEB_PAGES = frozenset({"text/html", "application/xhtml+xml"})
_NO_DATA_TYPES = ("image/", "audio/", "video/", "application/json", "application/pdf")
_NO_DATA_STARTS = ((b"%PDF", "a PDF document"), (b"{", "JSON text"), (b"\x89PNG", "a picture"))
_WORKBOOK_ENDINGS = frozenset({".xlsx", ".xlsm", ".xls", ".ods", ".zip"})
_WORKBOOK_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


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
class Answer:
    """What came of one request: `url` is the address that answered, after redirections."""

    url: str
    status: int
    headers: httpx.Headers
    content: bytes

    @property
    def media_type(self) -> str:
        return str(self.headers.get("content-type", "")).partition(";")[0].strip().lower()


def check_status(answer: Answer, wanted: str) -> None:
    """Raise FetchError for an answer that brings nothing: transient for what may pass (5xx, 408, 425, 429)."""
    if answer.status in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}:
        return
    phrase = next((status.phrase for status in HTTPStatus if status == answer.status), "unknown status")
    found = f"the answer {answer.status} ({phrase})"
    if answer.status == HTTPStatus.FORBIDDEN or _is_challenged(answer):
        raise RefusedFetchError(answer.url, wanted, found)
    if answer.status in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        raise GoneFetchError(answer.url, wanted, found)
    if answer.status in _LASTING or (answer.status < 500 and answer.status not in _OTHER_TRANSIENT):
        raise FetchError(answer.url, wanted, found)
    asked = retry_after(answer.headers) if answer.status in {429, 503} else None
    raise TransientFetchError(answer.url, wanted, found, retry_after=asked)


def _is_challenged(answer: Answer) -> bool:
    """Whether a site's defence against bots says by a header that it wants a browser: Cloudflare's, Amazon's."""
    said = {answer.headers.get("cf-mitigated", ""), answer.headers.get("x-amzn-waf-action", "")}
    return bool(said & {"challenge", "captcha"})


def check_stand_in(answer: Answer, wanted: str, html: str) -> None:
    """Raise RefusedFetchError for a challenge to browsers, GoneFetchError for a page that says there is none."""
    kind = stand_in(html)
    if kind is StandIn.CHALLENGE:
        raise RefusedFetchError(answer.url, wanted, kind.value)
    if kind is StandIn.NOT_FOUND:
        raise GoneFetchError(answer.url, wanted, kind.value)


def file_name(url: str) -> str:
    """A file name from an address's last part: decoded, and safe to write into a folder on any system.

    Where that part names no kind of file, what the address asks for is in the name: one address gives many tables.
    """
    parts = urlsplit(url)
    last = parts.path.rstrip("/").rsplit("/", 1)[-1]
    if parts.query and "." not in last:
        last = f"{last} {parts.query}"
    name = _UNSAFE_IN_NAMES.sub("_", unquote(last)).strip(" .") or "unnamed"
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(ending) <= 8:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return name[:LONGEST_NAME]


def is_web_page(answer: Answer) -> bool:
    """Whether an answer is HTML, by its type or its first sign."""
    start = answer.content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    return answer.media_type in _WEB_PAGES or start.startswith(b"<")


def not_data(answer: Answer, name: str) -> str:
    """What an answer is, where it is plainly no data file, by its bytes, its type and its name; "" otherwise."""
    if not answer.content:
        return "an empty answer"
    if is_web_page(answer):
        return "a web page"
    start = answer.content[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    kind = next((kind for sign, kind in _NO_DATA_STARTS if start.startswith(sign)), "")
    if kind or answer.content.startswith(_WORKBOOK_STARTS):
        return kind
    ending = PurePosixPath(name).suffix.lower()
    if ending in _WORKBOOK_ENDINGS:
        return f"bytes that are no {ending.removeprefix('.')} file"
    return f"a file of type '{answer.media_type}'" if answer.media_type.startswith(_NO_DATA_TYPES) else ""
