"""Figures of a whole made of those of its units, and of figures as others than those signed in may see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import floor

from db.domain.own.figures import FigureKey, OwnFigure
from db.domain.own.measures import MeasureKind, MissingReason, OwnMeasure, TotalKind
from db.domain.period import Period

_ROUNDED_TO = 5


def with_totals(measure: OwnMeasure, figures: Mapping[FigureKey, OwnFigure]) -> dict[FigureKey, OwnFigure]:
    """The figures, with those of organisations, and of units that have parts, added up where the measure says so.

    A whole has no figure where one of its parts that was open has none, unless that part says “not applicable”.
    """
    found = dict(figures)
    if measure.total is not TotalKind.SUM:
        return found
    periods: dict[str, set[Period]] = defaultdict(set)
    for key in figures:
        periods[key.organisation].add(key.period)
    for organisation, held in periods.items():
        for whole in _wholes(measure, organisation):
            for period in held:
                parts = measure.parts_of(organisation, whole)
                key = FigureKey(measure.id, organisation, whole, period)
                open_parts = [part for part in parts if part.is_open(period.start, period.end)]
                keys = [FigureKey(measure.id, organisation, part.code, period) for part in open_parts]
                if key not in found and (total := _sum(measure, key, keys, found)) is not None:
                    found[key] = total
    return found


def _wholes(measure: OwnMeasure, organisation: str) -> list[str]:
    """The units with parts, lowest first, and the organisation last ("")."""
    above = {unit.code: unit.part_of for unit in measure.units if unit.organisation == organisation}

    def depth(code: str) -> int:
        return 1 + depth(above[code]) if code else 0

    return sorted(set(above.values()), key=depth, reverse=True)


def _sum(
    measure: OwnMeasure, key: FigureKey, keys: Sequence[FigureKey], found: Mapping[FigureKey, OwnFigure]
) -> OwnFigure | None:
    parts = [found.get(part) for part in keys]
    held = [part for part in parts if part is not None and part.value is not None]
    if not held and measure.kind is not MeasureKind.DAYS_BETWEEN:
        return None
    lacking = [
        part_key.unit
        for part_key, part in zip(keys, parts, strict=True)
        if part is None or (part.value is None and part.missing_reason != MissingReason.NOT_APPLICABLE)
    ]
    numerator: float | None = sum(part.numerator or 0.0 for part in held)
    denominator = sum(part.denominator or 0.0 for part in held) if measure.kind.needs_counts else None
    reason = ""
    if lacking and measure.kind is not MeasureKind.DAYS_BETWEEN:
        reason = f"no figure of {', '.join(lacking)}"
    value = None if reason else measure.worked_out(numerator, denominator)
    provisional = any(part.provisional for part in held)
    newest = max((part.submission for part in held), default=0)
    if reason:
        numerator = denominator = None
    return OwnFigure(key, numerator, denominator, value, provisional, reason, "", 0, newest)


def for_others(measure: OwnMeasure, figures: Iterable[OwnFigure]) -> list[OwnFigure]:
    """Figures as others than those signed in see them: small counts withheld, all others to the nearest 5, rates
    worked out from rounded counts as whole numbers. Totals are made before, of the counts themselves.

    The rules are those of NHS Digital's hospital statistics below national level from September 2018.
    """
    return [_for_others(measure, figure) for figure in figures]


def _for_others(measure: OwnMeasure, figure: OwnFigure) -> OwnFigure:
    if figure.value is None:
        return replace(figure, note="")
    least = measure.minimum_count
    withheld = f"fewer than {least}"
    hidden = replace(figure, numerator=None, denominator=None, value=None, missing_reason=withheld, note="")
    if measure.kind.needs_value:
        enough = figure.denominator is not None and figure.denominator >= least
        return replace(figure, denominator=_rounded(figure.denominator or 0), note="") if enough else hidden
    if figure.denominator is not None and figure.denominator < least:
        return hidden
    if figure.numerator is None or 0 < figure.numerator < least:
        return hidden
    numerator = _rounded(figure.numerator)
    denominator = None if figure.denominator is None else _rounded(figure.denominator)
    value = measure.worked_out(numerator, denominator)
    whole = None if value is None else floor(value + 0.5)
    return replace(figure, numerator=numerator, denominator=denominator, value=whole, note="")


def _rounded(count: float) -> float:
    return float(_ROUNDED_TO * floor(count / _ROUNDED_TO + 0.5))
