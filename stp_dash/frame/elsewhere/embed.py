"""One card of a page for other sites: its chart or table without controls, with its source and a link back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from db.domain.holdings import DataVersion
from stp_dash.elements import Component, Content, html
from stp_dash.elements.components import aria
from stp_dash.elements.links import kept
from stp_dash.frame.download import INVENTED, NoSheetError, sheet_asked_for
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import SITE_TITLE, Page, state_words
from stp_dash.frame.state import KEPT

_LEFT_OUT = frozenset({"ch", "acts", "tabs", "steps", "turn", "switch", "source"})
"""Classes of what leads about the page, or is said by the frame around the card."""
_CONTROLS = frozenset({"Button", "Select", "Input", "Form", "Textarea"})
_PLACED = frozenset({"grid", "card", *(f"c{span}" for span in range(1, 13))})
"""Classes that give a card its place on its page."""
_ONE_UP = {"H3": "H2", "H4": "H3"}
"""The card's own heading is the first of its document."""


def embedded_card(drawn: Sequence[tuple[PageRequest, Page]], version: DataVersion) -> Component:
    """A card as each of some widths has it; the style sheet shows the one that fits. Raises NoSheetError."""
    request, page = drawn[0]
    sheet = sheet_asked_for(page, request)
    parts: list[Component] = []
    for asked, made in drawn:
        found = next(_cards(list(made.body), f"card-{sheet.name}"), None)
        if found is None:
            raise NoSheetError(sheet.name)
        card, within = found
        inside = html.Div(_plain(card["props"]["children"]), className=within)
        parts.append(html.Div(inside, className=f"page {asked.width}"))
    banner = [html.Aside([html.B("Demonstration data"), html.Span(INVENTED)], className="demo")]
    back = kept(page.state, request.parameters, (*KEPT, "table"))
    site = f"{SITE_TITLE}, {request.area.name}"
    return html.Div(
        [
            *(banner if sheet.demonstration else []),
            html.H1(sheet.subject.words or sheet.title),
            html.P(sheet.title, className="title"),
            *parts,
            html.P(
                [
                    state_words(request, version, page.rules),
                    html.Br(),
                    _leading_out({"children": f"Open on {site}", "href": back}),
                ],
                className="tiny sec back",
            ),
        ],
        className="embedded",
    )


def _cards(part: Content, name: str, within: tuple[str, ...] = ()) -> Iterator[tuple[Component, str]]:
    """The card of a name within a page, and the classes of what it stands in, by which the style sheet knows it."""
    if isinstance(part, list | tuple):
        for item in part:
            yield from _cards(item, name, within)
    elif isinstance(part, dict):
        if part["props"].get("id") == name:
            yield part, " ".join(item for item in within if item not in _PLACED)
        else:
            own = str(part["props"].get("className") or "").split()
            yield from _cards(part["props"].get("children"), name, (*within, *own))


def _plain(part: Content) -> Content:
    """What is read, without what is pressed; links open beside the site that shows the card."""
    if isinstance(part, list | tuple):
        return [item for item in map(_plain, part) if item is not None]
    if not isinstance(part, dict) or (part["namespace"] != "dash_html_components" and part["type"] != "Link"):
        return part
    kind, properties = part["type"], part["props"]
    if kind in _CONTROLS or not _LEFT_OUT.isdisjoint(str(properties.get("className") or "").split()):
        return None
    own = {name: value for name, value in properties.items() if name != "id"}
    own["children"] = _plain(properties.get("children"))
    if kind in {"A", "Link"}:
        return _leading_out(own)
    return {**part, "type": _ONE_UP.get(kind, kind), "props": own}


def _leading_out(properties: dict[str, Any]) -> Component:
    """A link that opens beside the page that shows the card, and says so."""
    words = properties.get("children")
    named = aria(label=f"{words} (opens in a new tab)") if isinstance(words, str) else {}
    return html.A(**{**named, **properties, "target": "_blank", "rel": "noopener"})
