"""Trusts whose vintages of `etr` disagree by more than reorganisations explain, for a person to review."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from db.catalogue import REVIEWED
from db.catalogue.organisation_files import (
    PARENTS,
)
from db.domain import Succession
from etl.reference.ods import (
    OdsFiles,
    english_trusts,
    readable_name,
)
from etl.reference.parents import (
    reviewed_parents,
)


@dataclass(frozen=True)
class Disagreement:
    """A trust whose region or ICB in a vintage does not follow from the vintage before.

    earlier, later: region and commissioner of the trust in each; reviewed: the parents that a person typed, if any.
    """

    code: str
    name: str
    earlier_day: date
    earlier: tuple[str, str]
    later_day: date
    later: tuple[str, str]
    reviewed: tuple[str, ...]


def disagreements(
    files: OdsFiles, successions: Iterable[Succession], reviewed: Path = REVIEWED
) -> tuple[Disagreement, ...]:
    """Trusts that moved between two vintages apart from their neighbours, in the order of their codes.

    A commissioner that followed the earlier one by a succession explains the move. Otherwise neighbours are the
    trusts that shared the commissioner: fewer than one in ten of them are in the trust's region now.
    """
    followed = {(item.predecessor, item.successor) for item in successions}
    typed: dict[str, list[str]] = defaultdict(list)
    for code, parent, _, _ in reviewed_parents(reviewed / PARENTS):
        typed[code].append(parent)
    vintages = [(day, english_trusts(path)) for day, path in files.trusts]
    found = []
    for (earlier_day, earlier), (later_day, later) in pairwise(vintages):
        both = sorted(earlier.keys() & later.keys())
        shared = Counter(earlier[code].board for code in both)
        together = Counter((earlier[code].board, later[code].region) for code in both)
        for code in both:
            before, after = earlier[code], later[code]
            if before.board == after.board or (before.board, after.board) in followed:
                continue
            if 10 * together[before.board, after.region] < shared[before.board]:
                places = ((before.region, before.board), (after.region, after.board))
                name = readable_name(after.name)
                typed_here = tuple(sorted(typed[code]))
                found.append(
                    Disagreement(code, name, earlier_day, places[0], later_day, places[1], typed_here)
                )
    return tuple(sorted(found, key=lambda item: (item.code, item.later_day)))
