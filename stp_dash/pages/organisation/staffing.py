"""An area's practice staff: posts short by each way of counting, and every practice behind the sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from db.domain import Indicator, Period
from db.domain.reading import Reading
from stp_dash.analysis.sheet import Column, Sheet, Subject, column_of
from stp_dash.analysis.standing.comparator import comparator_name, shortfall_of
from stp_dash.analysis.standing.verdict import rate_gap_text
from stp_dash.analysis.wording import (
    count_text,
    dates,
    distance,
    distance_text,
    full_text,
    is_rate,
    listing,
    uncapitalised,
    value_text,
    within,
)
from stp_dash.charts.svg.shortfall_bars import Bar, BarChart
from stp_dash.elements.links import ORGANISATION, href
from stp_dash.pages.organisation.words import ProfileFigure
from stp_dash.statistics.counts import Shortfall


@dataclass(frozen=True)
class Definition:
    """One way of counting: the organisation's reading, the nation's, and what its rate would give."""

    indicator: Indicator
    reading: Reading
    average: Reading
    found: Shortfall


@dataclass(frozen=True)
class StaffingView:
    """The card in words."""

    sentence: str
    definitions: tuple[Definition, ...]
    chart: BarChart
    covered: str
    sheet: Sheet


def staffing_view(
    name: str, code: str, lines: Sequence[ProfileFigure], covered: Sequence[Reading], *, phone: bool = False
) -> StaffingView | None:
    """Posts short by definition; None where no rate has counts on both sides. `covered` are shares of patients whose
    practices gave a return, by staff group."""
    definitions = tuple(item for line in lines if (item := _definition(line)) is not None)
    if not definitions:
        return None
    bars = tuple(_bar(item) for item in definitions)
    label = "; ".join(f"{bar.name}: {bar.under}, {bar.shown}" for bar in bars)
    return StaffingView(
        sentence=_sentence(name, definitions),
        definitions=definitions,
        chart=BarChart(bars, f"{name}, posts against England's rate. {label}", phone),
        covered=_covered(covered),
        sheet=_sheet(name, code, definitions),
    )


def _definition(line: ProfileFigure) -> Definition | None:
    """A line as a distance to the nation's rate: only rates with counts, whole patients' posts."""
    reading, average = line.reading, line.average
    if not is_rate(line.indicator) or reading is None or average is None:
        return None
    found = shortfall_of(reading, average)
    return Definition(line.indicator, reading, average, found) if found is not None else None


def _bar(item: Definition) -> Bar:
    own, nation = (value_text(item.indicator, value) for value in (item.reading.value, item.average.value))
    return Bar(
        item.indicator.short_name,
        f"{own} against {nation}",
        item.found.count,
        rate_gap_text(item.found.count),
    )


def _sentence(name: str, definitions: Sequence[Definition]) -> str:
    """The first definition in the order of the catalogue, in full."""
    first = definitions[0]
    indicator, found = first.indicator, first.found
    size = distance(abs(found.count), indicator.gap_unit)
    verdict = f"{size} {'short of' if found.count > 0 else 'above'} England's rate"
    if distance_text(abs(found.count)) == "0":
        verdict = "level with England's rate"
    return (
        f"{indicator.short_name}: {verdict} {within(first.reading.period)}. "
        f"{count_text(first.reading.numerator)} posts for {count_text(first.reading.denominator)} patients, where "
        f"{full_text(indicator, first.average.value)} would give {found.expected:,.1f}."
    )


def _covered(covered: Sequence[Reading]) -> str:
    """The share of patients whose practices gave a return, by staff group."""
    told = [
        f"{item.breakdown.partition(': ')[2]} {item.value:.1f}%" for item in covered if item.value is not None
    ]
    return f"Patients of practices with a staff return: {listing(told)}." if told else ""


def _sheet(name: str, code: str, items: Sequence[Definition]) -> Sheet:
    period, periods = [d.reading.period.short_label for d in items], [d.reading.period for d in items]
    columns = (
        Column("Definition", [d.indicator.short_name for d in items], "indicator", [d.indicator.id for d in items]),
        Column("", (), "indicator_name", [d.indicator.short_name for d in items]),
        Column("", (), "organisation_code", [code] * len(items)),
        Column("Day", period, "period", [item.label for item in periods]),
        Column("", (), "period_start", [item.start for item in periods]),
        Column("", (), "period_end", [item.end for item in periods]),
        Column("Posts", [count_text(d.reading.numerator) for d in items], "numerator",
               [d.reading.numerator for d in items], numeric=True),
        Column("Patients", [count_text(d.reading.denominator) for d in items], "denominator",
               [d.reading.denominator for d in items], numeric=True),
        Column("Rate", [value_text(d.indicator, d.reading.value) for d in items], "value",
               [d.reading.value for d in items], numeric=True),
        Column("", (), "unit", [d.indicator.unit for d in items]),
        Column("England", [value_text(d.indicator, d.average.value) for d in items], "national_value",
               [d.average.value for d in items], numeric=True),
        Column("", (), "national_name", [comparator_name(d.average) for d in items]),
        Column("Posts at England's rate", [f"{d.found.expected:,.1f}" for d in items], "expected",
               [d.found.expected for d in items], numeric=True),
        Column("Distance", [rate_gap_text(d.found.count) for d in items], "short_of_national",
               [d.found.count for d in items], numeric=True),
    )  # fmt: skip
    return Sheet(
        name="staffing",
        title="Practice staff against England",
        caption=f"Posts of {name} against England's rate, full-time equivalents",
        columns=columns,
        source=listing(list(dict.fromkeys(item.indicator.owner for item in items))),
        note="Short: what England's rate would give for the local patients, less the posts that there are.",
        demonstration=any(item.reading.demonstration for item in items),
        subject=Subject("Practice staff", name, dates(min(periods), max(periods)) if periods else ""),
    )


@dataclass(frozen=True)
class PracticesInput:
    """What the page has read: the practices' readings of one day by indicator."""

    name: str
    indicators: Sequence[Indicator]
    period: Period
    readings: Sequence[Reading]


def practices(given: PracticesInput) -> Sheet | None:
    """Every practice, fewest posts for its patients first, those without a figure last; None without any row."""
    rows: dict[str, dict[str, Reading]] = {}
    for reading in given.readings:
        rows.setdefault(reading.organisation, {})[reading.indicator] = reading
    if not rows or not given.indicators:
        return None
    first = given.indicators[0].id
    codes = sorted(rows, key=lambda code: _order(rows[code].get(first), code))
    found = [_Practice(code, tuple(rows[code].get(item.id) for item in given.indicators)) for code in codes]
    columns = [
        column_of(found, "Practice", lambda r: f"{r.name} ({r.code})", "organisation_name", lambda r: r.name,
                  links=lambda r: href(ORGANISATION, organisation=r.code)),
        column_of(found, key="organisation_code", raw=lambda r: r.code),
        column_of(found, key="period", raw=lambda _: given.period.label),
        column_of(found, key="period_start", raw=lambda _: given.period.start),
        column_of(found, key="period_end", raw=lambda _: given.period.end),
        column_of(found, "Patients", lambda r: _number(r.patients), "patients", lambda r: r.patients, numeric=True),
    ]  # fmt: skip
    for place, indicator in enumerate(given.indicators):
        columns += _of_indicator(indicator, found, place)
    columns.append(column_of(found, "Note", lambda r: r.note, "missing_reason", lambda r: r.note))
    return Sheet(
        name="practices",
        title=f"Its practices, {given.period.label}",
        caption=f"Practices of {given.name}, {given.period.label}, lowest rate first",
        columns=tuple(columns),
        source=listing(list(dict.fromkeys(item.owner for item in given.indicators))),
        note="No intervals: posts are all that there are, not a sample.",
        demonstration=any(reading.demonstration for reading in given.readings),
        subject=Subject("Practice staff", given.name, given.period.label),
    )


def _order(reading: Reading | None, code: str) -> tuple[bool, float, str]:
    value = reading.value if reading else None
    return (value is None, value or 0.0, code)


@dataclass(frozen=True)
class _Practice:
    """A practice with its readings in the order of the indicators; None where it has no row."""

    code: str
    readings: tuple[Reading | None, ...]

    @property
    def name(self) -> str:
        return next((item.organisation_name for item in self.readings if item), self.code)

    @property
    def patients(self) -> float | None:
        return next(
            (item.denominator for item in self.readings if item and item.denominator is not None), None
        )

    @property
    def note(self) -> str:
        """Why there is no figure: suppressed, or no return; "" where all have one."""
        known = [item for item in self.readings if item]
        return listing(list(dict.fromkeys(item.missing_reason for item in known if item.value is None)))


def _of_indicator(indicator: Indicator, found: Sequence[_Practice], place: int) -> list[Column]:
    """Posts and rate of one definition."""
    key = indicator.id.replace("-", "_")

    def of(row: _Practice, name: str) -> float | None:
        reading = row.readings[place]
        return getattr(reading, name) if reading else None

    def rate(row: _Practice) -> str:
        return value_text(indicator, of(row, "value"))

    return [
        column_of(found, f"{indicator.short_name}, posts", lambda r: _number(of(r, "numerator")), f"{key}__numerator",
                  lambda r: of(r, "numerator"), numeric=True),
        column_of(found, "Per 10,000", rate, f"{key}__value", lambda r: of(r, "value"), numeric=True),
    ]  # fmt: skip


def _number(count: float | None) -> str:
    return "" if count is None else count_text(count)


def summary(sheet: Sheet, indicators: Sequence[Indicator]) -> str:
    """How many practices there are, and how many of them have no figure of each of `indicators`, the first of which
    orders them."""
    told = f"{sheet.length:,} practice{'' if sheet.length == 1 else 's'}, lowest rate first"
    raw = {column.key: column.raw for column in sheet.columns}
    for place, indicator in enumerate(indicators):
        values = raw[f"{indicator.id.replace('-', '_')}__value"]
        without = sum(1 for value in values if value is None)
        if without:
            last = ", listed last" if place == 0 else ""
            told += f"; {without:,} without a figure of {uncapitalised(indicator.short_name)}{last}"
    return f"{told}."
