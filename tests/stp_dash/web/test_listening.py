"""Ports that the site cannot take, told in one sentence."""

from __future__ import annotations

import socket

import pytest

from db.settings import SettingsError
from stp_dash.web.listening import bound_sockets, check_free, close_all, listening_place


def test_a_free_port_is_bound_and_given_back() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for _ in range(2):
        bound = bound_sockets("127.0.0.1", port)
        assert [item.getsockname() for item in bound] == [("127.0.0.1", port)]
        close_all(bound)


def test_a_port_in_use_is_named_with_another() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(SettingsError) as found:
            bound_sockets("127.0.0.1", port)
    assert str(found.value).startswith(f"port {port} of 127.0.0.1 is in use by another program")
    assert "STP_SITE__PORT=" in str(found.value)


@pytest.mark.parametrize("host", ["192.0.2.1", "nowhere.invalid", "a..b", "x" * 70])
def test_a_host_that_is_not_this_machine_is_a_wrong_setting(host: str) -> None:
    with pytest.raises(SettingsError, match=r"setting site\.host: wanted an address of this machine, found"):
        bound_sockets(host, 8050)


def test_a_server_that_reads_its_settings_again_finds_its_own_site_there() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    check_free("127.0.0.1", port)
    with socket.create_server(("127.0.0.1", port)):
        check_free("127.0.0.1", port)


def test_an_address_of_the_sixth_version_stands_in_brackets() -> None:
    assert listening_place("::1", 8050) == "[::1]:8050"
    assert listening_place("127.0.0.1", 8050) == "127.0.0.1:8050"
