"""A publisher's address with a password and a token: nowhere to be read after a refresh has failed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
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
import json, os, sys
from etl.__main__ import application
import db.store, etl.pipeline.run
for environment, commands in json.loads(sys.argv[1]):
    child = os.fork()
    if not child:
        os.environ.update(environment)
        for words in commands:
            try:
                application(words)
            except SystemExit as end:
                assert end.code in (0, 1, None)
        sys.stdout.flush()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    print("END OF A PROCESS", flush=True)
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


Process = tuple[dict[str, str], Sequence[tuple[str, ...]]]
"""The environment that a process has beside the usual, and the commands that it runs one after another."""


def etl(*processes: Process, store: str) -> list[str]:
    """What each process says. It knows no other secrets than those of its settings: it is a copy of one without any."""
    finished = subprocess.run(
        [sys.executable, "-c", _COMMANDS, json.dumps(processes)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": store, "STP_FETCH__ATTEMPTS": "1", "COLUMNS": "250"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )
    assert finished.returncode == 0, finished.stdout
    assert "Traceback" not in finished.stdout
    *said, _ = finished.stdout.split("END OF A PROCESS")
    assert len(said) == len(processes)
    return said


def shown(store: Store, settings: Settings) -> str:
    browser = create_app(store, settings).server.test_client()
    return "\n".join(browser.get(path).get_data(as_text=True) for path in PATHS)


def test_a_publishers_password_and_token_are_never_told(
    sqlite_url: str, settings: Settings, tmp_path: Path
) -> None:
    words = ("refresh", "ssnap"), ("discover", "ssnap"), ("notify",)
    runs = (("runs", str(number)) for number, _ in enumerate(ADDRESSES, 1))
    # Without the setting, as another process has it: what is kept is without them too.
    later: Process = ({}, [("runs",), *runs, ("status", "--json")])
    told = etl(
        *(({"STP_PUBLISHERS__SSNAP": address}, words) for address in ADDRESSES), later, store=sqlite_url
    )
    assert ["http://127.0.0.1:1/page" in item for item in told[: len(ADDRESSES)]] == [True] * len(ADDRESSES)
    said = "".join(told)
    opened = open_store(sqlite_url)
    said += shown(opened, settings)
    opened.close()
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.sqlite*"))
    for secret in (PASSWORD, TOKEN, BARE):
        assert secret not in said
        assert secret.encode() not in kept


def test_a_proxy_of_an_unknown_kind_is_told(sqlite_url: str) -> None:
    proxy = f"foo://user:{PASSWORD}@proxy:1"
    chosen = {"HTTP_PROXY": proxy, "http_proxy": proxy}
    refreshed, discovered, kept = etl(
        (chosen, [("refresh", "ssnap")]),
        (chosen, [("discover", "ssnap")]),
        ({}, [("runs", "1")]),
        store=sqlite_url,
    )
    for said in (refreshed, discovered):
        assert "HTTP_PROXY, HTTPS_PROXY or ALL_PROXY: wanted a proxy's address" in said
        assert PASSWORD not in said
    assert "wanted a proxy's address" in kept
