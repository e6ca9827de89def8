"""Which of the publication's layouts a file has, and reading it into the canonical frame."""

from __future__ import annotations

import io

from db.domain import Maturity, Period
from etl.reading.archives import (
    Archive,
    gunzipped,
    gzip_stream,
    is_gzip,
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
from etl.sources.referral_to_treatment.extract import MARKS, Extract, read_extract
from etl.sources.referral_to_treatment.national_series import SHEET, read_england_series
from etl.sources.referral_to_treatment.pathways import pathways_frame
from etl.sources.referral_to_treatment.workbook import read_monthly

EXTRACT, SERIES, MONTHLY = "full-csv-data-file", "overview-time-series", "monthly-workbook"
_TITLE = "referral to treatment (rtt) waiting times"
_START, _TOP = 65_536, 1 << 20
_SHEETS_LOOKED_AT = 2


def recognise(raw: RawFile) -> bool:
    """Whether a file is one of this publication's, by its header or its title, never by its name."""
    try:
        if is_gzip(raw):
            return _claims(gunzipped(raw, _START))
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
    if is_gzip(raw):
        with gzip_stream(raw) as opened:
            return _parsed_extract(gunzipped(raw, _TOP), opened, hints)
    if not is_workbook(raw):
        return _parsed_extract(raw, io.BytesIO(raw.content), hints)
    with naming(raw.name):
        return _parsed_series(raw, hints) if SHEET in sheet_names(raw) else _parsed_workbook(raw, hints)


def _claims(start: RawFile) -> bool:
    header = find_csv_header(start, *MARKS)
    return all(header.has(mark) for mark in MARKS[:2])


def _tables(archive: Archive) -> list[str]:
    return [name for name in archive.names if name.casefold().endswith(".csv")]


def _parsed_member(archive: Archive, hints: Hints) -> ParsedFile:
    """The one table of a zip, whose own name says when it is from as well."""
    tables = [name for name in _tables(archive) if _claims(archive.start(name))]
    if len(tables) != 1:
        found = f"{len(tables)}: {listed(tables)}" if tables else listed(archive.names)
        raise LayoutError(archive.file_name, "one full CSV data file inside", found)
    with archive.stream(tables[0]) as opened:
        return _parsed_extract(archive.start(tables[0], _TOP), opened, hints, archive.file_name)


def _parsed_extract(start: RawFile, opened: ByteStream, hints: Hints, zip_name: str = "") -> ParsedFile:
    with naming(start.name, zip_name):
        extract = read_extract(start, opened)
    for name in filter(None, (start.name, zip_name)):
        settle_month(RawFile(name, b""), hints, [("the column 'Period'", extract.month)])
    maturity = maturity_of_file(start, hints, revised=is_revised_name(zip_name))
    return _of_extract(extract, maturity)


def _of_extract(extract: Extract, maturity: Maturity) -> ParsedFile:
    return ParsedFile(
        pathways_frame([extract.pathways], extract.month, maturity),
        EXTRACT,
        _title("full CSV data file", extract.month, maturity),
        findings=extract.findings,
        organisations=extract.providers,
        complete=False,
    )


def _parsed_series(raw: RawFile, hints: Hints) -> ParsedFile:
    series = read_england_series(raw, hints)
    title = f"Referral to treatment, overview time series, England, to {series.last.label}"
    # In one month of 226 (September 2021) the printed share is 0.0097 points off its counts, in all others none.
    return ParsedFile(series.frame, SERIES, title, hints.published_on, percentage_tolerance=0.02)


def _parsed_workbook(raw: RawFile, hints: Hints) -> ParsedFile:
    workbook = read_monthly(raw, hints)
    maturity = maturity_of_file(raw, hints, revised=workbook.revised)
    return ParsedFile(
        pathways_frame(workbook.pathways, workbook.month, maturity),
        MONTHLY,
        _title("monthly workbook", workbook.month, maturity),
        workbook.published_on,
        organisations=workbook.providers,
    )


def _title(what: str, month: Period, maturity: Maturity) -> str:
    return f"Referral to treatment, {what}, {month.label}, {maturity.label}"
