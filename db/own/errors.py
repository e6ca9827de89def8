"""What cannot be done with own measures, in plain words."""

from __future__ import annotations


class OwnMeasureError(Exception):
    """What was asked of an own measure cannot be done: what was wanted and what was found. Nothing was changed."""
