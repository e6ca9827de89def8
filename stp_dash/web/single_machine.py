"""The site by waitress, for one machine: how much of what somebody sends is taken before anybody looks at it.

Waitress keeps a whole request, in a file where it is long, before the site sees who sent it.
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from copy import copy
from http.cookies import CookieError, SimpleCookie
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadData
from waitress import create_server
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import BaseWSGIServer

THREADS = 8
LARGEST_BODY = 1_000_000
"""Bytes of a request from anybody. An operator's upload may be as long as the largest file."""


def single_machine_server(
    server: Flask, listening: Sequence[socket.socket], upload: str, largest_upload: int
) -> BaseWSGIServer:
    """A waitress over open sockets; `upload` is the address that takes operators' files of so many bytes.

    Raises OSError where it cannot listen.
    """

    class Parser(HTTPRequestParser):
        """Decides by a request's head how long its body may be."""

        adj: Any

        def parse_header(self, header_plus: bytes) -> None:
            super().parse_header(header_plus)
            if self.path == upload and _is_signed_in(server, self.headers):
                self.adj = copy(self.adj)
                self.adj.max_request_body_size = largest_upload

    class Channel(HTTPChannel):
        parser_class = Parser

    made = create_server(server, sockets=listening, threads=THREADS, max_request_body_size=LARGEST_BODY)
    for one in list(made.map.values() if hasattr(made, "map") else ()):
        if isinstance(one, BaseWSGIServer):
            one.channel_class = Channel
    made.channel_class = Channel
    return made


def _is_signed_in(server: Flask, headers: Mapping[str, str]) -> bool:
    """Whether a request has a cookie that this site has signed; whose it is, is looked at when the request is whole."""
    signer = SecureCookieSessionInterface().get_signing_serializer(server)
    try:
        morsel = SimpleCookie(headers.get("COOKIE", "")).get(server.config["SESSION_COOKIE_NAME"])
        return signer is not None and morsel is not None and bool(signer.loads(morsel.value))
    except (CookieError, BadData):
        return False
