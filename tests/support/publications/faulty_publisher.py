"""A publisher on loopback that gives scripted answers, faults included, for tests. Real sockets."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOST = "127.0.0.1"
PAGE = "text/html; charset=utf-8"
FILE = "application/octet-stream"

Answer = Callable[["Handler"], None]


class Publisher(ThreadingHTTPServer):
    """Answers are scripted path by path, the last one is given again and again; other paths are 404."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__((HOST, 0), Handler)
        self.answers: dict[str, list[Answer]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.closing = threading.Event()

    def url(self, path: str) -> str:
        return f"http://{HOST}:{self.server_address[1]}{path}"

    def script(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.url(path)

    def asked_for(self, path: str) -> list[dict[str, str]]:
        """The headers of each request for a path, in order."""
        return [headers for asked, headers in self.asked if asked == path]

    @property
    def requests(self) -> int:
        return len(self.asked)


class Handler(BaseHTTPRequestHandler):
    server: Publisher

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        # A site without rules for programs: asked for them, it is not asked for anything of its own.
        if self.path != "/robots.txt" or self.path in self.server.answers:
            self.server.asked.append((self.path, headers | {":method": self.command}))
        answers = self.server.answers.get(self.path, [refuse(404)])
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)

    def do_HEAD(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def published() -> Iterator[Publisher]:
    """A publisher that listens until the context ends."""
    with Publisher() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


def give(content: bytes, kind: str = FILE, status: int = 200, **headers: str) -> Answer:
    """A whole answer; to HEAD, its headers only."""

    def answer(handler: Handler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        _send_headers(handler, headers)
        if handler.command != "HEAD":
            handler.wfile.write(content)

    return answer


def refuse(status: int, **headers: str) -> Answer:
    return give(b"no", "text/plain", status, **headers)


def send_on(location: str, status: int = 302) -> Answer:
    return give(b"", FILE, status, Location=location)


def hang_up(handler: Handler) -> None:
    handler.connection.shutdown(socket.SHUT_RDWR)


def cut_at(content: bytes, size: int, **headers: str) -> Answer:
    """The first bytes of a content whose whole length was announced, then the end of the connection."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(content)))
        _send_headers(handler, headers)
        handler.wfile.write(content[:size])

    return answer


def stall_at(content: bytes, size: int, **headers: str) -> Answer:
    """The first bytes of a content whose whole length was announced, then silence until the publisher closes."""
    begin = cut_at(content, size, **headers)

    def answer(handler: Handler) -> None:
        begin(handler)
        handler.wfile.flush()
        handler.server.closing.wait()

    return answer


def reset_at(content: bytes, size: int, **headers: str) -> Answer:
    """As `cut_at`, but the connection is reset, not ended."""
    begin = cut_at(content, size, **headers)

    def answer(handler: Handler) -> None:
        begin(handler)
        handler.wfile.flush()
        # Closed with time 0 to linger, a socket resets its connection.
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()

    return answer


def rest_of(content: bytes, **headers: str) -> Answer:
    """What a range request asks for, from its first byte to the end."""

    def answer(handler: Handler) -> None:
        start = int(handler.headers["Range"].removeprefix("bytes=").removesuffix("-"))
        handler.send_response(206)
        handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        handler.send_header("Content-Length", str(len(content) - start))
        _send_headers(handler, headers)
        handler.wfile.write(content[start:])

    return answer


def endless(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    _until_closed(handler, b"x" * 100_000, pause=0)


def drip_body(handler: Handler) -> None:
    """Announces a body and gives a byte of it now and then."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    _until_closed(handler, b"x", pause=0.02)


def drip_headers(handler: Handler) -> None:
    """Gives a byte of its headers now and then, and never ends them."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _until_closed(handler, b"x", pause=0.02)


def drip_unmeasured(handler: Handler) -> None:
    """Gives a body without a length, whose end is that of the connection."""
    handler.send_response(200)
    handler.end_headers()
    _until_closed(handler, b"a,b\n", pause=0.02)


def _until_closed(handler: Handler, piece: bytes, *, pause: float) -> None:
    try:
        while not handler.server.closing.wait(pause):
            handler.wfile.write(piece)
    except OSError:
        return


def _send_headers(handler: Handler, headers: dict[str, str]) -> None:
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
