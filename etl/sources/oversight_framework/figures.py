"""Figures of one or more quarters, from either file, and the canonical frame that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan

import pandas as pd

from db.catalogue import load_catalogue
from db.domain import (
    ALL,
    DETAIL_COLUMNS,
    OBSERVATION_COLUMNS,
    Basis,
    Maturity,
    Organisation,
    OrganisationType,
    Period,
)
from db.domain.organisation import TrustKind
from db.domain.reading import StatedFigure


@dataclass(frozen=True)
class LeagueTrust:
    """A trust of a league, as a row names it."""

    code: str
    name: str
    kind: TrustKind


@dataclass(frozen=True)
class OversightFigure:
    """A trust's figure of a quarter or a year, with what the publisher says beside it."""

    indicator: str
    trust: LeagueTrust
    period: Period
    value: float
    note: str = ""
    likely: tuple[float, float] = (nan, nan)

    def record(self) -> dict[str, object]:
        row: dict[str, object] = dict.fromkeys((*OBSERVATION_COLUMNS, *DETAIL_COLUMNS))
        return row | {
            "indicator": self.indicator,
            "organisation": self.trust.code,
            "organisation_name": self.trust.name,
            "basis": Basis.PROVIDER.value,
            "period": self.period.key,
            "breakdown": ALL,
            "value": self.value,
            "missing_reason": "",
            "maturity": int(Maturity.FINAL),
            "derived": False,
            "lower_95": self.likely[0],
            "upper_95": self.likely[1],
            "note": self.note,
            "trust_kind": self.trust.kind.value,
        }


@dataclass(frozen=True)
class OversightFile:
    """What a file holds: its own figures, those that it states of other sources' indicators, and its last quarter.

    `cuts` are the leagues of a quarter of which rows are missing.
    """

    figures: tuple[OversightFigure, ...]
    last: Period
    stated: tuple[StatedFigure, ...] = ()
    cuts: tuple[str, ...] = ()


def oversight_frame(figures: Sequence[OversightFigure]) -> pd.DataFrame:
    """The canonical frame, with what is published beside values."""
    frame = pd.DataFrame.from_records(
        [figure.record() for figure in figures], columns=[*OBSERVATION_COLUMNS, *DETAIL_COLUMNS]
    )
    words = {"note", "trust_kind"}
    numbers = ("numerator", "denominator", "value", *(name for name in DETAIL_COLUMNS if name not in words))
    return frame.astype(dict.fromkeys(numbers, float))


def trusts_beyond_catalogue(figures: Iterable[OversightFigure]) -> tuple[Organisation, ...]:
    """The trusts that the catalogue does not hold (care trusts), as the file names them."""
    known = load_catalogue().organisations
    names = {item.trust.code: item.trust.name for item in figures if item.trust.code not in known}
    return tuple(Organisation(code, name, OrganisationType.TRUST) for code, name in sorted(names.items()))


def league_is_whole(places: Sequence[int]) -> bool:
    """Whether every place is somebody's: equal ones share the better, so two in place 4 are followed by place 6."""
    before = 0
    for place in sorted(set(places)):
        if place != before + 1:
            return False
        before += places.count(place)
    return True


def place_words(kind: TrustKind, trusts: int) -> str:
    """`of 58 mental health and community trusts`; 0 where how many there are is not known."""
    return f"of {trusts} {kind.plural}" if trusts else f"among {kind.plural}"


def segment_words(segment: int, alone: int | None, *, override: bool) -> str:
    """What a trust's scores alone would have given, where that is another segment; "" where it is not."""
    if alone is None or segment == alone:
        return ""
    return f"Its scores alone would give segment {alone}{'; it is in deficit' if override else ''}"
