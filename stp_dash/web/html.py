"""A page's elements as HTML, as the browser's scripts would make of them; its figures as static charts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from stp_dash.charts.static.picture import static_chart
from stp_dash.elements import Component, Content

_ATTRIBUTES = {"className": "class", "htmlFor": "for"}
_CAPITAL = re.compile("[A-Z]")
_VOID = frozenset({"br", "hr", "img", "input"})
_FIELD = '<div class="dash-input-container"><input class="dash-input-element"{attributes}></div>'
"""What Dash makes of a field, for the style sheet's sake."""


def html_of(page: Component) -> str:
    """The HTML of a page. Raises KeyError for an element of Dash that pages are not known to have."""
    writer = _Writer()
    writer.write(page)
    return "".join(writer.parts)


def parts_of_dash(page: Content) -> list[Component]:
    """The figures, fields and stores of a page in their order: what its HTML does not hold whole. Links it does."""
    if isinstance(page, list | tuple):
        return [found for item in page for found in parts_of_dash(item)]
    if not isinstance(page, dict):
        return []
    if page["namespace"] == "dash_html_components" or page["type"] == "Link":
        return parts_of_dash(page["props"].get("children"))
    return [page]


class _Writer:
    def __init__(self) -> None:
        self.parts: list[str] = []
        self._figures = 0

    def write(self, part: Content) -> None:
        if isinstance(part, dict):
            if part["namespace"] == "dash_html_components":
                self._element(part["type"].lower(), part["props"])
            else:
                self._of_dash(part["type"], part["props"])
        elif isinstance(part, list | tuple):
            for item in part:
                self.write(item)
        elif part is not None and not isinstance(part, bool):
            self.parts.append(escape(str(part), quote=False))

    def _element(self, tag: str, properties: Mapping[str, Any]) -> None:
        self.parts.append(f"<{tag}{_attributes(properties)}>")
        if tag not in _VOID:
            self.write(properties.get("children"))
            self.parts.append(f"</{tag}>")

    def _of_dash(self, kind: str, properties: Mapping[str, Any]) -> None:
        if kind == "Link":
            self._element("a", properties)
        elif kind == "Graph":
            self._figures += 1
            self.parts.append(static_chart(properties["figure"], f"still-{self._figures}"))
        elif kind == "Input":
            self.parts.append(_FIELD.format(attributes=_attributes(properties)))
        elif kind != "Store":
            raise KeyError(f"{kind} of Dash is not known to stand in a page")


def _attributes(properties: Mapping[str, Any]) -> str:
    return "".join(
        _attribute(_ATTRIBUTES.get(name) or name.lower(), value)
        for name, value in properties.items()
        if name != "children" and value is not None and value is not False
    )


def _attribute(name: str, value: Content) -> str:
    if value is True:
        return f" {name}"
    written = _style(value) if name == "style" else str(value)
    return f' {name}="{escape(written)}"'


def _style(properties: Mapping[str, str]) -> str:
    """A style as an attribute: its names are written for scripts in pages."""
    return ";".join(f"{_CAPITAL.sub(_hyphened, key)}:{part}" for key, part in properties.items())


def _hyphened(capital: re.Match[str]) -> str:
    return f"-{capital[0].lower()}"
