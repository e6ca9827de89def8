"""Office files are archives that carry the time they were made at: without it the same pack is the same bytes."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")
_OLDEST = datetime(1980, 1, 1, tzinfo=UTC)
"""No archive holds an earlier time."""


def timed_alike(content: bytes, stamp: int) -> bytes:
    """An Office file with one time in all of it, in seconds since 1970, workbooks inside of it too."""
    moment = max(_OLDEST, datetime.fromtimestamp(stamp, UTC))
    written = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    made = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as given, ZipFile(made, "w", ZIP_DEFLATED) as file:
        for name in given.namelist():
            inside = given.read(name)
            if name.endswith(".xlsx"):
                inside = timed_alike(inside, stamp)
            elif name == "docProps/core.xml":
                inside = _TIMES.sub(rb"\g<1>" + written + rb"\g<2>", inside)
            entry = ZipInfo(name, moment.timetuple()[:6])
            entry.compress_type = ZIP_DEFLATED
            file.writestr(entry, inside)
    return made.getvalue()
