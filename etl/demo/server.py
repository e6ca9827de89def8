"""A folder on the web, for this machine only: how the ordinary pipeline reaches the demonstration publisher."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

LOOPBACK = "127.0.0.1"


class _Handler(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".csv": "text/csv",
        ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".aspx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ".html": "text/html; charset=utf-8",
    }

    def log_message(self, *_: object) -> None:
        """Say nothing: the pipeline tells what it reads."""

    def translate_path(self, path: str) -> str:
        """What an address asks for with a question stands below it: `table?number=1` is `table/number=1.csv`."""
        address, _, question = path.partition("?")
        return super().translate_path(f"{address}/{question}.csv" if question else address)

    def list_directory(self, path: object) -> None:
        """A folder without a page is no page."""
        self.send_error(404, "Not Found")


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback, on a free port, and give its address without a closing slash."""
    with ThreadingHTTPServer((LOOPBACK, 0), partial(_Handler, directory=str(folder))) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
