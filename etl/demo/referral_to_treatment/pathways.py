"""Invented pathways: who waits at which trust for which commissioner, and for how many weeks.

Drawn is a row of the published table: one provider, one commissioner, one treatment function, pathways by week.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from db.domain import Organisation, OrganisationType, Period
from etl.demo.trusts import acute_trusts, is_open

Counts = NDArray[np.int64]

WEEKS = 105
FUNCTIONS = {"C_110": "Trauma and Orthopaedic Service", "X05": "Other - Surgical Services"}
NOT_ENGLISH, HUB, INDEPENDENT = "NONC", "13R", "NT999"
TREATED_SHARE, ADMITTED_SHARE, DECISION_SHARE, UNKNOWN_SHARE = 0.22, 0.2, 0.17, 0.001
_SIZE, _WEEKS_TYPICAL, _YEARLY_CHANGE = 11_000, 17.0, -0.06
_BUSY = (1.0, 0.97, 1.04, 0.98, 1.02, 1.03, 1.02, 0.97, 1.01, 1.04, 1.0, 0.93)


@dataclass(frozen=True)
class Pair:
    """A provider and a commissioner of its pathways, each with its parent's code; "" for none."""

    provider: str
    provider_parent: str
    commissioner: str
    commissioner_parent: str
    share: float


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
        return tuple(self._pairs())

    def _pairs(self) -> Iterator[Pair]:
        for board, trusts, areas in self._boards():
            steps = max(len(trusts), len(areas))
            own = {(trusts[step % len(trusts)], areas[step % len(areas)]) for step in range(steps)}
            for trust, area in sorted(own):
                yield Pair(trust, board, area, board, 1 / max(1, steps / len(trusts)))
            yield Pair(trusts[0], board, NOT_ENGLISH, "", 0.002)
            yield Pair(trusts[-1], board, HUB, "", 0.02)
        if board := "QKS" if self.boards is None or "QKS" in self.boards else "":
            yield Pair(INDEPENDENT, board, "91Q", board, 0.1)

    def _boards(self) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
        day = self.last.start
        trusts = acute_trusts(self.organisations, day)
        areas = [
            item
            for _, item in sorted(self.organisations.items())
            if item.type is OrganisationType.SUB_ICB_LOCATION and is_open(item, day)
        ]
        boards = {self._board(item): None for item in trusts}
        for board in sorted(boards):
            own = [[item.code for item in items if self._board(item) == board] for items in (trusts, areas)]
            if board and all(own) and (self.boards is None or board in self.boards):
                yield board, own[0], own[1]

    def _board(self, item: Organisation) -> str:
        codes = (
            parent.code
            for parent in item.parents
            if parent.in_force(self.last.start)
            and self.organisations[parent.code].type is OrganisationType.ICB
        )
        return next(codes, "")

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
