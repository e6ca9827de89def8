"""When a reader's first chart stands: this site, Dash as it comes, and plotly.js alone, taking turns in one browser."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from dash import Dash
from flask import Flask
from playwright.sync_api import Browser, sync_playwright
from plotly.utils import PlotlyJSONEncoder
from werkzeug.serving import make_server

from db.settings import load_settings
from stp_dash import application
from stp_dash.bundle import ASSETS, basic_bundle
from stp_dash.delivery import PLOTLY, FrontEnd
from stp_dash.pages.request import Site
from tests.bench.measuring import alternate, note
from tests.stp_dash.seed import seeded_store, three_subjects

PATH = "/trend"
DRAWN = "#card-trend .main-svg path.point"
MOST = 0.6
FLOOR = """<!DOCTYPE html><html lang="en"><head><title>Floor</title><script src="{plotly}"></script></head><body>
<div id="card-trend" style="width:1000px"></div>
<script>Plotly.newPlot("card-trend", {figure});</script></body></html>"""


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
    app = Dash("plain", assets_folder=str(ASSETS), compress=True, suppress_callback_exceptions=True)
    # Flask-Compress would leave the style sheet's file open until it is collected.
    app.server.config["COMPRESS_STREAMS"] = False
    app.layout = application._shell
    application._register(app, site)
    return app


def _bare(figure: str) -> Flask:
    """A page with plotly.js, sent as ours is, and the figure in it."""
    server = Flask("bare")
    front = FrontEnd((), "")
    front.serve(server)
    page = FLOOR.replace("{plotly}", front.files[PLOTLY].address).replace("{figure}", figure)
    server.add_url_rule("/", "bare", lambda: page)
    return server


def _figure(part: Any) -> dict[str, Any] | None:
    if isinstance(part, dict) and part.get("type") == "Graph":
        found: dict[str, Any] = part["props"]["figure"]
        return found
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return next((found for item in inside if (found := _figure(item))), None)


def _first_chart(browser: Browser, address: str) -> float:
    """Seconds from asking for the page until its chart's points are drawn, with nothing kept from before."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    started = perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(DRAWN, state="attached")
    taken = perf_counter() - started
    context.close()
    return taken


def test_first_chart(tmp_path: Path) -> None:
    path = shutil.which("chromium") or pytest.skip("Chromium is not on the path: apt-get install chromium")
    store = seeded_store(tmp_path / "store.sqlite", three_subjects(), demonstration=True)
    site = Site(store, load_settings())
    ours = application.create_app(store)
    page = json.loads(PlotlyJSONEncoder().encode(application.page_at(site, PATH, "")))
    bare = _bare(json.dumps(_figure(page)))
    plain = _as_it_comes(site).server
    with (
        _served(ours.server) as here,
        _served(plain) as there,
        _served(bare) as least,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=path)
        mine, theirs, floor = alternate(
            lambda: _first_chart(browser, here + PATH),
            lambda: _first_chart(browser, there + PATH),
            lambda: _first_chart(browser, least + "/"),
        )
        browser.close()
    store.close()
    print(
        f"\nfirst chart: {mine:.2f} s, Dash as it comes {theirs:.2f} s, plotly alone {floor:.2f} s",
        file=sys.stderr,
    )
    note("front end", "first chart, beside Dash's own document", mine / theirs, most=MOST)
    note("front end", "first chart, beside plotly alone", mine / floor, most=2.3)
    if basic_bundle():
        assert mine / theirs <= MOST
