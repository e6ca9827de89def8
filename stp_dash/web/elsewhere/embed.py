"""Cards that other sites show in a frame, by address: a document of its own, without scripts, forms and cookies."""

from __future__ import annotations

import logging
from html import escape

from flask import Flask, Response, request

from stp_dash.elements.links import EMBED, OVERVIEW
from stp_dash.frame.request import ParameterError
from stp_dash.frame.shell import SITE_TITLE
from stp_dash.web.access import EMBED_VIEW
from stp_dash.web.downloads import NOT_NOW
from stp_dash.web.html import html_of
from stp_dash.web.router import UNREADABLE, Router

NO_NAME = "This address names no card. Take the code of a card from its Download menu."
NO_CARD = "There is no card at this address. Take its code from its Download menu once more."
FRESH = "public, max-age=300"
_DOCUMENT = """<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="{style}">
</head>
<body>
<main>{inside}</main>
</body>
</html>
"""
_LOG = logging.getLogger(__name__)


def serve_embeds(server: Flask, router: Router, style: str, root: str) -> None:
    """Answer `/embed/<page>?...&sheet=` with the card, or with a short page that says why there is none."""

    def told(status: int, words: str) -> Response:
        site = f'<a href="{root}{OVERVIEW}" target="_blank" rel="noopener">{SITE_TITLE}</a>'
        inside = f'<div class="embedded"><h1>No card</h1><p>{escape(words)}</p><p>{site}</p></div>'
        return Response(_DOCUMENT.format(title="No card", style=style, inside=inside), status=status)

    def embed(page: str = "") -> Response:
        if not page or not request.args.get("sheet"):
            return told(400, NO_NAME)
        try:
            found = router.embedded(page, request.query_string.decode("utf-8", "replace"))
        except ParameterError as error:
            return told(error.status, error.told)
        except UNREADABLE:
            _LOG.exception("the store cannot be read for a card of %s", page)
            return told(503, NOT_NOW.strip())
        if found is None:
            return told(404, NO_CARD)
        title, card = found
        text = _DOCUMENT.format(title=escape(title), style=style, inside=html_of(card))
        return Response(text, headers={"Cache-Control": FRESH})

    server.add_url_rule(EMBED, EMBED_VIEW, embed)
    server.add_url_rule(f"{EMBED}/<page>", EMBED_VIEW, embed)
