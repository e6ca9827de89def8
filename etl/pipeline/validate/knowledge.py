"""What the checks may know of the catalogue, the area and the store."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from db.domain import Indicator, Organisation
from db.loading.coverage import Coverage, PastFigure, StoredFigure

CoverageBefore = Callable[[str, str, int], Coverage | None]
FiguresLike = Callable[[str, str, int, Sequence[StoredFigure]], Mapping[int, Sequence[StoredFigure]]]


FiguresBefore = Callable[[str, str, int, int], Sequence[PastFigure]]


def _none_before(*_: object) -> Sequence[PastFigure]:
    return ()


def _none_like(*_: object) -> Mapping[int, Sequence[StoredFigure]]:
    return {}


@dataclass(frozen=True)
class Knowledge:
    """What the checks may know: the catalogue, and what the store holds.

    `coverage_before` gives the period before one, and `figures_like` the figures of other periods in which most of
    some organisations have these same figures; `figures_before` those of some periods before one, as organisation,
    period, numerator and denominator. `area` are the codes of the organisations that the site is for.
    """

    indicators: Mapping[str, Indicator]
    organisations: Mapping[str, Organisation]
    coverage_before: CoverageBefore
    figures_like: FiguresLike = _none_like
    area: Collection[str] = ()
    figures_before: FiguresBefore = _none_before
