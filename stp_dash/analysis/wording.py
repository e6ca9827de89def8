"""How numbers, lists and states are written, alike on every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import isclose

from db.domain import Basis, Frequency, ImprovementDirection, Indicator, Maturity, Period, Standard
from db.domain.holdings import PublicationDay

PER_CENT = "%"
MINUS = "\N{MINUS SIGN}"
MINUTES, LEVEL = "minutes", "level"
LEVELS = {5.0: "A", 4.0: "B", 3.0: "C", 2.0: "D", 1.0: "E"}
"""Levels are stored as numbers and shown as letters."""
SEGMENT = "segment"
SEGMENTS = ((1.0, "1"), (2.0, "2"), (3.0, "3"), (4.0, "4"))
"""There is nothing between two of them."""
NO_FIGURE = "No figure"
_LAST_PLACES = tuple(Decimal(1).scaleb(-places) for places in range(5))
"""What a value is rounded to, by how many decimals are shown."""
_WHOLE_FROM, _NEARLY_NOTHING = 1_000, 0.05
_PER = " per "
"""In the unit of what happened to so many people: deaths per 100,000 people."""
_SHARE_OF = "% of "
_SPELT_OUT = frozenset({MINUTES, "weeks", "years"})
_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

BASIS_WORDS = {
    Basis.PROVIDER: "provider-based: patients treated or told by the trust",
    Basis.COMMISSIONER: "commissioner-based: patients registered in the area, wherever treated",
    Basis.SUB_ICB_LOCATION: "by sub-ICB location: patients registered there",
    Basis.TEAM: "team-centred: each patient counts for the one team that answers for them",
    Basis.PRACTICE: "by practice: practices with the patients registered there, of staff those with a valid return",
    Basis.RESIDENCE: "by residence: people who live in the area, wherever they are cared for",
    Basis.NATIONAL: "national figure",
}


def value_text(indicator: Indicator, value: float | None, standard: Standard | None = None) -> str:
    """A value as pages show it: one decimal, two for rates and for what is nearly nothing, as many as the indicator
    says itself, a letter for a level, "No figure" for none.

    Where rounding would put a figure on its standard or beyond it that in truth is not, it keeps more decimals.
    """
    if value is None:
        return NO_FIGURE
    if indicator.unit == LEVEL and value in LEVELS:
        return LEVELS[value]
    if indicator.decimals is not None:
        return _number(value, indicator.decimals) + ("%" if _is_share(indicator) else "")
    if indicator.unit not in {PER_CENT, LEVEL} and not is_rate(indicator):
        return _plain_value(indicator, value)
    places = 2 if is_rate(indicator) or 0 < value < _NEARLY_NOTHING else 1
    if standard is not None and standard.value is not None:
        places = _telling_places(value, standard.value, places)
    return _number(value, places) + ("%" if indicator.unit == PER_CENT else "")


def _is_share(indicator: Indicator) -> bool:
    """Whether values are per cent of something that is named: % of turnover."""
    return indicator.unit.startswith(_SHARE_OF)


def _plain_value(indicator: Indicator, value: float) -> str:
    """A number without decimals that it does not need; minutes, weeks and years with their unit."""
    if _PER in indicator.unit:
        return _number(value, 1)
    whole = isclose(value, round(value), abs_tol=1e-9) or abs(value) >= _WHOLE_FROM
    shown = _number(value, 0 if whole else 1)
    if indicator.unit not in _SPELT_OUT:
        return shown
    return f"{shown} {indicator.unit[:-1] if shown == '1' else indicator.unit}"


def axis_numbers(values: Sequence[float], suffix: str = "") -> list[str]:
    """The round numbers of an axis as pages write numbers, all with as many decimals: 15.0, 17.5; 1,500,000."""
    decimals = max((len(f"{value:.6f}".rstrip("0").partition(".")[2]) for value in values), default=0)
    return [f"{value:,.{decimals}f}{suffix}" for value in values]


def told_apart(indicator: Indicator, one: float, other: float) -> tuple[str, str]:
    """Two values that differ, with more decimals where they would read alike."""
    shown = value_text(indicator, one), value_text(indicator, other)
    suffix = PER_CENT if indicator.unit == PER_CENT else ""
    for places in (2, 3, 4):
        if shown[0] != shown[1]:
            break
        shown = f"{one:,.{places}f}{suffix}", f"{other:,.{places}f}{suffix}"
    return shown


def is_rate(indicator: Indicator) -> bool:
    """Whether values are so many per so many: posts per 10,000 patients."""
    return indicator.unit.startswith("per ")


def unit_text(indicator: Indicator) -> str:
    """The unit that a value does not say: `per 10,000 patients`, `deaths per 100,000 people`, `of turnover`; "" where
    it does.
    """
    if _is_share(indicator):
        return indicator.unit.removeprefix(PER_CENT).strip()
    return indicator.unit if is_rate(indicator) or _PER in indicator.unit else ""


def full_text(indicator: Indicator, value: float | None, standard: Standard | None = None) -> str:
    """A value with its whole unit, for sentences."""
    shown = value_text(indicator, value, standard)
    return f"{shown} {unit_text(indicator)}".strip() if value is not None else shown


def level_text(indicator: Indicator, standard: Standard | None) -> str:
    """A standard's level, without decimals that it does not need: 80%, 4.48."""
    if standard is None:
        return "No standard"
    if standard.value is None:
        return standard.label
    return f"{standard.value:g}" + ("%" if indicator.unit == PER_CENT else "")


def level_axis(indicator: Indicator) -> tuple[tuple[float, str], ...]:
    """The marks of an axis of levels (letters) or segments (1 to 4), from the lowest; none for other indicators."""
    if indicator.unit == SEGMENT:
        return SEGMENTS
    return tuple(sorted(LEVELS.items())) if indicator.unit == LEVEL else ()


def counts_text(indicator: Indicator, numerator: float | None, denominator: float | None) -> str:
    """The counts behind a value: `6,541 of 9,224`, for a rate `793.8 for 2,041,000 registered patients`.

    "" where none are published: a level, a score, a median; `of 9,224` where only the second is.
    """
    if denominator is None:
        return ""
    if numerator is None:
        return f"of {count_text(denominator)}"
    if unit_text(indicator):
        label = indicator.denominator_label
        return f"{count_text(numerator)} for {count_text(denominator)} {label[:1].lower()}{label[1:]}"
    return f"{count_text(numerator)} of {count_text(denominator)}"


def missing_word(indicator: Indicator) -> str:
    """What those are who miss a level: too few are `short`; where less is better, too many are `over`."""
    return "over" if indicator.improvement_direction is ImprovementDirection.DECREASE else "short"


def missing_to(indicator: Indicator) -> str:
    """The same before a level: `short of` 85%, `over` 1%."""
    word = missing_word(indicator)
    return word if word == "over" else f"{word} of"


def distance_text(count: float) -> str:
    """A distance that may be a fraction of a post: whole from 10, one decimal below."""
    return f"{_whole(count):,}" if count >= 10 else count_text(round(count, 1))


def distance(count: float, unit: str) -> str:
    """A distance with the last word of its unit: 121 posts of `full-time equivalent posts`."""
    noun = unit.rsplit(" ", 1)[-1]
    words = distance_text(count)
    return f"{words} {noun[:-1] if words == '1' and noun.endswith('s') else noun}"


def count_text(count: float | None) -> str:
    """A count with thousands separated, and its half where it has one: 6,541 or 701.5."""
    if count is None:
        return NO_FIGURE.lower()
    if isclose(count, round(count), abs_tol=1e-9):
        return f"{round(count):,}"
    return f"{count:,.1f}"


def counted(count: float, unit: str) -> str:
    """A count with its unit: 1 patient, 9 patients."""
    single = count == 1 and unit.endswith("s")
    return f"{count_text(count)} {unit[:-1] if single else unit}"


def number_word(number: int) -> str:
    """A small whole number as a word, any other in digits."""
    return _WORDS[number] if 0 <= number < len(_WORDS) else str(number)


def listing(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; and where a name has one of these itself, `a, and b and c` or `a; and b, c`."""
    if len(items) < 2:
        return "".join(items)
    if any(", " in item for item in items):
        return f"{'; '.join(items[:-1])}; and {items[-1]}"
    last = ", and" if any(" and " in item for item in items) else " and"
    return f"{', '.join(items[:-1])}{last} {items[-1]}"


def capitalised(text: str) -> str:
    """A text with its first letter made a capital; the others are left as they are."""
    return text[:1].upper() + text[1:]


def uncapitalised(text: str) -> str:
    """A text with its first letter made small, as inside a sentence; `GP and nurse staffing` and `ICBs` stay."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def status_text(maturity: Maturity, indicator: Indicator | None = None) -> str:
    """How final a figure is, as readers are told it: of an indicator that projects none is."""
    return "projected" if indicator is not None and indicator.projects else maturity.label


def date_text(day: date | None) -> str:
    """A date in words; "date not given" for none."""
    return f"{day.day} {day:%B %Y}" if day else "date not given"


def out_by(day: date, days: Iterable[PublicationDay]) -> str:
    """By when figures were out: `published by 8 October 2026`, of files that do not say when `loaded here by ...`."""
    every = tuple(days)
    known = {item.published for item in every if item.on <= day} or {item.published for item in every}
    if known == {False}:
        return f"loaded here by {date_text(day)}"
    rest = ", or loaded here by then where the day of publication is not known" if False in known else ""
    return f"published by {date_text(day)}{rest}"


def within(period: Period) -> str:
    """A period inside a sentence: `in August 2026`, `on 31 August 2026`."""
    return f"{'on' if period.frequency in {Frequency.SNAPSHOT, Frequency.DAY} else 'in'} {period.label}"


def beginning(period: Period) -> str:
    """A period after "since", without a second "to": `June 2023`, `31 August 2026`, `2020`, `2020/21`."""
    return period.short_label if period.is_financial_years else period.label


def periods_word(indicator: Indicator) -> str:
    """What an indicator's periods are called: months, quarters; of what is counted anew each year, years."""
    words = {
        Frequency.DAY: "days",
        Frequency.WEEK: "weeks",
        Frequency.MONTH: "months",
        Frequency.QUARTER: "quarters",
        Frequency.YEAR: "years",
        Frequency.TWO_YEARS: "two-year periods",
        Frequency.THREE_YEARS: "three-year periods",
        Frequency.FIVE_YEARS: "five-year periods",
        Frequency.SNAPSHOT: "snapshots",
    }
    return "years" if indicator.is_stock else words.get(indicator.frequency, "periods")


def period_word(indicator: Indicator) -> str:
    """What one of an indicator's periods is called: month, quarter."""
    return periods_word(indicator).removesuffix("s")


def dates(first: Period, last: Period) -> str:
    """From the first day of one period to the last of another, in months: `January to August 2026`."""
    if first == last:
        return first.label
    if first.is_calendar_years and last.is_calendar_years:
        return f"{first.start.year} to {last.end.year}"
    year = "" if first.start.year == last.end.year else f" {first.start.year}"
    return f"{first.start:%B}{year} to {last.end:%B %Y}"


def month_code(period: Period) -> str:
    """How a period is named in an address: the month it starts in."""
    return f"{period.start:%Y-%m}"


def _number(value: float, places: int) -> str:
    exact = Decimal(repr(value)).quantize(_LAST_PLACES[places], rounding=ROUND_HALF_UP)
    return f"{exact:,}".replace("-", MINUS)


def _whole(value: float) -> int:
    return int(Decimal(repr(value)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def _telling_places(value: float, level: float, places: int) -> int:
    if isclose(value, level, abs_tol=1e-9):
        return places
    while places < 4 and not _same_side(value, level, places):
        places += 1
    return places


def _same_side(value: float, level: float, places: int) -> bool:
    shown = Decimal(_number(value, places).replace(",", ""))
    edge = Decimal(str(level))
    return shown != edge and (shown > edge) == (value > level)


def boundary_words(edition: str) -> str:
    """Whose boundaries a map has: those of an edition, or with "" none, so that each area is a tile."""
    if not edition:
        return "No boundaries are loaded: each area is a tile"
    source = "Source: Office for National Statistics, OGL v3; contains OS data © Crown copyright and database right"
    return f"Boundaries of {edition}. {source}"
