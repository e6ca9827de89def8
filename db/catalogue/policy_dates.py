"""Days on which the health service changed, each once: figures before and after are of other areas."""

from __future__ import annotations

from datetime import date

FORMER_CCGS_END = date(2020, 3, 31)
"""The last day of the clinical commissioning groups (CCGs) before their mergers of 1 April 2020. Staff of practices
goes on being summed for their areas."""

ICB_START = date(2022, 7, 1)
"""Integrated care boards replaced clinical commissioning groups (Health and Care Act 2022, section 19)."""

BOARDS_MERGED = date(2026, 4, 1)
"""Twelve integrated care boards became six, and one was parted among three."""

EARLIEST_MONTH = date(2007, 4, 1)
"""No publication of ours goes back further."""
