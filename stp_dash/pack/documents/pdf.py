"""The pack as a PDF for paper and screen readers: tagged, with bookmarks, fonts and vector charts."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import orjson
import typst

from stp_dash.charts.theme import FONT
from stp_dash.pack.documents.standard_input import write_document
from stp_dash.pack.documents.text_room import FONT_FOLDER, TYPEFACE, typeface
from stp_dash.pack.model import BoardPack, IndicatorSheet

_ARIAL = "Arial, sans-serif"
_NOT_LATIN = re.compile(r"[^\u0000-\u017f]")
_SQUARE = "\u25a1"
_TEMPLATE = Path(__file__).with_name("pack.typ")


def pdf(pack: BoardPack) -> bytes:
    """The pack as PDF/UA-1; the same pack is the same bytes."""
    made = pack_compiler(pack).compile(format="pdf", pdf_standards="ua-1", timestamp=pack.stamp)
    return made if isinstance(made, bytes) else b"".join(made or ())


def pack_compiler(pack: BoardPack) -> typst.Compiler:
    """The pack laid out, ready to be written in a format."""
    written = orjson.dumps(_drawn(pack)).decode().replace(FONT, TYPEFACE).replace(_ARIAL, TYPEFACE)
    inputs = {"pack": _NOT_LATIN.sub(lambda found: _drawable(found[0]), written)}
    return typst.Compiler(
        _TEMPLATE.read_bytes(), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs
    )


def _drawn(pack: BoardPack) -> BoardPack:
    """The pack without the numbers that slides and a workbook are made of: paper has them drawn."""

    def without(sheet: IndicatorSheet) -> IndicatorSheet:
        return (
            sheet
            if sheet.series is None
            else replace(sheet, series=replace(sheet.series, points=(), columns=()))
        )

    return replace(pack, sheets=tuple(map(without, pack.sheets)), own=tuple(map(without, pack.own)))


@cache
def _drawable(letter: str) -> str:
    """A letter or sign that people typed, or a square where the typeface has none: paper for screen readers may not
    have one that is not drawn."""
    face = typeface(24)
    missing = face.getmask("\U0010ffff")
    drawn = face.getmask(letter)
    return _SQUARE if (drawn.size, bytes(drawn)) == (missing.size, bytes(missing)) else letter


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_FOLDER)]
    )


if __name__ == "__main__":
    write_document(pdf)
