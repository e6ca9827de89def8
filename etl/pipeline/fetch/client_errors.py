"""The HTTP client's errors in plain words, and which of them are transient."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from etl.pipeline.fetch.errors import FetchError, TransientFetchError
from etl.pipeline.fetch.limits import Deadline


@contextmanager
def in_plain_words(url: str, wanted: str, watch: Deadline, too_long: TransientFetchError) -> Iterator[None]:
    """Turn the client's faults into a FetchError that says what happened."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise (too_long if watch.ended else _explained(url, wanted, error)) from error


_FAULTS: tuple[tuple[type[Exception], type[FetchError], str], ...] = (
    (httpx.ConnectTimeout, TransientFetchError, "no connection in time"),
    (httpx.TimeoutException, TransientFetchError, "no answer in time"),
    (httpx.ConnectError, TransientFetchError, "no connection ({})"),
    (httpx.RemoteProtocolError, TransientFetchError, "an answer that was cut short ({})"),
    (httpx.NetworkError, TransientFetchError, "a connection that broke ({})"),
    (httpx.DecodingError, FetchError, "an answer that cannot be unpacked ({})"),
    (Exception, FetchError, "a request that cannot be made ({})"),
)
"""The client's faults, the first that fits: whether they pass, and what they are in plain words."""


def _explained(url: str, wanted: str, error: Exception) -> FetchError:
    if _is_certificate_fault(error):
        return FetchError(url, wanted, f"a host whose certificate is not trusted ({error})")
    kind, words = next((kind, words) for fault, kind, words in _FAULTS if isinstance(error, fault))
    return kind(url, wanted, words.format(error))


def _is_certificate_fault(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
