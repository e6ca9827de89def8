"""The parts of a built page, as the browser gets them."""

from __future__ import annotations

from typing import Any

import orjson
from plotly.utils import PlotlyJSONEncoder

_OTHERS = PlotlyJSONEncoder()


def plain(component: Any) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(
        orjson.dumps(component, _OTHERS.default, orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS)
    )
    return found


def words(node: Any) -> str:
    """All text of a component, parts parted by a space."""
    if isinstance(node, dict):
        return words(node.get("props", {}).get("children", ""))
    if isinstance(node, list):
        return " ".join(words(item) for item in node)
    return "" if node is None else str(node)


def nodes(node: Any, kind: str) -> list[dict[str, Any]]:
    """All components of a type, in order."""
    if isinstance(node, list):
        return [found for item in node for found in nodes(item, kind)]
    if not isinstance(node, dict):
        return []
    own = [node] if node.get("type") == kind else []
    return own + nodes(node.get("props", {}).get("children"), kind)


def title(page: dict[str, Any]) -> str:
    return words(nodes(page, "H1")[0])
