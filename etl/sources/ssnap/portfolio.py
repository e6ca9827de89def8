"""The results portfolio, full and annual: thrombolysis items of section H, team-centred, whichever way round.

An item is known by its reference and confirmed by its label, never by a key-indicator or row number: the key
indicators were numbered anew in October 2024. Section G counts every team that treated a patient, so a patient is
in it more than once; it is not read. Item references: `R/ssnap_measures.R` of
https://github.com/md0u80c9/SSNAPStats at bf0caeb.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from db.domain import Finding, Period, Severity
from db.reading.spreadsheets import Cell, Worksheet, is_blank, listed, normalise_label, text_of
from etl.source import LayoutError
from etl.sources.ssnap import vocabulary as words
from etl.sources.ssnap.dating import period_of_cell
from etl.sources.ssnap.grid import (
    Oriented,
    column_type,
    find_label,
    is_heading,
    label_of,
    nation_heading,
    turn,
    type_row,
)
from etl.sources.ssnap.reconcile import Triple, percentage_tolerance, reconcile
from etl.sources.ssnap.rows import NATIONAL_HEADING, Figure, is_national, is_other_nation

REFERENCE, ITEM, DATA_TYPE, CATEGORY = "Item Reference", "Item", "Data type", "Category"
_REFERENCE = re.compile(r"H\s*16\.(\d+)(?:\.\d+)?", re.IGNORECASE)
_TYPES = {
    "n": "n",
    "numerator": "n",
    "d": "d",
    "denominator": "d",
    "%": "%",
    "percentage": "%",
    "median": "median",
}
_NOT = re.compile(r"not?\b")


@dataclass(frozen=True)
class _Group:
    """Items that together are one measure: the last numbers of their references, and what their labels say.

    `indicator` is "" for items that are only checked; those need not be there.
    """

    indicator: str
    first: int
    last: int
    label: re.Pattern[str]
    wanted: str
    types: tuple[str, ...] = ("n", "d", "%")

    @property
    def reference(self) -> str:
        return f"H16.{self.first}" + (f" to H16.{self.last}" if self.last > self.first else "")


_GROUPS = (
    _Group(words.THROMBOLYSED, 1, 3, re.compile("thrombolys"), "thrombolysed, of all patients"),
    _Group(
        words.DOOR_TO_NEEDLE,
        42,
        42,
        re.compile(r"(?=.*clock start)(?=.*(thrombolys|needle))|door[- ]to[- ]needle"),
        "clock start to thrombolysis, median",
        ("median",),
    ),
    _Group("", 48, 52, re.compile("eligible"), "eligible for thrombolysis"),
    _Group(words.ELIGIBLE_THROMBOLYSED, 53, 57, re.compile("eligible"), "thrombolysed, of eligible patients"),
    _Group(
        words.WITHIN_60_MINUTES,
        72,
        74,
        re.compile(r"thrombolys.*\b(1|one) ?h(ou)?r|thrombolys.*\b60 ?min|\b(1|one) hour.*thrombolys"),
        "thrombolysed within 1 hour of clock start",
    ),
    _Group("", 75, 77, re.compile("thrombolys|stroke unit"), "stroke unit within 4 hours"),
)


_SAME_PATIENTS = (("H16.72 to H16.74", "H16.1 to H16.3"), ("H16.53 to H16.57", "H16.48 to H16.52"))
_EXAMPLES = 3


@dataclass(frozen=True)
class _ItemRow:
    """One item's row: the last number of its reference, its data type and its labels, carried down."""

    index: int
    number: int
    type: str
    category: str
    item: str


@dataclass(frozen=True)
class _Column:
    """One team in one period; `period` is None where the sheet gives none."""

    index: int
    name: str
    type: str
    period: Period | None


@dataclass(frozen=True)
class _Table:
    """A sheet's header and items, turned so that items go down."""

    grid: Oriented
    columns: tuple[_Column, ...]
    items: tuple[_ItemRow, ...]


@dataclass(frozen=True)
class Content:
    """What a portfolio holds. `tolerance` is half of the last digit of its percentages."""

    figures: tuple[Figure, ...]
    findings: tuple[Finding, ...]
    tolerance: float


@dataclass(frozen=True)
class _Rows:
    """The rows of one group of items on one sheet, by data type."""

    grid: Oriented
    rows: Mapping[str, int]

    def at(self, kind: str, column: int) -> tuple[Cell, str]:
        """The cell of a data type in a column, and its place."""
        return self.grid.cell(self.rows[kind], column), self.grid.where(self.rows[kind], column)


def is_portfolio(sheet: Worksheet) -> bool:
    """Whether a sheet has the headings of a portfolio, either way round."""
    return _header(sheet) is not None


def read_portfolio(sheets: Iterable[Worksheet], name: str, file_period: Callable[[], Period]) -> Content:
    """The thrombolysis items of a portfolio's sheets.

    `file_period` dates the columns that no "Time period:" row dates. Families of items that are not there, as some
    have not been since October 2024, are a finding. Raises LayoutError for a file without any of them, for an item
    that is doubled, otherwise labelled or without its counts, and for a percentage that contradicts its counts.
    """
    tables = [table for sheet in sheets if (table := _table(sheet)) is not None and table.items]
    absent = _absent_groups(tables, name)
    tolerance = percentage_tolerance(_percentages(tables))
    figures: list[Figure] = []
    triples: dict[str, dict[tuple[str, Period], Triple]] = {}
    for group in _GROUPS:
        own = _figures(group, tables, file_period, tolerance)
        figures += [figure for figure in own if figure.indicator]
        triples[group.reference] = {
            (figure.name, figure.period): Triple(figure.numerator, figure.denominator, figure.value)
            for figure in own
        }
    others = [figure.name for figure in figures if is_other_nation(figure.name)]
    return Content(
        tuple(figure for figure in figures if figure.name not in others),
        (
            *_absent_findings(absent),
            *_consistency(triples),
            *_national_findings(figures),
            *_other_nations(others),
        ),
        tolerance,
    )


def _header(sheet: Worksheet) -> tuple[Oriented, int, dict[str, int]] | None:
    """The sheet turned so that its three headings stand in a row, that row, and their columns."""
    for grid in (Oriented(sheet, turned=False), turn(sheet)):
        for row, column in find_label(grid.sheet.rows, REFERENCE):
            cells = grid.sheet.rows[row]
            places = {REFERENCE: column}
            for index, cell in enumerate(cells):
                for label in (ITEM, DATA_TYPE, CATEGORY):
                    if isinstance(cell, str) and normalise_label(cell) == label.casefold():
                        places.setdefault(label, index)
            if ITEM in places and DATA_TYPE in places:
                return grid, row, places
    return None


def _table(sheet: Worksheet) -> _Table | None:
    found = _header(sheet)
    if found is None:
        return None
    grid, header, places = found
    items = tuple(_items(grid, header, places))
    columns = tuple(_columns(grid, header, max(places.values()), items)) if items else ()
    return _Table(grid, columns, items)


def _items(grid: Oriented, header: int, places: Mapping[str, int]) -> Iterator[_ItemRow]:
    category = item = ""
    for index in range(header + 1, len(grid.sheet.rows)):
        row = grid.sheet.rows[index]
        before = range(places[CATEGORY], places[CATEGORY] + 1) if CATEGORY in places else range(0)
        own, label = label_of(
            [*[row[i] for i in before], row[places[ITEM]]], range(len(before) + 1), category
        )
        if own != category:
            item = ""
        category, item = own, label or item
        match = _REFERENCE.fullmatch(text_of(grid.cell(index, places[REFERENCE])))
        if match:
            yield _ItemRow(index, int(match[1]), _data_type(grid, index, places), category, item)


def _data_type(grid: Oriented, row: int, places: Mapping[str, int]) -> str:
    """n, d, % or median; "" for a type that we do not read. "denominator (d)" and " n" occur."""
    text = re.sub(r"\(.*\)", "", text_of(grid.cell(row, places[DATA_TYPE])).casefold()).strip()
    return _TYPES.get(text, "")


def _columns(grid: Oriented, header: int, last_label: int, items: Sequence[_ItemRow]) -> Iterator[_Column]:
    """The teams right of the labels; a name that stands once over several periods is carried across.

    The national column is named in any of the heading rows, or comes first and has no heading at all.
    """
    labels = range(last_label + 1)
    team_row = _labelled_row(grid, labels, "team", header + 1)
    names = header if team_row is None else team_row
    types = type_row(grid, max(names, header), last_label + 1)
    periods = _labelled_row(grid, range(last_label + 2), "time period", None)
    headings = [row for row in range(max(names, header) + 1) if row != periods]
    name = ""
    for index in range(last_label + 1, grid.width):
        own = grid.cell(names, index)
        if is_heading(own) or (periods is not None and _is_period_label(grid.cell(periods, index))):
            continue
        dated = periods is not None and not is_blank(grid.cell(periods, index))
        nation = nation_heading(grid, headings, index) if is_blank(own) else ""
        if not is_blank(own):
            name = text_of(own)
        elif nation:
            name = nation
        elif not name:
            if not any(not is_blank(grid.cell(item.index, index)) for item in items):
                continue
            if not all(is_blank(grid.cell(row, index)) for row in headings):
                raise LayoutError(grid.where(names, index), "the name of a team", "nothing")
            name = NATIONAL_HEADING
        elif not dated:
            if any(not is_blank(grid.cell(item.index, index)) for item in items):
                raise LayoutError(grid.where(names, index), "the name of a team", "nothing")
            continue
        yield _Column(index, name, column_type(grid, types, index), _period(grid, periods, index))


def _labelled_row(grid: Oriented, columns: range, label: str, end: int | None) -> int | None:
    """The first row that says this among the label columns."""
    for row, column in find_label(grid.sheet.rows[:end], label):
        if column in columns:
            return row
    return None


def _is_period_label(cell: Cell) -> bool:
    return normalise_label(cell).rstrip(":") == "time period"


def _period(grid: Oriented, row: int | None, column: int) -> Period | None:
    return None if row is None else period_of_cell(grid.cell(row, column), grid.where(row, column))


def _absent_groups(tables: Iterable[_Table], name: str) -> tuple[_Group, ...]:
    """The groups of items that no sheet has.

    Raises LayoutError where a group is there in part, and where none of those that we need is there.
    """
    held = defaultdict(set)
    for table in tables:
        for item in table.items:
            held[item.number].add(item.type)
    absent: list[_Group] = []
    for group in (group for group in _GROUPS if group.indicator):
        types = set().union(*(held[number] for number in range(group.first, group.last + 1)))
        if not types:
            absent.append(group)
        elif missing := [kind for kind in group.types if kind not in types]:
            raise _incomplete(group, missing, held, name)
    if len(absent) == sum(bool(group.indicator) for group in _GROUPS):
        raise _incomplete(absent[0], absent[0].types, held, name)
    return tuple(absent)


def _incomplete(
    group: _Group, missing: Iterable[str], held: Mapping[int, set[str]], name: str
) -> LayoutError:
    return LayoutError(
        name,
        f"item {group.reference} ({group.wanted}) with the data type {listed(missing)}",
        f"of the items H16: {listed(f'H16.{number}' for number in sorted(held) if held[number])}",
    )


def _absent_findings(absent: Sequence[_Group]) -> Iterator[Finding]:
    if absent:
        named = listed(f"{group.reference} ({group.wanted})" for group in absent)
        message = f"the file has no items {named}; the others are loaded"
        yield Finding(Severity.WARNING, "items", message, len(absent))


def _percentages(tables: Iterable[_Table]) -> Iterator[Cell]:
    for table in tables:
        for item in table.items:
            if item.type == "%":
                yield from (table.grid.cell(item.index, column.index) for column in table.columns)


def _figures(
    group: _Group, tables: Iterable[_Table], file_period: Callable[[], Period], tolerance: float
) -> list[Figure]:
    """One figure for each team and period. A team "reported separately" on one sheet is taken from the other."""
    found: dict[tuple[str, Period], Figure] = {}
    for table in tables:
        rows = _rows(group, table)
        if rows is None:
            continue
        for column in table.columns:
            period = column.period or file_period()
            figure = _figure(group, rows, column, period, tolerance)
            before = found.get((column.name, period))
            if before is None or before.reason == words.REPORTED_SEPARATELY:
                found[column.name, period] = figure
            elif figure.reason != words.REPORTED_SEPARATELY:
                raise LayoutError(
                    figure.where, f"{column.name} once in {period.label}", f"it twice (also {before.where})"
                )
    return list(found.values())


def _rows(group: _Group, table: _Table) -> _Rows | None:
    """The row of each data type of a group, None where the sheet lacks the group.

    Raises LayoutError for a label that says something else and for a data type that stands twice or not at all;
    items that are only checked are then left unchecked.
    """
    items = [item for item in table.items if group.first <= item.number <= group.last]
    if not items:
        return None
    try:
        _check_label(group, table.grid, items)
        return _Rows(table.grid, {kind: _row(group, kind, table.grid, items) for kind in group.types})
    except LayoutError:
        if group.indicator:
            raise
        return None


def _check_label(group: _Group, grid: Oriented, items: Sequence[_ItemRow]) -> None:
    label = normalise_label(" ".join(f"{item.category} {item.item}" for item in items))
    if not group.label.search(label):
        raise LayoutError(grid.line(items[0].index), f"{group.reference}: {group.wanted}", f"'{label}'")


def _row(group: _Group, kind: str, grid: Oriented, items: Sequence[_ItemRow]) -> int:
    fitting = [item for item in items if item.type == kind and not _NOT.match(item.item.casefold())]
    if len(fitting) == 1:
        return fitting[0].index
    wanted = f"one row of {group.reference} ({group.wanted}) with the data type '{kind}'"
    raise LayoutError(grid.line((fitting or items)[-1].index), wanted, f"{len(fitting)}")


def _figure(group: _Group, rows: _Rows, column: _Column, period: Period, tolerance: float) -> Figure:
    blank = Figure(group.indicator, column.name, column.type, period, "", math.nan, "")
    cells = {kind: rows.at(kind, column.index) for kind in group.types}
    if "median" in cells:
        value, reason = words.minutes(*cells["median"])
        return replace(blank, where=cells["median"][1], value=value, reason=reason)
    triple, reason = reconcile(cells["n"], cells["d"], cells["%"], tolerance)
    return replace(
        blank,
        where=cells["%"][1],
        value=triple.percentage,
        reason=reason,
        numerator=triple.numerator,
        denominator=triple.denominator,
    )


def _consistency(triples: Mapping[str, Mapping[tuple[str, Period], Triple]]) -> Iterator[Finding]:
    """The patients treated are the same number in both items that count them, and so are the eligible."""
    for part, whole in _SAME_PATIENTS:
        wholes = triples[whole]
        both = [
            (*key, one.denominator, wholes[key].numerator)
            for key, one in triples[part].items()
            if key in wholes
        ]
        odd = [
            f"{name}, {period.short_label}: {denominator:g} against {numerator:g}"
            for name, period, denominator, numerator in both
            if abs(denominator - numerator) > 0
        ]
        if odd:
            message = f"denominator of {part} and numerator of {whole} differ: {'; '.join(odd[:_EXAMPLES])}"
            yield Finding(Severity.WARNING, "items agree", message, len(odd))


def _national_findings(figures: Iterable[Figure]) -> Iterator[Finding]:
    """Team-centred counts add up to the national ones, but for teams that are not named."""
    sums: dict[tuple[str, Period], float] = defaultdict(float)
    national: dict[tuple[str, Period], float] = {}
    for figure in figures:
        if math.isnan(figure.denominator) or is_other_nation(figure.name):
            continue
        if is_national(figure.name):
            national[figure.indicator, figure.period] = figure.denominator
        elif figure.name.casefold() != "england":
            sums[figure.indicator, figure.period] += figure.denominator
    for (indicator, period), printed in national.items():
        added = sums[indicator, period]
        if abs(added - printed) > max(1.0, 0.01 * printed):
            yield Finding(
                Severity.WARNING,
                "teams add up to the national figure",
                f"{indicator}, {period.short_label}: the denominator is {printed:g} nationally, "
                f"the teams' add up to {added:g}",
            )


def _other_nations(names: Iterable[str]) -> Iterator[Finding]:
    unique = sorted(set(names))
    if unique:
        yield Finding(
            Severity.INFORMATION,
            "other nations",
            f"totals that are not shown: {', '.join(unique)}",
            len(unique),
        )
