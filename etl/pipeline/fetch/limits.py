"""How long one request may take, however slowly it drips."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import suppress
from socket import SHUT_RDWR
from types import TracebackType
from typing import Any, Self


class Deadline:
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
