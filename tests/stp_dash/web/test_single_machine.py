"""Waitress refuses long bodies of anybody before it takes them; an operator's upload it takes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface

from stp_dash.web.single_machine import LARGEST_BODY, single_machine_server

UPLOAD, MOST = "/operations/upload", 3_000_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Flask, int]]:
    """A real waitress that says how long a body was; with the port that it listens on."""
    flask = Flask("bodies")
    flask.config.update(SESSION_COOKIE_NAME="stp_session")
    flask.secret_key = "k" * 40
    flask.add_url_rule(
        "/<path:path>", "any", lambda path: Response(str(len(request.get_data()))), methods=["POST"]
    )
    listening = socket.create_server(("127.0.0.1", 0))
    waiting = single_machine_server(flask, [listening], UPLOAD, MOST)
    thread = threading.Thread(target=waiting.run, daemon=True)
    thread.start()
    yield flask, listening.getsockname()[1]
    waiting.close()
    thread.join(10)


def _answer(port: int, head: str, body: bytes = b"") -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as sent:
        sent.sendall(head.encode() + b"\r\n\r\n" + body)
        return sent.makefile("rb").read(65_536).decode("utf-8", "replace")


def _head(path: str, length: int, cookie: str = "") -> str:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {length}{cookie}"


@pytest.mark.parametrize("path", ("/operations/upload", "/sign-in", "/_dash-update-component"))
@pytest.mark.parametrize("cookie", ("", "\r\nCookie: stp_session=forged", "\r\nCookie: ==;;stp_session"))
def test_nothing_of_a_long_body_is_taken_from_anybody(
    server: tuple[Flask, int], path: str, cookie: str
) -> None:
    # Not one byte of the body is sent: the head alone is refused.
    assert _answer(server[1], _head(path, 500_000_000, cookie)).startswith("HTTP/1.1 413")


def test_an_operators_upload_is_taken_and_no_more_than_the_largest(server: tuple[Flask, int]) -> None:
    flask, port = server
    signer = SecureCookieSessionInterface().get_signing_serializer(flask)
    assert signer is not None
    cookie = f"\r\nCookie: stp_session={signer.dumps({'_user_id': 'ada'})}"
    body = b"x" * (LARGEST_BODY + 1)
    assert _answer(port, _head(UPLOAD, len(body), cookie), body).endswith(str(len(body)))
    assert _answer(port, _head(UPLOAD, MOST + 1, cookie)).startswith("HTTP/1.1 413")
    assert _answer(port, _head("/trend", len(body), cookie)).startswith("HTTP/1.1 413")
    assert _answer(port, _head("/trend", 5), b"12345").endswith("5")
