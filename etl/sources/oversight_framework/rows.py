"""The rows of either file: of which quarter, league and trust each is, and its cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from db.domain import Frequency, Period
from db.reading.spreadsheets import listed, number, read_csv_text, text_of
from etl.reading.codes import organisation_code
from etl.reading.csv_pieces import find_csv_header
from etl.reading.periods import period_of
from etl.source import LayoutError, RawFile
from etl.sources.oversight_framework import vocabulary as words
from etl.sources.oversight_framework.figures import LeagueTrust

QUARTER, REPORTED = "Quarter", "Reporting_date"
_LONE_YEAR = re.compile(r"q([1-4]) (20\d\d)", re.IGNORECASE)


@dataclass(frozen=True)
class OversightRow:
    """A row with its place in the file, its quarter and trust. Cells are tidy text, "" for blank."""

    where: str
    quarter: Period
    trust: LeagueTrust
    cells: Mapping[str, str]

    def number(self, label: str) -> float:
        """A cell as a number, NaN where it is blank. Raises LayoutError."""
        return number(self.cells[label], f"{self.where}, column {label}")

    def bounded(self, label: str, least: float, most: float, what: str) -> float:
        """A cell as a number within bounds. Raises LayoutError for any other, and for none."""
        found = self.number(label)
        if not least <= found <= most:
            wanted = f"{what} from {least:g} to {most:g} in '{label}'"
            raise LayoutError(self.where, wanted, f"'{self.cells[label]}'")
        return found

    def segment(self, label: str) -> int:
        """A segment, 1 to 4. Raises LayoutError for anything else."""
        found = self.bounded(label, 1, 4, "a segment")
        if found != int(found):
            raise LayoutError(self.where, f"a whole number in '{label}'", f"'{self.cells[label]}'")
        return int(found)

    def score(self, label: str) -> float:
        """A score, 1 (best) to 4. Raises LayoutError for anything else."""
        return self.bounded(label, 1, 4, "a score")

    def place(self, label: str) -> int:
        """A place in a league. Raises LayoutError for what is no whole number from 1 on."""
        found = self.number(label)
        if not (found >= 1 and found == int(found)):
            raise LayoutError(self.where, f"a place in the league in '{label}'", f"'{self.cells[label]}'")
        return int(found)


def oversight_rows(
    raw: RawFile, columns: Sequence[str], ids: frozenset[str] | None = None
) -> Iterator[OversightRow]:
    """The rows of a file; of `ids` only, where given. The first issue has no quarter: its summary rows say which.

    Raises LayoutError for what is no quarter, kind of trust or code, and UnreadableFileError.
    """
    dated = find_csv_header(raw, *columns).has(QUARTER)
    table = read_csv_text(raw, list(dict.fromkeys([QUARTER if dated else REPORTED, *columns])))
    if table.empty:
        raise LayoutError("", "rows below the header", "none")
    rows = [
        (f"row {index + 2}", {str(name): text_of(cell) for name, cell in cells.items()})
        for index, cells in zip(table.index, table.to_dict("records"), strict=True)
        if ids is None or text_of(cells["Metric_ID"]) in ids
    ]
    only = None if dated else _only_quarter(rows)
    for where, row in rows:
        quarter = _quarter(row[QUARTER], f"{where}, column {QUARTER}") if only is None else only
        kind = words.LEAGUES.get(row["Trust_type"])
        if kind is None:
            raise LayoutError(
                where, f"one of {listed(words.LEAGUES)} in 'Trust_type'", f"'{row['Trust_type']}'"
            )
        code = organisation_code(row["Trust_code"], where, row["Trust_name"])
        yield OversightRow(where, quarter, LeagueTrust(code, row["Trust_name"], kind), row)


def _only_quarter(rows: Sequence[tuple[str, Mapping[str, str]]]) -> Period:
    """The one quarter of a file without a column of quarters: what its segments are reported for."""
    summary = words.SUMMARY_IDS.values()
    told = {
        _quarter(row[REPORTED], f"{where}, column {REPORTED}")
        for where, row in rows
        if row.get("Metric_ID", "") in {"", *summary}
    }
    if len(told) != 1:
        found = listed(sorted(item.label for item in told))
        raise LayoutError("", f"a column '{QUARTER}', or segments of one quarter in '{REPORTED}'", found)
    return told.pop()


def _quarter(text: str, where: str) -> Period:
    found = reported_period(text)
    if found is None or found.frequency is not Frequency.QUARTER:
        raise LayoutError(where, "a quarter such as Q1 2025/26", f"'{text}'")
    return found


def reported_period(text: str) -> Period | None:
    """The month, quarter or year that a label names, None where it names none. `Q1 2025` is of 2025/26."""
    if match := _LONE_YEAR.fullmatch(text):
        number_of, year = int(match[1]), int(match[2])
        return Period.quarter(year + (number_of == 4), (4, 7, 10, 1)[number_of - 1])
    return period_of(text)
