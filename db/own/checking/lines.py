"""Lines of a file as records: of a list with one figure a line, and of a table with a column for each period."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from db.reading.findings import LineFindings
from db.reading.lists import (
    ListHeadings,
    ListTable,
    check_line,
    find_headings,
    report_headings,
    shown_cell,
)
from db.reading.spreadsheets import Cell, is_blank, text_of

LONG_MUST = ("measure", "organisation")
_WHEN = ("period", "event_date")
_LONG_MAY = (
    "unit",
    "period",
    "event_date",
    "numerator",
    "denominator",
    "value",
    "status",
    "missing_reason",
    "note",
)
_WIDE_MUST = ("measure", "organisation", "part")
_WIDE_MAY = ("unit",)
PARTS = ("numerator", "denominator", "value")
TEXTS = ("note",)


@dataclass(slots=True)
class LineRecord:
    """What is said of one figure. `places` are a cell's own line and heading where it is not the record's: a wide
    table's. `unfit` are the columns whose cells may not be read, which has been said."""

    line: int
    cells: Mapping[str, Cell]
    unfit: frozenset[str] = frozenset()
    places: Mapping[str, tuple[int, str]] = field(default_factory=dict)

    def cell(self, name: str) -> Cell:
        return self.cells.get(name, "")

    def place(self, name: str) -> tuple[int, str]:
        """The line and the heading of a cell, for a finding."""
        return self.places.get(name, (self.line, name))


def read_records(table: ListTable, findings: LineFindings) -> list[LineRecord]:
    """The records of a table of either layout; one finding where its headings are neither's."""
    if (wide := find_headings(table, _WIDE_MUST, _WIDE_MAY)) is not None:
        return _wide_records(wide, findings)
    headings = find_headings(table, LONG_MUST, _LONG_MAY)
    if headings is None or not set(_WHEN) & set(headings.columns):
        _report_layout(table, findings)
        return []
    report_headings(headings, (*LONG_MUST, *_LONG_MAY), findings)
    records = []
    for line, row in headings.lines():
        unfit = check_line(headings, line, row, TEXTS, findings)
        records.append(LineRecord(line, {name: headings.cell(row, name) for name in headings.columns}, unfit))
    return records


def _report_layout(table: ListTable, findings: LineFindings) -> None:
    first = table.first_headings()
    if first is None:
        findings.error(None, None, "The file has no lines.", wanted="measure, organisation, period")
        return
    columns = sum(not is_blank(cell) for cell in table.rows[first])
    kind = "A report with one column a month, not a list. " if columns > 3 and first else ""
    findings.error(
        first + 1,
        None,
        f"{kind}No headings measure, organisation and period were found together; the first line that looks like "
        f"headings is line {first + 1}. Put one figure on a line (template), or use the wide layout: measure, "
        "organisation, unit, part, then months.",
        found=", ".join(shown_cell(cell) for cell in table.rows[first][:10]),
        wanted="measure, organisation, unit, period, numerator, denominator, value",
    )


def _wide_records(headings: ListHeadings, findings: LineFindings) -> list[LineRecord]:
    """A table with a line for each part of a measure's figures and a column for each period, as the list it becomes."""
    report_headings(headings, (*_WIDE_MUST, *_WIDE_MAY), findings, others=False)
    groups: dict[tuple[str, str, str], dict[str, tuple[int, Sequence[Cell], frozenset[str]]]] = {}
    for line, row in headings.lines():
        unfit = check_line(headings, line, row, TEXTS, findings)
        part = text_of(headings.cell(row, "part")).casefold()
        if part not in PARTS:
            findings.error(
                line,
                "part",
                f"{shown_cell(headings.cell(row, 'part')) or 'Nothing'} is none of {', '.join(PARTS)}.",
                wanted=", ".join(PARTS),
            )
            continue
        key = tuple(
            text_of(headings.cell(row, name)).casefold() for name in ("measure", "organisation", "unit")
        )
        group = groups.setdefault((key[0], key[1], key[2]), {})
        if part in group:
            findings.error(
                line, None, f"The same measure, organisation, unit and part as line {group[part][0]}."
            )
            continue
        group[part] = (line, row, unfit)
    return [
        record
        for group in groups.values()
        for column, heading in headings.others.items()
        if (record := _wide_record(headings, group, column, heading, findings)) is not None
    ]


def _wide_record(
    headings: ListHeadings,
    group: Mapping[str, tuple[int, Sequence[Cell], frozenset[str]]],
    column: int,
    heading: Cell,
    findings: LineFindings,
) -> LineRecord | None:
    """One period's figure; None where every cell of it is empty, which is a gap."""
    parts = {part: row[column] if column < len(row) else "" for part, (_, row, _) in group.items()}
    marks = headings.table.marks
    unworked = {
        part
        for part, (line, _, _) in group.items()
        if (line, column + 1) in marks.unworked or (line, column + 1) in marks.broken
    }
    if all(is_blank(cell) for cell in parts.values()) and not unworked:
        return None
    line, row, unfit = min(group.values(), key=lambda item: item[0])
    shown = shown_cell(heading)
    for part in unworked:
        findings.error(
            group[part][0],
            shown,
            "A formula without a stored result, or with an error: save the file again, or paste values.",
        )
    keys = {name: headings.cell(row, name) for name in ("measure", "organisation", "unit")}
    places = {part: (of_line, shown) for part, (of_line, _, _) in group.items()}
    places |= {"period": (headings.row + 1, shown)}
    return LineRecord(line, {**keys, "period": heading, **parts}, unfit | unworked, places)
