"""The headers of every answer: what a browser lets a page do."""

from __future__ import annotations

from db.settings import AccessSettings

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        # Plotly and Dash set style attributes, and plotly adds rules of its own to the page.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
EMBED_VIEW = "embed"
"""The view whose answers other sites may show in a frame: nothing of it runs, is sent or is kept."""
_EMBED_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'self'",
        # The places and sizes of what is drawn.
        "style-src-attr 'unsafe-inline'",
        "img-src 'self' data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors *",
    )
)
_EMBED_HEADERS = {
    **{name: value for name, value in HEADERS.items() if name != "X-Frame-Options"},
    "Content-Security-Policy": _EMBED_POLICY,
}
_A_YEAR = "max-age=31536000; includeSubDomains"


def safe_headers(access: AccessSettings, *, embedded: bool = False) -> dict[str, str]:
    """The headers of every answer, or of a card that other sites may show."""
    headers = _EMBED_HEADERS if embedded else HEADERS
    return headers | ({"Strict-Transport-Security": _A_YEAR} if access.tls else {})
