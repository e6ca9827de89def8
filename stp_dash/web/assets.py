"""What the browser loads besides pages: scripts, style and the chart bundle, each under its hash and compressed."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path

import orjson
from dash import Dash
from flask import Flask, Response, after_this_request, request
from werkzeug.exceptions import NotFound

from stp_dash.web.bundle import ASSETS, BUILD, basic_bundle, full_bundle
from stp_dash.web.document import DOCUMENT_HEADERS, FirstView

FRONT = "/front"
"""Where the site's own files are served, each as /front/<hash>/<name>."""
SUITES = "/_dash-component-suites/"
IMMUTABLE = "public, max-age=31536000, immutable"
BRIEF = "no-cache"
START = "start.js"
PICTURE = "share.png"
"""What programs show beside a link to the site (`make share-picture`)."""
PICTURE_WORDS = "Performance standards monitor: a series over time with its limits and a standard"
PLOTLY = "plotly.js"
_UNUSED = ("/dash_table/", "/assets/")
"""Scripts that Dash puts on every page and ours do not use, or that are served here."""
_EARLY = ("first_view.js", "site.js", "menus.js", "areas.js", "pictures.js", "operations.js")
"""Our scripts that run before Dash's renderer, in their order."""
_FINGERPRINT = re.compile(r"\.v[\w-]+m[0-9a-f]+\.")
_FETCHED = ("/_dash-layout", "/_dash-dependencies")
_SOURCE = re.compile(r'src="([^"]+)"')
GRAPH = f"{SUITES}dash/dcc/async-graph.js"
"""The part of Dash that draws figures: asked for when the first one is, and kept only as long as it is unchanged."""

_INDEX = """<!DOCTYPE html>
<html lang="en-GB">
<head>
{metas}
<title>{title}</title>
<link rel="icon" type="image/svg+xml" href="{icon}">
<link rel="stylesheet" href="{style}">
<template id="scripts">
{hints}
{scripts}
</template>
<script id="_dash-renderer" defer src="{start}"></script>
</head>
<body data-root="{root}" data-plotly="{plotly}">
<a class="skip" href="#main">Skip to the content</a>
{first}
<div id="react-entry-point">{skeleton}</div>
<p id="said" role="status"></p>
<p id="news" class="vh" role="status"></p>
{config}
{data}
</body>
</html>
"""


@dataclass(frozen=True)
class FrontFile:
    """One file: its name in addresses and what it holds."""

    name: str
    content: bytes

    @cached_property
    def digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def address(self) -> str:
        return f"{FRONT}/{self.digest[:16]}/{self.name}"

    @property
    def kind(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


class FrontEnd:
    """The files that pages load, read once when the site starts."""

    def __init__(
        self, plotted: Collection[str], skeleton: str, build: Path = BUILD, *, root: str = ""
    ) -> None:
        """`plotted` are the paths of pages that draw with plotly, `skeleton` what stands there until a page does,
        `root` the path of the host that the site is below."""
        self.root = root
        self.plotted, self.skeleton, self.compressed = frozenset(plotted), skeleton, build / "compressed"
        own = [path for path in sorted(ASSETS.iterdir()) if path.suffix in {".js", ".css", ".svg", ".png"}]
        read = [FrontFile(path.name, path.read_bytes()) for path in own]
        read.append(FrontFile(PLOTLY, (basic_bundle(build) or full_bundle()).read_bytes()))
        self.files = {item.name: item for item in read}

    def serve(self, server: Flask) -> None:
        """Answer the files' addresses; send Dash's own scripts compressed beforehand, where they are."""
        server.add_url_rule(f"{FRONT}/<digest>/<name>", "front", self._answer)
        server.after_request(self._sent_on)

    def _answer(self, digest: str, name: str) -> Response:
        found = self.files.get(name)
        if found is None:
            raise NotFound
        answer = Response(found.content, mimetype=found.kind)
        current = digest == found.digest[:16]
        answer.headers["Cache-Control"] = IMMUTABLE if current else BRIEF
        return self._smaller(answer, found.digest)

    def _sent_on(self, answer: Response) -> Response:
        if (
            not request.path.startswith(SUITES)
            or answer.status_code != 200
            or "Content-Encoding" in answer.headers
        ):
            return answer
        if _FINGERPRINT.search(request.path):
            answer.headers["Cache-Control"] = IMMUTABLE
        return self._smaller(answer, hashlib.sha256(answer.get_data()).hexdigest())

    def _smaller(self, answer: Response, digest: str) -> Response:
        """The answer compressed beforehand, in the best way that the reader takes; else as it is."""
        answer.vary.add("Accept-Encoding")
        for encoding, ending in (("br", "br"), ("gzip", "gzip")):
            path = self.compressed / f"{digest}.{ending}"
            if request.accept_encodings.quality(encoding) and path.is_file():
                answer.set_data(path.read_bytes())
                answer.headers["Content-Encoding"] = encoding
                break
        return answer

    def index(self, path: str, metas: str, first: FirstView, config: str, scripts: str) -> str:
        """The document of an address with its first view in it; `scripts` are the tags that Dash makes."""
        sources = [text for text in _SOURCE.findall(scripts) if not any(part in text for part in _UNUSED)]
        early = [self.root + self.files[name].address for name in _EARLY]
        renderer = next(place for place, text in enumerate(sources) if "/dash-renderer/" in text)
        ordered = [*sources[:renderer], *early, *sources[renderer:]]
        address = {name: self.root + item.address for name, item in self.files.items()}
        return _INDEX.format(
            metas="\n".join((metas, first.tags, *self._picture(first.site))),
            title=escape(first.title),
            icon=address["icon.svg"],
            style=address["site.css"],
            hints=self._hints(path),
            scripts="\n".join(f'<script src="{escape(text)}"></script>' for text in ordered),
            start=address[START],
            plotly=address[PLOTLY],
            root=self.root,
            first=first.html,
            data=first.data_script,
            skeleton=self.skeleton,
            config=config,
        )

    def _picture(self, site: str) -> list[str]:
        """The picture for links that are shared, by its whole address: none where the site does not know its own."""
        if not site:
            return []
        named = [("og:image", site + self.files[PICTURE].address), ("og:image:alt", PICTURE_WORDS)]
        named += [("og:image:type", "image/png"), ("og:image:width", "1200"), ("og:image:height", "630")]
        lines = [f'<meta property="{name}" content="{escape(words)}">' for name, words in named]
        return [*lines, '<meta name="twitter:card" content="summary_large_image">']

    def _hints(self, path: str) -> str:
        """What the scripts will ask for next, so that it is under way before they have run."""
        drawing = (self.files[PLOTLY].address, GRAPH) if path in self.plotted else ()
        lines = [f'<link rel="preload" as="script" href="{self.root}{text}">' for text in drawing]
        lines += [
            f'<link rel="preload" as="fetch" crossorigin href="{self.root}{text}">' for text in _FETCHED
        ]
        return "\n".join(lines)


class MonitorDash(Dash):
    """Dash whose document holds the page already, loads what our pages use and nothing else, without inline scripts."""

    front: FrontEnd
    first: Callable[[], FirstView]
    """What the reader is to see at once at the address asked for."""

    parts: Mapping[str, str] | None = None
    """What Dash writes into every document alike; None until it has written one."""

    def interpolate_index(self, *args: str, **parts: str) -> str:
        """The document for the address asked for. Dash's style, icon, waiting words and inline start are not used.

        Nor is the mark that Dash gives to each opening of a page: it ties callbacks that run in the background to the
        page that began them, of which there are none, and all readers of a kept page would have the same one.
        """
        self.parts = {**parts, "config": _without_mark(parts["config"])}
        first = self.first()

        def sent(answer: Response) -> Response:
            answer.status_code = first.status
            for name, value in DOCUMENT_HEADERS:
                answer.headers[name] = value
            return answer

        after_this_request(sent)
        return self.document(first) or ""

    def document(self, first: FirstView) -> str | None:
        """The document of a page; None before Dash has written one."""
        parts, path = self.parts, first.asked.path.rstrip("/") or "/"
        if parts is None:
            return None
        return self.front.index(path, parts["metas"], first, parts["config"], parts["scripts"])


def _without_mark(config: str) -> str:
    """Dash's settings for its scripts, without the mark of one opening of a page."""
    before, bracket, rest = config.partition("{")
    settings, after, end = rest.rpartition("}")
    held = orjson.loads(f"{bracket}{settings}{after}")
    held.pop("end_id", None)
    return f"{before}{orjson.dumps(held).decode()}{end}"
