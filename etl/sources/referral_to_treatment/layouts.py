"""Which of the publication's layouts a file has, and reading it into the canonical frame."""

from __future__ import annotations

from db.domain import Maturity, Period
from db.reading.spreadsheets import sheet_names
from etl.reading.archives import naming
from etl.reading.csv_pieces import find_csv_header
from etl.reading.monthly_returns.dating import is_revised_name, maturity_of_file
from etl.reading.monthly_returns.returned_files import ReturnedTable, is_of_return, returned_table
from etl.source import Hints, ParsedFile, RawFile
from etl.sources.referral_to_treatment.extract import MARKS, Extract, read_extract
from etl.sources.referral_to_treatment.national_series import SHEET, read_england_series
from etl.sources.referral_to_treatment.pathways import pathways_frame
from etl.sources.referral_to_treatment.workbook import read_monthly

EXTRACT, SERIES, MONTHLY = "full-csv-data-file", "overview-time-series", "monthly-workbook"
_TITLE = "referral to treatment (rtt) waiting times"


def recognise(raw: RawFile) -> bool:
    """Whether a file is one of this publication's, by its header or its title, never by its name."""
    return is_of_return(raw, _claims, _TITLE)


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """A published file as the canonical frame.

    Raises UnreadableFileError, LayoutError, or MonthError where the file, its name and the hints disagree.
    """
    with returned_table(raw, _claims, "one full CSV data file") as table:
        if table is not None:
            return _parsed_extract(table, hints)
    with naming(raw.name):
        return _parsed_series(raw, hints) if SHEET in sheet_names(raw) else _parsed_workbook(raw, hints)


def _claims(start: RawFile) -> bool:
    header = find_csv_header(start, *MARKS)
    return all(header.has(mark) for mark in MARKS[:2])


def _parsed_extract(table: ReturnedTable, hints: Hints) -> ParsedFile:
    with naming(table.start.name, table.zip_name):
        extract = read_extract(table.start, table.opened)
    table.check_month(extract.month, hints)
    return _of_extract(extract, maturity_of_file(table.start, hints, revised=is_revised_name(table.zip_name)))


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
