"""Where the words of a PDF stand on its pages, and what its structure says, read back from the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf

Matrix = pikepdf.Matrix


@dataclass(frozen=True)
class TextBox:
    """A run of glyphs in points from the lower left corner: where it starts, where it ends, and its size."""

    left: float
    right: float
    base: float
    size: float


def text_boxes(page: pikepdf.Page) -> list[TextBox]:
    """Every run of glyphs of a page, those of charts too."""
    return list(_runs(page.obj, page.obj.Resources, Matrix()))


def _runs(content: Any, resources: Any, outer: Matrix) -> Iterator[TextBox]:
    transform, kept, line = outer, [], Matrix()
    font, size = None, 0.0
    for part in pikepdf.parse_content_stream(content):
        operands, name = part.operands, str(part.operator)
        if name == "q":
            kept.append(transform)
        elif name == "Q":
            transform = kept.pop()
        elif name == "cm":
            transform = Matrix(*map(float, operands)) @ transform
        elif name == "Do":
            inner = resources.XObject[str(operands[0])]
            if inner.get("/Subtype") == "/Form":
                own = Matrix(*map(float, inner.get("/Matrix", [1, 0, 0, 1, 0, 0]))) @ transform
                yield from _runs(inner, inner.get("/Resources", resources), own)
        elif name == "Tf":
            font, size = resources.Font[str(operands[0])], float(operands[1])
        elif name == "Tm":
            line = Matrix(*map(float, operands))
        elif name in {"Tj", "TJ"} and font is not None:
            shown = operands[0] if name == "TJ" else [operands[0]]
            placed = line @ transform
            width = _width(font, shown) * size / 1000
            start, end = placed.transform((0, 0)), placed.transform((width, 0))
            yield TextBox(start[0], end[0], start[1], abs(placed.transform((0, size))[1] - start[1]))


def _width(font: Any, shown: Any) -> float:
    """The advance of glyphs with what they are set apart, in thousandths of the size."""
    widths = _widths(font)
    total = 0.0
    for part in shown:
        if isinstance(part, pikepdf.String):
            code = bytes(part)
            total += sum(
                widths.get(int.from_bytes(code[at : at + 2], "big"), 1000.0) for at in range(0, len(code), 2)
            )
        else:
            total -= float(part)
    return total


def _widths(font: Any) -> dict[int, float]:
    """The advance of each glyph of a composite font, from its two ways of writing them."""
    given = list(font.DescendantFonts[0].get("/W", []))
    found: dict[int, float] = {}
    while given:
        first, second = int(given.pop(0)), given.pop(0)
        if isinstance(second, pikepdf.Array):
            found |= {first + place: float(width) for place, width in enumerate(second)}
        else:
            width = float(given.pop(0))
            found |= dict.fromkeys(range(first, int(second) + 1), width)
    return found


def elements(document: pikepdf.Pdf) -> list[Any]:
    """The elements of the structure tree in reading order."""
    return list(_below(document.Root.StructTreeRoot))


def _below(element: Any) -> Iterator[Any]:
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield kid
            yield from _below(kid)


def tagged_marks(document: pikepdf.Pdf) -> dict[int, list[int]]:
    """Of each page, from 0, the numbers of its marked stretches of words in the order of the structure tree."""
    pages: dict[Any, int] = {page.objgen: place for place, page in enumerate(document.pages)}
    found: dict[int, list[int]] = {}

    def below(element: Any, page: Any) -> None:
        page = element.get("/Pg", page)
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
            if isinstance(kid, int):
                found.setdefault(pages[page.objgen], []).append(kid)
            elif isinstance(kid, pikepdf.Dictionary) and "/MCID" in kid:
                found.setdefault(pages[kid.get("/Pg", page).objgen], []).append(int(kid.MCID))
            elif isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                below(kid, page)

    below(document.Root.StructTreeRoot, None)
    return found


def written_words(page: pikepdf.Page) -> str:
    """The words of a page in the order in which they are written, those of charts apart."""
    read: dict[str, dict[int, str]] = {}
    told, font = [], ""
    for part in pikepdf.parse_content_stream(page.obj):
        operands, name = part.operands, str(part.operator)
        if name == "Tf":
            font = str(operands[0])
            if font not in read:
                read[font] = _letters(page.obj.Resources.Font[font].ToUnicode.read_bytes().decode())
        elif name in {"Tj", "TJ"}:
            for item in operands[0] if name == "TJ" else operands:
                if isinstance(item, pikepdf.String):
                    code = bytes(item)
                    numbers = (int.from_bytes(code[at : at + 2], "big") for at in range(0, len(code), 2))
                    told += [read[font].get(number, "") for number in numbers]
    return "".join(told)


def _letters(table: str) -> dict[int, str]:
    """What each glyph of a font stands for, from its table of single glyphs and of stretches of them."""
    found: dict[int, str] = {}
    for kind, block in re.findall(r"beginbf(char|range)(.*?)endbf", table, re.DOTALL):
        for line in block.strip().splitlines():
            first, *others = re.findall(r"<([0-9a-fA-F]+)>", line)
            letters = bytes.fromhex(others[-1]).decode("utf-16-be")
            if kind == "char":
                found[int(first, 16)] = letters
                continue
            for place in range(int(others[0], 16) - int(first, 16) + 1):
                found[int(first, 16) + place] = letters[:-1] + chr(ord(letters[-1]) + place)
    return found


def bookmarks(document: pikepdf.Pdf) -> Sequence[tuple[str, int]]:
    """The titles of the outline, first level only, and the numbers of their pages."""
    found = []
    with document.open_outline() as outline:
        for item in outline.root:
            place: Any = item.destination if item.action is None else item.action.D
            found.append((item.title, pikepdf.Page(place[0]).index + 1))
    return found
