"""How wide words are in Arial, near enough to place them: charts that are SVG text cannot ask the browser."""

from __future__ import annotations

_WIDTHS = {
    "fijlt I.,:;'|!/()[]-": 0.3,
    "r": 0.34,
    "cksvxyzJ": 0.5,
    "abdeghnopqu0123456789?L": 0.556,
    "ABEFKPSTVXYZ&": 0.667,
    "CDGHNOQRUw": 0.722,
    "mM%W": 0.86,
}
"""Parts of the type size, by letter: the standard widths of Arial and Helvetica, similar ones together."""
_BY_LETTER = {letter: width for letters, width in _WIDTHS.items() for letter in letters}
_BOLD = 1.07


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """The width of words on one line, in the unit of the type size."""
    width = size * sum(_BY_LETTER.get(letter, 0.6) for letter in words)
    return width * (_BOLD if bold else 1.0)


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
