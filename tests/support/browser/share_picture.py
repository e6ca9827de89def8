"""The picture that programs show beside a link to the site: `make share-picture` draws `assets/share.png` anew.

What it is called and what it shows, in the marks of its charts; no figure, for it stands beside every page's link.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from playwright.sync_api import sync_playwright

from stp_dash.charts.theme import BAND, BLUE, CONTROL, DARK, GREY, ORANGE, PLUM, SECONDARY, WHITE
from stp_dash.frame.shell import SITE_TITLE
from tests.support.browser.visits import chromium

SIZE = 1200, 630
"""As wide and as high as link previews show it, in pixels."""
SUBJECTS = "Stroke care, cancer waits, GPs and practice nurses"
QUESTIONS = "Is the standard met? Where not? Is it getting better?"
_PANEL = 452
_LEFT, _STEP, _TOP, _FOOT = 504, 30.5, 64, 486
_UPPER, _MEAN, _LOWER, _STANDARD = 142, 265, 389, 193
_HEIGHTS = (
    295, 233, 330, 263, 311, 228, 273, 354, 249, 289, 244, 201, 174, 209, 158, 185, 150, 169, 241, 300, 410, 372,
)  # fmt: skip
_BETTER, _WORSE = range(11, 18), range(20, 22)
_MARKS = {
    "circle": ('<circle r="7.5"/>', GREY),
    "triangle": ('<path d="M0-10L10.5 8.5H-10.5Z"/>', BLUE),
    "diamond": ('<path d="M0-11.5L11.5 0L0 11.5L-11.5 0Z"/>', ORANGE),
}
_DOCUMENT = """<!DOCTYPE html><style>
body {{ margin: 0; width: 1200px; height: 630px; overflow: hidden; position: relative; background: #fff;
  font-family: Frutiger, Arial, sans-serif; }}
aside {{ position: absolute; inset: 0 auto 0 0; width: {room}px; padding: 56px 40px 52px 56px;
  box-sizing: border-box; background: {blue}; color: #fff; display: flex; flex-direction: column; }}
h1 {{ font-size: 57px; line-height: 62px; margin: 34px 0 22px; letter-spacing: -.6px; }}
p {{ font-size: 27px; line-height: 37px; margin: 0; }}
p + p {{ margin-top: auto; padding-top: 22px; border-top: 3px solid rgba(255, 255, 255, .45); font-size: 23px;
  line-height: 32px; }}
svg {{ position: absolute; inset: 0; }}
aside svg {{ position: static; flex: none; }}
text {{ font-size: 23px; }}
</style><aside>{icon}<h1>{name}</h1><p>{subjects}</p><p>{questions}</p></aside>
<svg width="1200" height="630">{chart}</svg>"""


def document() -> str:
    """The picture as a page."""
    icon = (Path("assets") / "icon.svg").read_text("utf-8")
    icon = icon.replace("<svg ", '<svg width="76" height="76" ').replace('fill="#005eb8"', f'fill="{DARK}"')
    name, told = SITE_TITLE.split(), {"subjects": SUBJECTS, "questions": QUESTIONS}
    return _DOCUMENT.format(blue=BLUE, room=_PANEL, icon=icon, name="<br>".join(name), chart=_chart(), **told)


def _chart() -> str:
    """A series with its limits, its mean and the standard, in the marks of the site's charts; a key beneath."""
    places = [(_LEFT + 20 + _STEP * step, y) for step, y in enumerate(_HEIGHTS)]
    last = places[-1][0]
    parts = [
        f'<rect x="{_LEFT}" y="{_UPPER}" width="{1200 - _LEFT}" height="{_LOWER - _UPPER}" fill="{BAND}"/>'
    ]
    parts += [
        f'<path d="M{_LEFT} {y}H1200" stroke="{colour}" stroke-width="{wide}" stroke-dasharray="{dashes}"/>'
        for y, colour, wide, dashes in (
            (_UPPER, CONTROL, 2.5, "10 7"),
            (_LOWER, CONTROL, 2.5, "10 7"),
            (_MEAN, SECONDARY, 2.5, "none"),
            (_STANDARD, PLUM, 4.5, "none"),
        )
    ]
    parts += [f'<path d="M{_LEFT} {_TOP}V{_FOOT}H1200" fill="none" stroke="{CONTROL}" stroke-width="2.5"/>']
    parts += [
        f'<path d="M{x} {y}L{to_x} {to_y}" stroke="{GREY}" stroke-width="3.5"/>'
        for (x, y), (to_x, to_y) in pairwise(places)
    ]
    for step, (x, y) in enumerate(places):
        kind = "triangle" if step in _BETTER else "diamond" if step in _WORSE else "circle"
        parts.append(_mark(kind, x, y, 1.35 if x == last else 1.0))
    parts.append(
        f'<text x="{_LEFT + 16}" y="{_STANDARD - 14}" fill="{PLUM}" font-weight="700">Standard</text>'
    )
    for kind, words, x in (
        ("triangle", "Improving", 524),
        ("diamond", "Getting worse", 690),
        ("circle", "As before", 902),
    ):
        parts.append(_mark(kind, x, 548, 1.1))
        parts.append(f'<text x="{x + 22}" y="556" fill="{SECONDARY}">{words}</text>')
    return "".join(parts)


def _mark(kind: str, x: float, y: float, scale: float) -> str:
    shape, colour = _MARKS[kind]
    place = f'transform="translate({x} {y}) scale({scale})"'
    return f'<g {place} fill="{colour}" stroke="{WHITE}" stroke-width="3">{shape}</g>'


def draw(path: Path) -> None:
    """The picture as a PNG file."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium())
        page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
        page.set_content(document())
        page.screenshot(path=path)
        browser.close()


if __name__ == "__main__":
    draw(Path("assets") / "share.png")
