"""Invented cancer patients: how many, of which kind, treated by whom and for whom, and how long they waited.

The smallest thing drawn is a cell: one trust, one commissioner, one route or stage, one tumour group, one modality
and one band of waiting. Every published figure is a sum of cells, so all tables agree with each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from db.domain import Organisation, OrganisationType, Period
from etl.demo.trusts import acute_trusts

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]

FDS, DAY_31, DAY_62 = "FDS", "31D", "62D"
UNKNOWN_COMMISSIONER = "UNKNOWN"
KENT = ("RVV", "RWF", "RPA", "RN7")


@dataclass(frozen=True)
class StandardCells:
    """One standard's cells and bands. A cell is (route or stage, tumour or suspected cancer, modality)."""

    code: str
    cells: tuple[tuple[str, str, str], ...]
    shares: Numbers
    ease: Numbers
    bands: tuple[str, ...]
    bands_within: int
    band_shares: tuple[float, ...]
    patients: float
    level: float
    spread: float


_SUSPECTED = {
    "Suspected acute leukaemia": (0.0005, 0.9),
    "Suspected brain/central nervous system tumours": (0.006, 0.5),
    "Suspected breast cancer": (0.19, 1.3),
    "Suspected cancer - non-specific symptoms": (0.012, -0.3),
    "Suspected children's cancer": (0.004, 0.9),
    "Suspected gynaecological cancer": (0.085, -0.5),
    "Suspected haematological malignancies (excluding acute leukaemia)": (0.007, -0.7),
    "Suspected head & neck cancer": (0.09, 0.1),
    "Suspected lower gastrointestinal cancer": (0.19, -0.6),
    "Suspected lung cancer": (0.013, 0.2),
    "Suspected sarcoma": (0.006, 0.1),
    "Suspected skin cancer": (0.23, 0.5),
    "Suspected testicular cancer": (0.004, 0.5),
    "Suspected upper gastrointestinal cancer": (0.06, 0.0),
    "Suspected urological malignancies (excluding testicular)": (0.075, -0.8),
}
BREAST_SYMPTOMS = "Exhibited (non-cancer) breast symptoms - cancer not initially suspected"
_SCREENED = {
    "Suspected breast cancer": (0.006, 0.6),
    "Suspected gynaecological cancer": (0.003, 0.2),
    "Suspected lower gastrointestinal cancer": (0.009, -1.6),
}
_TUMOURS = {
    "Breast": (0.19, 0.25),
    "Gynaecological": (0.06, -0.3),
    "Haematological - Lymphoma": (0.04, 0.0),
    "Haematological - Other (a)": (0.05, 0.3),
    "Head & Neck": (0.05, -0.4),
    "Lower Gastrointestinal": (0.11, -0.5),
    "Lung": (0.1, -0.4),
    "Other (a)": (0.04, 0.1),
    "Skin": (0.14, 0.9),
    "Upper Gastrointestinal - Hepatobiliary": (0.03, -0.1),
    "Upper Gastrointestinal - Oesophagus & Stomach": (0.04, -0.3),
    "Urological - Other (a)": (0.06, -0.6),
    "Urological - Prostate": (0.09, -0.4),
}
MODALITIES = {
    "Anti-cancer drug regimen": (0.34, 0.5),
    "Other": (0.07, 0.6),
    "Radiotherapy": (0.19, -0.3),
    "Surgery": (0.4, -0.2),
}
_STAGES = {"First Treatment": (0.55, 0.1), "Subsequent Treatment": (0.45, -0.1)}
_ROUTES = {
    "Urgent Suspected Cancer": (0.66, -0.2),
    "Breast Symptomatic": (0.008, -0.2),
    "Screening": (0.082, -0.1),
    "Consultant Upgrade": (0.25, 0.5),
}
_ROUTE_TUMOURS = {
    "Breast Symptomatic": ("Breast",),
    "Screening": ("Breast", "Gynaecological", "Lower Gastrointestinal"),
}


def _standard(
    code: str,
    weights: Mapping[tuple[str, str, str], tuple[float, float]],
    bands: tuple[tuple[str, float], ...],
    *,
    within: int,
    patients: float,
    level: float,
    spread: float,
) -> StandardCells:
    shares = np.array([share for share, _ in weights.values()])
    names, parts = zip(*bands, strict=True)
    ease = np.array([ease for _, ease in weights.values()])
    return StandardCells(
        code, tuple(weights), shares / shares.sum(), ease, names, within, parts, patients, level, spread
    )


def _fds_cells() -> dict[tuple[str, str, str], tuple[float, float]]:
    urgent = {("URGENT SUSPECTED CANCER", name, ""): pair for name, pair in _SUSPECTED.items()}
    symptoms = {("BREAST SYMPTOMATIC, CANCER NOT SUSPECTED", BREAST_SYMPTOMS, ""): (0.038, 1.2)}
    screened = {("NATIONAL SCREENING PROGRAMME", name, ""): pair for name, pair in _SCREENED.items()}
    return urgent | symptoms | screened


def _crossed(
    pathways: Mapping[str, tuple[float, float]], tumours_of: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, str, str], tuple[float, float]]:
    cells = {}
    for pathway, (share, ease) in pathways.items():
        tumours = {name: _TUMOURS[name] for name in tumours_of.get(pathway, tuple(_TUMOURS))}
        whole = sum(part for part, _ in tumours.values())
        for tumour, (part, tumour_ease) in tumours.items():
            for modality, (piece, modality_ease) in MODALITIES.items():
                key = (pathway, tumour, modality)
                cells[key] = (share * part / whole * piece, ease + tumour_ease + modality_ease)
    return cells


STANDARDS = (
    _standard(
        FDS,
        _fds_cells(),
        (
            ("Within_14_days", 0.58),
            ("In_15_to_28_days", 0.42),
            ("In_29_to_42_days", 0.47),
            ("In_43_to_62_days", 0.3),
            ("After_62_days", 0.23),
        ),
        within=2,
        patients=2100,
        level=0.8,
        spread=0.3,
    ),
    _standard(
        DAY_31,
        _crossed(_STAGES, {}),
        (
            ("Within_31_days", 1.0),
            ("In_32_to_38_days", 0.36),
            ("In_39_to_48_days", 0.26),
            ("In_49_to_62_days", 0.17),
            ("After_62_days", 0.21),
        ),
        within=1,
        patients=450,
        level=0.95,
        spread=0.55,
    ),
    _standard(
        DAY_62,
        _crossed(_ROUTES, _ROUTE_TUMOURS),
        (
            ("Within_31_days", 0.33),
            ("In_32_to_38_days", 0.14),
            ("In_39_to_48_days", 0.22),
            ("In_49_to_62_days", 0.31),
            ("In_63_to_76_days", 0.32),
            ("In_77_to_90_days", 0.22),
            ("In_91_to_104_days", 0.15),
            ("After_104_days", 0.31),
        ),
        within=4,
        patients=216,
        level=0.77,
        spread=0.4,
    ),
)

# Kent and Medway's trusts are given sizes like their own and stories that a board meets: one far behind, one far
# ahead, one that improves, one with a single bad month. (patients; level) for each standard in turn.
_KENT_PROFILES = {
    "RVV": ((4200, 0.7), (620, 0.94), (370, 0.65)),
    "RWF": ((2050, 0.83), (860, 0.98), (250, 0.89)),
    "RPA": ((1720, 0.77), (250, 0.975), (155, 0.73)),
    "RN7": ((1080, 0.84), (165, 0.985), (100, 0.78)),
}
IMPROVING, IMPROVED_MONTHS = "RPA", 14
TROUBLED, TROUBLED_MONTH = "RN7", 4

_MONTH_VOLUME = (0.98, 0.96, 1.06, 0.97, 1.0, 1.02, 1.05, 0.96, 1.01, 1.06, 1.02, 0.91)
_MONTH_EASE = (-0.22, 0.08, 0.1, -0.02, 0.02, 0.04, 0.04, -0.02, -0.06, 0.0, 0.05, 0.0)
_YEARLY_GROWTH, _YEARLY_EASE = 0.03, 0.04
_HOME, _AWAY, _UNKNOWN = 0.885, 0.105, 0.01
_SHARED = 0.16
_MONTHS_KEPT = 6


@dataclass(frozen=True)
class Trust:
    """A trust that treats cancer, as the model sees it in one month."""

    organisation: Organisation
    board: str
    neighbour: str
    partner: int


@dataclass(frozen=True)
class MonthOfPatients:
    """One month's counts by standard, for providers and commissioners: [organisation, cell, band].

    Provider counts of the 62-day standard come in halves, where two trusts share a patient.
    """

    period: Period
    providers: tuple[str, ...]
    commissioners: tuple[str, ...]
    by_provider: Mapping[str, Numbers]
    by_commissioner: Mapping[str, Numbers]


@dataclass(frozen=True)
class Population:
    """All the invented patients of an area up to a last month. The same arguments give the same patients.

    `boards` limits the trusts to those of some integrated care boards; None means all of England.
    """

    organisations: Mapping[str, Organisation]
    last: Period
    seed: int
    boards: frozenset[str] | None = None
    _trusts: dict[Period, tuple[Trust, ...]] = field(default_factory=dict, compare=False)
    _recent: dict[tuple[Period, bool], MonthOfPatients] = field(default_factory=dict, compare=False)
    _england: dict[tuple[Period, bool], dict[str, tuple[float, float]]] = field(
        default_factory=dict, compare=False
    )

    def trusts(self, period: Period) -> tuple[Trust, ...]:
        """The trusts of a month with their boards, in order of code."""
        if period not in self._trusts:
            self._trusts[period] = self._make_trusts(period.start)
        return self._trusts[period]

    def _make_trusts(self, day: date) -> tuple[Trust, ...]:
        placed = [
            (item, self.parent(item, OrganisationType.ICB, day))
            for item in acute_trusts(self.organisations, day)
        ]
        known = [(item, board) for item, board in placed if board and self._wanted(board)]
        return tuple(
            Trust(
                item,
                board,
                _neighbour(board, known),
                _partner(number, board, known),
            )
            for number, (item, board) in enumerate(known)
        )

    def _wanted(self, board: str) -> bool:
        return self.boards is None or board in self.boards

    def parent(self, item: Organisation, kind: OrganisationType, day: date) -> str:
        """The code of an organisation's parent of a type on a day, "" if it has none."""
        for parent in item.parents:
            above = self.organisations.get(parent.code)
            if above is not None and above.type is kind and parent.in_force(day):
                return above.code
        return ""

    def month(self, period: Period, *, provisional: bool = False) -> MonthOfPatients:
        """A month's counts. Provisional ones lack the patients whose records come late, more at some trusts."""
        key = period, provisional
        if key not in self._recent:
            while len(self._recent) >= _MONTHS_KEPT:
                del self._recent[next(iter(self._recent))]
            self._recent[key] = self._draw(period, provisional=provisional)
        return self._recent[key]

    def _draw(self, period: Period, *, provisional: bool) -> MonthOfPatients:
        trusts = self.trusts(period)
        commissioners = (
            *sorted({trust.board for trust in trusts} | {trust.neighbour for trust in trusts}),
            UNKNOWN_COMMISSIONER,
        )
        place = {code: number for number, code in enumerate(commissioners)}
        by_provider, by_commissioner = {}, {}
        for number, standard in enumerate(STANDARDS):
            streams = self._streams(number, period, trusts)
            if provisional:
                streams = self._thinned(streams, number, period, trusts)
            by_provider[standard.code] = _by_provider(streams, trusts)
            by_commissioner[standard.code] = _by_commissioner(streams, trusts, place)
        self._england[period, provisional] = {
            standard.code: _total_and_within(standard, by_provider[standard.code]) for standard in STANDARDS
        }
        codes = tuple(trust.organisation.code for trust in trusts)
        return MonthOfPatients(period, codes, commissioners, by_provider, by_commissioner)

    def england(self, period: Period, *, provisional: bool = False) -> dict[str, tuple[float, float]]:
        """England's patients in all and within the standard, by standard, in a month."""
        if (period, provisional) not in self._england:
            self.month(period, provisional=provisional)
        return self._england[period, provisional]

    def _streams(self, number: int, period: Period, trusts: Sequence[Trust]) -> Counts:
        """Counts by trust, stream (home board, neighbour, unknown, shared with a partner), cell and band."""
        standard = STANDARDS[number]
        rng = np.random.default_rng([self.seed, period.key, number])
        shared = _SHARED if standard.code == DAY_62 else 0.0
        parts = np.array([_HOME - shared, _AWAY, _UNKNOWN, shared])
        profiles = [self._profile(trust.organisation.code, number) for trust in trusts]
        months = _months_between(period, self.last)
        growth = _MONTH_VOLUME[period.start.month - 1] * (1 + _YEARLY_GROWTH) ** (-months / 12)
        sizes = np.array([size for size, _ in profiles]) * growth
        means = sizes[:, None, None] * parts[None, :, None] * standard.shares
        totals = rng.poisson(means)
        ease = np.array(
            [self._ease(trust, logit, period) for trust, (_, logit) in zip(trusts, profiles, strict=True)]
        )
        ease += rng.normal(0, 0.09, len(trusts))
        chance = 1 / (1 + np.exp(-(ease[:, None] + standard.ease - _mean_ease(standard))))
        within = rng.binomial(totals, chance[:, None, :])
        edge, shares = standard.bands_within, standard.band_shares
        return np.concatenate(
            [_split(rng, within, shares[:edge]), _split(rng, totals - within, shares[edge:])], axis=-1
        )

    def _profile(self, code: str, number: int) -> tuple[float, float]:
        """A trust's patients a month and its level, as a logit."""
        standard = STANDARDS[number]
        if code in _KENT_PROFILES:
            patients, level = _KENT_PROFILES[code][number]
            return patients, _logit(level)
        rng = np.random.default_rng([self.seed, crc32(code.encode())])
        size = float(np.exp(np.clip(rng.normal(-0.12, 0.5), -1.4, 1.1)))
        common, own = rng.normal(0, 0.6), rng.normal(0, 0.8, len(STANDARDS))
        return standard.patients * size, _logit(standard.level) + standard.spread * float(
            common + own[number]
        )

    def _ease(self, trust: Trust, logit: float, period: Period) -> float:
        months = _months_between(period, self.last)
        ease = logit + _MONTH_EASE[period.start.month - 1] - _YEARLY_EASE * months / 12
        code = trust.organisation.code
        if code == IMPROVING and months >= IMPROVED_MONTHS:
            ease -= 0.55
        if code == TROUBLED and months == TROUBLED_MONTH:
            ease -= 1.3
        return ease

    def _thinned(self, streams: Counts, number: int, period: Period, trusts: Sequence[Trust]) -> Counts:
        rng = np.random.default_rng([self.seed, period.key, number, 1])
        reported = np.array([0.9 if trust.organisation.code == "RWF" else 0.985 for trust in trusts])
        thinned: Counts = rng.binomial(streams, reported[:, None, None, None])
        return thinned


def _total_and_within(standard: StandardCells, cells: Numbers) -> tuple[float, float]:
    return float(cells.sum()), float(cells[:, :, : standard.bands_within].sum())


def _logit(level: float) -> float:
    return float(np.log(level / (1 - level)))


def _mean_ease(standard: StandardCells) -> float:
    return float((standard.shares * standard.ease).sum())


def _months_between(period: Period, last: Period) -> int:
    return (last.start.year - period.start.year) * 12 + last.start.month - period.start.month


def _neighbour(board: str, known: Sequence[tuple[Organisation, str]]) -> str:
    """The board whose patients also come to a board's trusts: the next by code, the first after the last."""
    codes = sorted({code for _, code in known})
    return codes[(codes.index(board) + 1) % len(codes)]


def _partner(number: int, board: str, known: Sequence[tuple[Organisation, str]]) -> int:
    """The trust that shares a trust's patients: the next of the same board, else the next of all."""
    same = [other for other, (_, code) in enumerate(known) if code == board]
    if len(same) > 1:
        return same[(same.index(number) + 1) % len(same)]
    return (number + 1) % len(known)


def _split(rng: np.random.Generator, counts: Counts, shares: Sequence[float]) -> Counts:
    """Counts divided among bands along a new last axis."""
    left, rest = counts, 1.0
    parts = []
    for share in shares[:-1]:
        part = rng.binomial(left, min(1.0, share / rest))
        parts.append(part)
        left, rest = left - part, rest - share
    return np.stack([*parts, left], axis=-1)


def _by_provider(streams: Counts, trusts: Sequence[Trust]) -> Numbers:
    counts = streams[:, :3].sum(axis=1).astype(float)
    halves = streams[:, 3] / 2
    np.add.at(counts, [trust.partner for trust in trusts], halves)
    whole: Numbers = counts + halves
    return whole


def _by_commissioner(streams: Counts, trusts: Sequence[Trust], place: Mapping[str, int]) -> Numbers:
    counts = np.zeros((len(place), *streams.shape[2:]))
    homes = [place[trust.board] for trust in trusts]
    np.add.at(counts, homes, streams[:, 0] + streams[:, 3])
    np.add.at(counts, [place[trust.neighbour] for trust in trusts], streams[:, 1])
    counts[place[UNKNOWN_COMMISSIONER]] += streams[:, 2].sum(axis=0)
    return counts
