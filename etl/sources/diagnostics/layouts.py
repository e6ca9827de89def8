"""Which of the publication's layouts a file has, and reading it into the canonical frame."""

from __future__ import annotations

import io

from etl.reading.archives import (
    Archive,
    is_workbook_archive,
    is_zip,
    naming,
    open_archive,
)
from etl.reading.csv_pieces import ByteStream, find_csv_header
from etl.reading.monthly_returns.dating import is_revised_name, maturity_of_file, settle_month
from etl.reading.monthly_returns.label_block import TOP_ROWS, bears_title
from etl.reading.spreadsheets import is_workbook, listed, read_workbook, sheet_names
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.diagnostics.counts import counts_frame
from etl.sources.diagnostics.extract import MARKS, read_diagnostics_extract
from etl.sources.diagnostics.workbook import read_provider_workbook

WORKBOOK, EXTRACT = "provider-workbook", "full-extract"
_TITLE = "monthly diagnostics"
_START, _TOP = 65_536, 1 << 20
_SHEETS_LOOKED_AT = 2


def recognise(raw: RawFile) -> bool:
    """Whether a file is one of this publication's, by its header or its title, never by its name."""
    try:
        if not is_workbook(raw):
            return _claims(RawFile(raw.name, raw.content[:_START]))
        if is_zip(raw):
            with open_archive(raw) as archive:
                if not is_workbook_archive(archive):
                    return any(_claims(archive.start(name)) for name in _tables(archive))
        names = sheet_names(raw)[:_SHEETS_LOOKED_AT]
        return any(bears_title(sheet, _TITLE) for sheet in read_workbook(raw, names, top=TOP_ROWS).values())
    except SourceError:
        return False


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """A published file as the canonical frame.

    Raises UnreadableFileError, LayoutError, or MonthError where the file, its name and the hints disagree.
    """
    if is_zip(raw):
        with open_archive(raw) as archive:
            if not is_workbook_archive(archive):
                return _parsed_member(archive, hints)
    if not is_workbook(raw):
        return _parsed_extract(raw, io.BytesIO(raw.content), hints)
    with naming(raw.name):
        return _parsed_workbook(raw, hints)


def _claims(start: RawFile) -> bool:
    header = find_csv_header(start, *MARKS)
    return all(header.has(mark) for mark in MARKS)


def _tables(archive: Archive) -> list[str]:
    return [name for name in archive.names if name.casefold().endswith(".csv")]


def _parsed_member(archive: Archive, hints: Hints) -> ParsedFile:
    """The one table of a zip, whose own name says when it is from as well."""
    tables = [name for name in _tables(archive) if _claims(archive.start(name))]
    if len(tables) != 1:
        found = f"{len(tables)}: {listed(tables)}" if tables else listed(archive.names)
        raise LayoutError(archive.file_name, "one full extract inside", found)
    with archive.stream(tables[0]) as opened:
        return _parsed_extract(archive.start(tables[0], _TOP), opened, hints, archive.file_name)


def _parsed_extract(start: RawFile, opened: ByteStream, hints: Hints, zip_name: str = "") -> ParsedFile:
    with naming(start.name, zip_name):
        extract = read_diagnostics_extract(start, opened)
    for name in filter(None, (start.name, zip_name)):
        settle_month(RawFile(name, b""), hints, [("the column 'Period'", extract.month)])
    maturity = maturity_of_file(start, hints, revised=is_revised_name(zip_name))
    return ParsedFile(
        counts_frame(extract.counts, extract.month, maturity, {}),
        EXTRACT,
        f"Diagnostics, full extract, {extract.month.label}, {maturity.label}",
        findings=extract.findings,
        organisations=extract.providers,
        withdraws_absent=False,
        complete=False,
    )


def _parsed_workbook(raw: RawFile, hints: Hints) -> ParsedFile:
    workbook = read_provider_workbook(raw, hints)
    maturity = maturity_of_file(raw, hints, revised=workbook.revised)
    return ParsedFile(
        counts_frame(workbook.counts, workbook.month, maturity, workbook.absent),
        WORKBOOK,
        f"Diagnostics, provider workbook, {workbook.month.label}, {maturity.label}",
        workbook.published_on,
        findings=workbook.findings,
        organisations=workbook.providers,
    )
