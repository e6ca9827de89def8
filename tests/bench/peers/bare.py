"""A Flask route that sends bytes and does nothing else: what a kept page is measured against."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

server = Flask(__name__)
_CONTENT = Path(os.environ["BENCH_CONTENT"]).read_bytes()


@server.get("/")
def page() -> Response:
    """The document that the site sends, packed as it sends it."""
    answer = Response(_CONTENT, mimetype="text/html")
    answer.headers["Content-Encoding"] = "br"
    return answer
