"""Pages over real published files show the figures that those files print."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.settings import load_settings
from db.store import Store, open_store
from stp_dash.frame.request import Site
from tests.support.site.page_parts import nodes, plain, title, words
from tests.support.site.pages import page_at, page_shown

pytestmark = pytest.mark.real_data

ROOT = Path(__file__).resolve().parents[3]
FILES = (
    "JUNE-2025-CWT-CRS-COMMISSIONER-WORKBOOK-FINAL.xlsx",
    "SEPTEMBER-2025-CWT-CRS-PROVIDER-WORKBOOK-FINAL.xlsx",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Store]:
    folder = tmp_path_factory.mktemp("real")
    url = f"sqlite:///{folder / 'store.sqlite'}"
    paths = [str(shared_data / "cancer" / name) for name in FILES]
    command = [sys.executable, "-m", "etl", "load", *paths, "--database", url]
    environment = {"STP_STORE__RAW_FOLDER": str(folder / "raw"), "PATH": ""}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    store = open_store(url)
    yield store
    store.close()


TRUSTS = (
    ("cancer-28-day-faster-diagnosis", "RVV", "71.6%", "3,146 of 4,392"),
    ("cancer-28-day-faster-diagnosis", "RN7", "70.2%", "770 of 1,097"),
    ("cancer-31-day-combined", "RWF", "98.7%", "829 of 840"),
    ("cancer-62-day-combined", "RVV", "68.5%", "260 of 379.5"),
    ("cancer-62-day-combined", "RWF", "86.7%", "227.5 of 262.5"),
    ("cancer-62-day-combined", "RPA", "68.4%", "110.5 of 161.5"),
    ("cancer-62-day-combined", "RN7", "64.0%", "73 of 114"),
)
"""September 2025, final, as printed in the provider workbook."""


@pytest.mark.parametrize(("indicator", "trust", "value", "counts"), TRUSTS)
def test_trusts_in_september_2025(store: Store, indicator: str, trust: str, value: str, counts: str) -> None:
    shown = plain(
        page_at(Site(store, load_settings()), "/trend", f"?indicator={indicator}&organisation={trust}")
    )
    figures = words(nodes(shown, "Dl")[0])
    assert f"September 2025, final {value} {counts}" in figures
    assert FILES[1] in words(shown)


def test_the_area_in_june_2025_is_the_commissioners_figure(store: Store) -> None:
    shown = page_shown(store, "/")
    assert title(shown) == "Two of three cancer standards are missed in Kent and Medway"
    row = next(words(item) for item in nodes(shown, "Tr") if words(item).startswith("62-day treatment"))
    assert "73.1% 746 of 1,021  Jun 2025, final" in row
    assert "122 patients short of the 85% standard" in row
    listed = page_shown(store, "/", "?table=scorecard")
    row = next(words(item) for item in nodes(listed, "Tr") if words(item).startswith("62-day treatment"))
    assert row.endswith("JUNE-2025-CWT-CRS-COMMISSIONER-WORKBOOK-FINAL.xlsx")


def test_england_stands_beside(store: Store) -> None:
    shown = page_shown(store, "/variation", "?indicator=cancer-62-day-combined")
    assert "England: 68.0% (20,733 of 30,483)" in words(shown)
