"""Ten years of chance: how much would have been told, release after release."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from db.figures.data_version import data_version
from db.service.follow.news import News, NewsKind
from db.settings import load_settings
from db.store import open_store
from stp_dash.follow.read import followed
from stp_dash.follow.replay import replayed
from stp_dash.follow.words import Telling
from stp_dash.frame.reader import StoreReader
from stp_dash.frame.request import PageRequest
from tests.support.site.released import Releases

ORGANISATIONS = ("QKS", "RVV", "RWF", "RPA", "RN7")
MOST_A_MONTH = 3
"""Changes of one indicator of an area and its four trusts that chance alone may have told in a month."""


@pytest.fixture(scope="module")
def told(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[News, ...]]:
    """What ten years told of shares that are chance alone about a level near the standard."""
    path, settings = tmp_path_factory.mktemp("replay") / "store.sqlite", load_settings()
    shutil.copy(sqlite_template, path)
    chance, store = Random(10), open_store(f"sqlite:///{path}")
    found = Releases(store, settings)
    found.history({code: [chance.gauss(0.745, 0.014) for _ in range(120)] for code in ORGANISATIONS})
    with store.reading() as connection:
        version = data_version(connection)
        reader = StoreReader(PageRequest(found.site, "/"), connection, version)
        telling = Telling(reader.names, "", version.number, datetime.now(UTC))
        yield replayed(reader, followed(settings.own_area), telling, 120)[0]
    store.close()


def test_ten_years_of_chance_tell_little(told: tuple[News, ...]) -> None:
    changes = [item for item in told if item.kind is not NewsKind.NEW_DATA]
    months = Counter(f"{item.told_at:%Y-%m}" for item in changes)
    assert 0 < max(months.values()) <= MOST_A_MONTH
    assert len(changes) / 120 < 1
    assert len({item.key for item in told}) == len(told)


def test_each_release_is_told_once(told: tuple[News, ...]) -> None:
    new = Counter(item.organisation for item in told if item.kind is NewsKind.NEW_DATA)
    assert set(new) == set(ORGANISATIONS)
    assert len(set(new.values())) == 1 and new["QKS"] > 60


def test_what_crosses_back_has_stood_for_three_months_before(told: tuple[News, ...]) -> None:
    kinds = (NewsKind.MET, NewsKind.MISSED)
    for code in ORGANISATIONS:
        crossed = [item for item in told if item.organisation == code and item.kind in kinds]
        for before, after in pairwise(crossed):
            assert before.kind is not after.kind
            assert (after.told_at - before.told_at).days > 80
