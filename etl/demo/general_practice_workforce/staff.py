"""Invented general practices: where each is, its registered patients and its staff, on the last day of a month.

Staff are drawn in whole hours a week; a full-time equivalent is hours over 37.5, so that roles add up to their
totals as the publisher's do. Practices have real codes and areas (`db.catalogue.former_ccgs`) and no real name. Levels
follow England's published ones roughly; Kent and Medway is short of GPs by about an eighth, and near the average for
nurses.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from db.catalogue.former_ccgs import practice_former_ccgs
from db.catalogue.policy_dates import ICB_START
from db.domain import Catalogue, OrganisationType, Period, SuccessionKind
from etl.demo.general_practice_workforce.columns import LOCUMS, PERMANENT, TRAINEES
from etl.demo.trusts import is_open

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

FULL_TIME_HOURS = 37.5
GP_ROLES = (*PERMANENT, *LOCUMS, *TRAINEES)
QUALIFIED, TRAINING, NURSES = "qualified", "training", "nurses"

_DIVIDED = {"10C": "92A", "15D": "U2G6B", "99M": "D9Y0V"}
"""Where most practices of a former CCG went whose location was divided: Frimley's in April 2026."""

_COMMISSIONERS = frozenset({OrganisationType.CCG, OrganisationType.SUB_ICB_LOCATION})
_PATIENTS = {
    2015.75: 57.3e6,
    2019.75: 60.2e6,
    2021.0: 60.6e6,
    2023.0: 62.4e6,
    2025.8: 63.9e6,
    2026.75: 63.8e6,
}
_RATES = {
    QUALIFIED: {2015.75: 5.1, 2019.75: 4.7, 2022.5: 4.42, 2025.0: 4.39, 2026.0: 4.47, 2027.0: 4.52},
    TRAINING: {2015.75: 0.85, 2019.75: 1.05, 2022.5: 1.34, 2025.0: 1.46, 2026.0: 1.3, 2027.0: 1.33},
    NURSES: {2015.75: 2.6, 2019.75: 2.74, 2022.5: 2.68, 2027.0: 2.6},
}
"""Full-time equivalents per 10,000 patients by year: fully qualified GPs, GPs in training, nurses."""

_OPEN = {2015.75: 0.92, 2019.75: 0.84, 2026.75: 0.75}
"""The share of an area's practices, of all that it ever had, that are open."""

_KENT_GPS = {
    "09C": 0.85,
    "09E": 0.95,
    "09J": 0.81,
    "09W": 0.75,
    "10A": 0.87,
    "10D": 0.74,
    "10E": 0.84,
    "99J": 0.92,
}
_KENT_TRAINING, _KENT_NURSES = 0.7, 0.99
_GP_SHARES = (0.13, 0.42, 0.37, 0.02, 0.03, 0.012, 0.006, 0.012)
_TRAINING_SHARES = (0.28, 0.17, 0.38, 0.01, 0.02, 0.14)
_NURSE_SHARES = (0.56, 0.25, 0.05, 0.06, 0.02, 0.02, 0.005, 0.01, 0.025)
_TRAINING_PRACTICES = 0.55
_TRAINING_MONTHS = (1.02, 1.01, 1.0, 0.99, 0.98, 0.97, 0.96, 1.04, 1.03, 1.02, 1.02, 1.02)
"""New trainees start in August."""

_NO_RETURN = {QUALIFIED: 0.015, NURSES: 0.03}
_LATE_RETURN = 0.03
_ORIGINAL_EXCESS = 1.02
"""An original's GPs against those of the revised back series, which left out locums who came by the day."""


@dataclass(frozen=True)
class Place:
    """Where a practice belongs on a day, by code; `board` is "" before July 2022."""

    commissioner: str
    board: str
    region: str


@dataclass(frozen=True)
class Snapshot:
    """The practices of a day, in order of code. Hours are [practice, role] in the order of the role names.

    A practice without a return (`no_gps`, `no_nurses`) has hours here all the same: the table leaves them out.
    """

    day: date
    codes: tuple[str, ...]
    places: tuple[Place, ...]
    networks: tuple[str, ...]
    patients: Counts
    gp_hours: Counts
    nurse_hours: Counts
    no_gps: Flags
    no_nurses: Flags


@dataclass(frozen=True)
class Surgeries:
    """All practices of an area. The same arguments give the same practices; `boards` None means all of England."""

    catalogue: Catalogue
    last: Period
    seed: int
    boards: frozenset[str] | None = None

    def snapshot(self, month: Period, *, placed_on: date | None = None, original: bool = False) -> Snapshot:
        """The practices on the last day of a month, placed in the areas of that day or of a later one.

        An original lacks the returns that came late.
        """
        chosen = np.flatnonzero(self._open(month) & self._wanted).tolist()
        patients = self._patients(month)[chosen]
        gp_hours, nurse_hours = self._gp_hours(month, original), self._nurse_hours(month)
        no_gps, no_nurses = (self._no_return(month, group, original) for group in (QUALIFIED, NURSES))
        places = self._places(placed_on or month.end)
        codes = [self._codes[number] for number in chosen]
        return Snapshot(
            month.end,
            tuple(codes),
            tuple(places[self._ccgs[number]] for number in chosen),
            tuple(self._network(number) for number in chosen),
            patients,
            gp_hours[chosen],
            nurse_hours[chosen],
            no_gps[chosen],
            no_nurses[chosen],
        )

    @cached_property
    def _codes(self) -> list[str]:
        return sorted(practice_former_ccgs())

    @cached_property
    def _ccgs(self) -> list[str]:
        former = practice_former_ccgs()
        return [former[code] for code in self._codes]

    @cached_property
    def _areas(self) -> Counts:
        """Each practice's area as the number of its CCG in order of code."""
        found: Counts = np.unique(np.array(self._ccgs), return_inverse=True)[1].astype(np.int64)
        return found

    @cached_property
    def _wanted(self) -> Flags:
        places = self._places(self.last.end)
        return np.array([self.boards is None or places[ccg].board in self.boards for ccg in self._ccgs])

    @cached_property
    def _ranks(self) -> Numbers:
        """The order in which an area's practices close, from 0 (never) to nearly 1 (first)."""
        chance = self._generator(1).random(len(self._codes))
        order = np.lexsort((chance, self._areas))
        sizes = np.bincount(self._areas)
        starts = np.repeat(np.cumsum(sizes) - sizes, sizes)
        ranks = np.empty(len(order))
        places = np.arange(len(order)) - starts
        # A part of a place for each area, so that practices of all areas do not close in the same months.
        parts = np.repeat(self._generator(9).random(len(sizes)), sizes)
        ranks[order] = np.where(places > 0, (places - parts) / np.repeat(sizes, sizes), 0.0)
        return ranks

    @cached_property
    def _sizes(self) -> Numbers:
        sizes: Numbers = np.exp(self._generator(2).normal(0, 0.55, len(self._codes)).clip(-1.5, 1.6))
        return sizes

    @cached_property
    def _levels(self) -> Mapping[str, Numbers]:
        """How many times the average each practice has of each group of staff."""
        count, areas = len(self._codes), len(np.unique(self._areas))
        rng = self._generator(3)
        found = {}
        for group, spread, own in ((QUALIFIED, 0.1, 0.25), (TRAINING, 0.15, 0.5), (NURSES, 0.12, 0.35)):
            # A lognormal's mean is 1 where its logarithm's mean is minus half the variance.
            area = np.exp(rng.normal(-(spread**2) / 2, spread, areas))[self._areas]
            found[group] = area * np.exp(rng.normal(-(own**2) / 2, own, count))
            for number, ccg in enumerate(self._ccgs):
                if ccg in _KENT_GPS:
                    found[group][number] *= self._kent(group, ccg) / area[number]
        trains = rng.random(count) < _TRAINING_PRACTICES
        found[TRAINING] *= trains / _TRAINING_PRACTICES
        return found

    @staticmethod
    def _kent(group: str, ccg: str) -> float:
        return {QUALIFIED: _KENT_GPS[ccg], TRAINING: _KENT_TRAINING, NURSES: _KENT_NURSES}[group]

    @cached_property
    def _waves(self) -> Numbers:
        """Each practice's slow rise and fall: [group, (size, phase, years a turn), practice]."""
        rng, count = self._generator(4), len(self._codes)
        parts = [(rng.uniform(0, 0.12, count), rng.random(count), rng.uniform(2, 7, count)) for _ in range(3)]
        return np.array(parts)

    @cached_property
    def _role_shares(self) -> Mapping[str, Numbers]:
        rng = self._generator(5)
        shares = {QUALIFIED: _GP_SHARES, TRAINING: _TRAINING_SHARES, NURSES: _NURSE_SHARES}
        return {
            group: rng.dirichlet(np.array(parts) * 8, len(self._codes)) for group, parts in shares.items()
        }

    def _generator(self, *purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, 20, *purpose])

    def _open(self, month: Period) -> Flags:
        found: Flags = self._ranks < _at(_OPEN, month)
        return found

    def _patients(self, month: Period) -> Counts:
        """An area's patients are those of its share of England, divided among its open practices."""
        areas = np.bincount(self._areas, self._sizes)
        weights = self._sizes * self._open(month)
        own = areas / areas.sum() * _at(_PATIENTS, month)
        patients: Counts = np.rint(weights * (own / np.bincount(self._areas, weights))[self._areas]).astype(
            np.int64
        )
        return patients

    def _hours(self, month: Period, group: str) -> Counts:
        """Each practice's hours of a group of staff."""
        year = _year(month)
        size, phase, turn = self._waves[list(_RATES).index(group)]
        wave = 1 + size * np.sin(2 * np.pi * (phase + year / turn))
        fte = self._patients(month) / 10_000 * _at(_RATES[group], month) * self._levels[group] * wave
        jitter = self._generator(6, month.key, list(_RATES).index(group)).normal(0, 1.5, len(fte))
        hours: Counts = np.rint((fte * FULL_TIME_HOURS + jitter * (fte > 0)).clip(0)).astype(np.int64)
        return hours

    def _gp_hours(self, month: Period, original: bool) -> Counts:
        season = _TRAINING_MONTHS[month.start.month - 1]
        training = np.rint(self._hours(month, TRAINING) * season).astype(np.int64)
        qualified = self._hours(month, QUALIFIED)
        if original:
            qualified = np.rint(qualified * _ORIGINAL_EXCESS).astype(np.int64)
        parts = (self._by_role(qualified, QUALIFIED), self._by_role(training, TRAINING))
        return np.concatenate(parts, axis=1)

    def _nurse_hours(self, month: Period) -> Counts:
        return self._by_role(self._hours(month, NURSES), NURSES)

    def _by_role(self, hours: Counts, group: str) -> Counts:
        """Hours divided among roles; what rounding leaves goes to the commonest."""
        shares = self._role_shares[group]
        parts: Counts = np.floor(hours[:, None] * shares).astype(np.int64)
        parts[np.arange(len(hours)), shares.argmax(axis=1)] += hours - parts.sum(axis=1)
        return parts

    def _no_return(self, month: Period, group: str, original: bool) -> Flags:
        """Practices that gave no return of a group, mostly the same for half a year."""
        half = month.start.year * 2 + (month.start.month > 6)
        number = list(_RATES).index(group)
        chance = self._generator(7, half, number).random(len(self._codes))
        if original:
            late = self._generator(8, month.key, number).random(len(self._codes)) < _LATE_RETURN
            chance = chance * ~late
        found: Flags = chance < _NO_RETURN[group]
        return found

    def _network(self, number: int) -> str:
        """The primary care network that a practice is in: five practices of an area that follow each other."""
        return f"U{10_000 + int(self._areas[number]) * 100 + number // 5 % 100:05}"

    def _places(self, day: date) -> dict[str, Place]:
        """Where the practices of each former CCG belong on a day."""
        organisations, successors = self.catalogue.organisations, defaultdict(list)
        for item in self.catalogue.successions:
            whole = item.kind not in (SuccessionKind.SPLIT, SuccessionKind.TRANSFER)
            if whole and item.effective_on <= day and organisations[item.successor].type in _COMMISSIONERS:
                successors[item.predecessor].append(item.successor)
        found = {}
        for ccg in sorted(set(self._ccgs)):
            present = _present(ccg, successors)
            present = present if is_open(organisations[present], day) else _DIVIDED.get(ccg, present)
            found[ccg] = self._place(present, day)
        return found

    def _place(self, commissioner: str, day: date) -> Place:
        board = self._parent(commissioner, OrganisationType.ICB, day) if day >= ICB_START else ""
        return Place(commissioner, board, self._parent(board or commissioner, OrganisationType.REGION, day))

    def _parent(self, code: str, kind: OrganisationType, day: date) -> str:
        organisations = self.catalogue.organisations
        for parent in organisations[code].parents:
            if parent.in_force(day) and organisations[parent.code].type is kind:
                return parent.code
        return ""


def _present(code: str, successors: Mapping[str, list[str]]) -> str:
    """The commissioner that has an area: the last of its line of successors."""
    following = successors.get(code)
    return _present(min(following), successors) if following else code


def _year(month: Period) -> float:
    return month.end.year + month.end.month / 12


def _at(levels: Mapping[float, float], month: Period) -> float:
    """A level between those given by year."""
    return float(np.interp(_year(month), list(levels), list(levels.values())))
