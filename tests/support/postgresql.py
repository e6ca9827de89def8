"""A real PostgreSQL for the tests: a cluster of its own in a temporary folder, on a socket and a free port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

HOW_TO_GET_IT = (
    "PostgreSQL is not installed: `apt-get install postgresql` (Debian), "
    "or your system's package of the PostgreSQL server"
)

DATABASES: dict[str, tuple[pytest.MarkDecorator, ...]] = {
    "sqlite": (),
    "postgresql": (pytest.mark.postgresql,),
}
"""Where a test of a store may run, and how it is marked there."""


def in_turn(cases: Iterable[object], both: Collection[object] = ()) -> list[ParameterSet]:
    """Cases for `store_url` and one more parameter, on SQLite and PostgreSQL in turn; those of `both` on each of them.

    For many examples of what is decided before the database is asked: each runs once, and each database has some.
    """
    turns = cycle(DATABASES)
    return [
        pytest.param(database, case, marks=DATABASES[database], id=f"{database}-{case}")
        for case in cases
        for database in (DATABASES if case in both else (next(turns),))
    ]


def binaries() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, newest version first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    if found:
        return found[0].parent
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


class Server:
    """A PostgreSQL server over a folder of data, which can be stopped and started again."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.data, self.port = programs, folder, folder / "data", free_port()
        self.address = f"postgresql://postgres@127.0.0.1:{self.port}"

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} -c fsync=off"
        self._control("-o", options, "-l", self.folder / "log", "-w", "start")

    def stop(self) -> None:
        self._control("-m", "immediate", "stop")

    def _control(self, *arguments: object) -> None:
        _run(server_user(), self.programs / "pg_ctl", "-D", self.data, *arguments)


@contextmanager
def running_cluster(programs: Path) -> Iterator[str]:
    """A new cluster's address, `postgresql://postgres@127.0.0.1:port`; gone when the context ends."""
    with _server(programs) as server:
        initdb = programs / "initdb"
        _run(
            server_user(),
            initdb,
            "-D",
            server.data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-sync",
        )
        server.start()
        yield server.address


@contextmanager
def running_replica(programs: Path, primary: str) -> Iterator[Server]:
    """A physical streaming replica of the cluster at an address; gone when the context ends."""
    with _server(programs) as server:
        copy = programs / "pg_basebackup"
        _run(
            server_user(),
            copy,
            "-d",
            primary,
            "-D",
            server.data,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
        )
        server.start()
        yield server


@contextmanager
def _server(programs: Path) -> Iterator[Server]:
    """A folder for a server that the caller fills and starts, both gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="cluster-"))
    if user := server_user():
        shutil.chown(folder, user, user)
    server = Server(programs, folder)
    try:
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def server_user() -> str | None:
    """Who runs the server. It refuses to run as root; the Debian package brings a user for it."""
    return "postgres" if getattr(os, "geteuid", lambda: None)() == 0 else None


def free_port() -> int:
    """A port of this machine that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(user: str | None, *command: object) -> None:
    subprocess.run(
        [str(part) for part in command],
        check=True,
        user=user,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
    )
