"""The site over invented figures and over nothing, for the tests of the API."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from db.settings import load_settings
from db.store import Store
from stp_dash.application import create_app
from tests.support.seed import store_for_a_module, three_subjects

MANY = {"requests_a_minute": 9_999_999}
"""More than the tests ask."""


def application(store: Store, **api: object) -> Flask:
    """The site with settings of the API of its own."""
    settings = load_settings()
    changed = settings.model_copy(update={"api": settings.api.model_copy(update=api or MANY)})
    server: Flask = create_app(store, changed).server
    return server


@pytest.fixture(scope="package")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with invented figures of three subjects."""
    yield from store_for_a_module(tmp_path_factory, "api", three_subjects(), demonstration=True)


@pytest.fixture(scope="package")
def server(held: Store) -> Flask:
    return application(held)


@pytest.fixture(scope="package")
def client(server: Flask) -> FlaskClient:
    return server.test_client()


@pytest.fixture(scope="package")
def without_figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The site over an empty store."""
    for store in store_for_a_module(tmp_path_factory, "no-figures", []):
        yield application(store)
