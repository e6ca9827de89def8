"""How numbers, lists and states are written, alike on every page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from math import isclose

from db.domain import Basis, Frequency, Indicator, Maturity, Period, Standard

PER_CENT = "%"
NO_FIGURE = "No figure"
_WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

BASIS_WORDS = {
    Basis.PROVIDER: "provider-based: patients treated or told by the trust",
    Basis.COMMISSIONER: "commissioner-based: patients registered in the area, wherever treated",
    Basis.SUB_ICB_LOCATION: "by sub-ICB location: patients registered there",
    Basis.TEAM: "by stroke team",
    Basis.PRACTICE: "by practice",
    Basis.NATIONAL: "all England",
}


def value_text(indicator: Indicator, value: float | None, standard: Standard | None = None) -> str:
    """A value as pages show it: one decimal, two for rates, "No figure" for none.

    Where rounding would put a figure on its standard or beyond it that in truth is not, it keeps more decimals.
    """
    if value is None:
        return NO_FIGURE
    places = 2 if indicator.unit.startswith("per ") else 1
    if standard is not None and standard.value is not None:
        places = _telling_places(value, standard.value, places)
    return _number(value, places) + ("%" if indicator.unit == PER_CENT else "")


def level_text(indicator: Indicator, standard: Standard | None) -> str:
    """A standard's level, without decimals that it does not need: 80%, 4.48."""
    if standard is None:
        return "No standard"
    if standard.value is None:
        return standard.label
    return f"{standard.value:g}" + ("%" if indicator.unit == PER_CENT else "")


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
    return _WORDS[number] if 0 <= number < len(_WORDS) else str(number)


def listing(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def topic_in_sentence(topic: str) -> str:
    """A topic inside a sentence: `Cancer` becomes `cancer`, but `GP and nurse staffing` stays."""
    first = topic.split(" ", 1)[0]
    return topic if first.isupper() else topic[:1].lower() + topic[1:]


def status_text(maturity: Maturity) -> str:
    return maturity.label


def date_text(day: date | None) -> str:
    """A date in words; "date not given" for none."""
    return f"{day.day} {day:%B %Y}" if day else "date not given"


def periods_word(indicator: Indicator) -> str:
    """What an indicator's periods are called: months, quarters."""
    words = {Frequency.MONTH: "months", Frequency.QUARTER: "quarters", Frequency.YEAR: "years"}
    return words.get(indicator.frequency, "periods")


def month_code(period: Period) -> str:
    """How a period is named in an address: the month it starts in."""
    return f"{period.start:%Y-%m}"


def _number(value: float, places: int) -> str:
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{exact:,}"


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
