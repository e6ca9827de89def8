"""Sign-in, sessions, forms and headers: who may change something, and that nobody else can."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update

from db.service.operators import (
    SignInLimits,
    TooManyAttemptsError,
    add_operator,
    disable_operator,
    sign_in,
    sign_out_everywhere,
)
from db.settings import AccessSettings, Settings, SettingsError, load_settings
from db.store import Store, open_store
from db.store.schema import audit, operator, sign_in_attempt
from stp_dash.application import create_app
from stp_dash.elements.links import API_V1
from stp_dash.web.access import current_operator, operator_required, session_key
from tests.support.site.operators import NAME, PHRASE, seed_operator

WRONG = "not the pass phrase"


@pytest.fixture
def store(sqlite_url: str) -> Iterator[Store]:
    opened = open_store(sqlite_url)
    yield opened
    opened.close()


def client(store: Store, settings: Settings, **access: Any) -> FlaskClient:
    chosen = settings.model_copy(update={"access": AccessSettings(**access)})
    server: Flask = create_app(store, chosen).server

    def change() -> Response:
        return Response(f"changed by {current_operator()}")

    server.add_url_rule("/operations/try", "try", operator_required(change), methods=["POST"])
    return server.test_client()


def token(browser: FlaskClient, path: str = "/sign-in") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(path).get_data(as_text=True))
    assert found is not None
    return found.group(1)


def enter(browser: FlaskClient, name: str = NAME, password: str = PHRASE, **more: str) -> Any:
    form = {"csrf_token": token(browser), "name": name, "password": password, **more}
    return browser.post("/sign-in", data=form)


def actions(store: Store) -> list[tuple[str, str]]:
    with store.reading() as connection:
        return [(row.actor, row.action) for row in connection.execute(select(audit).order_by(audit.c.id))]


def test_an_operator_signs_in_acts_and_signs_out(store: Store, settings: Settings) -> None:
    add_operator(store, NAME, PHRASE, by="tester")
    browser = client(store, settings)
    answer = enter(browser)
    assert (answer.status_code, answer.location) == (303, "/operations")
    change = browser.post("/operations/try", data={"csrf_token": token(browser)})
    assert change.get_data(as_text=True) == f"changed by {NAME}"
    browser.post("/sign-out", data={"csrf_token": token(browser)})
    assert browser.post("/operations/try", data={"csrf_token": token(browser)}).status_code == 401
    assert actions(store) == [("tester", "operator made"), (NAME, "signed in")]


def test_a_password_is_kept_as_an_argon2_hash_alone(store: Store) -> None:
    add_operator(store, NAME, PHRASE, by="tester")
    with store.reading() as connection:
        kept = connection.execute(select(operator.c.password_hash)).scalar_one()
    assert kept.startswith("$argon2id$")
    assert PHRASE not in kept


@pytest.mark.parametrize(("name", "password"), [(NAME, WRONG), ("nobody.known", PHRASE), ("", "")])
def test_wrong_words_do_not_say_which_was_wrong(
    store: Store, settings: Settings, name: str, password: str
) -> None:
    seed_operator(store)
    answer = enter(client(store, settings), name, password)
    assert answer.status_code == 401
    assert "Name and password do not belong together." in answer.get_data(as_text=True)


def failures(store: Store, number: int, *, name: str = NAME, address: str, minutes: float = 0) -> None:
    moment = datetime.now(UTC) - timedelta(minutes=minutes)
    row = {"at": moment, "name": name, "address": address, "succeeded": False}
    with store.writing() as connection:
        connection.execute(insert(sign_in_attempt), [row] * number)


def test_attempts_are_limited_by_name_and_address_until_the_time_has_passed(
    store: Store, settings: Settings
) -> None:
    seed_operator(store)
    failures(store, 5, address="127.0.0.1", minutes=4)
    browser = client(store, settings)
    answer = enter(browser)
    assert answer.status_code == 429
    assert "Try again in 11 minutes" in answer.get_data(as_text=True)
    with store.writing() as connection:
        connection.execute(update(sign_in_attempt).values(at=datetime.now(UTC) - timedelta(minutes=16)))
    assert enter(browser).status_code == 303


def test_nobody_is_kept_out_by_attempts_from_elsewhere(store: Store, settings: Settings) -> None:
    seed_operator(store)
    for number in range(50):
        failures(store, 4, address=f"192.0.2.{number}")
    assert enter(client(store, settings)).status_code == 303


def test_nobody_behind_the_same_router_keeps_an_operator_out_of_a_browser_they_know(
    store: Store, settings: Settings
) -> None:
    seed_operator(store)
    browser = client(store, settings)
    assert enter(browser).status_code == 303
    failures(store, 30, address="127.0.0.1")
    assert enter(client(store, settings)).status_code == 429
    assert enter(browser).status_code == 303
    assert enter(browser, "somebody.else").status_code == 429
    for _ in range(5):
        assert enter(browser, NAME, WRONG).status_code == 401
    assert enter(browser).status_code == 429
    forged = client(store, settings)
    forged.set_cookie("stp_device", '["operator.one", "mine"]')
    assert enter(forged).status_code == 429


def test_the_wait_ends_when_enough_failures_are_old(store: Store) -> None:
    seed_operator(store)
    failures(store, 1, address="192.0.2.1", minutes=14.5)
    failures(store, 4, address="192.0.2.1", minutes=2)
    with pytest.raises(TooManyAttemptsError) as refused:
        sign_in(store, NAME, PHRASE, "192.0.2.1")
    assert refused.value.minutes == 1


def test_an_address_of_ipv6_is_counted_with_its_network(store: Store) -> None:
    seed_operator(store)
    limits = SignInLimits(by_name_and_address=2)
    assert not sign_in(store, NAME, WRONG, "2001:db8::1", limits=limits)
    assert not sign_in(store, NAME, WRONG, "2001:db8::2", limits=limits)
    with pytest.raises(TooManyAttemptsError):
        sign_in(store, NAME, PHRASE, "2001:db8::3", limits=limits)
    assert sign_in(store, NAME, PHRASE, "2001:db8:0:1::3", limits=limits)


def test_attempts_are_limited_by_address_whatever_the_name(store: Store) -> None:
    seed_operator(store)
    limits = SignInLimits(by_name_and_address=9, by_address=2)
    assert [sign_in(store, name, WRONG, "192.0.2.1", limits=limits) for name in ("guess", NAME)] == [
        False,
        False,
    ]
    with pytest.raises(TooManyAttemptsError):
        sign_in(store, NAME, PHRASE, "192.0.2.1", limits=limits)
    assert sign_in(store, NAME, PHRASE, "192.0.2.2", limits=limits)


def copied(browser: FlaskClient, into: FlaskClient) -> None:
    """Give another browser this one's cookie."""
    cookie = browser.get_cookie("stp_session")
    assert cookie is not None
    into.set_cookie("stp_session", cookie.value)


def may_act(browser: FlaskClient) -> bool:
    carried = token(browser, "/account") if browser.get("/account").status_code == 200 else token(browser)
    return bool(browser.post("/operations/try", data={"csrf_token": carried}).status_code == 200)


def test_a_copied_cookie_is_dead_after_the_sign_out(store: Store, settings: Settings) -> None:
    seed_operator(store)
    # Two applications: what a session is stands in the store, not in a worker.
    browser, thief = client(store, settings), client(store, settings)
    enter(browser)
    copied(browser, thief)
    assert may_act(thief)
    browser.post("/sign-out", data={"csrf_token": token(browser, "/account")})
    assert not may_act(thief)


def test_signing_in_gives_a_new_session_that_nobody_can_have_prepared(
    store: Store, settings: Settings
) -> None:
    seed_operator(store)
    victim, attacker = client(store, settings), client(store, settings)
    attacker.get("/sign-in")
    copied(attacker, victim)
    enter(victim)
    assert may_act(victim)
    assert not may_act(attacker)
    first = victim.get_cookie("stp_session")
    enter(victim)
    again = victim.get_cookie("stp_session")
    assert first is not None
    assert again is not None
    assert first.value != again.value


@pytest.mark.parametrize("how", ["everywhere", "command", "disabled", "password"])
def test_sessions_end_everywhere(store: Store, settings: Settings, how: str) -> None:
    seed_operator(store)
    browsers = [client(store, settings) for _ in range(3)]
    for browser in browsers:
        enter(browser)
        assert may_act(browser)
    if how == "everywhere":
        form = {"csrf_token": token(browsers[0], "/account"), "everywhere": "1"}
        browsers[0].post("/sign-out", data=form)
    elif how == "command":
        assert sign_out_everywhere(store, NAME, by="tester") == 3
    elif how == "disabled":
        disable_operator(store, NAME, by="tester")
        add_operator(store, NAME, PHRASE, by="tester")
    else:
        add_operator(store, NAME, f"{PHRASE} of today", by="tester")
    assert [may_act(browser) for browser in browsers] == [False, False, False]


def test_an_operator_changes_their_own_password_with_the_old_one(store: Store, settings: Settings) -> None:
    seed_operator(store)
    browser, other = client(store, settings), client(store, settings)
    enter(browser)
    enter(other)
    new = f"{PHRASE} of today"

    def change(old: str, wanted: str, again: str) -> Any:
        form = {"csrf_token": token(browser, "/account"), "old": old, "new": wanted, "again": again}
        return browser.post("/account", data=form)

    for old, wanted, again, told in (
        (WRONG, new, new, "Old password: wanted the one that you sign in with"),
        (PHRASE, "short", "short", "wanted 12 to 1,000 characters, found 5"),
        (PHRASE, new, PHRASE, "the same twice"),
        (PHRASE, PHRASE, PHRASE, "wanted another than the old one"),
    ):
        answer = change(old, wanted, again)
        assert answer.status_code == 400
        assert told in answer.get_data(as_text=True)
    assert may_act(other)
    assert change(PHRASE, new, new).status_code == 303
    assert may_act(browser)
    assert not may_act(other)
    assert enter(client(store, settings)).status_code == 401
    assert enter(client(store, settings), password=new).status_code == 303
    assert (NAME, "password changed") in actions(store)


def test_readers_cannot_change_a_password(store: Store, settings: Settings) -> None:
    seed_operator(store)
    browser = client(store, settings)
    assert browser.get("/account").location == "/sign-in?next=%2Faccount"


def test_a_disabled_operator_is_out_at_the_next_click(store: Store, settings: Settings) -> None:
    seed_operator(store)
    browser = client(store, settings)
    enter(browser)
    disable_operator(store, NAME, by="tester")
    assert browser.post("/operations/try", data={"csrf_token": token(browser)}).status_code != 200


@pytest.mark.parametrize("carried", [None, "made-up"])
def test_a_form_without_its_token_changes_nothing(
    store: Store, settings: Settings, carried: str | None
) -> None:
    seed_operator(store)
    browser = client(store, settings)
    enter(browser)
    answer = browser.post("/operations/try", data={"csrf_token": carried} if carried else {})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.get_data(as_text=True)


def test_cookies_are_for_this_site_and_this_server_alone(store: Store, settings: Settings) -> None:
    seed_operator(store)
    plain = enter(client(store, settings)).headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Strict" in plain
    assert "Secure" not in plain
    hidden = client(store, settings, tls=True)
    found = hidden.get("/sign-in", base_url="https://localhost")
    assert "Secure" in found.headers["Set-Cookie"]
    assert found.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    "onward", ["https://example.org/", "//example.org/", "/\\example.org", "javascript:alert(1)", "/a\nb"]
)
def test_signing_in_never_leads_off_the_site(store: Store, settings: Settings, onward: str) -> None:
    seed_operator(store)
    assert enter(client(store, settings), next=onward).location == "/operations"


def test_without_an_operator_actions_are_off_and_the_way_is_said(store: Store, settings: Settings) -> None:
    browser = client(store, settings)
    assert "python -m etl operator add NAME" in browser.get("/sign-in").get_data(as_text=True)
    answer = browser.post("/operations/try", data={"csrf_token": token(browser)})
    assert answer.status_code == 403
    assert "python -m etl operator add NAME" in answer.get_data(as_text=True)


def test_nobody_without_sign_in_can_post_anything(store: Store, settings: Settings) -> None:
    """Every address that takes more than a GET refuses, but for sign-in and Dash's own reading."""
    seed_operator(store)
    browser = client(store, settings)
    carried = token(browser)
    for rule in browser.application.url_map.iter_rules():
        for method in set(rule.methods or ()) - {"GET", "HEAD", "OPTIONS"}:
            if rule.rule in {"/_dash-update-component", "/sign-in", "/sign-out"}:
                continue
            address = re.sub(r"<[^>]+>", "1", rule.rule)
            # The API is read alone: what it answers is that there is no such thing, for there is nothing to change.
            refused = {404, 405} if address.startswith(API_V1) else {303, 400, 401, 403}
            for data in ({}, {"csrf_token": carried}):
                answer = browser.open(address, method=method, data=data)
                assert answer.status_code in refused, f"{method} {address}"
                if answer.status_code == 303:
                    assert answer.location.startswith("/sign-in")
    assert actions(store) == [("tester", "operator made")]


def test_a_proxys_header_is_believed_from_the_proxy_alone(store: Store, settings: Settings) -> None:
    header = {"X-Remote-User": "proxied.person"}
    ignoring = client(store, settings)
    assert ignoring.post("/operations/try", headers=header).status_code == 400
    believing = client(store, settings, proxy_header="X-Remote-User", trusted_proxies=("127.0.0.1/32",))
    carried = token(believing)
    found = believing.post("/operations/try", headers=header, data={"csrf_token": carried})
    assert found.get_data(as_text=True) == "changed by proxied.person"
    from_elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    refused = believing.post(
        "/operations/try", headers=header, data={"csrf_token": carried}, environ_base=from_elsewhere
    )
    assert refused.status_code == 401


def test_a_header_without_a_proxy_is_a_wrong_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STP_ACCESS__PROXY_HEADER", "X-Remote-User")
    with pytest.raises(SettingsError, match="trusted_proxies"):
        load_settings()


def test_every_answer_has_a_strict_policy(store: Store, settings: Settings) -> None:
    browser = client(store, settings)
    for path in ("/", "/sign-in", "/download/overview.csv", "/_dash-layout", "/nowhere"):
        headers = browser.get(path).headers
        policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == policy["object-src"] == "'none'"
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_session_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    key = session_key(tmp_path / "data")
    assert len(key) >= 48
    assert session_key(tmp_path / "data") == key
    path = tmp_path / "data" / "session.key"
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IRUSR | stat.S_IWUSR
