"""The pack as a PDF for paper and screen readers: tagged, with bookmarks, fonts and vector charts."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from pathlib import Path

import orjson
import typst

from stp_dash.charts.theme import FONT
from stp_dash.pack.documents.standard_input import write_document
from stp_dash.pack.model import BoardPack

TYPEFACE = "Arimo"
"""As wide as Arial, which words on charts are placed for. Its package holds the licence beside the font."""
_ARIAL = "Arial, sans-serif"
_TEMPLATE = Path(__file__).with_name("pack.typ")


def pdf(pack: BoardPack) -> bytes:
    """The pack as PDF/UA-1; the same pack is the same bytes."""
    made = pack_compiler(pack).compile(format="pdf", pdf_standards="ua-1", timestamp=pack.stamp)
    return made if isinstance(made, bytes) else b"".join(made or ())


def pack_compiler(pack: BoardPack) -> typst.Compiler:
    """The pack laid out, ready to be written in a format."""
    written = orjson.dumps(pack).decode().replace(FONT, TYPEFACE).replace(_ARIAL, TYPEFACE)
    inputs = {"pack": written}
    return typst.Compiler(
        _TEMPLATE.read_bytes(), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs=inputs
    )


@cache
def _fonts() -> typst.Fonts:
    folder = str(files("fontpkg_arimo") / "files")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


if __name__ == "__main__":
    write_document(pdf)
