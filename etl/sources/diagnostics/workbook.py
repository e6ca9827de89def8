"""The monthly provider workbook: a sheet of providers and one of providers by test, England first in each.

England's row has no code and the name 'Total', the next row is empty, and providers follow. In the second sheet each
provider has a row 16 'Total' beside its tests. England is the sum of providers and row 16 that of the tests in every
file seen, and the two sheets agree: a row or a cell that is lost or has moved contradicts one of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from db.domain import ENGLAND, Basis, Finding, Organisation, Period, Severity
from db.reading.characters import quoted
from db.reading.spreadsheets import (
    Cell,
    Header,
    Worksheet,
    find_header,
    find_headers,
    is_blank,
    listed,
    number,
    read_workbook,
    text_of,
)
from etl.reading.codes import WANTED_CODE
from etl.reading.monthly_returns.dating import settle_month
from etl.reading.monthly_returns.label_block import day_said, labels_above, month_said
from etl.reading.monthly_returns.places import code_of_return, independent_providers
from etl.source import Hints, LayoutError, RawFile
from etl.sources.diagnostics import vocabulary as words
from etl.sources.diagnostics.counts import (
    BANDS,
    LABELS,
    CountsByTest,
    Floats,
    columns_in_order,
    contradicting_bands,
)

PROVIDER, BY_TEST, NOTES = "Provider", "Provider by Test", "Notes"
_CODE, _LIST = "Provider Code", "Total Waiting List"
_ORGANISATION = ("Regional Team Code", "Regional Team Name", _CODE, "Provider Name")
_TEST = ("Diagnostic ID", "Diagnostic Test Name")
_MEASURES = (
    _LIST,
    "Number waiting 6+ Weeks",
    "Number waiting 13+ Weeks",
    "Percentage waiting 6+ weeks",
    *(f"{week:02} <{week + 1:02} weeks" for week in range(BANDS - 1)),
    "13+ weeks",
    "Planned tests / procedures",
    "Unscheduled tests / procedures",
    "Waiting list tests / procedures (excluding planned)",
)
_SHARE, _FIRST_BAND, _FIRST_ACTIVITY = 3, 4, 4 + BANDS
_COUNTED = (0, 1, 2, _FIRST_ACTIVITY, _FIRST_ACTIVITY + 1, _FIRST_ACTIVITY + 2)
_SHARE_TOLERANCE = 5e-5
_NOBODY_SAID = ("", "-")


@dataclass(frozen=True)
class ProviderWorkbook:
    """A month's counts, the providers that are no trusts, and what the workbook says of its publication."""

    month: Period
    counts: CountsByTest
    absent: Mapping[str, str]
    providers: tuple[Organisation, ...]
    published_on: date | None
    revised: bool
    findings: tuple[Finding, ...]


def read_provider_workbook(raw: RawFile, hints: Hints) -> ProviderWorkbook:
    """A monthly provider workbook. Raises LayoutError naming sheet and row."""
    sheets = {name.strip().casefold(): sheet for name, sheet in read_workbook(raw).items()}
    _check_basis(sheets.values())
    missing = [name for name in (PROVIDER, BY_TEST) if name.casefold() not in sheets]
    if missing:
        found = listed(sheet.name for sheet in sheets.values())
        raise LayoutError("", f"sheets '{PROVIDER}' and '{BY_TEST}'", f"only {found}")
    providers, by_test = (_Grid.of(sheets[name.casefold()]) for name in (PROVIDER, BY_TEST))
    _check_agreement(providers, by_test)
    month = settle_month(
        raw, hints, [(f"sheet '{grid.sheet.name}'", grid.month) for grid in (providers, by_test)]
    )
    names = {row.code: row.name for row in providers.rows[1:]}
    absent, findings = _absent(sheets.get(NOTES.casefold()), names)
    published, revised = (_day_said((providers, by_test), label) for label in ("published", "revised"))
    return ProviderWorkbook(
        month,
        _with_sums(providers, by_test),
        absent,
        tuple(independent_providers({**names, **absent})),
        revised or published,
        any(grid.above.get("revised", "") not in _NOBODY_SAID for grid in (providers, by_test)),
        findings,
    )


def _check_basis(sheets: Iterable[Worksheet]) -> None:
    for sheet in sheets:
        basis = labels_above(sheet).get("basis", "")
        if basis and basis.casefold() != "provider":
            wanted = "'Basis:' Provider (commissioners' figures are read from the full extract)"
            raise LayoutError(sheet.where(), wanted, f"'{basis}'")


@dataclass(frozen=True)
class _Row:
    """A row: its index counting from 0, its region and organisation, and its test's number."""

    index: int
    region: str
    code: str
    name: str
    test: int

    @property
    def key(self) -> tuple[str, int]:
        return self.code, self.test


@dataclass(frozen=True, eq=False)
class _Grid:
    """A sheet's rows, England's first, with the numbers of each in the order of `_MEASURES`."""

    sheet: Worksheet
    above: Mapping[str, str]
    rows: Sequence[_Row]
    numbers: Floats

    @classmethod
    def of(cls, sheet: Worksheet) -> _Grid:
        """A sheet whose every row is checked against itself. Raises LayoutError."""
        header = find_header(sheet, _CODE, _LIST)
        labels = (*_ORGANISATION, *(_TEST if header.has(_TEST[0]) else ()), *_MEASURES)
        columns = columns_in_order(header, labels)
        body = list(header.body())
        rows = list(_rows(header, body, columns[: len(labels) - len(_MEASURES)]))
        if len(rows) < 2:
            raise LayoutError(header.where, "England's row and rows of providers below", f"{len(rows)} rows")
        numbers = np.array([_numbers(sheet, index, row, columns) for index, row in body])
        grid = cls(sheet, labels_above(sheet, header.index), rows, numbers)
        grid._check_rows()
        return grid

    @property
    def month(self) -> Period:
        said = self.above.get("period", "")
        month = month_said(said)
        if month is None:
            raise LayoutError(self.sheet.where(), "'Period:' with a month on top", f"'{said}'")
        return month

    def where(self, place: int) -> str:
        row = self.rows[place]
        who = row.code or row.name
        test = f", {words.TESTS[row.test].name}" if row.test in words.TESTS else ""
        return f"{self.sheet.where(row.index)} ({who}{test})"

    def sum_of(self, chosen: Sequence[bool]) -> Floats:
        total: Floats = self.numbers[np.array(chosen, dtype=bool)].sum(axis=0)
        return total

    def check(self, place: int, wanted: Floats, why: str) -> None:
        """Raise LayoutError where a row's counts are not these."""
        ours = self.numbers[place]
        wrong = ours != wanted
        wrong[_SHARE] = False
        if wrong.any():
            column = int(wrong.argmax())
            raise LayoutError(
                self.where(place),
                f"'{_MEASURES[column]}' of {wanted[column]:.10g}, {why}",
                f"{ours[column]:.10g}",
            )

    def _check_rows(self) -> None:
        counts = np.delete(self.numbers, _SHARE, axis=1)
        odd = ~((counts >= 0) & (counts == np.floor(counts)))
        if odd.any():
            place, column = (int(item[0]) for item in np.nonzero(odd))
            label = np.delete(np.array(_MEASURES, dtype=object), _SHARE)[column]
            odd_one = counts[place, column]
            wanted = f"a whole number in '{label}', 0 or more"
            raise LayoutError(self.where(place), wanted, "none" if np.isnan(odd_one) else f"{odd_one:.10g}")
        bands = self.numbers[:, _FIRST_BAND:_FIRST_ACTIVITY]
        waiting, over_6, over_13, share = self.numbers[:, :_FIRST_BAND].T
        if wrong_bands := contradicting_bands(bands, waiting, over_6, over_13):
            place, wanted, found = wrong_bands
            raise LayoutError(self.where(place), wanted, f"{found:.10g}")
        computed = over_6 / np.maximum(waiting, 1)
        wrong = ~(np.abs(share - computed) <= _SHARE_TOLERANCE)
        if wrong.any():
            place = int(wrong.argmax())
            wanted = f"'{_MEASURES[_SHARE]}' of {computed[place]:.6g}, as its counts make"
            raise LayoutError(self.where(place), wanted, f"{share[place]:.6g}")
        self._check_once()

    def _check_once(self) -> None:
        first: dict[tuple[str, int], int] = {}
        for place, row in enumerate(self.rows):
            if (before := first.setdefault(row.key, place)) != place:
                raise LayoutError(
                    self.where(place), f"{row.code} once", f"also in row {self.rows[before].index + 1}"
                )


def _rows(header: Header, body: Sequence[tuple[int, list[Cell]]], columns: Sequence[int]) -> Iterator[_Row]:
    """Whose rows these are: England's, which has no code, then those of providers."""
    sheet = header.sheet
    for number_of_row, (index, cells) in enumerate(body):
        region, _, code, name, *test = (text_of(cells[column]) for column in columns)
        if not number_of_row:
            if code or name.casefold() != "total":
                raise LayoutError(
                    sheet.where(index), "England's row 'Total' first, without a code", f"'{code or name}'"
                )
            yield _Row(index, "", "", name, words.TOTAL)
            continue
        organisation = code_of_return(code)
        if not organisation:
            beside = f" ({name})" if name else ""
            raise LayoutError(sheet.where(index), WANTED_CODE, f"{quoted(code)}{beside}")
        if not (len(region) == 3 and region.startswith("Y") and region[1:].isdigit()):
            raise LayoutError(sheet.where(index), "a region's code, such as Y59", f"'{region}'")
        yield _Row(index, region, organisation, name, _test_number(sheet, index, test))


def _test_number(sheet: Worksheet, index: int, test: Sequence[str]) -> int:
    if not test:
        return words.TOTAL
    said, name = test
    if said.isdecimal() and words.is_test(int(said), name):
        return int(said)
    raise LayoutError(sheet.where(index), "a test's number with its own name", f"'{said}' with '{name}'")


def _numbers(sheet: Worksheet, index: int, row: Sequence[Cell], columns: Sequence[int]) -> list[float]:
    cells = [row[column] for column in columns[-len(_MEASURES) :]]
    return [cell if isinstance(cell, float) else number(cell, sheet.where(index)) for cell in cells]


def _check_agreement(providers: _Grid, by_test: _Grid) -> None:
    """Raise LayoutError where England, providers and tests do not add up, or the two sheets differ."""
    providers.check(
        0, providers.sum_of([place > 0 for place in range(len(providers.rows))]), "the sum of providers"
    )
    totals = [place > 0 and row.test == words.TOTAL for place, row in enumerate(by_test.rows)]
    by_test.check(0, by_test.sum_of(totals), "the sum of providers' rows 16")
    of_provider = {row.code: place for place, row in enumerate(providers.rows)}
    total_of = {row.code: place for place, row in enumerate(by_test.rows) if row.test == words.TOTAL}
    sums = np.zeros_like(providers.numbers)
    for place, row in enumerate(by_test.rows):
        if row.code not in of_provider or row.code not in total_of:
            lacking = f"in sheet '{PROVIDER}'" if row.code not in of_provider else "with a row 16 'Total'"
            raise LayoutError(by_test.where(place), f"{row.code} {lacking} too", "none")
        other = providers.rows[of_provider[row.code]]
        if (row.region, row.name) != (other.region, other.name):
            wanted = f"{other.region} and '{other.name}', as in sheet '{PROVIDER}'"
            raise LayoutError(by_test.where(place), wanted, f"{row.region} and '{row.name}'")
        if row.test != words.TOTAL:
            sums[of_provider[row.code]] += by_test.numbers[place]
    for code, place in of_provider.items():
        if code in total_of:
            by_test.check(total_of[code], providers.numbers[place], f"as in sheet '{PROVIDER}'")
        elif providers.numbers[place].any():
            raise LayoutError(providers.where(place), f"{code} in sheet '{BY_TEST}' too", "none")
        if code:
            providers.check(place, sums[place], f"the sum of its tests in sheet '{BY_TEST}'")


def _counts(grid: _Grid) -> CountsByTest:
    labels = pd.DataFrame(
        [
            (
                row.code or ENGLAND,
                row.name if row.code else "England",
                (Basis.PROVIDER if row.code else Basis.NATIONAL).value,
                row.test,
                False,
            )
            for row in grid.rows
        ],
        columns=list(LABELS),
    )
    return CountsByTest(labels, grid.numbers[:, _COUNTED], grid.numbers[:, _SHARE])


def _with_sums(providers: _Grid, by_test: _Grid) -> CountsByTest:
    """Both sheets' counts, and what the publisher does not print: sums for England's tests and for regions."""
    totals, tests = _counts(providers), _counts(by_test).of_single_tests()
    regions = {row.code: row.region for row in providers.rows if row.code}
    everyone = dict.fromkeys(regions, ENGLAND)
    both = CountsByTest.together([totals, tests])
    england = tests.summed(everyone, {ENGLAND: "England"}, Basis.NATIONAL)
    return CountsByTest.together([both, england, both.summed(regions, {}, Basis.PROVIDER)])


def _day_said(grids: Iterable[_Grid], label: str) -> date | None:
    """The last day that the sheets say. Raises LayoutError for what is no day."""
    days = []
    for grid in grids:
        said = grid.above.get(label, "")
        if said not in _NOBODY_SAID:
            day = day_said(said)
            if day is None:
                wanted = f"a day in '{label.capitalize()}:', such as 12th June 2025"
                raise LayoutError(grid.sheet.where(), wanted, f"'{said}'")
            days.append(day)
    return max(days, default=None)


def _absent(
    notes: Worksheet | None, submitted: Mapping[str, str]
) -> tuple[Mapping[str, str], tuple[Finding, ...]]:
    """The providers that did not submit, which only the sheet of notes names, and what is to be told of them."""
    if notes is None or not (headers := find_headers(notes, "Code", "Name")):
        message = f"wanted a sheet '{NOTES}' with a list of those that did not submit, found none"
        return {}, (Finding(Severity.WARNING, "who did not submit", message),)
    header = headers[0]
    absent: dict[str, str] = {}
    for index, row in header.body():
        code, name = (text_of(row[header.column(label)]) for label in ("Code", "Name"))
        if is_blank(code) and is_blank(name):
            continue
        organisation = code_of_return(code)
        if not organisation or organisation in submitted:
            wanted = "the code of an organisation that did not submit"
            raise LayoutError(
                notes.where(index), wanted, f"'{code}', which has figures" if organisation else f"'{code}'"
            )
        absent[organisation] = name
    if not absent:
        return {}, ()
    told = ", ".join(f"{code} {name}" for code, name in absent.items())
    return absent, (
        Finding(Severity.WARNING, "who did not submit", f"named in '{NOTES}': {told}", len(absent)),
    )
