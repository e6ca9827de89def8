"""Labels of every chart of the demonstration: each indicator by each kind of organisation, on four widths of screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from db.figures.data_version import data_version
from db.settings import load_settings
from etl.demo.publication import Part, Size
from stp_dash.frame.request import PageRequest, Site, Width
from stp_dash.pages.variation.read import VariationReader
from stp_dash.pages.variation.state import VariationState
from tests.support.built.demonstration import TODAY, demonstration_store, load_demonstration
from tests.support.site.charts import charts, label_faults
from tests.support.site.page_parts import plain
from tests.support.site.pages import page_at

SCREENS: dict[int, Width] = {1440: "desktop", 768: "tablet", 390: "phone", 320: "phone"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The demonstration of our area and its neighbours; of England with `--all-labels`."""
    if not request.config.getoption("--all-labels"):
        for store in demonstration_store(tmp_path_factory):
            yield Site(store, load_settings(), today=lambda: TODAY)
        return
    store = load_demonstration(tmp_path_factory.mktemp("england"), Size.STANDARD, Part.NEWEST)
    yield Site(store, load_settings(), today=lambda: TODAY)
    store.close()


def addresses(site: Site) -> list[tuple[str, str]]:
    """Every page with a chart that words stand on; of variation those by a kind of organisation that has figures.

    By any other kind it shows the first of these.
    """
    indicators = site.store.catalogue.indicators
    variation = [
        ("/variation", f"?indicator={name}&by={by}")
        for name in indicators
        for by in kinds_with_figures(site, name)
    ]
    trend = [("/trend", f"?indicator={name}") for name in indicators]
    staffing = [("/staffing", f"?definition={name}") for name in indicators if name.startswith("gp-")]
    return [*variation, *trend, *staffing]


def kinds_with_figures(site: Site, indicator: str) -> list[str]:
    request = PageRequest(site, "/variation", {"indicator": indicator})
    return site.read(
        lambda connection: list(
            VariationState(VariationReader(request, connection, data_version(connection))).offered
        )
    )


def test_no_label_of_any_chart_covers_or_leaves_or_misleads(site: Site) -> None:
    said, seen = [], 0
    for path, search in addresses(site):
        drawn = {"desktop": list(charts(plain(page_at(site, path, search, "desktop"))))}
        for screen, width in SCREENS.items():
            # A page without a chart on one width has none on another.
            if drawn["desktop"] and width not in drawn:
                drawn[width] = list(charts(plain(page_at(site, path, search, width))))
            for chart in drawn.get(width, ()):
                seen += 1
                said += [f"{path}{search} at {screen}: {fault}" for fault in label_faults(chart, screen)]
    assert said == []
    assert seen > 1_000
