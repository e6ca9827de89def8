"""The rules of the house that no linter knows: folders, lengths, names and callers, read from the code's own text."""

from __future__ import annotations

import ast
import re
import shutil
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from subprocess import run

import pytest

ROOT = Path(__file__).resolve().parents[1]
PRODUCT = ("app.py", "db", "etl", "stp_dash")
LONGEST_FUNCTION = 60
MOST_MODULES = 15
MOST_WITH_ONE_PREFIX = 2

PROTOCOL = {
    "stp_dash/pages": {"build"},
    "etl/sources": {"discover", "recognise", "parse", "layout_of"},
}
"""What every page and every source calls by the same name, so that one piece of code can call them all."""

FOR_TOOLS = frozenset({"analyse", "byar", "rate_interval"})
"""Statistics that other tools rely on, with or without a caller here."""

Definition = ast.FunctionDef | ast.ClassDef


def modules(*places: str) -> dict[Path, ast.Module]:
    """The modules below some places but migrations, by their path in the repository."""
    found: dict[Path, ast.Module] = {}
    for place in places:
        paths = [ROOT / place] if place.endswith(".py") else sorted((ROOT / place).rglob("*.py"))
        for path in paths:
            if "migrations" not in path.parts:
                found[path.relative_to(ROOT)] = parsed(path)
    return found


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def folders(*places: str) -> dict[Path, list[str]]:
    """The names of the modules in each folder, without `test_` before them."""
    found: dict[Path, list[str]] = defaultdict(list)
    for path in modules(*places):
        found[path.parent].append(path.stem.removeprefix("test_"))
    return found


def functions(module: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef))


def public_definitions(module: ast.Module) -> Iterator[Definition]:
    """The functions and classes that a module defines at its top for others."""
    for node in module.body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node


def test_functions_can_be_read_at_once() -> None:
    long = [
        f"{path}:{node.lineno} {node.name}: {length} lines"
        for path, module in modules(*PRODUCT, "tests").items()
        for node in functions(module)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == []


def test_folders_can_be_taken_in_at_once() -> None:
    crowded = {
        str(folder): len(names)
        for folder, names in folders(*PRODUCT, "tests").items()
        if len(names) > MOST_MODULES
    }
    assert crowded == {}


def test_modules_of_one_prefix_are_a_package() -> None:
    shared = [
        f"{folder}/{prefix}_*"
        for folder, names in folders(*PRODUCT, "tests").items()
        for prefix, count in Counter(name.split("_")[0] for name in names if "_" in name.strip("_")).items()
        if count > MOST_WITH_ONE_PREFIX
    ]
    assert shared == []


def test_every_package_says_what_lives_there() -> None:
    silent = [
        str(path)
        for path, module in modules("db", "etl", "stp_dash").items()
        if path.name == "__init__.py" and not ast.get_docstring(module)
    ]
    assert silent == []


def of_a_protocol(path: Path, name: str) -> bool:
    """Whether a definition plays a part that its place gives to each page, source or program."""
    names = (names for place, names in PROTOCOL.items() if path.is_relative_to(place))
    return name in next(names, set()) or (name == "main" and is_program(path))


def is_program(path: Path) -> bool:
    """Whether a module is started by its own path or name."""
    return 'if __name__ == "__main__":' in (ROOT / path).read_text(encoding="utf-8")


def test_a_public_name_has_one_meaning() -> None:
    defined: dict[str, list[str]] = defaultdict(list)
    for path, module in modules(*PRODUCT).items():
        for node in public_definitions(module):
            if not of_a_protocol(path, node.name):
                defined[node.name].append(str(path))
    assert {name: paths for name, paths in defined.items() if len(paths) > 1} == {}


def test_every_public_function_and_class_has_a_user() -> None:
    used = Counter(name for module in modules(*PRODUCT).values() for name in names_used(module))
    idle = [
        f"{path}: {node.name}"
        for path, module in modules(*PRODUCT).items()
        for node in public_definitions(module)
        if not used[node.name] and not node.decorator_list and node.name not in FOR_TOOLS
    ]
    assert idle == []


def names_used(module: ast.Module) -> Iterator[str]:
    """Names that a module reads; what it imports and does not use does not count."""
    for node in ast.walk(module):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


@pytest.mark.skipif(
    not (ROOT / ".git").exists() or shutil.which("git") is None,
    reason="a checkout and git are needed: git clone, apt-get install git",
)
def test_nothing_lies_about_that_a_store_or_a_publisher_made() -> None:
    """Stores, their journals and published workbooks are made and read, never kept here."""
    kept = run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(kept) > 500
    made = re.compile(r"\.(sqlite|db|xlsx?|zip|gz)(-\w+)?$|^[^/]*[:\\]")
    assert [name for name in kept if made.search(name)] == []
