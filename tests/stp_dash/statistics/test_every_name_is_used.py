"""No statistic without a caller in product code: each public name is used outside its own module."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
STATISTICS = ROOT / "stp_dash/statistics"
FOR_OTHER_TOOLS = {
    ("spc", "analyse"),
    ("proportions", "wilson"),
    ("proportions", "byar"),
    ("proportions", "rate_interval"),
    ("funnel", "proportion_limits"),
}
"""Public functions that other tools rely on, with or without a caller here."""


def public_names(module: Path) -> Iterator[str]:
    """Functions, classes and constants of a module, and the methods and properties of its classes."""
    for node in ast.parse(module.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            yield node.name
            yield from (item.name for item in node.body if isinstance(item, ast.FunctionDef))
        elif isinstance(node, ast.Assign):
            targets = (item for target in node.targets for item in ast.walk(target))
            yield from (item.id for item in targets if isinstance(item, ast.Name))


@cache
def used_names(module: Path) -> frozenset[str]:
    found = set[str]()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.ImportFrom):
            found.update(alias.name for alias in node.names)
    return frozenset(found)


@pytest.mark.parametrize("module", sorted(STATISTICS.glob("[!_]*.py")), ids=lambda path: path.stem)
def test_every_public_name_is_used_by_the_product(module: Path) -> None:
    others = (path for path in (ROOT / "stp_dash").rglob("*.py") if path != module)
    used = {name for path in others for name in used_names(path)}
    public = {name for name in public_names(module) if not name.startswith("_")}
    kept = {name for stem, name in FOR_OTHER_TOOLS if stem == module.stem}
    assert sorted(public - used - kept) == []
