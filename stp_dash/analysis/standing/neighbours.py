"""The nearest neighbours of an organisation: those most like it by published characteristics."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import log

from db.catalogue.alike.characteristics import Characteristic
from db.domain import Period
from db.domain.file import FileReference
from stp_dash.analysis.wording import count_text
from stp_dash.statistics.spread import distances_from

_DIGITS = 9
"""Distances that are the same to so many decimals are equal: the code then decides, so that the order is fixed."""


@dataclass(frozen=True)
class CharacteristicFigures:
    """A characteristic of many organisations in one period, by their codes, and the files that it is from."""

    characteristic: Characteristic
    period: Period
    values: Mapping[str, float]
    files: tuple[FileReference, ...]

    @property
    def heading(self) -> str:
        """Its name, and that it is a share where it is one."""
        return f"{self.characteristic.name}, %" if self.characteristic.share_of else self.characteristic.name

    def shown(self, code: str) -> str:
        """`2,037,988`, or of a share `78.9`; "" for none."""
        value = self.values.get(code)
        if value is None:
            return ""
        return f"{value:.1f}" if self.characteristic.share_of else count_text(round(value))

    def compared(self, code: str) -> float:
        """What distances are worked out from. Raises KeyError for an organisation without a value."""
        value = self.values[code]
        return log(value) if self.characteristic.logarithm else value


@dataclass(frozen=True)
class Neighbour:
    """One organisation, and how far it is from the one whose neighbours are looked for, in standard deviations."""

    code: str
    distance: float


@dataclass(frozen=True)
class Neighbours:
    """All organisations that can be likened to one of them, the nearest first.

    `used` are the characteristics that it was done by, `lacking` those that are not loaded for the kind, and `unplaced`
    the organisations that have no figure of one that was used.
    """

    of: str
    nearest: tuple[Neighbour, ...] = ()
    used: tuple[CharacteristicFigures, ...] = ()
    lacking: tuple[Characteristic, ...] = ()
    unplaced: tuple[str, ...] = ()

    def codes(self, count: int) -> tuple[str, ...]:
        """The codes of the nearest ones, so many of them."""
        return tuple(item.code for item in self.nearest[:count])


def nearest_neighbours(
    of: str,
    among: Collection[str],
    figures: Sequence[CharacteristicFigures],
    lacking: Sequence[Characteristic] = (),
) -> Neighbours:
    """The organisations among some, by how alike they are to one: standardised Euclidean distance, ties by code.

    A characteristic that the one has no figure of, or fewer than half of all, counts as lacking.
    """
    used = [
        item
        for item in figures
        if of in item.values and 2 * sum(code in item.values for code in among) >= len(among)
    ]
    without = [item.characteristic for item in figures if item not in used]
    placed = sorted(code for code in {*among, of} if used and all(code in item.values for item in used))
    unplaced = tuple(sorted(code for code in among if code not in placed and code != of))
    if not placed:
        return Neighbours(of, lacking=(*without, *lacking), unplaced=unplaced)
    columns = [[item.compared(code) for code in placed] for item in used]
    distances = distances_from(placed.index(of), columns).tolist()
    others = [
        Neighbour(code, distance) for code, distance in zip(placed, distances, strict=True) if code != of
    ]
    others.sort(key=lambda item: (round(item.distance, _DIGITS), item.code))
    return Neighbours(of, tuple(others), tuple(used), (*without, *lacking), unplaced)
