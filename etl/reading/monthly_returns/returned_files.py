"""A return's files: workbooks that bear its title, and one table of text, as it is, packed by gzip or in a zip."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from db.domain import Period
from db.reading.spreadsheets import is_workbook, listed, read_workbook, sheet_names
from etl.reading.archives import (
    Archive,
    gunzipped,
    gzip_stream,
    is_gzip,
    is_workbook_archive,
    is_zip,
    open_archive,
)
from etl.reading.csv_pieces import ByteStream
from etl.reading.monthly_returns.dating import settle_month
from etl.reading.monthly_returns.label_block import TOP_ROWS, bears_title
from etl.source import Hints, LayoutError, RawFile, SourceError

_START, _TOP = 65_536, 1 << 20
_SHEETS_LOOKED_AT = 2

Claims = Callable[[RawFile], bool]
"""Whether the beginning of a table of text is a return's, by its header. May raise SourceError for what is none."""


def is_of_return(raw: RawFile, claims: Claims, title: str) -> bool:
    """Whether a file is a return's, by its header or its title in small letters, never by its name."""
    try:
        if is_gzip(raw):
            return claims(gunzipped(raw, _START))
        if not is_workbook(raw):
            return claims(RawFile(raw.name, raw.content[:_START]))
        if is_zip(raw):
            with open_archive(raw) as archive:
                if not is_workbook_archive(archive):
                    return any(claims(archive.start(name)) for name in _tables(archive))
        names = sheet_names(raw)[:_SHEETS_LOOKED_AT]
        return any(bears_title(sheet, title) for sheet in read_workbook(raw, names, top=TOP_ROWS).values())
    except SourceError:
        return False


@dataclass(frozen=True)
class ReturnedTable:
    """A table of text: its beginning, its bytes opened at it, and the zip that it came in, "" for none."""

    start: RawFile
    opened: ByteStream
    zip_name: str = ""

    def check_month(self, month: Period, hints: Hints) -> None:
        """Raise MonthError where the table's own name or the zip's, or the hints, say another month."""
        for name in filter(None, (self.start.name, self.zip_name)):
            settle_month(RawFile(name, b""), hints, [("the column 'Period'", month)])


@contextmanager
def returned_table(raw: RawFile, claims: Claims, wanted: str) -> Iterator[ReturnedTable | None]:
    """The table of text in a file; None for a workbook.

    Raises LayoutError for a zip with none and with several that `claims` says are the return's, as `wanted` says.
    """
    if is_zip(raw):
        with open_archive(raw) as archive:
            if is_workbook_archive(archive):
                yield None
                return
            tables = [name for name in _tables(archive) if claims(archive.start(name))]
            if len(tables) != 1:
                found = f"{len(tables)}: {listed(tables)}" if tables else listed(archive.names)
                raise LayoutError(archive.file_name, f"{wanted} inside", found)
            with archive.stream(tables[0]) as opened:
                yield ReturnedTable(archive.start(tables[0], _TOP), opened, archive.file_name)
    elif is_gzip(raw):
        with gzip_stream(raw) as packed:
            yield ReturnedTable(gunzipped(raw, _TOP), packed)
    elif is_workbook(raw):
        yield None
    else:
        yield ReturnedTable(raw, io.BytesIO(raw.content))


def _tables(archive: Archive) -> list[str]:
    return [name for name in archive.names if name.casefold().endswith(".csv")]
