"""Which providers the demonstration's returns are about, and for which commissioners each has patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from db.domain import Organisation, OrganisationType
from etl.demo.trusts import acute_trusts, is_open

NOT_ENGLISH, HUB, INDEPENDENT = "NONC", "13R", "NT999"


@dataclass(frozen=True)
class Pair:
    """A provider and a commissioner of its pathways, each with its parent's code; "" for none."""

    provider: str
    provider_parent: str
    commissioner: str
    commissioner_parent: str
    share: float


def provider_pairs(
    organisations: Mapping[str, Organisation], day: date, boards: frozenset[str] | None
) -> Iterator[Pair]:
    """Every acute trust of some boards (None for all) with commissioners of its board, and a few of no board."""
    for board, trusts, areas in _boards(organisations, day, boards):
        steps = max(len(trusts), len(areas))
        own = {(trusts[step % len(trusts)], areas[step % len(areas)]) for step in range(steps)}
        for trust, area in sorted(own):
            yield Pair(trust, board, area, board, 1 / max(1, steps / len(trusts)))
        yield Pair(trusts[0], board, NOT_ENGLISH, "", 0.002)
        yield Pair(trusts[-1], board, HUB, "", 0.02)
    if board := "QKS" if boards is None or "QKS" in boards else "":
        yield Pair(INDEPENDENT, board, "91Q", board, 0.1)


def _boards(
    organisations: Mapping[str, Organisation], day: date, wanted: frozenset[str] | None
) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    trusts = acute_trusts(organisations, day)
    areas = [
        item
        for _, item in sorted(organisations.items())
        if item.type is OrganisationType.SUB_ICB_LOCATION and is_open(item, day)
    ]
    boards = {_board(organisations, item, day): None for item in trusts}
    for board in sorted(boards):
        own = [
            [item.code for item in items if _board(organisations, item, day) == board]
            for items in (trusts, areas)
        ]
        if board and all(own) and (wanted is None or board in wanted):
            yield board, own[0], own[1]


def _board(organisations: Mapping[str, Organisation], item: Organisation, day: date) -> str:
    codes = (
        parent.code
        for parent in item.parents
        if parent.in_force(day) and organisations[parent.code].type is OrganisationType.ICB
    )
    return next(codes, "")
