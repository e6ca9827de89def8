"""Where the site listens: its port is looked at before anything else is begun."""

from __future__ import annotations

import errno
import socket
from functools import cache

from db.settings import SettingsError

_NO_SUCH_ADDRESS = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})


def bound_sockets(host: str, port: int) -> list[socket.socket]:
    """A socket for each address of `host`, bound to the port and not listening yet.

    Raises SettingsError for a port that is in use or that this account may not take, and for a host that is not
    this machine.
    """
    try:
        places = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise SettingsError(f"setting site.host: wanted an address of this machine, found {host!r}") from None
    bound: list[socket.socket] = []
    fault: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(places):
        try:
            bound.append(_bound(family, kind, protocol, address))
        except OSError as error:
            if error.errno not in _NO_SUCH_ADDRESS:
                close_all(bound)
                raise cannot_listen(host, port, error) from error
            fault = error
    if fault is not None and not bound:
        raise cannot_listen(host, port, fault)
    return bound


def _bound(family: int, kind: int, protocol: int, address: tuple[object, ...]) -> socket.socket:
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind(address)
    except OSError:
        opened.close()
        raise
    return opened


def listening_place(host: str, port: int) -> str:
    """Host and port as they stand in an address of the web."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def close_all(sockets: list[socket.socket]) -> None:
    """Give the ports back."""
    for opened in sockets:
        opened.close()


def cannot_listen(host: str, port: int, error: OSError) -> SettingsError:
    """Why a site cannot listen there, in one sentence that says what to do."""
    place = f"port {port} of {host}"
    if error.errno == errno.EADDRINUSE:
        other = f"STP_SITE__PORT={port + 1 if port < 65535 else port - 1}"
        return SettingsError(
            f"{place} is in use by another program; stop that one, or choose another port, such as {other}"
        )
    if error.errno in {errno.EACCES, errno.EPERM}:
        return SettingsError(f"setting site.port: wanted a port that this account may take, found {place}")
    if error.errno in _NO_SUCH_ADDRESS:
        return SettingsError(f"setting site.host: wanted an address of this machine, found {host!r}")
    return SettingsError(f"{place} cannot be listened on: {error.strerror or error}")


@cache
def check_free(host: str, port: int) -> None:
    """Raise SettingsError where the site could not listen there.

    Looked at once in a process: a web server that reads its settings again finds its own site there.
    """
    close_all(bound_sockets(host, port))
