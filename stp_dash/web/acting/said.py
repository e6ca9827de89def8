"""What an action came to, on the page that it leads to."""

from __future__ import annotations

from flask import get_flashed_messages, has_request_context

from stp_dash.elements import Component, html


def said_once() -> list[Component]:
    """What the last action of whoever asks came to: it is said on one page."""
    told = get_flashed_messages() if has_request_context() else []
    return [html.P(words, className="told", role="status") for words in told]
