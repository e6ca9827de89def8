"""The bytes of a file that came in parts: after a cut, the rest is asked for where that is surely the same file's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from http import HTTPStatus

import httpx

from etl.pipeline.fetch.errors import TransientFetchError
from etl.pipeline.fetch.retry import header_date

_PART = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass
class PartialBody:
    """What has come of a file's bytes so far, in how many attempts, and by what the rest may be asked for after a cut.

    `validator` is "" where the publisher gave nothing by which a rest could be known for the same file's
    (RFC 9110, sections 8.8 and 13.1.5): then the next attempt starts from the beginning.
    """

    content: bytearray = field(default_factory=bytearray)
    url: str = ""
    validator: str = ""
    size: int | None = None
    attempt: int = 0

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


def begin_body(body: PartialBody, address: str, wanted: str, response: httpx.Response) -> None:
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


def _same_file(body: PartialBody, headers: httpx.Headers, size: int) -> bool:
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
    changed, now = header_date(headers.get("last-modified", "")), header_date(headers.get("date", ""))
    strong = changed is not None and now is not None and (now - changed).total_seconds() >= 60
    return str(headers["last-modified"]) if strong else ""
