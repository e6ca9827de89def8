"""How wide words are in Arial, to place them: neither SVG text nor the server can ask the browser.

Widths are the advances of Arial, which Helvetica and Liberation Sans share. Where a reader has Frutiger, or another
face in Arial's place, words may be a little wider: `ROOM` is kept for them.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil
from unicodedata import normalize

ROOM = 1.03
"""What is kept around words for faces that are wider than Arial, as a share of the width of Arial."""
_REGULAR = {
    191: "'",
    222: "ijl‘’",
    260: "|",
    278: " !,./:;I[\\]ft·\u00a0",
    333: "()-`r“”",
    334: "{}",
    350: "•",
    355: '"',
    389: "*",
    400: "°",
    469: "^",
    500: "Jcksvxyz↑↓",
    549: "±÷≤≥≈",
    556: "#$0123456789?L_abdeghnopqu£–",
    584: "+<=>~−×",
    611: "FTZ",
    667: "&ABEKPSVXY",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "—…←→",
    1015: "@",
}
"""Letters by their advance in thousandths of the type size."""
_BOLD = {
    238: "'",
    278: " ,./I\\ijl‘’·\u00a0",
    280: "|",
    333: "!()-:;[]`ft",
    350: "•",
    389: "*r{}",
    400: "°",
    474: '"',
    500: "z“”↑↓",
    549: "±÷≤≥≈",
    556: "#$0123456789J_aceksvxy£–",
    584: "+<=>^~−×",
    611: "?FLTZbdghnopqu",
    667: "EPSVXY",
    722: "&ABCDHKNRU",
    778: "GOQw",
    833: "M",
    889: "%m",
    944: "W",
    975: "@",
    1000: "—…←→",
}
_WIDEST = 1000


def _by_letter(widths: dict[int, str]) -> dict[str, int]:
    return {letter: width for width, letters in widths.items() for letter in letters}


_ADVANCES = {False: _by_letter(_REGULAR), True: _by_letter(_BOLD)}


@lru_cache(maxsize=4096)
def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """The width of words on one line, in the unit of the type size. A letter with an accent is as wide as without."""
    advances = _ADVANCES[bold]
    known = (advances.get(letter) or advances.get(normalize("NFD", letter)[0], _WIDEST) for letter in words)
    return size * sum(known) / 1000


def line_count(words: str, room: float, size: float) -> int:
    """About how many lines words take in a room: broken between words, a line is some nine tenths full."""
    return ceil(text_width(words, size) / (0.9 * room)) if words else 0


def shortened(name: str, room: float, size: float) -> str:
    """A name on one line: where too long, the first place that it lists; what does not fit ends in "…"."""
    first = name.split(",", 1)[0]
    forms = (name, first, first.split(" and ", 1)[0])
    return next((form for form in forms if text_width(form, size) <= room), _cut(forms[-1], room, size))


def in_lines(words: str, room: float, size: float) -> tuple[str, ...]:
    """Words in one line if they fit the room, else in the two most even ones; what does not fit ends in "…"."""
    parts = words.split()
    whole = " ".join(parts)
    if len(parts) < 2 or text_width(whole, size) <= room:
        return (_cut(whole, room, size),)
    return tuple(_cut(line, room, size) for line in two_lines(whole, size))


def two_lines(words: str, size: float) -> tuple[str, ...]:
    """Words in two lines whose longer one is as short as can be; one line for a single word."""
    parts = words.split()
    cuts = [(" ".join(parts[:place]), " ".join(parts[place:])) for place in range(1, len(parts))]
    if not cuts:
        return (words,)
    return min(cuts, key=lambda lines: max(text_width(line, size) for line in lines))


def _cut(line: str, room: float, size: float) -> str:
    if text_width(line, size) <= room:
        return line
    kept = line
    while kept and text_width(f"{kept}…", size) > room:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
