"""The pack as slides, 16:9: native charts that can be edited, the finding as title, the table as notes."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pptx import Presentation
from pptx.enum.shapes import MSO_CONNECTOR
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as Deck
from pptx.slide import Slide, SlideLayout
from pptx.util import Emu, Pt

from stp_dash.charts.theme import CONTROL, DARK, ORANGE, SECONDARY, TEXT
from stp_dash.pack.documents.archive import timed_alike
from stp_dash.pack.documents.slide_chart import add_chart, rgb
from stp_dash.pack.documents.standard_input import write_document
from stp_dash.pack.documents.text_room import LINE_HEIGHT, fitted, lines_of
from stp_dash.pack.model import BoardPack, IndicatorSheet, PackAction, PackComment

TITLE_ONLY = "Title Only"
"""The layout of a template that slides are made of; without it the first that has a title."""
_PX = 9525
"""A pixel of a slide of 1280 by 720, in EMU."""
_TITLE_SIZES = (24, 20, 18, 16)
"""In points, the first that has room."""
_MOST_LINES, _MOST_PARTS, _MOST_ROWS = 7, 5, 11
_TOP = 152.0
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])\s+")
FIGURES_WIDTH = 290
"""Of the key figures at the left of a slide, in pixels."""
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

    def title(self, words: str, below: str = "", *, high: float = 66) -> None:
        """The slide's title, which a screen reader finds first, and a sentence below it; so many pixels high."""
        fits = (size for size in _TITLE_SIZES if _height(words, 1200, size, bold=True) <= high)
        size = next(fits, _TITLE_SIZES[-1])
        shape = self.slide.shapes.title
        if shape is None:
            self.write((40, 40, 1200, high), [(words, size, TEXT, True)])
        else:
            shape.left, shape.top, shape.width, shape.height = self.box((40, 40, 1200, high))
            shape.text_frame.text = words
            shape.text_frame.word_wrap = True
            shape.text_frame.vertical_anchor = MSO_ANCHOR.MIDDLE
            frame = shape.text_frame
            frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(0)
            shape.text_frame.paragraphs[0].alignment = PP_ALIGN.LEFT
            for run in shape.text_frame.paragraphs[0].runs:
                run.font.size, run.font.bold = Pt(size), True
                run.font.color.rgb = rgb(TEXT)
        if below:
            self.write((40, 36 + high, 1200, 46), [(below, 13.5, SECONDARY, False)])

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

    def stacked(self, top: float, lines: Sequence[Line]) -> float:
        """Words at the left below a rule, so high as their lines; where the next ones begin."""
        high = self.stack_height(lines)
        self.line((40, top), FIGURES_WIDTH)
        self.write((40, top + 2, FIGURES_WIDTH, high - 4), lines)
        return top + high

    def stack_height(self, lines: Sequence[Line]) -> float:
        """How much of the slide words at the left take."""
        return 10 + sum(_height(words, FIGURES_WIDTH, size, bold=bold) for words, size, _, bold in lines)

    def line(self, start: tuple[float, float], width: float, *, colour: str = DARK) -> None:
        """A rule from left to right."""
        left, top, across, _ = self.box((*start, width, 0))
        drawn = self.slide.shapes.add_connector(MSO_CONNECTOR.STRAIGHT, left, top, Emu(left + across), top)
        drawn.line.color.rgb, drawn.line.width = rgb(colour), Pt(1)
        drawn._element.remove(drawn._element.find(qn("p:style")))

    def table(
        self,
        place: tuple[float, float, float, float],
        widths: Sequence[float],
        rows: Sequence[Sequence[str]],
        *,
        size: float = 14,
    ) -> None:
        """A table with its first row as head; the last number of `place` is how high a row is at least."""
        left, top, width, high = place
        drawn = self.slide.shapes.add_table(
            len(rows), len(widths), *self.box((left, top, width, high * len(rows)))
        ).table
        for column, across in zip(drawn.columns, widths, strict=True):
            column.width = Emu(round(across * self.across))
        for down, row in enumerate(rows):
            for place_across, words in enumerate(row):
                cell = drawn.cell(down, place_across)
                cell.text = words
                if down == 0:
                    cell.fill.solid()
                    cell.fill.fore_color.rgb = rgb(DARK)
                for run in cell.text_frame.paragraphs[0].runs:
                    run.font.size, run.font.bold = Pt(size), down == 0 or place_across == 0

    def note(self, words: str) -> None:
        """The speaker's notes."""
        frame = self.slide.notes_slide.notes_text_frame
        if frame is not None:
            frame.text = words


def _height(words: str, width: float, size: float, *, bold: bool = False) -> float:
    """How many pixels high words are within a width."""
    return len(lines_of(words, width, size, bold=bold)) * size / 0.75 * LINE_HEIGHT


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
    made.write((40, 216, 1200, 36), [(f"Board pack, {pack.area}, {pack.day}", 18, DARK, True)])
    top = 270.0
    for item in pack.attention[:3]:
        made.line((40, top), 1200)
        made.write((40, top + 8, 290, 96), [(item.count, 28, TEXT, True), (item.unit, 14, SECONDARY, False)])
        told, _ = fitted(sentences_of(item.sentence), 870, 13.5, 3)
        made.write((352, top + 8, 888, 110), [(item.heading, 16, TEXT, True), (told, 13.5, TEXT, False)])
        top += 124
    if pack.provisional:
        made.write((40, 646, 1200, 24), [(pack.provisional, 12, SECONDARY, False)])
    made.note(f"{pack.summary}\n{pack.provisional}\n{pack.rules}\nThe same pack again: {pack.address}")


def _attention(made: SlideMaker, pack: BoardPack) -> None:
    made.title("What needs attention", pack.summary)
    shown = pack.attention[:_MOST_LINES]
    if not shown:
        made.write((40, 160, 1200, 60), [("Nothing needs attention.", 18, TEXT, False)])
        return
    rows = [("How many", "What", "Variation", "Assurance")]
    for item in shown:
        icons = (
            item.variation.words if item.variation else "–",
            item.assurance.words if item.assurance else "–",
        )
        rows.append((f"{item.count} {item.unit}", item.heading, *icons))
    made.table((40, 150, 1200, 44), (220, 570, 210, 200), rows)
    made.note(
        "\n".join(f"{item.count} {item.unit}: {item.heading}. {item.sentence}" for item in pack.attention)
    )


def _indicator(made: SlideMaker, sheet: IndicatorSheet, pack: BoardPack) -> None:
    said = sheet.comment
    below, _ = fitted(sentences_of(sheet.sentence), 1200, 13.5, 2)
    made.title(sheet.title, below)
    _figures(made, sheet, 590 if said is None else 562)
    high = 438 if said is None else 404
    if sheet.series is not None:
        add_chart(made.slide, sheet.series, pack.area, sheet.unit, made.box((352, 152, 888, high)))
    else:
        made.write(
            (352, 150, 888, 28), [("The area has no figure of its own over time. Its parts:", 14, TEXT, True)]
        )
        rows = [(part.name, part.shown, part.verdict) for part in sheet.parts[:_MOST_ROWS]]
        if rows:
            made.table(
                (352, 188, 888, 34), (390, 150, 348), [(sheet.parts_heading, "Figure", "Standing"), *rows]
            )
    marked = "Demonstration data. " if sheet.demonstration else ""
    source, _ = fitted([f"{marked}{sheet.source}"], 1200, 12, 1)
    if said is not None:
        _commentary(made, said, source)
    elif sheet.series is None:
        made.write((40, 662, 1200, 22), [(source, 12, TEXT, False)])
    else:
        named = [f"{part.name} {part.shown}, {part.verdict}" for part in sheet.parts[:_MOST_PARTS]]
        parts = f"{sheet.parts_heading}, worst first: {'; '.join(named)}." if named else ""
        told, _ = fitted([parts], 1200, 12, 3)
        made.write((40, 596, 1200, 88), [(words, 12, TEXT, False) for words in (told, source) if words])
    made.note(_table(sheet))


def _figures(made: SlideMaker, sheet: IndicatorSheet, room: float) -> None:
    """The key figures at the left, one below another, each as high as its words are, down to a place on the slide."""
    stacks = [_stack(sheet, most) for most in (3, 2, 1)]
    ends = [_TOP + sum(made.stack_height(lines) for lines in stack) for stack in stacks]
    shown = next((stack for stack, end in zip(stacks, ends, strict=True) if end <= room), stacks[-1])
    top = _TOP
    for lines in shown:
        top = made.stacked(top, lines)


def _stack(sheet: IndicatorSheet, most: int) -> list[list[Line]]:
    """The key figures and icons in words, each with a note of so many lines at most."""
    found: list[list[Line]] = []
    for fact in sheet.facts[:3]:
        first, *others = fact.note.split(" · ")
        note, _ = fitted([first, *(f"· {part}" for part in others)], FIGURES_WIDTH, 12, most)
        colour = ORANGE if fact.short else TEXT
        lines: list[Line] = [(fact.heading, 12, SECONDARY, False), (fact.value, 24, colour, True)]
        found.append([*lines, (note, 12, SECONDARY, False)] if note else lines)
    for name, icon in (("Variation", sheet.variation), ("Assurance", sheet.assurance)):
        found.append([(name, 12, SECONDARY, False), (icon.words, 16, TEXT, True)])
    return found


def _commentary(made: SlideMaker, said: PackComment, source: str) -> None:
    """What people say in three columns, cut at a sentence; the whole of it is in the notes."""
    done = [f"{item.what} ({item.owner}, {action_state(item)})" for item in said.actions]
    columns = (
        ("What happened", said.happened),
        ("What we are doing", [f"{words}." for words in done] or ["No action is given."]),
        ("Assurance", said.assurance),
    )
    made.line((40, 566), 1200, colour=CONTROL)
    more = False
    for place, (name, sentences) in enumerate(columns):
        words, is_cut = fitted(sentences, 370, 12, 3)
        more |= is_cut
        made.write((40 + 415 * place, 568, 370, 84), [(name, 12, TEXT, True), (words, 12, TEXT, False)])
    whole = " · The whole of it is in the notes." if more else ""
    written, _ = fitted([f"{said.written}{whole}"], 1200, 12, 1)
    made.write((40, 648, 1200, 40), [(written, 12, SECONDARY, False), (source, 12, SECONDARY, False)])


def action_state(item: PackAction) -> str:
    """When something is to be done by, or how far it is."""
    return item.state if item.late or item.state in {"Done", "Stopped"} else f"by {item.by}"


def sentences_of(text: str) -> list[str]:
    """The sentences of a text, at which it may be cut."""
    return _BETWEEN_SENTENCES.split(text)


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
