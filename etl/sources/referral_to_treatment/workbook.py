"""The monthly workbooks: one sheet a kind of organisation, a full grid of organisations and treatment functions.

Header in row 14, data below, zeros where nobody waits. Seen is the one of admitted pathways by commissioner; those of
providers, of incomplete and of non-admitted pathways and of new periods are known by description: columns are found
by their names. Sheets of pathways with a decision to admit are a part of the others and are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from db.domain import ENGLAND, Basis, Organisation, Period
from db.reading.spreadsheets import (
    Cell,
    Header,
    Worksheet,
    find_headers,
    listed,
    number,
    read_workbook,
    text_of,
)
from etl.reading.monthly_returns.dating import settle_month
from etl.reading.monthly_returns.label_block import day_said, labels_above, month_said
from etl.reading.monthly_returns.places import NOT_ENGLISH, code_of_return, independent_providers, is_area
from etl.source import Hints, LayoutError, RawFile
from etl.sources.referral_to_treatment import vocabulary as words
from etl.sources.referral_to_treatment.pathways import LABELS, Pathways
from etl.sources.referral_to_treatment.waits import WITHIN, Floats, week_columns

FUNCTION = "Treatment Function Code"
WAITING = "Total number of incomplete pathways"
COMPLETED, KNOWN = (
    "Total number of completed pathways (all)",
    "Total number of completed pathways (with a known clock start)",
)
STARTED = "Number of new RTT clock starts during the month"
_DECISION = re.compile(r"total number of incomplete pathways with a decision to admit.*")
_MEDIAN, _PERCENTILE_92 = (
    "Average (median) waiting time (in weeks)",
    "92nd percentile waiting time (in weeks)",
)
_SHARE = "% within 18 weeks"
_SHARE_TOLERANCE = 5e-4
_LONGER = re.compile(r"total (\d+) plus weeks")
_ORGANISATIONS = (
    ("provider code", Basis.PROVIDER),
    ("org code", Basis.SUB_ICB_LOCATION),
    ("commissioner code", Basis.SUB_ICB_LOCATION),
    ("ccg code", Basis.SUB_ICB_LOCATION),
    ("icb code", Basis.SUB_ICB_LOCATION),
    ("region code", Basis.SUB_ICB_LOCATION),
)
"""Columns of codes, the narrowest first: a sheet of providers has the code of each one's region too."""


@dataclass(frozen=True)
class Workbook:
    """A month's pathways by sheet, the independent providers among them, and what the sheets say of publication."""

    month: Period
    pathways: tuple[Pathways, ...]
    providers: tuple[Organisation, ...]
    published_on: date | None
    revised: bool


def read_monthly(raw: RawFile, hints: Hints) -> Workbook:
    """A monthly workbook. Raises LayoutError naming sheet and row."""
    tables = [
        _Table(sheet, headers[0])
        for sheet in read_workbook(raw).values()
        if (headers := find_headers(sheet, FUNCTION)) and not headers[0].matching(_DECISION.pattern)
    ]
    if not tables:
        raise LayoutError(raw.name, f"a sheet with a column '{FUNCTION}'", "none")
    sayings = [(f"sheet '{table.sheet.name}'", table.month) for table in tables]
    revised = max(
        (day for table in tables if (day := day_said(table.above.get("revised", "")))), default=None
    )
    published = max(
        (day for table in tables if (day := day_said(table.above.get("published", "")))), default=None
    )
    pathways = tuple(table.pathways() for table in tables)
    names = {
        code: name
        for item in pathways
        for code, name, basis in item.labels[["organisation", "organisation_name", "basis"]].itertuples(
            index=False
        )
        if basis == Basis.PROVIDER
    }
    return Workbook(
        settle_month(raw, hints, sayings),
        pathways,
        tuple(independent_providers(names)),
        revised or published,
        revised is not None,
    )


@dataclass(frozen=True)
class _Row:
    """A row of the grid: its index counting from 0, its cells, whose it is and of which treatment function."""

    index: int
    cells: list[Cell]
    code: str
    name: str
    basis: Basis
    function: str


@dataclass(frozen=True)
class _Table:
    """A sheet's grid under its header."""

    sheet: Worksheet
    header: Header

    @property
    def above(self) -> dict[str, str]:
        return labels_above(self.sheet, self.header.index)

    @property
    def month(self) -> Period:
        month = month_said(self.above.get("period", ""))
        if month is None:
            raise LayoutError(
                self.sheet.where(), "'Period:' with a month on top", f"'{self.above.get('period', '')}'"
            )
        return month

    @property
    def part(self) -> str:
        if self.header.has(WAITING):
            return words.INCOMPLETE
        if self.header.has(STARTED):
            return words.NEW
        self.header.column(COMPLETED)
        summary = self.above.get("summary", "").casefold()
        if "admitted" not in summary:
            raise LayoutError(
                self.sheet.where(), "'Summary:' to say admitted or non-admitted", f"'{summary}'"
            )
        return words.NON_ADMITTED if re.search(r"non[- ]?admitted", summary) else words.ADMITTED

    def pathways(self) -> Pathways:
        part = self.part
        body = list(self._rows())
        if not body:
            raise LayoutError(self.header.where, "rows of pathways below", "none")
        labels = pd.DataFrame(
            [(row.code, row.name, row.basis.value, part, row.function, False) for row in body],
            columns=list(LABELS),
        )
        everyone = self._column(body, {words.INCOMPLETE: WAITING, words.NEW: STARTED}.get(part, COMPLETED))
        weeks = np.zeros((len(body), 1))
        if part != words.NEW:
            columns = week_columns(self.header)
            weeks = np.array(
                [[self._count(row.index, row.cells[place]) for place in columns] for row in body]
            )
            self._check_weeks(body, weeks, everyone, part)
        self._check_totals(body, labels, everyone)
        printed = self._printed(body, weeks, everyone) if part == words.INCOMPLETE else {}
        return Pathways(labels, weeks, everyone, printed)

    def _rows(self) -> Iterator[_Row]:
        """Rows with index, organisation and function. Direct commissioning ('-', hubs) is in England's row alone."""
        function_column = self.header.column(FUNCTION)
        code_column, basis = next(
            ((self.header.column(label), basis) for label, basis in _ORGANISATIONS if self.header.has(label)),
            (None, Basis.NATIONAL),
        )
        areas = basis is Basis.SUB_ICB_LOCATION and self.header.labels[code_column or 0] not in (
            "icb code",
            "region code",
        )
        for index, row in self.header.body():
            function = text_of(row[function_column])
            if function not in words.FUNCTIONS:
                wanted = f"one of {listed(words.FUNCTIONS)} in '{FUNCTION}'"
                raise LayoutError(self.sheet.where(index), wanted, f"'{function}'")
            if code_column is None:
                yield _Row(index, row, ENGLAND, "England", basis, function)
                continue
            text, name = text_of(row[code_column]), text_of(row[code_column + 1])
            if text == "-":
                continue
            code = code_of_return(text)
            if not code:
                raise LayoutError(self.sheet.where(index), "an organisation's code", f"'{text}' ({name})")
            if code != NOT_ENGLISH and (not areas or is_area(code, code)):
                yield _Row(index, row, code, name, basis, function)

    def _count(self, index: int, cell: Cell) -> float:
        value = number(cell, self.sheet.where(index))
        if value < 0 or (value != np.floor(value) and not np.isnan(value)):
            raise LayoutError(self.sheet.where(index), "a whole number of pathways, 0 or more", f"{value:g}")
        return 0.0 if np.isnan(value) else value

    def _column(self, body: list[_Row], label: str) -> Floats:
        column = self.header.column(label)
        return np.array([self._count(row.index, row.cells[column]) for row in body])

    def _refuse(self, body: list[_Row], ours: Floats, theirs: Floats, what: str) -> None:
        wrong = np.abs(ours - theirs) > (0 if what != _SHARE else _SHARE_TOLERANCE)
        if wrong.any():
            place = int(wrong.argmax())
            wanted = f"'{what}' of {ours[place]:.6g}, as the weeks add up to"
            raise LayoutError(self._where(body[place]), wanted, f"{theirs[place]:.6g}")

    def _where(self, row: _Row) -> str:
        return f"{self.sheet.where(row.index)} ({row.code})"

    def _check_weeks(self, body: list[_Row], weeks: Floats, everyone: Floats, part: str) -> None:
        """Raise LayoutError where the weeks do not add up to the totals beside them."""
        counted = weeks.sum(axis=1)
        if part == words.INCOMPLETE:
            self._refuse(body, counted, everyone, WAITING)
        else:
            self._refuse(body, counted, self._column(body, KNOWN), KNOWN)
            unknown = self._column(body, "Patients with unknown clock start date")
            self._refuse(body, counted + unknown, everyone, COMPLETED)
        for column in self.header.matching(_LONGER.pattern):
            match = _LONGER.fullmatch(self.header.labels[column])
            if match and int(match[1]) < weeks.shape[1]:
                label = text_of(self.sheet.cell(self.header.index, column))
                self._refuse(body, weeks[:, int(match[1]) :].sum(axis=1), self._column(body, label), label)

    def _check_totals(self, body: list[_Row], labels: pd.DataFrame, everyone: Floats) -> None:
        """Raise LayoutError for a function that an organisation has twice, and for a Total that they do not make up."""
        repeated = labels.duplicated(["organisation", "function"]).to_numpy()
        if repeated.any():
            row = body[int(repeated.argmax())]
            raise LayoutError(self._where(row), f"{row.function} once", "a second row")
        total = (labels["function"] == words.TOTAL).to_numpy()
        codes, names = pd.factorize(labels["organisation"])
        parts = np.bincount(codes[~total], everyone[~total], len(names))
        wrong = np.bincount(codes[total], everyone[total], len(names)) != parts
        if not total.all() and wrong.any():
            place = int(np.flatnonzero(wrong[codes])[-1])
            found = f"{everyone[total & (codes == codes[place])].sum():g}"
            raise LayoutError(
                self._where(body[place]),
                f"a Total ({words.TOTAL}) of {parts[codes[place]]:g}, the sum of the treatment functions",
                found,
            )

    def _printed(self, body: list[_Row], weeks: Floats, everyone: Floats) -> dict[str, Floats]:
        """What the publisher worked out of waiting pathways; a share of nobody stands as 0 and is none."""
        found: dict[str, Floats] = {}
        for label, indicator in (
            (_MEDIAN, words.MEDIAN),
            (_PERCENTILE_92, words.PERCENTILE_92),
            (_SHARE, words.WITHIN_18),
        ):
            if self.header.has(label):
                column = self.header.column(label)
                found[indicator] = np.array(
                    [number(row.cells[column], self.sheet.where(row.index)) for row in body]
                )
        if words.WITHIN_18 in found:
            shares = np.where(everyone > 0, found[words.WITHIN_18], np.nan)
            self._refuse(body, weeks[:, :WITHIN].sum(axis=1) / np.maximum(everyone, 1), shares, _SHARE)
            found[words.WITHIN_18] = 100 * shares
        return found
