"""A small picture of each sheet of the PDF, to be looked at before it is opened."""

from __future__ import annotations

import io
from base64 import b64encode

import orjson
from PIL import Image

from stp_dash.pack.documents.pdf import pack_compiler
from stp_dash.pack.documents.standard_input import write_document
from stp_dash.pack.model import BoardPack

DOTS_PER_INCH = 34.0
COLOURS = 24
"""As many as a small picture needs: a third of the bytes."""


def sheet_pictures(pack: BoardPack) -> bytes:
    """The sheets as PNG, in order: a JSON list of base64."""
    made = pack_compiler(pack).compile(format="png", ppi=DOTS_PER_INCH)
    sheets = [made] if isinstance(made, bytes) else made or []
    return orjson.dumps([b64encode(_smaller(sheet)).decode() for sheet in sheets])


def _smaller(sheet: bytes) -> bytes:
    """A PNG of few colours."""
    made = io.BytesIO()
    Image.open(io.BytesIO(sheet)).convert("RGB").quantize(COLOURS).save(made, "PNG", optimize=True)
    return made.getvalue()


if __name__ == "__main__":
    write_document(sheet_pictures)
