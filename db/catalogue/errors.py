"""What is wrong with the catalogue, in plain words."""

from __future__ import annotations


class CatalogueError(Exception):
    """A file of the catalogue is wrong: which file and where, what was wanted and what was found."""
