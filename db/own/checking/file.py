"""A whole file of own measures, checked: what it holds and what is wrong with it. Nothing is stored."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from db.domain.own.figures import FigureKey, OwnFigure
from db.domain.own.measures import MeasureKind
from db.own.checking.figures import LineFigure, event_figure, read_figure
from db.own.checking.keys import KeyReader, Known
from db.own.checking.lines import LONG_MUST, read_records
from db.own.checking.periods import PeriodReader, month_first_line
from db.own.checking.targets import TARGET_MAY, TARGET_MUST, LineTarget, read_targets
from db.own.checking.together import check_doubles, check_ended, check_gaps, check_revisions, check_sizes
from db.reading.files import RawFile, SourceError
from db.reading.findings import LineFindings
from db.reading.lists import ListFile, ListTable, find_headings, read_list_file
from db.reading.patients import PatientLevelError

SHEETS = ("data", "targets")
Standing = Callable[[str], Mapping[FigureKey, OwnFigure]]
"""The figures of a measure that stand, by its id."""


@dataclass(frozen=True)
class CheckedFile:
    """What a check found. `patients`: it is a list of patients, of which nothing may be kept, its bytes neither."""

    name: str
    sha256: str
    findings: LineFindings
    lines: int = 0
    figures: tuple[OwnFigure, ...] = ()
    targets: tuple[LineTarget, ...] = ()
    sheets_read: tuple[str, ...] = ()
    sheets_unread: tuple[str, ...] = ()
    patients: bool = False

    @property
    def accepted(self) -> bool:
        """Whether it may be added: no error, and something in it."""
        return not self.findings.errors and bool(self.figures or self.targets)

    @property
    def measures(self) -> tuple[str, ...]:
        """The ids of the measures that it has figures or targets of."""
        found = {item.key.measure for item in self.figures} | {item.measure for item in self.targets}
        return tuple(sorted(found))

    @property
    def missing(self) -> int:
        """How many of its lines say why there is no figure."""
        return sum(item.value is None for item in self.figures)


def check_own_file(raw: RawFile, known: Known, standing: Standing) -> CheckedFile:
    """Check a file of figures, and of targets, of own measures. What is wrong is in the findings: nothing is raised."""
    findings = LineFindings()
    sha256 = hashlib.sha256(raw.content).hexdigest()
    try:
        file = read_list_file(raw, SHEETS, LONG_MUST)
    except PatientLevelError as error:
        findings.error(error.line, error.column, str(error), wanted="counts")
        return CheckedFile(raw.name, "", findings, patients=True)
    except SourceError as error:
        findings.error(None, None, f"{error}.".replace("..", "."))
        return CheckedFile(raw.name, sha256, findings)
    for name, stands_out in file.unread.items():
        if stands_out:
            words = f"Sheet {name} was not read: only the sheets data and targets are."
            findings.warning(None, None, words)
    if not file.tables:
        findings.error(None, None, "The workbook has no sheet named data.", wanted="a sheet data")
    return replace(_checked(file, known, standing, findings), name=raw.name, sha256=sha256)


def _checked(file: ListFile, known: Known, standing: Standing, findings: LineFindings) -> CheckedFile:
    lines: list[LineFigure] = []
    targets: list[LineTarget] = []
    count = 0
    tables = dict(file.tables)
    if (alone := tables.get("data")) is not None and find_headings(alone, TARGET_MUST, TARGET_MAY):
        # A text file has one table, which may be the targets.
        tables = {"targets": alone}
    if (data := tables.get("data")) is not None:
        of_data = LineFindings(data.sheet)
        count, lines = _lines(data, known, standing, of_data)
        findings.take(of_data)
    if (sheet := tables.get("targets")) is not None:
        of_targets = LineFindings(sheet.sheet)
        targets = read_targets(sheet, KeyReader(known, PeriodReader(None), of_targets), of_targets)
        findings.take(of_targets)
    if not findings.errors and not lines and not targets:
        findings.error(None, None, "The file has headings, but no line with a figure.", wanted="a line")
    return CheckedFile(
        "",
        "",
        findings,
        count,
        tuple(line.figure for line in lines if line.figure is not None),
        tuple(targets),
        tuple(table.sheet for table in file.tables.values() if table.sheet),
        tuple(file.unread),
    )


def _lines(
    table: ListTable, known: Known, standing: Standing, findings: LineFindings
) -> tuple[int, list[LineFigure]]:
    """How many records there are, and those of them whose keys could be read."""
    records = read_records(table, findings)
    dated = [
        (record.place(name)[0], record.cell(name)) for record in records for name in ("period", "event_date")
    ]
    keys = KeyReader(known, PeriodReader(month_first_line(dated)), findings)
    lines: list[LineFigure] = []
    events: list[LineFigure] = []
    for record in records:
        read = keys.key(record)
        if read is None:
            continue
        measure, key = read
        if measure.kind is MeasureKind.DAYS_BETWEEN:
            events.append(event_figure(record, key, findings))
        else:
            lines.append(read_figure(record, measure, key, findings))
    stands: dict[FigureKey, OwnFigure] = {}
    for measure_id in {line.key.measure for line in (*lines, *events)}:
        stands.update(standing(measure_id))
    once = check_doubles(lines, findings)
    check_ended(once, known.today, findings)
    check_gaps(once, stands, known.measures, findings)
    check_sizes(once, stands, known.measures, findings)
    check_revisions(once, stands, known.measures, findings)
    return len(records), once + _days(events)


def _days(events: list[LineFigure]) -> list[LineFigure]:
    """Events as how many there were on each day."""
    counts = Counter(line.key for line in events if line.figure is not None)
    first = {line.key: line for line in reversed(events) if line.figure is not None}
    return [
        replace(line, figure=replace(line.figure, numerator=float(counts[key]), value=float(counts[key])))
        for key, line in sorted(first.items(), key=lambda item: item[1].line)
        if line.figure is not None
    ]
