"""Posts short of England's rate over time, one line for each definition, as a plain dict that Plotly draws."""

from __future__ import annotations

from calendar import month_abbr
from dataclasses import dataclass
from math import floor

import numpy as np

from stp_dash.charts.interactive.labels import LEADER, LineEnd, PlotArea, Writer
from stp_dash.charts.placement.ground import OVER_END, OVER_LINE, Ground
from stp_dash.charts.placement.spots import (
    NamedMark,
    along_line,
    beside_mark,
    beside_rule,
    extent,
    led_to_mark,
)
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
    layout,
    opening,
    rule,
)

HEIGHT, PHONE_HEIGHT = 400, 340
_DASHES = ("dot", "dash", "longdash", "dashdot")
_MARGIN = {"l": 40, "t": 24, "b": 32}
_MARK = 7
_CLAIM_REACH, _END_REACH = 9.0, 6.0
"""How far the marks of claims and the ends of lines reach from their middles, in pixels."""
_HIGH, _EVERY = 16.0, 36.0
"""The words of a restart are tried at this height and at steps below it, in pixels."""
_ZERO = "No shortfall: level with England"
_MANY_YEARS = 12
_SIDE, _LAST_YEAR = 0.05, 0.5
_LATE = 0.6
"""From this share of the axis on, words stand to the left of what they name."""


@dataclass(frozen=True)
class ShortfallLine:
    """One definition, by its `code`. `at` is in years, `posts` above 0 are a shortfall; lines are broken at `stops`:
    where the series restarts, or a day of it has no figure."""

    name: str
    at: tuple[float, ...]
    posts: tuple[float, ...]
    hover: tuple[str, ...]
    latest: str
    chosen: bool = False
    stops: tuple[float, ...] = ()
    code: str = ""


@dataclass(frozen=True)
class ClaimMark:
    """A number that others published: drawn dashed and hollow, never computed."""

    at: float
    posts: float
    words: str
    said: str


@dataclass(frozen=True)
class ShortfallChart:
    """Shortfalls over time: a line a definition, what others claim, and the day from which a series restarts.

    `room` is the least and the greatest width that the figure is drawn in, in pixels. `opens` is the address that a
    point opens, with @ for its line's code.
    """

    lines: tuple[ShortfallLine, ...]
    claims: tuple[ClaimMark, ...] = ()
    restart: tuple[float, str] | None = None
    phone: bool = False
    room: tuple[float, float] = (544.0, 743.0)
    opens: str = ""


@dataclass(frozen=True)
class ShortfallNames:
    """Words on the figure. `key`: what bears a number instead, lines from the top and then claims, with its figure."""

    annotations: tuple[Figure, ...]
    key: tuple[tuple[str, str], ...] = ()


def shortfall_figure(chart: ShortfallChart, names: ShortfallNames) -> Figure:
    """The chosen definition dark and thick, others grey and told apart by dashes; zero is level with England.

    `names` are its words (`shortfall_names`).
    """
    low, high = _range(chart)
    first, last = _years(chart)
    height = PHONE_HEIGHT if chart.phone else HEIGHT
    return {
        "data": [*_lines(chart), *_alone(chart), *_ends(chart), *_claims(chart)],
        "layout": layout(
            height,
            margin=_MARGIN | {"r": _right(chart)},
            xaxis=axis(
                range=[first, last],
                showline=True,
                ticks="outside",
                **_ticks(chart, first, last),
            ),
            yaxis=axis(range=[low, high], gridcolor=LINE, showgrid=True, nticks=6),
            shapes=[
                *_end_leaders(chart, last),
                rule(0, 1, 0, 0, xref="paper", line={"color": TEXT, "width": 1}),
                *_restart_rule(chart),
            ],
            annotations=list(names.annotations),
            **opening(chart.opens),
        ),
    }


def _range(chart: ShortfallChart) -> tuple[float, float]:
    posts = [value for line in chart.lines for value in line.posts]
    posts += [0.0, *(claim.posts for claim in chart.claims)]
    room = 0.12 * (max(posts) - min(posts) or 1.0)
    return min(posts) - room, max(posts) + room


def _years(chart: ShortfallChart) -> tuple[float, float]:
    """The ends of the axis: all that is drawn, with room for whole marks."""
    years = [value for line in chart.lines for value in line.at] + [claim.at for claim in chart.claims]
    first, last = (min(years), max(years)) if years else (0.0, 1.0)
    late = any(claim.at > last - _LAST_YEAR for claim in chart.claims)
    room = max(0.2, _SIDE * (last - first))
    return first - room, last + (room if late else 0.0)


def _ticks(chart: ShortfallChart, first: float, last: float) -> Figure:
    """Years, or where none begins within the axis the months of its first and last figures."""
    if floor(last) < first:
        ends = sorted({value for line in chart.lines for value in line.at})
        at = [ends[0], ends[-1]] if len(ends) > 1 else ends
        words = [f"{month_abbr[int(value % 1 * 12) + 1]} {floor(value)}" for value in at]
        return {"tickvals": at, "ticktext": words}
    step = (3 if chart.phone else 1) if last - first < _MANY_YEARS else (4 if chart.phone else 2)
    return {"dtick": step, "tickformat": "d"}


def dashed(chart: ShortfallChart) -> list[tuple[ShortfallLine, str]]:
    """The lines with their dashes: the chosen one last and solid, so that it lies on top, each other with its own."""
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
        for line, dash in dashed(chart)
    ]


def _alone(chart: ShortfallChart) -> list[Figure]:
    """Dots where a figure has a gap on either side, of which a line shows nothing."""
    found: list[Figure] = []
    for line in chart.lines:
        drawn = _stretches(line)
        x = drawn["x"]
        around = enumerate(zip([None, *x], x, [*x[1:], None], strict=False))
        places = [i for i, (one, here, other) in around if here is not None and one is other is None]
        if places:
            found.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": f"{line.name}, alone",
                    "x": [x[i] for i in places],
                    "y": [drawn["y"][i] for i in places],
                    "marker": {"size": _MARK, "color": DARK if line.chosen else GREY},
                    "hoverinfo": "skip",
                }
            )
    return found


def _stretches(line: ShortfallLine) -> Figure:
    """Coordinates with a gap at each stop."""
    x: list[float | None] = []
    y: list[float | None] = []
    text: list[str] = []
    for place, (at, posts, words) in enumerate(zip(line.at, line.posts, line.hover, strict=True)):
        if place and any(line.at[place - 1] < stop <= at for stop in line.stops):
            x.append(None)
            y.append(None)
            text.append("")
        x.append(at)
        y.append(posts)
        text.append(words)
    return {"x": x, "y": y, "text": text, "customdata": [line.code] * len(x)}


def _ends(chart: ShortfallChart) -> list[Figure]:
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": f"Latest: {line.name}",
            "cliponaxis": False,
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


def _end_leaders(chart: ShortfallChart, end: float) -> list[Figure]:
    """Thin rules to the right end from lines that end earlier, so that their names there are joined to them."""
    thin = {"color": CONTROL, "width": 1}
    return [
        rule(line.at[-1], end, line.posts[-1], line.posts[-1], line=thin, layer="below")
        for line in chart.lines
        if line.at[-1] < end
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


def shortfall_names(chart: ShortfallChart) -> ShortfallNames:
    """The words of the lines, of what others claim, of zero and of the restart, where they cover nothing.

    A telephone's lines and claims bear numbers, for a key beneath.
    """
    area = _area(chart)
    writer = Writer(area, _ground(chart, area))
    ends = sorted(chart.lines, key=lambda line: -line.posts[-1])
    zero = area.down(0.0)
    writer.write([[_ZERO]], np.hstack([along_line(zero, over=False), along_line(zero)]), colour=SECONDARY)
    if chart.restart is not None and not chart.phone:
        _write_restart(chart.restart, chart, writer)
    for place, claim in enumerate(chart.claims):
        share, y = area.share(claim.at), area.down(claim.posts)
        mark = NamedMark(share, y, _CLAIM_REACH, y - _CLAIM_REACH, y + _CLAIM_REACH)
        forms = [[claim.words, claim.said], [claim.words]]
        if chart.phone:
            forms = [[str(len(ends) + place + 1)]]
        spots = np.hstack([beside_mark(mark), led_to_mark(mark)])
        writer.write(forms, spots, colour=SECONDARY, bold=1, owner=place, reach=_CLAIM_REACH + 1)
    named = []
    for number, line in enumerate(ends, 1):
        words = f"<b>{number}</b>" if chart.phone else f"<b>{line.latest}</b><br>{line.name}"
        colour = DARK if line.chosen else SECONDARY
        named.append(LineEnd(line.posts[-1], words, colour))
    key = (*((line.name, line.latest) for line in ends), *((c.words, c.said) for c in chart.claims))
    written = [*writer.written, *area.ends(named, rows=1 if chart.phone else 2)]
    return ShortfallNames(tuple(written), key if chart.phone else ())


def _write_restart(restart: tuple[float, str], chart: ShortfallChart, writer: Writer) -> None:
    """Beside its rule, at the top or further down."""
    at, words = restart
    first, last = _years(chart)
    heights = [_HIGH + _EVERY * step for step in range(int(writer.area.height // _EVERY) - 1)]
    early = at - first <= _LATE * (last - first)
    writer.write([[words]], beside_rule(writer.area.share(at), heights, right=early), colour=TEXT, bold=1)


def _area(chart: ShortfallChart) -> PlotArea:
    height = (PHONE_HEIGHT if chart.phone else HEIGHT) - _MARGIN["t"] - _MARGIN["b"]
    first, last = _years(chart)
    least, most = (room - _MARGIN["l"] - _right(chart) for room in chart.room)
    return PlotArea((first, last), _range(chart), height, (least, most))


def _right(chart: ShortfallChart) -> int:
    """Room for the words at the ends of the lines."""
    words = [str(len(chart.lines))]
    if not chart.phone:
        words = [text for line in chart.lines for text in (line.latest, line.name)]
    return round(extent(words or ["0"], bold=True).width) + LEADER + 8


def _ground(chart: ShortfallChart, area: PlotArea) -> Ground:
    """What words may not lie on: claims, the ends of lines; and the lines, which they may cross."""
    ground = area.ground()
    for place, claim in enumerate(chart.claims):
        ground.marks(area.share(claim.at), area.down(claim.posts), _CLAIM_REACH, place)
    for line in chart.lines:
        places, heights = np.array(line.at, dtype=float), np.array(line.posts, dtype=float)
        ground.marks(area.share(places[-1:]), area.down(heights[-1:]), _END_REACH)
        ground.line(area.share(places), area.down(heights), cost=2 * OVER_LINE)
    ground.line((0, 1), (area.down(0.0), area.down(0.0)))
    if chart.restart is not None:
        ground.add(area.share(chart.restart[0]), 0, area.height, left=-4, right=4, cost=OVER_END)
    return ground


def _restart_rule(chart: ShortfallChart) -> list[Figure]:
    if chart.restart is None:
        return []
    at = chart.restart[0]
    line = {"color": CONTROL, "width": 1}
    return [rule(x, x, 0, 1, yref="paper", line=line) for x in (at - 0.02, at + 0.02)]
