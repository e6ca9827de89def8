"""Which process did something, and whether it is still there: how runs and the lease are told from orphans."""

from __future__ import annotations

import os
import socket
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import psutil

# Process numbers are used again: a process that started well after the sign that it is said to have given is another
# one. The margin is for clocks that differ, since signs may be dated by the database's.
_CLOCKS_DIFFER_BY = timedelta(minutes=1)
_FIRST_NAMESPACE = "4026531836"
_NICENESS, _LAST_OF_THE_ORDINARY = 10, 7


def process_name() -> str:
    """This process as the store names it: "machine:number"."""
    return f"{machine_name()}:{os.getpid()}"


def give_way() -> None:
    """Let readers go first: from here on this process has what processor and disk time others leave it.

    For work that nobody waits for at a terminal. On a machine with nothing else to do it is as quick as before.
    """
    os.nice(_NICENESS)
    if hasattr(psutil.Process, "ionice"):
        psutil.Process().ionice(psutil.IOPRIO_CLASS_BE, _LAST_OF_THE_ORDINARY)


@cache
def machine_name() -> str:
    """The machine, or the container on it: two containers may share a host's name, never its process numbers."""
    try:
        namespace = Path("/proc/self/ns/pid").readlink().name.removeprefix("pid:[").removesuffix("]")
    except OSError:
        return socket.gethostname()
    return socket.gethostname() + ("" if namespace == _FIRST_NAMESPACE else f"[{namespace}]")


def is_here(process: str | None) -> bool:
    """Whether a process is, or was, one of this machine."""
    machine, _, number = (process or "").rpartition(":")
    return machine == machine_name() and number.isdigit()


def is_gone(process: str | None, last_sign: datetime | None) -> bool:
    """Whether a process of this machine that gave a sign at a moment is no more. False for another machine's."""
    return is_here(process) and living(process, last_sign) is None


def living(process: str | None, last_sign: datetime | None) -> psutil.Process | None:
    """The live process of this machine that bears the name and can have given the sign."""
    if not is_here(process):
        return None
    try:
        alive = psutil.Process(int((process or "").rpartition(":")[2]))
        if alive.status() == psutil.STATUS_ZOMBIE:
            return None
        started = datetime.fromtimestamp(alive.create_time(), UTC)
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return alive
    return alive if last_sign is None or started <= last_sign + _CLOCKS_DIFFER_BY else None
