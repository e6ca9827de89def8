"""The area of a page: that of its address, else that of the settings, and never another than was asked for."""

from __future__ import annotations

import pytest

from db.settings import Settings, load_settings
from db.store import Store, open_store
from stp_dash.frame.request import PageRequest, ParameterError, Site


@pytest.fixture(scope="module")
def store() -> Store:
    return open_store("sqlite://", prepare=False)


def asked(store: Store, settings: Settings | None = None, **parameters: str) -> PageRequest:
    return PageRequest(Site(store, settings or load_settings()), "/trend", parameters)


def test_the_area_is_that_of_the_address_or_of_the_settings(store: Store) -> None:
    assert asked(store).area.name == "Kent and Medway"
    assert asked(store, area="QNX").area.name == "Sussex"
    assert asked(store, area="Y59").area.name == "South East"
    assert asked(store, area="ENG").area.name == "England"


def test_an_area_of_ones_own_is_a_list_of_the_settings(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STP_AREAS", '{"channel": {"name": "Channel coast", "members": ["RVV", "RXC"]}}')
    settings = load_settings()
    assert asked(store, settings, area="channel").area.trusts == ("RVV", "RXC")
    monkeypatch.setenv("STP_AREA__CODE", "channel")
    assert asked(store, load_settings()).area.name == "Channel coast"


def test_settings_may_say_otherwise_than_what_is_derived(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STP_AREA__TRUSTS", '["RN7"]')
    own = asked(store, load_settings()).area
    assert (own.trusts, own.ccgs[:1]) == (("RN7",), ("09C",))


@pytest.mark.parametrize(
    ("code", "told", "near"),
    [
        ("QZZ", "There is no area “QZZ”.", "area="),
        ("qnx", "There is no area “qnx”.", "area=QNX"),
        ("Susex", "There is no area “Susex”.", "area=QNX"),
        ("09D", "is no area of its own: it is a sub-ICB location.", "area=S9B9J"),
        ("RVV", "is no area of its own: it is a trust.", "area=QKS"),
    ],
)
def test_a_code_of_no_area_is_refused_with_the_nearest(store: Store, code: str, told: str, near: str) -> None:
    with pytest.raises(ParameterError) as error:
        _ = asked(store, area=code, rules="national").area
    assert told in error.value.told
    assert error.value.status == 404
    assert error.value.nearest[0][1] == f"/trend?rules=national&{near}" or near == "area="
    assert error.value.nearest[-1] == ("Kent and Medway", "/trend?rules=national")
