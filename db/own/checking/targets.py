"""The sheet of local targets: levels with the days from which and to which they are in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import combinations

from db.domain import ImprovementDirection
from db.domain.own.measures import LocalTarget, MeasureKind, OwnMeasure
from db.own.checking.keys import KeyReader
from db.own.checking.lines import TEXTS, LineRecord
from db.own.checking.numbers import number_text, read_number
from db.own.checking.periods import written_day
from db.reading.findings import LineFindings
from db.reading.lists import ListTable, check_line, find_headings, report_headings, shown_cell
from db.reading.spreadsheets import is_blank, text_of

TARGET_MUST = ("measure", "organisation", "comparator", "value", "from")
TARGET_MAY = ("unit", "kind", "to", "set_by", "note")
_SIGNS = {">=": ">=", "≥": ">=", "at least": ">=", "<=": "<=", "≤": "<=", "at most": "<="}
_WANTED = {ImprovementDirection.INCREASE: ">=", ImprovementDirection.DECREASE: "<="}


@dataclass(frozen=True)
class LineTarget:
    """A target of a file: its measure, and the line that it stands in."""

    measure: str
    target: LocalTarget
    line: int


def read_targets(table: ListTable, keys: KeyReader, findings: LineFindings) -> list[LineTarget]:
    """The targets of a sheet; what is wrong is said."""
    headings = find_headings(table, TARGET_MUST, TARGET_MAY)
    if headings is None:
        first = table.first_headings()
        findings.error(
            None if first is None else first + 1,
            None,
            f"No headings {', '.join(TARGET_MUST)} were found together.",
            wanted=", ".join((*TARGET_MUST, *TARGET_MAY)),
        )
        return []
    report_headings(headings, (*TARGET_MUST, *TARGET_MAY), findings)
    found = []
    for line, row in headings.lines():
        unfit = check_line(headings, line, row, (*TEXTS, "set_by"), findings)
        record = LineRecord(line, {name: headings.cell(row, name) for name in headings.columns}, unfit)
        if (read := _target(record, keys, findings)) is not None:
            found.append(read)
    for one, other in combinations(found, 2):
        if _same_place(one, other) and _meet(one.target, other.target):
            findings.error(other.line, None, f"In force on the same days as the target of line {one.line}.")
    return found


def _same_place(one: LineTarget, other: LineTarget) -> bool:
    return (one.measure, one.target.organisation, one.target.unit) == (
        other.measure,
        other.target.organisation,
        other.target.unit,
    )


def _meet(one: LocalTarget, other: LocalTarget) -> bool:
    return one.effective_from <= (other.effective_to or date.max) and other.effective_from <= (
        one.effective_to or date.max
    )


def _target(record: LineRecord, keys: KeyReader, findings: LineFindings) -> LineTarget | None:
    before = findings.errors
    kind = text_of(record.cell("kind")).casefold()
    if kind not in {"", "local target"}:
        findings.error(
            record.line,
            "kind",
            f"{shown_cell(record.cell('kind'))} is no local target.",
            wanted="local target",
        )
    found = keys.target_place(record)
    sign = _SIGNS.get(text_of(record.cell("comparator")).casefold())
    if sign is None:
        shown = shown_cell(record.cell("comparator")) or "Nothing"
        findings.error(record.line, "comparator", f"{shown} is not >= or <=.", found=shown, wanted=">= or <=")
    value = _value(record, findings)
    first, last = _day(record, "from", findings), _day(record, "to", findings)
    if first is None and is_blank(record.cell("from")):
        findings.error(
            record.line,
            "from",
            "No day from which the target is in force.",
            wanted="a day such as 2026-04-01",
        )
    elif first is not None and last is not None and last < first:
        findings.error(record.line, "to", f"{last} is before {first}.", wanted=f"a day from {first}")
    if found is None or sign is None or value is None or first is None or findings.errors > before:
        return None
    measure, organisation, unit = found
    if not _suits(record, measure, sign, value, findings):
        return None
    label = f"Local target {number_text(value)}"
    set_by, note = text_of(record.cell("set_by"))[:160], text_of(record.cell("note"))[:160]
    read = LocalTarget(sign, value, first, last, set_by, label, organisation, unit, note)
    return LineTarget(measure.id, read, record.line)


def _value(record: LineRecord, findings: LineFindings) -> float | None:
    read = read_number(record.cell("value"))
    if read.problem or read.value is None:
        shown = shown_cell(record.cell("value"))
        findings.error(record.line, "value", read.problem or "No level.", found=shown, wanted="a number")
    return read.value


def _suits(record: LineRecord, measure: OwnMeasure, sign: str, value: float, findings: LineFindings) -> bool:
    wanted = _WANTED.get(measure.improvement_direction, sign)
    if sign != wanted:
        words = f"{sign}: {measure.id} is better when it goes {'up' if wanted == '>=' else 'down'}."
        findings.error(record.line, "comparator", words, found=sign, wanted=wanted)
        return False
    if measure.kind is MeasureKind.PROPORTION and not 0 <= value <= 100:
        findings.error(record.line, "value", f"{number_text(value)} is no percentage.", wanted="0 to 100")
        return False
    return True


def _day(record: LineRecord, name: str, findings: LineFindings) -> date | None:
    """The day of a cell; None for an empty one, and for none, which is said."""
    cell = record.cell(name)
    if is_blank(cell) or name in record.unfit:
        return None
    try:
        day = written_day(cell)
    except ValueError:
        day = None
    if day is None:
        words = f"{shown_cell(cell)} is no day. Write it as 2026-04-01."
        findings.error(record.line, name, words, found=shown_cell(cell), wanted="a day such as 2026-04-01")
    return day
