"""The pack as slides, 16:9: native charts that can be edited, the finding as title, the table as notes."""

from __future__ import annotations
