"""Which providers the demonstration's returns are about, and for which commissioners each has patients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from db.domain import Organisation, OrganisationType
from etl.demo.trusts import acute_trusts, board_on, is_open

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


def pair_on(organisations: Mapping[str, Organisation], pair: Pair, day: date) -> Pair:
    """A pair as it stood on an earlier day, under the boards of that day: locations that were not yet there are those
    that closed when they opened.
    """
    provider, commissioner = organisations.get(pair.provider), organisations.get(pair.commissioner)
    if commissioner is not None and not is_open(commissioner, day):
        eve = (commissioner.opened_on or day) - timedelta(days=1)
        places = (item for _, item in sorted(organisations.items()) if item.type is commissioner.type)
        commissioner = next((item for item in places if item.closed_on == eve), commissioner)
    return replace(
        pair,
        provider_parent=board_on(organisations, provider, day) if provider else pair.provider_parent,
        commissioner=commissioner.code if commissioner else pair.commissioner,
        commissioner_parent=board_on(organisations, commissioner, day)
        if commissioner and pair.commissioner_parent
        else pair.commissioner_parent,
    )


def _boards(
    organisations: Mapping[str, Organisation], day: date, wanted: frozenset[str] | None
) -> Iterator[tuple[str, Sequence[str], Sequence[str]]]:
    trusts = acute_trusts(organisations, day)
    areas = [
        item
        for _, item in sorted(organisations.items())
        if item.type is OrganisationType.SUB_ICB_LOCATION and is_open(item, day)
    ]
    boards = {board_on(organisations, item, day): None for item in trusts}
    for board in sorted(boards):
        own = [
            [item.code for item in items if board_on(organisations, item, day) == board]
            for items in (trusts, areas)
        ]
        if board and all(own) and (wanted is None or board in wanted):
            yield board, own[0], own[1]
