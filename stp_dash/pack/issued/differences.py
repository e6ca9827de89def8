"""What an issued pack would show otherwise now: its figures beside those that the store holds today."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isclose

from db.domain import Indicator, Period
from db.domain.reading import Reading, Selection
from db.service.packs.issued import IssuedFigure
from stp_dash.analysis.area import index_readings, summed
from stp_dash.analysis.wording import counts_text, value_text
from stp_dash.frame.reader import StoreReader

NOTHING_NOW = "No figure now"


@dataclass(frozen=True)
class PackDifference:
    """A figure of an issued pack that is another now, in words: then and now, each with its counts."""

    indicator: str
    organisation: str
    period: Period
    then: str
    now: str


def pack_differences(reader: StoreReader, figures: Sequence[IssuedFigure]) -> tuple[PackDifference, ...]:
    """The figures of a pack that are others now, in the order given. `reader` asks for the figures of now."""
    known = reader.request.site.store.catalogue.indicators
    index = index_readings(reader.readings(_selections(figures)))
    found = []
    for item in figures:
        indicator = known.get(item.indicator)
        if indicator is None:
            continue
        codes = item.organisations.split()
        reading = (
            index.get((item.indicator, codes[0], item.period))
            if len(codes) == 1
            else summed(index, indicator, codes, item.period)
        )
        if reading is None or not _same(item, reading):
            then = _words(indicator, item)
            now = NOTHING_NOW if reading is None or reading.value is None else _words(indicator, reading)
            found.append(PackDifference(indicator.short_name, _named(reader, codes), item.period, then, now))
    return tuple(found)


def _selections(figures: Sequence[IssuedFigure]) -> list[Selection]:
    """As few as will do: the organisations of an indicator that were shown in the same periods, together."""
    periods: dict[tuple[str, str], list[Period]] = {}
    for item in figures:
        for code in item.organisations.split():
            periods.setdefault((item.indicator, code), []).append(item.period)
    together: dict[tuple[str, tuple[Period, ...]], list[str]] = {}
    for (indicator, code), own in periods.items():
        together.setdefault((indicator, tuple(own)), []).append(code)
    return [Selection((indicator,), tuple(codes), own) for (indicator, own), codes in together.items()]


def _same(then: IssuedFigure, now: Reading) -> bool:
    pairs = ((then.numerator, now.numerator), (then.denominator, now.denominator), (then.value, now.value))
    return all(
        one == other or (one is not None and other is not None and isclose(one, other, rel_tol=1e-9))
        for one, other in pairs
    )


def _words(indicator: Indicator, figure: IssuedFigure | Reading) -> str:
    counts = counts_text(indicator, figure.numerator, figure.denominator)
    return f"{value_text(indicator, figure.value)}{f' ({counts})' if counts else ''}"


def _named(reader: StoreReader, codes: Sequence[str]) -> str:
    area = reader.request.area
    if len(codes) > 1:
        return f"{len(codes)} organisations added up"
    return area.name if codes[0] == area.commissioner else reader.names.get(codes[0], codes[0])
