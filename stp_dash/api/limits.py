"""How many requests an address may send: counted in memory, or in Redis for several machines."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Flask, Response
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItemPerMinute
from limits.errors import ConfigurationError, StorageError

from db.settings import ApiSettings, SettingsError

_PREFIX, _SCOPE = "stp-api", "api"


@dataclass(frozen=True)
class RequestLimit:
    """The count of requests that the blueprint's views are limited by, for who answers before them."""

    limiter: Limiter
    most: RateLimitItemPerMinute

    def counted(self, address: str) -> dict[str, str] | None:
        """The headers of one more request of an address; None where it is one too many or cannot be counted."""
        asked = (_PREFIX, address, _SCOPE)
        try:
            if not self.limiter.limiter.hit(self.most, *asked):
                return None
            reset, left = self.limiter.limiter.get_window_stats(self.most, *asked)
        except StorageError:
            return None
        return {
            "X-RateLimit-Limit": str(self.most.amount),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Reset": str(int(reset + 1)),
        }


def limit_requests(server: Flask, blueprint: Blueprint, settings: ApiSettings) -> RequestLimit:
    """Refuse with 429 what an address asks beyond its requests a minute; where Redis is away, memory counts. The count.

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
            storage_options={"wrap_exceptions": True},
            in_memory_fallback_enabled=not counted.startswith("memory"),
            key_prefix=_PREFIX,
        )
    except ConfigurationError:
        told = "api.counted_in: wanted memory:// or redis://host:port/0, found something else"
        raise SettingsError(told) from None
    most = RateLimitItemPerMinute(settings.requests_a_minute)
    limiter.shared_limit(f"{settings.requests_a_minute} per minute", scope=_SCOPE)(blueprint)
    return RequestLimit(limiter, most)


def _without_idle_advice(response: Response) -> Response:
    """An answer that nobody need wait for does not say how long to wait. Runs after the limiter has written it."""
    if response.status_code not in {429, 503}:
        response.headers.pop("Retry-After", None)
    return response
