"""Teams are told by a real receiver, once each; what a channel refuses waits, and no address is shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from db.settings import load_settings
from db.store import open_store
from etl.__main__ import application
from stp_dash.application import create_app
from stp_dash.follow.step import take_step
from tests.support.site.released import Releases, wobbling

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Channel:
    """A team's channel: a web server that keeps what is posted to it, and refuses while `closed`."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        self.closed = False
        channel = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if not channel.closed:
                    channel.messages.append(json.loads(body))
                self.send_response(500 if channel.closed else 200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def channel() -> Iterator[Channel]:
    found = Channel()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_a_team_is_told_once_and_what_is_refused_waits(
    channel: Channel, sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STP_STORE__RAW_FOLDER", str(tmp_path / "raw"))
    monkeypatch.setenv("DATABASE_URL", sqlite_url)
    found = Releases(open_store(sqlite_url), load_settings())
    found.history({"QKS": wobbling(0.70, 20), "RVV": wobbling(0.70, 20)})
    take_step(found.site, NOW)
    address = f"json://somebody:secret-word@127.0.0.1:{channel.server.server_port}/"
    run = CliRunner().invoke
    assert run(application, ["team", "add", "Board office", address]).exit_code == 0
    assert run(application, ["team", "add", "Other", "nosuch"]).exit_code == 1
    take_step(found.site, NOW)
    assert channel.messages == []
    found.release({"QKS": 0.70, "RVV": 0.70})
    take_step(found.site, NOW)
    take_step(found.site, NOW)
    (message,) = channel.messages
    assert message["title"] == "Demonstration: Cancer, Kent and Medway: figures of September 2025"
    assert message["message"].startswith("⇄ Cancer, Kent and Medway: figures of September 2025.")
    channel.closed = True
    found.release({"QKS": 0.70, "RVV": 0.70})
    take_step(found.site, NOW)
    assert "refused 1 times" in run(application, ["team", "list"]).output
    page = create_app(found.store, found.settings).server.test_client().get("/follow").text
    assert "Board office" in page and "Refused once" in page and "secret-word" not in page
    assert b"secret-word" not in Path(str(found.store.engine.url.database)).read_bytes()
    take_step(found.site, NOW + timedelta(seconds=59))
    assert "refused 1 times" in run(application, ["team", "list"]).output
    take_step(found.site, NOW + timedelta(minutes=1))
    assert "refused 2 times" in run(application, ["team", "list"]).output
    channel.closed = False
    take_step(found.site, NOW + timedelta(minutes=5))
    assert len(channel.messages) == 1
    take_step(found.site, NOW + timedelta(minutes=6))
    assert [item["title"][-12:] for item in channel.messages] == ["ptember 2025", "October 2025"]
    assert run(application, ["team", "remove", "Board office"]).exit_code == 0
    found.store.close()
