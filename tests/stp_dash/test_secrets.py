"""A publisher's address with a password and a token: nowhere to be read after a refresh has failed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from db.settings import Settings
from db.store import Store, open_store
from stp_dash.application import create_app

ROOT = Path(__file__).resolve().parents[2]
PASSWORD, TOKEN, BARE = "S3cretPw9z", "T0kenOfOurs", "Qu3ryAlone"
ADDRESSES = (
    f"http://reader:{PASSWORD}@127.0.0.1:1/page?token={TOKEN}&page=results",
    f"http://{PASSWORD}@127.0.0.1:1/page?{BARE}",
    f"http://reader:{PASSWORD}%40x@127.0.0.1:1/page?code={TOKEN}",
)
PATHS = (
    "/operations",
    "/operations?run=1",
    "/operations?view=runs",
    "/live?run=1",
    "/live",
    "/metrics",
    "/healthz",
)


def etl(*words: str, store: str, **variables: str) -> str:
    finished = subprocess.run(
        [sys.executable, "-m", "etl", *words],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": store, "STP_FETCH__ATTEMPTS": "1", "COLUMNS": "250", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert "Traceback" not in finished.stderr
    return finished.stdout + finished.stderr


def shown(store: Store, settings: Settings) -> str:
    browser = create_app(store, settings).server.test_client()
    return "\n".join(browser.get(path).get_data(as_text=True) for path in PATHS)


def test_a_publishers_password_and_token_are_never_told(
    sqlite_url: str, settings: Settings, tmp_path: Path
) -> None:
    for address in ADDRESSES:
        said = etl("refresh", "ssnap", store=sqlite_url, STP_PUBLISHERS__SSNAP=address)
        said += etl("discover", "ssnap", store=sqlite_url, STP_PUBLISHERS__SSNAP=address)
        said += etl("notify", store=sqlite_url, STP_PUBLISHERS__SSNAP=address)
        assert "http://127.0.0.1:1/page" in said
        # Without the setting, as another process has it: what is kept is without them too.
        said += "".join(
            etl(*words, store=sqlite_url) for words in (("runs",), ("runs", "1"), ("status", "--json"))
        )
        opened = open_store(sqlite_url)
        said += shown(opened, settings)
        opened.close()
        kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
        for secret in (PASSWORD, TOKEN, BARE):
            assert secret not in said
            assert secret.encode() not in kept


def test_a_proxy_of_an_unknown_kind_is_told(sqlite_url: str) -> None:
    proxy = f"foo://user:{PASSWORD}@proxy:1"
    for words in (("refresh", "ssnap"), ("discover", "ssnap")):
        said = etl(*words, store=sqlite_url, HTTP_PROXY=proxy, http_proxy=proxy)
        assert "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY: wanted a proxy's address" in said
        assert PASSWORD not in said
    assert "wanted a proxy's address" in etl("runs", "1", store=sqlite_url)
