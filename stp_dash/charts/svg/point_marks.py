"""A single point of a chart as a small picture, for lists and tables that explain it."""

from __future__ import annotations

from functools import lru_cache

from stp_dash.charts.svg.icons import point_svg
from stp_dash.charts.svg.sparkline import data_address

SIZE = 16


@lru_cache
def point_mark(kind: str, *, above: bool = True, hollow: bool = False) -> str:
    """The address of a picture of a point: its shape by `kind`, hollow where provisional.

    A triangle points up where the point is `above` the mean.
    """
    half = SIZE / 2
    drawn = point_svg(kind, half, half, 5, hollow=hollow, side="high" if above else "low")
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE}" height="{SIZE}" viewBox="0 0 {SIZE} {SIZE}">'
    )
    return data_address(f"{svg}{drawn}</svg>")
