"""The vocabulary of control charts, and the named rule profiles under which a result is computed and printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

ASTRONOMICAL, TREND, TWO_IN_THREE, SHIFT = "astronomical", "trend", "two_in_three", "shift"
RULES = (ASTRONOMICAL, TREND, TWO_IN_THREE, SHIFT)
COMMON_CAUSE, IMPROVEMENT, CONCERN, NEITHER = "common_cause", "improvement", "concern", "neither"
POINT_TYPES = (COMMON_CAUSE, IMPROVEMENT, CONCERN, NEITHER)
INCREASE, DECREASE, NEUTRAL = "increase", "decrease", "neutral"
DIRECTIONS = (INCREASE, DECREASE, NEUTRAL)
PASS, FAIL, HIT_OR_MISS = "pass", "fail", "hit_or_miss"
HIGH, LOW = "high", "low"

RUN_LENGTH = 7
FIRM_FROM = 13


@dataclass(frozen=True)
class Profile:
    """Where implementations of the method differ, as one object that travels with every result.

    screens_moving_ranges: leave ranges of 3.267 times their mean or more out of the limits, once.
    near_includes_beyond: two in three counts points beyond the limits as near them.
    improvement_wins: when broken rules disagree, any good one decides; else the first in the order of RULES.
    later_trend_wins: the turn between two trends belongs to the later one; else to both.
    limit_is_beyond: a standard equal to a limit counts as outside the limits.
    icons_from: values that the last phase needs before icons are given.
    unknown_limits: the assurance where limits cannot be had.
    description: the words under every chart.
    """

    name: str
    title: str
    screens_moving_ranges: bool
    near_includes_beyond: bool
    improvement_wins: bool
    later_trend_wins: bool
    limit_is_beyond: bool
    icons_from: int
    unknown_limits: str | None
    description: str


NATIONAL = Profile(
    name="national",
    title="National Making Data Count rules",
    screens_moving_ranges=False,
    near_includes_beyond=True,
    improvement_wins=True,
    later_trend_wins=False,
    limit_is_beyond=True,
    icons_from=FIRM_FROM,
    unknown_limits=None,
    description="every moving range counts; improvement is shown when rules disagree; icons from 13 values",
)
_NHS_R = Profile(
    name="nhs-r",
    title="NHS-R rules",
    screens_moving_ranges=True,
    near_includes_beyond=False,
    improvement_wins=False,
    later_trend_wins=True,
    limit_is_beyond=False,
    icons_from=1,
    unknown_limits=HIT_OR_MISS,
    description="outlying moving ranges are left out once; the first broken rule decides the colour",
)
PROFILES: Mapping[str, Profile] = MappingProxyType({p.name: p for p in (NATIONAL, _NHS_R)})


def _good_and_bad(byte: int, direction: str) -> tuple[int, int]:
    """The rules broken the good way and the bad way, as bits 0 to 3."""
    high, low = byte & 0x0F, byte >> 4
    return (high, low) if direction == INCREASE else (low, high)


def _point_type(byte: int, profile: Profile, direction: str) -> str:
    if not byte:
        return COMMON_CAUSE
    if direction == NEUTRAL:
        return NEITHER
    good, bad = _good_and_bad(byte, direction)
    if profile.improvement_wins:
        return IMPROVEMENT if good else CONCERN
    return IMPROVEMENT if _first_bit(good) <= _first_bit(bad) else CONCERN


def _first_bit(bits: int) -> int:
    """The place of the first rule in the order, beyond the last for none."""
    return (bits & -bits).bit_length() - 1 if bits else len(RULES)


def _variation(byte: int, profile: Profile, direction: str) -> str:
    kind = _point_type(byte, profile, direction)
    if kind == COMMON_CAUSE:
        return COMMON_CAUSE
    if kind == NEITHER:
        return f"{NEITHER}_{HIGH if _first_bit(byte & 0x0F) <= _first_bit(byte >> 4) else LOW}"
    return f"{kind}_{HIGH if (kind == IMPROVEMENT) == (direction == INCREASE) else LOW}"


@lru_cache
def point_type_table(profile: str, direction: str) -> NDArray[np.uint8]:
    """For each byte of rules broken the type of the point, as its place in `POINT_TYPES`."""
    codes = [POINT_TYPES.index(_point_type(byte, PROFILES[profile], direction)) for byte in range(256)]
    return np.array(codes, dtype=np.uint8)


@lru_cache
def variation_table(profile: str, direction: str) -> tuple[str, ...]:
    """For each byte of rules that the last point breaks the variation icon."""
    return tuple(_variation(byte, PROFILES[profile], direction) for byte in range(256))


@lru_cache
def rule_names() -> tuple[tuple[str, ...], ...]:
    """The rules that each byte of rules broken stands for, whichever way they were broken."""
    return tuple(
        tuple(name for bit, name in enumerate(RULES) if (byte | byte >> 4) >> bit & 1) for byte in range(256)
    )
