"""Links from one page to another lead to figures as of the same time, and by the same rules."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial

from stp_dash.elements import Content
from stp_dash.elements.links import FIND, kept, search
from stp_dash.frame.state import CHOSEN, KEPT


def at_the_same_time(part: Content, given: Mapping[str, str], others: Collection[str], here: str) -> Content:
    """A page's elements whose links to `others`, paths of pages, have what KEPT names of the page's own parameters, and
    the indicators that are chosen for a pack.

    Links to `here`, the page itself, have its area: some of them lead back to the figures of today, or to other rules.
    """
    if isinstance(part, list | tuple):
        return [at_the_same_time(item, given, others, here) for item in part]
    if not isinstance(part, dict) or "props" not in part:
        return part
    walk = partial(at_the_same_time, given=given, others=others, here=here)
    properties = {name: walk(value) if name == "children" else value for name, value in part["props"].items()}
    address = properties.get("href")
    path = address.partition("#")[0].partition("?")[0] if isinstance(address, str) else None
    if isinstance(address, str) and (path == here or path in others):
        plain, mark, place = address.partition("#")
        names = [name for name in ((*KEPT, CHOSEN) if path in others else ("area",)) if name in given]
        blank = search(**{name: given[name] for name in names}).replace("?", "&")
        whole = f"{plain}{blank}" if plain.endswith(f"{FIND}=") else kept(plain, given, names)
        properties["href"] = f"{whole}{mark}{place}"
    return {**part, "props": properties}
