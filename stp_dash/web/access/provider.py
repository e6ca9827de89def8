"""Signing in by OpenID Connect, at a provider that the settings name: authorization code with state, nonce and PKCE.

What was begun is remembered in a signed cookie of ten minutes and not in the session, whose cookie browsers do not send
when another site leads back here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from flask import Response, current_app, g, make_response, request, session
from itsdangerous import BadSignature, URLSafeTimedSerializer
from joserfc.errors import JoseError
from requests import RequestException
from sqlalchemy.exc import DBAPIError

from db.domain.people.role import Role, role_of_groups
from db.service.operators import OperatorError, enter_by_provider
from db.settings import AccessSettings, Settings, is_private_address
from stp_dash.elements.links import OPERATIONS, SIGN_IN
from stp_dash.web.access.forms import AWAY, begin_session, same_site, sign_in_form, sign_out_view
from stp_dash.web.access.people import installed_access
from stp_dash.web.access.plain import plain_page

RETURN = f"{SIGN_IN}/return"
_CLIENT = "stp_provider"
_COOKIE, _SECONDS = "stp_sign_in", 600
_BY_PROVIDER = "by_provider"
"""In a session that the provider began."""
_TIMEOUT = 10
_LOG = logging.getLogger(__name__)
_NONSENSE = (
    AuthlibBaseError,
    JoseError,
    RequestException,
    ValueError,
    KeyError,
    TypeError,
    RuntimeError,
    AttributeError,
)
"""What is raised where a provider is away, answers nonsense, or refuses."""
_GONE_ON = """<h1>You are signed in</h1>
<p>As <b>{{ name }}</b>, {{ role }}.</p>
<meta http-equiv="refresh" content="0; url={{ root }}{{ onward }}">
<p><a class="btn primary" href="{{ root }}{{ onward }}">Go on</a></p>
"""
_LEFT = """<h1>You are signed out here</h1>
<p>{{ host }} may still know you. This page goes on to it by itself, so that you can sign out there too.</p>
<meta http-equiv="refresh" content="1; url={{ address }}">
<p><a class="btn primary" href="{{ address }}">Sign out at {{ host }} too</a></p>
"""


class ProviderError(RuntimeError):
    """Nobody can be signed in by the provider: why, in plain words."""


class _InCookie:
    """What authlib asks of a framework: keeps what was begun for the answer to set as a cookie, and finds it in the
    cookie that comes back."""

    def __init__(self, name: str, cache: object = None) -> None:
        self.name, self.cache = name, cache

    @staticmethod
    def load_config(oauth: OAuth, name: str, params: object) -> dict[str, str]:
        return {}

    def set_state_data(self, session: object, state: str, data: Mapping[str, Any]) -> None:
        g.sign_in_begun = {"state": state, "data": dict(data)}

    def get_state_data(self, session: object, state: str) -> object:
        begun = _begun()
        return begun.get("data") if state and begun.get("state") == state else None

    def clear_state_data(self, session: object, state: str) -> None:
        g.sign_in_begun = None


def client_of_provider(access: AccessSettings) -> OAuth:
    """The client of the provider that the settings name, which asks it for where things are when it is first used."""
    secret = access.oidc_client_secret
    found = OAuth(current_app)
    found.framework_integration_cls = _InCookie
    found.register(
        _CLIENT,
        client_id=access.oidc_client_id,
        client_secret=secret.get_secret_value() if secret else None,
        server_metadata_url=f"{access.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": "openid profile email",
            "code_challenge_method": "S256",
            "default_timeout": _TIMEOUT,
        },
    )
    return found


def begin_view() -> Response:
    """Send the browser to the provider."""
    _, settings = installed_access()
    onward = same_site(request.args.get("next", ""))
    try:
        client = _client(settings)
        _check_places(client, settings.access)
        answer: Response = make_response(client.authorize_redirect(_return_address(settings)))
    except _NONSENSE as error:
        return _refused(onward, _told(error, settings.access))
    begun = _signer().dumps({**g.sign_in_begun, "onward": onward})
    answer.set_cookie(
        _COOKIE,
        begun,
        max_age=_SECONDS,
        path=(settings.site.path or "") + SIGN_IN,
        httponly=True,
        samesite="Lax",
        secure=settings.access.tls,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def return_view() -> Response:
    """Let somebody in whom the provider has sent back, in the role that their groups give."""
    store, settings = installed_access()
    onward = same_site(str(_begun().get("onward", "")))
    try:
        claims = _claims(settings)
        name, role = enter_by_provider(
            store,
            f"{settings.access.oidc_issuer.rstrip('/')} {claims['sub']}",
            _wanted_name(claims),
            _role(claims, settings.access),
            request.remote_addr or "",
        )
        begin_session(store, settings, name)
        session[_BY_PROVIDER] = True
    except (OperatorError, *_NONSENSE) as error:
        return _refused(onward, _told(error, settings.access))
    except DBAPIError:
        _LOG.exception("the store cannot be written for a sign-in")
        return sign_in_form(onward, AWAY, 503)
    answer = plain_page(_GONE_ON, "You are signed in", "", 200, onward=onward, name=name, role=role.word)
    answer.delete_cookie(_COOKIE, path=(settings.site.path or "") + SIGN_IN)
    return answer


def leave_view() -> Response:
    """End the session here and, where the provider began it and has a place for that, lead there to end its own too
    (OpenID Connect RP-Initiated Logout 1.0). Without its answer the session here ends all the same."""
    _, settings = installed_access()
    by_provider = bool(session.get(_BY_PROVIDER))
    answer = sign_out_view()
    if not by_provider or answer.status_code != 303:
        return answer
    address = _end_session_address(settings)
    if not address:
        return answer
    # Not a redirect: forms of this site may lead to this site alone (Content-Security-Policy: form-action).
    host = urlsplit(address).hostname
    return plain_page(_LEFT, "You are signed out here", "", 200, address=address, host=host)


def _end_session_address(settings: Settings) -> str:
    """Where the provider ends its own session and sends the browser back from; "" where it has no such place."""
    try:
        told = _client(settings).load_server_metadata().get("end_session_endpoint")
    except _NONSENSE as error:
        _LOG.warning("the provider's place for signing out is not known: %s", type(error).__name__)
        return ""
    if not isinstance(told, str) or not is_private_address(told):
        return ""
    query = {
        "client_id": settings.access.oidc_client_id,
        "post_logout_redirect_uri": _own_address(settings) + OPERATIONS,
    }
    return f"{told}{'&' if '?' in told else '?'}{urlencode(query)}"


def _client(settings: Settings) -> FlaskOAuth2App:
    if not settings.access.oidc_issuer:
        raise ProviderError("no provider is set")
    found = current_app.extensions.get(_CLIENT)
    if found is None:
        found = current_app.extensions[_CLIENT] = client_of_provider(settings.access)
    return found.create_client(_CLIENT)


def _check_places(client: FlaskOAuth2App, access: AccessSettings) -> None:
    """Raise ProviderError where the provider names another as the issuer, or leads to where anybody can listen."""
    told = client.load_server_metadata()
    if str(told["issuer"]).rstrip("/") != access.oidc_issuer.rstrip("/"):
        raise ProviderError("it calls itself by another name than the settings do")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not is_private_address(str(told[name])):
            raise ProviderError(f"its {name} is no https address")


def _claims(settings: Settings) -> Mapping[str, Any]:
    if not _begun():
        raise ProviderError("it was not begun in this browser, or more than ten minutes ago")
    client = _client(settings)
    _check_places(client, settings.access)
    options = {"iss": {"essential": True, "values": [client.load_server_metadata()["issuer"]]}}
    found = client.authorize_access_token(claims_options=options).get("userinfo")
    if not found or not isinstance(found.get("sub"), str) or not found["sub"]:
        raise ProviderError("it did not say who you are")
    claims: Mapping[str, Any] = found
    return claims


def _role(claims: Mapping[str, Any], access: AccessSettings) -> Role | None:
    """The role that the groups in the claims give; None where the provider says nothing of groups."""
    groups = claims.get(access.oidc_groups_claim)
    if groups is None:
        return None
    listed = [groups] if isinstance(groups, str) else groups if isinstance(groups, list) else []
    return role_of_groups([group for group in listed if isinstance(group, str)], access.group_roles)


def _wanted_name(claims: Mapping[str, Any]) -> str:
    return next(str(claims[key]) for key in ("preferred_username", "email", "sub") if claims.get(key))


def _return_address(settings: Settings) -> str:
    """Where the provider sends the browser back to: the site's own address as the settings know it, or as asked."""
    return _own_address(settings) + RETURN


def _own_address(settings: Settings) -> str:
    return settings.notify.site.rstrip("/") or request.host_url.rstrip("/") + settings.site.path


def _begun() -> dict[str, Any]:
    try:
        found = _signer().loads(request.cookies.get(_COOKIE, ""), max_age=_SECONDS)
    except (BadSignature, ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _signer() -> URLSafeTimedSerializer:
    key = current_app.secret_key
    if not key:
        raise BadSignature("there is no key yet")
    return URLSafeTimedSerializer(key, salt=_COOKIE)


def _refused(onward: str, said: str) -> Response:
    answer = sign_in_form(onward, said, 502)
    _, settings = installed_access()
    answer.delete_cookie(_COOKIE, path=(settings.site.path or "") + SIGN_IN)
    return answer


def _told(error: Exception, access: AccessSettings) -> str:
    host = urlsplit(access.oidc_issuer).hostname or "the provider"
    # Its kind alone: what a provider answers may hold what is nobody's business.
    _LOG.warning("a sign-in by %s failed: %s", host, type(error).__name__)
    if isinstance(error, OperatorError):
        return f"You are not signed in: {error}."
    if isinstance(error, RequestException) and not isinstance(error, ValueError):
        return f"{host} cannot be reached at this moment. Try again later, or sign in with a name and a password."
    why = str(error) if isinstance(error, ProviderError) else "it refused, or answered what cannot be read"
    return f"You are not signed in by {host}: {why}. Begin again."
