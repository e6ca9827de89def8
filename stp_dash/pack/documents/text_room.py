"""How much room words take in the typeface of slides and paper: what has no room is cut before it is clipped."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

from PIL import ImageFont

TYPEFACE = "Arimo"
"""As wide as Arial, which words on charts are placed for. Its package holds the licence beside the font."""
FONT_FOLDER = Path(str(files("fontpkg_arimo") / "files"))
_FONT_FILE = FONT_FOLDER / f"{TYPEFACE}[wght].ttf"
LINE_HEIGHT = 1.2
"""Of a line of words, in sizes of the letters."""
_MEASURED_AT = 96
_ELLIPSIS = "…"


@cache
def typeface(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    """The typeface at a size."""
    face = ImageFont.truetype(str(_FONT_FILE), size)
    face.set_variation_by_axes([700 if bold else 400])
    return face


def lines_of(words: str, width: float, points: float, *, bold: bool = False) -> list[str]:
    """The lines that words take within a width in pixels of a slide, at a size in points; longer words are broken."""
    room = width * _MEASURED_AT / (points / 0.75)
    space = _width(" ", bold=bold)
    lines: list[str] = []
    for line in words.split("\n"):
        now, taken = "", -space
        for word in line.split(" "):
            wide = _width(word, bold=bold)
            if taken + space + wide <= room:
                now, taken = f"{now} {word}" if taken >= 0 else word, taken + space + wide
                continue
            if taken >= 0:
                lines.append(now)
            *full, now = _broken(word, room, bold=bold)
            lines += full
            taken = _width(now, bold=bold)
        lines.append(now)
    return lines


@cache
def _width(word: str, *, bold: bool) -> float:
    """Of a word, at the size that is measured at."""
    return typeface(_MEASURED_AT, bold=bold).getlength(word)


def _broken(word: str, room: float, *, bold: bool) -> list[str]:
    """A word in pieces that each have room."""
    pieces, now, taken = [], "", 0.0
    for letter in word:
        wide = _width(letter, bold=bold)
        if now and taken + wide > room:
            pieces.append(now)
            now, taken = "", 0.0
        now, taken = now + letter, taken + wide
    return [*pieces, now]


def fitted(sentences: Sequence[str], width: float, points: float, most: int) -> tuple[str, bool]:
    """As many whole sentences as so many lines hold, the first cut where it alone is longer; and whether any is cut."""
    shown = ""
    for sentence in sentences:
        longer = f"{shown}{'' if sentence.startswith(chr(10)) or not shown else ' '}{sentence}".strip()
        if len(lines_of(longer, width, points)) <= most:
            shown = longer
            continue
        return shown or _cut(sentence, width, points, most), True
    return shown, False


def _cut(sentence: str, width: float, points: float, most: int) -> str:
    """The beginning of a sentence that has no room."""
    lines = lines_of(sentence.strip(), width, points)[:most]
    while lines[-1] and len(lines_of(lines[-1] + _ELLIPSIS, width, points)) > 1:
        lines[-1] = lines[-1].rpartition(" ")[0] or lines[-1][:-1]
    return " ".join(lines) + _ELLIPSIS
