"""Signing in by OpenID Connect, against a real provider in a process of its own."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import delete

from db.domain.people.role import Role
from db.service.operators import disable_operator, operators, set_role
from db.settings import AccessSettings, SettingsError, SiteSettings, StoreSettings, load_settings
from db.store import Store, audit
from db.store.schema import operator, operator_session
from stp_dash.application import create_app
from tests.support.seed import store_for_a_module
from tests.support.site.operators import seed_operator

PEOPLE = (
    {"sub": "7", "preferred_username": "Ada Lovelace", "groups": ["staff", "stp-editors"]},
    {"sub": "8", "email": "bob@example.org"},
    {"sub": "9", "preferred_username": "local.one", "groups": "stp-operators"},
)
Browsers = Callable[..., FlaskClient]
KEPT_ELSEWHERE = "Your password is kept by the provider that signs you in: change it there."
SECRET = SecretStr("a secret")
ROLES = {"stp-editors": Role.EDITOR, "stp-operators": Role.OPERATOR}


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The address of a provider that knows PEOPLE."""
    port = free_port()
    known = [part for person in PEOPLE for part in ("--user-claims", json.dumps(person))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--no-refresh-token", "true"]
    with subprocess.Popen(
        [*command, *known], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if "Uvicorn running" in line or "Running on" in line or "startup complete" in line:
                break
        yield f"http://127.0.0.1:{port}"
        running.kill()


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from store_for_a_module(tmp_path_factory, "provider", [])


@pytest.fixture
def store(kept: Store) -> Iterator[Store]:
    """The module's store, in which nobody has an account."""
    yield kept
    with kept.writing() as connection:
        for table in (operator_session, operator):
            connection.execute(delete(table))


@pytest.fixture(scope="module")
def site(kept: Store, tmp_path_factory: pytest.TempPathFactory) -> Browsers:
    """Begins a browser at the site, which is one for each provider and path."""
    raw = StoreSettings(raw_folder=tmp_path_factory.mktemp("raw"))

    @cache
    def server(issuer: str, path: str) -> Flask:
        access = AccessSettings(
            oidc_issuer=issuer, oidc_client_id="monitor", oidc_client_secret=SECRET, group_roles=ROLES
        )
        chosen = {"access": access, "site": SiteSettings(path=path), "store": raw}
        made: Flask = create_app(kept, load_settings().model_copy(update=chosen)).server
        return made

    def begun(issuer: str, path: str = "") -> FlaskClient:
        return server(issuer, path).test_client()

    return begun


def sent_back(browser: FlaskClient, sub: str, path: str = "") -> str:
    """The address that the provider sends a browser back to, after somebody has signed in there."""
    begun = browser.get(f"{path}/sign-in/provider?next=/trend")
    assert begun.status_code == 302, begun.text
    answer = httpx.post(begun.location, data={"sub": sub})
    assert answer.status_code == 302, answer.text
    return answer.headers["location"]


def come_back(browser: FlaskClient, address: str) -> Any:
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


@pytest.mark.parametrize("path", ["", "/monitor"])
def test_somebody_signs_in_by_the_provider_and_out(
    store: Store, site: Browsers, provider: str, path: str
) -> None:
    browser = site(provider, path)
    page = browser.get(f"{path}/sign-in").text
    assert "Sign in with 127.0.0.1" in page
    asked = parse_qs(urlsplit(browser.get(f"{path}/sign-in/provider").location).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert asked["redirect_uri"] == [f"http://localhost{path}/sign-in/return"]
    back = come_back(browser, sent_back(browser, "7", path))
    assert back.status_code == 200
    assert f'content="0; url={path}/trend"' in back.text
    assert "As <b>ada-lovelace</b>, editor." in back.text
    assert browser.get_cookie("stp_sign_in", path=f"{path}/sign-in") is None
    given = [item for item in back.headers.getlist("Set-Cookie") if item.startswith("stp_session=")]
    assert len(given) == 1
    assert {"HttpOnly", "SameSite=Strict", f"Path={path or '/'}"} <= {
        part.strip() for part in given[0].split(";")
    }
    page = browser.get(f"{path}/operations").text
    assert "ada-lovelace" in page
    assert KEPT_ELSEWHERE in page and "Change password" not in page
    account = browser.get(f"{path}/account")
    assert (account.status_code, account.text) == (403, f"{KEPT_ELSEWHERE}\n")
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    assert browser.post(f"{path}/operations/run", data={"csrf_token": token}).status_code == 403
    left = browser.post(f"{path}/sign-out", data={"csrf_token": token})
    assert "ada-lovelace" not in browser.get(f"{path}/operations").text
    (onward,) = re.findall(r'content="1; url=([^"]+)"', left.text)
    address = unescape(onward)
    assert address.startswith(f"{provider}/oauth2/end_session?")
    asked = parse_qs(urlsplit(address).query)
    assert asked["post_logout_redirect_uri"] == [f"http://localhost{path}/operations"]
    assert httpx.get(address).status_code == 200


def test_roles_follow_the_groups_and_stay_where_the_provider_says_nothing_of_them(
    store: Store, site: Browsers, provider: str
) -> None:
    browser = site(provider)
    for sub in ("7", "8"):
        come_back(browser, sent_back(browser, sub))
    with store.reading() as connection:
        found = {item.name: item.role for item in operators(connection)}
    assert found == {"ada-lovelace": Role.EDITOR, "bob@example.org": Role.VIEWER}
    for name in found:
        set_role(store, name, Role.OPERATOR, by="tester")
    for sub in ("7", "8"):
        come_back(browser, sent_back(browser, sub))
    with store.reading() as connection:
        found = {item.name: item.role for item in operators(connection)}
        told = [(item.actor, item.action, item.detail) for item in audit.audit_entries(connection)]
    assert found == {"ada-lovelace": Role.EDITOR, "bob@example.org": Role.OPERATOR}
    assert ("ada-lovelace", "role given", "editor by the provider's groups; before: operator") in told
    assert ("bob@example.org", "account made", "viewer, by the provider") in told


def test_nobody_takes_anothers_account_over_or_comes_back_once_disabled(
    store: Store, site: Browsers, provider: str
) -> None:
    seed_operator(store, "local.one")
    browser = site(provider)
    answer = come_back(browser, sent_back(browser, "9"))
    assert answer.status_code == 502
    assert "the name local.one is another account&#39;s here" in answer.text
    come_back(browser, sent_back(browser, "8"))
    disable_operator(store, "bob@example.org", by="tester")
    assert "may no longer sign in" in come_back(browser, sent_back(browser, "8")).text
    assert "bob@example.org" not in browser.get("/operations").text
    empty = browser.post("/sign-in", data={"name": "bob@example.org", "password": ""})
    assert empty.status_code in {400, 401}


def test_an_answer_that_was_not_begun_here_or_was_changed_lets_nobody_in(
    store: Store, site: Browsers, provider: str
) -> None:
    browser, other = site(provider), site(provider)
    address = sent_back(browser, "7")
    assert "not begun in this browser" in come_back(other, address).text
    wrong = re.sub(r"state=[^&]+", "state=another", address)
    assert come_back(browser, wrong).status_code == 502
    address = sent_back(browser, "7")
    assert come_back(browser, address).status_code == 200
    assert come_back(other, address).status_code == 502
    again = sent_back(other, "7")
    assert come_back(other, re.sub(r"code=[^&]+", "code=guessed", again)).status_code == 502
    denied = urlsplit(again)
    assert other.get(f"{denied.path}?error=access_denied&state=x").status_code == 502
    assert other.get("/sign-in/return?code=x&state=y").status_code == 502
    assert "ada-lovelace" not in other.get("/operations").text


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", b"nonsense"])
def test_a_provider_that_is_away_or_answers_nonsense_is_said_plainly(site: Browsers, answer: bytes) -> None:
    if not answer:
        told = site(f"http://127.0.0.1:{free_port()}").get("/sign-in/provider")
        assert "cannot be reached at this moment" in told.text
    else:
        with socket.create_server(("127.0.0.1", 0)) as listening:

            def serve() -> None:
                taken, _ = listening.accept()
                with taken:
                    taken.recv(10_000)
                    taken.sendall(answer)

            thread = threading.Thread(target=serve)
            thread.start()
            issuer = f"http://127.0.0.1:{listening.getsockname()[1]}"
            told = site(issuer).get("/sign-in/provider")
            thread.join()
    assert told.status_code == 502
    assert "Traceback" not in told.text
    assert "Error" not in told.text
    assert "a secret" not in told.text
    assert 'name="password"' in told.text


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"ISSUER": "http://login.example.org"}, "oidc_issuer: wanted an address that begins with https://"),
        ({"ISSUER": "https://login.example.org"}, "oidc_client_secret together, found some alone"),
        ({"CLIENT_SECRET": "h1dden-w0rd"}, "together, found some alone"),
    ],
)
def test_wrong_settings_of_a_provider_are_said_without_the_secret(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], told: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"STP_ACCESS__OIDC_{name}", value)
    with pytest.raises(SettingsError, match=told) as found:
        load_settings()
    assert "h1dden" not in str(found.value)
