"""How many requests an address may send: counted in memory, or in Redis for several machines."""

from __future__ import annotations

from flask import Blueprint, Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.errors import ConfigurationError

from db.settings import ApiSettings, SettingsError


def limit_requests(server: Flask, blueprint: Blueprint, settings: ApiSettings) -> None:
    """Refuse with 429 what an address asks beyond its requests a minute. Where Redis is away, memory counts.

    Raises SettingsError where the place to count in cannot be understood.
    """
    server.after_request(_without_idle_advice)
    counted = settings.counted_in.get_secret_value()
    try:
        limiter = Limiter(
            get_remote_address,
            app=server,
            headers_enabled=True,
            storage_uri=counted,
            in_memory_fallback_enabled=not counted.startswith("memory"),
            key_prefix="stp-api",
        )
    except ConfigurationError:
        told = "api.counted_in: wanted memory:// or redis://host:port/0, found something else"
        raise SettingsError(told) from None
    limiter.shared_limit(f"{settings.requests_a_minute} per minute", scope="api")(blueprint)


def _without_idle_advice(response: Response) -> Response:
    """An answer that nobody need wait for does not say how long to wait. Runs after the limiter has written it."""
    if response.status_code not in {429, 503}:
        response.headers.pop("Retry-After", None)
    return response
