"""The full extract: provider x commissioner x test, people by week of waiting and tests done.

Known by public descriptions alone, so all that they say is checked: the bands make the list, the three kinds make all
tests done, and a row TOTAL of a provider and commissioner is the sum of its tests, and is never added. Commissioners'
figures come from here only; a provider's are sums of ours, which give way to those that the workbook prints.

Whether providers' and England's figures count patients of commissioners outside England (`NONC`) is not known:
providers with any have none from here, and then England has none either.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.catalogue.policy_dates import ICB_START
from db.domain import ENGLAND, Basis, Finding, Organisation, Period, Severity
from db.reading.characters import quoted
from db.reading.spreadsheets import text_of
from etl.reading.codes import WANTED_CODE, code_of
from etl.reading.csv_pieces import ByteStream, csv_pieces, find_csv_header
from etl.reading.monthly_returns.places import (
    NOT_ENGLISH,
    catalogue_name,
    code_of_return,
    independent_providers,
    is_area,
    is_board,
)
from etl.reading.periods import month_of
from etl.source import LayoutError, RawFile
from etl.sources.diagnostics import vocabulary as words
from etl.sources.diagnostics.counts import (
    BANDS,
    LABELS,
    CountsByTest,
    Floats,
    columns_in_order,
)

PERIOD, NUMBER, TEST = "Period", "Diagnostic Tests Sort Order", "Diagnostic Tests"
PROVIDER, PROVIDER_NAME = "Provider Org Code", "Provider Org Name"
PARENT, COMMISSIONER = "Commissioner Parent Org Code", "Commissioner Org Code"
COMMISSIONER_NAME = "Commissioner Org Name"
MARKS = (TEST, PROVIDER, COMMISSIONER)
_BAND_LABELS = (
    "00 < 01 Week",
    *(f"{week:02} < {week + 1:02} Weeks" for week in range(1, BANDS - 1)),
    "13+ Weeks",
)
_WAITING = "Total WL"
_KINDS = ("Planned Activity", "Unscheduled Activity", "Waiting List Activity")
_ALL_ACTIVITY = "Total Activity"
COLUMNS = (
    PERIOD,
    "Provider Parent Org Code",
    "Provider Parent Name",
    PROVIDER,
    PROVIDER_NAME,
    PARENT,
    "Commissioner Parent Name",
    COMMISSIONER,
    COMMISSIONER_NAME,
    NUMBER,
    TEST,
    *_BAND_LABELS,
    _WAITING,
    "Waiting List Activity",
    "Planned Activity",
    "Unscheduled Activity",
    _ALL_ACTIVITY,
)
_TEXTS = (PERIOD, PROVIDER, PROVIDER_NAME, PARENT, COMMISSIONER, COMMISSIONER_NAME, NUMBER, TEST)


@dataclass(frozen=True)
class DiagnosticsExtract:
    """A month's counts, and the providers that are no trusts of the catalogue's."""

    month: Period
    counts: CountsByTest
    providers: tuple[Organisation, ...]
    findings: tuple[Finding, ...]


def read_diagnostics_extract(start: RawFile, opened: ByteStream) -> DiagnosticsExtract:
    """A full extract of this start, opened at its beginning. Raises LayoutError with the row that is wrong."""
    header = find_csv_header(start, *MARKS)
    places = columns_in_order(header, COLUMNS)
    labels = [text_of(header.sheet.cell(header.index, place)) for place in places]
    numeric = set(COLUMNS[len(COLUMNS) - BANDS - 5 :])
    columns = {
        label: "float64" if wanted in numeric else "str"
        for label, wanted in zip(labels, COLUMNS, strict=True)
        if wanted in numeric or wanted in _TEXTS
    }
    pieces = list(csv_pieces(opened, header, columns, start.name))
    table = pd.concat(pieces) if pieces else pd.DataFrame(columns=list(columns))
    if table.empty:
        raise LayoutError(start.name, "rows below the header", "none")
    rows = _Rows(table.rename(columns=dict(zip(labels, COLUMNS, strict=True))))
    month = rows.month()
    coded = _Coded(rows, rows.codes(PROVIDER), rows.codes(COMMISSIONER), rows.tests(), rows.numbers())
    coded.check_totals()
    tests = coded.of_single_tests()
    counts, findings = tests.counted(month)
    return DiagnosticsExtract(month, counts, tuple(independent_providers(tests.provider_names)), findings)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows of the file; the index + 2 is a row's number in it."""

    table: pd.DataFrame

    def refuse(self, wrong: NDArray[np.bool_], wanted: str, *columns: str) -> None:
        """Raise LayoutError at the first row that a mask marks, with what stands in some columns."""
        if wrong.any():
            place = int(wrong.argmax())
            row = self.table.iloc[place]
            found = ", ".join(f"{name} '{_shown(row[name])}'" for name in columns)
            raise LayoutError(f"row {self.table.index[place] + 2}", wanted, found)

    def texts(self, column: str) -> tuple[NDArray[np.int64], list[str]]:
        places, found = pd.factorize(self.table[column])
        return places.astype(np.int64) + 1, ["", *(text_of(str(item)) for item in found)]

    def month(self) -> Period:
        """The one month of all rows. Raises LayoutError for none and for two."""
        places, texts = self.texts(PERIOD)
        months = [month_of(text.casefold().removeprefix("dm01-")) for text in texts]
        first = months[int(places[0])]
        if first is None:
            wanted = "a month in 'Period', such as DM01-MAY-2026"
            raise LayoutError(f"row {self.table.index[0] + 2}", wanted, f"'{texts[int(places[0])]}'")
        others = np.array([month != first for month in months])[places]
        self.refuse(others, f"{first.label}, as in the first row", PERIOD)
        return first

    def codes(self, column: str) -> NDArray[np.object_]:
        """A column of organisations' codes. Raises LayoutError at the first that is none."""
        places, texts = self.texts(column)
        codes = np.array([code_of_return(text) for text in texts], dtype=object)[places]
        wrong = codes == ""
        if wrong.any():
            place = int(wrong.argmax())
            where = f"row {self.table.index[place] + 2}, column {column}"
            text = texts[int(places[place])]
            raise LayoutError(where, WANTED_CODE, quoted(text) if text else "none")
        return codes

    def tests(self) -> NDArray[np.int64]:
        """The test's number of each row. Raises LayoutError for a number without its own name."""
        number_places, numbers = self.texts(NUMBER)
        name_places, names = self.texts(TEST)
        known = np.array([int(text) if text.isdecimal() else 0 for text in numbers], dtype=np.int64)
        found = known[number_places]
        pairs = pd.factorize(found * len(names) + name_places)
        agree = np.array(
            [words.is_test(int(pair) // len(names), names[int(pair) % len(names)]) for pair in pairs[1]]
        )
        self.refuse(~agree[pairs[0]], "a test's number with its own name", NUMBER, TEST)
        return found

    def numbers(self) -> Floats:
        """The six counts of each row. Raises LayoutError where a row's counts contradict each other."""
        labels = [*_BAND_LABELS, _WAITING, *_KINDS, _ALL_ACTIVITY]
        for label in labels:
            column = self.table[label].to_numpy(dtype=float)
            self.refuse(
                ~((column >= 0) & (column == np.floor(column))),
                f"a whole number in '{label}', 0 or more",
                label,
            )
        bands = self.table[list(_BAND_LABELS)].to_numpy(dtype=float)
        over_6, over_13 = bands[:, 6:].sum(axis=1), bands[:, 13]
        waiting = self.table[_WAITING].to_numpy(dtype=float)
        self.refuse(bands.sum(axis=1) != waiting, f"'{_WAITING}' as the sum of the weeks", _WAITING)
        kinds = self.table[list(_KINDS)].to_numpy(dtype=float)
        self.refuse(
            kinds.sum(axis=1) != self.table[_ALL_ACTIVITY].to_numpy(dtype=float),
            f"'{_ALL_ACTIVITY}' as the sum of the three kinds",
            *_KINDS,
            _ALL_ACTIVITY,
        )
        return np.column_stack((waiting, over_6, over_13, kinds))

    def parents(self, commissioners: NDArray[np.object_]) -> Mapping[str, str]:
        """The code above each commissioner, "" for none. Raises LayoutError where it has two."""
        places, texts = self.texts(PARENT)
        parents = np.array([code_of(text) for text in texts], dtype=object)[places]
        first = pd.Series(parents).groupby(commissioners).first()
        self.refuse(
            pd.Series(commissioners).map(first).to_numpy() != parents,
            "each commissioner under one parent",
            COMMISSIONER,
            PARENT,
        )
        return {str(code): str(parent) for code, parent in first.items()}

    def names(self, column: str, codes: NDArray[np.object_]) -> Mapping[str, str]:
        first = self.table[column].fillna("").groupby(codes).first()
        return {str(code): text_of(str(name)) for code, name in first.items()}


def _shown(cell: object) -> str:
    if isinstance(cell, float):
        return "" if np.isnan(cell) else f"{cell:g}"
    return str(cell)


@dataclass(frozen=True, eq=False)
class _Coded:
    """The rows with each one's provider, commissioner, test and six counts."""

    rows: _Rows
    providers: NDArray[np.object_]
    commissioners: NDArray[np.object_]
    tests: NDArray[np.int64]
    numbers: Floats

    def of_single_tests(self) -> _Coded:
        single = self.tests != words.TOTAL
        return _Coded(
            _Rows(self.rows.table[single]),
            self.providers[single],
            self.commissioners[single],
            self.tests[single],
            self.numbers[single],
        )

    def check_totals(self) -> None:
        """Raise LayoutError for a row that stands twice, and where rows TOTAL are not the sum of their tests.

        Either every provider and commissioner have a row TOTAL, or none.
        """
        pair, names = pd.factorize(pd.Series(self.providers + "/" + self.commissioners))
        twice = pd.Series(pair * (words.TOTAL + 1) + self.tests).duplicated().to_numpy()
        self.rows.refuse(twice, "each test once", PROVIDER, COMMISSIONER, TEST)
        total = self.tests == words.TOTAL
        if total.any():
            sums, totals = np.zeros((2, len(names), self.numbers.shape[1]))
            np.add.at(sums, pair[~total], self.numbers[~total])
            np.add.at(totals, pair[total], self.numbers[total])
            wrong = (sums != totals).any(axis=1)[pair] & (total | ~np.isin(pair, pair[total]))
            wanted = "a row TOTAL that is the sum of the tests"
            self.rows.refuse(wrong, wanted, PROVIDER, COMMISSIONER, TEST, _WAITING, _ALL_ACTIVITY)

    @property
    def provider_names(self) -> Mapping[str, str]:
        return self.rows.names(PROVIDER_NAME, self.providers)

    def counted(self, month: Period) -> tuple[CountsByTest, tuple[Finding, ...]]:
        """Commissioners and their boards, and providers and England as far as it is known whom they count."""
        parents = self.rows.parents(self.commissioners)
        own = {code: code for code, parent in parents.items() if is_area(code, parent)}
        boards = {code: parents[code] for code in own if month.start >= ICB_START and is_board(parents[code])}
        by_commissioner, by_provider = (_table(codes, self) for codes in (self.commissioners, self.providers))
        foreign = set(self.providers[(self.commissioners == NOT_ENGLISH) & self.numbers.any(axis=1)])
        known = {str(code): str(code) for code in set(self.providers) - foreign}
        names = self.rows.names(COMMISSIONER_NAME, self.commissioners)
        board_names = {board: catalogue_name(board) for board in boards.values()}
        sums = [
            by_commissioner.summed(own, names, Basis.SUB_ICB_LOCATION, derived=False),
            by_commissioner.summed(boards, board_names, Basis.SUB_ICB_LOCATION),
            by_provider.summed(known, self.provider_names, Basis.PROVIDER),
        ]
        if not foreign:
            everyone = dict.fromkeys(known, ENGLAND)
            sums.append(by_provider.summed(everyone, {ENGLAND: "England"}, Basis.NATIONAL))
        filled = [part for part in sums if len(part.labels)]
        return _with_totals(CountsByTest.together(filled)), _told(foreign)


def _table(codes: NDArray[np.object_], coded: _Coded) -> CountsByTest:
    labels = pd.DataFrame(
        {"organisation": codes, "organisation_name": "", "basis": "", "test": coded.tests, "derived": False}
    )
    return CountsByTest(labels[list(LABELS)], coded.numbers, np.full(len(labels), np.nan))


def _with_totals(counts: CountsByTest) -> CountsByTest:
    """The counts with a row of all tests of each organisation."""
    keys = [name for name in LABELS if name != "test"]
    sums = pd.DataFrame(counts.numbers).groupby([counts.labels[name] for name in keys], sort=False).sum()
    labels = sums.index.to_frame(index=False).assign(test=words.TOTAL)[list(LABELS)]
    total = CountsByTest(labels, sums.to_numpy(dtype=float), np.full(len(sums), np.nan))
    return CountsByTest.together([counts, total])


def _told(foreign: Collection[str]) -> tuple[Finding, ...]:
    if not foreign:
        return ()
    message = (
        f"{len(foreign)} providers have patients of commissioners outside England ({NOT_ENGLISH}); whether their "
        "published figures count them is not known, so they and England have no figure from this file"
    )
    return (Finding(Severity.INFORMATION, "commissioners outside England", message, len(foreign)),)
