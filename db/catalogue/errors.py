"""What is wrong with the catalogue, in plain words."""

from __future__ import annotations

from pydantic import ValidationError


class CatalogueError(Exception):
    """A file of the catalogue is wrong: which file and where, what was wanted and what was found."""


def wrong_keys(error: ValidationError) -> str:
    """What is wrong with a file that people write: each field, what was wanted and what was found."""
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}, found {problem['input']!r}"
        for problem in error.errors()
    )
