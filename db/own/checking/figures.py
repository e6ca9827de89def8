"""A line's figure: counts or a value by the measure's kind, its status, and why it is missing where it is."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from db.domain.own.figures import FigureKey, OwnFigure
from db.domain.own.measures import MeasureKind, MissingReason, OwnMeasure
from db.own.checking.lines import PARTS, LineRecord
from db.own.checking.numbers import ReadNumber, number_text, read_number
from db.reading.findings import LineFindings
from db.reading.lists import shown_cell
from db.reading.spreadsheets import is_blank, text_of

LONGEST_NOTE = 160
_Word = TypeVar("_Word", bound=StrEnum)
_PLAIN_FIGURE_ENDS = 1e-9


class FigureStatus(StrEnum):
    """How settled the keeper says a figure is."""

    FINAL = "final"
    PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class LineFigure:
    """What a line gives: the figure, None where something of it is wrong; the counts that could be read all the same;
    and how numbers with parted thousands were read."""

    key: FigureKey
    line: int
    figure: OwnFigure | None
    size: float | None
    counted: float | None
    thousands: tuple[str, ...]
    places: tuple[tuple[int, str], tuple[int, str]]


def read_figure(
    record: LineRecord, measure: OwnMeasure, key: FigureKey, findings: LineFindings
) -> LineFigure:
    """The figure of a line whose key is known; what is wrong is said."""
    before = findings.errors
    status = _word(record, "status", FigureStatus, findings) or FigureStatus.FINAL
    reason = _word(record, "missing_reason", MissingReason, findings)
    note = text_of(record.cell("note"))
    if len(note) > LONGEST_NOTE:
        line, column = record.place("note")
        findings.error(
            line, column, f"A note has at most {LONGEST_NOTE} characters, this one has {len(note)}."
        )
    numbers = {name: _number(record, name, findings) for name in PARTS}
    readable = not record.unfit & set(PARTS) and not any(item.problem for item in numbers.values())
    worked = _Worked(record, measure, numbers, reason, findings)
    value = worked.check() if readable else None
    numerator, denominator = numbers["numerator"].value, numbers["denominator"].value
    fine = findings.errors == before and not record.unfit
    figure = None
    if fine:
        figure = OwnFigure(
            key,
            numerator,
            denominator,
            value,
            status is FigureStatus.PROVISIONAL,
            reason.value if reason else "",
            note,
            record.line,
        )
    size = denominator if measure.kind.needs_counts else numbers["value"].value
    thousands = tuple(
        f"{shown_cell(record.cell(name))} read as {number_text(item.value)}"
        for name, item in numbers.items()
        if item.thousands and item.value is not None
    )
    names = ("denominator" if measure.kind.needs_counts else "value", "numerator")
    return LineFigure(
        key,
        record.line,
        figure,
        size,
        numerator,
        thousands,
        (record.place(names[0]), record.place(names[1])),
    )


def event_figure(record: LineRecord, key: FigureKey, findings: LineFindings) -> LineFigure:
    """One event: its day is all that is wanted of it."""
    before = findings.errors
    note = text_of(record.cell("note"))
    if len(note) > LONGEST_NOTE:
        findings.error(record.line, "note", f"A note has at most {LONGEST_NOTE} characters.")
    for name in (*PARTS, "missing_reason"):
        if not is_blank(record.cell(name)):
            line, column = record.place(name)
            findings.error(
                line, column, "A line of an event has its event_date alone.", wanted="an empty cell"
            )
    place = record.place("event_date")
    fine = findings.errors == before and not record.unfit
    figure = OwnFigure(key, 1.0, None, 1.0, False, "", note, record.line) if fine else None
    return LineFigure(key, record.line, figure, None, None, (), (place, place))


def _word(record: LineRecord, name: str, words: type[_Word], findings: LineFindings) -> _Word | None:
    """One of some words, whatever its case; None for an empty cell and for what is none, which is said."""
    cell = record.cell(name)
    if cell == "" or name in record.unfit or is_blank(cell):
        return None
    if isinstance(cell, str) and cell in words._value2member_map_:
        return words(cell)
    text = text_of(cell).casefold().replace("_", " ")
    line, column = record.place(name)
    found = next((word for word in words if word.value == text), None)
    if found is None:
        wanted = " or ".join(word.value for word in words) if len(words) == 2 else ", ".join(words)
        findings.error(
            line, column, f"{shown_cell(cell)} is not {wanted}.", found=shown_cell(cell), wanted=wanted
        )
    elif found.value != text_of(cell):
        findings.note(line, column, f"{shown_cell(cell)} read as {found.value}.")
    return found


def _number(record: LineRecord, name: str, findings: LineFindings) -> ReadNumber:
    if name in record.unfit:
        return ReadNumber()
    read = read_number(record.cell(name))
    if read.problem:
        line, column = record.place(name)
        findings.error(line, column, read.problem, found=shown_cell(record.cell(name)), wanted="a number")
    return read


@dataclass
class _Worked:
    """One line's numbers, held against what its measure's kind needs."""

    record: LineRecord
    measure: OwnMeasure
    numbers: dict[str, ReadNumber]
    reason: MissingReason | None
    findings: LineFindings

    def check(self) -> float | None:
        """The value of the line; None where there is none, or something is wrong, which is said."""
        given = [name for name, read in self.numbers.items() if read.value is not None]
        if not given:
            if self.reason is None:
                self.findings.error(
                    self.record.line,
                    None,
                    "No figure and no missing_reason.",
                    wanted="a figure, or why there is none",
                )
            return None
        if self.reason is not None:
            return self._wrong(
                "missing_reason", f"A figure and a missing_reason ({self.reason}): wanted one of them."
            )
        if self.measure.kind.needs_value:
            return self._of_value(given)
        return self._of_counts(given)

    def _wrong(self, name: str, words: str, wanted: str = "") -> float | None:
        """Say what is wrong with a cell, so that the line has no value."""
        line, column = self.record.place(name)
        self.findings.error(line, column, words, found=shown_cell(self.record.cell(name)), wanted=wanted)
        return None

    def _of_value(self, given: list[str]) -> float | None:
        kind, value = self.measure.kind, self.numbers["value"].value
        if "numerator" in given:
            words = f"This measure is a {kind}: its figure is the value alone."
            return self._wrong("numerator", words, "an empty cell")
        answers = self.numbers["denominator"].value
        if answers is not None and (answers < 1 or not answers.is_integer()):
            return self._wrong("denominator", "The denominator is how many answered.", "a whole number")
        if value is None:
            return self._wrong("value", f"This measure is a {kind}: the value is wanted.", "a number")
        low, high = self.measure.minimum, self.measure.maximum
        if (low is not None and value < low) or (high is not None and value > high):
            least = "" if low is None else f"at least {number_text(low)}"
            most = "" if high is None else f"at most {number_text(high)}"
            wanted = " and ".join(part for part in (least, most) if part)
            return self._wrong("value", f"{number_text(value)}: wanted {wanted}.", wanted)
        return value

    def _of_counts(self, given: list[str]) -> float | None:
        numerator, denominator = self.numbers["numerator"].value, self.numbers["denominator"].value
        if given == ["value"]:
            what = "a percentage" if self.numbers["value"].per_cent else "a value"
            wanted = "numerator and denominator" if self.measure.kind.needs_counts else "numerator"
            return self._wrong(
                "value",
                f"This measure is worked out from {wanted}; {what} alone cannot be added up. Wanted: {wanted}.",
                wanted,
            )
        for name in ("numerator", "denominator") if self.measure.kind.needs_counts else ("numerator",):
            if self.numbers[name].value is None:
                return self._wrong(
                    name, f"No {name}. Both counts are needed, or a missing_reason alone.", "a count"
                )
        if numerator is None or not self._is_count("numerator", numerator, denominator):
            return None
        if not self.measure.kind.needs_counts:
            if denominator is not None:
                return self._wrong(
                    "denominator", "This measure is a count: it has no denominator.", "an empty cell"
                )
        elif denominator is None or not self._is_base(numerator, denominator):
            return None
        value = self.measure.worked_out(numerator, denominator)
        return value if self._agrees(value, numerator, denominator) else None

    def _is_count(self, name: str, count: float, denominator: float | None) -> bool:
        shown = number_text(count)
        if count < 0:
            self._wrong(name, f"{shown}: a count cannot be below 0.", "0 or more")
            return False
        step = 2 if self.measure.halves else 1
        if not (count * step).is_integer() or self.numbers[name].per_cent:
            of = f" of {number_text(denominator)}" if denominator is not None and name == "numerator" else ""
            sign = "%" if self.numbers[name].per_cent else ""
            looks = (
                "looks like a rate. Counts are wanted" if count < 1 or sign else "a count is a whole number"
            )
            self._wrong(name, f"{shown}{sign}{of}: {looks}.", "a whole number")
            return False
        return True

    def _is_base(self, numerator: float, denominator: float) -> bool:
        if denominator == 0:
            self._wrong(
                "denominator",
                "Nobody to count (0). Leave the figures empty and give a missing_reason.",
                "more than 0",
            )
            return False
        if not self._is_count("denominator", denominator, None):
            return False
        if self.measure.kind is MeasureKind.PROPORTION and numerator > denominator:
            self._wrong(
                "numerator",
                f"{number_text(numerator)} of {number_text(denominator)}: more counted than there were. A proportion "
                "cannot be above 100%.",
                f"at most {number_text(denominator)}",
            )
            return False
        return True

    def _agrees(self, value: float | None, numerator: float, denominator: float | None) -> bool:
        """Whether a value given beside counts is theirs, as far as it is shown."""
        given = self.numbers["value"].value
        if given is None or value is None:
            return True
        if (
            abs(given - value)
            <= 0.5 * 10**-self.measure.decimals * (1 + _PLAIN_FIGURE_ENDS) + _PLAIN_FIGURE_ENDS
        ):
            return True
        shown = f"{value:.{self.measure.decimals}f}"
        unit = self.measure.unit if self.measure.unit == "%" else f" {self.measure.unit}".rstrip()
        of = f" of {number_text(denominator)}" if denominator is not None else ""
        self._wrong(
            "value",
            f"{number_text(numerator)}{of} is {shown}{unit}, but value says {number_text(given)}.",
            shown,
        )
        return False
