"""A claim: a sentence that a reader sees, and the facts that it rests on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

Fact = str | float | int | None


@dataclass(frozen=True)
class Claim:
    """What is said, by which definition (`id`, a key of `DEFINITIONS`), and the unrounded facts behind it by name."""

    id: str
    text: str
    facts: tuple[tuple[str, Fact], ...] = ()

    def __post_init__(self) -> None:
        if self.id not in DEFINITIONS:
            raise ValueError(f"wanted the id of a claim that is defined, found {self.id!r}")


DEFINITIONS = {
    "no-figures": "No period has a figure.",
    "levels": "Levels are letters in an order: no limits can be drawn, and no change can be told.",
    "overlapping-periods": "Neighbouring periods share years (three years together, published every year): no limits "
    "can be drawn, and no change can be told.",
    "same-people": "Neighbouring figures count mostly the same people (residents a year later): no limits can be "
    "drawn, and no change can be told.",
    "unsuited": "The indicator's own file says why its figures have no limits: an order, a plan, a sum of the year to "
    "date.",
    "too-few-values": "Fewer than 13 figures since the limits last started.",
    "no-limits": "No moving range can be had of the figures since the limits last started.",
    "steady": "13 figures or more since the limits last started, and none of them is marked by a rule.",
    "within-limits": "The latest figure is not marked by a rule; one or more earlier ones of the same limits are.",
    "trend": "The latest figure ends seven or more in a row, each above, or each below, the one before.",
    "turn": "The latest figure ends seven or more in a row on one side of the mean, after three figures or more of the "
    "same limits; the averages before and since are those of the figures of the same limits.",
    "run": "The latest figure ends seven or more in a row on one side of the mean, with fewer than three before them.",
    "unusual": "The latest figure lies beyond a limit, or is one of two in three near it; no longer run holds it.",
    "met-of": "Of the figures with counts and a standard in force in their period, how many met it on their counts.",
    "limits-short": "The limits since they last started lie wholly on the wrong side of the standard.",
    "limits-beyond": "The limits since they last started lie wholly on the right side of the standard.",
    "chance": "The limits reach to both sides of the standard, no figure since they last started is marked, and "
    "figures have fallen on both sides.",
}
"""When each claim may be said, in one line: what `docs/statistics.md` lists and the data page shows."""


def joined_text(claims: Iterable[Claim | None]) -> str:
    """The sentences of several claims, one after the other."""
    return " ".join(claim.text for claim in claims if claim is not None and claim.text)
