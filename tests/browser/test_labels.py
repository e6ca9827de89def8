"""Labels as plotly draws them: their boxes, and those of marks, are the browser's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from stp_dash.charts.lettering import text_width
from tests.support.browser.visits import Visit
from tests.support.site.label_oracle import Box, Mark, Pair, Picture, Words, faults, named_marks

pytestmark = pytest.mark.browser

BOUNDED = (
    ("/variation", 390),
    ("/variation", 1440),
    ("/variation?indicator=gp-fully-qualified-fte-rate&by=former-ccg", 320),
    ("/variation?indicator=stroke-thrombolysis-within-60-minutes&by=team", 768),
    ("/trend", 390),
    ("/trend?indicator=cancer-62-day-combined&organisation=RPA", 1440),
    ("/staffing", 320),
    ("/staffing", 768),
)
EVERY = tuple(
    (path, width)
    for path in sorted({path for path, _ in BOUNDED} | {"/variation?indicator=cancer-31-day-combined"})
    for width in (1440, 768, 390, 320)
)
_READ = """() => [...document.querySelectorAll("#page .plot")].map(plot => {
  const inside = plot.querySelector(".nsewdrag").getBoundingClientRect();
  const whole = plot.getBoundingClientRect();
  const box = part => { const b = part.getBoundingClientRect();
    return [b.left - inside.left, b.top - inside.top, b.right - inside.left, b.bottom - inside.top]; };
  const lines = text => { const rows = [...text.querySelectorAll("tspan.line")];
    return rows.length ? rows.map(box) : [box(text)]; };
  const said = text => { const rows = [...text.querySelectorAll("tspan.line")];
    return rows.length ? rows.map(row => row.textContent).join(" ") : text.textContent; };
  const ends_at = text => { const leader = text.closest(".annotation").querySelector(".annotation-arrow-g path");
    if (!leader) return null;
    const end = leader.getPointAtLength(leader.getTotalLength()).matrixTransform(leader.getScreenCTM());
    return [end.x - inside.left, end.y - inside.top]; };
  const labels = [...plot.querySelectorAll(".annotation-text")].map(text => [said(text), lines(text), ends_at(text)]);
  const drawn = plot.querySelector(".js-plotly-plot") || plot;
  const { xaxis, yaxis } = drawn.layout;
  const figure = { data: drawn.data, layout: { height: inside.height, margin: { t: 0, b: 0 }, xaxis, yaxis } };
  const key = [...plot.closest(".drawing").querySelectorAll(".numbered li")].map(row => row.children[2].textContent);
  const axes = [...plot.querySelectorAll(".xtick text, .ytick text, .xtitle")].map(
    text => [text.textContent, lines(text)]);
  const marks = [...plot.querySelectorAll("path.point")].filter(part => part.getBoundingClientRect().width).map(box);
  const ends = [...plot.querySelectorAll("path.yerror")].flatMap(part => { const [l, t, r, f] = box(part);
    return [[l, t - .5, r, t + .5], [l, f - .5, r, f + .5]]; });
  return { width: inside.width, height: inside.height, labels, axes, marks, ends, figure, key,
    margins: [inside.top - whole.top, whole.right - inside.right, whole.bottom - inside.bottom,
      inside.left - whole.left],
    halo: [...plot.querySelectorAll(".annotation-text")].map(text => getComputedStyle(text).paintOrder),
    ground: [...plot.querySelectorAll(".annotation-text-g .bg")].map(part => getComputedStyle(part).fillOpacity) };
})"""
_WIDTH = """([words, weight, size]) => {
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `${weight} ${size}px "Liberation Sans", Arial`;
  return pen.measureText(words).width;
}"""


def _picture(found: dict[str, Any]) -> Picture:
    picture = Picture(found["width"], found["height"], tuple(found["margins"]))
    for text, boxes, end in found["labels"]:
        picture.labels.append(Words(text, [Box(*box) for box in boxes], tuple(end) if end else None))
    for text, boxes in found["axes"]:
        picture.axes.append(Words(text, [Box(*box) for box in boxes]))
    for box in found["marks"]:
        mark = Box(*box)
        picture.add(Mark(mark, ring=mark.right - mark.left > 20))
    for box in found["ends"]:
        picture.add(Mark(Box(*box), end=True))
    return picture


def _named(found: dict[str, Any]) -> dict[str, Pair]:
    """Where the marks are that labels name, by their words: names, or numbers of a key beneath."""
    words = {str(number): name for number, name in enumerate(found["key"], 1)}
    if not words:
        known = [item["name"] for item in found["figure"]["data"] if "name" in item]
        words = {text: name for text, _, _ in found["labels"] for name in known if text.startswith(name)}
    return named_marks(found["figure"], words)


def test_no_label_that_plotly_draws_covers_a_mark_or_other_words_or_leaves_or_is_nearer_to_a_strange_mark(
    visit: Callable[..., Visit], three_address: str, request: pytest.FixtureRequest
) -> None:
    reader, said, seen, named = visit(), [], 0, 0
    page = reader.page
    for path, width in EVERY if request.config.getoption("--all-labels") else BOUNDED:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(three_address + path)
        reader.settled()
        for found in page.evaluate(_READ):
            seen += len(found["labels"])
            own = _named(found)
            named += len(own)
            said += [f"{path} at {width}: {fault}" for fault in faults(_picture(found), own)]
            assert set(found["halo"]) <= {"stroke"}
            assert set(found["ground"]) <= {"0"}
    assert said == []
    assert seen > 40
    assert named > 12


def test_widths_of_words_are_the_browsers(visit: Callable[..., Visit]) -> None:
    page = visit(390).page
    for words in (
        "Maidstone and Tunbridge Wells 81.4%",
        "“245 GPs” quoted, March 2017",
        "← lowest of 1,204 (CCGs)",
    ):
        for weight, size in ((400, 12), (700, 12), (700, 14)):
            drawn = page.evaluate(_WIDTH, [words, weight, size])
            assert text_width(words, size, bold=weight > 400) == pytest.approx(drawn, rel=0.01)
