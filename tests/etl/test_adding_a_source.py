"""`docs/adding-a-source.md`, followed: a made-up source is found, loaded by the ordinary pipeline, and shown."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

import etl.sources
from db.catalogue import source_files
from db.domain import FileState
from db.settings import Settings
from db.store import Store
from etl.commands.status import read_service_status
from etl.demo.publication import write_page
from etl.demo.server import LOOPBACK, served
from etl.pipeline.run import load_files, refresh_source
from etl.registry import SOURCES, source_by_id
from tests.support.kept_store import figures

ROOT = Path(__file__).resolve().parents[2]
MADE_UP = ROOT / "tests" / "support" / "made_up_sources"
FILE = "Clinic waits by trust\nmonth,code,trust,in time,seen\n2024-03,RVV,East Kent,80,100\n"


@pytest.fixture
def added(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    """The source's package and facts, where the document says that they stand."""
    facts = tmp_path / "sources"
    shutil.copytree(source_files.SOURCES_FOLDER, facts)
    shutil.copy(MADE_UP / "clinic_waits.toml", facts)
    monkeypatch.setattr(source_files, "SOURCES_FOLDER", facts)
    monkeypatch.setattr(etl.sources, "__path__", [*etl.sources.__path__, str(MADE_UP)])
    source_files.publications.cache_clear()
    yield "clinic_waits"
    source_files.publications.cache_clear()
    for name in [name for name in sys.modules if name.startswith("etl.sources.clinic_waits")]:
        del sys.modules[name]


def test_a_new_source_needs_its_package_and_its_facts(
    added: str, store: Store, settings: Settings, tmp_path: Path
) -> None:
    assert added in SOURCES
    assert list(SOURCES) == sorted(SOURCES)
    site = tmp_path / "site"
    write_page(site, "/clinic-waits/", '<a href="/files/March.csv">March 2024</a>')
    (site / "files").mkdir()
    (site / "files" / "March.csv").write_text(FILE, encoding="utf-8")
    with served(site) as address:
        source = replace(
            source_by_id(added), landing_url=f"{address}/clinic-waits/", allowed_hosts=(LOOPBACK,)
        )
        summary = refresh_source(
            store, source, settings, trigger="command", requested_by="test", today=date(2024, 5, 1)
        )
    assert [result.state for result in summary.results] == [FileState.LOADED], summary
    assert len(figures(store)["observation"]) == 1
    shown = next(item for item in read_service_status(store, settings).sources if item.id == added)
    assert (shown.name, shown.files) == ("Clinic waits", 1)


def test_its_files_are_recognised_by_their_content(
    added: str, store: Store, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "under any name.csv"
    path.write_text(FILE, encoding="utf-8")
    (result,) = load_files(store, [path], settings).results
    assert result.message == ""
    assert (result.source_id, result.state) == (added, FileState.LOADED)


def test_every_file_that_the_document_names_is_there() -> None:
    text = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
    named = [part for part in text.split("`")[1::2] if part.startswith(("db/", "etl/", "tests/", "docs/"))]
    assert len(named) > 8
    for name in named:
        assert (ROOT / name.replace("<id>", "ssnap")).exists(), name
