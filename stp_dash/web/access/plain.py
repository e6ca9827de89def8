"""Pages without scripts: what stands where nothing of the site may run yet."""

from __future__ import annotations

from flask import Response, current_app, render_template_string

from stp_dash.elements.links import OPERATIONS
from stp_dash.web.access.people import installed_access


def plain_page(
    template: str,
    title: str,
    said: str,
    status: int,
    *,
    back: tuple[str, str] = (OPERATIONS, "Back to operations"),
    **words: object,
) -> Response:
    """A page without scripts: a template of Flask's inside the site's own head and foot; `said` is what went wrong.

    `back` is where its foot leads, and in which words.
    """
    _, settings = installed_access()
    common = {
        "area": settings.own_area.name,
        "style": _style(),
        "title": title,
        "said": said,
        "back": back[0],
        "back_words": back[1],
    }
    common["root"] = settings.site.path
    page = render_template_string(_HEAD + template + _FOOT, **common, **words)
    return Response(page, status=status, mimetype="text/html", headers={"Cache-Control": "no-store"})


def _style() -> str:
    """The address of the site's style sheet, which the front end has."""
    return str(current_app.config.get("STP_STYLE", ""))


_HEAD = """<!DOCTYPE html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ title }} – Performance standards monitor</title>
<link rel="stylesheet" href="{{ style }}">
</head>
<body>
<header><div class="w">
<a class="brand" href="{{ root }}/"><b>Performance standards monitor</b><span>{{ area }}</span></a>
</div></header>
<main id="main" class="w sign-in">
"""
_FOOT = """<p><a href="{{ root }}{{ back }}">{{ back_words }}</a></p>
</main>
</body>
</html>
"""
