"""Answers for pages and for the scripts' questions from what is kept, before the framework is asked.

What is kept was made from a `BrowserRequest`, the store and the day alone: nothing else of a reader's request, be it
a cookie, a session or a header, is within reach where it is made, and nothing of the framework's answer is kept.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import lru_cache
from http import HTTPStatus
from io import BytesIO
from threading import Lock
from time import time
from typing import TYPE_CHECKING

import brotli
import orjson
from werkzeug.datastructures import Accept
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Request

from db.figures.data_version import CurrentState, data_version
from db.store.data_state import shown_state
from stp_dash.web.access import may_be_signed_in
from stp_dash.web.document import DOCUMENT_HEADERS, BrowserRequest, FirstView, stamped
from stp_dash.web.endpoints import DASH_UPDATES, LARGEST_UPDATE, page_asked_for
from stp_dash.web.kept.one_maker import OneMaker
from stp_dash.web.kept.shelf import Shelf
from stp_dash.web.router import UNREADABLE, Router

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

KEPT_PAGES = "stp_kept_pages"
"""The name of a site's kept pages among the extensions of its Flask application."""
MOST_BYTES, MOST_SHARED_BYTES, MOST_LASTING_BYTES = 24_000_000, 120_000_000, 80_000_000
"""Of packed pages, some 35 kB each: in a process's memory, and on the disk for all processes of the machine, as they
are sent and as they outlast loads of other sources."""
WAIT_SECONDS = 5
"""How long a page that another reader's request makes is waited for, before it is made here too."""
MOST_COUNTED = 2_000
_QUALITY, _LASTING_QUALITY, _GZIP_LEVEL = 5, 1, 6
_ANSWER_HEADERS = (("Content-Type", "application/json"), ("Vary", "Accept-Encoding"))
logger = logging.getLogger(__name__)


class SentPart(StrEnum):
    """A page as it is sent for its address, and as it is sent to the scripts."""

    DOCUMENT = "document"
    ANSWER = "answer"
    LASTING = "lasting"
    """The answer without the number of the data version: as it is until a source is loaded that the page is made of."""


@dataclass(frozen=True)
class SentPage:
    """A part of a page as it is sent, packed. `state` counts the changes of the data that it was made from.

    `description` and `shared_as` are what an answer to the scripts leaves out of a `FirstView`.
    """

    status: int
    packed: bytes
    state: int = 0
    description: str = ""
    shared_as: str = ""


@dataclass(frozen=True)
class _Place:
    """What a kept page is found by: the state of the data, the day, and all that its making can know of a reader."""

    state: int
    day: date
    asked: BrowserRequest
    part: SentPart
    encoding: str = "br"

    def label(self) -> bytes:
        return orjson.dumps([self.day, self.asked, self.part, self.encoding])

    @property
    def of_scripts(self) -> _Place:
        return replace(self, part=SentPart.ANSWER)


class KeptPages:
    """A WSGI application before the site's own: it answers what it can from kept pages and makes what it has not.

    Whatever it cannot answer, and all else, is left to the site. `document` writes a page's document, or gives None
    where the framework has not written one yet; `headers` are those of every answer of the site.
    """

    def __init__(
        self,
        inner: WSGIApplication,
        router: Router,
        document: Callable[[FirstView], str | None],
        headers: Mapping[str, str],
    ) -> None:
        self.inner, self._router, self._document = inner, router, document
        self._heads = {
            SentPart.DOCUMENT: [*DOCUMENT_HEADERS, *headers.items()],
            SentPart.ANSWER: [*_ANSWER_HEADERS, *headers.items()],
        }
        self._access = router.site.settings.access
        self._current = CurrentState(router.site.store)
        self.makers, self._shelf = OneMaker(), Shelf(MOST_SHARED_BYTES)
        self._lasting = Shelf(MOST_LASTING_BYTES)
        self._near: OrderedDict[_Place, SentPage] = OrderedDict()
        self._bytes, self._newest = 0, 0
        self._lock = Lock()
        self._counts: Counter[tuple[BrowserRequest, SentPart]] = Counter()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = self._asked(environ)
        part = SentPart.ANSWER if environ["REQUEST_METHOD"] == "POST" else SentPart.DOCUMENT
        encoding = best_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        page = self.page(asked, part, encoding) if asked is not None else None
        if page is None:
            return self.inner(environ, start_response)
        sent = page.packed
        heads = [*self._heads[part], ("Content-Length", str(len(sent)))]
        if encoding:
            heads.append(("Content-Encoding", encoding))
        # The scripts put a page that says what is wrong into its place as any other.
        start_response(_status(page.status if part is SentPart.DOCUMENT else 200), heads)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [sent]

    def page(self, asked: BrowserRequest, part: SentPart, encoding: str = "br") -> SentPage | None:
        """A part of the page that is asked for, kept or made now; None where only the site can say what is wrong."""
        found = self.found(asked, part, encoding)
        if found is not None and found.status == 200:
            with self._lock:
                self._count((asked, part))
        return found

    def found(self, asked: BrowserRequest, part: SentPart, encoding: str = "br") -> SentPage | None:
        """The same, which does not count as asked for by a reader."""
        try:
            place = _Place(self.state(), self._router.site.today(), asked, part)
            return self._encoded(place, encoding) if encoding != "br" else self._best(place)
        except UNREADABLE:
            return None
        except Exception:
            logger.exception("a page to keep could not be made: %s", asked)
            return None

    def state(self) -> int:
        """The count of changes of the data by which pages are kept at present. Raises one of UNREADABLE."""
        site = self._router.site
        if site.replica is None:
            return self._current.at_present()
        return site.read(lambda connection: shown_state(connection).at(time()))

    def places(self) -> list[BrowserRequest]:
        """What pages of this process's memory were asked for by."""
        with self._lock:
            return [place.asked for place in self._near]

    def most_asked(self, most: int) -> list[tuple[BrowserRequest, SentPart]]:
        """What this process was asked for most often, and more than once."""
        with self._lock:
            return [asked for asked, count in self._counts.most_common(most) if count > 1]

    def _asked(self, environ: WSGIEnvironment) -> BrowserRequest | None:
        method = environ["REQUEST_METHOD"]
        try:
            request = Request(environ)
            if method in {"GET", "HEAD"}:
                asked = BrowserRequest.of(request) if self._router.keeps(request.path) else None
            elif method == "POST" and request.path == DASH_UPDATES:
                asked = _question(request, environ)
            else:
                return None
        except HTTPException:
            return None
        if asked is None or not self._router.keeps(asked.path):
            return None
        own = self._router.carries_forms(asked.path) and may_be_signed_in(environ, self._access)
        return None if own else asked

    def _count(self, asked: tuple[BrowserRequest, SentPart]) -> None:
        self._counts[asked] += 1
        if len(self._counts) > MOST_COUNTED:
            kept = self._counts.most_common(MOST_COUNTED // 2)
            self._counts = Counter({item: count // 2 for item, count in kept})

    def _best(self, place: _Place) -> SentPage | None:
        return self._near_or_shared(place) or self._made_once(place)

    def _encoded(self, place: _Place, encoding: str) -> SentPage | None:
        """The page for a reader whose programs do not know brotli: packed by gzip, and kept so, or not at all."""
        own = replace(place, encoding=encoding)
        if encoding and (kept := self._near_or_shared(own)):
            return kept
        best = self._best(place)
        if best is None:
            return None
        plain: bytes = brotli.decompress(best.packed)
        if not encoding:
            return replace(best, packed=plain)
        page = replace(best, packed=gzip.compress(plain, _GZIP_LEVEL, mtime=0))
        self._keep(own, page)
        return page

    def _near_or_shared(self, place: _Place) -> SentPage | None:
        with self._lock:
            near = self._near.get(place)
            if near is not None:
                self._near.move_to_end(place)
                return near
        label = place.label()
        shared = _read(self._shelf.get(place.state, _name(label)), label)
        if shared is not None:
            self._keep_near(place, shared)
        return shared

    def _made_once(self, place: _Place) -> SentPage | None:
        turn = f"{place.state} {_name(place.of_scripts.label())}"
        with self.makers.turn(turn, WAIT_SECONDS):
            # Whoever had the turn before has made it, as a rule.
            found = self._near_or_shared(place)
            return found if found is not None else self._made(place)

    def _made(self, place: _Place) -> SentPage | None:
        answer = self._near_or_shared(place.of_scripts) if place.part is SentPart.DOCUMENT else None
        view = None
        if answer is None:
            sources = self._router.sources(place.asked)
            if sources:
                answer = self._of_sources(place, sources)
            else:
                view = self._router.page(place.asked)
                answer = _packed(view, view.answer)
            self._keep(place.of_scripts, answer)
        if place.part is SentPart.ANSWER:
            return answer
        view = view or _view(place.asked, answer)
        document = self._document(view)
        if document is None:
            return None
        page = _packed(view, document.encode())
        self._keep(place, page)
        return page

    def _of_sources(self, place: _Place, sources: Collection[str]) -> SentPage:
        """The answer for a page that is made of some sources alone: as it was when one of them last changed, if it is
        kept, with the data version of now. Raises one of UNREADABLE."""

        version = self._router.site.read(data_version)
        if not version.number:
            view = self._router.page(place.asked)
            return _packed(view, view.answer)
        changed = version.last_change(sources)
        label = replace(place, part=SentPart.LASTING).label()
        kept = _read(self._lasting.get(changed, _name(label)), label)
        if kept is not None:
            return _packed(
                replace(kept, state=version.state), stamped(brotli.decompress(kept.packed), version)
            )
        view = self._router.page(place.asked, stamped=False)
        made, today = view.answer, self._router.site.today()
        # Of a state that came meanwhile it is not known which of the sources it changed.
        if view.status == 200 and view.state == version.state and today == place.day:
            page = SentPage(
                view.status,
                brotli.compress(made, quality=_LASTING_QUALITY),
                view.state,
                view.description,
                view.shared_as,
            )
            self._lasting.put(changed, _name(label), _written(page, label))
        return _packed(view, stamped(made, view.version))

    def _keep(self, place: _Place, page: SentPage) -> None:
        """Keep what was made, unless of other data, or on another day, than it would be found by."""
        lasting = page.state >= place.state and self._router.site.today() == place.day
        if page.status == 200 and lasting:
            label = place.label()
            self._shelf.put(place.state, _name(label), _written(page, label))
            self._keep_near(place, page)

    def _keep_near(self, place: _Place, page: SentPage) -> None:
        with self._lock:
            newer = place.state > self._newest
            if newer:
                self._newest = place.state
                self._near = OrderedDict((k, v) for k, v in self._near.items() if k.state >= place.state - 1)
                self._bytes = sum(_weight(*kept) for kept in self._near.items())
            if place not in self._near:
                self._near[place] = page
                self._bytes += _weight(place, page)
            while self._bytes > MOST_BYTES:
                self._bytes -= _weight(*self._near.popitem(last=False))
        if newer:
            self._shelf.forget_before(place.state)


def _weight(place: _Place, page: SentPage) -> int:
    """Bytes in memory, and some for what holds them."""
    return len(page.packed) + 2 * len(place.asked.search + place.asked.origin) + 1_000


def _question(request: Request, environ: WSGIEnvironment) -> BrowserRequest | None:
    """What the scripts ask for; None for anything else, whose body the site can read again."""
    if not 0 < (request.content_length or 0) <= LARGEST_UPDATE:
        return None
    body = request.get_data(cache=False)
    environ["wsgi.input"] = BytesIO(body)
    return page_asked_for(request, body)


def _name(label: bytes) -> str:
    return hashlib.sha256(label).hexdigest()


def _packed(view: FirstView | SentPage, content: bytes) -> SentPage:
    packed = brotli.compress(content, quality=_QUALITY)
    return SentPage(view.status, packed, view.state, view.description, view.shared_as)


def _view(asked: BrowserRequest, answer: SentPage) -> FirstView:
    """The page that an answer was made of, for the document of its address."""
    told = brotli.decompress(answer.packed)
    page = orjson.loads(told)["response"]["page"]["children"]
    return FirstView(asked, page, answer.status, answer.description, answer.shared_as, answer.state)


def _written(page: SentPage, label: bytes) -> bytes:
    head = [len(label), page.status, page.state, page.description, page.shared_as]
    return b"\n".join((orjson.dumps(head), label)) + page.packed


def _read(content: bytes | None, label: bytes) -> SentPage | None:
    """The page that was kept under a label; None where there is none, or another's."""
    if content is None:
        return None
    head, _, rest = content.partition(b"\n")
    long, status, state, description, shared_as = orjson.loads(head)
    return SentPage(status, rest[long:], state, description, shared_as) if rest[:long] == label else None


@lru_cache(maxsize=256)
def best_encoding(accepted: str) -> str:
    """How an answer is packed for a reader: "br", "gzip", or "" for not at all."""
    known = parse_accept_header(accepted, Accept)
    return next((name for name in ("br", "gzip") if accepted and known.quality(name) > 0), "")


@lru_cache(maxsize=32)
def _status(code: int) -> str:
    return f"{code} {HTTPStatus(code).phrase}"
