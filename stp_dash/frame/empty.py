"""Pages that have no numbers to show, and say why: an empty store, a wrong address, an unknown page."""

from __future__ import annotations

from stp_dash.elements import Component, dcc, html
from stp_dash.elements.components import notice
from stp_dash.elements.links import OVERVIEW
from stp_dash.frame.request import PageRequest, ParameterError
from stp_dash.frame.shell import Menu, Page

NO_NUMBER = "No number is shown."
_COMMANDS = (
    ("The demonstration edition, with invented numbers", "python -m etl demo"),
    ("The publishers' newest files", "python -m etl refresh"),
    ("Files that you hold", "python -m etl load FILE..."),
)


def no_data(request: PageRequest) -> Page:
    """An empty store: how to fill it."""
    title = "No data is loaded yet"
    lede = f"The store is empty, so there is no figure to show for {request.area.name}."
    return Page(title, [html.Div(how_to_load(), className="grid")], lede)


def how_to_load() -> Component:
    """The commands by which a store is filled."""
    commands = [html.Li([f"{what}: ", html.Code(command)]) for what, command in _COMMANDS]
    return notice("How to load data", html.P("Run one of these where the site runs:"), html.Ul(commands))


def wrong_parameter(request: PageRequest, error: ParameterError) -> Page:
    """An address with a parameter that this page cannot read: no number is shown in its place."""
    links = [*error.nearest, ("This page without any choice", request.path)]
    items = [html.Li(dcc.Link(text, href=address)) for text, address in links]
    body = notice("Nearest pages", html.Ul(items))
    title = "This address asks for something that there is not"
    return Page(title, [html.Div(body, className="grid")], error.told, status=error.status)


def unknown_page(menu: Menu) -> Page:
    """A path that leads nowhere."""
    items = [html.Li(dcc.Link(text, href=path)) for text, path in menu.navigation]
    body = notice("Pages of this site", html.Ul(items))
    return Page("There is no page at this address", [html.Div(body, className="grid")], "", status=404)


def failed() -> Page:
    """The store could not be read."""
    body = notice(
        "What can be done",
        html.P(
            "The figures cannot be read at this moment. Whoever runs this site finds the reason in its log."
        ),
        html.P(dcc.Link("Try the overview", href=OVERVIEW)),
    )
    return Page("The store cannot be read", [html.Div(body, className="grid")], NO_NUMBER, status=503)


def broken() -> Page:
    """A fault of the site itself."""
    body = notice(
        "What can be done",
        html.P("The fault is the site's, not yours. Whoever runs it finds the reason in its log."),
        html.P(dcc.Link("Try the overview", href=OVERVIEW)),
    )
    return Page("This page could not be made", [html.Div(body, className="grid")], NO_NUMBER, status=500)
