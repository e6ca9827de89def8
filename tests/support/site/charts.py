"""The charts of a built page: each figure with the breadth of its card and the names that stand beneath it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from stp_dash.charts.static.picture import static_chart
from tests.support.site.label_oracle import faults, named_marks, picture
from tests.support.site.page_parts import nodes, words


@dataclass(frozen=True)
class PageChart:
    """A figure, how many of twelve columns its card has, and the names of what bears numbers, in order."""

    figure: dict[str, Any]
    span: int
    key: tuple[str, ...]

    @cached_property
    def static(self) -> str:
        """It as the server draws it, for any breadth of screen."""
        return static_chart(self.figure)

    def plot_width(self, viewport: int) -> float:
        """How wide its plot is on a screen of a width, by the style sheet."""
        margin = self.figure["layout"]["margin"]
        return room(viewport, self.span) - float(margin["l"] + margin["r"])


def room(viewport: int, span: int) -> float:
    """How wide a card's inside is on a screen of a width: margins of the page, then padding and edge of the card."""
    if viewport < 600:
        return viewport - 32.0 - 34.0
    if viewport < 1100:
        return viewport - (32.0 if viewport < 768 else 64.0) - 50.0
    return (min(viewport, 1440) - 64 + 24) * span / 12 - 24 - 50.0


def charts(page: Any) -> Iterator[PageChart]:
    """Every chart of a page."""
    for card in nodes(page, "Section"):
        span = re.findall(r"\bc(\d+)\b", card["props"].get("className", ""))
        for graph in nodes(card, "Graph"):
            lists = [item for item in nodes(card, "Ol") if item["props"].get("className") == "numbered"]
            rows = nodes(lists[0], "Li") if lists else []
            names = tuple(words(row["props"]["children"][2]) for row in rows)
            yield PageChart(graph["props"]["figure"], int(span[0]), names)


def label_faults(chart: PageChart, screen: int) -> list[str]:
    """The faults of a chart's labels as the server draws them for a screen."""
    drawn = picture(chart.static, chart.plot_width(screen))
    names = {str(number): name for number, name in enumerate(chart.key, 1)}
    if not names:
        known = [item["name"] for item in chart.figure["data"] if "name" in item]
        names = {label.text: name for label in drawn.labels for name in known if label.text.startswith(name)}
    return faults(drawn, named_marks(chart.figure, names))
