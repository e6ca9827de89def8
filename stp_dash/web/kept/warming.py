"""After a change of the data the pages most asked for are made before anybody asks: by one process of a machine."""

from __future__ import annotations

import logging
from threading import Event, Thread
from time import perf_counter

from flask import Flask

from stp_dash.web.kept.pages import KEPT_PAGES, KeptPages
from stp_dash.web.router import UNREADABLE

MOST_WARMED = 60
_LOOK_SECONDS = 0.5
_TURN = "warming"
logger = logging.getLogger(__name__)


class Warmer:
    """Looks twice a second for a new state of the data, in a thread of a process that serves readers."""

    def __init__(self, pages: KeptPages) -> None:
        self._pages, self._seen, self._ended = pages, 0, Event()

    def begin(self) -> None:
        """Look from now on, for as long as the process lives."""
        Thread(target=self._watch, name="warming", daemon=True).start()

    def look(self) -> int:
        """Make what was asked for most often, if the data is in another state than at the last look; how many pages.

        Between two pages readers have as long as the last one took. What another process warms is left to it.
        """
        try:
            state = self._pages.state()
        except UNREADABLE:
            return 0
        if state == self._seen:
            return 0
        first, self._seen = not self._seen, state
        with self._pages.makers.turn(_TURN, 0) as given:
            return 0 if first or not given else self._warmed(state)

    def _warmed(self, state: int) -> int:
        made = 0
        for asked, part in self._pages.most_asked(MOST_WARMED):
            began = perf_counter()
            if self._pages.state() != state:
                break
            made += self._pages.found(asked, part) is not None
            self._ended.wait(perf_counter() - began)
        return made

    def _watch(self) -> None:
        while not self._ended.wait(_LOOK_SECONDS):
            try:
                self.look()
            except UNREADABLE:
                logger.info("the store cannot be read: pages are not made beforehand")


def keep_warm(server: Flask) -> None:
    """Have a site's kept pages, if it has any, made anew after each change, in this process and from now on."""
    pages = server.extensions.get(KEPT_PAGES)
    if pages is not None:
        Warmer(pages).begin()
