"""A page of a table as it is sent: JSON or CSV, packed, with what holds for its rows; and those that are kept."""

from __future__ import annotations

import base64
import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Lock
from typing import Any
from urllib.parse import urlencode

import brotli
import orjson

from db.catalogue.source_files import Licence, publications
from db.domain.holdings import DataVersion
from db.version import code_version
from stp_dash.analysis.sheet import Cell
from stp_dash.api.problems import ProblemError
from stp_dash.api.resources import Resource
from stp_dash.api.table import Row, Table
from stp_dash.elements.links import API_V1
from stp_dash.frame.download import csv_lines

JSON, CSV = "json", "csv"
TYPES_SENT = {JSON: "application/json", CSV: "text/csv; charset=utf-8"}
MOST_BYTES = 24_000_000
"""Of packed answers that are kept in a process."""
_QUALITY, _GZIP_LEVEL = 5, 6
_SMALLEST_PACKED = 500


@dataclass(frozen=True)
class AnswerPlace:
    """What an answer is found by: the state of the data, the day, and all that was asked."""

    state: int
    day: date
    name: str
    kind: str
    query: str
    encoding: str

    @cached_property
    def etag(self) -> str:
        """The weak tag of the answer, alike in every process and for every packing."""
        told = orjson.dumps([code_version(), self.state, self.day, self.name, self.kind, self.query])
        return f'W/"{hashlib.blake2b(told, digest_size=12).hexdigest()}"'


@dataclass(frozen=True)
class SentTable:
    """An answer, packed, with its headers."""

    packed: bytes
    headers: Mapping[str, str]


class KeptAnswers:
    """At most so many bytes of answers, of the newest two states of the data; what was asked longest ago goes first."""

    def __init__(self) -> None:
        self._kept: OrderedDict[AnswerPlace, SentTable] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, place: AnswerPlace) -> SentTable | None:
        with self._lock:
            found = self._kept.get(place)
            if found is not None:
                self._kept.move_to_end(place)
            return found

    def put(self, place: AnswerPlace, sent: SentTable) -> None:
        with self._lock:
            if place in self._kept:
                return
            self._kept[place] = sent
            self._bytes += _weight(place, sent)
            for old in [old for old in self._kept if old.state < place.state - 1]:
                self._bytes -= _weight(old, self._kept.pop(old))
            while self._bytes > MOST_BYTES:
                self._bytes -= _weight(*self._kept.popitem(last=False))


def _weight(place: AnswerPlace, sent: SentTable) -> int:
    return 1_500 + len(place.query) + len(sent.packed)


@dataclass(frozen=True)
class PageOfTable:
    """Which rows of a table are sent, and of what: `given` are the parameters as they were written."""

    resource: Resource
    table: Table
    version: DataVersion
    number: int
    published: date | None
    start: int
    limit: int
    given: Sequence[tuple[str, str]]
    root: str

    @property
    def rows(self) -> Sequence[Row]:
        return self.table.rows[self.start : self.start + self.limit]

    def next(self, kind: str) -> str | None:
        """The address of the rows after these."""
        end = self.start + self.limit
        if end >= len(self.table.rows):
            return None
        others = [(name, value) for name, value in self.given if name != "cursor"]
        query = urlencode([*others, ("cursor", cursor_of(self.version.state, end))])
        return f"{self.root}{API_V1}/{self.resource.name}.{kind}?{query}"


def sent_table(page: PageOfTable, place: AnswerPlace) -> SentTable:
    """A page of a table as it is sent."""
    onward = page.next(place.kind)
    content = _json(page, onward) if place.kind == JSON else _csv(page)
    headers = {
        "Content-Type": TYPES_SENT[place.kind],
        "Data-Version": str(page.number),
        "Total-Rows": str(len(page.table.rows)),
    }
    if page.published:
        headers["Data-Published"] = page.published.isoformat()
    if onward:
        headers["Link"] = f'<{onward}>; rel="next"'
    packed = content
    if len(content) >= _SMALLEST_PACKED and place.encoding:
        brotlied = place.encoding == "br"
        packed = (
            brotli.compress(content, quality=_QUALITY)
            if brotlied
            else gzip.compress(content, _GZIP_LEVEL, mtime=0)
        )
        headers["Content-Encoding"] = place.encoding
    return SentTable(packed, headers)


def _json(page: PageOfTable, onward: str | None) -> bytes:
    keys = page.table.keys
    told: dict[str, Any] = {
        "version": page.number,
        "published": page.published,
        "demonstration": page.version.demonstration,
        "sources": list(page.table.owners),
        "licence": licence_of(page.table),
        "total": len(page.table.rows),
        "next": onward,
        "data": [dict(zip(keys, map(_plain, row), strict=True)) for row in page.rows],
    }
    return orjson.dumps(told)


def licence_of(table: Table) -> str:
    """By which licence the figures of a table may be used: of several, the one that asks for most."""
    own = [item.licence for item in publications().values() if item.publisher in " ".join(table.owners)]
    free = Licence.OPEN_GOVERNMENT
    return next((item for item in own if item is not free), free).value


def _plain(cell: Cell) -> Cell:
    """A number without a negative zero; None for words that are empty."""
    if isinstance(cell, float):
        return cell + 0.0
    return None if cell == "" else cell


def _csv(page: PageOfTable) -> bytes:
    return csv_lines(page.table.keys, page.rows).encode()


def cursor_of(state: int, start: int) -> str:
    """Where to go on in a table of a state of the data, as addresses write it."""
    return base64.urlsafe_b64encode(f"{state}.{start}".encode()).decode().rstrip("=")


def start_of(cursor: str | None, state: int) -> int:
    """The row that a cursor goes on from. Raises ProblemError for what is none, or is of other data."""
    if cursor is None:
        return 0
    try:
        told = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
        known, start = (int(part) for part in told.split("."))
        if cursor_of(known, start) != cursor or start < 1:
            raise ValueError
    except ValueError:
        told = f"“cursor” is “{cursor}”. Wanted: the cursor of the “next” of an earlier page."
        raise ProblemError(404, told, parameter="cursor") from None
    if known != state:
        told = "The data have changed since the page that this cursor is from. Begin again without a cursor."
        raise ProblemError(410, told, parameter="cursor")
    return start
