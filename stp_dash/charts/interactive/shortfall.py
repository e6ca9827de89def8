"""Posts short of England's rate over time, one line for each definition, as a plain dict that Plotly draws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stp_dash.charts.theme import (
    CONTROL,
    DARK,
    GREY,
    LINE,
    SECONDARY,
    TEXT,
    WHITE,
    Figure,
    axis,
    label,
    layout,
    rule,
)

HEIGHT, PHONE_HEIGHT = 400, 340
_DASHES = ("dot", "dash", "longdash", "dashdot")
_ROW = 17
_MANY_YEARS = 12
_NEAR = 0.2
"""Claims nearer than this share of the axis have their words apart: the later one's below."""
_LATE = 0.6
"""From this share of the axis on, words stand to the left of what they name."""


@dataclass(frozen=True)
class ShortfallLine:
    """One definition. `at` is in years, `posts` above 0 are a shortfall; lines stop at `restarts`."""

    name: str
    at: tuple[float, ...]
    posts: tuple[float, ...]
    hover: tuple[str, ...]
    latest: str
    chosen: bool = False
    restarts: tuple[float, ...] = ()


@dataclass(frozen=True)
class ClaimMark:
    """A number that others published: drawn dashed and hollow, never computed."""

    at: float
    posts: float
    words: str
    said: str


@dataclass(frozen=True)
class ShortfallChart:
    """Shortfalls over time: a line a definition, what others claim, and the day from which a series restarts."""

    lines: tuple[ShortfallLine, ...]
    claims: tuple[ClaimMark, ...] = ()
    restart: tuple[float, str] | None = None
    phone: bool = False


def shortfall_figure(chart: ShortfallChart) -> Figure:
    """The chosen definition dark and thick, others grey and told apart by dashes; zero is level with England."""
    low, high = _range(chart)
    first, last = _years(chart)
    height = PHONE_HEIGHT if chart.phone else HEIGHT
    return {
        "data": [*_lines(chart), *_ends(chart), *_claims(chart)],
        "layout": layout(
            height,
            margin={"l": 40, "r": 24 if chart.phone else 156, "t": 24, "b": 32},
            xaxis=axis(
                range=[first - 0.2, last + 0.2],
                showline=True,
                ticks="outside",
                dtick=_step(chart, first, last),
                tickformat="d",
            ),
            yaxis=axis(range=[low, high], gridcolor=LINE, showgrid=True, nticks=6),
            shapes=[rule(0, 1, 0, 0, xref="paper", line={"color": TEXT, "width": 1}), *_restart_rule(chart)],
            annotations=[
                _zero(),
                *_names(chart, (high - low) / (height - 56)),
                *_claim_words(chart),
                *_restart_words(chart),
            ],
        ),
    }


def _range(chart: ShortfallChart) -> tuple[float, float]:
    posts = [value for line in chart.lines for value in line.posts]
    posts += [0.0, *(claim.posts for claim in chart.claims)]
    room = 0.12 * (max(posts) - min(posts) or 1.0)
    return min(posts) - room, max(posts) + room


def _years(chart: ShortfallChart) -> tuple[float, float]:
    years = [value for line in chart.lines for value in line.at] + [claim.at for claim in chart.claims]
    return (min(years), max(years)) if years else (0.0, 1.0)


def _step(chart: ShortfallChart, first: float, last: float) -> int:
    return (3 if chart.phone else 1) if last - first < _MANY_YEARS else (4 if chart.phone else 2)


def _ordered(chart: ShortfallChart) -> list[tuple[ShortfallLine, str]]:
    """The chosen line last, so that it lies on top; each other one with a dash of its own."""
    others = [line for line in chart.lines if not line.chosen]
    dashes = [_DASHES[place % len(_DASHES)] for place in range(len(others))]
    chosen = [(line, "solid") for line in chart.lines if line.chosen]
    return [*zip(others, dashes, strict=True), *chosen]


def _lines(chart: ShortfallChart) -> list[Figure]:
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": line.name,
            **_stretches(line),
            "line": {
                "color": DARK if line.chosen else GREY,
                "width": 3 if line.chosen else 1.75,
                "dash": dash,
            },
            "hovertemplate": "%{text}<extra></extra>",
        }
        for line, dash in _ordered(chart)
    ]


def _stretches(line: ShortfallLine) -> Figure:
    """Coordinates with a gap at each restart of the series."""
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for place, (at, posts, words) in enumerate(zip(line.at, line.posts, line.hover, strict=True)):
        if place and any(line.at[place - 1] < restart <= at for restart in line.restarts):
            x.append(None)
            y.append(None)
            text.append("")
        x.append(at)
        y.append(posts)
        text.append(words)
    return {"x": x, "y": y, "text": text}


def _ends(chart: ShortfallChart) -> list[Figure]:
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [line.at[-1]],
            "y": [line.posts[-1]],
            "marker": {
                "size": 9,
                "color": DARK if line.chosen else GREY,
                "line": {"color": WHITE, "width": 1},
            },
            "hoverinfo": "skip",
        }
        for line in chart.lines
    ]


def _claims(chart: ShortfallChart) -> list[Figure]:
    if not chart.claims:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "Quoted claims",
            "x": [claim.at for claim in chart.claims],
            "y": [claim.posts for claim in chart.claims],
            "text": [f"{claim.words}<br>{claim.said}" for claim in chart.claims],
            "marker": {"size": 12, "symbol": "diamond-open-dot", "color": TEXT, "line": {"width": 1.5}},
            "hovertemplate": "%{text}<extra></extra>",
        }
    ]


def _names(chart: ShortfallChart, per_pixel: float) -> list[Figure]:
    """Each line's latest number and name at the right, moved apart where they would overlap; on a phone the chosen."""
    wanted = [line for line in chart.lines if line.chosen or not chart.phone]
    placed: list[Figure] = []
    taken: list[float] = []
    for line in sorted(wanted, key=lambda item: item.posts[-1]):
        y = line.posts[-1]
        if taken:
            y = max(y, taken[-1] + 2 * _ROW * per_pixel)
        taken.append(y)
        placed.append(_name(chart, line, y))
    return placed


def _name(chart: ShortfallChart, line: ShortfallLine, y: float) -> Figure:
    colour = DARK if line.chosen else SECONDARY
    place = {"x": 1, "xref": "paper", "xanchor": "right" if chart.phone else "left", "y": y, "align": "left"}
    lift = {"yshift": 16} if chart.phone else {"xshift": 8}
    words = f"<b>{line.latest}</b><br>{line.name}"
    return label(words, **place, **lift, font={"size": 12, "color": colour})


def _claim_words(chart: ShortfallChart) -> list[Figure]:
    if chart.phone:
        return []
    low, high = _range(chart)
    near = _NEAR * (high - low)
    labels: list[Figure] = []
    for place, claim in enumerate(chart.claims):
        beside = any(0 <= other.posts - claim.posts < near for other in chart.claims[:place])
        side = {"yanchor": "middle"} if beside else {"yanchor": "bottom", "yshift": 4}
        at = {"x": claim.at, "y": claim.posts, "xanchor": "left", "xshift": 12, "align": "left"}
        words = f"<b>{claim.words}</b><br>{claim.said}"
        at |= {"font": {"size": 12, "color": SECONDARY}, "bgcolor": "rgba(255,255,255,0.8)"}
        labels.append(label(words, **at, **side))
    return labels


def _zero() -> Figure:
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": 0, "yanchor": "top"}
    return label("No shortfall: level with England", **place, font={"size": 12, "color": SECONDARY})


def _restart_rule(chart: ShortfallChart) -> list[Figure]:
    if chart.restart is None:
        return []
    at = chart.restart[0]
    line = {"color": CONTROL, "width": 1}
    return [rule(x, x, 0, 1, yref="paper", line=line) for x in (at - 0.02, at + 0.02)]


def _restart_words(chart: ShortfallChart) -> Sequence[Figure]:
    if chart.restart is None or chart.phone:
        return []
    at, words = chart.restart
    first, last = _years(chart)
    late = at - first > _LATE * (last - first)
    side = {"xanchor": "right", "xshift": -6} if late else {"xanchor": "left", "xshift": 6}
    return [label(f"<b>{words}</b>", x=at, **side, y=1, yref="paper", yanchor="top")]
