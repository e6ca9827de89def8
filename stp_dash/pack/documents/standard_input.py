"""How a document is written by a process of its own, which whoever waits for it can end."""

from __future__ import annotations

import sys
from collections.abc import Callable

from pydantic import TypeAdapter

from stp_dash.pack.model import BoardPack


def write_document(make: Callable[[BoardPack], bytes]) -> None:
    """Read a pack as JSON from standard input, and write the document that is made of it to standard output."""
    pack = TypeAdapter(BoardPack).validate_json(sys.stdin.buffer.read())
    sys.stdout.buffer.write(make(pack))
