"""What can be wrong with an undo that is asked for."""

from __future__ import annotations


class UndoError(ValueError):
    """The files cannot be undone or put back: which one and why, in plain words."""
