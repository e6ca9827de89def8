"""What was asked for most often is made after a change of the data, by one process, before anybody asks again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from db.store import Store
from db.store.data_state import raise_data_version
from stp_dash.application import create_app
from stp_dash.web.kept.pages import KEPT_PAGES
from stp_dash.web.kept.warming import Warmer
from tests.support.seed import seeded_store, three_subjects

OFTEN, SELDOM = "/trend?organisation=RVV", "/trend?organisation=RWF"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    found = seeded_store(tmp_path / "store.sqlite", three_subjects())
    change(found)
    yield found
    found.close()


def change(store: Store) -> None:
    with store.writing() as connection:
        raise_data_version(connection)


def queries(store: Store, server: Flask, address: str) -> int:
    """How many queries of observations a reader's document costs."""
    found: list[str] = []

    def keep(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if re.search(r"\bobservation\b", statement):
            found.append(statement)

    event.listen(store.engine, "before_cursor_execute", keep)
    assert server.test_client().get(address).status_code == 200
    event.remove(store.engine, "before_cursor_execute", keep)
    return len(found)


def test_pages_asked_for_more_than_once_are_made_after_a_change(store: Store) -> None:
    server = create_app(store).server
    warmer = Warmer(server.extensions[KEPT_PAGES])
    assert warmer.look() == 0
    server.test_client().get("/glossary")
    for address in (OFTEN, OFTEN, SELDOM):
        server.test_client().get(address)
    assert warmer.look() == 0
    change(store)
    assert warmer.look() == 1
    assert warmer.look() == 0
    assert queries(store, server, OFTEN) == 0
    assert queries(store, server, SELDOM) > 0


def test_what_another_process_warms_is_left_to_it(store: Store) -> None:
    server = create_app(store).server
    pages = server.extensions[KEPT_PAGES]
    warmer = Warmer(pages)
    warmer.look()
    for _ in range(3):
        server.test_client().get(OFTEN)
    change(store)
    with pages.makers.turn("warming", 0):
        assert warmer.look() == 0
    assert queries(store, server, OFTEN) > 0
