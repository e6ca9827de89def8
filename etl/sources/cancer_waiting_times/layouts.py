"""Which of the publication's layouts a file has, and reading it into the canonical frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from db.domain import Maturity, Period
from db.reading.spreadsheets import (
    Worksheet,
    find_headers,
    first_csv_row,
    is_workbook,
    normalise_label,
    read_workbook,
    sheet_names,
)
from etl.source import Hints, LayoutError, ParsedFile, RawFile, SourceError
from etl.sources.cancer_waiting_times import combined, extracts, national_series, tables
from etl.sources.cancer_waiting_times import vocabulary as words
from etl.sources.cancer_waiting_times.counts import PERCENTAGE_TOLERANCE, Counts, canonical_counts

TOP_ROWS = 40


@dataclass(frozen=True)
class CancerLayout:
    """One layout: its name in the store, what it is called on a page, and its reader."""

    name: str
    title: str
    read: Callable[[RawFile, Hints], Counts]


def _refuse_organisation_series(raw: RawFile, _hints: Hints) -> Counts:
    raise SourceError(
        f"{raw.name} is a time series by provider or commissioner: this layout is not supported. "
        "Its figures are in the monthly workbooks, the data extracts and the combined CSV"
    )


MONTHLY_CSV = CancerLayout("monthly-csv", "one standard", tables.read_csv_table)
OLD_WORKBOOK = CancerLayout("monthly-workbook-old-standards", "monthly workbook", tables.read_old_workbook)
NEW_WORKBOOK = CancerLayout("monthly-workbook", "monthly workbook", tables.read_new_workbook)
PROVIDER_EXTRACT = CancerLayout("extract-provider", "provider extract", extracts.read_provider_extract)
SUB_LOCATION_EXTRACT = CancerLayout(
    "extract-sub-icb-location", "ICB sub location extract", extracts.read_sub_location_extract
)
OLD_EXTRACT = CancerLayout(
    "extract-old-standards", "provider extract, old standards", extracts.read_old_extract
)
COMBINED_CSV = CancerLayout("combined-csv", "combined CSV", combined.read_combined_csv)
COMBINED_WORKBOOK = CancerLayout("combined-workbook", "combined workbook", combined.read_combined_workbook)
NATIONAL_SERIES = CancerLayout("national-series", "national time series", national_series.read_series)
OLD_NATIONAL_SERIES = CancerLayout(
    "national-series-old-standards", "national time series, old standards", national_series.read_series
)
ORGANISATION_SERIES = CancerLayout("organisation-series", "time series", _refuse_organisation_series)

_OLD_ONLY = {normalise_label(name) for name in tables.OLD_SHEETS} - {
    normalise_label(name) for name in tables.NEW_SHEETS
}
_NEW_ONLY = {normalise_label(name) for name in tables.NEW_SHEETS} - {
    normalise_label(name) for name in tables.OLD_SHEETS
}
_ORGANISATION_SERIES_SHEETS = {"28-day fds", "31-day", "62-day", "two week wait"}


def recognise(raw: RawFile) -> bool:
    """Whether a file is one of this publication's, in a layout that we know or in one that has changed since.

    By content, never by name. A file that cannot be opened is not recognised; `parse` says why.
    """
    try:
        return layout_of(raw) is not None
    except SourceError:
        return False


def parse(raw: RawFile, hints: Hints) -> ParsedFile:
    """A published file as the canonical frame.

    Raises UnreadableFileError, LayoutError, or DatingError where nothing dates the file or where the file,
    its name and the hints disagree.
    """
    layout = layout_of(raw)
    if layout is None:
        raise LayoutError(raw.name, "a known layout of the cancer waiting times statistics", "another file")
    frame, findings = canonical_counts(layout.read(raw, hints))
    title = _title(layout, *(set(frame[name].unique()) for name in ("period", "maturity", "basis")))
    return ParsedFile(frame, layout.name, title, None, findings, (), PERCENTAGE_TOLERANCE)


def _title(layout: CancerLayout, periods: set[int], maturities: set[int], bases: set[str]) -> str:
    months = sorted(Period.from_key(key) for key in periods)
    first, last = min(months, key=lambda month: month.start), max(months, key=lambda month: month.end)
    span = last.label if len(months) == 1 else f"{first.start:%B %Y} to {last.end:%B %Y}"
    by = " and ".join(sorted(basis for basis in bases if basis != "national")) or "England"
    status = " and ".join(Maturity(maturity).label for maturity in sorted(maturities))
    return f"Cancer waiting times, {layout.title}, {by}, {span}, {status}"


def layout_of(raw: RawFile) -> CancerLayout | None:
    """The layout of a file by its content, None if it is no file of this publication. Raises SourceError."""
    return _workbook_layout(raw) if is_workbook(raw) else _text_layout(raw)


def _text_layout(raw: RawFile) -> CancerLayout | None:
    first = [str(cell) for cell in first_csv_row(raw)]
    if combined.looks_combined(tuple(first)):
        return COMBINED_CSV
    start = raw.content[:4096].decode("cp1252", errors="replace").casefold()
    known = words.indicator_of_title(first[0]) is not None if first else False
    if known or ("basis:" in start and "ods code" in start and "within" in start and "cancer" in start):
        return MONTHLY_CSV
    return None


def _workbook_layout(raw: RawFile) -> CancerLayout | None:
    names = sheet_names(raw)
    plain = {normalise_label(name) for name in names}
    if plain & _NEW_ONLY:
        return NEW_WORKBOOK
    if plain & _OLD_ONLY:
        return OLD_WORKBOOK
    if extracts.PROVIDER_SHEET in names:
        return PROVIDER_EXTRACT
    if extracts.SUB_LOCATION_SHEET in names:
        return SUB_LOCATION_EXTRACT
    if set(names) & {*national_series.NEW_SHEETS, *national_series.OLD_SHEETS} and _has_our_cover(raw):
        return NATIONAL_SERIES if set(names) & set(national_series.NEW_SHEETS) else OLD_NATIONAL_SERIES
    return _layout_by_rows(raw, plain)


def _has_our_cover(raw: RawFile) -> bool:
    cover = read_workbook(raw, {national_series.COVER}, top=TOP_ROWS).get(national_series.COVER)
    return cover is not None and national_series.is_cover(cover)


def _layout_by_rows(raw: RawFile, plain: set[str]) -> CancerLayout | None:
    sheets = read_workbook(raw, top=TOP_ROWS)
    if any(combined.looks_combined(tuple(str(cell) for cell in row)) for row in _rows(sheets)):
        return COMBINED_WORKBOOK
    if plain & _ORGANISATION_SERIES_SHEETS or _has_our_cover(raw):
        return ORGANISATION_SERIES
    headers = [
        header
        for sheet in sheets.values()
        for header in find_headers(sheet, "STANDARD", "ORG CODE", "CANCER TYPE")
    ]
    if headers:
        return PROVIDER_EXTRACT if headers[0].has("STAGE/ROUTE") else OLD_EXTRACT
    return None


def _rows(sheets: dict[str, Worksheet]) -> list[list[object]]:
    return [list[object](row) for sheet in sheets.values() for row in sheet.rows]
