"""Reading a publisher's pages and files over HTTP: a session, its hosts, limits, retries and resumed bodies."""

from db.loading.loaded_files import CacheValidators
from etl.pipeline.fetch.answer import FetchedFile, file_name
from etl.pipeline.fetch.errors import (
    FetchError,
    GoneFetchError,
    RefusedFetchError,
    TransientFetchError,
    is_transient,
)
from etl.pipeline.fetch.hosts import MOST_REDIRECTS
from etl.pipeline.fetch.session import USER_AGENT, Fetcher

__all__ = [
    "MOST_REDIRECTS",
    "USER_AGENT",
    "CacheValidators",
    "FetchError",
    "FetchedFile",
    "Fetcher",
    "GoneFetchError",
    "RefusedFetchError",
    "TransientFetchError",
    "file_name",
    "is_transient",
]
