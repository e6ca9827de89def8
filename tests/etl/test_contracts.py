"""What import-linter cannot say without forbidding `db` too: no module of `etl` writes SQL or names a table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ETL = Path(__file__).resolve().parents[2] / "etl"
FORBIDDEN = ("sqlalchemy", "alembic", "sqlite3", "psycopg", "db.store.schema", "db.store.bulk")


def imported_by(tree: ast.Module) -> Iterator[str]:
    """The modules that a module imports, anywhere in it; of `from a import b` both `a` and `a.b`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sorted(ETL.rglob("*.py")), ids=lambda path: str(path.relative_to(ETL)))
def test_etl_imports_no_sql(path: Path) -> None:
    names = imported_by(ast.parse(path.read_text(encoding="utf-8")))
    assert [name for name in names if name.startswith(FORBIDDEN)] == []
