"""The full CSV data file: provider x commissioner x part x treatment function, pathways by week of waiting.

Every provider and commissioner of a part has a Total row (`C_999`) beside its treatment functions. Summed are those of
each provider over commissioners, and of each commissioner over providers; commissioners outside England (`NONC`) count
for neither. England so made equals the published national series to the last decimal (January 2026).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from db.catalogue.policy_dates import ICB_START
from db.domain import ENGLAND, Basis, Finding, Organisation, Period, Severity
from db.reading.characters import quoted
from db.reading.spreadsheets import listed, text_of
from etl.reading.codes import WANTED_CODE, code_of
from etl.reading.csv_pieces import ByteStream, csv_pieces, find_csv_header
from etl.reading.monthly_returns.places import (
    NOT_ENGLISH,
    catalogue_name,
    code_of_return,
    independent_providers,
    is_area,
    is_board,
    region_of,
)
from etl.reading.periods import month_of
from etl.source import LayoutError, RawFile
from etl.sources.referral_to_treatment import vocabulary as words
from etl.sources.referral_to_treatment.pathways import LABELS, Pathways
from etl.sources.referral_to_treatment.waits import (
    LONGER_WEEKS_FROM,
    LONGEST,
    LONGEST_BEFORE_2021,
    Floats,
    week_columns,
)

PERIOD, PART, FUNCTION = "Period", "RTT Part Type", "Treatment Function Code"
PROVIDER, COMMISSIONER, PARENT = "Provider Org Code", "Commissioner Org Code", "Commissioner Parent Org Code"
PROVIDER_NAME, COMMISSIONER_NAME = "Provider Org Name", "Commissioner Org Name"
KNOWN, UNKNOWN_START, EVERYONE = "Total", "Patients with unknown clock start date", "Total All"
MARKS = (PART, FUNCTION, PROVIDER)
_TEXTS = (PERIOD, PROVIDER, PROVIDER_NAME, PARENT, COMMISSIONER, COMMISSIONER_NAME, PART, FUNCTION)
_TOTALS = (KNOWN, UNKNOWN_START, EVERYONE)
_FUNCTIONS = list(words.FUNCTIONS)

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class Extract:
    """A month's pathways, and the providers that are no trusts of the catalogue's."""

    month: Period
    pathways: Pathways
    providers: tuple[Organisation, ...]
    findings: tuple[Finding, ...] = ()


def read_extract(start: RawFile, opened: ByteStream) -> Extract:
    """A full CSV data file of this start, opened at its beginning and read some megabytes at a time.

    Raises LayoutError with the row that is not as it should be.
    """
    header = find_csv_header(start, *MARKS)
    labels = [text_of(header.sheet.cell(header.index, column)) for column in week_columns(header)]
    for label in (*_TEXTS, *_TOTALS):
        header.column(label)
    columns = dict.fromkeys(_TEXTS, "str") | dict.fromkeys([*labels, *_TOTALS], "float64")
    found = _Found(len(labels))
    for piece in csv_pieces(opened, header, columns, start.name):
        if len(piece):
            found.add(_Piece(piece, labels))
    if not found.rows or not found.of_commissioner.keys:
        raise LayoutError(start.name, "rows of pathways below the header", "none of a part with a figure")
    found.check()
    month = found.month()
    if len(labels) <= LONGEST_BEFORE_2021 + 1 and month.start >= LONGER_WEEKS_FROM:
        wanted = f"{LONGEST + 1} columns of weeks in {month.label}, as each month since April 2021 has"
        raise LayoutError(header.where, wanted, str(len(labels)))
    return Extract(
        month, _pathways(found, month), tuple(independent_providers(found.providers.names)), found.findings()
    )


@dataclass(frozen=True, eq=False)
class _Piece:
    """Some rows, with their counts checked against one another."""

    frame: pd.DataFrame
    labels: Sequence[str]

    def refuse(self, wrong: NDArray[np.bool_], wanted: str, *columns: str) -> None:
        """Raise LayoutError at the first row that a mask marks."""
        if wrong.any():
            place = int(wrong.argmax())
            row = self.frame.iloc[place]
            shown = ", ".join(
                f"{name} {'blank' if pd.isna(row[name]) else _shown(row[name])}" for name in columns
            )
            raise LayoutError(_row(int(self.frame.index[place]) + 2), wanted, shown)

    def texts(self, column: str) -> tuple[Codes, list[str]]:
        """A column's places in the list of its texts, in which a blank is ""."""
        # As text, not as categories: pandas would make the number 50 of a column that has the code 5E1 alone.
        places, found = pd.factorize(self.frame[column])
        return places.astype(np.int64) + 1, ["", *(text_of(str(item)) for item in found)]

    def members(self, column: str, known: Sequence[str]) -> Codes:
        """A column's places in a list of what there may be. Raises LayoutError at the first that is not in it."""
        places, texts = self.texts(column)
        numbers = np.array([known.index(text) if text in known else -1 for text in texts])[places]
        self.refuse(numbers < 0, f"one of {listed(known)}", column)
        return numbers

    def codes(self, column: str) -> tuple[Codes, list[str]]:
        """A column of organisations' codes. Raises LayoutError at the first that is none."""
        places, texts = self.texts(column)
        codes = [code_of_return(text) for text in texts]
        wrong = np.array([not code for code in codes])[places]
        if wrong.any():
            place = int(wrong.argmax())
            where = f"{_row(int(self.frame.index[place]) + 2)}, column {column}"
            raise LayoutError(
                where, WANTED_CODE, quoted(texts[places[place]]) if texts[places[place]] else "none"
            )
        return places, codes

    def numbers(self, column: str) -> Floats:
        return self.frame[column].to_numpy(dtype=np.float64)

    def weeks(self, parts: Codes) -> tuple[Floats, Floats]:
        """Pathways by week and all of them, blanks as none. Raises LayoutError where they contradict each other."""
        weeks = self.frame[list(self.labels)].to_numpy(dtype=np.float64)
        everyone = self.numbers(EVERYONE)
        with np.errstate(invalid="ignore"):
            odd = (weeks < 0) | (weeks != np.floor(weeks)) & ~np.isnan(weeks)
        for place in np.flatnonzero(odd.any(axis=0))[:1]:
            self.refuse(odd[:, place], "a whole number of pathways, 0 or more", self.labels[int(place)])
        self.refuse(
            ~(everyone >= 0) | (everyone != np.floor(everyone)), "a whole number of pathways", EVERYONE
        )
        weeks = np.nan_to_num(weeks)
        counted = weeks.sum(axis=1)
        known, unknown = (np.nan_to_num(self.numbers(name)) for name in (KNOWN, UNKNOWN_START))
        names = np.array(words.PARTS)[parts]
        waiting = np.isin(names, (words.INCOMPLETE, words.WITH_DECISION))
        ended = np.isin(names, list(words.COMPLETED))
        self.refuse(waiting & (counted != everyone), "weeks that add up to 'Total All'", EVERYONE)
        self.refuse(ended & (counted != known), "weeks that add up to 'Total'", KNOWN)
        self.refuse(
            ended & (known + unknown != everyone),
            "'Total' and those of unknown start to add up to 'Total All'",
            *_TOTALS,
        )
        self.refuse((names == words.NEW) & (counted > 0), "no weeks of waiting for new periods", EVERYONE)
        return weeks, everyone


def _row(number: int) -> str:
    return f"row {number}"


def _shown(cell: object) -> str:
    return f"{cell:g}" if isinstance(cell, float) else quoted(str(cell))


@dataclass
class _Numbers:
    """Organisations' codes by number, with the first name that each bears."""

    names: dict[str, str] = field(default_factory=dict)
    _places: dict[str, int] = field(default_factory=dict)

    def add(self, piece: _Piece, column: str, name_column: str) -> Codes:
        places, codes = piece.codes(column)
        name_places, names = piece.texts(name_column)
        for place, at in zip(*np.unique(places, return_index=True), strict=True):
            code = codes[int(place)]
            self._places.setdefault(code, len(self._places))
            self.names.setdefault(code, names[int(name_places[at])])
        return np.array([self._places.get(code, -1) for code in codes])[places]

    @property
    def codes(self) -> list[str]:
        return list(self._places)


@dataclass
class _Sums:
    """Rows of numbers added up by key, some at a time."""

    keys: list[Codes] = field(default_factory=list)
    rows: list[Floats] = field(default_factory=list)

    def add(self, keys: Codes, rows: Floats) -> None:
        if len(keys):
            keys, rows = _added(keys, rows)
            self.keys.append(keys)
            self.rows.append(rows)

    def result(self) -> tuple[Codes, Floats]:
        return _added(np.concatenate(self.keys), np.concatenate(self.rows))


def _added(keys: Codes, rows: Floats) -> tuple[Codes, Floats]:
    order = np.argsort(keys, kind="stable")
    found, starts = np.unique(keys[order], return_index=True)
    return found, np.add.reduceat(rows[order], starts, axis=0)


class _Found:
    """What the rows add up to, and of each row what tells whether it stands once and its functions make its total."""

    def __init__(self, weeks: int) -> None:
        self.width = weeks + 1
        self.providers, self.commissioners = _Numbers(), _Numbers()
        self.parents: dict[str, str] = {}
        self.of_provider, self.of_commissioner = _Sums(), _Sums()
        self.months: dict[str, int] = {}
        self.rows: list[NDArray[np.int64]] = []

    def add(self, piece: _Piece) -> None:
        self._note_months(piece)
        parts = piece.members(PART, words.PARTS)
        functions = piece.members(FUNCTION, _FUNCTIONS)
        providers = self.providers.add(piece, PROVIDER, PROVIDER_NAME)
        commissioners = self.commissioners.add(piece, COMMISSIONER, COMMISSIONER_NAME)
        self._note_parents(piece, commissioners)
        weeks, everyone = piece.weeks(parts)
        columns = (
            providers,
            commissioners,
            parts,
            functions,
            everyone.astype(np.int64),
            piece.frame.index + 2,
        )
        self.rows.append(np.column_stack(columns))
        english = np.array([code != NOT_ENGLISH for code in self.commissioners.codes])[commissioners]
        # Part 2A is a part of Part 2, and has no indicator of its own.
        chosen = english & (parts != words.PARTS.index(words.WITH_DECISION))
        numbers = np.column_stack((weeks, everyone))[chosen]
        cut = (parts * len(_FUNCTIONS) + functions)[chosen]
        size = len(words.PARTS) * len(_FUNCTIONS)
        self.of_provider.add(providers[chosen] * size + cut, numbers)
        self.of_commissioner.add(commissioners[chosen] * size + cut, numbers)

    def _note_months(self, piece: _Piece) -> None:
        places, texts = piece.texts(PERIOD)
        for place, at in zip(*np.unique(places, return_index=True), strict=True):
            self.months.setdefault(texts[int(place)], int(piece.frame.index[at]) + 2)

    def _note_parents(self, piece: _Piece, commissioners: Codes) -> None:
        places, texts = piece.texts(PARENT)
        codes = self.commissioners.codes
        pairs, at = np.unique(np.column_stack((commissioners, places)), axis=0, return_index=True)
        for (commissioner, place), row in zip(pairs, at, strict=True):
            parent, code = code_of(texts[int(place)]), codes[int(commissioner)]
            if self.parents.setdefault(code, parent) != parent:
                where = _row(int(piece.frame.index[row]) + 2)
                wanted = f"{code} under {self.parents[code] or 'no parent'}, as in rows before"
                raise LayoutError(where, wanted, f"'{texts[int(place)]}'")

    def month(self) -> Period:
        """The one month of all rows. Raises LayoutError for none and for two."""
        found: dict[Period, int] = {}
        for text, row in self.months.items():
            month = month_of(text.casefold().removeprefix("rtt-"))
            if month is None:
                raise LayoutError(_row(row), "a month in 'Period', such as RTT-January-2026", f"'{text}'")
            found.setdefault(month, row)
        if len(found) > 1:
            first, second = list(found)[:2]
            raise LayoutError(_row(found[second]), f"{first.label}, as in rows before", second.label)
        return next(iter(found))

    def check(self) -> None:
        """Raise LayoutError for a row that stands twice, and for a total that is not the sum of its functions."""
        rows = np.concatenate(self.rows)
        size = len(_FUNCTIONS)
        group = (rows[:, 0] * len(self.commissioners.codes) + rows[:, 1]) * len(words.PARTS) + rows[:, 2]
        key = group * size + rows[:, 3]
        _, first, count = np.unique(key, return_index=True, return_counts=True)
        if (count > 1).any():
            place = int(first[count > 1][0])
            second = rows[np.flatnonzero(key == key[place])[1]]
            raise LayoutError(
                _row(int(second[5])), f"{self._described(second)} once", f"also in row {rows[place, 5]}"
            )
        self._check_totals(rows, group)
        self._check_decided(rows)

    def _check_totals(self, rows: Codes, group: Codes) -> None:
        total = rows[:, 3] == _FUNCTIONS.index(words.TOTAL)
        _, at, place = np.unique(group, return_index=True, return_inverse=True)
        sums = np.bincount(place[~total], rows[~total, 4], len(at))
        totals = np.bincount(place[total], rows[total, 4], len(at))
        wrong = sums != totals
        if total.all() or not wrong.any():
            return
        group_number = int(np.flatnonzero(wrong)[0])
        own = rows[place == group_number]
        is_total = own[:, 3] == _FUNCTIONS.index(words.TOTAL)
        row = own[is_total][0] if is_total.any() else own[0]
        found = f"{totals[group_number]:g}" if is_total.any() else "no such row"
        raise LayoutError(
            _row(int(row[5])),
            f"a Total ({words.TOTAL}) of {self._described(row)} of {sums[group_number]:g}, the sum of its functions",
            found,
        )

    def _check_decided(self, rows: Codes) -> None:
        """Who waits with a decision to admX"""
        waiting, decided = (
            rows[rows[:, 2] == words.PARTS.index(part), 4].sum()
            for part in (words.INCOMPLETE, words.WITH_DECISION)
        )
        if 0 < waiting < decided:
            raise LayoutError(
                "", f"at most the {waiting} of {words.INCOMPLETE} with a decision to admit", f"{decided}"
            )

    def findings(self) -> tuple[Finding, ...]:
        """What the file lacks of the parts that each month has."""
        held = {words.PARTS[number] for number in np.unique(np.concatenate(self.rows)[:, 2])}
        lost = [part for part in words.PARTS if part not in held and part != words.WITH_DECISION]
        if not lost:
            return ()
        message = f"wanted each part of the return, found none of {listed(lost)}: their figures are missing"
        return (Finding(Severity.WARNING, "parts of the return", message, len(lost)),)

    def _described(self, row: Codes) -> str:
        provider, commissioner = self.providers.codes[row[0]], self.commissioners.codes[row[1]]
        return f"{provider} for {commissioner}, {words.PARTS[row[2]]}, {_FUNCTIONS[row[3]]}"


def _pathways(found: _Found, month: Period) -> Pathways:
    """Providers, commissioners, and the boards, regions and England that commissioners make up."""
    parts: list[tuple[pd.DataFrame, Floats]] = [
        _labelled(found.of_provider, found.providers.codes, Basis.PROVIDER, found.providers.names)
    ]
    codes = found.commissioners.codes
    keys, numbers = found.of_commissioner.result()
    size = len(words.PARTS) * len(_FUNCTIONS)
    for parents, basis, derived in _areas(found, month):
        sums = _Sums()
        whose = [parents.get(code, "") for code in codes]
        targets = [code for code in dict.fromkeys(whose) if code]
        names = {code: catalogue_name(code) for code in targets} if derived else found.commissioners.names
        if not targets:
            continue
        to = np.array([targets.index(code) if code else -1 for code in whose])[keys // size]
        sums.add((to * size + keys % size)[to >= 0], numbers[to >= 0])
        labels, table = _labelled(sums, targets, basis, names)
        parts.append((labels.assign(derived=derived), table))
    labels = pd.concat([labels for labels, _ in parts], ignore_index=True)
    table = np.concatenate([numbers for _, numbers in parts])
    return Pathways(labels, table[:, :-1], table[:, -1], {})


def _areas(found: _Found, month: Period) -> Iterator[tuple[dict[str, str], Basis, bool]]:
    """Whom each commissioner counts for: itself, its board, its board's region, and England; and whether that is a sum.

    Hubs and regions that commission directly bear codes of regions and stand in no board: they count for England alone.
    """
    own = {code: code for code in found.commissioners.codes if is_area(code, found.parents[code])}
    boards = {
        code: found.parents[code]
        for code in own
        if month.start >= ICB_START and is_board(found.parents[code])
    }
    regions = {code: region_of(board, month) for code, board in boards.items()}
    yield own, Basis.SUB_ICB_LOCATION, False
    yield boards, Basis.SUB_ICB_LOCATION, True
    yield regions, Basis.SUB_ICB_LOCATION, True
    yield dict.fromkeys(found.commissioners.codes, ENGLAND), Basis.NATIONAL, True


def _labelled(
    sums: _Sums, codes: Sequence[str], basis: Basis, names: Mapping[str, str]
) -> tuple[pd.DataFrame, Floats]:
    keys, numbers = sums.result()
    size = len(_FUNCTIONS)
    whose = np.array(codes, dtype=object)[keys // (size * len(words.PARTS))]
    labels = pd.DataFrame(
        {
            "organisation": whose,
            "organisation_name": [names.get(code, "") for code in whose],
            "basis": basis.value,
            "part": np.array(words.PARTS, dtype=object)[keys // size % len(words.PARTS)],
            "function": np.array(_FUNCTIONS, dtype=object)[keys % size],
            "derived": False,
        }
    )
    return labels[list(LABELS)], numbers
