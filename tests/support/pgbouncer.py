"""A real PgBouncer for the tests, in transaction mode, in front of the tests' own PostgreSQL server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from tests.support.postgresql import free_port, server_user

HOW_TO_GET_IT = (
    "PgBouncer is not installed: `apt-get install pgbouncer` (Debian), or your system's package of it"
)
_CONFIGURATION = """[databases]
* = host=127.0.0.1 port={server}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = transaction
default_pool_size = {size}
logfile = {folder}/log
"""


def pooler_program() -> str | None:
    """Where PgBouncer is, None where it is not installed."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def running_pooler(program: str, server: str, *, size: int) -> Iterator[str]:
    """The address of a pooler with `size` connections a database to the server at an address; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="pooler-"))
    port, user = free_port(), server_user()
    (folder / "users").write_text('"postgres" ""\n')
    settings = _CONFIGURATION.format(server=server.rpartition(":")[2], port=port, folder=folder, size=size)
    (folder / "pooler.ini").write_text(settings)
    if user:
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, user, user)
    process = subprocess.Popen([program, "-q", folder / "pooler.ini"], user=user, stderr=subprocess.DEVNULL)
    try:
        for attempt in Retrying(
            retry=retry_if_exception_type(OSError),
            stop=stop_after_delay(10),
            wait=wait_fixed(0.05),
            reraise=True,
        ):
            with attempt, closing(socket.create_connection(("127.0.0.1", port), timeout=1)):
                pass
        yield f"postgresql://postgres@127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def session_setting(address: str, name: str) -> str:
    """A setting of the server's session that another program gets at an address."""
    with psycopg.connect(address, prepare_threshold=None) as connection:
        row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert row is not None
        return str(row[0])
