"""Which of the publication's layouts a file has, and reading it into the canonical frame."""

from __future__ import annotations

from etl.reading.archives import naming
from etl.reading.csv_pieces import find_csv_header
from etl.reading.monthly_returns.dating import is_revised_name, maturity_of_file
from etl.reading.monthly_returns.returned_files import ReturnedTable, is_of_return, returned_table
from etl.source import Hints, ParsedFile, RawFile
from etl.sources.diagnostics.counts import counts_frame
from etl.sources.diagnostics.extract import MARKS, read_diagnostics_extract
from etl.sources.diagnostics.workbook import read_provider_workbook

WORKBOOK, EXTRACT = "provider-workbook", "full-extract"
_TITLE = "monthly diagnostics"


def recognise(raw: RawFile) -> bool:
    """Whether a file is one of this publication's, by its header or its title, never by its name."""
    return is_of_return(raw, _claims, _TITLE)


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """A published file as the canonical frame.

    Raises UnreadableFileError, LayoutError, or MonthError where the file, its name and the hints disagree.
    """
    with returned_table(raw, _claims, "one full extract") as table:
        if table is not None:
            return _parsed_extract(table, hints)
    with naming(raw.name):
        return _parsed_workbook(raw, hints)


def _claims(start: RawFile) -> bool:
    header = find_csv_header(start, *MARKS)
    return all(header.has(mark) for mark in MARKS)


def _parsed_extract(table: ReturnedTable, hints: Hints) -> ParsedFile:
    with naming(table.start.name, table.zip_name):
        extract = read_diagnostics_extract(table.start, table.opened)
    table.check_month(extract.month, hints)
    maturity = maturity_of_file(table.start, hints, revised=is_revised_name(table.zip_name))
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
