"""A small picture of each sheet of the PDF, to be looked at before it is opened."""

from __future__ import annotations

from base64 import b64encode

import orjson

from stp_dash.pack.documents.pdf import pack_compiler
from stp_dash.pack.documents.standard_input import write_document
from stp_dash.pack.model import BoardPack

DOTS_PER_INCH = 34.0


def sheet_pictures(pack: BoardPack) -> bytes:
    """The sheets as PNG, in order: a JSON list of base64."""
    made = pack_compiler(pack).compile(format="png", ppi=DOTS_PER_INCH)
    sheets = [made] if isinstance(made, bytes) else made or []
    return orjson.dumps([b64encode(sheet).decode() for sheet in sheets])


if __name__ == "__main__":
    write_document(sheet_pictures)
