"""Who may change something: sign-in, sessions, protection of forms, and the headers of every answer.

Viewing is open. Whoever changes something has a role: by name and password, or named by a reverse proxy that the
settings trust. With neither, nothing can be changed.
"""

from __future__ import annotations

from stp_dash.web.access.door import may_be_signed_in, secure, session_key
from stp_dash.web.access.headers import EMBED_VIEW, safe_headers
from stp_dash.web.access.people import (
    HOW_TO_MAKE_ONE,
    KEPT_ELSEWHERE,
    configured,
    csrf_token,
    current_operator,
    current_person,
    current_role,
    operator_required,
    role_required,
)
from stp_dash.web.access.plain import plain_page

__all__ = [
    "EMBED_VIEW",
    "HOW_TO_MAKE_ONE",
    "KEPT_ELSEWHERE",
    "configured",
    "csrf_token",
    "current_operator",
    "current_person",
    "current_role",
    "may_be_signed_in",
    "operator_required",
    "plain_page",
    "role_required",
    "safe_headers",
    "secure",
    "session_key",
]
