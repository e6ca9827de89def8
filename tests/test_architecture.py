"""The map of `docs/architecture.md` names what is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MAP = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PATHS = sorted({name for name in re.findall(r"`([^`\s]+)`", MAP) if "/" in name and name[0] not in "/<"})
STEPS = re.findall(r"^\| `([^`]+\.py)` \| `(\w+)` \|", MAP, flags=re.M)


@pytest.mark.parametrize("path", PATHS)
def test_every_path_that_the_map_names_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("path", "name"), STEPS)
def test_every_step_of_a_walk_is_in_its_file(path: str, name: str) -> None:
    module = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    assert name in {
        node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


def test_both_walks_are_read() -> None:
    assert len(STEPS) >= 15
