"""What a line's figure is of: its measure, organisation, unit and period, each by a code that is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from db.domain import Catalogue, Period
from db.domain.own.figures import FigureKey
from db.domain.own.measures import OWN_PREFIX, MeasureKind, MeasureUnit, OwnMeasure, TotalKind
from db.own.checking.lines import LineRecord
from db.own.checking.periods import PeriodReader
from db.reading.findings import LineFindings, nearest_code
from db.reading.lists import shown_cell
from db.reading.spreadsheets import Cell, is_blank, text_of


@dataclass(frozen=True)
class Known:
    """What a file is checked against: the catalogue, the measures that are defined, today, and for which
    organisations the person may hand figures in."""

    catalogue: Catalogue
    measures: Mapping[str, OwnMeasure]
    today: date
    may_write: Callable[[str], bool] = lambda _code: True


@dataclass
class KeyReader:
    """Reads the keys of one table's lines; what is wrong with a code is said once for each line that has it."""

    known: Known
    periods: PeriodReader
    findings: LineFindings
    _nearest: dict[tuple[str, str], str] = field(default_factory=dict)
    _told: set[tuple[int, str]] = field(default_factory=set)
    _exact: dict[tuple[str, str, str], tuple[OwnMeasure, str, str]] = field(default_factory=dict)

    def key(self, record: LineRecord) -> tuple[OwnMeasure, FigureKey] | None:
        """The measure and the key of a line's figure; None where some part of it is wrong, which is said."""
        found = self.whose(record)
        if found is None:
            measure = self.measure(record, quiet=True)
            if measure is not None:
                self._period(record, measure)
            return None
        measure, organisation, unit = found
        period = self._period(record, measure)
        if period is None:
            return None
        key = FigureKey(measure.id, organisation, unit, period)
        return (measure, key) if self._fits(record, measure, key) else None

    def target_place(self, record: LineRecord) -> tuple[OwnMeasure, str, str] | None:
        """What a target is of: a whole may have one, whatever its figures are made of."""
        measure = self.measure(record)
        organisation = self._organisation(record, measure)
        if measure is None or organisation is None:
            return None
        if is_blank(record.cell("unit")):
            return measure, organisation, ""
        unit = self._unit(record, measure, organisation, whole=True)
        return None if unit is None else (measure, organisation, unit)

    def whose(self, record: LineRecord) -> tuple[OwnMeasure, str, str] | None:
        """The measure, organisation and unit of a line."""
        cells = tuple(record.cell(name) for name in ("measure", "organisation", "unit"))
        plain = all(isinstance(cell, str) for cell in cells) and not record.unfit
        exact = (str(cells[0]), str(cells[1]), str(cells[2]))
        if plain and exact in self._exact:
            return self._exact[exact]
        before = sum(self.findings.counts.values())
        measure = self.measure(record)
        organisation = self._organisation(record, measure)
        if measure is None or organisation is None:
            return None
        unit = self._unit(record, measure, organisation)
        if unit is None:
            return None
        if plain and sum(self.findings.counts.values()) == before:
            self._exact[exact] = (measure, organisation, unit)
        return measure, organisation, unit

    def measure(self, record: LineRecord, *, quiet: bool = False) -> OwnMeasure | None:
        """The measure of a line; what is wrong is said unless `quiet`."""
        if "measure" in record.unfit:
            return None
        shown, (line, column) = shown_cell(record.cell("measure")), record.place("measure")
        code = _code(record.cell("measure"), self.known.measures)
        if code is not None:
            if code != record.cell("measure") and not quiet:
                self.findings.note(line, column, f"{shown} read as {code}.")
            return self.known.measures[code]
        if quiet:
            return None
        near = self._near("measure", shown, self.known.measures)
        if not shown:
            self.findings.error(line, column, "No measure.", wanted="the id of a definition")
        elif shown.casefold() in self.known.catalogue.indicators:
            self.findings.error(
                line,
                column,
                f"{shown} is a published indicator. Own measures begin with {OWN_PREFIX}. To show your own early "
                f"figures, make {OWN_PREFIX}{shown.casefold()} with compares_with.",
                found=shown,
                wanted=f"an id beginning with {OWN_PREFIX}",
                nearest=near,
            )
        else:
            told = f" Near: {near}." if near else " Define it first."
            self.findings.error(
                line,
                column,
                f"{shown} has no definition.{told}",
                found=shown,
                wanted="the id of a definition",
                nearest=near,
            )
        return None

    def _organisation(self, record: LineRecord, measure: OwnMeasure | None) -> str | None:
        if "organisation" in record.unfit:
            return None
        cell, known = record.cell("organisation"), self.known.catalogue.organisations
        shown, (line, column) = shown_cell(cell), record.place("organisation")
        code = _code(cell, known, str.upper)
        if code is None:
            own = {unit.organisation for unit in measure.units} if measure else set()
            near = (
                self._near("organisation", shown, own) or self._near("known", shown, known) if shown else ""
            )
            told = f" Near: {near}." if near else ""
            words = f"{shown} is no organisation this service knows.{told}" if shown else "No organisation."
            self.findings.error(
                line, column, words, found=shown, wanted="the ODS code of an organisation", nearest=near
            )
            return None
        if code != cell:
            self.findings.note(line, column, f"{str(cell).rstrip()} read as {code}.", found=shown)
        if not self.known.may_write(code):
            self.findings.error(
                line,
                column,
                f"You may not hand in figures of {code}.",
                found=code,
                wanted="your organisation",
            )
            return None
        return code

    def _unit(
        self, record: LineRecord, measure: OwnMeasure, organisation: str, *, whole: bool = False
    ) -> str | None:
        """The unit's code, "" for the organisation itself; with `whole` one that has parts is taken too."""
        cell = record.cell("unit")
        if "unit" in record.unfit:
            return None
        shown, (line, column) = shown_cell(cell), record.place("unit")
        units = {unit.code: unit for unit in measure.units if unit.organisation == organisation}
        if is_blank(cell):
            return "" if self._may_be_whole(record, measure, organisation, None) else None
        code = _code(cell, units)
        if code is None:
            near = self._near(f"unit {measure.id}", shown, units)
            among = f" ({', '.join(units)})" if units else f": it has none of {organisation}"
            self.findings.error(
                line,
                column,
                f"{shown} is not among the units of {measure.id}{among}. Add it to the definition first.",
                found=shown,
                wanted=", ".join(units) or "an empty cell",
                nearest=near,
            )
            return None
        if code != cell:
            self.findings.note(line, column, f"{str(cell).rstrip()} read as {code}.", found=shown)
        return code if whole or self._may_be_whole(record, measure, organisation, units[code]) else None

    def _may_be_whole(
        self, record: LineRecord, measure: OwnMeasure, organisation: str, unit: MeasureUnit | None
    ) -> bool:
        """Whether a figure may stand for the organisation, or for a unit that has parts."""
        parts = measure.parts_of(organisation, unit.code if unit else "")
        if not parts or measure.total is TotalKind.GIVEN:
            return True
        line, column = record.place("unit")
        whole = f"{unit.code}" if unit else "the whole organisation"
        kinds = " and ".join(sorted({f"{part.type}s" for part in parts}))
        why = f"adds up its {kinds}" if measure.total is TotalKind.SUM else "has no totals"
        self.findings.error(
            line,
            column,
            f"A figure for {whole} beside figures by unit: this measure {why}. Leave it out, or set total = "
            "“given” in the definition.",
            wanted="the code of a unit",
        )
        return False

    def _period(self, record: LineRecord, measure: OwnMeasure) -> Period | None:
        """The period of a line; None where it is none, or lies ahead."""
        name = "event_date" if measure.kind is MeasureKind.DAYS_BETWEEN else "period"
        if name in record.unfit:
            return None
        line, column = record.place(name)
        if name not in record.cells:
            self.findings.error(line, column, f"{measure.id} needs a column {name}.", wanted=name)
            return None
        read = self.periods.read(record.cell(name), measure.frequency)
        if name in record.places:
            # The heading of a column of many figures is told of once.
            if (line, column) in self._told:
                return None if read.problem or self._lies_ahead(read.period) else read.period
            self._told.add((line, column))
        if read.period is None:
            self.findings.error(
                line, column, read.problem, found=shown_cell(record.cell(name)), wanted=read.wanted
            )
            return None
        if read.note:
            self.findings.note(line, column, read.note, found=shown_cell(record.cell(name)))
        if self._lies_ahead(read.period):
            label = read.period.label
            words = f"{label[:1].upper()}{label[1:]} has not happened yet."
            self.findings.error(line, column, words, wanted="a period that has begun")
            return None
        return read.period

    def _lies_ahead(self, period: Period | None) -> bool:
        return period is not None and period.start > self.known.today

    def _fits(self, record: LineRecord, measure: OwnMeasure, key: FigureKey) -> bool:
        """Whether the unit was open in the period."""
        unit = measure.unit_called(key.unit, key.organisation) if key.unit else None
        if unit is None or unit.is_open(key.period.start, key.period.end) or record.cell("missing_reason"):
            return True
        line, column = record.place("unit")
        days = f"from {unit.opened_on or 'the beginning'} to {unit.closed_on or 'now'}"
        self.findings.error(
            line,
            column,
            f"{unit.name} was not open in {key.period.label}: it is open {days}.",
            found=unit.code,
        )
        return False

    def _near(self, kind: str, shown: str, known: Mapping[str, object] | set[str]) -> str:
        if (kind, shown) not in self._nearest:
            self._nearest[kind, shown] = nearest_code(shown, known)
        return self._nearest[kind, shown]


def _code(cell: Cell, known: Mapping[str, object], tidy: Callable[[str], str] = str.lower) -> str | None:
    """The known code that a cell is, whatever its case and the blanks around it."""
    text = text_of(cell)
    return text if text in known else next((code for code in (tidy(text),) if code in known), None)
