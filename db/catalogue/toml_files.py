"""Files of the catalogue that people write as TOML, checked as they are read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from db.catalogue.errors import CatalogueError

Written = TypeVar("Written", bound=BaseModel)


def read_toml(path: Path, wanted: type[Written]) -> Written:
    """A file as what it should hold. Raises CatalogueError naming file, field, what was wanted and what was found."""
    try:
        return wanted.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        raise CatalogueError(f"{path.name}: {wrong_keys(error)}") from error
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path.name}: cannot be read as TOML: {error}") from error


def wrong_keys(error: ValidationError) -> str:
    """What is wrong with what was written: each field with what was wanted and what was found."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}, found {problem['input']!r}"
        if problem["loc"]
        else problem["msg"].removeprefix("Value error, ")
        for problem in error.errors()
    )
