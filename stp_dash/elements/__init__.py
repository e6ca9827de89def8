"""What pages are made of: Dash's elements as the plain dictionaries that are sent.

A page has hundreds of elements. An object of Dash's own class takes some twenty times as long to make and to write
as the dictionary that it becomes; the names of its properties are still checked here.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import signature
from types import ModuleType
from typing import Any

from dash import dcc as dash_dcc
from dash import html as dash_html

Content = Any
"""What may stand in an element, or be one of its properties."""
Component = dict[str, Content]
"""An element: its `type` and `namespace`, and `props`, whose `children` are text, an element or a list of both."""
Maker = Callable[..., Component]


class Elements:
    """The elements of one of Dash's modules, by name: `html.P("Text", className="small")` makes one."""

    def __init__(self, module: ModuleType, free: tuple[str, ...] = ()) -> None:
        """`free` is how the names of further properties may begin."""
        self._module, self._free = module, free

    def __getattr__(self, name: str) -> Maker:
        made = _maker(getattr(self._module, name), self._free)
        setattr(self, name, made)
        return made


def _maker(kind: Content, free: tuple[str, ...]) -> Maker:
    """Makes elements of one of Dash's classes. Raises TypeError for a property that the class does not have."""
    name, namespace = kind._type, kind._namespace
    known = frozenset(signature(kind).parameters)

    def check(properties: dict[str, Content]) -> None:
        wrong = [item for item in properties if item not in known and not item.startswith(free)]
        if wrong:
            raise TypeError(f"{name} has no property {', '.join(wrong)}")

    def with_children(children: Content = None, **properties: Content) -> Component:
        if not known.issuperset(properties):
            check(properties)
        properties["children"] = children
        return {"props": properties, "type": name, "namespace": namespace}

    def alone(**properties: Content) -> Component:
        check(properties)
        return {"props": properties, "type": name, "namespace": namespace}

    return with_children if "children" in known else alone


html, dcc = Elements(dash_html, ("data-", "aria-")), Elements(dash_dcc)
