"""Forms that change something, and what stands in them: each works without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import aria


def form(
    address: str,
    token: str,
    parts: Sequence[Component],
    *,
    hidden: Mapping[str, str],
    class_name: str = "",
) -> Component:
    """A form that changes something: a POST with the token that it needs."""
    carried = [
        dcc.Input(type="hidden", name=name, value=value)
        for name, value in {"csrf_token": token, **hidden}.items()
    ]
    classes = f"act {class_name}".strip()
    return html.Form([*carried, *parts], action=address, method="post", className=classes)


def button(
    words: str, *, primary: bool = False, label: str = "", name: str | None = None, value: str | None = None
) -> Component:
    """A button that sends its form; `label` says more than its words to who cannot see where it stands."""
    named = aria(label=label) if label else {}
    kind = "btn primary" if primary else "btn"
    return html.Button(words, type="submit", className=kind, name=name, value=value, **named)


def field(label: str, control: Component, name: str, *, hint: str = "") -> Component:
    """A labelled control; its id is its name in the form of `name`."""
    parts = [html.Label(label, htmlFor=name, className="l"), control]
    if hint:
        parts.append(html.Span(hint, className="tiny sec"))
    return html.Div(parts, className="f")


def choice(name: str, ident: str, values: Sequence[tuple[str, str]], chosen: str) -> Component:
    """A list to choose one value from."""
    options = [html.Option(words, value=value, selected=value == chosen) for value, words in values]
    return html.Select(options, name=name, id=ident, className="choice")


def entry(name: str, ident: str, value: str, *, longest: int = 100) -> Component:
    """A line to type in."""
    return dcc.Input(name=name, id=ident, value=value, type="text", maxLength=longest, autoComplete="off")
