"""The national time series workbooks: the combined standards, and the old ones to September 2023.

Months that the population covers are its own sums, so they agree with the combined CSVs; earlier ones are drawn
along a smooth past of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from db.domain import Frequency, Period
from etl.demo.cancer_waiting_times.patients import DAY_31, DAY_62, FDS, STANDARDS, Population
from etl.demo.workbook import Cell, workbook
from etl.reading.demonstration_mark import STATEMENT

OLD_LAST = Period.month(2023, 9)
_OLD_FIRST = Period.month(2009, 10)
_OLD_FINAL = Period.month(2023, 3)
_FDS_FIRST, _TREATED_FIRST = Period.month(2021, 4), Period.month(2022, 4)
_MONTHLY_STATUS_FROM = Period.month(2018, 4)
_NO_STANDARD = "No Standard Set"
_EARLY = "To March 2018 monthly figures were classed as provisional and quarterly data classed as final."
_COLUMNS = ("Total", "Within Standard", "Outside Standard", "Performance (%)")

Figures = dict[Period, tuple[float, float]]
"""Total and within the standard, by month."""


@dataclass(frozen=True)
class Block:
    """One standard of a series: its printed title and level, and its months. Months without figures are blank."""

    title: str
    level: str
    months: tuple[Period, ...]
    figures: Figures
    without_figures: str = ""


@dataclass(frozen=True)
class Past:
    """An old standard's past: its size against a combined standard's, and its level by year."""

    title: str
    level: str
    first: Period
    like: str
    share: float
    growth: float
    levels: Mapping[float, float]


_TWO_WEEKS = "From GP Urgent Referral to First Consultant Appointment"
_PASTS = (
    Past(
        f"Two Week Wait {_TWO_WEEKS}",
        "93%",
        _OLD_FIRST,
        FDS,
        0.93,
        0.06,
        {2009: 0.955, 2015: 0.945, 2018: 0.92, 2021: 0.86, 2023.75: 0.745},
    ),
    Past(
        f"Two Week Wait Breast Symptomatic (where cancer not initially suspected) {_TWO_WEEKS}",
        "93%",
        Period.month(2010, 1),
        FDS,
        0.035,
        -0.02,
        {2009: 0.94, 2015: 0.93, 2018: 0.88, 2021: 0.66, 2023.75: 0.71},
    ),
    Past(
        "One Month Wait from a Decision to Treat to a First Treatment for Cancer",
        "96%",
        _OLD_FIRST,
        DAY_31,
        0.5,
        0.025,
        {2009: 0.983, 2018: 0.967, 2021: 0.945, 2023.75: 0.897},
    ),
    Past(
        "One Month Wait from a Decision to Treat to a Subsequent Treatment for Cancer "
        "(Anti-Cancer Drug Regimen)",
        "98%",
        _OLD_FIRST,
        DAY_31,
        0.15,
        0.03,
        {2009: 0.996, 2018: 0.993, 2023.75: 0.976},
    ),
    Past(
        "One Month Wait from a Decision to Treat to a Subsequent Treatment for Cancer (Radiotherapy)",
        "94%",
        Period.month(2011, 1),
        DAY_31,
        0.155,
        0.01,
        {2011: 0.98, 2018: 0.967, 2023.75: 0.88},
    ),
    Past(
        "One Month Wait from a Decision to Treat to a Subsequent Treatment for Cancer (Surgery)",
        "94%",
        _OLD_FIRST,
        DAY_31,
        0.085,
        0.02,
        {2009: 0.97, 2018: 0.93, 2021: 0.85, 2023.75: 0.776},
    ),
    Past(
        "Two Month Wait from GP Urgent Referral to a First Treatment for Cancer",
        "85%",
        _OLD_FIRST,
        DAY_62,
        0.6,
        0.035,
        {2009: 0.865, 2015: 0.825, 2018: 0.79, 2021: 0.73, 2023.75: 0.595},
    ),
    Past(
        "Two Month Wait from a National Screening Service to a First Treatment for Cancer",
        "90%",
        _OLD_FIRST,
        DAY_62,
        0.065,
        0.02,
        {2009: 0.94, 2015: 0.93, 2018: 0.88, 2021: 0.73, 2023.75: 0.645},
    ),
    Past(
        "Two Month Wait Following a Consultant Upgrade to a First Treatment for Cancer",
        "no set standard",
        _OLD_FIRST,
        DAY_62,
        0.21,
        0.09,
        {2009: 0.94, 2015: 0.9, 2018: 0.85, 2021: 0.81, 2023.75: 0.74},
    ),
)
_TITLES = {
    FDS: "Four Week (28-days) Wait from Urgent Referral \n"
    "to Patient Told they have Cancer, or Cancer is Definitively Excluded",
    DAY_31: "One Month (31-days) Wait from a Decision To Treat/Earliest Clinically Appropriate Date "
    "to First or Subsequent Treatment of Cancer",
    DAY_62: "Two Month (62-days) Wait from an Urgent Suspected Cancer or Breast Symptomatic Referral, "
    "or Urgent Screening Referral, or Consultant Upgrade to a First Definitive Treatment for Cancer",
}
_LEVELS = {FDS: "80% from Q1 2026/27", DAY_31: "96% from Q3 2023/24", DAY_62: "85% from Q3 2023/24"}
_MONTH_VOLUME = (0.98, 0.96, 1.06, 0.97, 1.0, 1.02, 1.05, 0.96, 1.01, 1.06, 1.02, 0.91)


def months_through(first: Period, last: Period) -> tuple[Period, ...]:
    """Every month from the first to the last."""
    start = first.start.year * 12 + first.start.month - 1
    end = last.start.year * 12 + last.start.month
    return tuple(Period.month(number // 12, number % 12 + 1) for number in range(start, end))


def england(population: Population, months: Iterable[Period], provisional_from: Period) -> dict[str, Figures]:
    """England's figures by standard and month, as the combined CSVs of the same release print them."""
    found: dict[str, Figures] = {standard.code: {} for standard in STANDARDS}
    for month in months:
        figures = population.england(month, provisional=month >= provisional_from)
        for code, pair in figures.items():
            found[code][month] = pair
    return found


def combined_series(figures: Mapping[str, Figures], seed: int, provisional_from: Period) -> bytes:
    """The series of the combined standards: faster diagnosis from April 2021, the others from April 2022."""
    last = max(figures[FDS])
    months = months_through(_FDS_FIRST, last)
    blocks = [Block(_TITLES[code], _LEVELS[code], months, with_past(figures, code, seed)) for code in figures]
    final = (_MONTHLY_STATUS_FROM, _before(provisional_from))
    return _workbook(
        blocks, ("Monthly Performance", "Quarterly Performance", "Annual Performance"), final, last, ""
    )


def with_past(figures: Mapping[str, Figures], code: str, seed: int) -> Figures:
    """A combined standard's figures from its beginning: the own months, and a past before them."""
    own = figures[code]
    begins = _FDS_FIRST if code == FDS else _TREATED_FIRST
    before = [month for month in months_through(begins, max(own)) if month < min(own)]
    return _continued(own, before, np.random.default_rng([seed, 62, list(figures).index(code)])) | own


def old_series(figures: Mapping[str, Figures], seed: int) -> bytes:
    """The series of the ten old standards, from October 2009 to their end in September 2023."""
    months = months_through(_OLD_FIRST, OLD_LAST)
    blocks = []
    for number, past in enumerate(_PASTS):
        first = min(figures[past.like])
        like = figures[past.like][first][0] / _MONTH_VOLUME[first.start.month - 1]
        rng = np.random.default_rng([seed, 31, number])
        drawn = {month: _drawn(past, like, month, rng) for month in months if month >= past.first}
        blocks.append(Block(past.title, past.level, months, drawn, _NO_STANDARD))
    faster = {month: pair for month, pair in with_past(figures, FDS, seed).items() if month <= OLD_LAST}
    blocks.append(Block(_TITLES[FDS].replace("\n", ""), "75% from Q3 2021/22", months, faster, _NO_STANDARD))
    names = ("Monthly Data", "Quarterly Data", "Annual Data")
    return _workbook(blocks, names, (_MONTHLY_STATUS_FROM, _OLD_FINAL), OLD_LAST, _EARLY)


def _drawn(past: Past, like: float, month: Period, rng: np.random.Generator) -> tuple[float, float]:
    day = month.start.year + (month.start.month - 1) / 12
    mean = like * past.share * (1 + past.growth) ** (day - 2023.75) * _MONTH_VOLUME[month.start.month - 1]
    level = float(np.interp(day, list(past.levels), list(past.levels.values())))
    total = int(rng.poisson(mean))
    return float(total), float(rng.binomial(total, min(0.999, level + float(rng.normal(0, 0.004)))))


def _continued(own: Figures, before: Sequence[Period], rng: np.random.Generator) -> Figures:
    """Months before the first own ones: a little smaller each year, at the first own months' level."""
    months = sorted(own)[:12]
    mean = sum(own[month][0] / _MONTH_VOLUME[month.start.month - 1] for month in months) / len(months)
    level = sum(own[month][1] for month in months) / sum(own[month][0] for month in months)
    found: Figures = {}
    for month in before:
        years = (months[0].start - month.start).days / 365.25
        total = int(rng.poisson(mean * 0.96**years * _MONTH_VOLUME[month.start.month - 1]))
        found[month] = float(total), float(rng.binomial(total, level - 0.004 * years))
    return found


def _before(month: Period) -> Period:
    number = month.start.year * 12 + month.start.month - 2
    return Period.month(number // 12, number % 12 + 1)


def _workbook(
    blocks: Sequence[Block],
    names: tuple[str, str, str],
    final: tuple[Period, Period],
    last: Period,
    note: str,
) -> bytes:
    kinds: tuple[tuple[str, Kind], ...] = (
        ("Monthly", _monthly),
        ("Quarterly", _quarterly),
        ("Year", _yearly),
    )
    cover = [["", *row] for row in _cover(blocks, final, last, note)]
    sheets = [
        (name, _sheet(blocks, heading, kind)) for name, (heading, kind) in zip(names, kinds, strict=True)
    ]
    return workbook([("Cover", cover), *sheets])


def _cover(
    blocks: Sequence[Block], final: tuple[Period, Period], last: Period, note: str
) -> list[list[Cell]]:
    first = min(min(block.figures) for block in blocks)
    provisional = _after(final[1])
    rows: list[list[Cell]] = [
        [],
        ["Cancer Waiting Times"],
        ["National Time Series - Provider based"],
        [f"{first.start:%B %Y} to {last.start:%B %Y}"],
        [STATEMENT],
        ["Status:", note],
    ]
    if final:
        begins = max(final[0], first)
        rows += [
            ["", "This workbook contains final data for the periods"],
            *_ranges(final[0], begins, final[1]),
        ]
    rows.append(["", "This workbook contains provisional data for the periods"])
    return rows + _ranges(provisional, provisional, last)


def _ranges(first: Period, first_quarter: Period, last: Period) -> list[list[Cell]]:
    return [
        ["", first.start, "to", last.start],
        ["", "and"],
        ["", _quarter_name(first_quarter), "to", _quarter_name(last)],
    ]


def _after(month: Period) -> Period:
    number = month.start.year * 12 + month.start.month
    return Period.month(number // 12, number % 12 + 1)


def _financial_year(day: date) -> int:
    return day.year if day.month >= 4 else day.year - 1


def _quarter_name(month: Period) -> str:
    year = _financial_year(month.start)
    return f"Q{(month.start.month - 4) % 12 // 3 + 1} {year}/{(year + 1) % 100:02}"


Line = tuple[Cell, tuple[float, float] | None]
Kind = Callable[[Block], list[Line]]


def _monthly(block: Block) -> list[Line]:
    return [(month.start, block.figures.get(month)) for month in block.months]


def _quarterly(block: Block) -> list[Line]:
    def label(month: Period) -> str:
        number, year = _quarter_name(month).split()
        return f"{year[2:]} {number}"

    return _added(block, label, Frequency.QUARTER, 3)


def _yearly(block: Block) -> list[Line]:
    def label(month: Period) -> str:
        year = _financial_year(month.start)
        return f"{year}/{(year + 1) % 100:02}"

    return _added(block, label, Frequency.YEAR, 12)


def _added(block: Block, label: Callable[[Period], str], frequency: Frequency, length: int) -> list[Line]:
    """Figures added up by label, in order. A part at the end of a year is a year to date; of a quarter, blank."""
    groups: dict[str, list[Period]] = {}
    for month in block.months:
        groups.setdefault(label(month), []).append(month)
    lines: list[Line] = []
    for name, months in groups.items():
        known = [block.figures[month] for month in months if month in block.figures]
        whole = len(known) == length
        sums = (sum(total for total, _ in known), sum(within for _, within in known))
        to_date = frequency is Frequency.YEAR and months[-1] == block.months[-1] and not whole and known
        lines.append((f"{name} YTD" if to_date else name, sums if whole or to_date else None))
    return lines


def _sheet(blocks: Sequence[Block], heading: str, kind: Kind) -> list[list[Cell]]:
    """Blocks side by side from column B: the period, four figures, and two columns of space."""
    columns = [kind(block) for block in blocks]
    top: list[list[Cell]] = [[""], [""], [""], [""]]
    for block in blocks:
        top[0] += [""] * 7
        top[1] += ["", block.title, *[""] * 5]
        top[2] += ["", f"Operational Standard = {block.level}", *[""] * 5]
        top[3] += [heading, *_COLUMNS, "", ""]
    body = []
    for number in range(max(map(len, columns))):
        line: list[Cell] = [""]
        for block, lines in zip(blocks, columns, strict=True):
            line += [*_figures(block, lines, number), "", ""]
        body.append(line)
    return top + body


def _figures(block: Block, lines: Sequence[Line], number: int) -> list[Cell]:
    label, pair = lines[number]
    if pair is None:
        return [label, block.without_figures if number == 0 else None, None, None, None]
    total, within = pair
    return [label, total, within, total - within, within / total]
