"""A publisher's address with a password and a token: nowhere to be read after a refresh has failed."""

from __future__ import annotations

import json
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
_COMMANDS = """
import json, sys
from etl.__main__ import application
for words in json.loads(sys.argv[1]):
    try:
        application(words)
    except SystemExit as end:
        assert end.code in (0, 1, None)
"""
PATHS = (
    "/operations",
    *(f"/operations?run={number}" for number, _ in enumerate(ADDRESSES, 1)),
    "/operations?view=runs",
    *(f"/live?run={number}" for number, _ in enumerate(ADDRESSES, 1)),
    "/live",
    "/metrics",
    "/healthz",
)


def etl(*commands: tuple[str, ...], store: str, **variables: str) -> str:
    """What commands say one after another in a process that knows no other secrets than those of its settings."""
    finished = subprocess.run(
        [sys.executable, "-c", _COMMANDS, json.dumps(commands)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": store, "STP_FETCH__ATTEMPTS": "1", "COLUMNS": "250", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stderr
    assert "Traceback" not in finished.stderr
    return finished.stdout + finished.stderr


def shown(store: Store, settings: Settings) -> str:
    browser = create_app(store, settings).server.test_client()
    return "\n".join(browser.get(path).get_data(as_text=True) for path in PATHS)


def test_a_publishers_password_and_token_are_never_told(
    sqlite_url: str, settings: Settings, tmp_path: Path
) -> None:
    said = ""
    for address in ADDRESSES:
        words = ("refresh", "ssnap"), ("discover", "ssnap"), ("notify",)
        told = etl(*words, store=sqlite_url, STP_PUBLISHERS__SSNAP=address)
        assert "http://127.0.0.1:1/page" in told
        said += told
    # Without the setting, as another process has it: what is kept is without them too.
    runs = (("runs", str(number)) for number, _ in enumerate(ADDRESSES, 1))
    said += etl(("runs",), *runs, ("status", "--json"), store=sqlite_url)
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
        said = etl(words, store=sqlite_url, HTTP_PROXY=proxy, http_proxy=proxy)
        assert "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY: wanted a proxy's address" in said
        assert PASSWORD not in said
    assert "wanted a proxy's address" in etl(("runs", "1"), store=sqlite_url)
