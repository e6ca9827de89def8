"""Templates: a file with the lines that a measure wants next, its figures left to be filled in."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from openpyxl import Workbook

from db.domain import Frequency, Period
from db.domain.own.figures import FigureKey, OwnFigure
from db.domain.own.measures import MeasureKind, OwnMeasure, TotalKind
from db.own.checking.numbers import number_text
from db.own.checking.periods import following, period_code

_PLACE = ("measure", "organisation", "unit")
_FIGURES = (*_PLACE, "period", "numerator", "denominator", "value", "status", "missing_reason", "note")
_EVENTS = (*_PLACE, "event_date", "note")
_TARGETS = (*_PLACE, "kind", "comparator", "value", "from", "to", "set_by", "note")
_FIRST_PERIODS = {Frequency.DAY: 31, Frequency.WEEK: 26, Frequency.MONTH: 24, Frequency.QUARTER: 12}
_MOST_PERIODS = 120


def template_csv(
    measure: OwnMeasure, standing: Mapping[FigureKey, OwnFigure], organisation: str, today: date
) -> bytes:
    """A measure's template as CSV: UTF-8 with a byte order mark, so that spreadsheet programs read it right."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(_rows(measure, standing, organisation, today))
    return text.getvalue().encode("utf-8-sig")


def template_workbook(
    measure: OwnMeasure, standing: Mapping[FigureKey, OwnFigure], organisation: str, today: date
) -> bytes:
    """The same as a workbook, with the sheets data and targets."""
    book = Workbook(write_only=True)
    data = book.create_sheet("data")
    for row in _rows(measure, standing, organisation, today):
        data.append([cell or None for cell in row])
    book.create_sheet("targets").append(list(_TARGETS))
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def figures_csv(measure: OwnMeasure, figures: Iterable[OwnFigure]) -> bytes:
    """A measure's figures that stand as a list that can be handed in again; events a line each."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    events = measure.kind is MeasureKind.DAYS_BETWEEN
    writer.writerow(_EVENTS if events else _FIGURES)
    for item in sorted(figures, key=lambda item: (item.key.organisation, item.key.unit, item.key.period)):
        key = item.key
        place = (key.measure, key.organisation, key.unit, period_code(key.period))
        if events:
            writer.writerows([(*place, item.note)] * int(item.numerator or 0))
            continue
        counts = [
            "" if number is None else number_text(number) for number in (item.numerator, item.denominator)
        ]
        value = "" if item.value is None or item.numerator is not None else number_text(item.value)
        status = "provisional" if item.provisional else "final"
        writer.writerow((*place, *counts, value, status, item.missing_reason, item.note))
    return text.getvalue().encode("utf-8-sig")


def _rows(
    measure: OwnMeasure, standing: Mapping[FigureKey, OwnFigure], organisation: str, today: date
) -> Iterator[Sequence[str]]:
    """The headings, then a line for each unit and each period that has ended and has no figure yet."""
    places = _places(measure, organisation)
    if measure.kind is MeasureKind.DAYS_BETWEEN:
        yield _EVENTS
        for code, unit in places:
            yield (measure.id, code, unit, "", "")
        return
    names = _columns(measure)
    yield names
    for code, unit in places:
        for period in _periods(measure, standing, (code, unit), today):
            cells = {
                "measure": measure.id,
                "organisation": code,
                "unit": unit,
                "period": period_code(period),
                "status": "final",
            }
            yield tuple(cells.get(name, "") for name in names)


def _columns(measure: OwnMeasure) -> tuple[str, ...]:
    if measure.kind.needs_counts:
        unwanted = {"value"}
    elif measure.kind.needs_value:
        unwanted = {"numerator", "denominator"}
    else:
        unwanted = {"denominator", "value"}
    return tuple(name for name in _FIGURES if name not in unwanted)


def _places(measure: OwnMeasure, organisation: str) -> list[tuple[str, str]]:
    """Where figures are wanted of: units without parts, and the organisation where it has figures of its own."""
    whole = {unit.part_of for unit in measure.units}
    units = [(unit.organisation, unit.code) for unit in measure.units if unit.code not in whole]
    if measure.total is TotalKind.GIVEN or not units:
        owners = sorted({unit.organisation for unit in measure.units}) or [organisation]
        return [*((code, "") for code in owners), *units]
    return units


def _periods(
    measure: OwnMeasure, standing: Mapping[FigureKey, OwnFigure], place: tuple[str, str], today: date
) -> list[Period]:
    held = [key.period for key in standing if (key.organisation, key.unit) == place]
    last = _last_ended(measure.frequency, today)
    if held:
        found: list[Period] = []
        step = following(max(held))
        while step <= last and len(found) < _MOST_PERIODS:
            found.append(step)
            step = following(step)
        return found or [step]
    found = [last]
    while len(found) < _FIRST_PERIODS.get(measure.frequency, 6):
        found.insert(0, _before(found[0]))
    return found


def _last_ended(frequency: Frequency, today: date) -> Period:
    if frequency is Frequency.DAY:
        return _before(Period.day(today))
    if frequency is Frequency.WEEK:
        return _before(Period.week(today))
    if frequency is Frequency.MONTH:
        return _before(Period.month(today.year, today.month))
    if frequency is Frequency.QUARTER:
        return _before(Period.quarter(today.year, today.month - (today.month - 1) % 3))
    return _before(Period.financial_year(today.year - (today.month < 4)))


def _before(period: Period) -> Period:
    """The period of the same length that ends the day before one begins."""
    day = date.fromordinal(period.start.toordinal() - 1)
    if period.frequency is Frequency.DAY:
        return Period.day(day)
    if period.frequency is Frequency.WEEK:
        return Period.week(day)
    months = {Frequency.MONTH: 1, Frequency.QUARTER: 3}.get(period.frequency, 12)
    first = day.year * 12 + day.month - months
    return Period.of_months(first // 12, first % 12 + 1, period.frequency)
