"""What only shows when a file's lines are held together, and against the figures that stand: doubles, gaps, sizes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from statistics import median

from db.domain import Frequency, Period
from db.domain.own.figures import FigureKey, OwnFigure
from db.domain.own.measures import MeasureKind, OwnMeasure
from db.own.checking.figures import LineFigure
from db.own.checking.numbers import number_text
from db.own.checking.periods import following
from db.reading.findings import LineFindings

_TIMES = 5
_SMALL = 10
_MOST_GAPS = 3
_FAR = 400
_STEP = 2
Series = tuple[str, str, str]


def check_doubles(lines: Sequence[LineFigure], findings: LineFindings) -> list[LineFigure]:
    """The lines, each key once: a second line of one is an error."""
    first: dict[FigureKey, LineFigure] = {}
    for line in lines:
        other = first.setdefault(line.key, line)
        if other is not line:
            what = "day" if line.key.period.frequency is Frequency.DAY else line.key.period.frequency.value
            same = (
                other.figure is not None
                and line.figure is not None
                and (other.figure.content[:3] == line.figure.content[:3])
            )
            figures = "the same figure" if same else f"another figure ({_figure(line)}, not {_figure(other)})"
            column, where = None, f"line {other.line}"
            if other.line == line.line:  # a wide table: two of its columns are of one period
                (_, column), (_, before) = line.places[0], other.places[0]
                where = f"the column {before}"
            findings.error(
                line.line,
                column,
                f"The same measure, organisation, unit and {what} as {where}, with {figures}.",
                found=_figure(line),
                wanted="each figure once",
            )
    return list(first.values())


def _figure(line: LineFigure) -> str:
    count = line.counted if line.counted is not None else line.size
    return "none" if count is None else number_text(count)


def check_ended(lines: Iterable[LineFigure], today: date, findings: LineFindings) -> None:
    """Warn of final figures of a period that still runs."""
    for line in lines:
        figure = line.figure
        if figure and figure.key.period.end > today and not figure.provisional and figure.value is not None:
            words = f"{figure.key.period.label} has not ended: its figure can only be provisional."
            findings.warning(line.line, "period", words)


def check_gaps(
    lines: Sequence[LineFigure],
    standing: Mapping[FigureKey, OwnFigure],
    measures: Mapping[str, OwnMeasure],
    findings: LineFindings,
) -> None:
    """Warn of periods between two others that have no line, here or in what stands."""
    here: dict[Series, set[Period]] = defaultdict(set)
    for line in lines:
        here[_series(line.key)].add(line.key.period)
    known: dict[Series, set[Period]] = {series: set(periods) for series, periods in here.items()}
    for key in standing:
        if _series(key) in known:
            known[_series(key)].add(key.period)
    for series, periods in known.items():
        ordered, missing = sorted(periods), []
        for before, after in pairwise(ordered):
            if (before in here[series] or after in here[series]) and before.frequency is after.frequency:
                missing += [(period, before, after) for period in _between(before, after)]
        _report_gaps(measures[series[0]], series, missing, findings)


def _report_gaps(
    measure: OwnMeasure, series: Series, missing: list[tuple[Period, Period, Period]], findings: LineFindings
) -> None:
    _, organisation, unit = series
    whose = unit or organisation
    for period, before, after in missing[:_MOST_GAPS]:
        findings.warning(
            None,
            "period",
            f"{whose} has no line for {period.label} between {before.label} and {after.label}. It will be shown as "
            "missing.",
            found=measure.id,
        )
    more = len(missing) - _MOST_GAPS
    if more > 0:
        words = f"{whose} has no line for {more} more {measure.frequency}s of {measure.id}."
        findings.warning(None, "period", words)


def _between(before: Period, after: Period) -> list[Period]:
    found: list[Period] = []
    step = following(before)
    while step < after and len(found) < _FAR:
        found.append(step)
        step = following(step)
    return found


def _series(key: FigureKey) -> Series:
    return key.measure, key.organisation, key.unit


def check_sizes(
    lines: Sequence[LineFigure],
    standing: Mapping[FigureKey, OwnFigure],
    measures: Mapping[str, OwnMeasure],
    findings: LineFindings,
) -> None:
    """Warn of figures far from their unit's others: one finding a line, where the line has no error."""
    by_series: dict[Series, list[LineFigure]] = defaultdict(list)
    for line in lines:
        by_series[_series(line.key)].append(line)
    here = {line.key for line in lines}
    others: dict[Series, list[OwnFigure]] = defaultdict(list)
    for key, figure in standing.items():
        if _series(key) in by_series and key not in here:
            others[_series(key)].append(figure)
    for series, found in by_series.items():
        _check_series(measures[series[0]], found, others[series], findings)


def _check_series(
    measure: OwnMeasure, lines: list[LineFigure], standing: list[OwnFigure], findings: LineFindings
) -> None:
    """One unit's lines: against the median of the unit, and the denominator against that of the period before."""
    counts = measure.kind.needs_counts
    sizes = {item.key.period: item.denominator if counts else item.value for item in standing}
    sizes |= {line.key.period: line.size for line in lines}
    counted = [item.numerator for item in standing] + [line.counted for line in lines]
    usual, usual_count = _median(sizes.values()), _median(counted)
    ordered = sorted(sizes)
    before = dict(zip(ordered[1:], ordered, strict=False))
    for line in lines:
        if line.figure is None:
            continue
        size, places = line.size, line.places
        told, column = "", places[0]
        if usual and size and measure.kind is not MeasureKind.COUNT and _is_far(size, usual):
            told = f"{_ratio(size, usual)} the others of {line.key.unit or line.key.organisation}"
        elif usual_count and usual_count >= _SMALL and line.counted and _is_far(line.counted, usual_count):
            told = (
                f"{_ratio(line.counted, usual_count)} the others of {line.key.unit or line.key.organisation}"
            )
            column = places[1]
        elif counts and size and (former := before.get(line.key.period)) is not None:
            told = _step(size, sizes[former], former)
        thousands = " and ".join(line.thousands)
        if told:
            words = f"{thousands}; {told}" if thousands else f"{number_text(size or 0)}: {told}"
            if column == places[1] and not thousands:
                words = f"{number_text(line.counted or 0)}: {told}"
            findings.warning(*column, f"{words}. Confirm that it is right.")
        elif thousands:
            findings.note(*column, f"{thousands}.")


def _step(size: float, former: float | None, period: Period) -> str:
    if not former or former / _STEP < size < former * _STEP:
        return ""
    return f"{'double' if size > former else 'half'} that of {period.label} or {'more' if size > former else 'less'}"


def _median(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None and value > 0]
    return median(known) if known else None


def _is_far(value: float, usual: float) -> bool:
    return value > _TIMES * usual or value < usual / _TIMES


def _ratio(value: float, usual: float) -> str:
    return f"{value / usual:.0f} times" if value > usual else f"a {usual / value:.0f}th of"


def check_revisions(
    lines: Sequence[LineFigure],
    standing: Mapping[FigureKey, OwnFigure],
    measures: Mapping[str, OwnMeasure],
    findings: LineFindings,
) -> None:
    """Warn of final figures that stand and that the file would change by more than rounding."""
    for line in lines:
        former = standing.get(line.key)
        if line.figure is None or former is None or former.provisional or former.value is None:
            continue
        new, decimals = line.figure.value, measures[line.key.measure].decimals
        counts = (line.figure.numerator, line.figure.denominator) != (former.numerator, former.denominator)
        if new is None:
            findings.warning(
                line.line, None, f"A final figure, {number_text(former.value)}, would be taken away."
            )
        elif round(new, decimals) != round(former.value, decimals) or (
            counts and former.numerator is not None
        ):
            findings.warning(
                line.line,
                line.places[0][1],
                f"A final figure would change from {_shown(former)} to {_shown(line.figure)}.",
            )


def _shown(figure: OwnFigure) -> str:
    if figure.numerator is None:
        return number_text(figure.value or 0)
    of = "" if figure.denominator is None else f" of {number_text(figure.denominator)}"
    return f"{number_text(figure.numerator)}{of}"
