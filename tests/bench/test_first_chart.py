"""When a reader's first chart stands: this site, Dash as it comes, plotly.js alone, and pages that need no script.

All take turns in one browser, with nothing kept from before. Two moments of ours are measured: the server's drawing
on the screen, and plotly's in its place.
"""

from __future__ import annotations

import json
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from dash import Dash
from flask import Flask
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from db.settings import load_settings
from db.store import Store
from stp_dash.application import create_app
from stp_dash.charts.static.picture import static_chart
from stp_dash.frame.request import Site
from stp_dash.pages import PAGES
from stp_dash.web.assets import PLOTLY, FrontEnd
from stp_dash.web.browser import page_layout, register_callbacks
from stp_dash.web.bundle import ASSETS, basic_bundle
from stp_dash.web.router import Router
from tests.bench.measuring import ROUNDS, note
from tests.support.seed import seeded_store, three_subjects
from tests.support.site.pages import page_at

PATH = "/trend"
PLOTTED = "#card-trend .main-svg path.point"
WEIGHED = ("/", "/variation", "/trend", "/staffing", "/organisation", "/data", "/operations")
PAINTED = (
    """() => performance.getEntriesByType("paint").find(entry => entry.name === "first-contentful-paint")"""
)
FLOOR = """<!DOCTYPE html><html lang="en"><head><title>Floor</title><script src="{plotly}"></script></head><body>
<div id="card-trend" style="width:1000px"></div>
<script>Plotly.newPlot("card-trend", {figure});</script></body></html>"""
DRAWING = """<!DOCTYPE html><html lang="en"><head><title>Drawing</title></head><body>
<div style="width:1000px">{drawing}</div></body></html>"""


@contextmanager
def _served(server: Flask) -> Iterator[str]:
    made = make_server("127.0.0.1", 0, server, threaded=True)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


def _as_it_comes(site: Site) -> Dash:
    """The same pages on Dash's own document: every component library, and the whole of plotly.js."""
    app = Dash(
        "plain",
        assets_folder=str(ASSETS),
        assets_ignore="start.js",
        compress=True,
        suppress_callback_exceptions=True,
    )
    # Flask-Compress would leave the style sheet's file open until it is collected.
    app.server.config["COMPRESS_STREAMS"] = False
    app.layout = page_layout
    register_callbacks(app, Router(site, PAGES))
    return app


def _bare(figure: str) -> Flask:
    """A page with plotly.js, sent as ours is, and the figure in it."""
    server = Flask("bare")
    front = FrontEnd((), "")
    front.serve(server)
    page = FLOOR.replace("{plotly}", front.files[PLOTLY].address).replace("{figure}", figure)
    server.add_url_rule("/", "bare", lambda: page)
    return server


def _static(site: Site, document: str) -> Flask:
    """Two pages that need no script, made beforehand: our whole page, and its chart alone."""
    server = Flask("static")
    FrontEnd((), "").serve(server)
    whole = re.sub(r"<template.*?</template>|<script.*?</script>", "", document, flags=re.DOTALL)
    drawing = DRAWING.replace("{drawing}", static_chart(_figure(page_at(site, PATH, ""))))
    server.add_url_rule("/whole", "whole", lambda: whole)
    server.add_url_rule("/chart", "chart", lambda: drawing)
    return server


def _figure(part: Any) -> dict[str, Any]:
    """The first figure of a page."""
    return next(_figures(part))


def _figures(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict) and part.get("type") == "Graph":
        yield part["props"]["figure"]
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for item in inside:
        yield from _figures(item)


@dataclass
class Side:
    """A page that is visited: `painted` and `plotted` are seconds until something is seen, and until plotly drew."""

    address: str
    plotted: bool = True

    def __post_init__(self) -> None:
        self.paints: list[float] = []
        self.plots: list[float] = []

    def visit(self, browser: Browser) -> None:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        started = perf_counter()
        page.goto(self.address, wait_until="commit")
        if self.plotted:
            page.wait_for_selector(PLOTTED, state="attached")
            self.plots.append(perf_counter() - started)
        found: dict[str, float] = page.wait_for_function(PAINTED).json_value()
        self.paints.append(found["startTime"] / 1000)
        context.close()

    @property
    def seen(self) -> float:
        return median(self.paints)

    @property
    def drawn(self) -> float:
        return median(self.plots)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = seeded_store(tmp_path / "store.sqlite", three_subjects(), demonstration=True)
    yield opened
    opened.close()


@pytest.fixture
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or pytest.skip("Chromium is not on the path: apt-get install chromium")
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=path)
        yield opened
        opened.close()


def test_first_chart(store: Store, browser: Browser) -> None:
    """Plotly's chart is drawn when the first of its points is there; a drawing is seen when it is painted."""
    site, ours = Site(store, load_settings()), create_app(store).server
    figure = json.dumps(_figure(page_at(site, PATH, "")))
    document = ours.test_client().get(PATH).get_data(as_text=True)
    with (
        _served(ours) as here,
        _served(_as_it_comes(site).server) as there,
        _served(_bare(figure)) as least,
        _served(_static(site, document)) as still_pages,
    ):
        mine, theirs, floor = Side(here + PATH), Side(there + PATH), Side(least + "/")
        whole, chart = Side(still_pages + "/whole", False), Side(still_pages + "/chart", False)
        for _ in range(ROUNDS + 2):
            for side in (mine, theirs, floor, whole, chart):
                side.visit(browser)
    rows = [
        note("front end", "first chart seen, beside plotly.js alone", mine.seen / floor.drawn, most=2.3),
        note("front end", "plotly's chart in place, beside plotly.js alone", mine.drawn / floor.drawn),
        note(
            "front end",
            "plotly's chart in place, beside Dash's own document",
            mine.drawn / theirs.drawn,
            most=0.6,
        ),
        note(
            "front end",
            "first chart seen, beside the same page made beforehand",
            mine.seen / whole.seen,
            most=2,
        ),
    ]
    note(
        "front end",
        "first chart seen, beside a page with that drawing and nothing else",
        mine.seen / chart.seen,
    )
    note("front end", "first chart seen", 1000 * mine.seen, "ms")
    note("front end", "plotly's chart in place", 1000 * mine.drawn, "ms")
    if basic_bundle():
        assert [row.what for row in rows if not row.met] == []


def test_first_visit_weighs_little(store: Store, browser: Browser) -> None:
    """Bytes over the wire of a first visit to each page, with everything that the page then asks for."""
    sizes = {}
    with _served(create_app(store).server) as here:
        for path in WEIGHED:
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            sizes[path] = _weight(context.new_page(), here + path)
            context.close()
    rows = [
        note("front end", f"first visit to {path}", sizes[path] / 1000, "kB", most=850) for path in WEIGHED
    ]
    if basic_bundle():
        assert [row.what for row in rows if not row.met] == []


def _weight(page: Page, address: str) -> int:
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    sizes: list[int] = []
    devtools.on("Network.loadingFinished", lambda event: sizes.append(int(event["encodedDataLength"])))
    page.goto(address)
    page.wait_for_function("() => document.querySelector('#page h1') && !document.getElementById('first')")
    page.wait_for_load_state("networkidle")
    return sum(sizes)
