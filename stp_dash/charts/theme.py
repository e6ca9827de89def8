"""Colours, type and the parts that every figure shares. Contrast of each colour: `docs/statistics.md`."""

from __future__ import annotations

from math import floor, log10
from typing import Any

BLUE = "#005EB8"
DARK = "#003087"
TEXT = "#212B32"
SECONDARY = "#425563"
GREY = "#5B6B7A"
CONTROL = "#768692"
CONTEXT = "#7C8993"
LINE = "#D8DDE0"
ORANGE = "#B84A00"
PLUM = "#7C2855"
BAND = "#EEF2F5"
PROVISIONAL_GROUND = "#FBF4F8"
ROLLING = "#B9C6D1"
WHITE = "#FFFFFF"

FONT = "Frutiger, Arial, sans-serif"
SIZE = 12
HALO = 'paint-order="stroke" stroke="#fff" stroke-width="3" stroke-linejoin="round"'
"""A white edge under letters, as the style sheet gives those of plotly: lines go on under words, and stay legible."""

Figure = dict[str, Any]


def layout(height: int, **more: object) -> Figure:
    """The layout that all figures start from: white, unzoomable, chart text of 12 px."""
    return {
        "height": height,
        "autosize": True,
        "paper_bgcolor": WHITE,
        "plot_bgcolor": WHITE,
        "font": {"family": FONT, "size": SIZE, "color": TEXT},
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": WHITE, "bordercolor": TEXT, "font": {"family": FONT, "size": 14}},
        "margin": {"l": 48, "r": 16, "t": 24, "b": 40},
        "transition": {"duration": 0},
        **more,
    }


def opening(address: str) -> Figure:
    """For a layout: what a click or Enter on a point opens. `address` has @ in the place of the point's customdata."""
    return {"meta": {"opens": address}} if address else {}


def axis(**more: object) -> Figure:
    """An axis that cannot be dragged, without grid or zero line unless asked."""
    return {
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "linecolor": CONTROL,
        "tickcolor": CONTROL,
        "tickfont": {"color": SECONDARY, "size": SIZE},
        **more,
    }


def tick_step(span: float, most: int) -> float:
    """How far the marks of an axis are apart, as plotly.js has it: at most `most` of them, two, five or ten times a
    power of ten from each other.
    """
    power = 10.0 ** floor(log10(span / most))
    return next(power * many for many in (2, 5, 10) if power * many >= span / most)


def label(text: str, **more: object) -> Figure:
    """Words on a figure, without an arrow."""
    return {"text": text, "showarrow": False, "font": {"size": SIZE, "color": TEXT}, **more}


def words_only(text: str) -> str:
    """What people typed, for words on a figure: nothing in it is taken for bold letters, a link or another line."""
    return text.replace("<", "‹").replace(">", "›")


def rule(x0: float, x1: float, y0: float, y1: float, **more: object) -> Figure:
    """A straight line on a figure."""
    return {"type": "line", "x0": x0, "x1": x1, "y0": y0, "y1": y1, **more}
