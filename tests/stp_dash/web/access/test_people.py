"""Roles: what each may call, where they come from, and that nobody gains one by what they send."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from db.domain.people.role import Role, groups_in, role_of_groups
from db.service.operators import OperatorError, operators, set_role
from db.settings import AccessSettings, Settings, SettingsError, load_settings
from db.store import Store, audit, open_store
from stp_dash.application import create_app
from stp_dash.web.access import current_person, current_role, role_required
from tests.support.site.operators import NAME, PHRASE, seed_operator, token_of


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


def client(store: Store, settings: Settings, **access: Any) -> FlaskClient:
    """The site with a view for each role, at /try/<role>, which says who called it."""
    chosen = settings.model_copy(update={"access": AccessSettings(**access)})
    server: Flask = create_app(store, chosen).server

    def change() -> Response:
        person = current_person()
        return Response(f"{person.name if person else 'nobody'} {current_role().word}")

    for role in Role:
        server.add_url_rule(f"/try/{role.word}", role.word, role_required(role)(change), methods=["POST"])
    return server.test_client()


def statuses(browser: FlaskClient, **headers: str) -> dict[Role, int]:
    carried = token_of(browser)
    return {
        role: browser.post(f"/try/{role.word}", data={"csrf_token": carried}, headers=headers).status_code
        for role in Role
    }


def signed_in(store: Store, settings: Settings) -> FlaskClient:
    browser = client(store, settings)
    browser.post("/sign-in", data={"csrf_token": token_of(browser), "name": NAME, "password": PHRASE})
    return browser


@pytest.mark.parametrize("role", list(Role))
def test_an_account_may_call_what_its_role_and_those_below_may(
    store: Store, settings: Settings, role: Role
) -> None:
    seed_operator(store)
    set_role(store, NAME, role, by="tester")
    found = statuses(signed_in(store, settings))
    assert found == {wanted: 200 if role >= wanted else 403 for wanted in Role}


def test_an_account_of_before_roles_is_an_operator_and_another_role_counts_at_the_next_click(
    store: Store, settings: Settings
) -> None:
    seed_operator(store)
    browser = signed_in(store, settings)
    assert browser.post("/try/operator", data={"csrf_token": token_of(browser)}).data == (
        f"{NAME} operator".encode()
    )
    set_role(store, NAME, Role.EDITOR, ["RVV"], by="tester")
    refused = browser.post("/try/operator", data={"csrf_token": token_of(browser)})
    assert (refused.status_code, refused.text) == (
        403,
        "Nothing was changed: wanted the role operator, found editor. Whoever runs this site gives roles.\n",
    )
    assert browser.post("/operations/run", data={"csrf_token": token_of(browser)}).status_code == 403
    with store.reading() as connection:
        entry, found = audit.audit_entries(connection, 1)[0], operators(connection)
    assert (entry.actor, entry.action, entry.subject, entry.detail) == (
        "tester",
        "role given",
        NAME,
        "editor for RVV; before: operator",
    )
    assert [(item.role, item.organisations) for item in found] == [(Role.EDITOR, frozenset({"RVV"}))]
    page = browser.get("/operations").text
    assert "Operators change what is on this page" in page
    assert "Sign in" not in page


def test_roles_are_given_to_known_names_for_known_organisations_alone(store: Store) -> None:
    seed_operator(store)
    with pytest.raises(OperatorError, match="'nobody': wanted somebody who has an account"):
        set_role(store, "nobody", Role.EDITOR, by="tester")
    with pytest.raises(OperatorError, match="'XYZ': wanted the code of an organisation"):
        set_role(store, NAME, Role.EDITOR, ["XYZ"], by="tester")


PROXY = {"proxy_header": "X-Remote-User", "trusted_proxies": ("127.0.0.1/32",)}
GROUPS = {**PROXY, "proxy_groups_header": "X-Remote-Groups"}
OWN = {**GROUPS, "group_roles": {"stp-editors": "editor", "CN=stp ops,OU=kent": "operator"}}


@pytest.mark.parametrize(
    ("access", "groups", "role"),
    [
        (PROXY, "", Role.OPERATOR),
        (PROXY, "viewer", Role.OPERATOR),
        (GROUPS, "", Role.VIEWER),
        (GROUPS, "staff, editor", Role.EDITOR),
        (GROUPS, "editor;administrator", Role.ADMINISTRATOR),
        (OWN, "administrator", Role.VIEWER),
        (OWN, "staff|stp-editors", Role.EDITOR),
        (OWN, "CN=staff,OU=kent;CN=stp ops,OU=kent", Role.OPERATOR),
    ],
)
def test_a_proxys_groups_give_a_role(
    store: Store, settings: Settings, access: dict[str, Any], groups: str, role: Role
) -> None:
    browser = client(store, settings, **access)
    headers = {"X-Remote-User": "ada", "X-Remote-Groups": groups}
    assert statuses(browser, **headers) == {wanted: 200 if role >= wanted else 403 for wanted in Role}


def test_groups_are_believed_from_the_proxy_alone(store: Store, settings: Settings) -> None:
    browser = client(store, settings, **GROUPS)
    carried, headers = token_of(browser), {"X-Remote-User": "eve", "X-Remote-Groups": "administrator"}
    assert "Your password is kept by the provider" in browser.get("/operations", headers=headers).text
    assert browser.get("/account", headers=headers).status_code == 403
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    answer = browser.post(
        "/try/viewer", data={"csrf_token": carried}, headers=headers, environ_base=elsewhere
    )
    assert answer.text == "nobody viewer"
    answer = browser.post(
        "/try/editor", data={"csrf_token": carried}, headers=headers, environ_base=elsewhere
    )
    assert answer.status_code == 401
    without_a_name = browser.post(
        "/try/editor", data={"csrf_token": carried}, headers={"X-Remote-Groups": "administrator"}
    )
    assert without_a_name.status_code == 401


def test_the_highest_of_several_groups_counts() -> None:
    assert role_of_groups(groups_in("viewer, operator, editor"), {}) is Role.OPERATOR
    assert groups_in(" a ; b, c |") == {"a", "b, c", "b", "c"}


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"GROUP_ROLES": '{"staff": "master"}'}, "access.group_roles: wanted roles .*, found another word"),
        ({"GROUP_ROLES": '{"staff": 4}'}, "access.group_roles: wanted roles .*, found another word"),
        ({"PROXY_GROUPS_HEADER": "X-Groups"}, "wanted proxy_header beside proxy_groups_header"),
    ],
)
def test_wrong_settings_of_roles_are_said(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"STP_ACCESS__{name}", value)
    with pytest.raises(SettingsError, match=told) as found:
        load_settings()
    assert "master" not in str(found.value)
