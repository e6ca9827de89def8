"""In how many words is told which figures differ between two data versions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from stp_dash.analysis.differences.difference import KINDS, Difference
from stp_dash.analysis.wording import counted, listing


def count_that_differ(found: Sequence[Difference]) -> str:
    """`no figure differs`, `1 figure differs`, `12 figures differ`."""
    if not found:
        return "no figure differs"
    return f"{counted(len(found), 'figures')} {'differs' if len(found) == 1 else 'differ'}"


def differences_sentence(found: Sequence[Difference], before: int, after: int) -> str:
    """`Between data versions 110 and 115, 46 figures differ: 12 changed and 34 new.`"""
    counts = Counter(item.kind for item in found)
    told = [f"{counts[kind]:,} {kind}" for kind in KINDS if counts[kind]]
    if not told:
        return f"Between data versions {before} and {after} none of these figures differs."
    return f"Between data versions {before} and {after}, {count_that_differ(found)}: {listing(told)}."
