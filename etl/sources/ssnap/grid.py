"""A sheet of teams against measures, whichever way round it stands, and what stands where in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from openpyxl.utils import get_column_letter

from db.reading.spreadsheets import Cell, Row, Worksheet, is_blank, is_blank_row, normalise_label, text_of
from etl.source import LayoutError
from etl.sources.ssnap import vocabulary as words
from etl.sources.ssnap.rows import is_nation, is_national

_HEADINGS = frozenset(
    {"category", "item reference", "item", "items", "data type", "reference", "unit", "team type", "x"}
)


@dataclass(frozen=True)
class Oriented:
    """A sheet turned so that measures go down and teams across; places are named as in the file."""

    sheet: Worksheet
    turned: bool

    def cell(self, row: int, column: int) -> Cell:
        return self.sheet.cell(row, column)

    @property
    def width(self) -> int:
        return max((len(row) for row in self.sheet.rows), default=0)

    def row_above(self, row: int) -> int:
        """The nearest row above another that is not blank, the first one where all are."""
        above = (index for index in range(row - 1, 0, -1) if not is_blank_row(self.sheet.rows[index]))
        return next(above, 0)

    def is_empty_below(self, row: int, column: int) -> bool:
        """Whether a column holds nothing under a row."""
        return all(is_blank(self.cell(index, column)) for index in range(row + 1, len(self.sheet.rows)))

    def where(self, row: int, column: int) -> str:
        """A cell's place for a message: "sheet 'X', row 9, column F"."""
        line, place = (column, row) if self.turned else (row, column)
        return f"{self.sheet.where(line)}, column {get_column_letter(place + 1)}"

    def line(self, row: int) -> str:
        """The place of a whole measure: a row, or a column where the sheet was turned."""
        if not self.turned:
            return self.sheet.where(row)
        sheet = self.sheet.where()
        return f"{sheet}{', ' if sheet else ''}column {get_column_letter(row + 1)}"


@dataclass(frozen=True)
class TeamColumn:
    """One team's figures. `type` is "" where the file gives none."""

    index: int
    name: str
    type: str


def turn(sheet: Worksheet) -> Oriented:
    """The same sheet with its rows as columns."""
    width = max((len(row) for row in sheet.rows), default=0)
    rows = [[sheet.cell(row, column) for row in range(len(sheet.rows))] for column in range(width)]
    return Oriented(Worksheet(sheet.name, rows), turned=True)


def find_label(rows: list[list[Cell]], label: str) -> Iterator[tuple[int, int]]:
    """Every row and column, counting from 0, of a cell that says this."""
    wanted = normalise_label(label)
    for index, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and normalise_label(cell).rstrip(":") == wanted:
                yield index, column


def type_row(grid: Oriented, last_row: int, first_column: int) -> int | None:
    """The last row down to `last_row` that names team types right of the labels, if any does."""
    for index in range(last_row, -1, -1):
        row = grid.sheet.rows[index]
        if any(words.team_type(cell) for cell in row[first_column:]):
            return index
    return None


def column_type(grid: Oriented, row: int | None, column: int) -> str:
    """A column's type of team, "" where the sheet has no such row or leaves it open."""
    return "" if row is None else words.team_type(grid.cell(row, column))


def is_heading(cell: Cell) -> bool:
    """Whether a cell among the team names is a heading of the labels and no team."""
    return normalise_label(cell).rstrip(":") in _HEADINGS


def nation_heading(grid: Oriented, headings: Iterable[int], column: int) -> str:
    """The nation that a column without a team's name is of, by whichever heading row says it; "" where none does."""
    said = [text_of(cell) for row in headings if not is_blank(cell := grid.cell(row, column))]
    said = [text for text in said if not is_heading(text)]
    if not said or not all(map(is_nation, said)):
        return ""
    return next((text for text in said if is_national(text)), said[0])


def label_of(row: Row, columns: range, category: str) -> tuple[str, str]:
    """A row's category, carried down from above where blank, and its item (the last of the label columns)."""
    *before, item = [row[index] if index < len(row) else "" for index in columns]
    own = next((text_of(cell) for cell in before if not is_blank(cell)), category)
    return own, text_of(item)


@dataclass(frozen=True)
class SummaryGrid:
    """A sheet of a summary report: `Trust` and `Team` rows, and below them one row a measure."""

    grid: Oriented
    team_row: int
    label_column: int
    teams: tuple[TeamColumn, ...]

    def measures(self) -> Iterator[tuple[int, str]]:
        """Each measure's row index and whole label, up to the tallies of levels at the foot."""
        category = ""
        for index in range(self.team_row + 1, len(self.grid.sheet.rows)):
            category, item = label_of(self.grid.sheet.rows[index], range(self.label_column + 1), category)
            whole = normalise_label(f"{category} {item}")
            if whole.startswith("ssnap levels"):
                return
            if item:
                yield index, whole


def summary_grid(sheet: Worksheet) -> SummaryGrid:
    """The grid of a sheet, found by its labels `Trust` and `Team`. Raises LayoutError."""
    grid, team_row, column = _oriented_by_team(sheet)
    types = type_row(grid, team_row, column + 1)
    teams = []
    for index in range(column + 1, grid.width):
        name, trust = grid.cell(team_row, index), grid.cell(grid.row_above(team_row), index)
        if is_blank(name):
            name = nation_heading(grid, range(team_row), index)
        if is_blank(name) and is_blank(trust) and grid.is_empty_below(team_row, index):
            continue
        if is_blank(name):
            raise LayoutError(grid.where(team_row, index), "the name of a team", "nothing")
        if not is_heading(name):
            teams.append(TeamColumn(index, text_of(name), column_type(grid, types, index)))
    if not teams:
        raise LayoutError(grid.line(team_row), "teams beside the label 'Team'", "none")
    return SummaryGrid(grid, team_row, column, tuple(teams))


def _oriented_by_team(sheet: Worksheet) -> tuple[Oriented, int, int]:
    for grid in (Oriented(sheet, turned=False), turn(sheet)):
        for row, column in find_label(grid.sheet.rows, "Team"):
            if row and normalise_label(grid.cell(grid.row_above(row), column)).rstrip(":") == "trust":
                return grid, row, column
    raise LayoutError(
        sheet.where(), "the labels 'Trust' and 'Team' side by side", f"neither in {len(sheet.rows)} rows"
    )
