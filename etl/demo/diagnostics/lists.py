"""Invented waiting lists for tests: who waits at which provider for which test and commissioner, and what is done."""

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

BANDS = 14
ELECTROPHYSIOLOGY = 8
TESTS = {
    1: ("Magnetic Resonance Imaging", "MRI", 0.19),
    2: ("Computed Tomography", "CT", 0.11),
    3: ("Non-obstetric Ultrasound", "NON_OBSTETRIC_ULTRASOUND", 0.35),
    4: ("Barium Enema", "BARIUM_ENEMA", 0.002),
    5: ("DEXA Scan", "DEXA_SCAN", 0.035),
    6: ("Audiology - Audiology Assessments", "AUDIOLOGY_ASSESSMENTS", 0.065),
    7: ("Cardiology - Echocardiography", "ECHOCARDIOGRAPHY", 0.09),
    ELECTROPHYSIOLOGY: ("Cardiology - Electrophysiology", "ELECTROPHYSIOLOGY", 0.0005),
    9: ("Neurophysiology - Peripheral Neurophysiology", "PERIPHERAL_NEUROPHYS", 0.022),
    10: ("Respiratory physiology - Sleep Studies", "SLEEP_STUDIES", 0.018),
    11: ("Urodynamics - Pressures & Flows", "URODYNAMICS", 0.006),
    12: ("Colonoscopy", "COLONOSCOPY", 0.04),
    13: ("Flexi Sigmoidoscopy", "FLEXI_SIGMOIDOSCOPY", 0.013),
    14: ("Cystoscopy", "CYSTOSCOPY", 0.0145),
    15: ("Gastroscopy", "GASTROSCOPY", 0.04),
}
"""Tests by number: their names in workbooks and in extracts, and their share of all who wait."""

_SIZE, _WEEKS_TYPICAL, _YEARLY_CHANGE = 11_500, 3.6, -0.05
_ACTIVITY = (0.15, 0.32, 0.95)
"""Tests planned, unscheduled and from the list, for each person who waits."""
_BUSY = (1.02, 0.94, 0.97, 1.03, 1.0, 1.0, 1.03, 1.06, 1.0, 0.97, 0.98, 1.05)


@dataclass(frozen=True)
class DiagnosticLists:
    """All the invented lists up to a last month. The same arguments give the same lists."""

    organisations: Mapping[str, Organisation]
    last: Period
    seed: int
    boards: frozenset[str] | None = None

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """Every provider with commissioners of its board."""
        every = provider_pairs(self.organisations, self.last.start, self.boards)
        return tuple(pair for pair in every if pair.commissioner_parent)

    def month(self, month: Period) -> tuple[Counts, Counts]:
        """People who wait by pair, test and band, and tests done by pair, test and kind."""
        rng = np.random.default_rng([self.seed, month.key, 20])
        back = (self.last.start.year - month.start.year) * 12 + self.last.start.month - month.start.month
        change = (1 + _YEARLY_CHANGE) ** (-back / 12)
        traits = np.array([_traits(self.seed, pair.provider) for pair in self.pairs])
        shares = np.array([pair.share for pair in self.pairs])
        means = np.outer(traits[:, 0] * shares * _SIZE * change, [share for *_, share in TESTS.values()])
        means[traits[:, 2] > 0, list(TESTS).index(ELECTROPHYSIOLOGY)] = 0
        typical = traits[:, 1] * change * _BUSY[month.start.month - 1]
        chances = np.exp(-np.arange(BANDS) / typical[:, None, None])
        chances[..., -1] *= 3
        chances = np.broadcast_to(chances / chances.sum(axis=-1, keepdims=True), (*means.shape, BANDS))
        waiting: Counts = rng.multinomial(rng.poisson(means), chances)
        done: Counts = rng.poisson(means[..., None] * np.array(_ACTIVITY))
        return waiting, done


def _traits(seed: int, code: str) -> tuple[float, float, float]:
    """A provider's size beside others, the weeks after which its lists are a third, and whether it lacks a test."""
    rng = np.random.default_rng([seed, crc32(code.encode()), 2])
    size = float(np.exp(np.clip(rng.normal(0, 0.5), -1.2, 1.1)))
    return size, _WEEKS_TYPICAL * float(np.exp(rng.normal(0, 0.25))), float(rng.random() < 0.8)
