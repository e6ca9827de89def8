"""Monthly tables, one or several stacked in a sheet: workbooks and the numbered CSVs of one table each.

To September 2023 (ten old standards): provider CSVs with blocks by care setting, commissioner and provider
workbooks. From October 2023 (three standards): workbooks with blocks by route or stage, and numbered CSVs of the
same shape. Every block has a header row with `ODS CODE` (or `CCG CODE`) and ends with England's row, except in
the old commissioner workbooks, which have no England row.

The sheets of referrals seen have no standard and are not read; neither are the bands of days.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import pandas as pd

from db.domain import ENGLAND, Basis, Maturity, Period, Severity
from db.reading.spreadsheets import (
    Cell,
    Header,
    Worksheet,
    check_field_count,
    header_at,
    is_blank_row,
    listed,
    normalise_label,
    number,
    read_csv,
    read_workbook,
    text_of,
)
from etl.reading.codes import organisation_code
from etl.reading.periods import month_of
from etl.source import Hints, LayoutError, RawFile, SourceError
from etl.sources.cancer_waiting_times import vocabulary as words
from etl.sources.cancer_waiting_times.counts import (
    BY_PATHWAY,
    BY_PATHWAY_AND_TUMOUR,
    BY_TUMOUR,
    COUNT_COLUMNS,
    Counts,
    Marginal,
)
from etl.sources.cancer_waiting_times.dating import Said, maturity_in_text, settle_maturity, settle_period

FRONT = "Frontpage"
OLD_SHEETS = {
    "TWO WEEK WAIT-ALL CANCER": words.TWO_WEEK_WAIT,
    "TWO WEEK WAIT-BREAST SYMPTOMS": words.BREAST_SYMPTOMS,
    "62-DAY (ALL CANCER)": words.URGENT_62,
    "62-DAY (CONSULTANT UPGRADE)": words.UPGRADE_62,
    "62-DAY (SCREENING)": words.SCREENING_62,
    "31-DAY FIRST TREAT (ALL CANCER)": words.FIRST_31,
    "31-DAY SUB TREAT (SURGERY)": words.SURGERY_31,
    "31-DAY SUB TREAT (DRUGS)": words.DRUGS_31,
    "31-DAY SUB TREAT (RADIOTHERAPY)": words.RADIOTHERAPY_31,
    "28-DAY FDS (ALL ROUTES)": words.FDS,
}
NEW_SHEETS = {
    "28-DAY FDS (ALL ROUTES)": words.FDS,
    "28-DAY FDS (BY ROUTE)": words.FDS,
    "31-DAY (ALL CANCER)": words.COMBINED_31,
    "31-DAY (BY CANCER)": words.COMBINED_31,
    "31-DAY (BY TREATMENT MODALITY)": words.COMBINED_31,
    "62-DAY (ALL CANCER)": words.COMBINED_62,
    "62-DAY (BY CANCER)": words.COMBINED_62,
    "62-DAY (BY TREATMENT MODALITY)": words.COMBINED_62,
}
_FDS_MARGINALS = (
    Marginal(words.FDS, BY_PATHWAY, BY_PATHWAY_AND_TUMOUR),
    Marginal(words.FDS, BY_TUMOUR, BY_PATHWAY_AND_TUMOUR),
)
FDS_BEGAN = Period.month(2021, 4)
_TREATMENT_TYPES = {
    words.SURGERY_31: "surgery",
    words.DRUGS_31: "drugs",
    words.RADIOTHERAPY_31: "radiotherapy",
}
_CODE = re.compile(r"(ods|ccg) code")
_COLUMNS = {
    "care setting": "setting",
    "referral route": "pathway",
    "treatment stage": "pathway",
    "cancer type": "tumour",
    "suspected type of cancer": "tumour",
    "suspected cancer or breast symptomatic": "tumour",
    "treatment modality": "modality",
    "treatment type": "type",
}
_ENGLAND = re.compile(r"all english (providers|commissioners)", re.IGNORECASE)
_NO_LABEL = frozenset({"", "#value!"})
_PERCENTAGE = re.compile(r"(seen|treated|told) within \d+ days")


def read_old_workbook(raw: RawFile, hints: Hints) -> Counts:
    """A monthly workbook of the ten old standards, by provider or commissioner."""
    sheets = read_workbook(raw)
    month = _month_of_workbook(raw, hints, sheets)
    expected = dict(OLD_SHEETS)
    if month.start < FDS_BEGAN.start:
        expected.pop("28-DAY FDS (ALL ROUTES)")
    return _read_sheets(raw, hints, sheets, expected, month, england_wanted=False)


def read_new_workbook(raw: RawFile, hints: Hints) -> Counts:
    """A monthly workbook of the three standards of October 2023, by provider or commissioner."""
    sheets = read_workbook(raw)
    month = _month_of_workbook(raw, hints, sheets)
    counts = _read_sheets(raw, hints, sheets, NEW_SHEETS, month, england_wanted=True)
    return Counts(counts.rows, _FDS_MARGINALS, counts.findings, Severity.ERROR)


def read_csv_table(raw: RawFile, hints: Hints) -> Counts:
    """One numbered CSV: a table of the old or the new standards.

    The old ones are provisional unless their name says otherwise: to March 2018 months never became final.
    """
    sheet = read_csv(raw)
    check_field_count(sheet)
    title = sheet.first_text(_title_row(sheet, 0))
    if words.is_referral_table(title):
        raise SourceError(f"{raw.name} counts referrals seen, which have no standard: it is not read")
    indicator = words.indicator_of_title(title)
    if indicator is None:
        raise LayoutError("row 1", "the title of a cancer waiting times standard", f"'{title}'")
    month = settle_period(raw, hints, _month_of_sheet(sheet))
    silent = None if indicator in words.COMBINED else Maturity.PROVISIONAL
    maturity = settle_maturity(raw, hints, silent=silent)
    table = _Table(sheet, indicator, _basis(sheet), month, maturity, england_wanted=True)
    return Counts(_frame(table.rows()), _FDS_MARGINALS)


def _read_sheets(
    raw: RawFile,
    hints: Hints,
    sheets: dict[str, Worksheet],
    expected: dict[str, str],
    month: Period,
    *,
    england_wanted: bool,
) -> Counts:
    by_name = {normalise_label(name): sheet for name, sheet in sheets.items()}
    missing = [name for name in expected if normalise_label(name) not in by_name]
    if missing:
        raise LayoutError(raw.name, f"the sheets {listed(missing)}", listed(sheets))
    maturity = settle_maturity(raw, hints, _front_status(sheets))
    records: list[tuple[object, ...]] = []
    bases: set[Basis] = set()
    for name, indicator in expected.items():
        sheet = by_name[normalise_label(name)]
        _check_title(sheet, indicator)
        basis = _basis(sheet)
        bases.add(basis)
        records += _Table(sheet, indicator, basis, month, maturity, england_wanted=england_wanted).rows()
    if len(bases) > 1:
        raise LayoutError(raw.name, "one basis in all sheets", listed(sorted(bases)))
    return Counts(_frame(records))


def _frame(records: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame.from_records(records, columns=list(COUNT_COLUMNS))


def _front_status(sheets: dict[str, Worksheet]) -> list[Said]:
    front = sheets.get(FRONT)
    if front is None:
        return []
    for index in range(len(front.rows)):
        text = front.first_text(index)
        maturity = maturity_in_text(text) if text.casefold().startswith("status:") else None
        if maturity is not None:
            return [Said(front.where(index), maturity)]
    return []


def _month_of_workbook(raw: RawFile, hints: Hints, sheets: dict[str, Worksheet]) -> Period:
    found: dict[Period, str] = {}
    front = sheets.get(FRONT)
    for index in range(min(12, len(front.rows)) if front else 0):
        month = month_of(front.first_text(index)) if front else None
        if month is not None:
            found.setdefault(month, f"sheet '{FRONT}'")
    for sheet in sheets.values():
        month = _month_of_sheet(sheet) if find_headers_of_table(sheet) else None
        if month is not None:
            found.setdefault(month, sheet.where(1))
    if len(found) > 1:
        raise LayoutError(
            raw.name, "one month", "; ".join(f"{month.label} in {where}" for month, where in found.items())
        )
    return settle_period(raw, hints, next(iter(found), None))


def _month_of_sheet(sheet: Worksheet) -> Period | None:
    row = _title_row(sheet, 1)
    text = sheet.first_text(row)
    if not text or text.casefold().startswith("basis:"):
        return None
    month = month_of(text)
    if month is None:
        raise LayoutError(sheet.where(row), "the month, such as 'PERIOD: June 2015' or 'Oct-23'", f"'{text}'")
    return month


def _title_row(sheet: Worksheet, number: int) -> int:
    """The row, counting from 0, of the first, second, ... line of a table's title: blank rows are none."""
    filled = (index for index, row in enumerate(sheet.rows) if not is_blank_row(row))
    return next(islice(filled, number, None), len(sheet.rows))


def _check_title(sheet: Worksheet, indicator: str) -> None:
    row = _title_row(sheet, 0)
    title = sheet.first_text(row)
    if words.indicator_of_title(title) != indicator:
        raise LayoutError(sheet.where(row), f"the title of the table for {indicator}", f"'{title}'")


def _basis(sheet: Worksheet) -> Basis:
    for line in range(8):
        text = sheet.first_text(_title_row(sheet, line)).casefold()
        if text.startswith("basis:"):
            if "provider" in text:
                return Basis.PROVIDER
            if "commissioner" in text:
                return Basis.COMMISSIONER
    raise LayoutError(sheet.where(2), "'BASIS: PROVIDER BASED' or 'COMMISSIONER BASED'", "neither")


def find_headers_of_table(sheet: Worksheet) -> list[Header]:
    """The header rows of a sheet's stacked blocks: those with the column of organisation codes."""
    return [
        header_at(sheet, index)
        for index, row in enumerate(sheet.rows)
        if any(isinstance(cell, str) and _CODE.fullmatch(normalise_label(cell)) for cell in row[:3])
    ]


@dataclass(frozen=True)
class _Block:
    """The columns of one block, counting from 0."""

    header: Header
    end: int
    code: int
    total: int
    within: int
    after: int
    percentage: int
    members: dict[str, int]


@dataclass(frozen=True)
class _Table:
    """One sheet with its blocks, to be read into rows of `COUNT_COLUMNS`."""

    sheet: Worksheet
    indicator: str
    basis: Basis
    month: Period
    maturity: Maturity
    england_wanted: bool

    def rows(self) -> list[tuple[object, ...]]:
        """The table's rows, of all care settings together where it has blocks by setting."""
        headers = find_headers_of_table(self.sheet)
        if not headers:
            raise LayoutError(
                self.sheet.where(), "a header row with 'ODS CODE' or 'CCG CODE' and 'TOTAL'", "none"
            )
        ends = [header.index for header in headers[1:]] + [len(self.sheet.rows)]
        blocks = [self._block(header, end) for header, end in zip(headers, ends, strict=True)]
        records = [record for block in blocks for record in self._block_rows(block)]
        if not records:
            raise LayoutError(self.sheet.where(), "rows of figures for all care settings together", "none")
        return records

    def _block(self, header: Header, end: int) -> _Block:
        days = words.DAYS[self.indicator]
        code, total = header.matching(_CODE.pattern)[0], header.column("TOTAL")
        within, after = header.column(f"WITHIN {days} DAYS"), header.column(f"AFTER {days} DAYS")
        # Bands of days further right repeat these labels, so the counts must stand side by side.
        if (within, after) != (total + 1, total + 2):
            wanted = f"TOTAL, WITHIN {days} DAYS and AFTER {days} DAYS side by side"
            raise LayoutError(header.where, wanted, f"columns {total + 1}, {within + 1} and {after + 1}")
        members = {}
        for position in range(code + 2, total):
            meaning = _COLUMNS.get(header.labels[position])
            if meaning is None:
                found = f"'{text_of(self.sheet.cell(header.index, position))}'"
                raise LayoutError(header.where, f"one of the columns {listed(_COLUMNS)}", found)
            members[meaning] = position
        block = _Block(header, end, code, total, within, after, after + 1, members)
        self._check_percentage_column(block)
        return block

    def _check_percentage_column(self, block: _Block) -> None:
        label = block.header.labels[block.percentage] if block.percentage < len(block.header.labels) else ""
        # To September 2015 the percentage has no label of its own, only the group header above it.
        above = normalise_label(self.sheet.cell(block.header.index - 1, block.percentage))
        # A copy whose holder turned that column into a formula has spreadsheet errors for both (June 2015).
        unlabelled = label in _NO_LABEL and (above.startswith("percentage") or above in _NO_LABEL - {""})
        if not _PERCENTAGE.fullmatch(label) and not unlabelled:
            raise LayoutError(block.header.where, "the percentage to the right of the counts", f"'{label}'")

    def _block_rows(self, block: _Block) -> Iterator[tuple[object, ...]]:
        percent = self._percentage_factor(block)
        england = False
        for index, row in block.header.body(block.end):
            organisation = self._organisation(block, index, row)
            if organisation is None:
                continue
            england = england or organisation[0] == ENGLAND
            record = self._record(block, index, row, organisation, percent)
            if record is not None:
                yield record
        if self.england_wanted and not england:
            where = self.sheet.where(block.end - 1)
            raise LayoutError(
                where, "England's row at the end of the table", "none: the file may be cut short"
            )

    def _organisation(self, block: _Block, index: int, row: list[Cell]) -> tuple[str, str] | None:
        code, name = text_of(row[block.code]), text_of(row[block.code + 1])
        if not code and _ENGLAND.fullmatch(name):
            return ENGLAND, "England"
        if code.upper() == "UNKNOWN":
            return "UNK", "Unknown commissioner"
        if code or isinstance(row[block.total], float) or self._is_count(row[block.total]):
            return organisation_code(code, self.sheet.where(index), name), name
        return None

    def _is_count(self, cell: Cell) -> bool:
        return isinstance(cell, str) and re.fullmatch(r"[\d,.]+", cell.strip()) is not None

    def _percentage_factor(self, block: _Block) -> float:
        """100 where the block's percentages are fractions, 1 where they are already out of a hundred."""
        cells = [row[block.percentage] for _, row in block.header.body(block.end)]
        if any(isinstance(cell, str) and cell.strip().endswith("%") for cell in cells):
            return 1.0
        values = [number(cell, "") for cell in cells if isinstance(cell, float) or self._is_count(cell)]
        return 1.0 if any(value > 1.0 + 1e-9 for value in values) else 100.0

    def _record(
        self, block: _Block, index: int, row: list[Cell], organisation: tuple[str, str], percent: float
    ) -> tuple[object, ...] | None:
        where = self.sheet.where(index)
        texts = {meaning: text_of(row[position]) for meaning, position in block.members.items()}
        for meaning, text in texts.items():
            wrong = text.casefold() not in words.CARE_SETTINGS if meaning == "setting" else not text
            if wrong:
                label = text_of(self.sheet.cell(block.header.index, block.members[meaning]))
                wanted = listed(words.CARE_SETTINGS) if meaning == "setting" else "a label"
                raise LayoutError(f"{where} ({organisation[0]})", f"{wanted} in '{label}'", f"'{text}'")
        if texts.get("setting", words.ALL_CARE).casefold() != words.ALL_CARE:
            return None
        self._check_type(texts, where)
        code, name = organisation
        value = number(row[block.percentage], where) * percent
        return (
            self.indicator,
            code,
            name,
            (Basis.NATIONAL if code == ENGLAND else self.basis).value,
            self.month.key,
            *(self._member(texts, meaning) for meaning in ("pathway", "tumour", "modality")),
            *(number(row[position], where) for position in (block.total, block.within, block.after)),
            math.nan if math.isnan(value) else value,
            int(self.maturity),
            where,
        )

    def _member(self, texts: dict[str, str], meaning: str) -> str:
        # The breast symptoms table has one reason for referral, which is the standard itself.
        if self.indicator == words.BREAST_SYMPTOMS and meaning == "tumour":
            return ""
        return words.member_of(texts.get(meaning, ""))

    def _check_type(self, texts: dict[str, str], where: str) -> None:
        wanted = _TREATMENT_TYPES.get(self.indicator)
        found = texts.get("type", "").casefold()
        if wanted not in found if wanted else "type" in texts:
            raise LayoutError(where, f"the treatment type '{wanted or 'none'}'", f"'{found}'")
