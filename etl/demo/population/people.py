"""Invented residents of areas by age: councils grow and age at their own pace, and everything above is their sum."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Final

import numpy as np

from db.domain import ENGLAND, Organisation, OrganisationType
from db.domain.organisation import RESIDENTS
from etl.demo.publication import SEED

People = np.ndarray[tuple[int], np.dtype[np.int64]]
Residents = np.ndarray[tuple[int, int], np.dtype[np.int64]]
AGES: Final = 91
ENGLAND_CODE: Final = "E92000001"
FIRST_YEAR: Final = 2001
_SIZES: Final = {"E10": 780_000, "E06": 240_000, "E08": 310_000, "E09": 270_000, "E07": 130_000}


class InventedResidents:
    """The areas of the catalogue that are there today, and their residents by year and single year of age."""

    def __init__(self, organisations: dict[str, Organisation], last: int) -> None:
        self.organisations, self.last = organisations, last
        self._known: dict[str, Residents] = {}

    @cached_property
    def parts(self) -> dict[str, list[str]]:
        """What each area is made of: England of regions, these of councils, and a county of its known districts."""
        found: dict[str, list[str]] = {}
        for item in sorted(self.organisations.values(), key=lambda item: item.code):
            if item.type in RESIDENTS and item.closed_on is None:
                region = item.type is OrganisationType.STATISTICAL_REGION
                for above in [ENGLAND] if region else [parent.code for parent in item.parents]:
                    found.setdefault(above, []).append(item.code)
        return found

    @cached_property
    def areas(self) -> list[Organisation]:
        """England, then each region with its councils, each of which its districts follow."""
        return [self.organisations[code] for code in self._from(ENGLAND)]

    def residents(self, code: str, year: int) -> People:
        """An area's residents on 30 June by age, the last of all from 90 on."""
        found: People = self._every_year(code)[year - FIRST_YEAR]
        return found

    def _every_year(self, code: str) -> Residents:
        if code not in self._known:
            parts = [self._every_year(part) for part in self.parts.get(code, ())]
            self._known[code] = np.stack(parts).sum(axis=0) if parts else _invented(code, self.last)
        return self._known[code]

    def _from(self, code: str) -> Iterator[str]:
        yield code
        for part in self.parts.get(code, ()):
            yield from self._from(part)


def _invented(code: str, last: int) -> Residents:
    """Residents by year and age. Of the older ones there are more from year to year."""
    place = np.random.default_rng([SEED, *code.encode()])
    size = _SIZES[code[:3]] * float(np.exp(place.normal(0.0, 0.25)))
    years = np.arange(last - FIRST_YEAR + 1)
    totals = size * (1 + place.normal(0.007, 0.003)) ** years
    middles = 56 + place.normal(0.0, 3.0) + 0.22 * years
    weights = 1 / (1 + np.exp((np.arange(AGES) - middles[:, None] - 18) / 8))
    weights[:, -1] *= 3.5
    found: Residents = np.floor(totals[:, None] * weights / weights.sum(axis=1, keepdims=True)).astype(
        np.int64
    )
    return found
