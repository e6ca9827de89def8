"""Elements are the dictionaries that Dash's own classes become."""

from __future__ import annotations

from typing import Any, Protocol

import pytest
from dash import dcc as dash_dcc
from dash import html as dash_html

from stp_dash.elements import dcc, html


class DashElement(Protocol):
    """What Dash's own elements have in common, which Dash leaves unannotated."""

    def to_plotly_json(self) -> object: ...


MARKS: dict[str, Any] = {"aria-label": "Words", "data-card": "trend"}


def test_elements_are_what_dash_makes_of_its_own() -> None:
    pairs: list[tuple[object, DashElement]] = [
        (html.Div("Words", className="c1", **MARKS), dash_html.Div("Words", className="c1", **MARKS)),
        (html.Tr(children=["a", "b"]), dash_html.Tr(children=["a", "b"])),
        (html.Td(), dash_html.Td()),
        (html.Br(), dash_html.Br()),
        (dcc.Link("There", href="/trend"), dash_dcc.Link("There", href="/trend")),
        (dcc.Store(id="state", data={"a": 1}), dash_dcc.Store(id="state", data={"a": 1})),
        (dcc.Graph(figure={"data": []}), dash_dcc.Graph(figure={"data": []})),
    ]
    assert [ours for ours, _ in pairs] == [theirs.to_plotly_json() for _, theirs in pairs]


def test_an_unknown_property_or_element_is_refused() -> None:
    with pytest.raises(TypeError, match="Div has no property klass"):
        html.Div("Words", klass="c1")
    with pytest.raises(TypeError, match="Store has no property data-card"):
        dcc.Store(**{"data-card": "trend"})
    with pytest.raises(TypeError):
        dcc.Store("Words")
    with pytest.raises(AttributeError):
        html.Paragraph("Words")
