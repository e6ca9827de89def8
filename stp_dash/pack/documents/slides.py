"""The pack as slides, 16:9: native charts that can be edited, the finding as title, the table as notes."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pptx import Presentation
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide, SlideLayout
from pptx.util import Emu, Pt

from stp_dash.charts.theme import DARK, ORANGE, SECONDARY, TEXT
from stp_dash.pack.documents.archive import timed_alike
from stp_dash.pack.documents.slide_chart import add_chart, rgb
from stp_dash.pack.documents.standard_input import write_document
from stp_dash.pack.model import BoardPack, IndicatorSheet

TITLE_ONLY = "Title Only"
"""The layout of a template that slides are made of; without it the first that has a title."""
_PX = 9525
"""A pixel of a slide of 1280 by 720, in EMU."""
_LONG_TITLE = 62
_MOST_LINES, _MOST_PARTS = 7, 5
Line = tuple[str, float, str, bool]
"""A line of words: what it says, its size in points, its colour, and whether it is bold."""


def slides(pack: BoardPack, template: Path | None = None) -> bytes:
    """The slides; the same pack is the same bytes. Of a template they have master, fonts and colours."""
    deck = Presentation(str(template) if template else None)
    if template is None:
        _plain_master(deck)
        deck.slide_width, deck.slide_height = Emu(1280 * _PX), Emu(720 * _PX)
    deck.core_properties.title = f"{pack.site}: board pack, {pack.area}, {pack.day}"
    deck.core_properties.author = pack.site
    _first(SlideMaker.new(deck, pack), pack)
    _attention(SlideMaker.new(deck, pack), pack)
    for sheet in pack.every_sheet:
        _indicator(SlideMaker.new(deck, pack), sheet, pack)
    _methods(SlideMaker.new(deck, pack), pack)
    content = io.BytesIO()
    deck.save(content)
    return timed_alike(content.getvalue(), pack.stamp)


@dataclass(frozen=True)
class SlideMaker:
    """A new slide; places on it are in pixels of 1280 by 720, whatever size the template has."""

    slide: Slide
    across: float
    down: float

    @classmethod
    def new(cls, deck: Deck, pack: BoardPack) -> SlideMaker:
        """A slide with its foot, and with the mark of demonstration data where there is any."""
        width, height = int(deck.slide_width or 1280 * _PX), int(deck.slide_height or 720 * _PX)
        made = cls(deck.slides.add_slide(_layout(deck)), width / 1280, height / 720)
        number = len(deck.slides)
        foot = f"{pack.area} · {pack.day} · {pack.version} · Hollow: provisional"
        made.write((40, 686, 1100, 24), [(foot, 12, SECONDARY, False)])
        made.write((1180, 686, 60, 24), [(str(number), 12, SECONDARY, False)])
        if pack.banner:
            made.write(
                (400, 6, 840, 30), [(f"Demonstration data. {pack.banner}", 12, TEXT, True)], fill="#FFF6DB"
            )
        return made

    def box(self, place: tuple[float, float, float, float]) -> tuple[Emu, Emu, Emu, Emu]:
        """Left, top, width and height as PowerPoint measures them."""
        left, top, width, height = place
        return (
            Emu(round(left * self.across)),
            Emu(round(top * self.down)),
            Emu(round(width * self.across)),
            Emu(round(height * self.down)),
        )

    def title(self, words: str, below: str = "", *, high: float = 60) -> None:
        """The slide's title, which a screen reader finds first, and a sentence below it; so many pixels high."""
        shape = self.slide.shapes.title
        if shape is None:
            self.write((40, 40, 1200, 60), [(words, 24, TEXT, True)])
        else:
            shape.left, shape.top, shape.width, shape.height = self.box((40, 44, 1200, high))
            shape.text_frame.text = words
            shape.text_frame.word_wrap = True
            shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
            shape.text_frame.margin_left = Emu(0)
            shape.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
            for run in shape.text_frame.paragraphs[0].runs:
                run.font.size, run.font.bold = Pt(20 if len(words) > _LONG_TITLE else 24), True
                run.font.color.rgb = rgb(TEXT)
        if below:
            self.write((40, 46 + high, 1200, 44), [(below, 13.5, SECONDARY, False)])

    def write(
        self, place: tuple[float, float, float, float], lines: Sequence[Line], *, fill: str = ""
    ) -> None:
        """Words in a box of their own."""
        shape = self.slide.shapes.add_textbox(*self.box(place))
        frame = shape.text_frame
        frame.word_wrap = True
        frame.margin_left = frame.margin_right = Emu(0 if not fill else 8 * _PX)
        frame.margin_top = frame.margin_bottom = Emu(2 * _PX)
        if fill:
            shape.fill.solid()
            shape.fill.fore_color.rgb = rgb(fill)
        for number, (words, size, colour, bold) in enumerate(lines):
            paragraph = frame.paragraphs[0] if not number else frame.add_paragraph()
            run = paragraph.add_run()
            run.text = words
            run.font.size, run.font.bold, run.font.color.rgb = Pt(size), bold, rgb(colour)

    def note(self, words: str) -> None:
        """The speaker's notes."""
        frame = self.slide.notes_slide.notes_text_frame
        if frame is not None:
            frame.text = words


def _plain_master(deck: Deck) -> None:
    """Arial in the place of the library's own typeface."""
    theme = next(
        rel.target_part for rel in deck.slide_master.part.rels.values() if rel.reltype.endswith("/theme")
    )
    theme._blob = theme.blob.replace(b'typeface="Calibri"', b'typeface="Arial"')


def _layout(deck: Deck) -> SlideLayout:
    named = next((item for item in deck.slide_layouts if item.name == TITLE_ONLY), None)
    titled = (
        item
        for item in deck.slide_layouts
        if any(one.placeholder_format.idx == 0 for one in item.placeholders)
    )
    return named or next(titled, deck.slide_layouts[0])


def _first(made: SlideMaker, pack: BoardPack) -> None:
    made.title(pack.title, pack.lede, high=100)
    lines: list[Line] = [(f"Board pack, {pack.area}, {pack.day}", 18, DARK, True)]
    for item in pack.attention[:3]:
        lines += [(f"{item.count} {item.unit}", 24, TEXT, True), (item.heading, 14, TEXT, False)]
    made.write((40, 210, 1200, 400), lines)
    made.note(f"{pack.summary}\n{pack.provisional}\n{pack.rules}\nThe same pack again: {pack.address}")


def _attention(made: SlideMaker, pack: BoardPack) -> None:
    made.title("What needs attention", pack.summary)
    shown = pack.attention[:_MOST_LINES]
    if not shown:
        made.write((40, 160, 1200, 60), [("Nothing needs attention.", 18, TEXT, False)])
        return
    heads = ("How many", "What", "Variation", "Assurance")
    table = made.slide.shapes.add_table(len(shown) + 1, len(heads), *made.box((40, 150, 1200, 60))).table
    for column, width in zip(table.columns, (190, 600, 210, 200), strict=True):
        column.width = Emu(round(width * made.across))
    rows = [heads]
    for item in shown:
        icons = (
            item.variation.words if item.variation else "–",
            item.assurance.words if item.assurance else "–",
        )
        rows.append((f"{item.count} {item.unit}", item.heading, *icons))
    for down, row in enumerate(rows):
        for across, words in enumerate(row):
            cell = table.cell(down, across)
            cell.text = words
            for run in cell.text_frame.paragraphs[0].runs:
                run.font.size, run.font.bold = Pt(14), down == 0 or across == 0
    made.note(
        "\n".join(f"{item.count} {item.unit}: {item.heading}. {item.sentence}" for item in pack.attention)
    )


def _indicator(made: SlideMaker, sheet: IndicatorSheet, pack: BoardPack) -> None:
    made.title(sheet.title, sheet.sentence)
    top = 156.0
    for fact in sheet.facts[:3]:
        colour = ORANGE if fact.short else TEXT
        lines = [
            (fact.heading, 12, SECONDARY, False),
            (fact.value, 24, colour, True),
            (fact.note, 12, SECONDARY, False),
        ]
        made.write((40, top, 290, 92), lines)
        top += 104
    for name, icon in (("Variation", sheet.variation), ("Assurance", sheet.assurance)):
        made.write((40, top, 290, 58), [(name, 12, SECONDARY, False), (icon.words, 16, TEXT, True)])
        top += 62
    if sheet.series is None:
        words = "The area has no figure of its own over time: its parts stand below."
        made.write((352, 150, 888, 40), [(words, 14, TEXT, False)])
    else:
        add_chart(made.slide, sheet.series, pack.area, sheet.unit, made.box((352, 152, 888, 438)))
    named = [f"{part.name} {part.shown}, {part.verdict}" for part in sheet.parts[:_MOST_PARTS]]
    parts = f"{sheet.parts_heading}, worst first: {'; '.join(named)}." if named else ""
    marked = "Demonstration data. " if sheet.demonstration else ""
    lines = [(words, 12, TEXT, False) for words in (parts, f"{marked}{sheet.source}") if words]
    made.write((40, 596, 1200, 84), lines)
    made.note(_table(sheet))


def _table(sheet: IndicatorSheet) -> str:
    """The chart's numbers and the parts', a line each, for the notes."""
    lines = [sheet.title, sheet.definition, sheet.status]
    if sheet.series is not None:
        lines += [sheet.series.method, "Period: value; mean; lower limit; upper limit; standard"]
        for point in sheet.series.points:
            numbers = (point.value, point.mean, point.lower, point.upper, point.standard)
            shown = "; ".join("none" if number is None else f"{number:.6g}" for number in numbers)
            lines.append(f"{point.period}{' (provisional)' if point.provisional else ''}: {shown}")
    lines += [f"{part.name}: {part.shown}, {part.verdict}" for part in sheet.parts]
    lines += _said(sheet)
    return "\n".join(line for line in lines if line)


def _said(sheet: IndicatorSheet) -> list[str]:
    """What people say of an indicator, and the events of its chart."""
    said = sheet.comment
    if said is None:
        return []
    events = [f"Event {number}: {words}" for number, words in sheet.series.events] if sheet.series else []
    return [
        f"What happened: {said.what_happened}",
        f"What we are doing: {said.what_is_done or 'No action is given.'}",
        f"Assurance: {said.what_is_relied_on}",
        said.written,
        said.stale,
        *events,
    ]


def _methods(made: SlideMaker, pack: BoardPack) -> None:
    made.title("Methods and sources")
    marks = (
        "Circle: common cause. Triangle: improvement signal. Diamond: concern signal. Square: special cause. Hollow: "
        "provisional. Dashed lines: process limits; the mean between them. Thick line: the standard."
    )
    words = (marks, pack.rules, pack.basis, " ".join(pack.absent), pack.licence, pack.disclaimer)
    files = "; ".join(f"{line.publisher}: {line.file}" for line in pack.sources)
    made.write((40, 120, 1200, 540), [(line, 13, TEXT, False) for line in words if line])
    made.note(f"Files: {files}\nThe same pack again: {pack.address}")


if __name__ == "__main__":
    write_document(partial(slides, template=Path(sys.argv[1]) if len(sys.argv) > 1 else None))
