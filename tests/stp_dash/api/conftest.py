"""The site over invented figures and over nothing, for the tests of the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from db.settings import load_settings
from db.settings.sections import BulkSettings
from db.store import Store
from stp_dash.api.bulk.keeping import keep_files
from stp_dash.application import create_app
from stp_dash.frame.request import Site
from tests.support.seed import store_for_a_module, three_subjects

MANY = {"requests_a_minute": 9_999_999}
"""More than the tests ask."""


def application(store: Store, folder: Path | None = None, **api: object) -> Flask:
    """The site with settings of the API of its own, and with a folder of the files of everything."""
    settings = load_settings()
    own = {"api": settings.api.model_copy(update=api or MANY), "bulk": BulkSettings(folder=folder)}
    server: Flask = create_app(store, settings.model_copy(update=own)).server
    return server


@pytest.fixture(scope="package")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with invented figures of three subjects."""
    yield from store_for_a_module(tmp_path_factory, "api", three_subjects(), demonstration=True)


@pytest.fixture(scope="package")
def bulk_site(held: Store) -> Site:
    return Site(held, load_settings())


@pytest.fixture(scope="package")
def made(bulk_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the files of everything, of the store's data version."""
    return keep_files(bulk_site, tmp_path_factory.mktemp("bulk"))


@pytest.fixture(scope="package")
def server(held: Store, made: Path) -> Flask:
    return application(held, made.parent.parent)


@pytest.fixture(scope="package")
def client(server: Flask) -> FlaskClient:
    return server.test_client()


@pytest.fixture(scope="package")
def without_figures(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The site over an empty store."""
    for store in store_for_a_module(tmp_path_factory, "no-figures", []):
        yield application(store)
