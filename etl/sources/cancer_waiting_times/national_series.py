"""The national time series: England by month, quarter and financial year, old or combined standards side by side.

The Cover says which periods are final. Months before April 2018 stayed provisional for ever and quarters were
final; a financial year is final when its last quarter is. A year to date is not a whole period and is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from db.domain import ENGLAND, Basis, Finding, Frequency, Maturity, Period, Severity
from db.reading.spreadsheets import (
    Cell,
    Header,
    Worksheet,
    find_header,
    is_blank,
    listed,
    number,
    read_workbook,
    text_of,
)
from etl.reading.periods import is_year_to_date, period_of, span_in_name
from etl.source import Hints, LayoutError, RawFile
from etl.sources.cancer_waiting_times import vocabulary as words
from etl.sources.cancer_waiting_times.agreement import SYNCHRONISED_FROM, check_agreement
from etl.sources.cancer_waiting_times.counts import COUNT_COLUMNS, Counts, check_counts
from etl.sources.cancer_waiting_times.dating import DatingError

COVER = "Cover"
NEW_SHEETS = {
    "Monthly Performance": Frequency.MONTH,
    "Quarterly Performance": Frequency.QUARTER,
    "Annual Performance": Frequency.YEAR,
}
OLD_SHEETS = {
    "Monthly Data": Frequency.MONTH,
    "Quarterly Data": Frequency.QUARTER,
    "Annual Data": Frequency.YEAR,
}
_RANGES = re.compile(r"this workbook contains (final|provisional) data for the periods?", re.IGNORECASE)
_NO_FIGURE = {"", "no standard set"}


@dataclass(frozen=True)
class CoverStatus:
    """The Cover's statement of what is final and what provisional."""

    ranges: tuple[tuple[Maturity, Period, Period], ...]
    early_quarters_final: bool

    def maturity(self, period: Period) -> Maturity | None:
        """How settled a period is, None where the Cover does not say."""
        if period.frequency is Frequency.YEAR:
            year = period.start.year
            return self.maturity(Period.quarter(year + 1, 1))
        for maturity, first, last in self.ranges:
            if first.frequency is period.frequency and first.start <= period.start and period.end <= last.end:
                return maturity
        if self.early_quarters_final and period < SYNCHRONISED_FROM:
            return Maturity.PROVISIONAL if period.frequency is Frequency.MONTH else Maturity.FINAL
        return None


def read_series(raw: RawFile, hints: Hints) -> Counts:
    """A national time series of the old or the combined standards."""
    sheets = read_workbook(raw)
    expected = NEW_SHEETS if next(iter(NEW_SHEETS)) in sheets else OLD_SHEETS
    missing = [name for name in (COVER, *expected) if name not in sheets]
    if missing:
        raise LayoutError(raw.name, f"the sheets {listed(missing)}", listed(sheets))
    status = read_cover_status(sheets[COVER])
    records: list[tuple[object, ...]] = []
    skipped: list[str] = []
    for name, frequency in expected.items():
        records += _sheet_rows(sheets[name], frequency, status, skipped)
    rows = pd.DataFrame.from_records(records, columns=list(COUNT_COLUMNS))
    _check_said(raw, hints, rows)
    check_counts(rows)
    _check_cover(status, rows)
    return Counts(rows, findings=(*check_agreement(rows), *_part_periods(skipped)))


def read_cover_status(cover: Worksheet) -> CoverStatus:
    """The Cover's ranges of final and provisional periods. Raises LayoutError where there are none."""
    ranges: list[tuple[Maturity, Period, Period]] = []
    current: Maturity | None = None
    for row in cover.rows:
        texts = [text_of(cell) for cell in row if not is_blank(cell)]
        match = next((found for text in texts if (found := _RANGES.search(text))), None)
        periods = [period for cell in row if (period := period_of(cell)) is not None]
        if match:
            current = Maturity[match[1].upper()]
        elif current is not None and len(periods) == 2:
            ranges.append((current, periods[0], periods[1]))
        elif texts and texts != ["and"]:
            current = None
    frequencies = {first.frequency for _, first, _ in ranges}
    if not {Frequency.MONTH, Frequency.QUARTER} <= frequencies:
        wanted = "which months and quarters are final and which provisional"
        raise LayoutError(cover.where(), wanted, f"{len(ranges)} statements")
    return CoverStatus(tuple(ranges), _says_early_quarters_final(cover))


def _says_early_quarters_final(cover: Worksheet) -> bool:
    texts = [text_of(cell).casefold() for row in cover.rows for cell in row]
    return any(
        "to march 2018" in text and "classed as provisional and quarterly data classed as final" in text
        for text in texts
    )


def _sheet_rows(
    sheet: Worksheet, frequency: Frequency, status: CoverStatus, skipped: list[str]
) -> list[tuple[object, ...]]:
    header = find_header(sheet, "Total", "Within Standard", "Outside Standard", "Performance (%)")
    records: list[tuple[object, ...]] = []
    found: set[str] = set()
    for total in header.positions("Total"):
        title = text_of(sheet.cell(header.index - 2, total))
        indicator = words.indicator_of_title(title)
        if indicator is None or indicator in found:
            where = sheet.where(header.index - 2)
            raise LayoutError(where, "the name of a cancer waiting times standard, once", f"'{title}'")
        found.add(indicator)
        records += _block_rows(_Block(header, total, indicator, frequency), status, skipped)
    _check_no_title_is_left(sheet, header, found)
    return records


def _check_no_title_is_left(sheet: Worksheet, header: Header, found: set[str]) -> None:
    """Raise LayoutError for a standard that is named above the table and whose columns have lost their headings."""
    titles = sheet.rows[header.index - 2] if header.index >= 2 else []
    for title in map(text_of, titles):
        named = words.indicator_of_title(title)
        if named is not None and named not in found:
            raise LayoutError(
                header.where, f"the headings Total, Within Standard, ... below '{title}'", "none"
            )


@dataclass(frozen=True)
class _Block:
    """One standard's columns: the period stands left of the total."""

    header: Header
    total: int
    indicator: str
    frequency: Frequency

    def __post_init__(self) -> None:
        labels = self.header.labels[self.total : self.total + 4]
        if labels != ("total", "within standard", "outside standard", "performance (%)"):
            wanted = "Total, Within Standard, Outside Standard, Performance (%) side by side"
            raise LayoutError(self.header.where, wanted, listed(labels))


def _block_rows(block: _Block, status: CoverStatus, skipped: list[str]) -> list[tuple[object, ...]]:
    records: list[tuple[object, ...]] = []
    sheet = block.header.sheet
    for index, row in block.header.body():
        label, total = row[block.total - 1], row[block.total]
        # A measure that had no standard yet has this text in its first period and blanks after it.
        if text_of(total).casefold() in _NO_FIGURE:
            _check_empty(block, sheet.where(index), row)
            continue
        if is_year_to_date(label):
            skipped.append(text_of(label))
            continue
        where = sheet.where(index)
        period = period_of(label)
        if period is None or period.frequency is not block.frequency:
            raise LayoutError(where, f"a {block.frequency.value}", f"'{text_of(label)}'")
        maturity = status.maturity(period)
        if maturity is None:
            raise LayoutError(f"sheet '{COVER}'", f"whether {period.label} is final", "no word of it")
        numbers = [number(cell, where) for cell in row[block.total : block.total + 4]]
        national = (ENGLAND, "England", Basis.NATIONAL.value, period.key, "", "", "")
        records.append((block.indicator, *national, *numbers[:3], 100 * numbers[3], int(maturity), where))
    return records


def _check_empty(block: _Block, where: str, row: list[Cell]) -> None:
    """Raise LayoutError for a row without a total that has other figures."""
    others = [text_of(cell) for cell in row[block.total + 1 : block.total + 4] if not is_blank(cell)]
    if others:
        wanted = f"a total of {block.indicator}, for the row has other figures"
        raise LayoutError(where, wanted, f"'{text_of(row[block.total])}' beside {listed(others)}")


def _check_said(raw: RawFile, hints: Hints, rows: pd.DataFrame) -> None:
    months = [Period.from_key(key) for key in rows["period"].unique() if key % 100 == 1]
    last = max(months)
    span = span_in_name(raw.name)
    if span is not None and span.last != last:
        raise DatingError(
            f"{raw.name}: its name says that it ends with {span.last.label}, but its last month is {last.label}"
        )
    if hints.period is not None and hints.period != last:
        raise DatingError(
            f"{raw.name}: {hints.period.label} was asked for or announced, but its last month is {last.label}"
        )
    if hints.maturity is not None and set(rows["maturity"]) != {int(hints.maturity)}:
        raise DatingError(
            f"{raw.name}: its Cover says which periods are final; do not give a status for the whole file"
        )


def _check_cover(status: CoverStatus, rows: pd.DataFrame) -> None:
    """Raise LayoutError where the Cover says months to a later one than the last that there is."""
    said = max(last for _, _, last in status.ranges if last.frequency is Frequency.MONTH)
    held = max(
        month for key in rows["period"] if (month := Period.from_key(key)).frequency is Frequency.MONTH
    )
    if held < said:
        raise LayoutError(
            f"sheet '{COVER}'", f"months to {said.label}, as it says", f"{held.label} as the last"
        )


def _part_periods(skipped: list[str]) -> tuple[Finding, ...]:
    if not skipped:
        return ()
    message = f"left out, for they are no whole periods: {listed(sorted(set(skipped)))}"
    return (Finding(Severity.INFORMATION, "whole periods", message, len(skipped)),)


def is_cover(sheet: Worksheet) -> bool:
    """Whether a sheet is the Cover of a cancer waiting times series."""
    return any(text_of(cell).casefold() == "cancer waiting times" for row in sheet.rows[:20] for cell in row)
