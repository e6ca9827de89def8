"""Invented pathways: who waits at which trust for which commissioner, and for how many weeks.

Drawn is a row of the published table: one provider, one commissioner, one treatment function, pathways by week.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from db.domain import Organisation, Period
from etl.demo.pairs import Pair, provider_pairs

Counts = NDArray[np.int64]

WEEKS = 105
FUNCTIONS = {"C_110": "Trauma and Orthopaedic Service", "X05": "Other - Surgical Services"}
TREATED_SHARE, ADMITTED_SHARE, DECISION_SHARE, UNKNOWN_SHARE = 0.22, 0.2, 0.17, 0.001
_SIZE, _WEEKS_TYPICAL, _YEARLY_CHANGE = 11_000, 17.0, -0.06
_BUSY = (1.0, 0.97, 1.04, 0.98, 1.02, 1.03, 1.02, 0.97, 1.01, 1.04, 1.0, 0.93)


@dataclass(frozen=True)
class WaitingLists:
    """All the invented pathways up to a last month. The same arguments give the same pathways."""

    organisations: Mapping[str, Organisation]
    last: Period
    seed: int
    boards: frozenset[str] | None = None

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every trust with commissioners of its board, and a few that no board answers for."""
        return tuple(provider_pairs(self.organisations, self.last.start, self.boards))

    def waiting(self, month: Period) -> Counts:
        """Pathways still waiting by pair, treatment function and week."""
        return self._drawn(month, 1.0, 0)

    def completed(self, month: Period, *, admitted: bool) -> Counts:
        """Pathways completed in a month by pair, treatment function and week."""
        share = TREATED_SHARE * (ADMITTED_SHARE if admitted else 1 - ADMITTED_SHARE)
        return self._drawn(month, share, 2 - admitted)

    def _drawn(self, month: Period, share: float, salt: int) -> Counts:
        rng = np.random.default_rng([self.seed, month.key, salt])
        back = (self.last.start.year - month.start.year) * 12 + self.last.start.month - month.start.month
        change = (1 + _YEARLY_CHANGE) ** (-back / 12)
        traits = [_traits(self.seed, pair.provider) for pair in self.pairs]
        sizes = np.array([size * pair.share for (size, _), pair in zip(traits, self.pairs, strict=True)])
        typical = np.array([weeks for _, weeks in traits]) * change * _BUSY[month.start.month - 1]
        means = np.outer(sizes, (0.45, 0.55)) * _SIZE * share * change * _BUSY[month.start.month - 1]
        totals = rng.poisson(means)
        chances = np.exp(-np.arange(WEEKS) / (typical[:, None, None] * np.array([1.2, 0.95])[None, :, None]))
        chances /= chances.sum(axis=-1, keepdims=True)
        drawn: Counts = rng.multinomial(totals, chances)
        return drawn

    def part_of(self, counts: Counts, month: Period, share: float, salt: int) -> Counts:
        """As many of some pathways as a share of them by chance."""
        part: Counts = np.random.default_rng([self.seed, month.key, salt]).binomial(counts, share)
        return part


def _traits(seed: int, code: str) -> tuple[float, float]:
    """How large a provider is beside others, and the weeks after which its list has shrunk to a third."""
    rng = np.random.default_rng([seed, crc32(code.encode())])
    return float(np.exp(np.clip(rng.normal(0, 0.5), -1.2, 1.1))), _WEEKS_TYPICAL * float(
        np.exp(rng.normal(0, 0.18))
    )
