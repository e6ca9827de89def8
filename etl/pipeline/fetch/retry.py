"""When a request is repeated: transient errors only, after a wait that doubles or that the publisher asks for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import SystemRandom

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from db.settings import FetchSettings
from etl.pipeline.fetch.errors import FetchError

_CHANCE = SystemRandom()


def retrying(settings: FetchSettings, sleep: Callable[[float], None]) -> Retrying:
    """Repeats a request up to the settings' attempts, and raises its last error."""

    def is_worth_repeating(error: BaseException) -> bool:
        if not isinstance(error, FetchError) or not error.transient:
            return False
        return error.retry_after is None or error.retry_after <= settings.longest_wait_seconds

    def wait(state: RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, FetchError) and error.retry_after is not None:
            return error.retry_after
        doubled: float = settings.first_wait_seconds * 2 ** (state.attempt_number - 1)
        longest = min(doubled, settings.longest_wait_seconds)
        # Between half and the whole: clients that failed together do not come back together.
        return longest * _CHANCE.uniform(0.5, 1)

    return Retrying(
        stop=stop_after_attempt(settings.attempts),
        retry=retry_if_exception(is_worth_repeating),
        wait=wait,
        sleep=sleep,
        reraise=True,
    )


def retry_after(headers: httpx.Headers) -> float | None:
    """Seconds to wait, from a number of seconds or a date (RFC 9110, section 10.2.3); None if neither."""
    text = headers.get("retry-after", "").strip()
    if text.isdigit():
        return float(text)
    moment = header_date(text)
    return None if moment is None else max(0.0, (moment - datetime.now(UTC)).total_seconds())


def header_date(text: str) -> datetime | None:
    """A header's date, None where it is none."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
