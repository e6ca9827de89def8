"""An organisation's waits by tumour group: which groups the patients short of the standard belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor

from db.domain import Indicator, Maturity, Period, Standard, breakdown_dimensions, breakdown_members
from db.domain.reading import Reading
from stp_dash.analysis.kinds import TUMOUR_GROUPS
from stp_dash.analysis.sheet import Sheet, Subject, column_of
from stp_dash.analysis.standing.comparator import interval_of
from stp_dash.analysis.wording import (
    capitalised,
    count_text,
    counted,
    counts_text,
    level_text,
    listing,
    status_text,
    uncapitalised,
    value_text,
    within,
)
from stp_dash.charts.svg.bars import Dot, Scale
from stp_dash.charts.svg.spine import BETTER, SIMILAR, UNJUDGED, WORSE
from stp_dash.elements.links import TREND, href
from stp_dash.statistics.counts import fewest_holding_half
from stp_dash.statistics.proportions import side_of
from stp_dash.statistics.standards import Gap, gap

MOST, NAMED = 3, 2
"""How many groups a sentence names where they make up more than half of those short, and where they do not."""


@dataclass(frozen=True)
class CutRow:
    """One tumour group in words. `short` is how many more within the standard would bring it there."""

    name: str
    href: str
    counts: str
    value: str
    interval: str
    gap: str
    short: float
    dot: Dot
    reading: Reading


@dataclass(frozen=True)
class CutsView:
    """One indicator by tumour group."""

    indicator: Indicator
    period: Period
    title: str
    sentence: str
    rows: tuple[CutRow, ...]
    scale: Scale
    standard: str
    sheet: Sheet


@dataclass(frozen=True)
class CutsInput:
    """What the page has read: the organisation's readings of one period by tumour group, and England's by key."""

    indicator: Indicator
    name: str
    code: str
    period: Period
    readings: Sequence[Reading]
    england: Sequence[Reading] = ()


def cuts_view(given: CutsInput) -> CutsView | None:
    """The groups, most patients short first; None where the period has none with a figure."""
    known = [item for item in given.readings if item.value is not None]
    dimension = next((d for d in TUMOUR_GROUPS if any(_is(item, d) for item in known)), None)
    if dimension is None:
        return None
    standard = given.indicator.standard_on(given.period.start)
    found = [_row(given, item, standard) for item in known if _is(item, dimension)]
    rows = tuple(sorted(found, key=lambda row: (-row.short, row.reading.value or 0.0, row.name)))
    scale = _scale(rows, standard)
    return CutsView(
        indicator=given.indicator,
        period=given.period,
        title=f"{given.indicator.short_name} by tumour group",
        sentence=_sentence(given, rows, standard),
        rows=rows,
        scale=scale,
        standard=level_text(given.indicator, standard) if standard else "",
        sheet=_sheet(given, rows, standard),
    )


def _is(reading: Reading, dimension: str) -> bool:
    return breakdown_dimensions(reading.breakdown) == dimension


def _row(given: CutsInput, reading: Reading, standard: Standard | None) -> CutRow:
    indicator = given.indicator
    found = gap(reading.numerator, reading.denominator, standard, indicator.multiplier) if standard else None
    interval = interval_of(indicator, reading)
    name = group_name(reading.breakdown)
    value = value_text(indicator, reading.value, standard)
    level = standard.value if standard else None
    words = "" if interval is None else " to ".join(value_text(indicator, limit) for limit in interval)
    return CutRow(
        name=name,
        href=href(TREND, indicator=indicator.id, organisation=given.code, breakdown=reading.breakdown),
        counts=counts_text(indicator, reading.numerator, reading.denominator),
        value=value,
        interval=words,
        gap=_gap_words(found),
        short=found.count if found and not found.met else 0.0,
        dot=Dot(
            reading.value,
            interval,
            level,
            _mark(interval, level),
            reading.maturity is Maturity.PROVISIONAL,
            f"{name} {value}" + (f", 95% interval {words}" if words else ""),
        ),
        reading=reading,
    )


def group_name(key: str) -> str:
    """A tumour group as a row's name: `Urological: prostate`, without the "Suspected" that all of a table share."""
    name = next(iter(breakdown_members(key).values()))
    name = capitalised(name.removeprefix("Suspected "))
    head, dash, tail = name.partition(" - ")
    return f"{head}: {uncapitalised(tail)}" if dash else name


def _mark(interval: tuple[float, float] | None, level: float | None) -> str:
    """Beside the standard's level: below it or above it only where the whole interval is."""
    if interval is None or level is None:
        return UNJUDGED if interval is None else SIMILAR
    return {-1: WORSE, 0: SIMILAR, 1: BETTER}[side_of(*interval, level)]


def _gap_words(found: Gap | None) -> str:
    if found is None:
        return ""
    return "met" if found.met else count_text(found.count)


def _sentence(given: CutsInput, rows: Sequence[CutRow], standard: Standard | None) -> str:
    """The groups that make up most of the patients short."""
    short = [row for row in rows if row.short > 0]
    when = within(given.period)
    if standard is None:
        return f"{given.name} {when}: {counted(len(rows), 'tumour groups')}. There is no standard for this figure."
    level = level_text(given.indicator, standard)
    if not short:
        return f"Every tumour group reaches {level} {when}."
    half = fewest_holding_half([row.short for row in short], more=True)
    most = short[:half] if half <= MOST else short[:NAMED]
    named = [
        f"{uncapitalised(row.name)} ({counted(row.short, given.indicator.gap_unit)})"
        if place == 0
        else f"{uncapitalised(row.name)} ({count_text(row.short)})"
        for place, row in enumerate(most)
    ]
    verb = "is" if len(most) == 1 else "are"
    share = "most" if half <= MOST else "the largest part"
    return f"{capitalised(listing(named))} {verb} {share} of those short of {level} {when}."


def _scale(rows: Sequence[CutRow], standard: Standard | None) -> Scale:
    """Per cent up to 100, from a round number below the lowest end of an interval."""
    lows = [row.dot.interval[0] if row.dot.interval else row.reading.value or 0.0 for row in rows]
    level = [standard.value] if standard and standard.value is not None else []
    low = 20.0 * floor(max(0.0, min([*lows, *level]) - 1) / 20)
    low = min(low, 80.0)
    return Scale(low, 100.0, tuple((float(tick), f"{tick}%") for tick in range(int(low), 101, 20)))


def _sheet(given: CutsInput, rows: Sequence[CutRow], standard: Standard | None) -> Sheet:
    indicator = given.indicator
    england = {item.breakdown: item for item in given.england}
    files = listing(list(dict.fromkeys(file.name for row in rows for file in row.reading.files)))

    def theirs(row: CutRow) -> float | None:
        return england[row.reading.breakdown].value if row.reading.breakdown in england else None

    def short(row: CutRow) -> float | None:
        reading = row.reading
        if standard is None:
            return None
        found = gap(reading.numerator, reading.denominator, standard, indicator.multiplier)
        return None if found is None else found.short

    columns = (
        column_of(rows, "Tumour group", lambda r: r.name, "tumour_group",
                  lambda r: next(iter(breakdown_members(r.reading.breakdown).values())), links=lambda r: r.href),
        column_of(rows, key="organisation_code", raw=lambda _: given.code),
        column_of(rows, key="indicator", raw=lambda _: indicator.id),
        column_of(rows, key="unit", raw=lambda _: indicator.unit),
        column_of(rows, key="breakdown", raw=lambda r: r.reading.breakdown),
        column_of(rows, key="period", raw=lambda _: given.period.label),
        column_of(rows, key="period_start", raw=lambda _: given.period.start),
        column_of(rows, key="period_end", raw=lambda _: given.period.end),
        column_of(rows, "Value", lambda r: r.value, "value", lambda r: r.reading.value, numeric=True),
        column_of(rows, indicator.numerator_label, lambda r: count_text(r.reading.numerator), "numerator",
                  lambda r: r.reading.numerator, numeric=True),
        column_of(rows, indicator.denominator_label, lambda r: count_text(r.reading.denominator), "denominator",
                  lambda r: r.reading.denominator, numeric=True),
        column_of(rows, "95% interval", lambda r: r.interval, numeric=True),
        column_of(rows, key="lower_95", raw=lambda r: r.dot.interval[0] if r.dot.interval else None),
        column_of(rows, key="upper_95", raw=lambda r: r.dot.interval[1] if r.dot.interval else None),
        column_of(rows, "Short", lambda r: r.gap, "short_of_standard", short, numeric=True),
        column_of(rows, "England", lambda r: value_text(indicator, theirs(r)), "national_value", theirs, numeric=True),
        column_of(rows, key="national_name", raw=lambda r: "England" if theirs(r) is not None else None),
        column_of(rows, key="standard", raw=lambda _: standard.value if standard else None),
        column_of(rows, "Status", lambda r: capitalised(status_text(r.reading.maturity)), "status",
                  lambda r: status_text(r.reading.maturity)),
    )  # fmt: skip
    return Sheet(
        name="tumour-groups",
        title=f"{indicator.short_name} by tumour group",
        caption=f"{indicator.short_name} by tumour group, {given.name}, {given.period.label}",
        columns=columns,
        source=indicator.owner,
        note=(
            "The standard is for all patients together; groups have none of their own. Short: how many more within "
            f"the standard would bring the group to its level. Files: {files}."
        ),
        demonstration=any(row.reading.demonstration for row in rows),
        subject=Subject(f"{indicator.short_name} by tumour group", given.name, given.period.label),
    )
