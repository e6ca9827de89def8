"""A board pack of twelve indicators: each document as a reader waits for it, and the PDF beside its charts alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import perf_counter

import pytest
from sqlalchemy import Connection

from db.figures.data_version import data_version
from db.settings import load_settings
from db.store import open_store
from stp_dash.charts.interactive.trend.figure import trend_figure
from stp_dash.charts.static.picture import paper_chart
from stp_dash.elements.links import PACK, TREND
from stp_dash.frame.request import PageRequest, Site
from stp_dash.pack.documents.pdf import pdf
from stp_dash.pack.gather import CHART_HEIGHT, CHART_WIDTH
from stp_dash.pack.making import made_document
from stp_dash.pack.model import BoardPack
from stp_dash.pack.read import read_pack
from stp_dash.pages.trend.read import TrendReader
from stp_dash.pages.trend.state import TrendState
from stp_dash.pages.trend.words import Trend, trend_words
from tests.bench.measuring import alternate, note

PART = "board pack"
INDICATORS = 12
MOST_SECONDS = {"pdf": 3.0, "pptx": 3.0, "xlsx": 2.0}
MOST_MEGABYTES = 2.0
MOST_RATIO = 3.0


@pytest.fixture(scope="module")
def site(national: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    copy = tmp_path_factory.mktemp("packs") / "store.sqlite"
    shutil.copy(national, copy)
    with closing(open_store(f"sqlite:///{copy}")) as store:
        yield Site(store, load_settings())


def pack_at(site: Site, **parameters: str) -> BoardPack:
    request = PageRequest(site, PACK, parameters)
    return site.read(lambda connection: read_pack(request, connection, data_version(connection)))


def seconds(site: Site, area: str, chosen: str, kind: str) -> float:
    """Reading the pack and making the document, in the process of its own that it always has."""
    began = perf_counter()
    made_document(pack_at(site, area=area, include=chosen), kind, 60)
    return perf_counter() - began


def charts_alone(site: Site, area: str, indicators: Sequence[str]) -> list[str]:
    """The same charts, read and drawn one after another as the trend page draws them, with nothing around them."""
    found = []
    for indicator in indicators:
        trend = site.read(partial(trend_of, site, area, indicator))
        assert trend is not None
        chart = replace(trend.chart, room=(CHART_WIDTH, CHART_WIDTH), height=CHART_HEIGHT, tablet=True)
        found.append(paper_chart(trend_figure(chart), CHART_WIDTH))
    return found


def trend_of(site: Site, area: str, indicator: str, connection: Connection) -> Trend | None:
    own = PageRequest(site, TREND, {"area": area}).area.commissioner
    asked = {"area": area, "indicator": indicator, "organisation": own}
    reader = TrendReader(PageRequest(site, TREND, asked), connection, data_version(connection))
    return trend_words(TrendState(reader).read())


@pytest.mark.parametrize("area", ["QKS", "ENG"])
def test_a_pack_of_twelve_indicators(site: Site, area: str) -> None:
    whole = pack_at(site, area=area)
    chosen = ",".join(sheet.id for sheet in whole.sheets[:INDICATORS])
    pack = pack_at(site, area=area, include=chosen)
    for kind, most in MOST_SECONDS.items():
        taken = min(seconds(site, area, chosen, kind) for _ in range(3))
        note(PART, f"{area}, {len(pack.sheets)} indicators, {kind}", taken, "s", most=most)
    paper = pdf(pack)
    note(PART, f"{area}, PDF", len(paper) / 1e6, "MB", most=MOST_MEGABYTES)

    drawn = [sheet.id for sheet in pack.sheets if sheet.series]

    def timed(*, make: bool) -> float:
        """With nothing kept from before."""
        fresh = Site(site.store, site.settings)
        began = perf_counter()
        if make:
            pdf(pack_at(fresh, area=area, include=chosen))
        else:
            charts_alone(fresh, area, drawn)
        return perf_counter() - began

    whole_pdf, alone = alternate(lambda: timed(make=True), lambda: timed(make=False))
    note(PART, f"{area}, PDF beside its charts alone", whole_pdf / alone, most=MOST_RATIO)
