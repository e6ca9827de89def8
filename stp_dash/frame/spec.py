"""What the site knows of a page before it is asked for: its address, its name, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from flask import Flask
from sqlalchemy import Connection

from db.domain.holdings import DataVersion
from stp_dash.elements.links import page_name
from stp_dash.frame.request import PageRequest, Site
from stp_dash.frame.shell import Menu, Page
from stp_dash.frame.subject import Takes, takes_nothing

Build = Callable[[PageRequest, Connection, DataVersion], Page]
"""A page is a function of its address and of the store. Raises ParameterError for an address that asks for what
there is not."""


@dataclass(frozen=True)
class PageSpec:
    """One page.

    needs_data: an empty store has none of it. What needs none is of the service, not of its figures: it is read from
    the store itself and never kept.
    plotted: plotly draws charts of it, so that its document asks for the script early.
    sheets: what makes one of its sheets without the rest of the page, by the sheet's name.
    routes: adds what it answers besides its own address.
    parameters: the names in its address, besides those that every page knows; a name that is nearly one of them is
    refused, for it may mean other figures. None: any name is taken, on a page without figures.
    takes: its parameters for what the page before was about.
    for_editors: whoever is signed in sees on it what readers never do, such as forms: for them it is made anew and
    never kept.
    of_indicator: all that it shows is of the indicator in its address and of those that are shown beside that.
    """

    path: str
    title: str
    build: Build
    in_navigation: bool = False
    in_foot: bool = False
    needs_data: bool = True
    plotted: bool = False
    sheets: Mapping[str, Build] = field(default_factory=dict)
    routes: Callable[[Flask, Site], None] | None = None
    parameters: tuple[str, ...] | None = None
    takes: Takes = takes_nothing
    of_indicator: bool = False
    for_editors: bool = False

    @property
    def name(self) -> str:
        """What its downloads are asked for by."""
        return page_name(self.path)


def menu_of(pages: Iterable[PageSpec]) -> Menu:
    """The links to pages that stand on every page, in the order of the pages."""
    listed = tuple(pages)
    return Menu(
        navigation=tuple((item.title, item.path) for item in listed if item.in_navigation),
        foot=tuple((item.title, item.path) for item in listed if item.in_foot),
    )
