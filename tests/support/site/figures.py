"""The parts of an interactive chart."""

from __future__ import annotations

from typing import Any


def trace(figure: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in figure["data"] if item["name"] == name)
