"""Plans as CSV or a workbook: an indicator, an organisation and a month a line, or a column a month.

The columns are those of the list of targets: `measure` (or `indicator`), `organisation`, `from` (or `period`, `month`),
`value`; in the wide layout the months are headings. Any error refuses the whole file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.domain import Catalogue, Frequency, Indicator
from db.domain.decision import PlannedValue
from db.own.checking.numbers import number_text, read_number
from db.own.checking.periods import PeriodReader, month_first_line
from db.reading.files import RawFile
from db.reading.findings import LineFindings, nearest_code
from db.reading.lists import (
    ListHeadings,
    ListTable,
    check_line,
    find_headings,
    read_list_file,
    report_headings,
    shown_cell,
)
from db.reading.spreadsheets import Cell, is_blank, text_of

PLAN_SHEETS = ("targets", "plan", "plans", "data")
"""The sheet that is read of a workbook: the first of these that it has."""
_MEASURES, _MONTHS = ("measure", "indicator"), ("from", "period", "month")
_MAY = ("unit", "kind", "comparator", "to", "set_by", "note", "part")
_KINDS = frozenset({"", "plan", "trajectory"})
_PER_CENT = "%"


@dataclass(frozen=True)
class CheckedPlan:
    """What was read of a file, and what is wrong with it. `values` are to be used where there is no error only."""

    name: str
    values: tuple[PlannedValue, ...]
    findings: LineFindings

    @property
    def accepted(self) -> bool:
        return self.findings.errors == 0 and bool(self.values)


def check_plan_file(
    raw: RawFile, catalogue: Catalogue, may_write: Callable[[str], bool] = lambda _code: True
) -> CheckedPlan:
    """Read a plan's file; nothing is stored. Raises UnreadableFileError, and PatientLevelError for patients."""
    file = read_list_file(raw, PLAN_SHEETS, ("organisation", "value"))
    findings = LineFindings()
    table = next((file.tables[name] for name in PLAN_SHEETS if name in file.tables), None)
    if table is None:
        findings.error(
            None, None, f"{raw.name} has no sheet of a plan.", wanted=f"one of {', '.join(PLAN_SHEETS)}"
        )
        return CheckedPlan(raw.name, (), findings)
    findings.sheet = table.sheet
    reader = _PlanReader(catalogue, may_write, findings)
    found = tuple(reader.read(table))
    if not found and not findings.errors:
        findings.error(None, None, "The file has no figure.", wanted="at least one month with a value")
    return CheckedPlan(raw.name, found, findings)


@dataclass(frozen=True)
class _Place:
    """Where a figure stands: its line, and the headings of its month and its value."""

    line: int
    month: str
    value: str


class _PlanReader:
    """One file, read line by line."""

    def __init__(
        self, catalogue: Catalogue, may_write: Callable[[str], bool], findings: LineFindings
    ) -> None:
        self._catalogue, self._may_write, self._findings = catalogue, may_write, findings
        self._lines: dict[tuple[str, str, date], int] = {}

    def read(self, table: ListTable) -> Iterator[PlannedValue]:
        long = self._headings(table, wide=False)
        headings = long or self._headings(table, wide=True)
        if headings is None:
            wanted = "measure, organisation, from and value; or measure, organisation and a column a month"
            self._findings.error(None, None, f"The headings are not found. Wanted: {wanted}.", wanted=wanted)
            return
        report_headings(headings, (*_MEASURES, "organisation", *_MONTHS, "value", *_MAY), self._findings,
                        others=long is not None)  # fmt: skip
        months = next((name for name in _MONTHS if name in headings.columns), "from")
        cells = [(line, headings.cell(row, months)) for line, row in headings.lines()] if long else []
        periods = PeriodReader(month_first_line(cells))
        for line, row in headings.lines():
            unfit = check_line(headings, line, row, ("note", "set_by"), self._findings)
            series = self._series(headings, line, row)
            if series is None:
                continue
            if long is not None:
                place = _Place(line, months, "value")
                if not unfit & {months, "value"}:
                    yield from self._value(
                        series, place, headings.cell(row, months), headings.cell(row, "value"), periods
                    )
                continue
            for column, heading in headings.others.items():
                cell = row[column] if column < len(row) else ""
                if not is_blank(cell):
                    shown = shown_cell(heading)
                    yield from self._value(series, _Place(line, shown, shown), heading, cell, periods)

    def _headings(self, table: ListTable, *, wide: bool) -> ListHeadings | None:
        for measure in _MEASURES:
            rest = [name for name in _MEASURES if name != measure]
            for month in _MONTHS if not wide else ("",):
                must = (measure, "organisation", *((month, "value") if month else ()))
                found = find_headings(table, must, (*_MAY, *rest))
                if found is not None:
                    return found
        return None

    def _series(self, headings: ListHeadings, line: int, row: Sequence[Cell]) -> tuple[Indicator, str] | None:
        """The indicator and the organisation of a line; None where either is not known."""
        measure = next(name for name in _MEASURES if name in headings.columns)
        indicator = self._known(line, measure, headings.cell(row, measure), self._catalogue.indicators)
        organisation = self._known(
            line, "organisation", headings.cell(row, "organisation"), self._catalogue.organisations
        )
        kind = text_of(headings.cell(row, "kind")).casefold()
        if kind not in _KINDS:
            self._findings.error(line, "kind", f"{kind} is no plan.", found=kind, wanted="plan")
            return None
        if not is_blank(headings.cell(row, "unit")):
            self._findings.error(line, "unit", "A plan is of a whole organisation.", wanted="an empty cell")
            return None
        if indicator is None or organisation is None:
            return None
        found = self._catalogue.indicators[indicator]
        if found.frequency is not Frequency.MONTH:
            words = f"{indicator} is not counted by month: it can have no plan."
            self._findings.error(
                line, measure, words, found=indicator, wanted="an indicator counted by month"
            )
            return None
        if not self._may_write(organisation):
            words = f"You may not write about {organisation}."
            self._findings.error(line, "organisation", words, found=organisation)
            return None
        return found, organisation

    def _known(self, line: int, column: str, cell: Cell, codes: Mapping[str, object]) -> str | None:
        shown = shown_cell(cell)
        by_folded = {shown.strip(): shown.strip()} if shown.strip() in codes else {}
        found = by_folded.get(shown.strip()) or next(
            (code for code in (shown.strip().upper(), shown.strip().lower()) if code in codes), None
        )
        if found is not None:
            return found
        near = nearest_code(shown, codes)
        words = f"The {column} {shown} is not known." if shown else f"There is no {column}."
        self._findings.error(
            line,
            column,
            f"{words} Near: {near}." if near else words,
            found=shown,
            wanted="a code",
            nearest=near,
        )
        return None

    def _value(
        self,
        series: tuple[Indicator, str],
        place: _Place,
        month: Cell,
        cell: Cell,
        periods: PeriodReader,
    ) -> Iterator[PlannedValue]:
        indicator, organisation = series
        read = periods.read(month, Frequency.MONTH)
        if read.period is None:
            self._findings.error(
                place.line, place.month, read.problem, found=shown_cell(month), wanted=read.wanted
            )
            return
        number = read_number(cell)
        problem = number.problem.partition(" If the count")[0]
        if number.value is None and not problem:
            problem = "There is no value: leave the line out where nothing is planned."
        elif number.value is not None:
            problem = _unfit(indicator, number.value)
        if problem or number.value is None:
            self._findings.error(place.line, place.value, problem, found=shown_cell(cell), wanted="a number")
            return
        key = (indicator.id, organisation, read.period.start)
        if key in self._lines:
            words = (
                f"{indicator.id}, {organisation}, {read.period.label} stands in line {self._lines[key]} too."
            )
            self._findings.error(place.line, place.month, words, wanted="each month once")
            return
        self._lines[key] = place.line
        yield PlannedValue(indicator.id, organisation, read.period.start, number.value)


def _unfit(indicator: Indicator, value: float) -> str:
    """Why a value cannot be planned; "" where it can."""
    shown = number_text(value)
    if value < 0:
        return f"{shown} is below 0."
    if indicator.unit != _PER_CENT:
        return ""
    if value > indicator.multiplier:
        return f"{shown} is more than {indicator.multiplier:g}%."
    if 0 < value <= 1:
        return f"{shown} looks like a share. Write it as per cent: {number_text(100 * value)}."
    return ""
