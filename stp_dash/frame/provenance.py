"""A number's provenance, unfolded on demand."""

from __future__ import annotations

from stp_dash.analysis.provenance import FileLine, Provenance
from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import disclosure, facts
from stp_dash.elements.links import OPERATIONS, href


def provenance_list(given: Provenance, summary: str = "Source") -> Component:
    """A folded list: organisation, period, counts, basis, status and files."""
    files = [html.Div(file_parts(item)) for item in given.files]
    heading = "File" if len(given.files) == 1 else "Files"
    return disclosure(summary, facts([*given.facts, (heading, files)]), class_name="source")


def file_parts(item: FileLine) -> list[Component]:
    """A file with its publisher's address, its title and the way to its own page."""
    name = html.A(item.name, href=item.url) if item.url else html.Span(item.name)
    invented = " (demonstration data)" if item.demonstration else ""
    own = dcc.Link("what it brought", href=href(OPERATIONS, file=str(item.id)))
    return [name, html.Span(f" {item.title}, published: {item.published}{invented} · "), own]
