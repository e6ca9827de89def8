"""Documents of the project as pages: methods, glossary, columns of downloads, accessibility statement."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode
from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from stp_dash.analysis.download_columns import column_definitions
from stp_dash.elements import Component, html
from stp_dash.elements.components import aria, card, table
from stp_dash.elements.links import (
    ACCESSIBILITY,
    DATA,
    DOWNLOADS,
    GLOSSARY,
    METHODS,
    QUESTIONS,
    USING_THE_DATA,
)
from stp_dash.frame.request import PageRequest
from stp_dash.frame.shell import Page
from stp_dash.frame.spec import PageSpec
from stp_dash.frame.subject import takes_as_it_is

DOCUMENTS = Path(__file__).resolve().parents[3] / "docs"
FILES = {
    QUESTIONS: "questions.md",
    METHODS: "methods.md",
    GLOSSARY: "glossary.md",
    ACCESSIBILITY: "accessibility-statement.md",
    DOWNLOADS: "downloads.md",
    USING_THE_DATA: "using-the-data.md",
}

Maker = Callable[[Any], Component]
_PLAIN: dict[str, Maker] = {
    "paragraph": html.P,
    "bullet_list": html.Ul,
    "ordered_list": html.Ol,
    "list_item": html.Li,
    "strong": html.Strong,
    "em": html.Em,
    "thead": html.Thead,
    "tbody": html.Tbody,
    "tr": html.Tr,
    "td": html.Td,
    "blockquote": html.Blockquote,
}


def build(request: PageRequest, connection: Connection, version: DataVersion) -> Page:
    """The document of the request's path: its first heading is the title, its first paragraph the lede."""
    title, lede, parts = _document(FILES[request.path])
    columns = [_columns()] if request.path == DOWNLOADS else []
    body = html.Div([*parts, *columns], className="prose")
    return Page(
        title,
        [html.Div(card(body), className="grid")],
        lede,
        crumbs=(("Data and methods", DATA), (title, "")),
        state=request.path,
    )


def _columns() -> Component:
    """The dictionary of columns as a table."""
    rows: list[list[Component | str]] = [
        [html.Code(key), item.meaning, item.unit, item.type_words]
        for key, item in column_definitions().items()
    ]
    return table(
        "Columns of downloads", ["Column", "Meaning", "Unit", "Type"], rows, class_name="sheet columns"
    )


@cache
def _document(name: str) -> tuple[str, str, tuple[Component | str, ...]]:
    """A document's title, first paragraph and the rest. Documents do not change while the site runs."""
    tree = SyntaxTreeNode(
        MarkdownIt("commonmark").enable("table").parse((DOCUMENTS / name).read_text("utf-8"))
    )
    title, lede, *rest = tree.children
    return _words(title), _words(lede), tuple(_component(node) for node in rest)


def _words(node: SyntaxTreeNode) -> str:
    if node.type in {"text", "code_inline"}:
        return node.content
    if node.type == "softbreak":
        return " "
    return "".join(_words(child) for child in node.children)


def _component(node: SyntaxTreeNode) -> Component | str:
    if node.type == "text":
        return node.content
    if node.type == "softbreak":
        return " "
    if node.type == "code_inline":
        return html.Code(node.content)
    if node.type == "fence":
        return html.Pre(html.Code(node.content), tabIndex=0)
    inside = _inside(node)
    if node.type in _PLAIN:
        return _PLAIN[node.type](inside)
    return _other(node, inside)


def _inside(node: SyntaxTreeNode) -> list[Component | str]:
    """A node's children; what markdown calls inline is no element of its own."""
    found: list[Component | str] = []
    for child in node.children:
        found += _inside(child) if child.type == "inline" else [_component(child)]
    return found


def _other(node: SyntaxTreeNode, inside: Sequence[Component | str]) -> Component:
    if node.type == "heading":
        return html.H2(inside) if node.tag == "h2" else html.H3(inside)
    if node.type == "link":
        return html.A(inside, href=str(node.attrs["href"]))
    if node.type == "th" and not _words(node):
        return html.Td()
    if node.type == "th":
        return html.Th(inside, scope="col")
    if node.type == "table":
        whole = html.Table(inside, className="prose-table")
        return html.Div(whole, className="wide", tabIndex=0, role="region", **aria(label=_words(node)[:60]))
    return html.Div(inside)


PAGES = (
    PageSpec(QUESTIONS, "Questions and answers", build, in_foot=True, parameters=(), takes=takes_as_it_is),
    PageSpec(GLOSSARY, "Glossary", build, in_foot=True, parameters=(), takes=takes_as_it_is),
    PageSpec(METHODS, "Methods", build, in_foot=True, parameters=(), takes=takes_as_it_is),
    PageSpec(DOWNLOADS, "Columns of downloads", build, in_foot=True, parameters=(), takes=takes_as_it_is),
    PageSpec(USING_THE_DATA, "Using the data", build, in_foot=True, parameters=(), takes=takes_as_it_is),
    PageSpec(
        ACCESSIBILITY, "Accessibility statement", build, in_foot=True, parameters=(), takes=takes_as_it_is
    ),
)
