"""A site below a path of a shared host: the path is taken off what is asked, and put before what pages lead to.

Everything else knows addresses of the site alone, as `/trend`. A proxy may send the path on or strip it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from stp_dash.elements import Content

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import OptExcInfo
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_ADDRESSES = frozenset({"href", "action", "data-address"})
"""Properties of elements that hold an address; the values of a menu's options do, too."""


class BelowPath:
    """A WSGI application below a path, such as `/monitor`."""

    def __init__(self, inner: WSGIApplication, path: str) -> None:
        self.inner, self.path = inner, path

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = str(environ.get("PATH_INFO", ""))
        if asked == self.path or asked.startswith(f"{self.path}/"):
            environ["PATH_INFO"] = asked[len(self.path) :] or "/"
        environ["SCRIPT_NAME"] = self.path

        def answer(
            status: str, headers: list[tuple[str, str]], error: OptExcInfo | None = None
        ) -> Callable[[bytes], object]:
            led = [
                (name, with_path(value, self.path) if name.lower() == "location" else value)
                for name, value in headers
            ]
            return start_response(status, led, error)

        return self.inner(environ, answer)


def with_path(address: str, path: str) -> str:
    """An address of the site as the reader's browser needs it; another's as it is."""
    return path + address if address.startswith("/") and not address.startswith("//") else address


def below(part: Content, path: str) -> Content:
    """A page's elements with the path before every address in them; without a path as they are."""
    if not path:
        return part
    if isinstance(part, list | tuple):
        return [below(item, path) for item in part]
    if not isinstance(part, dict) or "props" not in part:
        return part
    option = part["type"] == "Option"
    led = {
        name: with_path(value, path)
        if isinstance(value, str) and (name in _ADDRESSES or (option and name == "value"))
        else below(value, path)
        if name == "children"
        else value
        for name, value in part["props"].items()
    }
    return {**part, "props": led}
