"""Over random charts no label covers a mark, an interval's end or other words, leaves the plot or names a stranger."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stp_dash.charts.interactive.funnel import (
    FunnelChart,
    FunnelLimits,
    FunnelPoint,
    funnel_figure,
    funnel_names,
)
from stp_dash.charts.interactive.labels import Names
from stp_dash.charts.interactive.ranked import (
    BETTER,
    SIMILAR,
    UNJUDGED,
    WORSE,
    RankedChart,
    RankedOthers,
    RankedPoint,
    ranked_figure,
    ranked_names,
)
from stp_dash.charts.interactive.shortfall import (
    ClaimMark,
    ShortfallChart,
    ShortfallLine,
    shortfall_figure,
    shortfall_names,
)
from stp_dash.charts.interactive.trend.figure import trend_figure
from stp_dash.charts.interactive.trend.points import CONCERN, IMPROVEMENT, TrendChart, TrendPoint
from stp_dash.charts.static.picture import static_chart
from stp_dash.charts.theme import Figure
from tests.support.site.label_oracle import faults, named_marks, picture

ROOMS = {"phone": (254.0, 533.0), "tablet": (518.0, 985.0), "desktop": (544.3, 742.7)}
NAMES = (
    "Medway", "East Kent", "Dartford and Gravesham", "Maidstone and Tunbridge Wells", "Thanet", "Swale", "Ashford",
    "West Kent", "Dartford, Gravesham and Swanley", "South Kent Coast", "Canterbury and Coastal", "Bexley",
)  # fmt: skip
MARKS = (SIMILAR, BETTER, WORSE, UNJUDGED)


def wrong(figure: Figure, room: tuple[float, float], names: Names | None = None) -> list[str]:
    """The faults at the least width, the greatest, and between."""
    margin = figure["layout"]["margin"]
    html = static_chart(figure)
    found = []
    for share in (0.0, 0.37, 1.0):
        width = room[0] + share * (room[1] - room[0]) - margin["l"] - margin["r"]
        drawn = picture(html, width)
        words = _words(figure, [item.text for item in drawn.labels], names)
        found += [f"{width:.0f}: {fault}" for fault in faults(drawn, named_marks(figure, words))]
    return found


def _words(figure: Figure, labels: Sequence[str], names: Names | None) -> dict[str, str]:
    """Which trace each label names."""
    if names is None:
        return {}
    if names.key:
        return {str(number): point.name for number, point in enumerate(names.key, 1)}
    known = sorted((item["name"] for item in figure["data"]), key=len, reverse=True)
    return {text: name for text in labels for name in known if text.startswith(name)}


def values(random: Random, count: int) -> list[float]:
    """Shares as they lie in England: most together, a few apart."""
    middle = random.uniform(40, 92)
    return sorted(min(100.0, max(0.0, random.gauss(middle, random.choice((2, 6, 12))))) for _ in range(count))


def ranked(seed: int, screen: str) -> RankedChart:
    random = Random(seed)
    count = random.choice((6, 14, 42, 106, 130))
    found = values(random, count)
    ours = sorted(random.sample(range(count), min(count, random.choice((1, 3, 4, 6, 8, 11)))))
    half = [random.uniform(1, 9) for _ in found]
    low = [max(0.0, value - away) for value, away in zip(found, half, strict=True)]
    high = [min(100.0, value + away) for value, away in zip(found, half, strict=True)]
    free = [place for place in range(count) if place not in ours]
    whiskers = random.random() < 0.7
    return RankedChart(
        count,
        RankedOthers(
            free,
            [found[i] for i in free],
            [low[i] for i in free] if whiskers else (),
            [high[i] for i in free] if whiskers else (),
            ["x" for _ in free],
        ),
        tuple(
            RankedPoint(
                place, NAMES[i], found[place], f"{found[place]:.1f}%", "x",
                low[place] if whiskers else None, high[place] if whiskers else None,
                random.choice(MARKS), random.random() < 0.5,
            )
            for i, place in enumerate(ours)
        ),
        (85.0, "Standard 85%") if random.random() < 0.6 else None,
        (found[count // 2], f"England {found[count // 2]:.1f}%"),
        "%",
        "trusts",
        phone=screen == "phone",
        room=ROOMS[screen],
    )  # fmt: skip


@pytest.mark.parametrize("screen", ROOMS)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
@example(seed=643)
@example(seed=3298)
def test_ranked(screen: str, seed: int) -> None:
    chart = ranked(seed, screen)
    names = ranked_names(chart)
    assert wrong(ranked_figure(chart, names), chart.room, names) == []


def funnel(seed: int, screen: str) -> FunnelChart:
    random = Random(seed)
    count = random.choice((6, 14, 42, 106, 130))
    found = values(random, count)
    sizes = [random.lognormvariate(5, 0.8) for _ in found]
    largest, middle = max(sizes), found[count // 2]
    ours = random.sample(range(count), min(count, random.choice((1, 3, 4, 6, 8))))
    grid = [largest * step / 60 for step in range(1, 61)]
    away = [300 / size**0.5 for size in grid]
    limits = FunnelLimits(
        grid, *([middle + factor * part for part in away] for factor in (-1.0, 1.0, -1.6, 1.6))
    )
    free = [place for place in range(count) if place not in ours]
    return FunnelChart(
        limits,
        ([sizes[i] for i in free], [found[i] for i in free], ["x" for _ in free]),
        tuple(
            FunnelPoint(
                NAMES[i], sizes[p], found[p], f"{found[p]:.1f}%", "x", random.choice(MARKS), found[p] > middle
            )
            for i, p in enumerate(ours)
        ),
        (middle, "England"),
        (85.0, "85%") if random.random() < 0.6 else None,
        "%",
        "Patients treated",
        phone=screen == "phone",
        room=(366.0, 524.0) if screen == "desktop" else ROOMS[screen],
    )


@pytest.mark.parametrize("screen", ROOMS)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
@example(seed=3429)
@example(seed=797)
@example(seed=25)
@example(seed=706)
@example(seed=958)
@example(seed=969)
@example(seed=3456)
def test_funnel(screen: str, seed: int) -> None:
    chart = funnel(seed, screen)
    names = funnel_names(chart)
    assert wrong(funnel_figure(chart, names), chart.room, names) == []


def trend(seed: int, screen: str) -> TrendChart:
    random = Random(seed)
    count = 24 if screen == "phone" else random.choice((8, 24, 40))
    middle, wide = random.uniform(60, 85), random.uniform(1, 6)
    restart = random.choice((0, 0, count // 2))
    step = random.randrange(2, count)
    points = []
    for i in range(count):
        value = random.gauss(middle, wide)
        points.append(
            TrendPoint(
                at=float(i), tick="Jan", year=str(2024 + i // 12), value=None if random.random() < 0.04 else value,
                shown=f"{value:.1f}%", hover="x", standard=75.0 if i < step else 80.0,
                standard_text="Standard 75%" if i < step else "Standard 80%", comparator=middle - 1,
                comparator_text=f"England {middle - 1:.1f}%", provisional=i > count - 4,
                restarts="1 Oct 2023" if restart and i == restart else "", restart_note="new guidance",
                kind=random.choice(("common_cause", CONCERN, IMPROVEMENT)), mean=middle, lower=middle - 2.7 * wide,
                upper=middle + 2.7 * wide,
            )
        )  # fmt: skip
    return TrendChart(
        tuple(points), "Maidstone and Tunbridge Wells", "%", phone=screen == "phone", tablet=screen == "tablet",
        mean_text=f"Mean {middle:.1f}%", upper_text=f"Upper limit {middle + 2.7 * wide:.1f}%",
        lower_text=f"Lower limit {middle - 2.7 * wide:.1f}%",
        room=(721.0, 976.0) if screen == "desktop" else ROOMS[screen],
    )  # fmt: skip


@pytest.mark.parametrize("screen", ROOMS)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
@example(seed=983)
@example(seed=1223)
@example(seed=2690)
def test_trend(screen: str, seed: int) -> None:
    chart = trend(seed, screen)
    assert wrong(trend_figure(chart), chart.room) == []


def shortfall(seed: int, screen: str) -> ShortfallChart:
    random = Random(seed)
    years = [2016 + month / 4 for month in range(random.choice((4, 40)))]
    lines = []
    for place, name in enumerate(("Fully qualified GPs", "Qualified permanent GPs", "All GPs", "GP nurses")):
        level = random.uniform(-40, 250)
        posts = tuple(level + 20 * random.random() for _ in years)
        lines.append(
            ShortfallLine(name, tuple(years), posts, ("",) * len(years), "121 short", chosen=place == 0)
        )
    claims = tuple(
        ClaimMark(2016 + random.random() * 3, float(posts), f"“{posts} GPs”", "quoted, March 2017")
        for posts in random.sample(range(20, 260, 12), random.choice((0, 2, 4)))
    )
    restart = (years[len(years) // 2] + 0.1, "Series restarts July 2021") if random.random() < 0.5 else None
    return ShortfallChart(tuple(lines), claims, restart, phone=screen == "phone", room=ROOMS[screen])


@pytest.mark.parametrize("screen", ROOMS)
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_shortfall(screen: str, seed: int) -> None:
    chart = shortfall(seed, screen)
    assert wrong(shortfall_figure(chart, shortfall_names(chart)), chart.room) == []


def test_the_oracle_sees_each_fault() -> None:
    ours = (
        RankedPoint(1, "Medway", 70.0, "70.0%", "x", 66.0, 74.0),
        RankedPoint(2, "Swale", 75.0, "75.0%", "x"),
    )
    others = RankedOthers([0, 3], [60.0, 80.0], [55.0, 76.0], [64.0, 84.0], ["x", "x"])
    chart = RankedChart(4, others, ours, (85.0, "Standard 85%"), None, "%", "trusts")
    names = ranked_names(chart)
    assert names.key == ()
    for change, said in (
        ({"xshift": -30, "yshift": 0}, "covers a mark"),
        ({"x": 0, "xanchor": "center", "y": 64, "xshift": 0, "yshift": 0}, "covers the end of an interval"),
        ({"xshift": -4000}, "is cut off"),
        ({"xanchor": "center", "xshift": 0, "yshift": 130}, "from its mark, without a leader"),
        ({"x": 2, "y": 75.0, "xshift": 20}, "is nearer to the mark of 'Swale 75.0%'"),
        ({"x": -1.5, "y": 85.0, "xshift": 0, "yshift": 8}, "lies on"),
    ):
        figure = ranked_figure(chart, names)
        marks = [
            {**mark, **change} if "Medway" in mark["text"] else mark
            for mark in figure["layout"]["annotations"]
        ]
        moved = {**figure, "layout": {**figure["layout"], "annotations": marks}}
        assert said in " ".join(wrong(moved, chart.room, names)), said
